/**
 * The step for the groups that a tenant declares in Active Directory. Pure.
 *
 * | observed                                                  | actions                                  |
 * | --------------------------------------------------------- | ---------------------------------------- |
 * | not read yet                                              | none: wait                               |
 * | two that differ in letter case alone, a group in itself   | none: Stalled                            |
 * | the group whose members see the tenant's OU               | none: Stalled                            |
 * | group missing, something else has its name                | none: Stalled                            |
 * | holds a group that its scope cannot hold                  | none: Stalled                            |
 * | group missing                                             | CreateGroup                              |
 * | member missing                                            | AddGroupMember                           |
 * | exclusive, others are members                             | RemoveGroupMember                        |
 * | no such account or group                                  | none: wait                               |
 */
import type { DriftEntry } from '../../api/common.ts';
import type { M365TenantStatus } from '../../api/m365-tenant-status.ts';
import type { M365Tenant } from '../../core/objects.ts';
import { toldByDirectory } from '../directory-attribution.ts';
import {
  driftOfGroups,
  type GroupsIn,
  groupsStep,
  keyOf,
  type Problem,
} from './declared-groups.ts';
import { isolationGroupOf } from './directory-step.ts';
import type { ObservedDirectoryGroup, ObservedTenant } from './observed.ts';
import { open, type Step } from './step.ts';

export const inActiveDirectory: GroupsIn = {
  system: 'ActiveDirectory',
  type: 'ActiveDirectoryGroupsReady',
  field: 'activeDirectoryGroups',
  noun: 'group of Active Directory',
};

export function directoryGroupStep(tenant: M365Tenant, observed: ObservedTenant): Step | undefined {
  const declared = tenant.spec.activeDirectoryGroups ?? [];
  if (declared.length === 0) return undefined;
  const { directoryGroups: groups, pollMs } = observed;
  if (groups === undefined) {
    return open(inActiveDirectory.type, ['ReadingGroups', 'Active Directory is being read'], {
      delayMs: 5_000,
    });
  }
  const names = declared.map(({ name }) => name);
  const problem =
    sameName(names) ??
    reservedName(names, tenant, observed) ??
    groups.map(problemOf).find((found) => found !== undefined);
  return groupsStep(inActiveDirectory, declared, { groups, problem, pollMs });
}

/** Admission knows the letters of English only. */
function sameName(names: readonly string[]): Problem | undefined {
  const again = names.find((name, index) => names.findIndex(isNamed(name)) < index);
  if (again === undefined) return undefined;
  return ['AmbiguousName', `letter case alone does not tell two groups "${again}" apart`];
}

function reservedName(
  names: readonly string[],
  { status }: M365Tenant,
  observed: ObservedTenant,
): Problem | undefined {
  const reserved = [isolationGroupOf(observed), status?.isolationGroup ?? ''];
  const found = names.find((name) => reserved.some(isNamed(name)));
  if (found === undefined) return undefined;
  return [
    'GroupReserved',
    `"${found}" holds all people of the tenant by itself: take it out of activeDirectoryGroups`,
  ];
}

function isNamed(name: string): (other: string) => boolean {
  return (other) => keyOf(other) === keyOf(name);
}

function problemOf({
  name,
  isNameTaken,
  unheldGroups: [first],
}: ObservedDirectoryGroup): Problem | undefined {
  if (isNameTaken) {
    return [
      'NameTaken',
      `"${name}" in the tenant's OU is no group: rename that object, or declare another name`,
    ];
  }
  if (first === undefined) return undefined;
  return [
    'GroupScopeDiffers',
    `the group "${name}" cannot hold "${first}": a global group holds global ones only, and a domain local group is held by domain local ones only`,
  ];
}

export function directoryGroupStatus(
  { spec, status }: M365Tenant,
  { directoryGroups }: ObservedTenant,
): M365TenantStatus['activeDirectoryGroups'] {
  if (spec.activeDirectoryGroups === undefined) return undefined;
  if (directoryGroups === undefined) return status?.activeDirectoryGroups;
  const there = directoryGroups.flatMap(({ name, id }) =>
    id === undefined ? [] : [{ name, objectGuid: id }],
  );
  return there.length === 0 ? undefined : there;
}

export function directoryGroupDrift(
  tenant: M365Tenant,
  { directoryGroups = [] }: ObservedTenant,
): readonly DriftEntry[] {
  return driftOfGroups(inActiveDirectory, tenant, directoryGroups);
}

/** By whom is not told; when, the group tells while it is there. */
export function attributedInGroups(
  drift: readonly DriftEntry[],
  { directoryGroups = [] }: ObservedTenant,
  before: readonly DriftEntry[] | undefined,
): readonly DriftEntry[] {
  const prefix = `${inActiveDirectory.field}[`;
  return drift.map((entry) => {
    if (!entry.path.startsWith(prefix)) return entry;
    const group = directoryGroups.find(({ name }) => entry.path.startsWith(`${prefix}${name}]`));
    return toldByDirectory(entry, group?.changedAt, before);
  });
}

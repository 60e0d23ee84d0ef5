/** The step for the groups that a tenant declares in Entra. Pure. */
import type { DriftEntry } from '../../api/common.ts';
import type { M365TenantStatus } from '../../api/m365-tenant-status.ts';
import type { M365Tenant } from '../../core/objects.ts';
import { driftOfGroups, type GroupsIn, groupsStep, type Problem } from './declared-groups.ts';
import type { ObservedGroup, ObservedTenant } from './observed.ts';
import type { Step } from './step.ts';

export const inEntra: GroupsIn = {
  system: 'Graph',
  type: 'GroupsReady',
  field: 'groups',
  noun: 'group',
};

export function groupStep(
  { spec }: M365Tenant,
  { groups = [], pollMs }: ObservedTenant,
): Step | undefined {
  const declared = spec.groups ?? [];
  if (declared.length === 0) return undefined;
  const problem = groups.map(problemOf).find((found) => found !== undefined);
  return groupsStep(inEntra, declared, { groups, problem, pollMs });
}

function problemOf(group: ObservedGroup): Problem | undefined {
  const { name, found } = group;
  if (found > 1) {
    return ['AmbiguousMatch', `${String(found)} groups are named "${name}": rename all but one`];
  }
  if (group.id === undefined) return undefined;
  if (group.hasOtherType) {
    return [
      'GroupTypeDiffers',
      `the group "${name}" is of another type, which Entra cannot change: declare that type, or another name`,
    ];
  }
  if (!group.hasWritableMembers && group.declaresMembers) {
    return [
      'GroupNotWritable',
      `a rule, a sync server or an administrator's role decides who is in the group "${name}": declare it without members`,
    ];
  }
  return undefined;
}

export function groupStatus(
  { status }: M365Tenant,
  { groups }: ObservedTenant,
): M365TenantStatus['groups'] {
  if (groups === undefined) return status?.groups;
  const there = groups.flatMap(({ name, id }) => (id === undefined ? [] : [{ name, id }]));
  return there.length === 0 ? undefined : there;
}

export function groupDrift(
  tenant: M365Tenant,
  { groups = [] }: ObservedTenant,
): readonly DriftEntry[] {
  return driftOfGroups(inEntra, tenant, groups);
}

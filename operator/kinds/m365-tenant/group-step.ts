/** The step for a tenant's groups. Pure. */
import type { DriftEntry } from '../../api/common.ts';
import type { DeclaredGroup } from '../../api/groups.ts';
import type { M365TenantStatus } from '../../api/m365-tenant.ts';
import type { M365Tenant } from '../../core/objects.ts';
import * as act from './actions.ts';
import type { ObservedGroup, ObservedTenant } from './observed.ts';
import { done, open, type Step } from './step.ts';

const type = 'GroupsReady';

export function groupStep(tenant: M365Tenant, { groups = [] }: ObservedTenant): Step | undefined {
  if ((tenant.spec.groups ?? []).length === 0) return undefined;
  const problem =
    cycleIn(tenant.spec.groups ?? []) ?? groups.map(problemOf).find((found) => found !== undefined);
  if (problem !== undefined) return open(type, problem, { isStalled: true });
  const actions = groups.flatMap(actionsOf).slice(0, actionsMax);
  if (actions.length > 0) {
    return open(type, ['GroupsDiffer', 'declared groups are being set'], { actions });
  }
  const unknown = groups.flatMap((group) => group.unknownMembers);
  if (unknown.length > 0) {
    const names = [...new Set(unknown)].sort().slice(0, namesMax).join(', ');
    return open(
      type,
      ['WaitingForMembers', `no account or group (or several groups) of this name: ${names}`],
      { delayMs: 60_000 },
    );
  }
  return done(type, 'GroupsSet', 'every declared group is there, with its members');
}

/** One look carries no more out: the rest comes with the next. */
const actionsMax = 50;
const namesMax = 10;

/** A group that is a member of itself over others: nobody could tell who belongs to it. */
function cycleIn(groups: readonly DeclaredGroup[]): readonly [string, string] | undefined {
  const nested = new Map(groups.map(({ name, memberGroups = [] }) => [name, memberGroups]));
  for (const start of nested.keys()) {
    const seen = new Set<string>();
    const open = [...(nested.get(start) ?? [])];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      if (name === start) {
        return ['GroupInItself', `the group "${start}" is a member of itself, over memberGroups`];
      }
      if (!seen.has(name)) open.push(...(nested.get(name) ?? []));
      seen.add(name);
    }
  }
  return undefined;
}

function problemOf(group: ObservedGroup): readonly [string, string] | undefined {
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

function actionsOf({ name, id, ...group }: ObservedGroup): readonly act.TenantAction[] {
  if (id === undefined) return [act.createGroup(name)];
  return [
    ...group.missingMembers.map((member) => act.addGroupMember(name, id, member)),
    ...group.surplusMembers.map((member) => act.removeGroupMember(name, id, member)),
  ];
}

export function groupStatus(
  { status }: M365Tenant,
  { groups }: ObservedTenant,
): M365TenantStatus['groups'] {
  if (groups === undefined) return status?.groups;
  const there = groups.flatMap(({ name, id }) => (id === undefined ? [] : [{ name, id }]));
  return there.length === 0 ? undefined : there;
}

/** Only of groups that were as declared: before, a difference is our own work that is still to do. */
export function groupDrift(
  { metadata, status }: M365Tenant,
  { groups = [] }: ObservedTenant,
): readonly DriftEntry[] {
  const before = status?.conditions?.find((condition) => condition.type === type);
  const wasSet = before?.status === 'True' && before.observedGeneration === metadata.generation;
  if (!wasSet) return [];
  return groups.flatMap(({ name, id, missingMembers, surplusMembers }): DriftEntry[] => {
    const path = `groups[${name}]`;
    if (id === undefined) return [{ path, type: 'Missing', declared: name }];
    return [
      ...(missingMembers.length > 0
        ? [{ path: `${path}.members`, type: 'Missing' as const, declared: namesOf(missingMembers) }]
        : []),
      ...(surplusMembers.length > 0
        ? [{ path: `${path}.exclusive`, type: 'Extra' as const, actual: namesOf(surplusMembers) }]
        : []),
    ];
  });
}

function namesOf(members: readonly { readonly name: string }[]): string {
  return members
    .map(({ name }) => name)
    .join(', ')
    .slice(0, 1024);
}

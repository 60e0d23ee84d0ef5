/** What the groups that a tenant declares come to: the same in Entra and in Active Directory. Pure. */
import type { DriftEntry } from '../../api/common.ts';
import type { M365Tenant, M365User } from '../../core/objects.ts';
import { hasLeft } from '../plans.ts';
import * as act from './actions.ts';
import type { ObservedMember, ObservedMembers } from './observed.ts';
import { done, open, type Step } from './step.ts';

/** One of the two directories. */
export interface GroupsIn {
  readonly system: act.GroupSystem;
  /** Of the condition. */
  readonly type: 'GroupsReady' | 'ActiveDirectoryGroupsReady';
  /** Of spec, as drift names it. */
  readonly field: 'groups' | 'activeDirectoryGroups';
  /** What people call such a group. */
  readonly noun: string;
}

interface Declared {
  readonly name: string;
  readonly memberGroups?: readonly string[] | undefined;
}

export type Problem = readonly [reason: string, message: string];

interface Found {
  readonly groups: readonly ObservedMembers[];
  /** What only the directory in question knows. */
  readonly problem: Problem | undefined;
  readonly pollMs: number;
}

export function groupsStep(
  { system, type, noun }: GroupsIn,
  declared: readonly Declared[],
  { groups, pollMs, ...found }: Found,
): Step {
  const problem = cycleIn(declared) ?? found.problem;
  if (problem !== undefined) return open(type, problem, { isStalled: true });
  const actions = groups.flatMap((group) => actionsOf(system, group)).slice(0, actionsMax);
  if (actions.length > 0) {
    return open(type, ['GroupsDiffer', `declared ${noun}s are being set`], { actions });
  }
  const unknown = groups.flatMap((group) => group.unknownMembers);
  if (unknown.length > 0) {
    const names = [...new Set(unknown)].sort().slice(0, namesMax).join(', ');
    return open(
      type,
      ['WaitingForMembers', `no account or group (or several groups) of this name: ${names}`],
      { delayMs: pollMs },
    );
  }
  return done(type, 'GroupsSet', `every declared ${noun} is there, with its members`);
}

/** One look carries no more out: the rest comes with the next. */
const actionsMax = 50;
const namesMax = 10;

/** A group that is a member of itself over others: nobody could tell who belongs to it. */
function cycleIn(groups: readonly Declared[]): Problem | undefined {
  const nested = new Map(
    groups.map(({ name, memberGroups = [] }) => [keyOf(name), memberGroups.map(keyOf)]),
  );
  for (const { name } of groups) {
    const start = keyOf(name);
    const seen = new Set<string>();
    const rest = [...(nested.get(start) ?? [])];
    for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
      if (next === start) {
        return ['GroupInItself', `the group "${name}" is a member of itself, over memberGroups`];
      }
      if (!seen.has(next)) rest.push(...(nested.get(next) ?? []));
      seen.add(next);
    }
  }
  return undefined;
}

/** Neither directory tells letter case apart. */
export function keyOf(name: string): string {
  return name.toLowerCase();
}

function actionsOf(
  system: act.GroupSystem,
  { name, id, missingMembers, surplusMembers }: ObservedMembers,
): readonly act.TenantAction[] {
  if (id === undefined) return [act.createGroup(system, name)];
  return [
    ...missingMembers.map((member) => act.addGroupMember(system, { name, id }, member)),
    ...surplusMembers.map((member) => act.removeGroupMember(system, { name, id }, member)),
  ];
}

/** Only of groups that were as declared: before, a difference is our own work that is still to do. */
export function driftOfGroups(
  { type, field }: GroupsIn,
  { metadata, status }: M365Tenant,
  groups: readonly ObservedMembers[],
): readonly DriftEntry[] {
  const before = status?.conditions?.find((condition) => condition.type === type);
  const wasSet = before?.status === 'True' && before.observedGeneration === metadata.generation;
  if (!wasSet) return [];
  return groups.flatMap(({ name, id, missingMembers, surplusMembers }): DriftEntry[] => {
    const path = `${field}[${name}]`;
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

/** The groups with all that is to be left looking as if it were as declared. */
export function groupsAsLeft<Group extends ObservedMembers>(
  { field }: GroupsIn,
  groups: readonly Group[] | undefined,
  leave: ReadonlySet<string>,
): readonly Group[] | undefined {
  return groups?.flatMap((group) => {
    const path = `${field}[${group.name}]`;
    if (leave.has(path)) return [];
    return [
      {
        ...group,
        missingMembers: leave.has(`${path}.members`) ? [] : group.missingMembers,
        surplusMembers: leave.has(`${path}.exclusive`) ? [] : group.surplusMembers,
      },
    ];
  });
}

/** Who is to be a member of a group, and who is. */
export interface Membership {
  readonly wanted: readonly { readonly name: string; readonly id: string | undefined }[];
  readonly memberIds: ReadonlySet<string>;
  /** Of an exclusive group: who belongs to it beside them. Undefined: others are left alone. */
  readonly others: ReadonlySet<string> | undefined;
  readonly nameOf: (id: string) => string;
}

export function compareMembers({
  wanted,
  memberIds,
  others,
  nameOf,
}: Membership): Omit<ObservedMembers, 'name' | 'id'> {
  const known = wanted.filter((member): member is ObservedMember => member.id !== undefined);
  const belongs = new Set([...known.map(({ id }) => id), ...(others ?? [])]);
  return {
    missingMembers: known.filter(({ id }) => !memberIds.has(id)),
    surplusMembers:
      others === undefined
        ? []
        : [...memberIds].filter((id) => !belongs.has(id)).map((id) => ({ id, name: nameOf(id) })),
    unknownMembers: wanted.filter(({ id }) => id === undefined).map(({ name }) => name),
  };
}

/** What the M365Users of a tenant say of its groups. */
export interface PeopleInGroups {
  /** Ids of those who name a group, by its name. */
  readonly named: ReadonlyMap<string, ReadonlySet<string>>;
  /** Sign-in names of those who have left: they are taken out of all groups, and are not to come back into one. */
  readonly left: ReadonlySet<string>;
}

export function peopleInGroups(
  people: readonly M365User[],
  nowMs: number,
  of: (user: M365User) => {
    readonly groups: readonly string[] | undefined;
    readonly id: string | undefined;
  },
): PeopleInGroups {
  const named = new Map<string, Set<string>>();
  const left = new Set<string>();
  for (const user of people) {
    if (hasLeft(user, nowMs)) left.add(keyOf(user.spec.userPrincipalName));
    const { groups = [], id } = of(user);
    if (id === undefined) continue;
    for (const name of groups) {
      const ids = named.get(keyOf(name)) ?? new Set();
      named.set(keyOf(name), ids.add(id));
    }
  }
  return { named, left };
}

/** Of the sign-in names that a group declares. */
export function whoStays(
  members: readonly string[] | undefined,
  { left }: PeopleInGroups,
): readonly string[] {
  return (members ?? []).filter((name) => !left.has(keyOf(name)));
}

/** Undefined: whoever is in the group may stay. */
export function othersIn(
  { name, exclusive }: { readonly name: string; readonly exclusive?: boolean | undefined },
  { named }: PeopleInGroups,
): ReadonlySet<string> | undefined {
  return exclusive === true ? (named.get(keyOf(name)) ?? new Set()) : undefined;
}

/** What the trail of changes in Active Directory shows of a tenant's declared groups: no read of its own. */
import type { DeclaredDirectoryGroup } from '../../api/groups.ts';
import type { AdGroupMembers, AdInventory } from '../../clients/active-directory/groups-port.ts';
import type { M365Tenant, M365User } from '../../core/objects.ts';
import {
  compareMembers,
  keyOf,
  othersIn,
  type PeopleInGroups,
  peopleInGroups,
  whoStays,
} from './declared-groups.ts';
import type { ObservedDirectoryGroup } from './observed.ts';

interface Sight {
  readonly inventory: AdInventory;
  /** Right in the OU, by name. */
  readonly groups: ReadonlyMap<string, AdGroupMembers>;
  /** objectGUID, by sign-in name. */
  readonly accounts: ReadonlyMap<string, string>;
  readonly people: PeopleInGroups;
}

export function readDirectoryGroups(
  { spec }: M365Tenant,
  inventory: AdInventory,
  people: () => readonly M365User[],
  nowMs: number,
): readonly ObservedDirectoryGroup[] {
  const declared = spec.activeDirectoryGroups ?? [];
  if (declared.length === 0) return [];
  const direct = [...inventory.groups.values()].filter(({ isDirect }) => isDirect);
  const groups = new Map(direct.map((group) => [keyOf(group.name), group]));
  const accounts = new Map(
    [...inventory.accounts].map(([guid, name]) => [keyOf(name ?? ''), guid] as const),
  );
  const sight = { inventory, groups, accounts, people: peopleInGroups(people(), nowMs, inOf) };
  return declared.map((group) => readGroup(group, sight));
}

/** Asked of groups only that are to be made. */
export async function withTakenNames(
  groups: readonly ObservedDirectoryGroup[],
  isTaken: (name: string) => Promise<boolean>,
): Promise<readonly ObservedDirectoryGroup[]> {
  const checked: ObservedDirectoryGroup[] = [];
  for (const group of groups) {
    const isNameTaken = group.id === undefined && (await isTaken(group.name));
    checked.push({ ...group, isNameTaken });
  }
  return checked;
}

function readGroup(declared: DeclaredDirectoryGroup, sight: Sight): ObservedDirectoryGroup {
  const { groups, accounts, people } = sight;
  const group = groups.get(keyOf(declared.name));
  const names = whoStays(declared.members, people);
  const inner = (declared.memberGroups ?? []).map((name) => ({
    name,
    id: groups.get(keyOf(name))?.objectGuid,
  }));
  const members = compareMembers({
    wanted: [...names.map((name) => ({ name, id: accounts.get(keyOf(name)) })), ...inner],
    memberIds: group?.memberGuids ?? new Set(),
    others: othersIn(declared, people),
    nameOf: (guid) => nameOf(guid, group, sight),
  });
  const lacking = new Set(members.missingMembers.map(({ id }) => id));
  return {
    name: declared.name,
    id: group?.objectGuid,
    isNameTaken: false,
    changedAt: group?.changedAt,
    unheldGroups: inner
      .filter(({ name, id = '' }) => lacking.has(id) && !holds(group, groups.get(keyOf(name))))
      .map(({ name }) => name),
    ...members,
  };
}

function inOf({ spec, status }: M365User) {
  return { groups: spec.activeDirectory?.groups, id: status?.objectGuid };
}

/** Adding another is a "general failure" (MicrosoftDocs/win32, desktop-src/AD/common-errors). One that is to be made is Global. */
function holds(outer: AdGroupMembers | undefined, inner: AdGroupMembers | undefined): boolean {
  const scope = outer?.scope ?? 'Global';
  if (inner?.scope === 'DomainLocal') return scope === 'DomainLocal';
  return inner?.scope !== 'Universal' || scope !== 'Global';
}

/** As people know it; the objectGUID of whoever was deleted or moved since. */
function nameOf(
  guid: string,
  group: AdGroupMembers | undefined,
  { inventory: { accounts, groups } }: Sight,
): string {
  return accounts.get(guid) ?? groups.get(guid)?.name ?? group?.strangers.get(guid) ?? guid;
}

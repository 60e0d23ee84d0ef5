/** Groups of one tenant in memory, with what we made and changed ourselves until the directory shows it. */
import { groupTypeOf, hasWritableMembers } from './group-traits.ts';
import { newGroup, OwnGroups, type ReadGroup } from './own-groups.ts';
import type { EntraGroup, GroupChange, NewGroup, Written } from './port.ts';

export type CreatedGroup = { readonly id: string } & Written;

export class GroupIndex {
  readonly #groups = new Map<string, ReadGroup>();
  readonly #own: OwnGroups;
  /** Under way, by display name in lower case. */
  readonly #creations = new Map<string, Promise<CreatedGroup>>();
  /** Groups whose members hold roles of the directory through them. */
  readonly #roleGroups = new Set<string>();

  constructor(nowMs: () => number) {
    this.#own = new OwnGroups(nowMs);
  }

  /** By object id, else by display name. */
  byName(displayNameOrId: string): readonly EntraGroup[] {
    const byId = this.#groups.get(displayNameOrId);
    if (byId !== undefined) return [shown(byId)];
    const wanted = displayNameOrId.toLowerCase();
    const all = [...this.#groups.values()];
    return all.filter((group) => group.displayName.toLowerCase() === wanted).map(shown);
  }

  of(userId: string): readonly EntraGroup[] {
    return [...this.#groups.values()].filter((g) => g.memberIds.has(userId)).map(shown);
  }

  /** Ids of those that can hold roles. */
  roleGroups(): readonly string[] {
    return [...this.#roleGroups].filter((id) => this.#groups.has(id));
  }

  /** In a group that can hold roles, or in one of these. */
  isInRoleGroup(userId: string, others: Iterable<string>): boolean {
    return this.roleGroupsOf(userId, others).length > 0;
  }

  /** Names of those groups, sorted. */
  roleGroupsOf(userId: string, others: Iterable<string>): readonly string[] {
    const holders = new Set([...this.#roleGroups, ...others]);
    const found = [...holders].flatMap((id) => this.#groups.get(id) ?? []);
    const its = found.filter(({ memberIds }) => memberIds.has(userId));
    return its.map(({ displayName }) => displayName).sort();
  }

  /** One group of a name, however many ask for it at the same time. */
  createOnce(group: NewGroup, create: () => Promise<CreatedGroup>): Promise<CreatedGroup> {
    const { displayName } = group;
    const existing = this.byName(displayName)[0];
    if (existing !== undefined) return Promise.resolve({ id: existing.id });
    const key = displayName.toLowerCase();
    const creation =
      this.#creations.get(key) ??
      this.#create(group, create).finally(() => {
        this.#creations.delete(key);
      });
    this.#creations.set(key, creation);
    return creation;
  }

  async #create(group: NewGroup, create: () => Promise<CreatedGroup>): Promise<CreatedGroup> {
    const created = await create();
    this.#own.noteMade(created.id, group);
    if (!this.#groups.has(created.id)) this.#groups.set(created.id, newGroup(created.id, group));
    return created;
  }

  noteMember(groupId: string, userId: string, isMember: boolean): void {
    const group = this.#groups.get(groupId);
    if (group !== undefined) setMember(group, userId, isMember);
    this.#own.noteMember(groupId, userId, isMember);
  }

  /** A round of delta. `changed`: users whom it concerns. */
  apply(changes: readonly GroupChange[], changed: Set<string>): void {
    for (const change of changes) {
      if (change.removed) this.#remove(change.id, changed);
      else this.#update(change, changed);
    }
  }

  /** A full round: it tells who is a member, not who is none any more. */
  replace(changes: readonly GroupChange[], changed: Set<string>): void {
    const before = new Map([...this.#groups].map(([id, { memberIds }]) => [id, memberIds]));
    this.#groups.clear();
    this.apply(changes, new Set());
    this.#own.overlay(this.#groups);
    for (const id of new Set([...before.keys(), ...this.#groups.keys()])) {
      const now = this.#groups.get(id)?.memberIds ?? none;
      for (const userId of now.symmetricDifference(before.get(id) ?? none)) changed.add(userId);
    }
  }

  #remove(id: string, changed: Set<string>): void {
    for (const userId of this.#groups.get(id)?.memberIds ?? []) changed.add(userId);
    this.#groups.delete(id);
    this.#own.forgetMade(id);
  }

  #update(change: GroupChange, changed: Set<string>): void {
    const { id, displayName, traits, addedMemberIds, removedMemberIds } = change;
    const known = this.#groups.get(id);
    const group = known ?? { id, displayName: '', traits: {}, memberIds: new Set<string>() };
    group.displayName = displayName ?? group.displayName;
    group.traits = { ...group.traits, ...traits };
    if (group.traits.isAssignableToRole === true) this.#roleGroups.add(id);
    this.#groups.set(id, group);
    const told = [
      ...addedMemberIds.map((userId) => [userId, true] as const),
      ...removedMemberIds.map((userId) => [userId, false] as const),
    ];
    for (const [userId, isMember] of told) {
      if (setMember(group, userId, this.#own.believed(id, userId, isMember))) changed.add(userId);
    }
  }

  /** A membership of this user that we changed was not read yet. */
  isUnseen(userId: string): boolean {
    return this.#own.isUnseen(userId);
  }

  /** Before a round: what it does not show is looked for. */
  doubtUnseen(): void {
    this.#own.doubtUnseen();
  }

  /** After a round: users to look for, by group. */
  takeDoubtful(): ReadonlyMap<string, readonly string[]> {
    return this.#own.takeDoubtful();
  }

  /** What the groups themselves say of those who are looked for. */
  settle(
    doubtful: ReadonlyMap<string, readonly string[]>,
    read: readonly GroupChange[],
    changed: Set<string>,
  ): void {
    for (const [groupId, userIds] of doubtful) {
      const parts = read.filter(({ id, removed }) => id === groupId && !removed);
      const members = new Set(parts.flatMap(({ addedMemberIds }) => addedMemberIds));
      const group = this.#groups.get(groupId);
      for (const userId of userIds) {
        const isMember = this.#own.settled(groupId, userId, members.has(userId));
        if (group !== undefined && setMember(group, userId, isMember)) changed.add(userId);
      }
    }
  }
}

function shown({ traits, ...group }: ReadGroup): EntraGroup {
  const isWritable = hasWritableMembers(traits);
  return { ...group, type: groupTypeOf(traits), hasWritableMembers: isWritable };
}

const none: ReadonlySet<string> = new Set();

/** true: it was not so before. */
function setMember({ memberIds }: ReadGroup, userId: string, isMember: boolean): boolean {
  if (memberIds.has(userId) === isMember) return false;
  if (isMember) memberIds.add(userId);
  else memberIds.delete(userId);
  return true;
}

/** DirectoryView (port.ts): one tenant's users, groups and SKUs in memory. */
import { isDeepStrictEqual } from 'node:util';
import { toOperatorError } from '../../core/errors.ts';
import { groupTypeOf, hasWritableMembers } from './group-traits.ts';
import { type Membership, newGroup, OwnGroups } from './own-groups.ts';
import { OwnWrites } from './own-writes.ts';
import type {
  DeletedUser,
  DirectoryView,
  EntraGroup,
  EntraUser,
  Graph,
  GroupChange,
  GroupTraits,
  NewGroup,
  SubscribedSku,
  UserChange,
  Written,
} from './port.ts';
import { RecycleBin } from './recycle-bin.ts';
import { UserIndex } from './user-index.ts';
import { wholeUser } from './wire.ts';

type Created = { readonly id: string } & Written;

interface MutableGroup {
  readonly id: string;
  displayName: string;
  traits: GroupTraits;
  readonly memberIds: Set<string>;
}

export interface DirectoryViewOptions {
  readonly graph: Graph;
  readonly nowMs: () => number;
  /** Called after a refresh with the ids of users that changed outside (their memberships included), since when; undefined: this was the first read. */
  readonly onChange: (userIds: ReadonlySet<string>, sinceMs: number | undefined) => void;
}

/** Seats that were bought outside show after so long where somebody lacks one. */
const skusMaxAgeMs = 5 * 60_000;

export class GraphDirectoryView implements DirectoryView {
  readonly #options: DirectoryViewOptions;
  readonly #users = new UserIndex();
  readonly #groups = new Map<string, MutableGroup>();
  readonly #groupCreations = new Map<string, Promise<Created>>();
  readonly #ownWrites: OwnWrites;
  readonly #ownGroups: OwnGroups;
  readonly #bin: RecycleBin;
  #skus: readonly SubscribedSku[] = [];
  #roleHolders: ReadonlySet<string> = new Set();
  /** Groups that may be given a role. */
  readonly #roleGroups = new Set<string>();
  #usersLink: string | undefined;
  #groupsLink: string | undefined;
  #refreshing: Promise<void> | undefined;
  #lastFullReadMs = 0;
  #lastReadMs = Number.NEGATIVE_INFINITY;
  #skusReadMs = Number.NEGATIVE_INFINITY;
  #areSkusAwaited = false;
  #isSeatWanted = false;
  /** Until users, groups and SKUs were all read. */
  #isFullReadDue = true;

  constructor(options: DirectoryViewOptions) {
    this.#options = options;
    this.#ownWrites = new OwnWrites(options.nowMs);
    this.#ownGroups = new OwnGroups(options.nowMs);
    this.#bin = new RecycleBin(options);
  }

  get isLoaded(): boolean {
    return this.#lastFullReadMs > 0;
  }

  get lastFullReadMs(): number {
    return this.#lastFullReadMs;
  }

  get lastReadMs(): number {
    return Math.max(0, this.#lastReadMs);
  }

  get userCount(): number {
    return this.#users.size;
  }

  get skus(): readonly SubscribedSku[] {
    return this.#skus;
  }

  user(id: string): EntraUser | undefined {
    return this.#users.get(id);
  }

  userByPrincipalName(userPrincipalName: string): EntraUser | undefined {
    return this.#users.byName(userPrincipalName);
  }

  usersByAnchor(anchor: string): readonly EntraUser[] {
    return this.#users.byAnchor(anchor);
  }

  usersWithoutAnchor(domain: string): number {
    return this.#users.withoutAnchor(domain);
  }

  groupsByName(displayNameOrId: string): readonly EntraGroup[] {
    const byId = this.#groups.get(displayNameOrId);
    if (byId !== undefined) return [shown(byId)];
    const wanted = displayNameOrId.toLowerCase();
    const all = [...this.#groups.values()];
    return all.filter((group) => group.displayName.toLowerCase() === wanted).map(shown);
  }

  groupsOf(userId: string): readonly EntraGroup[] {
    return [...this.#groups.values()].filter((g) => g.memberIds.has(userId)).map(shown);
  }

  isPrivileged(id: string): boolean {
    if (this.#roleHolders.has(id)) return true;
    const holders = [...this.#roleGroups, ...this.#roleHolders];
    return holders.some((holder) => this.#groups.get(holder)?.memberIds.has(id) === true);
  }

  assignedUsers(skuId: string): number {
    return this.#users.assigned(skuId);
  }

  invalidate(): void {
    // A read that is under way sets its links at the end: the flag outlives it.
    this.#isFullReadDue = true;
  }

  async refresh(signal: AbortSignal): Promise<void> {
    // One at a time: a delta link is good for one round.
    this.#refreshing ??= this.#read(signal).finally(() => {
      this.#refreshing = undefined;
    });
    await this.#refreshing;
  }

  async refreshIfOlder(maxAgeMs: number, signal: AbortSignal): Promise<void> {
    const nowMs = this.#options.nowMs();
    if (nowMs - this.#skusReadMs > maxAgeMs) this.#areSkusAwaited = true;
    const isOld = nowMs - this.#lastReadMs > maxAgeMs || this.#areSkusAwaited;
    if (isOld || this.#isFullReadDue) await this.refresh(signal);
  }

  deletedUsers(signal: AbortSignal): Promise<readonly DeletedUser[]> {
    return this.#bin.users(signal);
  }

  isRemovedLately(idOrName: string): boolean {
    return this.#bin.isRemovedLately(idOrName);
  }

  recordUser(id: string, change: Partial<EntraUser>): void {
    const current = this.#users.get(id);
    this.#ownWrites.note(id, current, change);
    const user = wholeUser({ id, removed: false, user: { ...current, ...change }, cleared: [] });
    if (current === undefined) this.#bin.noteLive(user);
    this.#users.put(user);
  }

  recordUserRemoved(id: string): void {
    this.#remove(id);
  }

  createGroupOnce(group: NewGroup, create: () => Promise<Created>): Promise<Created> {
    const { displayName } = group;
    const existing = this.groupsByName(displayName)[0];
    if (existing !== undefined) return Promise.resolve({ id: existing.id });
    const key = displayName.toLowerCase();
    const pending = this.#groupCreations.get(key);
    if (pending !== undefined) return pending;
    const creation = this.#createGroup(group, create).finally(() => {
      this.#groupCreations.delete(key);
    });
    this.#groupCreations.set(key, creation);
    return creation;
  }

  async #createGroup(group: NewGroup, create: () => Promise<Created>): Promise<Created> {
    const created = await create();
    this.#ownGroups.noteMade(created.id, group);
    if (!this.#groups.has(created.id)) this.#groups.set(created.id, newGroup(created.id, group));
    return created;
  }

  recordMember(groupId: string, userId: string, isMember: boolean): void {
    const members = this.#groups.get(groupId)?.memberIds;
    if (isMember) members?.add(userId);
    else members?.delete(userId);
    this.#ownGroups.noteMember(groupId, userId, isMember);
  }

  async #read(signal: AbortSignal): Promise<void> {
    const changed = new Set<string>();
    const sinceMs = this.isLoaded ? this.#lastReadMs : undefined;
    try {
      const doubtful = this.#ownWrites.takeDoubtful();
      const open = new Set(doubtful.filter((id) => this.#ownWrites.has(id)));
      const unseen = this.#ownGroups.unseen();
      await this.#readAll(changed, signal);
      // Most of what we wrote was shown just now, and need not be asked for one by one.
      const isShown = (id: string): boolean => open.has(id) && !this.#ownWrites.has(id);
      await this.#readByKey(
        doubtful.filter((id) => !isShown(id)),
        changed,
        signal,
      );
      const hidden = unseen.filter((membership) => this.#ownGroups.isUnseen(membership));
      await this.#readMemberships(hidden, changed, signal);
    } finally {
      // Also where a later part failed: the next round does not tell these again.
      if (changed.size > 0) this.#options.onChange(changed, sinceMs);
    }
  }

  async #readAll(changed: Set<string>, signal: AbortSignal): Promise<void> {
    const isFull = this.#isFullReadDue;
    this.#isFullReadDue = false;
    try {
      if (isFull) this.#forgetLinks();
      await this.#readUsers(changed, signal);
      await this.#readGroups(changed, signal);
      await this.#readRoles(isFull, signal);
      await this.#readSkus(isFull || changed.size > 0, signal);
    } catch (error) {
      const mustResync = toOperatorError(error).reason === 'ResyncRequired';
      if (isFull || mustResync) this.#isFullReadDue = true;
      if (isFull || !mustResync) throw error;
      await this.#readAll(changed, signal);
      return;
    }
    this.#lastReadMs = this.#options.nowMs();
    if (isFull) this.#lastFullReadMs = this.#lastReadMs;
  }

  async #readRoles(isDue: boolean, signal: AbortSignal): Promise<void> {
    if (isDue) this.#roleHolders = (await this.#options.graph.listRoleHolders(signal)) ?? new Set();
  }

  wantSeat(): void {
    this.#isSeatWanted = true;
  }

  /** Seats have no delta: they are read when something else changed, when somebody counts them, and while somebody lacks one. */
  async #readSkus(isDue: boolean, signal: AbortSignal): Promise<void> {
    const ageMs = this.#options.nowMs() - this.#skusReadMs;
    const isLacked = this.#isSeatWanted && ageMs >= skusMaxAgeMs;
    if (!isDue && !this.#areSkusAwaited && !isLacked) return;
    this.#skus = await this.#options.graph.listSubscribedSkus(signal);
    this.#skusReadMs = this.#options.nowMs();
    this.#areSkusAwaited = false;
  }

  #forgetLinks(): void {
    this.#usersLink = undefined;
    this.#groupsLink = undefined;
  }

  async #readUsers(changed: Set<string>, signal: AbortSignal): Promise<void> {
    const isFull = this.#usersLink === undefined;
    const round = await this.#options.graph.usersDelta(this.#usersLink, signal);
    const seen = new Set<string>();
    for (const change of round.changes) {
      seen.add(change.id);
      if (this.#applyUser(change)) changed.add(change.id);
    }
    if (isFull) {
      for (const id of this.#users.ids()) {
        if (!seen.has(id) && !this.#ownWrites.isRecent(id)) {
          this.#remove(id);
          changed.add(id);
        }
      }
    }
    this.#usersLink = round.deltaLink;
  }

  /** true: the view shows something else now than before. */
  #applyUser(change: UserChange): boolean {
    const before = this.#users.get(change.id);
    if (change.removed) {
      this.#remove(change.id);
      return before !== undefined;
    }
    const next: Record<string, unknown> = { ...before, ...change.user };
    for (const field of change.cleared) delete next[field];
    for (const field of new Set([...Object.keys(change.user), ...change.cleared])) {
      const held = before?.[field as keyof EntraUser];
      next[field] = this.#ownWrites.believed(change.id, field, { read: next[field], held });
    }
    const after = wholeUser({ ...change, user: next });
    if (before === undefined) this.#bin.noteLive(after);
    this.#users.put(after);
    return before === undefined || !isDeepStrictEqual(before, after);
  }

  /** Users whose last read may have come from a replica that lags behind our own write. */
  async #readByKey(
    ids: readonly string[],
    changed: Set<string>,
    signal: AbortSignal,
  ): Promise<void> {
    if (ids.length === 0) return;
    const found = await this.#options.graph.getUsers(ids, signal);
    for (const id of ids) {
      const user = found.get(id);
      if (user === undefined) continue;
      const cleared = this.#ownWrites.missingByKey(id, this.#users.get(id) ?? {}, user);
      if (this.#applyUser({ id, removed: false, user, cleared })) changed.add(id);
    }
  }

  /** Memberships that we changed and no delta has shown. */
  async #readMemberships(
    memberships: readonly Membership[],
    changed: Set<string>,
    signal: AbortSignal,
  ): Promise<void> {
    const byUser = Map.groupBy(memberships, ({ userId }) => userId);
    for (const [userId, own] of byUser) {
      const groups = new Set(await this.#options.graph.listGroupsOf(userId, signal));
      for (const membership of own) {
        const isMember = groups.has(membership.groupId);
        if (!this.#ownGroups.isOverruled(membership, isMember)) continue;
        const members = this.#groups.get(membership.groupId)?.memberIds;
        if (isMember) members?.add(userId);
        else members?.delete(userId);
        changed.add(userId);
      }
    }
  }

  async #readGroups(changed: Set<string>, signal: AbortSignal): Promise<void> {
    const isFull = this.#groupsLink === undefined;
    const round = await this.#options.graph.groupsDelta(this.#groupsLink, signal);
    // A full round tells who is a member, not who is none any more.
    if (isFull) {
      for (const group of this.#groups.values()) for (const id of group.memberIds) changed.add(id);
      this.#groups.clear();
    }
    for (const change of round.changes) {
      if (!isFull) this.#ownGroups.forgetMembers(change.id, membersIn(change));
      this.#applyGroup(change, changed);
    }
    if (isFull) this.#ownGroups.overlay(this.#groups);
    this.#groupsLink = round.deltaLink;
  }

  #applyGroup(change: GroupChange, changed: Set<string>): void {
    if (change.removed) {
      for (const id of this.#groups.get(change.id)?.memberIds ?? []) changed.add(id);
      this.#groups.delete(change.id);
      this.#ownGroups.forgetMade(change.id);
      return;
    }
    const group = this.#groups.get(change.id) ?? {
      id: change.id,
      displayName: '',
      traits: {},
      memberIds: new Set<string>(),
    };
    group.displayName = change.displayName ?? group.displayName;
    group.traits = { ...group.traits, ...change.traits };
    if (group.traits.isAssignableToRole === true) this.#roleGroups.add(group.id);
    this.#groups.set(change.id, group);
    moveMembers(group.memberIds, change, changed);
  }

  #remove(id: string): void {
    const user = this.#users.get(id);
    if (user !== undefined) this.#bin.noteRemoved(user);
    this.#users.drop(id);
  }
}

function membersIn({ addedMemberIds, removedMemberIds }: GroupChange): readonly string[] {
  return [...addedMemberIds, ...removedMemberIds];
}

function moveMembers(memberIds: Set<string>, change: GroupChange, changed: Set<string>): void {
  for (const id of change.addedMemberIds) {
    if (!memberIds.has(id)) changed.add(id);
    memberIds.add(id);
  }
  for (const id of change.removedMemberIds) if (memberIds.delete(id)) changed.add(id);
}

function shown({ traits, ...group }: MutableGroup): EntraGroup {
  const isWritable = hasWritableMembers(traits);
  return { ...group, type: groupTypeOf(traits), hasWritableMembers: isWritable };
}

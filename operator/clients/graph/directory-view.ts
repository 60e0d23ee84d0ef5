/** DirectoryView (port.ts): one tenant's users, groups and SKUs in memory. */
import { isDeepStrictEqual } from 'node:util';
import { toOperatorError } from '../../core/errors.ts';
import type {
  DirectoryView,
  EntraGroup,
  EntraUser,
  Graph,
  GroupChange,
  SubscribedSku,
  UserChange,
} from './port.ts';
import { wholeUser } from './wire.ts';

/** How long a differing read may still be the value before our own write (graph.md 12.1: minutes). */
const graceMs = 5 * 60_000;

interface OwnWrite {
  readonly before: unknown;
  readonly written: unknown;
  readonly atMs: number;
}

interface MutableGroup {
  readonly id: string;
  displayName: string;
  readonly memberIds: Set<string>;
}

export interface DirectoryViewOptions {
  readonly graph: Graph;
  readonly nowMs: () => number;
  /** Called after a refresh with the ids of users that changed outside (their memberships included). */
  readonly onChange: (userIds: ReadonlySet<string>) => void;
}

export class GraphDirectoryView implements DirectoryView {
  readonly #options: DirectoryViewOptions;
  readonly #users = new Map<string, EntraUser>();
  readonly #idByPrincipalName = new Map<string, string>();
  readonly #groups = new Map<string, MutableGroup>();
  /** `id.field` → what we wrote. */
  readonly #ownWrites = new Map<string, OwnWrite>();
  #skus: readonly SubscribedSku[] = [];
  #usersLink: string | undefined;
  #groupsLink: string | undefined;
  #refreshing: Promise<void> | undefined;
  #lastFullReadMs = 0;

  constructor(options: DirectoryViewOptions) {
    this.#options = options;
  }

  get isLoaded(): boolean {
    return this.#lastFullReadMs > 0;
  }

  get lastFullReadMs(): number {
    return this.#lastFullReadMs;
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
    const id = this.#idByPrincipalName.get(userPrincipalName.toLowerCase());
    return id === undefined ? undefined : this.#users.get(id);
  }

  usersByAnchor(anchor: string): readonly EntraUser[] {
    return [...this.#users.values()].filter((user) => user.onPremisesImmutableId === anchor);
  }

  groupsByName(displayName: string): readonly EntraGroup[] {
    const wanted = displayName.toLowerCase();
    return [...this.#groups.values()].filter((g) => g.displayName.toLowerCase() === wanted);
  }

  assignedUsers(skuId: string): number {
    let count = 0;
    for (const user of this.#users.values()) {
      if (user.assignedLicenses.some((license) => license.skuId === skuId)) count += 1;
    }
    return count;
  }

  invalidate(): void {
    this.#usersLink = undefined;
    this.#groupsLink = undefined;
  }

  async refresh(signal: AbortSignal): Promise<void> {
    // One at a time: a delta link is good for one round.
    this.#refreshing ??= this.#read(signal).finally(() => {
      this.#refreshing = undefined;
    });
    await this.#refreshing;
  }

  recordUser(id: string, change: Partial<EntraUser>): void {
    const current = this.#users.get(id);
    const atMs = this.#options.nowMs();
    for (const [field, written] of Object.entries(change)) {
      const before = current?.[field as keyof EntraUser];
      this.#ownWrites.set(`${id}.${field}`, { before, written, atMs });
    }
    this.#put(wholeUser({ id, removed: false, user: { ...current, ...change }, cleared: [] }));
  }

  recordUserRemoved(id: string): void {
    this.#drop(id);
  }

  recordGroup(group: { readonly id: string; readonly displayName: string }): void {
    if (!this.#groups.has(group.id)) this.#groups.set(group.id, { ...group, memberIds: new Set() });
  }

  recordMember(groupId: string, userId: string, isMember: boolean): void {
    const members = this.#groups.get(groupId)?.memberIds;
    if (isMember) members?.add(userId);
    else members?.delete(userId);
  }

  async #read(signal: AbortSignal): Promise<void> {
    const changed = new Set<string>();
    try {
      await this.#readUsers(changed, signal);
      await this.#readGroups(changed, signal);
    } catch (error) {
      if (toOperatorError(error).reason !== 'ResyncRequired') throw error;
      this.invalidate();
      await this.#readUsers(changed, signal);
      await this.#readGroups(changed, signal);
    }
    this.#skus = await this.#options.graph.listSubscribedSkus(signal);
    if (changed.size > 0) this.#options.onChange(changed);
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
      for (const id of this.#users.keys()) {
        if (!seen.has(id) && !this.#isJustWritten(id)) {
          this.#drop(id);
          changed.add(id);
        }
      }
      this.#lastFullReadMs = this.#options.nowMs();
    }
    this.#usersLink = round.deltaLink;
  }

  /** true: the view shows something else now than before. */
  #applyUser(change: UserChange): boolean {
    const before = this.#users.get(change.id);
    if (change.removed) {
      this.#drop(change.id);
      return before !== undefined;
    }
    const next: Record<string, unknown> = { ...before, ...change.user };
    for (const field of change.cleared) delete next[field];
    for (const field of new Set([...Object.keys(change.user), ...change.cleared])) {
      const own = this.#ownWrite(change.id, field);
      if (own !== undefined && isDeepStrictEqual(next[field], own.before))
        next[field] = own.written;
    }
    const after = wholeUser({ ...change, user: next });
    this.#put(after);
    return before === undefined || !isDeepStrictEqual(before, after);
  }

  /** Our write of this field, while a read may still show what was before it. */
  #ownWrite(id: string, field: string): OwnWrite | undefined {
    const key = `${id}.${field}`;
    const own = this.#ownWrites.get(key);
    if (own === undefined || this.#options.nowMs() - own.atMs < graceMs) return own;
    this.#ownWrites.delete(key);
    return undefined;
  }

  #isJustWritten(id: string): boolean {
    return this.#ownWrite(id, 'userPrincipalName') !== undefined;
  }

  async #readGroups(changed: Set<string>, signal: AbortSignal): Promise<void> {
    const isFull = this.#groupsLink === undefined;
    const round = await this.#options.graph.groupsDelta(this.#groupsLink, signal);
    // A full round tells who is a member, not who is none any more.
    if (isFull) {
      for (const group of this.#groups.values()) for (const id of group.memberIds) changed.add(id);
      this.#groups.clear();
    }
    for (const change of round.changes) this.#applyGroup(change, changed);
    this.#groupsLink = round.deltaLink;
  }

  #applyGroup(change: GroupChange, changed: Set<string>): void {
    if (change.removed) {
      for (const id of this.#groups.get(change.id)?.memberIds ?? []) changed.add(id);
      this.#groups.delete(change.id);
      return;
    }
    const group = this.#groups.get(change.id) ?? {
      id: change.id,
      displayName: '',
      memberIds: new Set<string>(),
    };
    group.displayName = change.displayName ?? group.displayName;
    this.#groups.set(change.id, group);
    moveMembers(group.memberIds, change, changed);
  }

  #put(user: EntraUser): void {
    this.#drop(user.id);
    this.#users.set(user.id, user);
    this.#idByPrincipalName.set(user.userPrincipalName.toLowerCase(), user.id);
  }

  #drop(id: string): void {
    const user = this.#users.get(id);
    if (user === undefined) return;
    this.#users.delete(id);
    this.#idByPrincipalName.delete(user.userPrincipalName.toLowerCase());
  }
}

function moveMembers(memberIds: Set<string>, change: GroupChange, changed: Set<string>): void {
  for (const id of change.addedMemberIds) {
    if (!memberIds.has(id)) changed.add(id);
    memberIds.add(id);
  }
  for (const id of change.removedMemberIds) if (memberIds.delete(id)) changed.add(id);
}

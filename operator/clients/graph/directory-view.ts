/** DirectoryView (directory-view-port.ts): one tenant's users, groups and SKUs in memory. */
import { toOperatorError } from '../../core/errors.ts';
import { laneOf } from '../../core/lane.ts';
import type { DirectoryView } from './directory-view-port.ts';
import type { FirstReads } from './first-reads.ts';
import { type CreatedGroup, GroupIndex } from './group-index.ts';
import { OwnWrites } from './own-writes.ts';
import type {
  DeletedUser,
  EntraGroup,
  EntraUser,
  Graph,
  NewGroup,
  Organization,
  SubscribedSku,
} from './port.ts';
import { RecycleBin } from './recycle-bin.ts';
import { RoleIndex } from './role-index.ts';
import type { HeldRole } from './roles-port.ts';
import { UserIndex } from './user-index.ts';
import { UserReads } from './user-reads.ts';
import { wholeUser } from './wire-users.ts';

export interface DirectoryViewOptions {
  readonly graph: Graph;
  readonly nowMs: () => number;
  /** Of all tenants. */
  readonly firstReads: FirstReads;
  /** Called after a refresh with the ids of users that changed outside (their memberships included), since when; undefined: this was the first read, and where `isLoaded` all of it. */
  readonly onChange: (userIds: ReadonlySet<string>, sinceMs: number | undefined) => void;
}

/** Seats that were bought outside show after so long where somebody lacks one. */
const skusMaxAgeMs = 5 * 60_000;

export class GraphDirectoryView implements DirectoryView {
  readonly #options: DirectoryViewOptions;
  readonly #users = new UserIndex();
  readonly #groups: GroupIndex;
  readonly #roles: RoleIndex;
  readonly #ownWrites: OwnWrites;
  readonly #bin: RecycleBin;
  readonly #userReads: UserReads;
  readonly users = (): Iterable<EntraUser> => this.#users.all();
  #skus: readonly SubscribedSku[] = [];
  #organization: Organization | undefined;
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
    this.#groups = new GroupIndex(options.nowMs);
    this.#roles = new RoleIndex(this.#groups);
    this.#bin = new RecycleBin(options);
    this.#userReads = new UserReads({
      ...options,
      users: this.#users,
      ownWrites: this.#ownWrites,
      bin: this.#bin,
    });
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

  get organization(): Organization | undefined {
    return this.#organization;
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
    return this.#groups.byName(displayNameOrId);
  }

  groupsOf(userId: string): readonly EntraGroup[] {
    return this.#groups.of(userId);
  }

  isPrivileged(id: string): boolean {
    return this.#roles.isPrivileged(id);
  }

  roleGroupsOf(id: string): readonly string[] {
    return this.#roles.groupsOf(id);
  }

  readRoles(id: string, signal: AbortSignal): Promise<readonly HeldRole[] | undefined> {
    return this.#roles.readOne(this.#options.graph, id, signal);
  }

  recordRoleRemoved(assignmentId: string): void {
    this.#roles.noteRemoved(assignmentId);
  }

  assignedUsers(skuId: string): number {
    return this.#users.assigned(skuId);
  }

  holdersOf(skuId: string): readonly EntraUser[] {
    return this.#users.holders(skuId);
  }

  invalidate(): void {
    // A read that is under way sets its links at the end: the flag outlives it.
    this.#isFullReadDue = true;
  }

  async refresh(signal: AbortSignal): Promise<void> {
    // One at a time: a delta link is good for one round.
    this.#refreshing ??= this.#readInTurn(signal).finally(() => {
      this.#refreshing = undefined;
    });
    if (laneOf(signal) === 'edit') this.#options.firstReads.hurry(this);
    await this.#refreshing;
  }

  async refreshIfOlder(maxAgeMs: number, signal: AbortSignal): Promise<void> {
    const nowMs = this.#options.nowMs();
    if (nowMs - this.#skusReadMs > maxAgeMs) this.#areSkusAwaited = true;
    const isOld = nowMs - this.#lastReadMs > maxAgeMs || this.#areSkusAwaited;
    if (isOld || this.#isFullReadDue) await this.refresh(signal);
  }

  wantSeat(): void {
    this.#isSeatWanted = true;
  }

  isReadBack(id: string): boolean {
    return this.#ownWrites.isReadBack(id) && !this.#groups.isUnseen(id);
  }

  async readBack(id: string, signal: AbortSignal): Promise<void> {
    // What a round says that began before this read would count as news after it. How it ends is told to who began it.
    await this.#refreshing?.catch(() => undefined);
    signal.throwIfAborted();
    if (this.#ownWrites.isReadBack(id)) return;
    const changed = new Set<string>();
    await this.#userReads.byKey([id], changed, signal);
    // Also of this one: whoever asks has looked already, and delta will show nothing new.
    if (changed.size > 0) this.#options.onChange(changed, this.#lastReadMs);
  }

  deletedUsers(signal: AbortSignal): Promise<readonly DeletedUser[]> {
    return this.#bin.users(signal);
  }

  isRemovedLately(idOrName: string): boolean {
    return this.#bin.isRemovedLately(idOrName);
  }

  recordUser(id: string, change: Partial<EntraUser>): void {
    const current = this.#users.get(id);
    // The answer to a write may come after delta told that others deleted the account since, which it tells once only.
    if (current === undefined && this.#bin.isRemovedLately(id)) return;
    this.#ownWrites.note(id, current, change);
    const user = wholeUser({ id, removed: false, user: { ...current, ...change }, cleared: [] });
    if (current === undefined) this.#bin.noteLive(user);
    this.#users.put(user);
  }

  recordUserRestored(user: EntraUser): void {
    this.#bin.noteLive(user);
    this.recordUser(user.id, user);
  }

  recordUserRemoved(id: string): void {
    this.#userReads.remove(id);
  }

  createGroupOnce(group: NewGroup, create: () => Promise<CreatedGroup>): Promise<CreatedGroup> {
    return this.#groups.createOnce(group, create);
  }

  recordMember(groupId: string, userId: string, isMember: boolean): void {
    this.#groups.noteMember(groupId, userId, isMember);
  }

  #readInTurn(signal: AbortSignal): Promise<void> {
    const read = (): Promise<void> => this.#read(signal);
    return this.isLoaded ? read() : this.#options.firstReads.run(this, read, signal);
  }

  async #read(signal: AbortSignal): Promise<void> {
    const changed = new Set<string>();
    const sinceMs = this.isLoaded ? this.#lastReadMs : undefined;
    try {
      const doubtful = this.#ownWrites.takeDoubtful().filter((id) => this.#users.has(id));
      const open = new Set(doubtful.filter((id) => this.#ownWrites.has(id)));
      this.#groups.doubtUnseen();
      await this.#readAll(changed, signal);
      // Most of what we wrote was shown just now, and need not be asked for one by one.
      const isShown = (id: string): boolean => open.has(id) && !this.#ownWrites.has(id);
      const unshown = doubtful.filter((id) => !isShown(id));
      await this.#userReads.byKey(unshown, changed, signal);
      await this.#readDoubtfulGroups(changed, signal);
    } finally {
      // Also where a later part failed: the next round does not tell these again.
      const isFirstWhole = sinceMs === undefined && this.isLoaded;
      if (changed.size > 0 || isFirstWhole) this.#options.onChange(changed, sinceMs);
    }
  }

  async #readAll(changed: Set<string>, signal: AbortSignal): Promise<void> {
    const isFull = this.#isFullReadDue;
    this.#isFullReadDue = false;
    try {
      if (isFull) {
        this.#userReads.startOver();
        this.#groupsLink = undefined;
      }
      if (isFull) await this.#readAtOnce(changed, signal);
      else await this.#readNews(changed, signal);
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

  async #readNews(changed: Set<string>, signal: AbortSignal): Promise<void> {
    await this.#userReads.round(changed, signal);
    await this.#readGroups(changed, signal);
    await this.#readSkus(changed.size > 0, signal);
  }

  /** After a start each answer waits for its turn in a busy process: all are asked for at once. */
  async #readAtOnce(changed: Set<string>, signal: AbortSignal): Promise<void> {
    const groups = this.#readGroups(changed, signal);
    await allOf([
      this.#userReads.round(changed, signal),
      groups,
      this.#roles.readAll(this.#options.graph, groups, changed, signal),
      this.#readSkus(true, signal),
      this.#readOrganization(signal),
    ]);
  }

  /** It travels with the rest. Nothing here needs it: where it cannot be read, whoever does asks, and is told why. */
  async #readOrganization(signal: AbortSignal): Promise<void> {
    this.#organization = await this.#options.graph.getOrganization(signal).catch(() => undefined);
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

  async #readGroups(changed: Set<string>, signal: AbortSignal): Promise<void> {
    const isFull = this.#groupsLink === undefined;
    const round = await this.#options.graph.groupsDelta(this.#groupsLink, signal);
    if (isFull) this.#groups.replace(round.changes, changed);
    else this.#groups.apply(round.changes, changed);
    this.#groupsLink = round.deltaLink;
  }

  /** Groups whose last read may have come from a replica that lags behind our own write. */
  async #readDoubtfulGroups(changed: Set<string>, signal: AbortSignal): Promise<void> {
    const doubtful = this.#groups.takeDoubtful();
    if (doubtful.size === 0) return;
    const read = await this.#options.graph.readGroups([...doubtful.keys()], signal);
    this.#groups.settle(doubtful, read, changed);
  }
}

/** Waits for each, also where one fails: none goes on beside the next read. */
async function allOf(reads: readonly Promise<void>[]): Promise<void> {
  const ended = await Promise.allSettled(reads);
  const failed = ended.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** Reads one tenant's users into its index, and tells whom it shows differently from then on. */
import { isDeepStrictEqual } from 'node:util';
import type { OwnWrites, ReadSource } from './own-writes.ts';
import type { Graph, UserChange } from './port.ts';
import type { RecycleBin } from './recycle-bin.ts';
import { UnshownUsers } from './unshown-users.ts';
import type { UserIndex } from './user-index.ts';
import { wholeUser } from './wire-users.ts';

interface UserReadsSetup {
  readonly graph: Graph;
  readonly nowMs: () => number;
  readonly users: UserIndex;
  readonly ownWrites: OwnWrites;
  readonly bin: RecycleBin;
}

/** Each read puts into `changed` whom it shows differently. */
export class UserReads {
  readonly #graph: Graph;
  readonly #users: UserIndex;
  readonly #ownWrites: OwnWrites;
  readonly #bin: RecycleBin;
  readonly #unshown: UnshownUsers;
  #link: string | undefined;

  constructor({ graph, nowMs, users, ownWrites, bin }: UserReadsSetup) {
    this.#graph = graph;
    this.#users = users;
    this.#ownWrites = ownWrites;
    this.#bin = bin;
    this.#unshown = new UnshownUsers(nowMs);
  }

  startOver(): void {
    this.#link = undefined;
  }

  /** What changed since the round before; the first time, and after `startOver`, everything. */
  async round(changed: Set<string>, signal: AbortSignal): Promise<void> {
    const isFull = this.#link === undefined;
    const round = await this.#graph.usersDelta(this.#link, signal);
    if (isFull) this.#unshown.clear();
    const told = isFull ? this.#wholeUsers(round.changes) : round.changes;
    for (const change of told) if (this.#applyUser(change)) changed.add(change.id);
    if (isFull) this.#removeOthers(new Set(told.map(({ id }) => id)), changed);
    this.#link = round.deltaLink;
  }

  /** Users whose last read may have come from a replica that lags behind our own write. */
  async byKey(ids: readonly string[], changed: Set<string>, signal: AbortSignal): Promise<void> {
    const asked = [...new Set([...ids, ...this.#unshown.ids()])];
    if (asked.length === 0) return;
    const found = await this.#graph.getUsers(asked, signal);
    for (const id of asked) {
      const user = found.get(id);
      const source = this.#unshown.isUnlisted(id) ? 'UnlistedByKey' : 'Key';
      const isHeld = this.#users.has(id);
      const isGone = this.#unshown.isGone(id, { isThere: user !== undefined, isHeld });
      if (isGone) this.#removeTold(id, changed);
      // Of one that is gone meanwhile the replica may not know yet.
      if (user === undefined || !isHeld) continue;
      const cleared = this.#ownWrites.missingByKey(id, this.#users.get(id) ?? {}, user);
      if (this.#applyUser({ id, removed: false, user, cleared }, source)) changed.add(id);
    }
  }

  remove(id: string): void {
    this.#unshown.forget(id);
    const user = this.#users.get(id);
    if (user !== undefined) this.#bin.noteRemoved(user);
    this.#users.drop(id);
  }

  /** A full round says nothing of fields that are unset: what it does not tell was cleared meanwhile. */
  #wholeUsers(changes: readonly UserChange[]): readonly UserChange[] {
    const whole = new Map<string, UserChange>();
    for (const change of changes) {
      const user = { ...whole.get(change.id)?.user, ...change.user };
      whole.set(change.id, { ...change, user });
    }
    return [...whole.values()].map((change) => {
      const held = Object.keys(this.#users.get(change.id) ?? {});
      return { ...change, cleared: held.filter((field) => !(field in change.user)) };
    });
  }

  #removeOthers(seen: ReadonlySet<string>, changed: Set<string>): void {
    for (const id of this.#users.ids()) {
      if (seen.has(id)) continue;
      if (this.#ownWrites.isRecent(id)) this.#unshown.noteUnlisted(id);
      else this.#removeTold(id, changed);
    }
  }

  #removeTold(id: string, changed: Set<string>): void {
    this.remove(id);
    changed.add(id);
  }

  /** true: the view shows something else now than before. */
  #applyUser(change: UserChange, source: ReadSource = 'Round'): boolean {
    const before = this.#users.get(change.id);
    if (change.removed) {
      this.remove(change.id);
      return before !== undefined;
    }
    const next: Record<string, unknown> = { ...before, ...change.user };
    for (const field of change.cleared) delete next[field];
    this.#ownWrites.keepIn(next, { change, held: before, source });
    const after = wholeUser({ ...change, user: next });
    if (before === undefined) this.#bin.noteLive(after);
    this.#users.put(after);
    return before === undefined || !isDeepStrictEqual(before, after);
  }
}

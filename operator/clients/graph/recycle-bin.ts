/** The recycle bin as part of the directory view: read when somebody asks, and kept until users were removed again. */
import type { DeletedUser, EntraUser, Graph } from './port.ts';

/** After this long the recycle bin shows a user that was removed. */
const lagMs = 60_000;
/** Many ask at once, and while it may lag behind: it is read no more often than this. */
const sharedMs = 3_000;

type Identity = Pick<EntraUser, 'id' | 'userPrincipalName'>;

interface RecycleBinOptions {
  readonly graph: Pick<Graph, 'listDeletedUsers'>;
  readonly nowMs: () => number;
}

export class RecycleBin {
  readonly #options: RecycleBinOptions;
  /** When users were seen to be removed, by id and by name in lower case, oldest first; those of the last minute. */
  readonly #removed = new Map<string, number>();
  #lastRemovedMs = Number.NEGATIVE_INFINITY;
  /** Somebody was removed after the last read began. */
  #isRemovedSince = false;
  #read: { readonly atMs: number; users: Promise<readonly DeletedUser[]> } | undefined;

  constructor(options: RecycleBinOptions) {
    this.#options = options;
  }

  async users(signal: AbortSignal): Promise<readonly DeletedUser[]> {
    const nowMs = this.#options.nowMs();
    if (this.#read === undefined || this.#isOld(this.#read.atMs, nowMs)) {
      this.#isRemovedSince = false;
      const read = { atMs: nowMs, users: this.#options.graph.listDeletedUsers(signal) };
      this.#read = read;
      read.users.catch(() => {
        // Whoever waits for it is told; the next who asks tries again.
        if (this.#read === read) this.#read = undefined;
      });
    }
    return this.#read.users;
  }

  #isOld(atMs: number, nowMs: number): boolean {
    if (this.#isRemovedSince) return true;
    return atMs < this.#lastRemovedMs + lagMs && nowMs - atMs >= sharedMs;
  }

  isRemovedLately(idOrName: string): boolean {
    const atMs = this.#removed.get(idOrName.toLowerCase());
    return atMs !== undefined && this.#options.nowMs() - atMs < lagMs;
  }

  noteRemoved({ id, userPrincipalName }: Identity): void {
    const nowMs = this.#options.nowMs();
    this.#lastRemovedMs = nowMs;
    this.#isRemovedSince = true;
    for (const [old, atMs] of this.#removed) {
      if (nowMs - atMs < lagMs) break;
      this.#removed.delete(old);
    }
    for (const key of [id, userPrincipalName.toLowerCase()]) {
      this.#removed.delete(key);
      this.#removed.set(key, nowMs);
    }
  }

  /** It lives (again). */
  noteLive({ id, userPrincipalName }: Identity): void {
    this.#removed.delete(id);
    this.#removed.delete(userPrincipalName.toLowerCase());
    const read = this.#read;
    if (read === undefined) return;
    const users = read.users.then((all) => {
      const isIn = all.some(({ user }) => user.id === id);
      return isIn ? all.filter(({ user }) => user.id !== id) : all;
    });
    // A failure is handled where the read began.
    users.catch(() => undefined);
    read.users = users;
  }
}

/** Logon names (sAMAccountName) that nobody in the domain has. */
import { domainScope } from './controls.ts';
import { textOf } from './entries.ts';
import type { Session } from './session.ts';
import * as wire from './wire.ts';

/** In one search: each is a look into an index. */
const batchSize = 10;
/** So long a name that was offered is kept for that person: the account shows in the directory by then. */
const keptMs = 60_000;

interface Offer {
  readonly ownerUid: string;
  readonly atMs: number;
}

export class LogonNames {
  readonly #nowMs: () => number;
  /** By name in lower case, the oldest first. */
  readonly #offers = new Map<string, Offer>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  async firstFree(
    session: Session,
    candidates: readonly string[],
    ownerUid: string,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    for (let from = 0; from < candidates.length; from += batchSize) {
      const some = candidates.slice(from, from + batchSize);
      const taken = await takenOf(session, some, signal);
      const free = some
        .filter((name) => !taken.has(name.toLowerCase()))
        .find((name) => this.#offer(name.toLowerCase(), ownerUid));
      if (free !== undefined) return free;
    }
    return undefined;
  }

  /** False: it was offered to somebody else a moment ago. */
  #offer(name: string, ownerUid: string): boolean {
    const atMs = this.#nowMs();
    for (const [old, offer] of this.#offers) {
      if (atMs - offer.atMs < keptMs) break;
      this.#offers.delete(old);
    }
    const before = this.#offers.get(name);
    if (before !== undefined && before.ownerUid !== ownerUid) return false;
    this.#offers.delete(name);
    this.#offers.set(name, { ownerUid, atMs });
    return true;
  }
}

/** In lower case. Anywhere in the domain, of any kind of object. */
async function takenOf(
  session: Session,
  names: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const entries = await session.search(
    {
      operation: 'FindNames',
      base: session.root.defaultNamingContext,
      scope: 'sub',
      filter: wire.anyOf(...names.map((name) => wire.equals('sAMAccountName', name))),
      attributes: ['sAMAccountName'],
      controls: [domainScope()],
    },
    signal,
  );
  return new Set(entries.map((entry) => textOf(entry, 'sAMAccountName')?.toLowerCase() ?? ''));
}

/**
 * Users of a view that its rounds do not show. What we wrote a moment ago may be missing because a replica lags; what
 * others deleted before any round showed it is told by nobody. A read by key settles both.
 */
import { believedReads, graceMs } from './own-writes.ts';

export class UnshownUsers {
  readonly #nowMs: () => number;
  /** Written by us lately and not in the last full round, and until when a read by key may lag as well. */
  readonly #unlisted = new Map<string, number>();
  /** In no round, and not found by key either: how many of those reads in a row. */
  readonly #absent = new Map<string, number>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  ids(): Iterable<string> {
    return new Set([...this.#unlisted.keys(), ...this.#absent.keys()]);
  }

  isUnlisted(id: string): boolean {
    return this.#unlisted.has(id);
  }

  noteUnlisted(id: string): void {
    this.#unlisted.set(id, this.#nowMs() + graceMs);
  }

  /** A full round tells all there is. */
  clear(): void {
    this.#unlisted.clear();
    this.#absent.clear();
  }

  forget(id: string): void {
    this.#unlisted.delete(id);
    this.#absent.delete(id);
  }

  /** A read by key was answered. True: the account is gone. `isHeld`: the view has it. */
  isGone(id: string, { isThere, isHeld }: { isThere: boolean; isHeld: boolean }): boolean {
    const untilMs = this.#unlisted.get(id);
    const mayLag = untilMs !== undefined && this.#nowMs() < untilMs;
    // The last word, once nothing lags any more.
    if (untilMs !== undefined && !mayLag) this.#unlisted.delete(id);
    if (isThere) this.#absent.delete(id);
    if (isThere || mayLag) return false;
    return untilMs !== undefined || (isHeld && this.#isAbsentForGood(id));
  }

  /** Its creation may not show yet. */
  #isAbsentForGood(id: string): boolean {
    const reads = (this.#absent.get(id) ?? 0) + 1;
    this.#absent.set(id, reads);
    return reads >= believedReads;
  }
}

/**
 * What we wrote and the directory may not show yet. A read that still shows the value from before our write can be a
 * replica that lags, or somebody who set it back: it is asked again by key, and counts only after several equal reads
 * in a row (graph.md 12.1; the Terraform provider for Entra ID waits for five as well). A read by key that shows our
 * write, or something newer, reads it back, but does not end it: delta tells nothing of what is set back before the next round. Of all other
 * fields it says nothing: a round has told them, and its replica may be older than that.
 */
import { isDeepStrictEqual } from 'node:util';
import { shared } from '../../core/shared.ts';
import type { UserChange } from './port.ts';

/** So many equal reads in a row are believed. */
export const believedReads = 5;
/** A write that no read has shown for so long is looked for. */
const unseenMs = 10_000;
/** After this long nothing lags any more. */
export const graceMs = 5 * 60_000;
/** A read by key does not carry these (client.ts, `getUser`). */
const toldByDeltaOnly: ReadonlySet<string> = new Set(['managerId']);

type Fields = Readonly<Record<string, unknown>>;

/** One write. What was written stands in the view. Thousands wait for the next delta at once: it is small. */
interface OwnWrite {
  /** The open fields as they stood. */
  readonly before: Fields;
  /** Fields that no read has shown yet. */
  open: readonly string[];
  readonly atMs: number;
}

/** UnlistedByKey: of an object that the last full round did not tell, which nothing else says anything of. */
export type ReadSource = 'Round' | 'Key' | 'UnlistedByKey';

interface Read {
  readonly read: unknown;
  readonly held: unknown;
  readonly source: ReadSource;
}

const nothing: Fields = {};

export class OwnWrites {
  readonly #nowMs: () => number;
  /** By object id, oldest first; each has open fields. */
  readonly #writes = new Map<string, readonly OwnWrite[]>();
  /** Stale reads in a row since the last write, by object id and field. */
  readonly #staleReads = new Map<string, Map<string, number>>();
  /** Open fields that a read by key has shown, by object id; true: they were looked for once more since. */
  readonly #readBack = new Map<string, Map<string, boolean>>();
  readonly #doubtful = new Set<string>();
  /** Fields that wait for their last read by key, by object id. */
  readonly #lastReads = new Map<string, Set<string>>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** `before` undefined: the object is new. */
  note(id: string, before: object | undefined, written: object): void {
    const open = Object.entries(written).filter(
      ([field, value]) => !isDeepStrictEqual((before as Fields | undefined)?.[field], value),
    );
    if (open.length === 0) return;
    const write = {
      before: before === undefined ? nothing : pick(before as Fields, open),
      open: shared(open.map(([field]) => field)),
      atMs: this.#nowMs(),
    };
    this.#writes.set(id, [...(this.#writes.get(id) ?? []), write]);
    for (const [field] of open) {
      this.#staleReads.get(id)?.delete(field);
      this.#readBack.get(id)?.delete(field);
    }
  }

  /** Sets in `next`, which was read, what is held in the view where that counts more. */
  keepIn(
    next: Record<string, unknown>,
    {
      change,
      held,
      source,
    }: {
      readonly change: UserChange;
      readonly held: object | undefined;
      readonly source: ReadSource;
    },
  ): void {
    const { id, user, cleared } = change;
    const isForeign = !this.#writes.has(id) && !this.#lastReads.has(id);
    // A first read tells thousands whom nobody has written.
    if (isForeign && source !== 'Key') return;
    for (const field of new Set([...Object.keys(user), ...cleared])) {
      const one = { read: next[field], held: (held as Fields | undefined)?.[field], source };
      next[field] = this.#believed(id, field, one);
    }
  }

  /** What to believe of a field: what was read, or what is held in the view. */
  #believed(id: string, field: string, { read, held, source }: Read): unknown {
    const own = this.#open(id, field);
    const last = own.at(-1);
    if (last === undefined) {
      return this.#takeLastRead(id, field) || source !== 'Key' ? read : held;
    }
    const isFromBefore = own.some(({ before }) => isDeepStrictEqual(read, before[field]));
    const isStale = isFromBefore && this.#nowMs() - last.atMs < graceMs;
    if (isStale && this.#countStale(id, field) < believedReads) {
      if (!toldByDeltaOnly.has(field)) this.#doubtful.add(id);
      return held;
    }
    // The directory shows our write, or something newer. Once a round has, a difference is somebody else's.
    if (source === 'Round') this.#close(id, (name) => name === field);
    else this.#noteReadBack(id, field);
    return read;
  }

  /** Something of it was shown by no round yet. */
  has(id: string): boolean {
    return this.#writes.has(id);
  }

  /** A read has shown all of it, by key or in a round. */
  isReadBack(id: string): boolean {
    const shown = this.#readBack.get(id) ?? new Map<string, boolean>();
    const writes = this.#writes.get(id) ?? [];
    return writes.every(({ open }) => open.every((field) => shown.has(field)));
  }

  #noteReadBack(id: string, field: string): void {
    const shown = this.#readBack.get(id) ?? new Map<string, boolean>();
    this.#readBack.set(id, shown.set(field, shown.get(field) ?? false));
    this.#staleReads.get(id)?.delete(field);
  }

  isRecent(id: string): boolean {
    const writes = this.#writes.get(id) ?? [];
    return writes.some(({ atMs }) => this.#nowMs() - atMs < graceMs);
  }

  /**
   * Objects to read again by key: those whose last read was stale, and those whose write no round has shown, after a
   * while, once after it was read back, and at last. Delta tells nothing of a value that was set back before it was seen.
   */
  takeDoubtful(): readonly string[] {
    for (const [id, writes] of this.#writes) {
      const ages = new Map(
        writes.flatMap(({ open, atMs }) => open.map((field) => [field, this.#nowMs() - atMs])),
      );
      const isDue = ([field, ageMs]: readonly [string, number]): boolean =>
        !toldByDeltaOnly.has(field) && this.#isDue(id, field, ageMs);
      // All are asked, since each notes that it was: `some` would stop at the first.
      if ([...ages].filter(isDue).length > 0) this.#doubtful.add(id);
      const old = [...ages.keys()].filter((field) => (ages.get(field) ?? 0) >= graceMs);
      this.#readOnceMore(id, old);
      this.#close(id, (field) => old.includes(field));
    }
    // Those of a read that failed are asked for again.
    const ids = new Set([...this.#doubtful, ...this.#lastReads.keys()]);
    this.#doubtful.clear();
    return [...ids];
  }

  #readOnceMore(id: string, fields: readonly string[]): void {
    const told = fields.filter((field) => !toldByDeltaOnly.has(field));
    if (told.length > 0) this.#lastReads.set(id, new Set(told));
  }

  #takeLastRead(id: string, field: string): boolean {
    const fields = this.#lastReads.get(id);
    const isAwaited = fields?.delete(field) === true;
    if (fields?.size === 0) this.#lastReads.delete(id);
    return isAwaited;
  }

  #isDue(id: string, field: string, ageMs: number): boolean {
    const shown = this.#readBack.get(id);
    const isAsked = shown?.get(field);
    if (isAsked === false) shown?.set(field, true);
    return isAsked === undefined ? ageMs >= unseenMs : !isAsked || ageMs >= graceMs;
  }

  /** The fields that a read of this object by key says nothing of, and so has none of: held or written ones. */
  missingByKey(id: string, held: object, read: object): readonly string[] {
    const written = (this.#writes.get(id) ?? []).flatMap(({ open }) => open);
    const known = new Set([...Object.keys(held), ...written, ...(this.#lastReads.get(id) ?? [])]);
    return [...known].filter((field) => !(field in read) && !toldByDeltaOnly.has(field));
  }

  #open(id: string, field: string): readonly OwnWrite[] {
    return (this.#writes.get(id) ?? []).filter(({ open }) => open.includes(field));
  }

  #countStale(id: string, field: string): number {
    const reads = this.#staleReads.get(id) ?? new Map<string, number>();
    this.#staleReads.set(id, reads);
    const count = (reads.get(field) ?? 0) + 1;
    reads.set(field, count);
    return count;
  }

  #close(id: string, isShown: (field: string) => boolean): void {
    const writes = this.#writes.get(id) ?? [];
    for (const write of writes) write.open = shared(write.open.filter((field) => !isShown(field)));
    const left = writes.filter(({ open }) => open.length > 0);
    if (left.length > 0) {
      this.#writes.set(id, left);
      return;
    }
    this.#writes.delete(id);
    this.#staleReads.delete(id);
    this.#readBack.delete(id);
  }
}

function pick(of: Fields, fields: readonly (readonly [string, unknown])[]): Fields {
  return Object.fromEntries(fields.map(([field]) => [field, of[field]]));
}

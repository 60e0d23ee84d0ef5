/**
 * What we wrote and the directory may not show yet. A read that still shows the value from before our write can be a
 * replica that lags, or somebody who set it back: it is asked again by key, and counts only after several equal reads
 * in a row (graph.md 12.1; the Terraform provider for Entra ID waits for five as well).
 */
import { isDeepStrictEqual } from 'node:util';

/** So many equal reads in a row are believed. */
const believedReads = 5;
/** A write that no read has shown for so long is looked for. */
const unseenMs = 10_000;
/** After this long nothing lags any more. */
const graceMs = 5 * 60_000;
/** A read by key does not carry these (client.ts, `getUser`). */
const toldByDeltaOnly: ReadonlySet<string> = new Set(['managerId']);

/** Of a new object every field is so: thousands at once share it. */
const nothingBefore: readonly unknown[] = [undefined];

interface OwnWrite {
  /** What was before this write, and before earlier ones that the directory has not shown yet. */
  readonly before: readonly unknown[];
  readonly written: unknown;
  readonly atMs: number;
  staleReads: number;
}

export class OwnWrites {
  readonly #nowMs: () => number;
  /** By object id, then by field. */
  readonly #writes = new Map<string, Map<string, OwnWrite>>();
  readonly #doubtful = new Set<string>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  note(
    id: string,
    field: string,
    { before, written }: { readonly before: unknown; readonly written: unknown },
  ): void {
    if (isDeepStrictEqual(before, written)) return;
    const fields = this.#writes.get(id) ?? new Map<string, OwnWrite>();
    const unseen = fields.get(field)?.before ?? [];
    const isFirst = unseen.length === 0 && before === undefined;
    fields.set(field, {
      before: isFirst ? nothingBefore : [...unseen, before],
      written,
      atMs: this.#nowMs(),
      staleReads: 0,
    });
    this.#writes.set(id, fields);
  }

  /** What to believe of a field that was read. */
  believed(id: string, field: string, read: unknown): unknown {
    const own = this.#writes.get(id)?.get(field);
    if (own === undefined) return read;
    const isFromBefore = own.before.some((value) => isDeepStrictEqual(read, value));
    const isStale = isFromBefore && this.#nowMs() - own.atMs < graceMs;
    own.staleReads += 1;
    if (isStale && own.staleReads < believedReads) {
      if (!toldByDeltaOnly.has(field)) this.#doubtful.add(id);
      return own.written;
    }
    // The directory shows our write, or something newer: from now on a difference is somebody else's.
    this.#forget(id, field);
    return read;
  }

  /** Something of it was not shown yet. */
  has(id: string): boolean {
    return this.#writes.has(id);
  }

  isRecent(id: string): boolean {
    const fields = this.#writes.get(id)?.values() ?? [];
    return [...fields].some(({ atMs }) => this.#nowMs() - atMs < graceMs);
  }

  /**
   * Objects to read again by key: those whose last read was stale, and those whose write no read has shown for a while.
   * Delta tells nothing of a value that was set back before it was seen.
   */
  takeDoubtful(): readonly string[] {
    for (const [id, fields] of this.#writes) {
      for (const [field, { atMs }] of fields) {
        const ageMs = this.#nowMs() - atMs;
        if (ageMs >= unseenMs && !toldByDeltaOnly.has(field)) this.#doubtful.add(id);
        if (ageMs >= graceMs) this.#forget(id, field);
      }
    }
    const ids = [...this.#doubtful];
    this.#doubtful.clear();
    return ids;
  }

  /** The fields that a read of this object by key says nothing of, and so has none of: held or written ones. */
  missingByKey(id: string, held: object, read: object): readonly string[] {
    const known = new Set([...Object.keys(held), ...(this.#writes.get(id)?.keys() ?? [])]);
    return [...known].filter((field) => !(field in read) && !toldByDeltaOnly.has(field));
  }

  #forget(id: string, field: string): void {
    const fields = this.#writes.get(id);
    fields?.delete(field);
    if (fields?.size === 0) this.#writes.delete(id);
  }
}

/** Who refers to whom, both ways: what one object refers to, and which objects refer to a key. */
import type { ObjectKey } from './resource.ts';

export class ReferenceIndex {
  readonly #outgoing = new Map<ObjectKey, ReadonlySet<ObjectKey>>();
  readonly #incoming = new Map<ObjectKey, Set<ObjectKey>>();

  /** No references: the object is forgotten. */
  set(from: ObjectKey, references: readonly ObjectKey[]): void {
    for (const to of this.#outgoing.get(from) ?? []) {
      const sources = this.#incoming.get(to);
      sources?.delete(from);
      if (sources?.size === 0) this.#incoming.delete(to);
    }
    if (references.length === 0) {
      this.#outgoing.delete(from);
      return;
    }
    const outgoing = new Set(references);
    this.#outgoing.set(from, outgoing);
    for (const to of outgoing) {
      const sources = this.#incoming.get(to);
      if (sources === undefined) this.#incoming.set(to, new Set([from]));
      else sources.add(from);
    }
  }

  referencing(key: ObjectKey): readonly ObjectKey[] {
    return [...(this.#incoming.get(key) ?? [])];
  }
}

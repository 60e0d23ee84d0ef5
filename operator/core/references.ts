/** Who refers to whom, both ways: what one object refers to, and which objects refer to a key. */
import type { ObjectKey } from './resource.ts';

/** Most keys have few references and one that refers to them: lists, and a set only where there are several. */
export class ReferenceIndex {
  readonly #outgoing = new Map<ObjectKey, readonly ObjectKey[]>();
  readonly #incoming = new Map<ObjectKey, ObjectKey | Set<ObjectKey>>();

  /** No references: the object is forgotten. */
  set(from: ObjectKey, references: readonly ObjectKey[]): void {
    const before = this.#outgoing.get(from) ?? [];
    for (const to of before) if (!references.includes(to)) this.#unlink(from, to);
    for (const to of references) if (!before.includes(to)) this.#link(from, to);
    if (references.length === 0) this.#outgoing.delete(from);
    else this.#outgoing.set(from, references);
  }

  referencing(key: ObjectKey): readonly ObjectKey[] {
    const sources = this.#incoming.get(key);
    if (sources === undefined) return [];
    return typeof sources === 'string' ? [sources] : [...sources];
  }

  #link(from: ObjectKey, to: ObjectKey): void {
    const sources = this.#incoming.get(to);
    if (sources === undefined) this.#incoming.set(to, from);
    else if (typeof sources !== 'string') sources.add(from);
    else if (sources !== from) this.#incoming.set(to, new Set([sources, from]));
  }

  #unlink(from: ObjectKey, to: ObjectKey): void {
    const sources = this.#incoming.get(to);
    if (typeof sources !== 'object') {
      if (sources === from) this.#incoming.delete(to);
      return;
    }
    sources.delete(from);
    if (sources.size === 0) this.#incoming.delete(to);
  }
}

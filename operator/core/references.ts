/** Who refers to whom, both ways: what one object refers to, and which objects refer to a key. */
import { kindOf, type ObjectKey } from './resource.ts';

type ByKind = Map<string, Set<ObjectKey>>;

/**
 * Most keys have few references and one that refers to them: lists, and sets only where there are several. By kind: a
 * tenant of 10,000 users has one pool, and who asks for pools must not pay for users.
 */
export class ReferenceIndex {
  readonly #outgoing = new Map<ObjectKey, readonly ObjectKey[]>();
  readonly #incoming = new Map<ObjectKey, ObjectKey | ByKind>();

  /** No references: the object is forgotten. */
  set(from: ObjectKey, references: readonly ObjectKey[]): void {
    const before = this.#outgoing.get(from) ?? [];
    for (const to of before) if (!references.includes(to)) this.#unlink(from, to);
    for (const to of references) if (!before.includes(to)) this.#link(from, to);
    if (references.length === 0) this.#outgoing.delete(from);
    else this.#outgoing.set(from, references);
  }

  /** Of all kinds, unless one is named. */
  referencing(key: ObjectKey, kind?: string): readonly ObjectKey[] {
    const sources = this.#incoming.get(key);
    if (sources === undefined) return [];
    if (typeof sources === 'string') {
      return kind === undefined || kindOf(sources) === kind ? [sources] : [];
    }
    if (kind !== undefined) return [...(sources.get(kind) ?? [])];
    return [...sources.values()].flatMap((keys) => [...keys]);
  }

  #link(from: ObjectKey, to: ObjectKey): void {
    const sources = this.#incoming.get(to);
    if (sources === undefined) this.#incoming.set(to, from);
    else if (typeof sources !== 'string') add(sources, from);
    else if (sources !== from) this.#incoming.set(to, add(add(new Map(), sources), from));
  }

  #unlink(from: ObjectKey, to: ObjectKey): void {
    const sources = this.#incoming.get(to);
    if (typeof sources !== 'object') {
      if (sources === from) this.#incoming.delete(to);
      return;
    }
    const keys = sources.get(kindOf(from));
    keys?.delete(from);
    if (keys?.size === 0) sources.delete(kindOf(from));
    if (sources.size === 0) this.#incoming.delete(to);
  }
}

function add(sources: ByKind, from: ObjectKey): ByKind {
  const kind = kindOf(from);
  const keys = sources.get(kind);
  if (keys === undefined) sources.set(kind, new Set([from]));
  else keys.add(from);
  return sources;
}

/** Objects as the watches and our own writes tell of them, whichever is newer; who refers to whom; who wants to know. */
import { ReferenceIndex } from '../core/references.ts';
import { isClaim, keyOf, kindOf, type ObjectKey, type Resource } from '../core/resource.ts';
import { shared } from '../core/shared.ts';
import type { Sink } from './reflector.ts';
import { isOlder } from './wire.ts';

interface CacheChange {
  readonly key: ObjectKey;
  readonly old?: Resource | undefined;
  readonly new?: Resource | undefined;
  /** Part of the first list. */
  readonly initial: boolean;
}

export type CacheListener = (change: CacheChange) => void;
type References = (resource: Resource) => readonly ObjectKey[];

export class ObjectCache {
  readonly #byKind = new Map<string, Map<ObjectKey, Resource>>();
  readonly #listeners = new Set<CacheListener>();
  readonly #references = new Map<string, References>();
  readonly #index = new ReferenceIndex();
  readonly #listed = new Set<string>();

  get(key: ObjectKey, kind = kindOf(key)): Resource | undefined {
    return this.#byKind.get(kind)?.get(key);
  }

  list(kind: string): readonly Resource[] {
    return [...(this.#byKind.get(kind)?.values() ?? [])];
  }

  /** Of what is there, too. */
  indexReferences(kind: string, references: References): void {
    this.#references.set(kind, references);
    for (const [key, resource] of this.#objectsOf(kind)) {
      this.#index.set(key, this.referencesOf(resource));
    }
  }

  referencesOf(resource: Resource): readonly ObjectKey[] {
    // A claim is nobody else's.
    return (this.#references.get(resource.kind)?.(resource) ?? []).map((key) =>
      isClaim(key) ? key : shared(key),
    );
  }

  /** Of all kinds. */
  keysReferencing(key: ObjectKey): readonly ObjectKey[] {
    return this.#index.referencing(key);
  }

  referencing(key: ObjectKey, kind: string): readonly Resource[] {
    return this.#index
      .referencing(key, kind)
      .map((source) => this.get(source, kind))
      .filter((resource) => resource !== undefined);
  }

  /** Tells of everything that is there, then of every change. Returns how to end it. */
  subscribe(listener: CacheListener): () => void {
    for (const objects of this.#byKind.values()) {
      for (const [key, resource] of objects) listener({ key, new: resource, initial: true });
    }
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The answer to a write of ours: seen at once, before the watch tells of it. Ignored where the object is gone. */
  wrote(resource: Resource): void {
    const old = this.get(keyOf(resource), resource.kind);
    if (old?.metadata.uid === resource.metadata.uid) this.#upsert(resource, false);
  }

  /** Where one list-watch of a kind puts what it sees. `namespace`, `name` undefined: it sees all. */
  sink(kind: string, namespace: string | undefined, name?: string): Sink {
    const scope = `${kind}/${namespace ?? ''}/${name ?? ''}`;
    return {
      replace: (resources, version, isRewound = false) => {
        const initial = !this.#listed.has(scope);
        this.#listed.add(scope);
        this.#removeMissing({ kind, namespace, name }, { resources, version, isRewound });
        for (const resource of resources) this.#upsert(resource, initial, isRewound);
      },
      // Of a later list not before it is whole: what a watch told meanwhile may be newer.
      arrive: (resource) => {
        if (!this.#listed.has(scope)) this.#upsert(resource, true);
      },
      upsert: (resource) => this.#upsert(resource, false),
      remove: (resource) => {
        const key = keyOf(resource);
        const old = this.get(key, kind);
        if (old?.metadata.uid !== resource.metadata.uid) return;
        this.#change(kind, { key, old, initial: false });
      },
    };
  }

  /** Objects that vanished while nobody watched. One that we wrote after the list was made is still there. */
  #removeMissing(
    scope: {
      readonly kind: string;
      readonly namespace: string | undefined;
      readonly name: string | undefined;
    },
    list: {
      readonly resources: readonly Resource[];
      readonly version: string;
      readonly isRewound: boolean;
    },
  ): void {
    const known = this.list(scope.kind);
    if (known.length === 0) return;
    const listed = new Set(list.resources.map((resource) => keyOf(resource)));
    for (const old of known) {
      const key = keyOf(old);
      const { namespace, name, resourceVersion } = old.metadata;
      const isInScope =
        namespace === (scope.namespace ?? namespace) && name === (scope.name ?? name);
      const isNewer = !list.isRewound && isOlder(list.version, resourceVersion);
      if (!isInScope || listed.has(key) || isNewer) continue;
      this.#change(scope.kind, { key, old, initial: false });
    }
  }

  #upsert(resource: Resource, initial: boolean, isRewound = false): void {
    const key = keyOf(resource);
    const old = this.get(key, resource.kind);
    const was = old?.metadata.resourceVersion;
    const is = resource.metadata.resourceVersion;
    const isNews = was === undefined || (isRewound ? was !== is : isOlder(was, is));
    if (!isNews) return;
    this.#change(resource.kind, { key, old, new: resource, initial });
  }

  #change(kind: string, change: CacheChange): void {
    const { key, new: now } = change;
    const objects = this.#objectsOf(kind);
    if (now === undefined) objects.delete(key);
    else objects.set(key, now);
    this.#index.set(key, now === undefined ? [] : this.referencesOf(now));
    for (const listener of this.#listeners) listener(change);
  }

  #objectsOf(kind: string): Map<ObjectKey, Resource> {
    const existing = this.#byKind.get(kind);
    if (existing !== undefined) return existing;
    const created = new Map<ObjectKey, Resource>();
    this.#byKind.set(kind, created);
    return created;
  }
}

/**
 * An API server in memory, as far as the operator can tell: versions, uids, generations, finalizers, the status
 * subresource, preconditions, and the log of changes that watches are served from. All of it happens in no time;
 * network.ts and api-client.ts put time and faults around it.
 */
import { isDeepStrictEqual } from 'node:util';
import { KubeError } from '../../operator/kube/errors.ts';
import { applyJsonPatch, mergePatched, type Raw, type RawMetadata } from './patches.ts';
import type { Timeline } from './timeline.ts';

export interface ApiObject extends Raw {
  readonly metadata: RawMetadata;
}

export interface Change {
  readonly version: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly plural: string;
  readonly object: ApiObject;
}

export interface Target {
  readonly plural: string;
  readonly namespace: string;
  readonly name: string;
  readonly isStatus: boolean;
}

/** One write, as the checks see it. `by`: identity of the process; undefined: people. */
export interface Write {
  readonly by: string | undefined;
  readonly target: Target;
  readonly before: ApiObject | undefined;
  readonly after: ApiObject | undefined;
}

type Pending = Omit<Write, 'after'> & { readonly after: ApiObject };

const pathPattern =
  /^\/(?:api\/v1|apis\/[^/]+\/[^/]+)(?:\/namespaces\/([^/]+)(?=\/))?\/([^/]+)(?:\/([^/]+))?(\/status)?$/;

export function targetOf(path: string): Target {
  const match = pathPattern.exec(path);
  if (match === null) throw refusal(404, 'NotFound', `no such path: ${path}`);
  const [, namespace = '', plural = '', name = '', status] = match;
  return { plural, namespace, name, isStatus: status !== undefined };
}

export function refusal(status: number, reason: string, message: string): KubeError {
  return new KubeError(message, { status, reason });
}

/** Versions grow by a digit soon: they are compared as numbers, not as words. */
const firstVersion = 990;

export class ApiServer {
  readonly #timeline: Timeline;
  readonly #objects = new Map<string, ApiObject>();
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #onWrite: (write: Write) => void;
  #changes: Change[] = [];
  #version = firstVersion;
  #compactedTo = firstVersion;
  #uids = 0;

  constructor(timeline: Timeline, onWrite: (write: Write) => void) {
    this.#timeline = timeline;
    this.#onWrite = onWrite;
  }

  get version(): number {
    return this.#version;
  }

  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Undefined: those changes are not known any more. */
  changesSince(version: number, plural: string): readonly Change[] | undefined {
    if (version < this.#compactedTo) return undefined;
    return this.#changes.filter((change) => change.version > version && change.plural === plural);
  }

  compact(): void {
    this.#compactedTo = this.#version;
    this.#changes = [];
  }

  list(plural: string, namespace = ''): readonly ApiObject[] {
    const start = `${plural}/${namespace === '' ? '' : `${namespace}/`}`;
    return [...this.#objects].filter(([key]) => key.startsWith(start)).map(([, object]) => object);
  }

  find(target: Pick<Target, 'plural' | 'namespace' | 'name'>): ApiObject | undefined {
    return this.#objects.get(keyOf(target));
  }

  get(target: Target): ApiObject {
    const found = this.find(target);
    if (found === undefined) throw refusal(404, 'NotFound', `"${target.name}" not found`);
    return found;
  }

  create(target: Target, body: ApiObject, by?: string): ApiObject {
    const { name, namespace } = { ...target, name: body.metadata.name };
    const full = { ...target, name };
    if (this.find(full) !== undefined) throw refusal(409, 'AlreadyExists', `"${name}" exists`);
    this.#uids += 1;
    const metadata = {
      ...body.metadata,
      namespace,
      uid: `uid-${String(this.#uids)}`,
      generation: 1,
      creationTimestamp: new Date(this.#timeline.nowMs).toISOString(),
    };
    // As the CRDs default it.
    const status = target.plural === 'toys' ? { status: { observedGeneration: -1 } } : {};
    const after = { ...body, ...status, metadata };
    return this.#commit('ADDED', { by, target: full, before: undefined, after });
  }

  replace(target: Target, body: ApiObject, by?: string): ApiObject {
    const before = this.get(target);
    demand(before, body.metadata);
    return this.#update(target, before, { ...before, ...body }, by);
  }

  mergePatch(target: Target, body: Raw, by?: string): ApiObject {
    const before = this.get(target);
    demand(before, body.metadata ?? {});
    if (target.isStatus) {
      const status = mergePatched(before.status, body.status);
      return this.#update(target, before, { ...before, status }, by);
    }
    const { status, ...rest } = mergePatched(before, body) as ApiObject;
    void status;
    const kept = before.status === undefined ? {} : { status: before.status };
    return this.#update(target, before, { ...rest, ...kept }, by);
  }

  jsonPatch(target: Target, operations: unknown, by?: string): ApiObject {
    const before = this.get(target);
    const patched = applyJsonPatch(before, operations);
    if (patched === undefined) throw refusal(422, 'Invalid', 'a test of the patch failed');
    const added = patched.metadata.finalizers ?? [];
    const isGoing = before.metadata.deletionTimestamp !== undefined;
    if (isGoing && added.some((one) => !(before.metadata.finalizers ?? []).includes(one))) {
      throw refusal(
        422,
        'Invalid',
        'no new finalizers can be added if the object is being deleted',
      );
    }
    return this.#update(target, before, patched, by);
  }

  delete(target: Target, by?: string): void {
    const before = this.get(target);
    if (before.metadata.deletionTimestamp !== undefined) return;
    const deletionTimestamp = new Date(this.#timeline.nowMs).toISOString();
    const generation = (before.metadata.generation ?? 0) + 1;
    const metadata = { ...before.metadata, deletionTimestamp, generation };
    this.#keepOrRemove(target, before, { ...before, metadata }, by);
  }

  #update(target: Target, before: ApiObject, after: ApiObject, by: string | undefined): ApiObject {
    const { resourceVersion = '', uid = '', generation = 0 } = before.metadata;
    const isEdited = !isDeepStrictEqual(before.spec, after.spec);
    const fixed = { resourceVersion, uid, generation: isEdited ? generation + 1 : generation };
    const next = { ...after, metadata: { ...after.metadata, ...fixed } };
    if (isDeepStrictEqual(before, next)) return before;
    return this.#keepOrRemove(target, before, next, by);
  }

  #keepOrRemove(
    target: Target,
    before: ApiObject,
    after: ApiObject,
    by: string | undefined,
  ): ApiObject {
    const { deletionTimestamp, finalizers = [] } = after.metadata;
    const isGone = deletionTimestamp !== undefined && finalizers.length === 0;
    return this.#commit(isGone ? 'DELETED' : 'MODIFIED', { by, target, before, after });
  }

  #commit(type: Change['type'], { by, target, before, after }: Pending): ApiObject {
    this.#version += 1;
    const metadata = { ...after.metadata, resourceVersion: String(this.#version) };
    const object = { ...after, metadata };
    const { plural } = target;
    const key = keyOf({ ...target, name: metadata.name });
    if (type === 'DELETED') this.#objects.delete(key);
    else this.#objects.set(key, object);
    this.#onWrite({ by, target, before, after: type === 'DELETED' ? undefined : object });
    const change = { version: this.#version, type, plural, object };
    this.#changes.push(change);
    for (const listener of this.#listeners) listener(change);
    return object;
  }
}

function keyOf({ plural, namespace, name }: Pick<Target, 'plural' | 'namespace' | 'name'>): string {
  return `${plural}/${namespace}/${name}`;
}

/** The preconditions that a body can state. */
function demand({ metadata }: ApiObject, wanted: Partial<RawMetadata>): void {
  if (wanted.uid !== undefined && wanted.uid !== metadata.uid) {
    throw refusal(409, 'Conflict', 'Precondition failed: UID in precondition differs');
  }
  const { resourceVersion } = wanted;
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    throw refusal(409, 'Conflict', 'the object has been modified');
  }
}

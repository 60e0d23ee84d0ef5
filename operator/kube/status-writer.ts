/** The only writes to our own objects: `/status` and our finalizer. Nothing else of an object that Git owns is touched. */
import { mergeConditions } from '../core/conditions.ts';
import { transient } from '../core/errors.ts';
import { finalizer } from '../core/plan.ts';
import type { StatusChange, Store } from '../core/ports.ts';
import { type CommonStatus, keyOf, type ObjectKey, type Resource } from '../core/resource.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { ObjectCache } from './cache.ts';
import { mergePatchOf } from './diff.ts';
import { classified, hasStatus } from './errors.ts';
import { type KindInfo, objectPath } from './paths.ts';
import { metaTime } from './time.ts';
import { type ApiClient, jsonPatch, mergePatch } from './transport.ts';
import { toResource } from './wire.ts';

const statusManager = 'm365-operator';
const finalizerManager = 'm365-operator-finalizer';

/** A conflict means somebody wrote in between; more of them in a row than this is for the queue's back-off. */
const triesMax = 4;

interface StoreDeps {
  readonly transport: ApiClient;
  readonly cache: ObjectCache;
  readonly kinds: ReadonlyMap<string, KindInfo>;
  readonly clock: Clock;
  readonly log: Log;
  /** At this very moment. */
  readonly maySend?: () => boolean;
}

type JsonPatch = readonly Readonly<{ op: string; path: string; value?: unknown }>[];

interface Writer extends StoreDeps {
  /** A write of them failed: the cache may lack what it did. */
  readonly doubtful: Set<ObjectKey>;
}

export function createStore(given: StoreDeps): Store {
  const deps = { ...given, doubtful: new Set<ObjectKey>() };
  return {
    get: (key, kind) => deps.cache.get(key, kind),
    addFinalizer: (resource, signal) =>
      classified('adding the finalizer', async () => {
        const added = await patchFinalizers(deps, resource, addition, signal);
        if (added !== undefined) return added;
        throw transient('the object was deleted meanwhile', { reason: 'Deleted' });
      }),
    removeFinalizer: (resource, signal) =>
      classified('removing the finalizer', async () => {
        await patchFinalizers(deps, resource, removal, signal);
      }),
    saveStatus: (resource, change, signal) =>
      classified('writing the status', () => saveStatus(deps, resource, change, signal)),
  };
}

function saveStatus(
  deps: Writer,
  resource: Resource,
  change: StatusChange,
  signal: AbortSignal,
): Promise<Resource | undefined> {
  const write = async (stored: Resource): Promise<Resource> => {
    const wanted = wantedStatus(stored, change, deps.clock.nowMs());
    const status = mergePatchOf((stored.status ?? {}) as Fields, wanted);
    if (status === undefined) return stored;
    // The uid is the precondition; without a resource version the write does not conflict with an edit of the spec.
    const { uid } = resource.metadata;
    const saved = await patch(deps, stored, { metadata: { uid }, status }, signal);
    warnWhereDropped(deps, saved, wanted);
    return saved;
  };
  return onNewest(deps, resource, { write, conflicts: [409] }, signal);
}

interface Write {
  readonly write: (stored: Resource) => Promise<Resource>;
  /** Answers that say: read it again, then try once more. */
  readonly conflicts: readonly number[];
}

/** Undefined: the object is gone, or another one has its name. */
async function onNewest(
  deps: Writer,
  resource: Resource,
  { write, conflicts }: Write,
  signal: AbortSignal,
): Promise<Resource | undefined> {
  const key = keyOf(resource);
  const { kind } = resource;
  let stored = deps.doubtful.has(key) ? await newest(deps, key, signal) : deps.cache.get(key, kind);
  for (let tries = 1; ; tries++) {
    if (stored?.metadata.uid !== resource.metadata.uid) return undefined;
    try {
      return await write(stored);
    } catch (error) {
      if (hasStatus(error, 404)) return undefined;
      // Whatever it says, it says it of the last send: one before it may have been done, and its answer lost.
      deps.doubtful.add(key);
      if (!hasStatus(error, ...conflicts) || tries >= triesMax) throw error;
      stored = await newest(deps, key, signal);
    }
  }
}

async function newest(
  deps: Writer,
  key: ObjectKey,
  signal: AbortSignal,
): Promise<Resource | undefined> {
  const cached = deps.cache.get(key);
  if (cached === undefined) return undefined;
  const stored = await read(deps, cached, signal);
  deps.doubtful.delete(key);
  return stored;
}

type Fields = Readonly<Record<string, unknown>>;

function wantedStatus(stored: Resource, change: StatusChange, nowMs: number): Fields {
  const current = (stored.status ?? {}) as CommonStatus;
  const { fields, conditions } = change;
  // A failure is told with the generation that stood when the pass began; its claim may have found a newer one.
  const observedGeneration = Math.max(change.observedGeneration, current.observedGeneration ?? -1);
  const merged = mergeConditions(
    current.conditions ?? [],
    conditions,
    observedGeneration,
    metaTime(nowMs),
  );
  return { ...current, ...fields, conditions: merged, observedGeneration };
}

/** The API server drops what the CRD does not know: an older CRD than the operator, and a write on every look. */
function warnWhereDropped(deps: Writer, saved: Resource, wanted: Fields): void {
  const lost = mergePatchOf((saved.status ?? {}) as Fields, wanted);
  if (lost === undefined) return;
  const fields = { kind: saved.kind, fields: Object.keys(lost) };
  deps.log.warn(
    fields,
    'the API server dropped fields of status: install the CRDs of this version',
  );
}

async function patch(
  deps: Writer,
  target: Resource,
  body: object,
  signal: AbortSignal,
): Promise<Resource> {
  const path = `${pathOf(deps, target)}/status`;
  const raw = await deps.transport.request('PATCH', path, {
    query: { fieldManager: statusManager },
    body,
    contentType: mergePatch,
    isRepeatable: true,
    ...(deps.maySend && { maySend: deps.maySend }),
    signal,
  });
  return remember(deps, target, raw);
}

interface FinalizerPatch {
  readonly isDone: (finalizers: readonly string[], resource: Resource) => boolean;
  readonly patchOf: (finalizers: readonly string[], resource: Resource) => JsonPatch;
}

const addition: FinalizerPatch = {
  // The API server takes no finalizer for an object that is going.
  isDone: (finalizers, { metadata }) =>
    finalizers.includes(finalizer) || metadata.deletionTimestamp !== undefined,
  patchOf: (finalizers, { metadata }) =>
    finalizers.length === 0
      ? [
          // There is no list to test, so nothing at all may have changed.
          { op: 'test', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
          { op: 'add', path: '/metadata/finalizers', value: [finalizer] },
        ]
      : [
          { op: 'test', path: '/metadata/uid', value: metadata.uid },
          { op: 'add', path: '/metadata/finalizers/-', value: finalizer },
        ],
};

const removal: FinalizerPatch = {
  isDone: (finalizers) => !finalizers.includes(finalizer),
  patchOf: (finalizers, { metadata }) => {
    const path = `/metadata/finalizers/${String(finalizers.indexOf(finalizer))}`;
    return [
      { op: 'test', path: '/metadata/uid', value: metadata.uid },
      { op: 'test', path, value: finalizer },
      { op: 'remove', path },
    ];
  },
};

function patchFinalizers(
  deps: Writer,
  resource: Resource,
  { isDone, patchOf }: FinalizerPatch,
  signal: AbortSignal,
): Promise<Resource | undefined> {
  const write = async (stored: Resource): Promise<Resource> => {
    const { finalizers = [] } = stored.metadata;
    if (isDone(finalizers, stored)) return stored;
    const raw = await deps.transport.request('PATCH', pathOf(deps, stored), {
      query: { fieldManager: finalizerManager },
      body: patchOf(finalizers, stored),
      contentType: jsonPatch,
      ...(deps.maySend && { maySend: deps.maySend }),
      signal,
    });
    return remember(deps, stored, raw);
  };
  // 422: a `test` of the patch failed, others changed the list.
  return onNewest(deps, resource, { write, conflicts: [409, 422] }, signal);
}

async function read(
  deps: Writer,
  target: Resource,
  signal: AbortSignal,
): Promise<Resource | undefined> {
  try {
    const raw = await deps.transport.request('GET', pathOf(deps, target), { signal });
    return remember(deps, target, raw);
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}

function remember(deps: Writer, target: Resource, raw: unknown): Resource {
  const resource = toResource(infoOf(deps, target), raw);
  if (resource === undefined) throw new Error('the API server answered a write with no object');
  deps.cache.wrote(resource);
  return resource;
}

function pathOf(deps: Writer, target: Resource): string {
  const { namespace, name } = target.metadata;
  return objectPath(infoOf(deps, target), namespace, name);
}

function infoOf({ kinds }: StoreDeps, { kind }: { kind: string }): KindInfo {
  const info = kinds.get(kind);
  if (info === undefined) throw new Error(`"${kind}" is not a kind of this operator`);
  return info;
}

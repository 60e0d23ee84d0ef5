/** All of the Kubernetes side, wired: caches that fill themselves, and what the engine and the kinds ask of it. */
import type { Cluster } from '../core/cluster.ts';
import type { EventRecorder, Store } from '../core/ports.ts';
import type { ObjectKey, Resource } from '../core/resource.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { type CacheListener, ObjectCache } from './cache.ts';
import { createCluster, namespaces } from './cluster.ts';
import { type Endpoint, loadEndpoint } from './endpoint.ts';
import { KubeEventRecorder } from './events.ts';
import { parseLabelSelector } from './label-selector.ts';
import { Lease } from './lease.ts';
import type { KindInfo } from './paths.ts';
import { Reflector } from './reflector.ts';
import { SecretWatches } from './secret-watches.ts';
import { Secrets } from './secrets.ts';
import { createStore } from './status-writer.ts';
import { type ApiClient, KubeTransport } from './transport.ts';

interface WatchedKind extends KindInfo {
  /** False: seen by every shard (what tenants of all shards refer to). Default true. */
  readonly isSharded?: boolean;
  /** Others belong to it, and are many more: it is known before they are. Default false. */
  readonly isParent?: boolean;
}

export interface KubernetesOptions {
  /** A kubeconfig's path, or where to find the API server. Undefined: as kubectl finds it, then the service account. */
  readonly kubeconfig?: string | Endpoint | undefined;
  /** Instead of one made from `kubeconfig`. */
  readonly transport?: ApiClient | undefined;
  readonly kinds: readonly WatchedKind[];
  /** Undefined: all. */
  readonly watchNamespaces?: readonly string[] | undefined;
  /** Label selector of the objects that are this process' own. */
  readonly shardSelector?: string | undefined;
  /** Unique for this process, e.g. the pod's name. */
  readonly identity: string;
  readonly lease: { readonly namespace: string; readonly name: string };
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

interface Referring {
  readonly kind: string;
  /** What the object refers to. */
  references(resource: Resource): readonly ObjectKey[];
}

export interface Kubernetes {
  readonly store: Store;
  readonly cluster: Cluster;
  readonly events: EventRecorder;
  readonly lease: Lease;
  /** Of the objects that every shard sees, each belongs to the shard whose selector its own labels match. */
  readonly isOurs: (resource: Resource) => boolean;
  /** Calls back for every object that is there, then for every change. Returns how to end it. */
  readonly subscribe: (listener: CacheListener) => () => void;
  /** Objects of all kinds whose references hold this key. */
  readonly referencing: (key: ObjectKey) => readonly ObjectKey[];
  /** Once, also after `start`: from then on it is known who refers to whom, and Secrets that are referred to are watched. */
  readonly indexReferences: (kinds: readonly Referring[]) => void;
  readonly start: () => void;
  /** Resolves when the caches hold the first lists of parents, and of namespaces where those are needed. */
  readonly parentsSynced: Promise<void>;
  /** Resolves when every cache holds its first list. */
  readonly synced: Promise<void>;
  /** Resolves when every cache holds what the API server held at `sinceMs` (monotonic): lists again where needed. */
  readonly fresh: (sinceMs: number) => Promise<void>;
  readonly ready: () => boolean;
  /** False: a watch has ended for good or stands still, which only a fault of ours can cause. */
  readonly healthy: () => boolean;
  /** To be called when all work has ended: writes events that wait, gives the lease back, closes connections. */
  readonly stop: () => Promise<void>;
}

export async function createKubernetes(options: KubernetesOptions): Promise<Kubernetes> {
  const { clock, log, metrics, identity } = options;
  const transport = options.transport ?? (await connect(options));
  const cache = new ObjectCache();
  const kinds = new Map(options.kinds.map((info) => [info.kind, info]));
  const events = new KubeEventRecorder({ transport, clock, log, metrics, identity });
  const lease = new Lease({ ...options.lease, identity }, { transport, clock, log, metrics });
  const isSelected = parseLabelSelector(options.shardSelector ?? '');
  const secretWatches = new SecretWatches({ transport, cache, clock, log, metrics });
  const secrets = new Secrets({ transport, watches: secretWatches });
  const parents = ownReflectors(options, options.kinds.filter(isParent), { transport, cache });
  const children = options.kinds.filter((info) => !isParent(info));
  const own = [...parents, ...ownReflectors(options, children, { transport, cache })];
  const labels = namespaceReflector(options, transport, cache);
  // Roles of single namespaces cannot allow listing them: what then lacks is their labels only.
  const needsLabels = options.watchNamespaces === undefined;
  const needed = needsLabels ? [...own, labels] : own;
  const watches = new Watches([...own, labels], clock, log);
  return {
    store: createStore({ transport, cache, kinds, clock, log, maySend: () => !lease.hasEnded }),
    cluster: createCluster({ transport, cache, secrets, ...scopeOf(options) }),
    events,
    lease,
    isOurs: ({ metadata }) => isSelected(metadata.labels ?? {}),
    subscribe: (listener) => cache.subscribe(listener),
    referencing: (key) => cache.keysReferencing(key),
    indexReferences: (referring) => {
      for (const one of referring)
        cache.indexReferences(one.kind, (object) => one.references(object));
      secretWatches.start();
    },
    start: () => watches.start(),
    parentsSynced: syncedOf(needsLabels ? [...parents, labels] : parents),
    synced: syncedOf(needed),
    fresh: async (sinceMs) => {
      await Promise.all(needed.map((reflector) => reflector.fresh(sinceMs)));
    },
    ready: () => needed.every((reflector) => reflector.isSynced),
    healthy: () => watches.isHealthy,
    stop: async () => {
      await Promise.all([watches.stop(), secretWatches.stop()]);
      await events.close();
      await lease.release();
      await transport.close();
    },
  };
}

function isParent(info: WatchedKind): boolean {
  return info.isParent === true;
}

async function syncedOf(reflectors: readonly Reflector[]): Promise<void> {
  await Promise.all(reflectors.map(({ synced }) => synced));
}

async function connect({ kubeconfig, clock, metrics }: KubernetesOptions): Promise<ApiClient> {
  const endpoint = typeof kubeconfig === 'object' ? kubeconfig : await loadEndpoint(kubeconfig);
  return new KubeTransport(endpoint, { clock, metrics });
}

/** Longer than any rest of a reflector (watchdog, back-off): it hangs. An API server that is down is no reason to restart. */
const standstillMs = 5 * 60_000;

function scopeOf({ kinds, shardSelector, watchNamespaces }: KubernetesOptions) {
  const sharded =
    shardSelector === undefined ? [] : kinds.filter((kind) => kind.isSharded !== false);
  return {
    sharded: new Map(sharded.map((info) => [info.kind, info])),
    namespaces: watchNamespaces ?? [undefined],
  };
}

class Watches {
  readonly #reflectors: readonly Reflector[];
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #abort = new AbortController();
  #runs: readonly Promise<void>[] = [];
  #hasEnded = false;

  constructor(reflectors: readonly Reflector[], clock: Clock, log: Log) {
    this.#reflectors = reflectors;
    this.#clock = clock;
    this.#log = log;
  }

  get isHealthy(): boolean {
    const since = this.#clock.monotonicMs() - standstillMs;
    const isRunning = this.#runs.length > 0;
    return !this.#hasEnded && !(isRunning && this.#reflectors.some((r) => r.activeMs < since));
  }

  start(): void {
    this.#runs = this.#reflectors.map((reflector) => this.#run(reflector));
  }

  async stop(): Promise<void> {
    this.#abort.abort(new DOMException('the operator stops', 'AbortError'));
    await Promise.all(this.#runs);
  }

  async #run(reflector: Reflector): Promise<void> {
    try {
      await reflector.run(this.#abort.signal);
    } catch (error) {
      this.#hasEnded = true;
      this.#log.error({ error }, 'a watch ended for good');
    }
  }
}

function ownReflectors(
  options: KubernetesOptions,
  kinds: readonly WatchedKind[],
  { transport, cache }: { readonly transport: ApiClient; readonly cache: ObjectCache },
): readonly Reflector[] {
  const scopes = options.watchNamespaces ?? [undefined];
  return kinds.flatMap((info) =>
    scopes.map((namespace) => {
      const labelSelector = info.isSharded === false ? undefined : options.shardSelector;
      const sink = cache.sink(info.kind, namespace);
      return new Reflector({ info, namespace, labelSelector, sink }, { ...options, transport });
    }),
  );
}

function namespaceReflector(
  options: KubernetesOptions,
  transport: ApiClient,
  cache: ObjectCache,
): Reflector {
  const sink = cache.sink(namespaces.kind, undefined);
  const scope = { namespace: undefined, labelSelector: undefined, isMetadataOnly: true };
  return new Reflector({ info: namespaces, ...scope, sink }, { ...options, transport });
}

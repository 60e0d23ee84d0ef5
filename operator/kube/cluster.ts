/** What kinds may ask of Kubernetes: the cache, objects of other shards, Secrets, and DNSEndpoints. */
import type { Cluster } from '../core/cluster.ts';
import { type ObjectKey, objectKey, type Resource } from '../core/resource.ts';
import type { ObjectCache } from './cache.ts';
import { applyDnsEndpoint } from './dns-endpoints.ts';
import { classified } from './errors.ts';
import { pagesOf } from './pages.ts';
import { collectionPath, type KindInfo } from './paths.ts';
import type { Secrets } from './secrets.ts';
import type { ApiClient } from './transport.ts';
import { toResource } from './wire.ts';

export const namespaces: KindInfo = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
};

interface ClusterDeps {
  readonly transport: ApiClient;
  readonly cache: ObjectCache;
  readonly secrets: Secrets;
  /** Kinds of which this process sees its own shard only, by name; and the namespaces to look in (undefined: all). */
  readonly sharded: ReadonlyMap<string, KindInfo>;
  readonly namespaces: readonly (string | undefined)[];
}

export function createCluster(deps: ClusterDeps): Cluster {
  const { cache, secrets } = deps;
  /* oxlint-disable typescript/no-unnecessary-type-parameters -- the contract: the caller names the type it expects */
  return {
    get: <R extends Resource>(kind: string, namespace: string, name: string) =>
      cache.get(objectKey(kind, namespace, name), kind) as R | undefined,
    list: <R extends Resource>(kind: string) => cache.list(kind) as readonly R[],
    referencing: <R extends Resource>(key: ObjectKey, kind: string) =>
      cache.referencing(key, kind) as readonly R[],
    referencingInAllShards: async <R extends Resource>(
      key: ObjectKey,
      kind: string,
      signal: AbortSignal,
    ) => {
      const info = deps.sharded.get(kind);
      if (info === undefined) return cache.referencing(key, kind) as readonly R[];
      return classified('listing objects of all shards', () =>
        listReferencing<R>(deps, info, key, signal),
      );
    },
    /* oxlint-enable typescript/no-unnecessary-type-parameters */
    namespaceLabels: (name) => {
      const namespace = cache.get(objectKey(namespaces.kind, '', name), namespaces.kind);
      return namespace === undefined ? undefined : (namespace.metadata.labels ?? {});
    },
    readSecret: (namespace, name, signal) => secrets.read(namespace, name, signal),
    ensureSecret: (secret, signal) => secrets.ensure(secret, signal),
    patchSecret: (namespace, name, data, signal) => secrets.patch(namespace, name, data, signal),
    applyDnsEndpoint: (endpoint, signal) => applyDnsEndpoint(deps.transport, endpoint, signal),
  };
}

async function listReferencing<R extends Resource>(
  { transport, cache, namespaces: scopes }: ClusterDeps,
  info: KindInfo,
  key: ObjectKey,
  signal: AbortSignal,
): Promise<readonly R[]> {
  const refers = (resource: Resource | undefined): resource is R =>
    resource !== undefined && cache.referencesOf(resource).includes(key);
  const found: R[] = [];
  for (const namespace of scopes) {
    const scope = { path: collectionPath(info, namespace), query: {} };
    for await (const { items } of pagesOf(transport, scope, signal)) {
      found.push(...items.map((item) => toResource(info, item)).filter(refers));
    }
  }
  return found;
}

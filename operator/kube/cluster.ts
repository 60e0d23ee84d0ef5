/** What kinds may ask of Kubernetes: the cache, and Secrets, which are read when used and never cached. */
import type { Cluster, OwnedSecret, SecretData } from '../core/cluster.ts';
import { terminal } from '../core/errors.ts';
import { group } from '../core/plan.ts';
import { objectKey, type Resource } from '../core/resource.ts';
import type { ObjectCache } from './cache.ts';
import { classified, hasStatus } from './errors.ts';
import { collectionPath, type KindInfo, objectPath } from './paths.ts';
import { type ApiClient, mergePatch } from './transport.ts';

const managedByLabel = 'app.kubernetes.io/managed-by';
const managedByUs = 'm365-operator';
const tenantLabel = `${group}/tenant`;

const secrets: KindInfo = { group: '', version: 'v1', kind: 'Secret', plural: 'secrets' };
export const namespaces: KindInfo = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
};

interface SecretBody {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
  readonly data?: Readonly<Record<string, string>>;
}

interface ClusterDeps {
  readonly transport: ApiClient;
  readonly cache: ObjectCache;
}

export function createCluster({ transport, cache }: ClusterDeps): Cluster {
  /* oxlint-disable typescript/no-unnecessary-type-parameters -- the contract: the caller names the type it expects */
  return {
    get: <R extends Resource>(kind: string, namespace: string, name: string) =>
      cache.get(objectKey(kind, namespace, name)) as R | undefined,
    list: <R extends Resource>(kind: string) => cache.list(kind) as readonly R[],
    referencing: <R extends Resource>(key: Parameters<Cluster['referencing']>[0], kind: string) =>
      cache.referencing(key, kind) as readonly R[],
    /* oxlint-enable typescript/no-unnecessary-type-parameters */
    namespaceLabels: (name) => {
      const namespace = cache.get(objectKey(namespaces.kind, '', name));
      return namespace === undefined ? undefined : (namespace.metadata.labels ?? {});
    },
    readSecret: (namespace, name, signal) =>
      classified('reading a Secret', async () => {
        const body = await readBody(transport, objectPath(secrets, namespace, name), signal);
        return body === undefined ? undefined : decode(body);
      }),
    ensureSecret: (secret, signal) =>
      classified('creating a Secret', () => ensureSecret(transport, secret, signal)),
    patchSecret: (namespace, name, data, signal) =>
      classified('changing a Secret', async () => {
        const path = objectPath(secrets, namespace, name);
        await transport.request('PATCH', path, {
          query: { fieldManager: managedByUs },
          body: { data: encode(data) },
          contentType: mergePatch,
          isRepeatable: true,
          signal,
        });
      }),
  };
}

async function readBody(
  transport: ApiClient,
  path: string,
  signal: AbortSignal,
): Promise<SecretBody | undefined> {
  try {
    return await transport.request<SecretBody>('GET', path, { signal });
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}

/** Created and gone again before it could be read: tried once more, then it is a conflict. */
const createsMax = 2;

async function ensureSecret(
  transport: ApiClient,
  secret: OwnedSecret,
  signal: AbortSignal,
): Promise<SecretData> {
  const path = objectPath(secrets, secret.namespace, secret.name);
  for (let creates = 1; ; creates++) {
    try {
      return await createSecret(transport, secret, signal);
    } catch (error) {
      if (!hasStatus(error, 409)) throw error;
      const existing = await readBody(transport, path, signal);
      if (existing !== undefined) return dataOfOurs(existing, secret);
      if (creates >= createsMax) throw error;
    }
  }
}

async function createSecret(
  transport: ApiClient,
  secret: OwnedSecret,
  signal: AbortSignal,
): Promise<SecretData> {
  const { namespace, name, type, data, owner, tenant } = secret;
  const collection = collectionPath(secrets, namespace);
  const labels = { [managedByLabel]: managedByUs, [tenantLabel]: tenant };
  const metadata = { name, namespace, labels, ...ownersOf(owner) };
  const body = { apiVersion: 'v1', kind: 'Secret', metadata, type, data: encode(data) };
  const query = { fieldManager: managedByUs };
  const created = await transport.request<SecretBody>('POST', collection, { query, body, signal });
  return decode(created);
}

function ownersOf(owner: Resource | undefined): object {
  if (owner === undefined) return {};
  const { apiVersion, kind, metadata } = owner;
  const { name, uid } = metadata;
  return { ownerReferences: [{ apiVersion, kind, name, uid, controller: true }] };
}

function dataOfOurs(existing: SecretBody, { namespace, name, tenant }: OwnedSecret): SecretData {
  const labels = existing.metadata?.labels ?? {};
  if (labels[managedByLabel] === managedByUs && labels[tenantLabel] === tenant) {
    return decode(existing);
  }
  throw terminal(
    `the Secret "${namespace}/${name}" exists and is not this tenant's: name another one, or delete it`,
    { reason: 'SecretNotOwned' },
  );
}

function encode(data: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(data);
  return Object.fromEntries(entries.map(([key, value]) => [key, toBase64(value)]));
}

function toBase64(value: string): string {
  return Buffer.from(value, 'utf8').toString('base64');
}

function decode({ data = {} }: SecretBody): SecretData {
  const entries = Object.entries(data);
  return Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, 'base64')]));
}

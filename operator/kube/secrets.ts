/**
 * Secrets: read when used, made once, changed key by key. Data of those that are watched (secret-watches.ts) are kept for
 * as long as the watch tells no newer version; all others are read from the API server each time.
 */
import type { OwnedSecret, SecretData } from '../core/cluster.ts';
import { terminal } from '../core/errors.ts';
import { group } from '../core/plan.ts';
import { type ObjectKey, objectKey, type Resource } from '../core/resource.ts';
import { classified, hasStatus } from './errors.ts';
import { collectionPath, type KindInfo, objectPath } from './paths.ts';
import type { SecretWatches } from './secret-watches.ts';
import { type ApiClient, mergePatch } from './transport.ts';

const managedByLabel = 'app.kubernetes.io/managed-by';
const managedByUs = 'm365-operator';
const tenantLabel = `${group}/tenant`;

export const secretInfo: KindInfo = { group: '', version: 'v1', kind: 'Secret', plural: 'secrets' };

interface SecretBody {
  readonly metadata?: {
    readonly resourceVersion?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly data?: Readonly<Record<string, string>>;
}

interface SecretsDeps {
  readonly transport: ApiClient;
  readonly watches: Pick<SecretWatches, 'version' | 'writing'>;
}

interface Kept {
  readonly version: string;
  readonly data: SecretData;
}

export class Secrets {
  readonly #deps: SecretsDeps;
  readonly #kept = new Map<ObjectKey, Kept>();

  constructor(deps: SecretsDeps) {
    this.#deps = deps;
  }

  /** Undefined where it does not exist. */
  async read(
    namespace: string,
    name: string,
    signal: AbortSignal,
  ): Promise<SecretData | undefined> {
    const key = objectKey(secretInfo.kind, namespace, name);
    const version = this.#deps.watches.version(key);
    const kept = this.#kept.get(key);
    if (kept !== undefined && kept.version === version) return kept.data;
    this.#kept.delete(key);
    const body = await classified('reading a Secret', () =>
      readBody(this.#deps.transport, objectPath(secretInfo, namespace, name), signal),
    );
    if (body === undefined) return undefined;
    const data = decode(body);
    const read = body.metadata?.resourceVersion;
    if (version !== undefined && read !== undefined) this.#kept.set(key, { version: read, data });
    return data;
  }

  ensure(secret: OwnedSecret, signal: AbortSignal): Promise<SecretData> {
    return classified('creating a Secret', () =>
      ensureSecret(this.#deps.transport, secret, signal),
    );
  }

  async patch(
    namespace: string,
    name: string,
    data: Readonly<Record<string, string | null>>,
    signal: AbortSignal,
  ): Promise<void> {
    const key = objectKey(secretInfo.kind, namespace, name);
    const path = objectPath(secretInfo, namespace, name);
    const write = async (): Promise<string | undefined> => {
      const written = await this.#deps.transport.request<SecretBody>('PATCH', path, {
        query: { fieldManager: managedByUs },
        body: { data: encode(data) },
        contentType: mergePatch,
        isRepeatable: true,
        signal,
      });
      return written.metadata?.resourceVersion;
    };
    try {
      await classified('changing a Secret', () => this.#deps.watches.writing(key, write));
    } finally {
      // Also where it failed: it may have been done.
      this.#kept.delete(key);
    }
  }
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
  const path = objectPath(secretInfo, secret.namespace, secret.name);
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
  const collection = collectionPath(secretInfo, namespace);
  const labels = managedLabels(tenant);
  const metadata = { name, namespace, labels, ...ownersOf(owner) };
  const body = { apiVersion: 'v1', kind: 'Secret', metadata, type, data: encode(data) };
  const query = { fieldManager: managedByUs };
  const created = await transport.request<SecretBody>('POST', collection, { query, body, signal });
  return decode(created);
}

/** Of every object that the operator writes beside its own kinds. */
export function managedLabels(tenant: string): Readonly<Record<string, string>> {
  return { [managedByLabel]: managedByUs, [tenantLabel]: tenant };
}

export function ownersOf(owner: Resource | undefined): object {
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

function encode(data: Readonly<Record<string, string | null>>): Record<string, string | null> {
  const entries = Object.entries(data);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, value === null ? null : toBase64(value)]),
  );
}

function toBase64(value: string): string {
  return Buffer.from(value, 'utf8').toString('base64');
}

function decode({ data = {} }: SecretBody): SecretData {
  const entries = Object.entries(data);
  return Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, 'base64')]));
}

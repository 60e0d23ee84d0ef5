/** The clients of every PartnerConnection: made once, made anew when its settings or Secrets change. */
import { createHash } from 'node:crypto';
import { keyOf, type ObjectKey } from '../core/resource.ts';
import { DirectoryClients, type DirectoryClientsOptions } from './directory-clients.ts';
import { endpointsOf, type Overrides } from './endpoints.ts';
import type { OutsideChange } from './graph/audit-port.ts';
import { Breaker } from './graph/breaker.ts';
import { ApplicationBudget } from './graph/budget.ts';
import { createGraph } from './graph/client.ts';
import { createDelegation } from './graph/delegation.ts';
import type { DirectoryView } from './graph/directory-view-port.ts';
import { FirstReads } from './graph/first-reads.ts';
import type { LoggedExchange } from './graph/middleware.ts';
import { Tenants } from './graph/tenants.ts';
import { createTransport } from './http.ts';
import { certificateExpiry, partnerCredentials } from './identity/credentials.ts';
import { Tokens } from './identity/tokens.ts';
import { PartnerCenterBudget } from './partner-center/budget.ts';
import { createPartnerCenter } from './partner-center/client.ts';
import type { ClientsFor, ClientsInput, ClientsOutput, ConnectionClients } from './port.ts';
import { type Retries, withRetries } from './retry.ts';

export interface ConnectionsOptions extends DirectoryClientsOptions {
  readonly overrides: Overrides;
  /** Undefined: nothing is repeated in place. */
  readonly retries?: Retries | undefined;
  /** Workload identity: the projected service account token. */
  readonly federatedTokenFile?: string | undefined;
  /** Milliseconds that never jump, for quotas. Default: `nowMs`. */
  readonly monotonicMs?: (() => number) | undefined;
  /** Processes that work with the same applications beside each other. Default: 1. */
  readonly shards?: number | undefined;
  /** Of each limited resource. Default: 500, as published. */
  readonly partnerCenterRequestsPerMinute?: number | undefined;
  readonly observeToken?: (isFromCache: boolean) => void;
  /** Told of every request to Graph that was not sent, because its quota is used up. */
  readonly observeRefused?: () => void;
  /** Every exchange with Graph, for the debug log. */
  readonly logGraph?:
    | ((exchange: LoggedExchange & { readonly tenantId: string }) => void)
    | undefined;
  /** Users of a tenant's directory that changed outside. */
  /** `isFirst`: the directory was read for the first time, and all its users are new to us. */
  readonly onDirectoryChange: (
    tenantId: string,
    userIds: ReadonlySet<string>,
    seen: { readonly view: DirectoryView; readonly isFirst: boolean },
  ) => void;
  /** By whom, minutes later. */
  readonly onOutsideChange: (tenantId: string, change: OutsideChange) => void;
}

interface Entry extends ClientsOutput {
  readonly fingerprint: string;
  /** As it was last given. */
  input: ClientsInput;
  readonly tokens: Tokens;
  readonly tenants: Tenants;
}

/** By all connections. */
interface Shared {
  readonly budgets: Budgets;
  readonly directories: DirectoryClients;
  readonly firstReads: FirstReads;
}

export function createConnections(options: ConnectionsOptions): {
  readonly clientsFor: ClientsFor;
  /** Of every tenant that was looked at: when its directory was last read. */
  readonly lastReads: () => readonly { readonly tenantId: string; readonly lastReadMs: number }[];
  /** The object is gone: what was opened for it, if it is a connection, is closed. */
  readonly forget: (key: ObjectKey) => Promise<void>;
  readonly close: () => Promise<void>;
} {
  const directories = new DirectoryClients(options);
  const entries = new Map<ObjectKey, Entry>();
  const shared = { budgets: new Budgets(options), directories, firstReads: new FirstReads() };
  return {
    clientsFor: (input) => {
      const key = keyOf(input.connection);
      const known = entries.get(key);
      // The same objects again: that is so for nearly every look.
      if (known !== undefined && isSame(known.input, input)) return known;
      directories.update(input);
      const fingerprint = fingerprintOf(input);
      if (known?.fingerprint === fingerprint) {
        known.tokens.offer(refreshTokenIn(input));
        known.input = input;
        return known;
      }
      const made = createClients(input, options, shared);
      const entry = { fingerprint, input, ...made };
      entries.set(key, entry);
      return entry;
    },
    lastReads: () => [...entries.values()].flatMap(({ tenants }) => tenants.lastReads()),
    forget: async (key) => {
      entries.delete(key);
      await directories.forget(key);
    },
    close: () => directories.close(),
  };
}

function refreshTokenIn({ connection, partnerSecret }: ClientsInput): string | undefined {
  return partnerCredentials(connection.spec.credentialsSecretRef.name, partnerSecret).refreshToken;
}

function isSame(a: ClientsInput, b: ClientsInput): boolean {
  return (
    a.connection === b.connection &&
    a.partnerSecret === b.partnerSecret &&
    a.directorySecret === b.directorySecret
  );
}

/**
 * The refresh token is left out: it rotates, and clients that know a tenant's directory are worth keeping. So is Active
 * Directory, whose client is a matter of its own.
 */
function fingerprintOf({ connection, partnerSecret }: ClientsInput): string {
  const hash = createHash('sha256');
  const { cloud, partnerTenantId, credentialsSecretRef } = connection.spec;
  const { uid } = connection.metadata;
  hash.update(JSON.stringify({ uid, cloud, partnerTenantId, credentialsSecretRef }));
  for (const [key, value] of Object.entries(partnerSecret).sort(([a], [b]) => a.localeCompare(b))) {
    if (key !== 'refreshToken') hash.update(`\0${key}\0`).update(value);
  }
  return hash.digest('hex');
}

function createClients(
  input: ClientsInput,
  options: ConnectionsOptions,
  { budgets, directories, firstReads }: Shared,
): Omit<Entry, 'fingerprint' | 'input'> {
  const { connection, partnerSecret, onRefreshToken } = input;
  const { spec } = connection;
  const credentials = partnerCredentials(spec.credentialsSecretRef.name, partnerSecret);
  const endpoints = endpointsOf(spec.cloud, options.overrides);
  const { nowMs, observe, mayWrite } = options;
  const { retries } = options;
  const plain = (system: string) => createTransport({ system, nowMs, observe, mayWrite });
  const transport = (system: string) =>
    retries === undefined ? plain(system) : withRetries(plain(system), retries);
  const tokens = new Tokens({
    loginUrl: endpoints.login,
    credentials,
    nowMs,
    federatedTokenFile: options.federatedTokenFile,
    transport: transport('Login'),
    onRefreshToken,
    ...(options.observeToken === undefined ? {} : { observe: options.observeToken }),
  });
  const graph = {
    url: endpoints.graph,
    resource: endpoints.graphResource,
    tokens,
    nowMs,
    retries,
    transport: plain('Graph'),
  };
  const budget = budgets.of(`${endpoints.graph} ${credentials.clientId}`);
  const tenants = new Tenants({
    ...options,
    ownAppId: credentials.clientId,
    firstReads,
    createGraph: (tenantId, users) => {
      const quota = budget.tenant(tenantId, users);
      const breaker = new Breaker(options.monotonicMs ?? nowMs);
      const log = logOf(options, tenantId);
      return createGraph({ ...graph, tenantId, budget: quota, breaker, log });
    },
  });
  const clients: ConnectionClients = {
    partnerCenter: createPartnerCenter({
      partnerTenantId: spec.partnerTenantId,
      url: endpoints.partnerCenter,
      resource: endpoints.partnerCenterResource,
      tokens,
      nowMs,
      transport: transport('PartnerCenter'),
      budget: budgets.partner(`${endpoints.partnerCenter} ${spec.partnerTenantId}`),
    }),
    delegation: createDelegation({
      ...graph,
      partnerTenantId: spec.partnerTenantId,
      log: logOf(options, spec.partnerTenantId),
    }),
    get activeDirectory() {
      return directories.of(keyOf(connection));
    },
    graph: (tenantId) => tenants.of(tenantId).graph,
    directory: (tenantId) => tenants.of(tenantId).directory,
    activity: (tenantId) => tenants.of(tenantId).activity,
    outsideChanges: (tenantId) => tenants.of(tenantId).outsideChanges,
  };
  return { clients, tokens, tenants, credentialsExpireOn: certificateExpiry(credentials) };
}

/** Of every application and partner tenant, however many connections use it: quotas outlive changes of credentials. */
class Budgets {
  readonly #options: ConnectionsOptions;
  readonly #partners = new Map<string, PartnerCenterBudget>();
  readonly #budgets = new Map<string, ApplicationBudget>();

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  of(application: string): ApplicationBudget {
    const { nowMs, monotonicMs = nowMs, observeRefused, shards } = this.#options;
    const known =
      this.#budgets.get(application) ??
      new ApplicationBudget({ nowMs: monotonicMs, shards, onRefused: () => observeRefused?.() });
    this.#budgets.set(application, known);
    return known;
  }

  partner(tenant: string): PartnerCenterBudget {
    const { nowMs, monotonicMs = nowMs, shards, partnerCenterRequestsPerMinute } = this.#options;
    const known =
      this.#partners.get(tenant) ??
      new PartnerCenterBudget({
        nowMs: monotonicMs,
        shards,
        requestsPerMinute: partnerCenterRequestsPerMinute,
      });
    this.#partners.set(tenant, known);
    return known;
  }
}

function logOf({ logGraph }: ConnectionsOptions, tenantId: string) {
  if (logGraph === undefined) return undefined;
  return (exchange: LoggedExchange): void => logGraph({ ...exchange, tenantId });
}

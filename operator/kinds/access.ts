/** From a resource to what it needs of others: its connection, its tenant, the clients to the outside. */
import type { ClientsFor, ClientsOutput, ConnectionClients } from '../clients/port.ts';
import type { Cluster, SecretData } from '../core/cluster.ts';
import { terminal, wait } from '../core/errors.ts';
import type { M365Tenant, PartnerConnection } from '../core/objects.ts';
import type { Lane } from '../core/ports.ts';
import type { ObjectKey, Resource } from '../core/resource.ts';
import type { MassChangeGuard } from './mass-change-guard.ts';
import type { SeatChanges } from './seat-changes.ts';

/** What every kind is given. */
export interface Deps {
  readonly cluster: Cluster;
  readonly clientsFor: ClientsFor;
  /** Puts a key into its queue: for what no watch on Kubernetes tells. */
  readonly wake: (key: ObjectKey, lane: Lane, delayMs?: number) => void;
  /** False: another shard works on the object. */
  readonly isOurs: (resource: Resource) => boolean;
  readonly nowMs: () => number;
  /** Random bytes, for passwords and request ids. */
  readonly randomBytes: (count: number) => Uint8Array;
  readonly uuid: () => string;
  readonly massChanges: Pick<MassChangeGuard, 'holdOf' | 'noteDone' | 'countsOf' | 'windowOf'>;
  readonly seatChanges: Pick<SeatChanges, 'read' | 'newestOf'>;
  /** How often a tenant's directory is asked for changes. */
  readonly pollMs: number;
}

/** Clients of a connection, with its Secrets as they are now. Wait `SecretNotFound`, Terminal `SecretKeyMissing`. */
export async function clientsOf(
  deps: Pick<Deps, 'cluster' | 'clientsFor' | 'isOurs'>,
  connection: PartnerConnection,
  signal: AbortSignal,
): Promise<ClientsOutput> {
  const { namespace } = connection.metadata;
  const { credentialsSecretRef, activeDirectory } = connection.spec;
  const partnerSecret = await requireSecret(
    deps.cluster,
    namespace,
    credentialsSecretRef.name,
    signal,
  );
  const directorySecret =
    activeDirectory === undefined
      ? undefined
      : await requireSecret(
          deps.cluster,
          namespace,
          activeDirectory.credentialsSecretRef.name,
          signal,
        );
  return deps.clientsFor({
    connection,
    partnerSecret,
    directorySecret,
    onRefreshToken: async (refreshToken) => {
      // Tokens that were rotated before stay good. Were every shard to store its own, each would unsettle the others.
      if (!deps.isOurs(connection)) return;
      // The clients outlive the look that made them, and so its signal.
      await deps.cluster.patchSecret(
        namespace,
        credentialsSecretRef.name,
        { refreshToken },
        AbortSignal.timeout(storeDeadlineMs),
      );
    },
  });
}

/** A rotated refresh token is stored within this, or the call that brought it fails. */
const storeDeadlineMs = 30_000;

async function requireSecret(
  cluster: Cluster,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<SecretData> {
  const data = await cluster.readSecret(namespace, name, signal);
  if (data !== undefined) return data;
  throw wait(`Secret "${name}" does not exist in namespace "${namespace}"`, {
    reason: 'SecretNotFound',
    delayMs: 15_000,
  });
}

export function connectionKeyOf(tenant: M365Tenant): ObjectKey {
  const { name, namespace } = tenant.spec.connectionRef;
  return `PartnerConnection/${namespace ?? tenant.metadata.namespace}/${name}`;
}

/**
 * The connection of a tenant, where it exists, allows the tenant's namespace and is Ready. Missing and not allowed
 * are told apart to nobody: a namespace must not learn what others hold. `child`: the object that is looked at, which a
 * suspended connection serves only to its end.
 */
export function connectionOf(
  cluster: Cluster,
  tenant: M365Tenant,
  child: Resource = tenant,
  needs: 'All' | 'Cloud' = 'All',
): PartnerConnection {
  const { name } = tenant.spec.connectionRef;
  const namespace = tenant.spec.connectionRef.namespace ?? tenant.metadata.namespace;
  const connection = cluster.get<PartnerConnection>('PartnerConnection', namespace, name);
  if (connection === undefined || !isAllowed(cluster, connection, tenant.metadata.namespace)) {
    throw wait(
      `PartnerConnection "${namespace}/${name}" does not exist or does not allow this namespace (spec.allowedNamespaces)`,
      { reason: 'ConnectionNotFound' },
    );
  }
  if (connection.spec.suspend === true && child.metadata.deletionTimestamp === undefined) {
    throw wait(`PartnerConnection "${namespace}/${name}" is suspended`, {
      reason: 'ConnectionSuspended',
    });
  }
  if (serves(connection, tenant, needs)) return connection;
  throw wait(`PartnerConnection "${namespace}/${name}" is not Ready`, {
    reason: 'ConnectionNotReady',
  });
}

/** While Active Directory is out of reach, what is of Entra only goes on. */
function serves(
  connection: PartnerConnection,
  { spec }: M365Tenant,
  needs: 'All' | 'Cloud',
): boolean {
  const isOfCloud = needs === 'Cloud' || spec.identity?.activeDirectory !== 'Managed';
  return isUsable(connection, 'Ready') || (isOfCloud && lacksOnlyDirectory(connection));
}

function lacksOnlyDirectory(connection: PartnerConnection): boolean {
  const needed = ['CredentialsReady', 'AppAccess', 'UserAccess'];
  return (
    shows(connection, 'DirectoryReady', 'False') && needed.every((type) => isTrue(connection, type))
  );
}

function isAllowed(cluster: Cluster, connection: PartnerConnection, namespace: string): boolean {
  const { from, selector } = connection.spec.allowedNamespaces;
  if (from === 'All' || connection.metadata.namespace === namespace) return true;
  if (from === 'Same') return false;
  const labels = cluster.namespaceLabels(namespace) ?? {};
  return Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
}

export interface TenantAccess {
  readonly tenant: M365Tenant;
  readonly tenantId: string;
  readonly connection: PartnerConnection;
  readonly clients: ConnectionClients;
}

/**
 * The tenant of a user or pool, where the operator can work in it already. Wait errors say what is missing. `needs`:
 * `Cloud` works also where the connection lacks nothing but its Active Directory.
 */
export async function tenantAccess(
  deps: Deps,
  resource: Resource<{ readonly tenantRef: { readonly name: string } }>,
  signal: AbortSignal,
  needs: 'All' | 'Cloud' = 'All',
): Promise<TenantAccess> {
  const { name } = resource.spec.tenantRef;
  const tenant = deps.cluster.get<M365Tenant>('M365Tenant', resource.metadata.namespace, name);
  if (tenant === undefined) {
    throw wait(`M365Tenant "${name}" does not exist in this namespace`, {
      reason: 'TenantNotFound',
    });
  }
  const isDeleted = resource.metadata.deletionTimestamp !== undefined;
  if (tenant.spec.suspend === true && !isDeleted) {
    throw wait(`M365Tenant "${name}" is suspended`, { reason: 'TenantSuspended' });
  }
  const tenantId = tenant.status?.tenantId;
  if (tenantId === undefined || !isUsable(tenant, 'AccessReady')) {
    throw wait(`M365Tenant "${name}" cannot be worked in yet: see its status`, {
      reason: 'WaitingForTenant',
      isOfParent: true,
    });
  }
  const connection = connectionOf(deps.cluster, tenant, resource, needs);
  const { clients } = await clientsOf(deps, connection, signal);
  return { tenant, tenantId, connection, clients };
}

/** Terminal where another, older object claims the same outside thing. */
export function refuseSecondClaim(
  resource: Resource,
  others: readonly Resource[],
  what: string,
): void {
  const older = others.find((other) => isOlder(other, resource));
  if (older === undefined) return;
  throw terminal(`${what} is managed already by an older ${older.kind}`, {
    reason: 'AlreadyManaged',
  });
}

/** Which of two objects that claim the same came first. */
export function isOlder(one: Resource, other: Resource): boolean {
  return one.metadata.uid !== other.metadata.uid && ageOf(one) < ageOf(other);
}

function ageOf({ metadata }: Resource): string {
  return `${metadata.creationTimestamp}${metadata.uid}`;
}

/** A parent that is being deleted waits for its children: it serves them to their end, whatever it shows meanwhile. */
function isUsable(parent: Resource, type: string): boolean {
  return parent.metadata.deletionTimestamp !== undefined || isTrue(parent, type);
}

export function isTrue(resource: Resource, type: string): boolean {
  return shows(resource, type, 'True');
}

function shows(resource: Resource, type: string, wanted: 'True' | 'False'): boolean {
  const status = resource.status as
    | { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
    | undefined;
  return status?.conditions?.some((c) => c.type === type && c.status === wanted) === true;
}

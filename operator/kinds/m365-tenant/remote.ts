/** What is looked at for an M365Tenant. What changes rarely is read once an hour; between, only what changed. */
import { marketsOf } from '../../api/regions.ts';
import type { Relationship } from '../../clients/graph/port.ts';
import type { Customer } from '../../clients/partner-center/port.ts';
import type { ConnectionClients } from '../../clients/port.ts';
import { toOperatorError } from '../../core/errors.ts';
import type { LicensePool, M365Tenant, M365User, PartnerConnection } from '../../core/objects.ts';
import { keyOf } from '../../core/resource.ts';
import {
  clientsOf,
  connectionKeyOf,
  connectionOf,
  type Deps,
  isTrue,
  refuseSecondClaim,
} from '../access.ts';
import { NightlyLooks } from '../schedule.ts';
import { addressProblem } from './address.ts';
import type { Access, ObservedTenant, Precheck } from './observed.ts';
import { missingPermissions, setupRoleIds } from './permissions.ts';
import { claimedDomains, readDirectory, readTenant } from './remote-domains.ts';
import { readGroups } from './remote-groups.ts';
import { settledCommerce } from './settled.ts';

/** Agreement, permissions, domains and the like are read again after this long, on an edit and on request. */
const slowFactsMaxAgeMs = 60 * 60_000;

type SlowFacts = Omit<
  ObservedTenant,
  'directory' | 'managedUsers' | 'managedPools' | 'massChanges' | 'pollMs'
>;

interface Remembered {
  readonly facts: SlowFacts;
  readonly generation: number;
  readonly atMs: number;
}

export interface TenantContext {
  readonly connection: PartnerConnection;
  readonly clients: ConnectionClients;
}

export class TenantRemote {
  readonly #deps: Deps;
  readonly #remembered = new Map<string, Remembered>();
  /** Where the last poll of Active Directory ended, by the tenant's UID. */
  readonly #cookies = new Map<string, string>();
  readonly #nightly = new NightlyLooks();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async context(tenant: M365Tenant, signal: AbortSignal): Promise<TenantContext> {
    const connection = connectionOf(this.#deps.cluster, tenant);
    const { clients } = await clientsOf(this.#deps, connection, signal);
    return { connection, clients };
  }

  async observe(tenant: M365Tenant, signal: AbortSignal): Promise<ObservedTenant> {
    const key = keyOf(tenant);
    const counts = {
      pollMs: this.#deps.pollMs,
      managedUsers: this.#deps.cluster.referencing<M365User>(key, 'M365User').length,
      managedPools: this.#deps.cluster.referencing<LicensePool>(key, 'LicensePool').length,
      massChanges: this.#deps.massChanges.countsOf(tenant),
    };
    if (tenant.metadata.deletionTimestamp !== undefined) {
      this.forget(tenant);
      this.#nightly.forget(tenant.metadata.uid);
      return { ...counts, partnerTenantId: '', customer: undefined };
    }
    const context = await this.context(tenant, signal);
    this.#announce(tenant);
    const { uid } = tenant.metadata;
    const isNightly = this.#nightly.isDue(uid, context.connection, this.#deps.nowMs());
    const isFullLook = isNightly || !isRequestHandled(tenant);
    if (isFullLook) this.forget(tenant);
    const facts =
      this.#recall(tenant) ??
      (await this.#readSlowFacts(tenant, { ...context, isFullLook }, signal));
    const observed = { ...counts, ...facts };
    if (facts.organization === undefined) return observed;
    const view = context.clients.directory(facts.customer?.id ?? '');
    if (isFullLook) view.invalidate();
    await view.refresh(signal);
    await context.clients.outsideChanges(facts.customer?.id ?? '').read(signal);
    await this.#pollActiveDirectory(tenant, context.clients, signal);
    if (isNightly) this.#endNightly(tenant, context.connection);
    const people = this.#deps.cluster.referencing<M365User>(key, 'M365User');
    return {
      ...observed,
      directory: readDirectory(tenant, view, facts),
      groups: readGroups(tenant, view, people),
    };
  }

  /** The connection counts its tenants. */
  #announce(tenant: M365Tenant): void {
    if (isNew(tenant)) this.#deps.wake(connectionKeyOf(tenant), 'dependant');
  }

  #endNightly(tenant: M365Tenant, connection: PartnerConnection): void {
    this.#nightly.done(tenant.metadata.uid, connection, this.#deps.nowMs());
    for (const pool of this.#deps.cluster.referencing(keyOf(tenant), 'LicensePool'))
      this.#deps.wake(keyOf(pool), 'resync');
  }

  /** Forgets what was read: after each action, and when a person asks for a look now. */
  forget(tenant: M365Tenant): void {
    this.#remembered.delete(tenant.metadata.uid);
  }

  #recall(tenant: M365Tenant): SlowFacts | undefined {
    const remembered = this.#remembered.get(tenant.metadata.uid);
    const isFresh =
      remembered !== undefined &&
      remembered.generation === tenant.metadata.generation &&
      this.#deps.nowMs() - remembered.atMs < slowFactsMaxAgeMs &&
      isTrue(tenant, 'Ready');
    return isFresh ? remembered.facts : undefined;
  }

  async #readSlowFacts(
    tenant: M365Tenant,
    { connection, clients, isFullLook }: TenantContext & { readonly isFullLook: boolean },
    signal: AbortSignal,
  ): Promise<SlowFacts> {
    const { partnerTenantId } = connection.spec;
    const settled = isFullLook ? undefined : settledCommerce(tenant);
    const customer = settled?.customer ?? (await findCustomer(tenant, clients, signal));
    if (customer === undefined) {
      const precheck = await readPrecheck(tenant, connection, clients, signal);
      return { partnerTenantId, customer, precheck };
    }
    this.#refuseSecondClaim(tenant, customer.id);
    const facts = {
      partnerTenantId,
      customer,
      ...(settled ?? (await readCommerce(tenant, clients, customer.id, signal))),
      ...(await readAccess(tenant, { connection, clients }, customer.id, signal)),
      claimedDomains: claimedDomains(tenant, this.#deps.cluster),
      customersOU: connection.spec.activeDirectory?.customersOU,
    };
    const { generation, uid } = tenant.metadata;
    this.#remembered.set(uid, { facts, generation, atMs: this.#deps.nowMs() });
    return facts;
  }

  #refuseSecondClaim(tenant: M365Tenant, tenantId: string): void {
    const others = this.#deps.cluster
      .list<M365Tenant>('M365Tenant')
      .filter((other) => other.status?.tenantId === tenantId);
    refuseSecondClaim(tenant, others, 'the tenant');
  }

  /** What changed in Active Directory since the last poll. */
  async #pollActiveDirectory(
    tenant: M365Tenant,
    { activeDirectory }: ConnectionClients,
    signal: AbortSignal,
  ): Promise<void> {
    const { organizationalUnit } = tenant.status ?? {};
    if (activeDirectory === undefined || organizationalUnit === undefined) return;
    const { uid } = tenant.metadata;
    const known = this.#cookies.get(uid);
    const changes = await activeDirectory.changedAccounts(organizationalUnit, known, signal);
    this.#cookies.set(uid, changes.cookie);
    if (known === undefined) return;
    const changed = new Set([
      ...changes.accounts.map((account) => account.objectGuid),
      ...changes.deletedGuids,
    ]);
    if (changed.size === 0) return;
    for (const user of this.#deps.cluster.referencing<M365User>(keyOf(tenant), 'M365User')) {
      const guid = user.status?.objectGuid;
      if (guid !== undefined && changed.has(guid)) this.#deps.wake(keyOf(user), 'dependant');
    }
  }
}

function isNew({ status }: M365Tenant): boolean {
  return (status?.observedGeneration ?? -1) === -1;
}

function isRequestHandled(tenant: M365Tenant): boolean {
  const requested = tenant.metadata.annotations?.['m365-operator.io/reconcile-requested-at'];
  return requested === undefined || requested === tenant.status?.lastHandledReconcileAt;
}

export function adminSecretName(tenant: M365Tenant): string {
  return `${tenant.metadata.name}-admin`;
}

export function initialDomainOf(domainPrefix: string): string {
  return `${domainPrefix}.onmicrosoft.com`;
}

/**
 * By the id that status holds, else as `connect` names it. A customer whose creation was not answered is not looked
 * for here: `CreateCustomer` does that before it repeats.
 */
async function findCustomer(
  tenant: M365Tenant,
  { partnerCenter, delegation }: ConnectionClients,
  signal: AbortSignal,
): Promise<Customer | undefined> {
  const { connect } = tenant.spec;
  const tenantId = tenant.status?.tenantId ?? connect?.tenantId;
  if (tenantId !== undefined) return partnerCenter.getCustomer(tenantId, signal);
  if (connect?.domain === undefined) return undefined;
  const listed = await partnerCenter.findCustomerByDomain(connect.domain, signal);
  if (listed !== undefined) return listed;
  const found = await delegation.findTenantByDomain(connect.domain, signal);
  return found === undefined ? undefined : partnerCenter.getCustomer(found, signal);
}

async function readCommerce(
  tenant: M365Tenant,
  { partnerCenter }: ConnectionClients,
  customerId: string,
  signal: AbortSignal,
): Promise<Partial<SlowFacts>> {
  if (tenant.spec.create === undefined) return {};
  return {
    agreement: await partnerCenter.getAgreement(customerId, signal),
    accountStatus: await partnerCenter.getAccountStatus(customerId, signal),
  };
}

async function readPrecheck(
  tenant: M365Tenant,
  connection: PartnerConnection,
  { partnerCenter }: ConnectionClients,
  signal: AbortSignal,
): Promise<Precheck | undefined> {
  const { create } = tenant.spec;
  if (create === undefined || tenant.status?.intent !== undefined) return undefined;
  const markets = connection.spec.markets ?? marketsOf(connection.spec.region);
  const isCountrySold = markets.includes(create.country);
  if (!isCountrySold) {
    return { isCountrySold, isDomainTaken: false, addressProblem: undefined, address: undefined };
  }
  const rules = await partnerCenter.getCountryRules(create.country, signal);
  const problem = addressProblem(create, rules);
  const { phone } = create.contact;
  return {
    isCountrySold,
    isDomainTaken: await partnerCenter.isDomainTaken(initialDomainOf(create.domainPrefix), signal),
    addressProblem: problem,
    address:
      problem === undefined
        ? await partnerCenter.checkAddress(
            { country: create.country, phone, ...create.address },
            signal,
          )
        : undefined,
  };
}

async function readAccess(
  tenant: M365Tenant,
  context: TenantContext,
  tenantId: string,
  signal: AbortSignal,
): Promise<Partial<SlowFacts>> {
  const { clients } = context;
  const granted = await readPermissions(tenant, clients, tenantId, signal);
  const missing = missingPermissions(granted.permissions);
  const isSettled = missing.length === 0 && isTrue(tenant, 'AccessReady');
  const way = isSettled ? noWay : await readWayIn(context, tenantId, signal);
  const access: Access = { ...granted, missing, ...way };
  const approvalUrl =
    way.relationship?.status === 'approvalPending' ? approvalLink(way.relationship.id) : undefined;
  if (missing.length > 0) return { access, approvalUrl };
  return { access, ...(await readTenant(tenant, clients, tenantId, signal)) };
}

/** Waiting reasons of login are facts here: how far the tenant is. */
async function readPermissions(
  tenant: M365Tenant,
  clients: ConnectionClients,
  tenantId: string,
  signal: AbortSignal,
): Promise<{
  isTenantKnown: boolean;
  hasServicePrincipal: boolean;
  permissions: readonly string[];
}> {
  try {
    const fresh = !isTrue(tenant, 'AccessReady');
    const permissions = await clients.graph(tenantId).permissions({ fresh }, signal);
    return { isTenantKnown: true, hasServicePrincipal: true, permissions };
  } catch (error) {
    signal.throwIfAborted();
    const { reason } = toOperatorError(error);
    const isTenantKnown = reason !== 'TenantNotReady';
    if (isTenantKnown && reason !== 'ConsentMissing') throw error;
    return { isTenantKnown, hasServicePrincipal: false, permissions: [] };
  }
}

type WayIn = Pick<Access, 'relationship' | 'assignment' | 'securityGroupId'>;

const noWay: WayIn = { relationship: undefined, assignment: undefined, securityGroupId: undefined };

async function readWayIn(
  { connection, clients }: TenantContext,
  tenantId: string,
  signal: AbortSignal,
): Promise<WayIn> {
  const relationships = await clients.delegation.listRelationships(tenantId, signal);
  const relationship = bestRelationship(relationships);
  if (relationship === undefined) return noWay;
  const securityGroupId =
    connection.spec.delegatedAccess?.securityGroupId ?? (await findGroup(clients, signal));
  const assignment = relationship.accessAssignments.find(
    (item) => item.securityGroupId === securityGroupId && holdsSetupRoles(item.roleIds),
  );
  return {
    relationship: { id: relationship.id, status: relationship.status },
    assignment,
    securityGroupId,
  };
}

const statusOrder = ['active', 'activating', 'approved', 'approvalPending', 'created'];

function bestRelationship(relationships: readonly Relationship[]): Relationship | undefined {
  return relationships
    .filter(({ status, roleIds }) => statusOrder.includes(status) && holdsSetupRoles(roleIds))
    .sort(
      (a, b) =>
        statusOrder.indexOf(a.status) - statusOrder.indexOf(b.status) || a.id.localeCompare(b.id),
    )[0];
}

function holdsSetupRoles(roleIds: readonly string[]): boolean {
  return setupRoleIds.every((id) => roleIds.includes(id));
}

/** Groups with a meaning at Partner Center come last: a group of its own keeps the roles to those who need them. */
const agentGroups = ['AdminAgents', 'HelpdeskAgents', 'SalesAgents'];

async function findGroup(
  clients: ConnectionClients,
  signal: AbortSignal,
): Promise<string | undefined> {
  const groups = await serviceUserGroups(clients, signal);
  return [...groups].sort(
    (a, b) =>
      agentGroups.indexOf(a.displayName) - agentGroups.indexOf(b.displayName) ||
      a.id.localeCompare(b.id),
  )[0]?.id;
}

/** None where the service user may not read them: then the connection has to name the group, and the step says so. */
async function serviceUserGroups(
  { delegation }: ConnectionClients,
  signal: AbortSignal,
): ReturnType<ConnectionClients['delegation']['listServiceUserGroups']> {
  try {
    return await delegation.listServiceUserGroups(signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!['PermissionDenied', 'ConsentMissing'].includes(toOperatorError(error).reason))
      throw error;
    return [];
  }
}

function approvalLink(relationshipId: string): string {
  return `https://admin.microsoft.com/AdminPortal/Home#/partners/invitation/granularAdminRelationships/${relationshipId}`;
}

/** How far the operator is on its way into a tenant: permissions, relationship, assignment (partner-center.md 11.1). */
import type { Relationship } from '../../clients/graph/delegation-port.ts';
import type { Graph, Organization } from '../../clients/graph/port.ts';
import type { ConnectionClients } from '../../clients/port.ts';
import { toOperatorError, wait } from '../../core/errors.ts';
import type { M365Tenant, PartnerConnection } from '../../core/objects.ts';
import { missingPermissions, optionalPermissions } from '../../core/permissions.ts';
import { isTrue } from '../access.ts';
import type { Access, ObservedTenant } from './observed.ts';
import { setupRoleIds } from './permissions.ts';
import { readDomains } from './remote-domains.ts';

export interface TenantContext {
  readonly connection: PartnerConnection;
  readonly clients: ConnectionClients;
}

interface AccessContext extends TenantContext {
  /** Nothing that was kept is believed, the token included, which keeps its claims after a consent. */
  readonly isFullLook: boolean;
  /** Was read a moment ago. */
  readonly organization: Organization | undefined;
}

export async function readAccess(
  tenant: M365Tenant,
  context: AccessContext,
  tenantId: string,
  signal: AbortSignal,
): Promise<Partial<ObservedTenant>> {
  const { clients } = context;
  const fresh = context.isFullLook || !isTrue(tenant, 'AccessReady');
  const granted = await readPermissions(clients, tenantId, fresh, signal);
  const missing = missingPermissions(granted.permissions);
  const missingOptional = missingPermissions(granted.permissions, optionalPermissions);
  const isSettled = missing.length === 0 && isTrue(tenant, 'AccessReady');
  const way = isSettled ? noWay : await readWayIn(context, tenantId, signal);
  const access: Access = { ...granted, missing, missingOptional, ...way };
  const approvalUrl =
    way.relationship?.status === 'approvalPending' ? approvalLink(way.relationship.id) : undefined;
  if (missing.length > 0) return { access, approvalUrl };
  const graph = clients.graph(tenantId);
  const organization = context.organization ?? (await graph.getOrganization(signal));
  return { access, organization, ...(await readDomains(tenant, graph, signal)) };
}

/** Waiting reasons of login are facts here: how far the tenant is. */
async function readPermissions(
  clients: ConnectionClients,
  tenantId: string,
  fresh: boolean,
  signal: AbortSignal,
): Promise<{
  isTenantKnown: boolean;
  hasServicePrincipal: boolean;
  permissions: readonly string[];
}> {
  try {
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

/** One request. Throws login's refusal, and Wait `ConsentWithdrawn` where the application has no permission left. */
export async function requireConsent(graph: Graph, signal: AbortSignal): Promise<void> {
  const granted = await graph.permissions({ fresh: true }, signal);
  if (granted.length > 0) return;
  throw wait(
    "the tenant's administrator has taken all permissions from the application: they are not taken back; consent again, or annotate the tenant with m365-operator.io/reconcile-requested-at",
    { reason: 'ConsentWithdrawn' },
  );
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

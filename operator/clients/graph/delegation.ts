/** How the operator enters a customer tenant: Graph as the provider (partner-center.md 11.1). */
import * as z from 'zod';
import { terminal, wait } from '../../core/errors.ts';
import { parseJson } from '../http.ts';
import { claimsOf, type Tokens } from '../identity/tokens.ts';
import { parseValue, written } from './answers.ts';
import { GraphConnection, type GraphConnectionOptions } from './connection.ts';
import type { AccessAssignment, Delegation } from './delegation-port.ts';
import type * as port from './port.ts';
import * as wire from './wire.ts';

export interface DelegationOptions extends Omit<GraphConnectionOptions, 'token' | 'forgetToken'> {
  readonly partnerTenantId: string;
  readonly resource: string;
  readonly tokens: Tokens;
}

const graphAppId = '00000003-0000-0000-c000-000000000000';
const relationships = '/tenantRelationships/delegatedAdminRelationships';
/** Ended ones stay in the list for a while. */
const goneStatuses = new Set(['deleting', 'deleted']);

const ServicePrincipal = z.object({
  id: z.string(),
  appRoles: z.array(z.object({ id: z.string(), value: z.string().nullish() })).nullish(),
});

export function createDelegation(options: DelegationOptions): Delegation {
  const { partnerTenantId, tokens, resource } = options;
  const asApp = new GraphConnection({
    ...options,
    token: (signal) => tokens.app(partnerTenantId, resource, signal),
    forgetToken: () => tokens.forget(partnerTenantId),
  });
  const asUser = (tenantId: string): GraphConnection =>
    new GraphConnection({
      ...options,
      token: (signal) => tokens.user(tenantId, `${resource}/.default`, signal),
      forgetToken: () => tokens.forget(tenantId),
    });
  return {
    ...relationshipsOf(asApp),
    ...accessOf(asApp),
    async listServiceUserGroups(signal) {
      const userId = claimsOf(
        await tokens.user(partnerTenantId, `${resource}/.default`, signal),
      ).oid;
      if (userId === undefined) return [];
      const { items } = await asUser(partnerTenantId).list(
        { path: `/users/${userId}/memberOf`, operation: 'ListMemberOf' },
        z.object({
          '@odata.type': z.string().optional(),
          id: z.string(),
          displayName: z.string().nullish(),
          securityEnabled: z.boolean().nullish(),
        }),
        signal,
      );
      return items
        .filter(
          (item) => item['@odata.type'] === undefined || item['@odata.type'].endsWith('.group'),
        )
        .filter((item) => item.securityEnabled !== false)
        .map((item) => ({ id: item.id, displayName: item.displayName ?? '' }));
    },
    async grantPermissions(customerId, permissions, signal) {
      return grant(asUser(customerId), tokens.clientId, permissions, signal);
    },
  };
}

function relationshipsOf(
  connection: GraphConnection,
): Pick<Delegation, 'listRelationships' | 'requestRelationship' | 'findTenantByDomain'> {
  return {
    async listRelationships(customerId, signal) {
      const ours = await listOfCustomer(connection, customerId, signal);
      return Promise.all(
        ours.map(async (relationship) => ({
          ...relationship,
          accessAssignments: await listAccess(connection, relationship, signal),
        })),
      );
    },
    async requestRelationship(request, signal) {
      const relationship =
        (await findUnfinished(connection, request, signal)) ??
        (await createRelationship(connection, request, signal));
      const response = await connection.send(
        {
          method: 'POST',
          path: `${relationships}/${relationship.id}/requests`,
          operation: 'LockRelationship',
          body: { action: 'lockForApproval' },
        },
        signal,
      );
      return {
        ...relationship,
        status: 'approvalPending',
        accessAssignments: [],
        ...written(response),
      };
    },
    async findTenantByDomain(domain, signal) {
      const found = await connection.find(
        {
          path: `/tenantRelationships/findTenantInformationByDomainName(domainName='${encodeURIComponent(domain)}')`,
          operation: 'FindTenant',
        },
        z.object({ tenantId: z.string() }),
        signal,
      );
      return found?.tenantId;
    },
  };
}

type RelationshipRequest = Parameters<Delegation['requestRelationship']>[0];
type Created = z.output<typeof wire.WireRelationship>;

/** Made by an attempt that ended before it was locked for approval; its name is taken for good. */
async function findUnfinished(
  connection: GraphConnection,
  { customerId, displayName }: RelationshipRequest,
  signal: AbortSignal,
): Promise<Created | undefined> {
  const items = await listOfCustomer(connection, customerId, signal);
  return items.find((item) => item.displayName === displayName && item.status === 'created');
}

async function createRelationship(
  connection: GraphConnection,
  request: RelationshipRequest,
  signal: AbortSignal,
): Promise<Created> {
  const response = await connection.send(
    {
      method: 'POST',
      path: relationships,
      operation: 'CreateRelationship',
      body: {
        displayName: request.displayName,
        duration: 'P730D',
        customer: { tenantId: request.customerId },
        accessDetails: { unifiedRoles: request.roleIds.map((id) => ({ roleDefinitionId: id })) },
      },
    },
    signal,
  );
  return parseValue(wire.WireRelationship, parseJson(response.text), 'CreateRelationship');
}

async function listOfCustomer(
  connection: GraphConnection,
  customerId: string,
  signal: AbortSignal,
): Promise<readonly Created[]> {
  const filter = encodeURIComponent(`customer/tenantId eq '${customerId}'`);
  const { items } = await connection.list(
    { path: `${relationships}?$filter=${filter}`, operation: 'ListRelationships' },
    wire.WireRelationship,
    signal,
  );
  return items.filter((item) => item.customerId === customerId);
}

async function listAccess(
  connection: GraphConnection,
  relationship: { readonly id: string; readonly status: string },
  signal: AbortSignal,
): Promise<readonly AccessAssignment[]> {
  if (relationship.status !== 'active') return [];
  const { items } = await connection.list(
    {
      path: `${relationships}/${relationship.id}/accessAssignments`,
      operation: 'ListAccessAssignments',
    },
    wire.WireAccessAssignment,
    signal,
  );
  return items.filter((item) => !goneStatuses.has(item.status));
}

function accessOf(connection: GraphConnection): Pick<Delegation, 'assignAccess' | 'removeAccess'> {
  return {
    async assignAccess(relationshipId, access, signal) {
      const response = await connection.send(
        {
          method: 'POST',
          path: `${relationships}/${relationshipId}/accessAssignments`,
          operation: 'CreateAccessAssignment',
          body: {
            accessContainer: {
              accessContainerId: access.securityGroupId,
              accessContainerType: 'securityGroup',
            },
            accessDetails: { unifiedRoles: access.roleIds.map((id) => ({ roleDefinitionId: id })) },
          },
        },
        signal,
        (failure) => failure.status === 409,
      );
      return written(response);
    },
    async removeAccess(relationshipId, accessAssignmentId, signal) {
      const path = `${relationships}/${relationshipId}/accessAssignments/${accessAssignmentId}`;
      const found = await connection.find(
        { path, operation: 'GetAccessAssignment' },
        wire.WireAccessAssignment,
        signal,
      );
      if (found === undefined || goneStatuses.has(found.status)) return {};
      const response = await connection.send(
        {
          method: 'DELETE',
          path,
          operation: 'DeleteAccessAssignment',
          headers: { 'if-match': found.etag ?? '*' },
        },
        signal,
        (failure) => failure.status === 404,
      );
      return written(response);
    },
  };
}

/** Step 5 of partner-center.md 11.1: application permissions for our own service principal in the customer tenant. */
async function grant(
  connection: GraphConnection,
  clientId: string,
  permissions: readonly string[],
  signal: AbortSignal,
): Promise<port.Written> {
  const graph = await findServicePrincipal(connection, graphAppId, signal);
  const ours = await findServicePrincipal(connection, clientId, signal);
  if (graph === undefined || ours === undefined) {
    throw wait('the application has not arrived in the tenant yet', {
      reason: 'ServicePrincipalMissing',
      delayMs: 5_000,
    });
  }
  let last: port.Written = {};
  for (const permission of permissions) {
    const appRoleId = graph.appRoles?.find((role) => role.value === permission)?.id;
    if (appRoleId === undefined) {
      throw terminal(`Microsoft Graph has no application permission "${permission}"`, {
        reason: 'PermissionUnknown',
      });
    }
    const response = await connection.send(
      {
        method: 'POST',
        path: `/servicePrincipals/${ours.id}/appRoleAssignments`,
        operation: 'GrantPermission',
        body: { principalId: ours.id, resourceId: graph.id, appRoleId },
      },
      signal,
      (failure) => /already exist/i.test(failure.text) || failure.status === 409,
    );
    last = written(response);
  }
  return last;
}

async function findServicePrincipal(
  connection: GraphConnection,
  appId: string,
  signal: AbortSignal,
): Promise<z.infer<typeof ServicePrincipal> | undefined> {
  const filter = encodeURIComponent(`appId eq '${appId}'`);
  const { items } = await connection.list(
    { path: `/servicePrincipals?$filter=${filter}`, operation: 'FindServicePrincipal' },
    ServicePrincipal,
    signal,
  );
  return items[0];
}

/** Service principals, application permissions, delegated grants (graph.md 1.4; partner-center.md 11.1). */
import { recordAudit } from '../directory/audit.ts';
import { grantPermission } from '../directory/consent.ts';
import {
  addServicePrincipal,
  findServicePrincipal,
  isKnownApplication,
} from '../directory/create.ts';
import type { AppRoleAssignment, Properties, ServicePrincipal } from '../directory/directory.ts';
import { GRAPH_APP_ID, graphAppRoles } from '../directory/well-known.ts';
import type { ApiResponse } from '../world.ts';
import { type Call, type Handlers, NO_CONTENT, parameter } from './call.ts';
import { badRequest, GraphError, notFound } from './errors.ts';
import { equalityFilters, type FilterRules } from './filter-rules.ts';
import { list, single } from './query.ts';

export const SERVICE_PRINCIPAL_HANDLERS: Handlers = {
  'GET /servicePrincipals': listPrincipals,
  'POST /servicePrincipals': create,
  'GET /servicePrincipals/{servicePrincipal-id}': getPrincipal,
  'GET /servicePrincipals/{servicePrincipal-id}/appRoleAssignments': listRoles,
  'POST /servicePrincipals/{servicePrincipal-id}/appRoleAssignments': assignRole,
  'DELETE /servicePrincipals/{servicePrincipal-id}/appRoleAssignments/{appRoleAssignment-id}':
    removeRole,
  'GET /oauth2PermissionGrants': listGrants,
};

const FILTERS: FilterRules = {
  known: new Set(),
  simple: {
    id: 'eq in',
    appId: 'eq in',
    displayName: 'eq in startswith',
    servicePrincipalType: 'eq',
  },
};

function principalEntity(principal: ServicePrincipal): Properties {
  const { createdMs: _, ...properties } = principal;
  return {
    ...properties,
    deletedDateTime: null,
    appDisplayName: principal.displayName,
    servicePrincipalType: 'Application',
    signInAudience: 'AzureADMultipleOrgs',
    appRoles: principal.appId === GRAPH_APP_ID ? graphAppRoles().map(roleEntity) : [],
  };
}

function roleEntity(role: { readonly id: string; readonly value: string }): Properties {
  return {
    id: role.id,
    value: role.value,
    displayName: role.value,
    description: role.value,
    isEnabled: true,
    origin: 'Application',
    allowedMemberTypes: ['Application'],
  };
}

/** A new service principal takes as long to show up as any other object. */
function isVisible(call: Call, principal: ServicePrincipal, lags: 1 | 2): boolean {
  const { clock, settings } = call.world;
  return principal.createdMs + lags * settings.replicationLagMs <= clock.nowMs();
}

function listPrincipals(call: Call): ApiResponse {
  return list(call, {
    type: 'servicePrincipal',
    set: 'servicePrincipals',
    filters: FILTERS,
    items: () =>
      call.directory.servicePrincipals
        .values()
        .filter((principal) => isVisible(call, principal, 2))
        .map(principalEntity),
  });
}

function requirePrincipal(call: Call): ServicePrincipal {
  const id = parameter(call, 'servicePrincipal-id').toLowerCase();
  const principal = call.directory.servicePrincipals.get(id);
  if (!principal || !isVisible(call, principal, 1)) throw notFound(id);
  return principal;
}

function getPrincipal(call: Call): ApiResponse {
  const entity = principalEntity(requirePrincipal(call));
  return single(call, { type: 'servicePrincipal', set: 'servicePrincipals', entity });
}

function create(call: Call): ApiResponse {
  const { world, directory } = call;
  const appId = String(call.body['appId']).toLowerCase();
  if (findServicePrincipal(directory, appId)) {
    throw new GraphError(
      409,
      'Request_MultipleObjectsWithSameKeyValue',
      `The service principal cannot be created because the service principal name ${appId} is already in use.`,
    );
  }
  if (!isKnownApplication(world, appId)) {
    throw new GraphError(
      400,
      'NoBackingApplicationObject',
      `The appId '${appId}' of the service principal does not reference a valid application object.`,
    );
  }
  const principal = addServicePrincipal(world, directory, appId);
  record(call, 'Add service principal', principal);
  const entity = principalEntity(principal);
  return single(call, { type: 'servicePrincipal', set: 'servicePrincipals', entity, status: 201 });
}

function record(call: Call, activity: string, principal: ServicePrincipal): void {
  const { id, displayName } = principal;
  recordAudit(call, {
    activity,
    category: 'ApplicationManagement',
    targets: [{ id, displayName, type: 'ServicePrincipal' }],
  });
}

function assignmentEntity(call: Call, assignment: AppRoleAssignment): Properties {
  const { servicePrincipals } = call.directory;
  return {
    id: assignment.id,
    deletedDateTime: null,
    appRoleId: assignment.appRoleId,
    createdDateTime: new Date(assignment.createdMs).toISOString(),
    principalDisplayName: servicePrincipals.get(assignment.principalId)?.displayName ?? null,
    principalId: assignment.principalId,
    principalType: 'ServicePrincipal',
    resourceDisplayName: servicePrincipals.get(assignment.resourceId)?.displayName ?? null,
    resourceId: assignment.resourceId,
  };
}

function listRoles(call: Call): ApiResponse {
  const principal = requirePrincipal(call);
  return list(call, {
    type: 'appRoleAssignment',
    set: `servicePrincipals('${principal.id}')/appRoleAssignments`,
    items: () =>
      call.directory.appRoleAssignments
        .values()
        .filter((assignment) => assignment.principalId === principal.id)
        .map((assignment) => assignmentEntity(call, assignment)),
  });
}

function assignRole(call: Call): ApiResponse {
  const { world, directory, body } = call;
  const principal = requirePrincipal(call);
  const [principalId, resourceId, appRoleId] = ['principalId', 'resourceId', 'appRoleId'].map(
    (name) => String(body[name]).toLowerCase(),
  ) as [string, string, string];
  if (principalId !== principal.id)
    throw badRequest('The principalId does not match the service principal of the request.');
  const resource = directory.servicePrincipals.get(resourceId);
  if (!resource) throw notFound(resourceId);
  const isOffered =
    resource.appId === GRAPH_APP_ID && graphAppRoles().some((role) => role.id === appRoleId);
  if (!isOffered) throw badRequest('Permission being assigned was not found on application');
  const id = grantPermission(world, directory, { principalId, resourceId, appRoleId });
  if (id === undefined) throw badRequest('Permission being assigned already exists on the object');
  record(call, 'Add app role assignment to service principal', principal);
  const assignment = { id, principalId, resourceId, appRoleId, createdMs: world.clock.nowMs() };
  return single(call, {
    type: 'appRoleAssignment',
    set: `servicePrincipals('${principal.id}')/appRoleAssignments`,
    entity: assignmentEntity(call, assignment),
    status: 201,
  });
}

function removeRole(call: Call): ApiResponse {
  const principal = requirePrincipal(call);
  const id = parameter(call, 'appRoleAssignment-id');
  const assignment = call.directory.appRoleAssignments.get(id);
  if (assignment?.principalId !== principal.id) throw notFound(id);
  call.directory.appRoleAssignments.delete(id);
  record(call, 'Remove app role assignment from service principal', principal);
  return NO_CONTENT;
}

function listGrants(call: Call): ApiResponse {
  return list(call, {
    type: 'oAuth2PermissionGrant',
    set: 'oauth2PermissionGrants',
    filters: equalityFilters('id', 'clientId', 'resourceId', 'consentType', 'principalId'),
    items: () =>
      call.directory.permissionGrants
        .values()
        .map((grant) => ({ ...grant, consentType: 'AllPrincipals', principalId: null })),
  });
}

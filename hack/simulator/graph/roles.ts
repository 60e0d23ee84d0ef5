/** Directory roles (graph.md 7.2). */
import { recordAudit } from '../directory/audit.ts';
import { addRoleAssignment } from '../directory/create.ts';
import type { Properties, RoleAssignment } from '../directory/directory.ts';
import { hasPlan } from '../directory/sign-ins.ts';
import { ROLE_NAMES } from '../directory/well-known.ts';
import type { ApiResponse } from '../world.ts';
import { type Call, type Handlers, NO_CONTENT, parameter } from './call.ts';
import { badRequest, conflict, GraphError, notFound, unsupportedQuery } from './errors.ts';
import { equalityFilters } from './filter-rules.ts';
import { requirePrincipal } from './groups.ts';
import { principalEntity } from './principals.ts';
import { list, single } from './query.ts';

export const ROLE_HANDLERS: Handlers = {
  'GET /roleManagement/directory/roleAssignments': listAssignments,
  'POST /roleManagement/directory/roleAssignments': createAssignment,
  'GET /roleManagement/directory/roleAssignments/{unifiedRoleAssignment-id}': getAssignment,
  'DELETE /roleManagement/directory/roleAssignments/{unifiedRoleAssignment-id}': deleteAssignment,
  'GET /roleManagement/directory/roleDefinitions': listDefinitions,
  'GET /roleManagement/directory/roleDefinitions/{unifiedRoleDefinition-id}': getDefinition,
  'GET /roleManagement/directory/roleAssignmentScheduleInstances': listAssigned,
  'GET /roleManagement/directory/roleEligibilityScheduleInstances': listEligible,
  'GET /directoryRoles': listActivated,
  'GET /directoryRoles/{directoryRole-id}/members': listRoleMembers,
};

const SET = 'roleManagement/directory/roleAssignments';

function assignmentEntity(assignment: RoleAssignment): Properties {
  return {
    ...assignment,
    directoryScopeId: '/',
    appScopeId: null,
    condition: null,
    principalOrganizationId: null,
  };
}

function expandPrincipal(
  call: Call,
): ((entity: Properties) => Record<string, unknown>) | undefined {
  const text = call.request.query.get('$expand');
  if (text === null) return undefined;
  if (!/^(principal|roleDefinition)$/.test(text))
    throw unsupportedQuery(`$expand=${text} is not supported.`);
  return (entity) =>
    text === 'principal'
      ? { principal: principalEntity(call, String(entity['principalId']), call.listSeq) ?? null }
      : { roleDefinition: definitionEntity(String(entity['roleDefinitionId'])) };
}

function listAssignments(call: Call): ApiResponse {
  const decorate = expandPrincipal(call);
  return list(call, {
    type: 'unifiedRoleAssignment',
    set: SET,
    filters: equalityFilters('id', 'principalId', 'roleDefinitionId', 'directoryScopeId'),
    items: () => call.directory.roleAssignments.values().map(assignmentEntity),
    ...(decorate ? { decorate } : {}),
  });
}

function getAssignment(call: Call): ApiResponse {
  const entity = assignmentEntity(requireAssignment(call));
  return single(call, { type: 'unifiedRoleAssignment', set: SET, entity });
}

function requireAssignment(call: Call): RoleAssignment {
  const id = parameter(call, 'unifiedRoleAssignment-id');
  const assignment = call.directory.roleAssignments.get(id);
  if (!assignment) throw notFound(id);
  return assignment;
}

function createAssignment(call: Call): ApiResponse {
  const { world, directory, body } = call;
  const roleDefinitionId = String(body['roleDefinitionId']).toLowerCase();
  if (!ROLE_NAMES.has(roleDefinitionId)) throw notFound(roleDefinitionId);
  if (body['directoryScopeId'] !== '/') throw badRequest('The simulator knows only the scope "/".');
  const principalId = requirePrincipal(call, String(body['principalId']), 404);
  const group = directory.groups.live(principalId);
  if (group && group.properties['isAssignableToRole'] !== true) {
    throw badRequest('The group is not assignable to a role.');
  }
  const exists = directory.roleAssignments
    .values()
    .some(
      (known) => known.principalId === principalId && known.roleDefinitionId === roleDefinitionId,
    );
  if (exists) throw conflict('roleAssignment');
  const id = addRoleAssignment(world, directory, principalId, roleDefinitionId);
  recordRole(call, 'Add member to role', { id, principalId, roleDefinitionId });
  const entity = assignmentEntity({ id, principalId, roleDefinitionId });
  return single(call, { type: 'unifiedRoleAssignment', set: SET, entity, status: 201 });
}

function deleteAssignment(call: Call): ApiResponse {
  const assignment = requireAssignment(call);
  call.directory.roleAssignments.delete(assignment.id);
  recordRole(call, 'Remove member from role', assignment);
  return NO_CONTENT;
}

function recordRole(call: Call, activity: string, assignment: RoleAssignment): void {
  const user = call.directory.users.live(assignment.principalId);
  const after = ROLE_NAMES.get(assignment.roleDefinitionId);
  const modified = [{ name: 'Role.DisplayName', before: undefined, after }];
  recordAudit(call, {
    activity,
    category: 'RoleManagement',
    targets: [
      {
        id: assignment.principalId,
        type: user ? 'User' : 'Other',
        ...(user ? { userPrincipalName: user.userPrincipalName } : {}),
        modified,
      },
      {
        id: assignment.roleDefinitionId,
        type: 'Role',
        ...(after === undefined ? {} : { displayName: after }),
      },
    ],
  });
}

function definitionEntity(id: string): Properties {
  return {
    id,
    templateId: id,
    displayName: ROLE_NAMES.get(id) ?? null,
    description: null,
    isBuiltIn: true,
    isEnabled: true,
    resourceScopes: ['/'],
    rolePermissions: [],
    version: '1',
  };
}

function listDefinitions(call: Call): ApiResponse {
  return list(call, {
    type: 'unifiedRoleDefinition',
    set: 'roleManagement/directory/roleDefinitions',
    filters: equalityFilters('id', 'displayName', 'templateId', 'isBuiltIn'),
    items: () => ROLE_NAMES.keys().map(definitionEntity),
  });
}

function getDefinition(call: Call): ApiResponse {
  const id = parameter(call, 'unifiedRoleDefinition-id').toLowerCase();
  if (!ROLE_NAMES.has(id)) throw notFound(id);
  const set = 'roleManagement/directory/roleDefinitions';
  return single(call, { type: 'unifiedRoleDefinition', set, entity: definitionEntity(id) });
}

const INSTANCE_FILTERS = equalityFilters('principalId', 'roleDefinitionId', 'directoryScopeId');

/** Privileged Identity Management comes with Entra ID P2. */
function requirePim({ directory }: Call): void {
  if (hasPlan(directory, 'AAD_PREMIUM_P2')) return;
  throw new GraphError(
    400,
    'AadPremiumLicenseRequired',
    'The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.',
  );
}

/** Nobody activates a role here: all assignments stand. */
function listAssigned(call: Call): ApiResponse {
  requirePim(call);
  return list(call, {
    type: 'unifiedRoleAssignmentScheduleInstance',
    set: 'roleManagement/directory/roleAssignmentScheduleInstances',
    filters: INSTANCE_FILTERS,
    items: () =>
      call.directory.roleAssignments.values().map((assignment) => ({
        ...assignment,
        directoryScopeId: '/',
        appScopeId: null,
        assignmentType: 'Assigned',
        memberType: 'Direct',
        startDateTime: null,
        endDateTime: null,
        roleAssignmentOriginId: assignment.id,
        roleAssignmentScheduleId: assignment.id,
      })),
  });
}

function listEligible(call: Call): ApiResponse {
  requirePim(call);
  return list(call, {
    type: 'unifiedRoleEligibilityScheduleInstance',
    set: 'roleManagement/directory/roleEligibilityScheduleInstances',
    filters: INSTANCE_FILTERS,
    items: () => [],
  });
}

function listActivated(call: Call): ApiResponse {
  const roles = new Set(
    [...call.directory.roleAssignments.values()].map((known) => known.roleDefinitionId),
  );
  return list(call, {
    type: 'directoryRole',
    set: 'directoryRoles',
    filters: equalityFilters('id', 'roleTemplateId', 'displayName'),
    items: () =>
      [...roles].map((id) => ({
        id,
        roleTemplateId: id,
        displayName: ROLE_NAMES.get(id) ?? null,
        description: null,
        deletedDateTime: null,
      })),
  });
}

function listRoleMembers(call: Call): ApiResponse {
  const id = parameter(call, 'directoryRole-id').toLowerCase();
  const members = [...call.directory.roleAssignments.values()].filter(
    (known) => known.roleDefinitionId === id,
  );
  if (members.length === 0) throw notFound(id);
  return list(call, {
    type: 'directoryObject',
    set: 'directoryObjects',
    items: () =>
      members.flatMap((known): Properties[] => {
        const entity = principalEntity(call, known.principalId, call.listSeq);
        return entity ? [entity] : [];
      }),
  });
}

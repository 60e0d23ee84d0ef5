/** Members and owners of groups (graph.md 7.1). */
import type { Group } from '../directory/directory.ts';
import { settleMember } from '../directory/group-licenses.ts';
import { transitiveMembers } from '../directory/nesting.ts';
import { addMember, removeMember, saveGroup } from '../directory/records.ts';
import { roleId } from '../directory/well-known.ts';
import type { ApiResponse } from '../world.ts';
import { type Call, type Handlers, NO_CONTENT, parameter } from './call.ts';
import { badRequest, denied, GraphError, notFound } from './errors.ts';
import {
  recordMember,
  requireCloudGroup,
  requireGroup,
  requirePrincipal,
  requireWritableGroup,
} from './groups.ts';
import { callerRoles } from './permissions.ts';
import { principalEntities } from './principals.ts';
import { list } from './query.ts';
import { referencedId } from './user-relations.ts';

export const GROUP_MEMBER_HANDLERS: Handlers = {
  'GET /groups/{group-id}/members': listMembers,
  'GET /groups/{group-id}/transitiveMembers': listTransitiveMembers,
  'POST /groups/{group-id}/members/$ref': postMember,
  'DELETE /groups/{group-id}/members/{directoryObject-id}/$ref': deleteMember,
  'GET /groups/{group-id}/owners': listOwners,
  'POST /groups/{group-id}/owners/$ref': addOwner,
  'DELETE /groups/{group-id}/owners/{directoryObject-id}/$ref': removeOwner,
};

const OWNERS_MAX = 100;

function listPrincipals(call: Call, ids: readonly string[]): ApiResponse {
  return list(call, {
    type: 'directoryObject',
    set: 'directoryObjects',
    items: () => principalEntities(call, ids),
  });
}

function listMembers(call: Call): ApiResponse {
  const group = requireGroup(call);
  return listPrincipals(call, call.directory.memberships.members(group.id, call.listSeq));
}

function listTransitiveMembers(call: Call): ApiResponse {
  const group = requireGroup(call);
  return listPrincipals(call, transitiveMembers(call.directory, group.id, call.listSeq));
}

function listOwners(call: Call): ApiResponse {
  return listPrincipals(call, requireGroup(call).ownerIds);
}

function postMember(call: Call): ApiResponse {
  const { world, directory } = call;
  const group = requireWritableGroup(call);
  requireChangeable(call, group);
  const memberId = requirePrincipal(call, referencedId(call), 404);
  if (!addMember(directory, group.id, memberId)) {
    throw badRequest(
      "One or more added object references already exist for the following modified properties: 'members'.",
    );
  }
  settleMember(world, directory, group.id, memberId);
  recordMember(call, group, { activity: 'Add member to group', memberId });
  return NO_CONTENT;
}

function deleteMember(call: Call): ApiResponse {
  const { world, directory } = call;
  const group = requireWritableGroup(call);
  requireChangeable(call, group);
  const memberId = parameter(call, 'directoryObject-id').toLowerCase();
  if (!removeMember(directory, group.id, memberId)) throw notFound(memberId);
  settleMember(world, directory, group.id, memberId);
  recordMember(call, group, { activity: 'Remove member from group', memberId });
  return NO_CONTENT;
}

/** Members of dynamic groups follow the rule; role-assignable groups need the role administrator. */
function requireChangeable(call: Call, group: Group): void {
  requireCloudGroup(group);
  const types = (group.properties['groupTypes'] ?? []) as readonly string[];
  if (types.includes('DynamicMembership')) {
    throw badRequest(
      'Insufficient privileges: membership of a dynamic group cannot be changed directly.',
    );
  }
  if (group.properties['isAssignableToRole'] !== true) return;
  const roles = callerRoles(call);
  const isEnough =
    roles.has(roleId('Privileged Role Administrator')) || roles.has(roleId('Global Administrator'));
  const hasPermission = call.caller.roles.includes('RoleManagement.ReadWrite.Directory');
  if (!isEnough && !hasPermission) throw denied();
}

function addOwner(call: Call): ApiResponse {
  const group = requireWritableGroup(call);
  const ownerId = requirePrincipal(call, referencedId(call), 404);
  if (group.ownerIds.includes(ownerId)) {
    throw badRequest(
      "One or more added object references already exist for the following modified properties: 'owners'.",
    );
  }
  if (group.ownerIds.length >= OWNERS_MAX) {
    throw new GraphError(
      403,
      'Directory_QuotaExceeded',
      `Unable to perform operation as '${OWNERS_MAX + 1}' would exceed the maximum quota count '${OWNERS_MAX}' for forward-link owners.`,
    );
  }
  saveGroup(call.directory, { ...group, ownerIds: [...group.ownerIds, ownerId] });
  recordMember(call, group, { activity: 'Add owner to group', memberId: ownerId });
  return NO_CONTENT;
}

function removeOwner(call: Call): ApiResponse {
  const group = requireWritableGroup(call);
  const ownerId = parameter(call, 'directoryObject-id').toLowerCase();
  if (!group.ownerIds.includes(ownerId)) throw notFound(ownerId);
  if (group.ownerIds.length === 1) {
    throw badRequest('The group must have at least one owner, hence this owner cannot be removed.');
  }
  saveGroup(call.directory, { ...group, ownerIds: group.ownerIds.filter((id) => id !== ownerId) });
  recordMember(call, group, { activity: 'Remove owner from group', memberId: ownerId });
  return NO_CONTENT;
}

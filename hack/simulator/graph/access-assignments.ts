/** Which security group of the partner has which roles of a GDAP relationship (graph.md 8.2). */
import { assign, changeRoles, newEtag, unassign } from '../directory/delegation.ts';
import type { AccessAssignment, Properties, Relationship } from '../directory/directory.ts';
import type { ApiResponse } from '../world.ts';
import { type Call, type Handlers, NO_CONTENT, parameter } from './call.ts';
import { badRequest, GraphError, notFound } from './errors.ts';
import { equalityFilters } from './filter-rules.ts';
import { list, single } from './query.ts';
import {
  accepted,
  accessDetails,
  GDAP_PAGE_SIZE_MAX,
  isoTime,
  requireEtag,
  requireRelationship,
  rolesOfBody,
} from './relationships.ts';

const PATH =
  '/tenantRelationships/delegatedAdminRelationships/{delegatedAdminRelationship-id}/accessAssignments';
const ITEM = `${PATH}/{delegatedAdminAccessAssignment-id}`;

export const ACCESS_ASSIGNMENT_HANDLERS: Handlers = {
  [`GET ${PATH}`]: listAssignments,
  [`POST ${PATH}`]: create,
  [`GET ${ITEM}`]: (call) => shown(call, requireAssignment(call)),
  [`PATCH ${ITEM}`]: update,
  [`DELETE ${ITEM}`]: remove,
};

function entity(assignment: AccessAssignment): Properties {
  return {
    '@odata.etag': assignment.etag,
    id: assignment.id,
    status: assignment.status,
    createdDateTime: isoTime(assignment.createdMs),
    lastModifiedDateTime: isoTime(assignment.modifiedMs),
    accessContainer: {
      accessContainerId: assignment.groupId,
      accessContainerType: 'securityGroup',
    },
    accessDetails: accessDetails(assignment.roleTemplateIds),
  };
}

function shown(call: Call, assignment: AccessAssignment, status = 200): ApiResponse {
  const { id } = requireRelationship(call);
  const set = `tenantRelationships/delegatedAdminRelationships('${id}')/accessAssignments`;
  const answer = single(call, {
    type: 'delegatedAdminAccessAssignment',
    set,
    entity: entity(assignment),
    status,
  });
  const location = `${call.baseUrl}/tenantRelationships/delegatedAdminRelationships/${id}/accessAssignments/${assignment.id}`;
  return {
    ...answer,
    headers: { etag: assignment.etag, ...(status === 201 ? { location } : {}) },
    body: { '@odata.etag': assignment.etag, ...(answer.body as object) },
  };
}

function listAssignments(call: Call): ApiResponse {
  const { id, assignments } = requireRelationship(call);
  return list(call, {
    type: 'delegatedAdminAccessAssignment',
    set: `tenantRelationships/delegatedAdminRelationships('${id}')/accessAssignments`,
    filters: equalityFilters('id', 'status', 'accessContainer/accessContainerId'),
    pageSizeMax: GDAP_PAGE_SIZE_MAX,
    items: () => assignments.values().map(entity),
    decorate: (item) => ({ '@odata.etag': item['@odata.etag'] }),
  });
}

function requireAssignment(call: Call): AccessAssignment {
  const id = parameter(call, 'delegatedAdminAccessAssignment-id');
  const assignment = requireRelationship(call).assignments.get(id);
  if (!assignment) throw notFound(id);
  return assignment;
}

function requireActive(relationship: Relationship): void {
  if (relationship.status !== 'active') {
    throw badRequest(
      `Access assignments need an active relationship; this one is ${relationship.status}.`,
    );
  }
}

function checkedRoles(call: Call, relationship: Relationship): readonly string[] {
  const roles = rolesOfBody(call) ?? [];
  const foreign = roles.find((role) => !relationship.roleTemplateIds.includes(role));
  if (foreign !== undefined) throw badRequest(`Role '${foreign}' is not part of the relationship.`);
  return roles;
}

function create(call: Call): ApiResponse {
  const { world, directory, body } = call;
  const relationship = requireRelationship(call);
  requireActive(relationship);
  const container = body['accessContainer'] as Properties;
  const groupId = String(container['accessContainerId']).toLowerCase();
  if (directory.groups.live(groupId)?.properties['securityEnabled'] !== true) {
    throw badRequest('The access container does not exist.');
  }
  const exists = relationship.assignments
    .values()
    .some(
      (other) =>
        other.groupId === groupId && !['deleted', 'deleting', 'error'].includes(other.status),
    );
  if (exists)
    throw new GraphError(
      409,
      'Conflict',
      'The security group has an access assignment in this relationship already.',
    );
  const now = world.clock.nowMs();
  const assignment: AccessAssignment = {
    id: world.random.uuid(),
    groupId,
    roleTemplateIds: checkedRoles(call, relationship),
    status: 'pending',
    etag: newEtag(world),
    createdMs: now,
    modifiedMs: now,
  };
  relationship.assignments.set(assignment.id, assignment);
  const answer = shown(call, assignment, 201);
  assign(world, relationship, assignment);
  return answer;
}

function update(call: Call): ApiResponse {
  const relationship = requireRelationship(call);
  const assignment = requireAssignment(call);
  requireEtag(call, assignment);
  requireActive(relationship);
  const roles = checkedRoles(call, relationship);
  const isSame = [...roles].sort().join() === [...assignment.roleTemplateIds].sort().join();
  if (isSame || roles.length === 0) return shown(call, assignment);
  const change = { assignmentId: assignment.id, roleTemplateIds: roles };
  return accepted(call, relationship, changeRoles(call.world, relationship, change));
}

function remove(call: Call): ApiResponse {
  const assignment = requireAssignment(call);
  requireEtag(call, assignment);
  if (assignment.status === 'deleted') throw notFound(assignment.id);
  unassign(call.world, requireRelationship(call), assignment);
  return NO_CONTENT;
}

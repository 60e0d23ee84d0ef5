/** GDAP relationships (graph.md 8.1, 8.3), called in the partner tenant. */
import { addDuration } from '../clock.ts';
import { changeRoles, newRelationship, touch } from '../directory/delegation.ts';
import type { Properties, Relationship, RelationshipOperation } from '../directory/directory.ts';
import { asText } from '../directory/text.ts';
import { ROLE_NAMES, roleId } from '../directory/well-known.ts';
import type { ApiResponse } from '../world.ts';
import { type Call, type Handlers, NO_CONTENT, parameter } from './call.ts';
import { badRequest, denied, GraphError, notFound } from './errors.ts';
import { equalityFilters } from './filter-rules.ts';
import { list, single } from './query.ts';

export const SET = 'tenantRelationships/delegatedAdminRelationships';
const PATH = '/tenantRelationships/delegatedAdminRelationships';
const ITEM = `${PATH}/{delegatedAdminRelationship-id}`;

export const RELATIONSHIP_HANDLERS: Handlers = {
  [`GET ${PATH}`]: listRelationships,
  [`POST ${PATH}`]: create,
  [`GET ${ITEM}`]: (call) => shown(call, requireRelationship(call)),
  [`PATCH ${ITEM}`]: update,
  [`DELETE ${ITEM}`]: remove,
};

/** graph.md 17.7 */
export const GDAP_PAGE_SIZE_MAX = 300;
/** At most two years (P730D; partner-center.md 15.9). */
const DURATION_MS_MAX = 731 * 86_400_000;
const NAME_LENGTH_MAX = 50;
const NO_EXTENSION = ['PT0S', 'P0D'];

export function requireRelationship(call: Call): Relationship {
  const id = parameter(call, 'delegatedAdminRelationship-id');
  const relationship = call.directory.relationships.get(id);
  if (!relationship) throw notFound(id);
  return relationship;
}

/** @throws GraphError 412 */
export function requireEtag(call: Call, changed: { readonly etag: string }): void {
  const given = call.request.headers['if-match'] ?? '';
  if (given !== '*' && given !== changed.etag) {
    throw new GraphError(
      412,
      'preconditionFailed',
      'The etag does not match the current version of the resource.',
    );
  }
}

/** Role ids of `accessDetails`. @throws GraphError 400 for none or an unknown one. */
export function rolesOfBody(call: Call): readonly string[] | undefined {
  const details = call.body['accessDetails'] as Properties | undefined;
  if (details === undefined) return undefined;
  const roles = (details['unifiedRoles'] ?? []) as readonly {
    readonly roleDefinitionId?: string;
  }[];
  if (roles.length === 0) throw badRequest('accessDetails needs at least one unified role.');
  return roles.map(({ roleDefinitionId }) => {
    const id = String(roleDefinitionId).toLowerCase();
    if (!ROLE_NAMES.has(id)) throw badRequest(`Role '${id}' is not a supported role.`);
    return id;
  });
}

export function accessDetails(roleTemplateIds: readonly string[]): Properties {
  return { unifiedRoles: roleTemplateIds.map((roleDefinitionId) => ({ roleDefinitionId })) };
}

export function isoTime(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}

function entity(relationship: Relationship): Properties {
  return {
    '@odata.etag': relationship.etag,
    id: relationship.id,
    displayName: relationship.displayName,
    duration: relationship.duration,
    customer: relationship.customer ?? null,
    accessDetails: accessDetails(relationship.roleTemplateIds),
    status: relationship.status,
    autoExtendDuration: relationship.autoExtendDuration,
    createdDateTime: isoTime(relationship.createdMs),
    lastModifiedDateTime: isoTime(relationship.modifiedMs),
    activatedDateTime: isoTime(relationship.activatedMs),
    endDateTime: isoTime(relationship.endMs),
  };
}

function shown(call: Call, relationship: Relationship, status = 200): ApiResponse {
  const options = {
    type: 'delegatedAdminRelationship',
    set: SET,
    entity: entity(relationship),
    status,
  };
  const answer = single(call, options);
  const location = `${call.baseUrl}/${SET}/${relationship.id}`;
  return {
    ...answer,
    headers: { etag: relationship.etag, ...(status === 201 ? { location } : {}) },
    body: { '@odata.etag': relationship.etag, ...(answer.body as object) },
  };
}

function listRelationships(call: Call): ApiResponse {
  return list(call, {
    type: 'delegatedAdminRelationship',
    set: SET,
    filters: equalityFilters(
      'id',
      'status',
      'displayName',
      'customer/tenantId',
      'customer/displayName',
    ),
    pageSizeMax: GDAP_PAGE_SIZE_MAX,
    items: () => call.directory.relationships.values().map(entity),
    decorate: (item) => ({ '@odata.etag': item['@odata.etag'] }),
  });
}

function checkValues(call: Call, id: string | undefined): void {
  const { displayName, duration, autoExtendDuration } = call.body;
  if (typeof displayName === 'string') checkName(call, displayName, id);
  if (typeof duration === 'string') {
    const lengthMs = addDuration(0, duration) ?? 0;
    if (lengthMs < 86_400_000 || lengthMs > DURATION_MS_MAX) {
      throw badRequest('duration must be between P1D and P2Y.');
    }
  }
  const extension = asText(autoExtendDuration, 'PT0S');
  if (![...NO_EXTENSION, 'P180D'].includes(extension)) {
    throw badRequest('autoExtendDuration must be P0D, PT0S or P180D.');
  }
}

function checkName(call: Call, name: string, id: string | undefined): void {
  if (name === '' || name.length > NAME_LENGTH_MAX) {
    throw badRequest('displayName must have 1 to 50 characters.');
  }
  const isTaken = call.directory.relationships
    .values()
    .some((other) => other.id !== id && other.displayName === name);
  if (isTaken) {
    throw new GraphError(409, 'Conflict', `A relationship named '${name}' exists already.`);
  }
}

/** A relationship with Global Administrator is never extended by itself. */
function checkExtension(extension: string, roles: readonly string[]): void {
  if (!NO_EXTENSION.includes(extension) && roles.includes(roleId('Global Administrator'))) {
    throw badRequest(
      'A relationship that contains Global Administrator cannot be extended automatically.',
    );
  }
}

function create(call: Call): ApiResponse {
  const { world, directory, body } = call;
  if (!world.partners.has(directory.tenantId)) throw denied();
  checkValues(call, undefined);
  const roleTemplateIds = rolesOfBody(call) ?? [];
  const autoExtendDuration = asText(body['autoExtendDuration'], 'PT0S');
  checkExtension(autoExtendDuration, roleTemplateIds);
  const relationship = newRelationship(world, {
    partnerTenantId: directory.tenantId,
    displayName: asText(body['displayName']),
    duration: asText(body['duration']),
    autoExtendDuration,
    customer: customerOf(call),
    roleTemplateIds,
  });
  directory.relationships.set(relationship.id, relationship);
  return shown(call, relationship, 201);
}

function customerOf(call: Call): Relationship['customer'] {
  const customer = call.body['customer'] as
    | { tenantId?: string; displayName?: string }
    | null
    | undefined;
  if (!customer?.tenantId) return undefined;
  const tenantId = customer.tenantId.toLowerCase();
  const tenant = call.world.directories.get(tenantId);
  if (!tenant) throw badRequest(`Customer tenant '${tenantId}' does not exist.`);
  return { tenantId, displayName: customer.displayName ?? tenant.displayName };
}

function update(call: Call): ApiResponse {
  const relationship = requireRelationship(call);
  requireEtag(call, relationship);
  checkValues(call, relationship.id);
  const roles = rolesOfBody(call) ?? relationship.roleTemplateIds;
  const extension = asText(call.body['autoExtendDuration'], relationship.autoExtendDuration);
  checkExtension(extension, roles);
  if (relationship.status === 'created') {
    relationship.displayName = asText(call.body['displayName'], relationship.displayName);
    relationship.duration = asText(call.body['duration'], relationship.duration);
    relationship.customer = customerOf(call) ?? relationship.customer;
    relationship.roleTemplateIds = roles;
    relationship.autoExtendDuration = extension;
    touch(call.world, relationship);
    return shown(call, relationship);
  }
  return updateActive(call, relationship, { roles, extension });
}

function updateActive(
  call: Call,
  relationship: Relationship,
  wanted: { readonly roles: readonly string[]; readonly extension: string },
): ApiResponse {
  const globalAdministrator = roleId('Global Administrator');
  const without = relationship.roleTemplateIds.filter((role) => role !== globalAdministrator);
  const isSame = wanted.roles.join() === relationship.roleTemplateIds.join();
  const isDemotion = !isSame && wanted.roles.join() === without.join();
  const others = ['displayName', 'duration', 'customer'].some(
    (name) => call.body[name] !== undefined,
  );
  if (relationship.status !== 'active' || others || (!isSame && !isDemotion)) {
    throw badRequest(
      `The relationship cannot be changed in this way while it is ${relationship.status}.`,
    );
  }
  if (isSame && wanted.extension === relationship.autoExtendDuration)
    return shown(call, relationship);
  relationship.autoExtendDuration = wanted.extension;
  touch(call.world, relationship);
  if (!isDemotion) return shown(call, relationship);
  const change = { roleTemplateIds: wanted.roles };
  return accepted(call, relationship, changeRoles(call.world, relationship, change));
}

/** 202 with the operation to watch. */
export function accepted(
  call: Call,
  relationship: Relationship,
  operation: RelationshipOperation,
): ApiResponse {
  const location = `${call.baseUrl}/${SET}/${relationship.id}/operations/${operation.id}`;
  return { status: 202, headers: { location, 'retry-after': '10' } };
}

function remove(call: Call): ApiResponse {
  const relationship = requireRelationship(call);
  requireEtag(call, relationship);
  if (relationship.status !== 'created') {
    throw badRequest(`A relationship that is ${relationship.status} cannot be deleted.`);
  }
  call.directory.relationships.delete(relationship.id);
  return NO_CONTENT;
}

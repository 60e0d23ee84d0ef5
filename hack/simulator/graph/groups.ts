/** Groups (graph.md 7.1). */
import { typeProperties } from '../contract-schemas.ts';
import { recordAudit } from '../directory/audit.ts';
import type { Group, Properties } from '../directory/directory.ts';
import { settleMember } from '../directory/group-licenses.ts';
import {
  addMember,
  findUser,
  groupEntity,
  groupNames,
  holderOf,
  nameKey,
  saveGroup,
} from '../directory/records.ts';
import { recycleGroup } from '../directory/recycle-bin.ts';
import { asText } from '../directory/text.ts';
import { SYNCED_REFUSAL } from '../directory/user-rules.ts';
import type { ApiResponse } from '../world.ts';
import { type Call, type Handlers, NO_CONTENT, parameter } from './call.ts';
import { badRequest, conflict, denied, GraphError, notFound, notImplemented } from './errors.ts';
import { expansion } from './expand.ts';
import { GROUP_FILTERS } from './filter-rules.ts';
import { list, single } from './query.ts';

export const GROUP_HANDLERS: Handlers = {
  'GET /groups': listGroups,
  'POST /groups': (call) => createGroup(call, undefined),
  'GET /groups/{group-id}': getGroup,
  'PATCH /groups/{group-id}': (call) => updateGroup(call, requireWritableGroup(call)),
  'DELETE /groups/{group-id}': deleteGroup,
  "GET /groups(uniqueName='{uniqueName}')": getByUniqueName,
  "PATCH /groups(uniqueName='{uniqueName}')": upsertByUniqueName,
};

const NICKNAME_REFUSED = /[@()\\[\]";:<>, ]/;
const READ_ONLY = new Set([
  'createdDateTime',
  'deletedDateTime',
  'mail',
  'proxyAddresses',
  'renewedDateTime',
  'expirationDateTime',
  'securityIdentifier',
  'assignedLicenses',
  'licenseProcessingState',
  'hasMembersWithLicenseErrors',
  'onPremisesSyncEnabled',
  'onPremisesLastSyncDateTime',
  'onPremisesDomainName',
  'onPremisesNetBiosName',
  'onPremisesSamAccountName',
  'onPremisesSecurityIdentifier',
  'serviceProvisioningErrors',
]);
/** Kept by Exchange: for people only, and each in a PATCH of its own. */
const EXCHANGE = new Set([
  'allowExternalSenders',
  'autoSubscribeNewMembers',
  'hideFromAddressLists',
  'hideFromOutlookClients',
]);
const BIND = /^(members|owners)@odata\.bind$/;
const BINDS_MAX = 20;

export function groupTarget(group: Group) {
  const displayName = asText(group.properties['displayName']);
  return { id: group.id, type: 'Group', displayName } as const;
}

/** @throws GraphError 404 for a group that a replica does not know (yet, any more). */
export function requireGroup(call: Call): Group {
  const id = parameter(call, 'group-id').toLowerCase();
  const version = call.directory.groups.at(id, call.keySeq);
  if (version?.state !== 'live') throw notFound(id);
  return version.value;
}

export function requireWritableGroup(call: Call): Group {
  const seen = requireGroup(call);
  const newest = call.directory.groups.live(seen.id);
  if (!newest) throw notFound(seen.id);
  return newest;
}

const GROUP_SEARCH = ['displayName', 'description', 'mail', 'mailNickname'];

function listGroups(call: Call): ApiResponse {
  const expand = expansion(call, 'group');
  return list(call, {
    type: 'group',
    set: 'groups',
    search: GROUP_SEARCH,
    ...(expand ? { decorate: (entity: Properties) => expand(String(entity['id'])) } : {}),
    filters: { ...GROUP_FILTERS, known: new Set(Object.keys(typeProperties('group'))) },
    *items() {
      for (const { value } of call.directory.groups.all('live', call.listSeq))
        yield groupEntity(call.directory, value);
    },
  });
}

function getGroup(call: Call): ApiResponse {
  const group = requireGroup(call);
  const expand = expansion(call, 'group');
  const answer = single(call, {
    type: 'group',
    set: 'groups',
    entity: groupEntity(call.directory, group),
  });
  return expand ? { ...answer, body: { ...(answer.body as object), ...expand(group.id) } } : answer;
}

function byUniqueName(call: Call): Group | undefined {
  const id = holderOf(call.directory, nameKey('uniqueName', parameter(call, 'uniqueName')));
  return id === undefined ? undefined : call.directory.groups.live(id);
}

function getByUniqueName(call: Call): ApiResponse {
  const group = byUniqueName(call);
  const version = group && call.directory.groups.at(group.id, call.keySeq);
  if (version?.state !== 'live') throw notFound(parameter(call, 'uniqueName'));
  return single(call, {
    type: 'group',
    set: 'groups',
    entity: groupEntity(call.directory, version.value),
  });
}

function upsertByUniqueName(call: Call): ApiResponse {
  const group = byUniqueName(call);
  if (group) return updateGroup(call, group);
  for (const name of ['displayName', 'mailEnabled', 'mailNickname', 'securityEnabled']) {
    if (call.body[name] === undefined)
      throw badRequest(`A value is required for property '${name}' of resource 'Group'.`);
  }
  return createGroup(call, parameter(call, 'uniqueName'));
}

function checkValues(call: Call): void {
  for (const [name, value] of Object.entries(call.body)) {
    if (READ_ONLY.has(name)) throw badRequest(`Property '${name}' is read-only and cannot be set.`);
    if (EXCHANGE.has(name) && call.caller.kind === 'app') throw denied();
    if (!isAllowedValue(name, value)) throw invalidFor(name);
    if (BIND.test(name) && (value as readonly unknown[]).length > BINDS_MAX) {
      throw badRequest(`More than ${BINDS_MAX} references in '${name}'.`);
    }
  }
}

function isAllowedValue(name: string, value: unknown): boolean {
  if (value === null) return !NOT_NULLABLE.has(name);
  if (value === '') return name === 'description';
  if (name === 'mailNickname' && NICKNAME_REFUSED.test(asText(value))) return false;
  return asText(value).length <= (LENGTHS[name] ?? Infinity);
}

const LENGTHS: Readonly<Record<string, number>> = {
  displayName: 256,
  mailNickname: 64,
  description: 1024,
};
const NOT_NULLABLE = new Set(['displayName', 'mailNickname', 'mailEnabled', 'securityEnabled']);

function invalidFor(name: string) {
  return badRequest(`Invalid value specified for property '${name}' of resource 'Group'.`);
}

function createGroup(call: Call, uniqueName: string | undefined): ApiResponse {
  const { world, directory, body } = call;
  checkValues(call);
  checkKind(body);
  const given = Object.fromEntries(
    Object.entries(body).filter(([name]) => !name.includes('@odata.') && name !== 'id'),
  );
  const now = new Date(world.clock.nowMs()).toISOString();
  const group: Group = {
    id: world.random.uuid(),
    ownerIds: boundIds(call, 'owners@odata.bind'),
    licenses: [],
    properties: {
      groupTypes: [],
      ...given,
      ...addresses(call),
      createdDateTime: now,
      renewedDateTime: now,
      ...(uniqueName === undefined ? {} : { uniqueName }),
    },
  };
  const members = boundIds(call, 'members@odata.bind');
  requireUniqueGroup(call, group);
  saveGroup(directory, group);
  for (const memberId of members) addMember(directory, group.id, memberId);
  const targets = [groupTarget(group)];
  recordAudit(call, { activity: 'Add group', category: 'GroupManagement', targets });
  const entity = groupEntity(directory, group);
  return single(call, { type: 'group', set: 'groups', entity, status: 201 });
}

export function recordMember(
  call: Call,
  group: Group,
  change: { readonly activity: string; readonly memberId: string },
): void {
  const member = call.directory.users.live(change.memberId);
  recordAudit(call, {
    activity: change.activity,
    category: 'GroupManagement',
    targets: [
      {
        id: change.memberId,
        type: member ? 'User' : 'Other',
        ...(member ? { userPrincipalName: member.userPrincipalName } : {}),
        modified: [{ name: 'Group.ObjectID', before: undefined, after: group.id }],
      },
      groupTarget(group),
    ],
  });
}

/** Security groups and Microsoft 365 groups; others cannot be made through Graph. */
function checkKind(body: Properties): void {
  const types = (body['groupTypes'] ?? []) as readonly string[];
  const isUnified = types.includes('Unified');
  if (isUnified !== (body['mailEnabled'] === true)) throw invalidFor('mailEnabled');
  if (!isUnified && body['securityEnabled'] !== true) throw invalidFor('securityEnabled');
  if (!types.includes('DynamicMembership')) return;
  if (typeof body['membershipRule'] !== 'string') {
    throw badRequest("A value is required for property 'membershipRule' of resource 'Group'.");
  }
  // A group that never gets its members would be a quiet wrong answer.
  throw notImplemented('dynamic membership');
}

function addresses(call: Call): Properties {
  if (call.body['mailEnabled'] !== true) return { mail: null, proxyAddresses: [] };
  const mail = `${asText(call.body['mailNickname'])}@${call.directory.initialDomain}`;
  return { mail, proxyAddresses: [`SMTP:${mail}`] };
}

function boundIds(call: Call, name: string): string[] {
  const links = (call.body[name] ?? []) as readonly string[];
  const ids = links.map((link) => decodeURIComponent(link.split('/').at(-1) ?? ''));
  if (new Set(ids).size !== ids.length)
    throw badRequest('Request contains a property with duplicate values');
  return ids.map((id) => requirePrincipal(call, id, 400));
}

/** A live user, group or service principal. */
export function requirePrincipal(call: Call, key: string, status: 400 | 404): string {
  const { directory } = call;
  const id = key.toLowerCase();
  const user = findUser(directory, key, call.keySeq)?.value.id;
  if (user !== undefined) return user;
  if (directory.groups.at(id, call.keySeq)?.state === 'live' || directory.servicePrincipals.has(id))
    return id;
  const missing = notFound(key);
  throw status === 404 ? missing : new GraphError(400, 'Request_BadRequest', missing.message);
}

/** @throws GraphError 400 where another live object holds a name of this group. */
export function requireUniqueGroup(call: Call, group: Group): void {
  for (const name of groupNames(group)) {
    if (!holderOf(call.directory, name, group.id)) continue;
    const [kind] = name.split(':');
    throw conflict(kind === 'uniqueName' ? 'uniqueName' : 'mailNickname');
  }
}

/** @throws GraphError 400 for a group that is mastered in Active Directory (graph.md 2.6). */
export function requireCloudGroup(group: Group): void {
  if (group.properties['onPremisesSyncEnabled'] === true) throw badRequest(SYNCED_REFUSAL);
}

function updateGroup(call: Call, group: Group): ApiResponse {
  checkValues(call);
  requireCloudGroup(group);
  const { id, ...given } = call.body;
  if (id !== undefined && id !== group.id)
    throw badRequest("Property 'id' is read-only and cannot be set.");
  for (const name of ['isAssignableToRole', 'uniqueName', 'mailEnabled']) {
    const isSet = group.properties[name] !== undefined && group.properties[name] !== null;
    if (
      given[name] !== undefined &&
      (isSet || name === 'isAssignableToRole') &&
      given[name] !== group.properties[name]
    ) {
      throw badRequest(`Property '${name}' cannot be changed.`);
    }
  }
  const properties = Object.fromEntries(
    Object.entries(given).filter(([name]) => !name.includes('@odata.')),
  );
  const members = boundIds(call, 'members@odata.bind');
  const next = { ...group, properties: { ...group.properties, ...properties } };
  requireUniqueGroup(call, next);
  addAll(call, next, members);
  saveGroup(call.directory, next);
  recordAudit(call, {
    activity: 'Update group',
    category: 'GroupManagement',
    targets: [groupTarget(next)],
  });
  return NO_CONTENT;
}

function addAll(call: Call, group: Group, members: readonly string[]): void {
  const { world, directory } = call;
  if (members.some((id) => directory.memberships.has(group.id, id, directory.log.last))) {
    throw badRequest(
      "One or more added object references already exist for the following modified properties: 'members'.",
    );
  }
  for (const id of members) {
    addMember(directory, group.id, id);
    settleMember(world, directory, group.id, id);
    recordMember(call, group, { activity: 'Add member to group', memberId: id });
  }
}

function deleteGroup(call: Call): ApiResponse {
  const { world, directory } = call;
  const group = requireWritableGroup(call);
  if (group.licenses.length > 0) {
    throw badRequest('The group cannot be deleted because it has licenses assigned.');
  }
  recycleGroup(world, directory, group);
  recordAudit(call, {
    activity: 'Delete group',
    category: 'GroupManagement',
    targets: [groupTarget(group)],
  });
  return NO_CONTENT;
}

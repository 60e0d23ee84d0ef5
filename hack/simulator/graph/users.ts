/** Users: create, read, change, delete (graph.md 2). */

import { typeProperties } from '../contract-schemas.ts';
import { type AuditTarget, recordAudit } from '../directory/audit.ts';
import type { Properties, User } from '../directory/directory.ts';
import {
  findUser,
  holderOf,
  nameKey,
  saveUser,
  uniqueNames,
  userEntity,
} from '../directory/records.ts';
import { recycleUser } from '../directory/recycle-bin.ts';
import { asText } from '../directory/text.ts';
import {
  checkPassword,
  checkUserPrincipalName,
  checkUserValues,
  SHAREPOINT_PROPERTIES,
} from '../directory/user-rules.ts';
import type { ApiResponse } from '../world.ts';
import { type Call, type Handlers, isEventual, NO_CONTENT, parameter } from './call.ts';
import { badRequest, conflict, GraphError, notFound, notImplemented } from './errors.ts';
import { expansion } from './expand.ts';
import { USER_FILTERS } from './filter-rules.ts';
import { requireAuthorityOver } from './permissions.ts';
import { selected } from './projection.ts';
import { list, single } from './query.ts';

export const USER_HANDLERS: Handlers = {
  'GET /users': listUsers,
  'GET /users/$count': countUsers,
  'POST /users': createUser,
  'GET /users/{user-id}': getUser,
  'DELETE /users/{user-id}': deleteUser,
};

/** @throws GraphError 404 for a user that a replica does not know (yet, any more). */
export function requireUser(call: Call, key = parameter(call, 'user-id')): User {
  const user = findUser(call.directory, key, call.keySeq)?.value;
  if (!user) throw notFound(key);
  return user;
}

/** For writes: the user must be visible, and the change goes onto the newest state. */
export function requireWritableUser(call: Call, key = parameter(call, 'user-id')): User {
  const seen = requireUser(call, key);
  const newest = call.directory.users.live(seen.id);
  if (!newest) throw notFound(key);
  return newest;
}

export function userTarget(user: User, modified?: AuditTarget['modified']): AuditTarget {
  return {
    id: user.id,
    type: 'User',
    displayName: asText(user.properties['displayName']),
    userPrincipalName: user.userPrincipalName,
    ...(modified ? { modified } : {}),
  };
}

const USER_SEARCH = [
  'displayName',
  'givenName',
  'surname',
  'mail',
  'mailNickname',
  'userPrincipalName',
];

function listUsers(call: Call): ApiResponse {
  refuseForeignProperties(call);
  const expand = expansion(call, 'user');
  return list(call, {
    type: 'user',
    set: 'users',
    search: USER_SEARCH,
    filters: { ...USER_FILTERS, known: new Set(Object.keys(typeProperties('user'))) },
    *items() {
      for (const { value } of call.directory.users.all('live', call.listSeq))
        yield userEntity(call.directory, value);
    },
    ...(expand ? { decorate: (entity: Properties) => expand(String(entity['id'])) } : {}),
  });
}

function countUsers(call: Call): ApiResponse {
  if (!isEventual(call)) throw badRequest('$count is not currently supported.');
  const users = [...call.directory.users.all('live', call.listSeq)];
  return { status: 200, headers: { 'content-type': 'text/plain' }, body: String(users.length) };
}

function getUser(call: Call): ApiResponse {
  const user = requireUser(call);
  // Nobody writes the SharePoint properties here, so that one user truly has none; mailboxes have settings of their own.
  if (selected(call, 'user')?.includes('mailboxSettings')) throw notImplemented('mailboxSettings');
  const expand = expansion(call, 'user');
  const answer = single(call, {
    type: 'user',
    set: 'users',
    entity: userEntity(call.directory, user),
  });
  return expand ? { ...answer, body: { ...(answer.body as object), ...expand(user.id) } } : answer;
}

/** Kept elsewhere, and in a list not to be had: Graph's own 501 (graph.md 0.3), not a gap of the simulator. */
function refuseForeignProperties(call: Call): void {
  const select = selected(call, 'user') ?? [];
  if (select.some((name) => SHAREPOINT_PROPERTIES.has(name) || name === 'mailboxSettings')) {
    throw new GraphError(501, 'NotImplemented', 'This operation target is not yet supported.');
  }
}

function createUser(call: Call): ApiResponse {
  const { world, directory, body } = call;
  if (Object.keys(body).some((name) => name.endsWith('@odata.bind'))) {
    throw badRequest('One or more properties contains invalid values.');
  }
  const { userPrincipalName, passwordProfile, id: _, ...given } = body;
  for (const name of ['accountEnabled', 'displayName', 'mailNickname']) {
    if (given[name] === null)
      throw badRequest(`A value is required for property '${name}' of resource 'User'.`);
  }
  checkUserValues(given);
  const isFederated = checkUserPrincipalName(directory, userPrincipalName);
  if (isFederated && typeof given['onPremisesImmutableId'] !== 'string') {
    throw badRequest(
      "A value is required for property 'onPremisesImmutableId' of resource 'User'.",
    );
  }
  const { password } = (passwordProfile ?? {}) as Properties;
  checkPassword(password);
  const now = new Date(world.clock.nowMs()).toISOString();
  const user = withMail({
    id: world.random.uuid(),
    userPrincipalName: String(userPrincipalName),
    managerId: undefined,
    licenses: [],
    properties: {
      businessPhones: [],
      otherMails: [],
      proxyAddresses: [],
      userType: 'Member',
      createdDateTime: now,
      lastPasswordChangeDateTime: now,
      signInSessionsValidFromDateTime: now,
      ...withoutAnnotations(given),
    },
  });
  requireUnique(call, user);
  requireQuota(call);
  saveUser(directory, user);
  recordAudit(call, {
    activity: 'Add user',
    category: 'UserManagement',
    targets: [userTarget(user)],
  });
  return single(call, {
    type: 'user',
    set: 'users',
    entity: userEntity(call.directory, user),
    status: 201,
  });
}

/** 50,000 objects, 300,000 with a verified domain of one's own (graph.md 2.11). */
export function requireQuota(call: Call): void {
  const { directory } = call;
  const hasOwn = directory.domains
    .values()
    .some((domain) => domain.isVerified && !domain.isInitial);
  const max = hasOwn ? 300_000 : 50_000;
  const count = [directory.users, directory.groups]
    .map(({ liveCount, deletedCount }) => liveCount + deletedCount)
    .reduce((sum, objects) => sum + objects);
  if (count >= max) {
    throw new GraphError(
      403,
      'Directory_QuotaExceeded',
      'The directory object quota limit for the Tenant has been exceeded.',
    );
  }
}

export function withoutAnnotations(properties: Properties): Properties {
  return Object.fromEntries(
    Object.entries(properties).filter(([name]) => !name.startsWith('@odata.')),
  );
}

/** Setting `mail` puts the address among the proxy addresses, as the primary one. */
export function withMail(user: User): User {
  const { mail, proxyAddresses } = user.properties;
  if (typeof mail !== 'string') return user;
  const others = ((proxyAddresses ?? []) as readonly string[])
    .filter((address) => address.toLowerCase() !== `smtp:${mail.toLowerCase()}`)
    .map((address) => address.replace(/^SMTP:/, 'smtp:'));
  return {
    ...user,
    properties: { ...user.properties, proxyAddresses: [`SMTP:${mail}`, ...others] },
  };
}

/** @throws GraphError 400 where another live object holds a name of this user. */
export function requireUnique(call: Call, user: User): void {
  for (const name of uniqueNames(user)) {
    if (!holderOf(call.directory, name, user.id)) continue;
    if (name === nameKey('upn', user.userPrincipalName)) throw conflict('userPrincipalName');
    throw conflict(name.startsWith('anchor:') ? 'onPremisesImmutableId' : 'proxyAddresses');
  }
}

function deleteUser(call: Call): ApiResponse {
  const { world, directory } = call;
  const user = requireWritableUser(call);
  requireAuthorityOver(call, user.id);
  recycleUser(world, directory, user);
  recordAudit(call, {
    activity: 'Delete user',
    category: 'UserManagement',
    targets: [userTarget(user)],
  });
  return NO_CONTENT;
}

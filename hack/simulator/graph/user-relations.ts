/** Manager and sessions of a user (graph.md 2.5). */
import { recordAudit } from '../directory/audit.ts';
import type { User } from '../directory/directory.ts';
import { findUser, saveUser, userEntity } from '../directory/records.ts';
import { SYNCED_REFUSAL } from '../directory/user-rules.ts';
import type { ApiResponse } from '../world.ts';
import { type Call, contextUrl, type Handlers, NO_CONTENT } from './call.ts';
import { badRequest, notFound } from './errors.ts';
import { single } from './query.ts';
import { requireUser, requireWritableUser, userTarget } from './users.ts';

export const USER_RELATION_HANDLERS: Handlers = {
  'GET /users/{user-id}/manager': getManager,
  'PUT /users/{user-id}/manager/$ref': setManager,
  'DELETE /users/{user-id}/manager/$ref': removeManager,
  'POST /users/{user-id}/revokeSignInSessions': revokeSessions,
};

function getManager(call: Call): ApiResponse {
  const { managerId } = requireUser(call);
  const manager = managerId && findUser(call.directory, managerId, call.keySeq)?.value;
  if (!manager) throw notFound('manager');
  return single(call, {
    type: 'directoryObject',
    set: 'directoryObjects',
    entity: { '@odata.type': '#microsoft.graph.user', ...userEntity(call.directory, manager) },
  });
}

/** The manager is mastered where the user is (graph.md 2.6). */
function requireCloudUser(user: User): void {
  if (user.properties['onPremisesSyncEnabled'] === true) throw badRequest(SYNCED_REFUSAL);
}

function setManager(call: Call): ApiResponse {
  const user = requireWritableUser(call);
  requireCloudUser(user);
  const manager = findUser(call.directory, referencedId(call), call.keySeq)?.value;
  if (!manager) throw notFound(referencedId(call));
  if (manager.id === user.id) throw badRequest('Not a valid reference update');
  saveUser(call.directory, { ...user, managerId: manager.id });
  recordManager(call, user.id);
  return NO_CONTENT;
}

function removeManager(call: Call): ApiResponse {
  const user = requireWritableUser(call);
  requireCloudUser(user);
  if (user.managerId === undefined) throw notFound('manager');
  saveUser(call.directory, { ...user, managerId: undefined });
  recordManager(call, user.id);
  return NO_CONTENT;
}

function recordManager(call: Call, userId: string): void {
  const user = call.directory.users.live(userId);
  if (!user) return;
  const modified = [{ name: 'manager', before: undefined, after: user.managerId }];
  recordAudit(call, {
    activity: 'Update user',
    category: 'UserManagement',
    targets: [userTarget(user, modified)],
  });
}

const REFERENCE = /\/(?:users|directoryObjects|groups|servicePrincipals)\/([^/]+)$/;

/** The id at the end of `@odata.id`. @throws GraphError 400 for a link of another form. */
export function referencedId(call: Call): string {
  const link = String(call.body['@odata.id']);
  const id = REFERENCE.exec(link)?.[1];
  if (id === undefined) throw badRequest('Not a valid reference update');
  return decodeURIComponent(id);
}

function revokeSessions(call: Call): ApiResponse {
  const user = requireWritableUser(call);
  const signInSessionsValidFromDateTime = new Date(call.world.clock.nowMs()).toISOString();
  saveUser(call.directory, {
    ...user,
    properties: { ...user.properties, signInSessionsValidFromDateTime },
  });
  recordAudit(call, {
    activity: 'Update StsRefreshTokenValidFrom Timestamp',
    category: 'UserManagement',
    targets: [userTarget(user)],
  });
  return { status: 200, body: { '@odata.context': contextUrl('Edm.Boolean'), value: true } };
}

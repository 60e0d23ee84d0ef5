/** Writes to users. */

import { created, isAbsent, type Part, written } from './answers.ts';
import type { GraphConnection } from './connection.ts';
import { ownerProperty } from './deleted-users.ts';
import type { GraphFailure } from './errors.ts';
import type * as port from './port.ts';

export function users(
  connection: GraphConnection,
  resource: string,
): Part<
  'createUser' | 'updateUser' | 'deleteUser' | 'revokeSessions' | 'setManager' | 'assignLicenses'
> {
  const send = async (
    method: 'POST' | 'PATCH' | 'PUT' | 'DELETE',
    path: string,
    call: {
      readonly operation: string;
      readonly body?: unknown;
      readonly accept?: (f: GraphFailure) => boolean;
    },
    signal: AbortSignal,
  ): Promise<port.Written> =>
    written(await connection.send({ method, path, ...call }, signal, call.accept));
  return {
    async createUser(user, signal) {
      const { password, forceChangePasswordNextSignIn, owner, ...properties } = user;
      const response = await connection.send(
        {
          method: 'POST',
          path: '/users',
          operation: 'CreateUser',
          body: {
            ...properties,
            ...ownerProperty(owner),
            passwordProfile: { password, forceChangePasswordNextSignIn },
          },
        },
        signal,
      );
      return { ...created(response, 'CreateUser'), ...written(response) };
    },
    updateUser: (id, patch, signal, newPassword) => {
      const call =
        newPassword === undefined
          ? { operation: 'UpdateUser', body: patch }
          : { operation: 'SetPassword', body: { ...patch, passwordProfile: newPassword } };
      return send('PATCH', `/users/${id}`, call, signal);
    },
    deleteUser: (id, signal) =>
      send('DELETE', `/users/${id}`, { operation: 'DeleteUser', accept: isAbsent }, signal),
    revokeSessions: (id, signal) =>
      send('POST', `/users/${id}/revokeSignInSessions`, { operation: 'RevokeSessions' }, signal),
    setManager: (id, managerId, signal) =>
      send(
        'PUT',
        `/users/${id}/manager/$ref`,
        { operation: 'SetManager', body: { '@odata.id': `${resource}/v1.0/users/${managerId}` } },
        signal,
      ),
    assignLicenses: (id, change, signal) =>
      send(
        'POST',
        `/users/${id}/assignLicense`,
        {
          operation: 'AssignLicense',
          body: { addLicenses: change.add, removeLicenses: change.remove },
        },
        signal,
      ),
  };
}

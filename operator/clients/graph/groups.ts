/** Writes to groups. */
import { created, isAbsent, type Part, written } from './answers.ts';
import type { GraphConnection } from './connection.ts';
import { traitsOf } from './group-traits.ts';

export function groups(
  connection: GraphConnection,
  resource: string,
): Part<'createGroup' | 'addMember' | 'removeMember'> {
  return {
    async createGroup({ type, ...group }, signal) {
      const response = await connection.send(
        {
          method: 'POST',
          path: '/groups',
          operation: 'CreateGroup',
          body: { ...group, ...traitsOf(type) },
        },
        signal,
      );
      return { ...created(response, 'CreateGroup'), ...written(response) };
    },
    async addMember(groupId, userId, signal) {
      const response = await connection.send(
        {
          method: 'POST',
          path: `/groups/${groupId}/members/$ref`,
          operation: 'AddMember',
          body: { '@odata.id': `${resource}/v1.0/directoryObjects/${userId}` },
        },
        signal,
        (failure) => /already exist/i.test(failure.text),
      );
      return written(response);
    },
    async removeMember(groupId, userId, signal) {
      const response = await connection.send(
        {
          method: 'DELETE',
          path: `/groups/${groupId}/members/${userId}/$ref`,
          operation: 'RemoveMember',
        },
        signal,
        (failure) => isAbsent(failure) || /do not exist/i.test(failure.text),
      );
      return written(response);
    },
  };
}

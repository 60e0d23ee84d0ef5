/** Writes to groups. */
import * as z from 'zod';
import { created, isAbsent, type Part, written } from './answers.ts';
import type { GraphConnection } from './connection.ts';
import { traitsOf } from './group-traits.ts';

export function groups(
  connection: GraphConnection,
  resource: string,
): Part<'createGroup' | 'listGroupsOf' | 'addMember' | 'removeMember'> {
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
    async listGroupsOf(userId, signal) {
      const call = { path: `/users/${userId}/memberOf?$select=id`, operation: 'ListGroupsOf' };
      const { items } = await connection.list(call, z.object({ id: z.string() }), signal);
      return items.map(({ id }) => id);
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

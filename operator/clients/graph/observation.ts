/** Reads of the directory: what changed, one user, seats. */
import type * as z from 'zod';
import { type OperatorError, toOperatorError, wait } from '../../core/errors.ts';
import type { Part } from './answers.ts';
import { batchFind } from './batch.ts';
import { type GraphConnection, pathOf } from './connection.ts';
import type * as port from './port.ts';
import { seats } from './seats.ts';
import { groupProperties, WireGroupChange } from './wire.ts';
import { userProperties, WireUser, WireUserChange } from './wire-users.ts';

const select = userProperties.join(',');
const userPath = (key: string): string => `/users/${encodeURIComponent(key)}?$select=${select}`;
const groupSelect = `${groupProperties.join(',')},members`;
/** Ids in the filter of one delta query (graph.md section 3). */
const deltaIdsMax = 50;
const minimal = { prefer: 'return=minimal' };

export function observation(
  connection: GraphConnection,
): Part<
  | 'usersDelta'
  | 'groupsDelta'
  | 'readGroups'
  | 'getUser'
  | 'getUsers'
  | 'listSubscribedSkus'
  | 'listCompanySubscriptions'
> {
  return {
    async usersDelta(deltaLink, signal) {
      const path =
        deltaLink === undefined ? `/users/delta?$select=${select},manager` : pathOf(deltaLink);
      return deltaRound(connection, { path, operation: 'UsersDelta' }, WireUserChange, signal);
    },
    async groupsDelta(deltaLink, signal) {
      const path =
        deltaLink === undefined ? `/groups/delta?$select=${groupSelect}` : pathOf(deltaLink);
      return deltaRound(connection, { path, operation: 'GroupsDelta' }, WireGroupChange, signal);
    },
    async readGroups(ids, signal) {
      const groups: port.GroupChange[] = [];
      for (let start = 0; start < ids.length; start += deltaIdsMax) {
        const some = ids.slice(start, start + deltaIdsMax);
        const filter = some.map((id) => `id eq '${id}'`).join(' or ');
        const path = `/groups/delta?$select=${groupSelect}&$filter=${encodeURIComponent(filter)}`;
        const call = { path, operation: 'ReadGroups' };
        groups.push(...(await connection.list(call, WireGroupChange, signal)).items);
      }
      return groups;
    },
    async getUser(id, signal) {
      return connection.find(
        {
          path: userPath(id),
          operation: 'GetUser',
        },
        WireUser,
        signal,
      );
    },
    getUsers: (ids, signal) =>
      batchFind(connection, { operation: 'GetUsers', keys: ids, path: userPath }, WireUser, signal),
    ...seats(connection),
  };
}

async function deltaRound<T extends z.ZodType>(
  connection: GraphConnection,
  call: { readonly path: string; readonly operation: string },
  item: T,
  signal: AbortSignal,
): Promise<port.DeltaRound<z.output<T>>> {
  try {
    const { items, deltaLink } = await connection.list({ ...call, headers: minimal }, item, signal);
    if (deltaLink !== undefined) return { changes: items, deltaLink };
  } catch (error) {
    const { reason } = toOperatorError(error);
    // A token that is too old may also come as a 400 that no table knows (graph.md section 3, 17.11).
    const isGarbled = reason === 'InvalidRequest' && call.path.includes('token=');
    throw reason === 'ResyncRequired' || isGarbled ? resync(error) : error;
  }
  throw resync(undefined);
}

function resync(cause: unknown): OperatorError {
  return wait('the directory is read again in full', {
    reason: 'ResyncRequired',
    delayMs: 0,
    cause,
  });
}

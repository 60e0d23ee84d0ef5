/** The port over Graph for one customer tenant, with the operator's application permissions. */
import * as z from 'zod';
import { type OperatorError, toOperatorError, wait } from '../../core/errors.ts';
import { type HttpResponse, parseJson, type Transport } from '../http.ts';
import { claimsOf, type Tokens } from '../identity/tokens.ts';
import { GraphConnection, parseValue, pathOf } from './connection.ts';
import type { GraphFailure } from './errors.ts';
import type * as port from './port.ts';
import * as wire from './wire.ts';

export interface GraphOptions {
  readonly tenantId: string;
  /** Origin, e.g. https://graph.microsoft.com */
  readonly url: string;
  readonly resource: string;
  readonly tokens: Tokens;
  readonly transport: Transport;
  readonly nowMs: () => number;
}

export function createGraph(options: GraphOptions): port.Graph {
  const { tenantId, tokens, resource } = options;
  const connection = new GraphConnection({
    ...options,
    token: (signal) => tokens.app(tenantId, resource, signal),
    forgetToken: () => tokens.forget(tenantId),
  });
  return {
    tenantId,
    async permissions({ fresh }, signal) {
      return claimsOf(await tokens.app(tenantId, resource, signal, fresh)).roles ?? [];
    },
    async getOrganization(signal) {
      const { items } = await connection.list(
        { path: '/organization', operation: 'GetOrganization' },
        wire.WireOrganization,
        signal,
      );
      const organization = items[0];
      if (organization !== undefined) return organization;
      throw wait('Graph does not show the tenant yet', {
        reason: 'TenantNotReady',
        delayMs: 10_000,
      });
    },
    ...observation(connection),
    ...users(connection, resource),
    ...groups(connection, resource),
    ...domains(connection),
  };
}

type Part<K extends keyof port.Graph> = Pick<port.Graph, K>;

const select = wire.userProperties.join(',');
const minimal = { prefer: 'return=minimal' };

function observation(
  connection: GraphConnection,
): Part<'usersDelta' | 'groupsDelta' | 'getUser' | 'listSubscribedSkus'> {
  return {
    async usersDelta(deltaLink, signal) {
      const path =
        deltaLink === undefined ? `/users/delta?$select=${select},manager` : pathOf(deltaLink);
      return deltaRound(connection, { path, operation: 'UsersDelta' }, wire.WireUserChange, signal);
    },
    async groupsDelta(deltaLink, signal) {
      const path =
        deltaLink === undefined ? '/groups/delta?$select=displayName,members' : pathOf(deltaLink);
      return deltaRound(
        connection,
        { path, operation: 'GroupsDelta' },
        wire.WireGroupChange,
        signal,
      );
    },
    async getUser(id, signal) {
      return connection.find(
        {
          path: `/users/${encodeURIComponent(id)}?$select=${select}`,
          operation: 'GetUser',
        },
        wire.WireUser,
        signal,
      );
    },
    async listSubscribedSkus(signal) {
      const { items } = await connection.list(
        { path: '/subscribedSkus', operation: 'ListSubscribedSkus' },
        wire.WireSubscribedSku,
        signal,
      );
      return items;
    },
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

function users(
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
      const { password, forceChangePasswordNextSignIn, ...properties } = user;
      const response = await connection.send(
        {
          method: 'POST',
          path: '/users',
          operation: 'CreateUser',
          body: { ...properties, passwordProfile: { password, forceChangePasswordNextSignIn } },
        },
        signal,
      );
      return { ...created(response, 'CreateUser'), ...written(response) };
    },
    updateUser: (id, body, signal) =>
      send('PATCH', `/users/${id}`, { operation: 'UpdateUser', body }, signal),
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

function groups(
  connection: GraphConnection,
  resource: string,
): Part<'createGroup' | 'addMember' | 'removeMember'> {
  return {
    async createGroup(group, signal) {
      const response = await connection.send(
        {
          method: 'POST',
          path: '/groups',
          operation: 'CreateGroup',
          body: { ...group, mailEnabled: false, securityEnabled: true },
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

function domains(
  connection: GraphConnection,
): Part<
  'listDomains' | 'addDomain' | 'listVerificationRecords' | 'verifyDomain' | 'setDefaultDomain'
> {
  return {
    async listDomains(signal) {
      const { items } = await connection.list(
        { path: '/domains', operation: 'ListDomains' },
        wire.WireDomain,
        signal,
      );
      return items;
    },
    async addDomain(name, signal) {
      const body = { id: name };
      return written(
        await connection.send(
          { method: 'POST', path: '/domains', operation: 'AddDomain', body },
          signal,
        ),
      );
    },
    async listVerificationRecords(name, signal) {
      const { items } = await connection.list(
        { path: `/domains/${name}/verificationDnsRecords`, operation: 'ListVerificationRecords' },
        wire.WireDomainRecord,
        signal,
      );
      return items.flatMap((record): port.DomainRecord[] => {
        const at = { name: record.label ?? name, ttl: record.ttl ?? 3600 };
        if (record.text) return [{ type: 'TXT', value: record.text, ...at }];
        return record.mailExchange ? [{ type: 'MX', value: record.mailExchange, ...at }] : [];
      });
    },
    async verifyDomain(name, signal) {
      // Graph's 400 here means that the proof is not seen in DNS (yet).
      const response = await connection.send(
        { method: 'POST', path: `/domains/${name}/verify`, operation: 'VerifyDomain' },
        signal,
        (failure) => failure.status === 400,
      );
      return response.failure === undefined;
    },
    async setDefaultDomain(name, signal) {
      return written(
        await connection.send(
          {
            method: 'PATCH',
            path: `/domains/${name}`,
            operation: 'UpdateDomain',
            body: { isDefault: true },
          },
          signal,
        ),
      );
    },
  };
}

function isAbsent(failure: GraphFailure): boolean {
  return failure.status === 404;
}

function created(response: HttpResponse, operation: string): { readonly id: string } {
  return parseValue(z.object({ id: z.string() }), parseJson(response.text), operation);
}

export function written(response: HttpResponse): port.Written {
  return { requestId: response.headers['request-id'] };
}

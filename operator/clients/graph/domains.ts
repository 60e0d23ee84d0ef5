/** Domains of the tenant. */
import { created, isAbsent, type Part, written } from './answers.ts';
import type { GraphConnection } from './connection.ts';
import type * as port from './port.ts';
import * as wire from './wire.ts';

export function domains(
  connection: GraphConnection,
): Part<
  | 'listDomains'
  | 'addDomain'
  | 'listVerificationRecords'
  | 'verifyDomain'
  | 'setDefaultDomain'
  | 'getFederation'
  | 'createFederation'
  | 'updateFederation'
  | 'deleteFederation'
> {
  return {
    ...federation(connection),
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

function federation(
  connection: GraphConnection,
): Part<'getFederation' | 'createFederation' | 'updateFederation' | 'deleteFederation'> {
  return {
    async getFederation(domain, signal) {
      const { items } = await connection.list(
        { path: federationPath(domain), operation: 'GetFederation' },
        wire.WireFederation,
        signal,
      );
      return items[0];
    },
    async createFederation(domain, body, signal) {
      const response = await connection.send(
        { method: 'POST', path: federationPath(domain), operation: 'CreateFederation', body },
        signal,
      );
      return { ...created(response, 'CreateFederation'), ...written(response) };
    },
    async updateFederation(domain, id, body, signal) {
      const path = `${federationPath(domain)}/${id}`;
      const operation = 'UpdateFederation';
      return written(await connection.send({ method: 'PATCH', path, operation, body }, signal));
    },
    async deleteFederation(domain, id, signal) {
      const path = `${federationPath(domain)}/${id}`;
      const call = { method: 'DELETE', path, operation: 'DeleteFederation' } as const;
      return written(await connection.send(call, signal, isAbsent));
    },
  };
}

function federationPath(domain: string): string {
  return `/domains/${domain}/federationConfiguration`;
}

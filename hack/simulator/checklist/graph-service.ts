/** Proofs for graph.md section 15, rows 1, 6 to 9 and 11: how the service behaves, whatever is asked. */
import { decodeJwt } from 'jose';
import { expect } from 'vitest';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from '../seed.ts';
import type { Answer } from '../test-kit.ts';
import type { Proof, Subject } from './subject.ts';

const { tenantId, domain } = DEFAULT_CUSTOMER;
/** The client's words for a connection that broke. */
const CLOSED = /other side closed|socket|ECONNRESET/;
const ANNA = `/users/anna.becker@${domain}`;

const batch = (subject: Subject, requests: readonly object[]) =>
  subject.send('POST', '/$batch', { requests });

function byId(answer: Answer): Readonly<Record<string, { readonly status: number }>> {
  const responses = answer.body.responses as { readonly id: string; readonly status: number }[];
  return Object.fromEntries(responses.map((response) => [response.id, response]));
}

function byIds(ids: readonly string[]): string {
  return `/users/delta?$filter=${ids.map((id) => `id eq '${id}'`).join(' or ')}`;
}

function reading(id: string, url: string, more: object = {}) {
  return { id, method: 'GET', url, ...more };
}

async function fault(subject: Subject, body: object): Promise<void> {
  const made = await subject.kit.send('POST', `${subject.kit.simulator.urls.control}/faults`, {
    body: { service: 'graph', times: 1, ...body },
  });
  expect(made.status).toBe(201);
}

/** Until the last link. @returns all items and the delta link */
async function round(
  subject: Subject,
  from: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ items: Readonly<Record<string, unknown>>[]; link: string }> {
  const items: Readonly<Record<string, unknown>>[] = [];
  for (let next = from; ; ) {
    const { body } = await subject.get(next, headers);
    items.push(...(body.value as Readonly<Record<string, unknown>>[]));
    if (body['@odata.deltaLink']) return { items, link: body['@odata.deltaLink'] };
    next = body['@odata.nextLink'];
  }
}

export const SERVICE_PROOFS: readonly Proof[] = [
  {
    row: 1,
    words: 'two TLS hosts; tokens by tenant id or domain; roles only where consent was given',
    source: '1.1, 17.10, 17.15',
    async prove({ kit, token }) {
      expect(decodeJwt(token)).toMatchObject({
        tid: tenantId,
        app_displayname: 'm365-operator',
        roles: expect.arrayContaining(['User.ReadWrite.All']) as unknown,
      });
      expect(decodeJwt(await kit.token(domain))).toMatchObject({ tid: tenantId });
      const stranger = kit.simulator.addPartner({ name: 'Stranger' });
      const form = { client_id: stranger.clientId, client_secret: stranger.clientSecret };
      expect((await kit.tokenRequest(tenantId, form)).body.error_codes).toEqual([7000229]);
    },
  },
  {
    row: 1,
    words: 'discovery: OpenID configuration and instances',
    source: '13, 15.1',
    async prove({ kit }) {
      const { login } = kit.simulator.urls;
      const found = await kit.send(
        'GET',
        `${login}/${tenantId}/v2.0/.well-known/openid-configuration`,
      );
      expect(found.body).toMatchObject({
        token_endpoint: `${login}/${tenantId}/oauth2/v2.0/token`,
        issuer: `https://login.microsoftonline.com/${tenantId}/v2.0`,
      });
      const instances = await kit.send('GET', `${login}/common/discovery/instance?api-version=1.1`);
      expect(instances.status).toBe(200);
    },
  },
  {
    row: 6,
    words: 'delta: latest, minimal, removed, replays and repeats',
    source: '3',
    async prove(subject) {
      const id = await subject.user('delta');
      const start = '/users/delta?$deltatoken=latest&$select=id,department';
      const latest = await round(subject, start);
      expect(latest.items).toEqual([]);
      await subject.send('PATCH', `/users/${id}`, { department: 'IT', jobTitle: 'unseen' });
      const minimal = await round(subject, latest.link, { prefer: 'return=minimal' });
      expect(minimal.items).toEqual([{ id, department: 'IT' }]);
      subject.world.settings.deltaReplayRate = 1;
      subject.world.settings.deltaRepeatRate = 1;
      const again = await round(subject, minimal.link);
      expect(again.items).toEqual([...minimal.items, ...minimal.items]);
      Object.assign(subject.world.settings, { deltaReplayRate: 0, deltaRepeatRate: 0 });
      await subject.send('DELETE', `/users/${id}`);
      const deleted = await round(subject, again.link);
      expect(deleted.items).toEqual([{ id, '@removed': { reason: 'changed' } }]);
      await subject.send('DELETE', `/directory/deletedItems/${id}`);
      const purged = await round(subject, deleted.link);
      expect(purged.items).toEqual([{ id, '@removed': { reason: 'deleted' } }]);
    },
  },
  {
    row: 6,
    words: 'delta tokens live seven days, then 410 with a place to start again',
    source: '3, 17.11',
    async prove(subject) {
      const { link } = await round(subject, '/users/delta');
      subject.world.clock.advance(7 * 86_400_000);
      expect((await subject.get(link)).status).toBe(200);
      subject.world.clock.advance(1);
      const gone = await subject.get(link);
      expect(gone).toMatchObject({ status: 410, body: { error: { code: 'syncStateNotFound' } } });
      expect((await subject.get(String(gone.headers['location']))).status).toBe(200);
      expect((await subject.get('/users/delta?$deltatoken=garbled')).status).toBe(400);
    },
  },
  {
    row: 6,
    words: 'delta filters on ids only, fifty of them, and pages by nothing else',
    source: '3',
    async prove(subject) {
      const ids = [await subject.user('one'), await subject.user('two')];
      expect((await round(subject, byIds(ids))).items.map(({ id }) => id)).toEqual(ids);
      const many = Array.from({ length: 51 }, () => tenantId);
      expect((await subject.get(byIds(many))).status).toBe(400);
      for (const query of ["$filter=displayName eq 'x'", '$top=5', '$orderby=displayName']) {
        expect((await subject.get(`/users/delta?${query}`)).status).toBe(400);
      }
    },
  },
  {
    row: 7,
    words: '$batch: twenty at most, in any order, 424 after a failure, no nesting',
    source: '4',
    async prove(subject) {
      const twenty = Array.from({ length: 20 }, (_, n) => reading(String(n), '/organization'));
      const all = await batch(subject, twenty);
      expect(Object.keys(byId(all))).toHaveLength(20);
      const order = (all.body.responses as { id: string }[]).map(({ id }) => id);
      expect(order).not.toEqual(twenty.map(({ id }) => id));
      expect((await batch(subject, [...twenty, reading('20', '/organization')])).status).toBe(400);
      const failed = await batch(subject, [
        reading('1', '/users/nobody'),
        reading('2', '/organization', { dependsOn: ['1'] }),
      ]);
      expect(byId(failed)).toMatchObject({ 1: { status: 404 }, 2: { status: 424 } });
      const nested = { ...reading('1', '/$batch'), method: 'POST' };
      expect((await batch(subject, [nested])).status).toBe(400);
      expect((await batch(subject, [reading('1', '/users'), reading('1', '/groups')])).status).toBe(
        400,
      );
    },
  },
  {
    row: 7,
    words: 'each item is throttled alone and told so in its own headers',
    source: '4, 10.1',
    async prove(subject) {
      subject.world.settings.throttleFactor = 2 / 3_500;
      const ids = ['1', '2', '3'];
      const answer = await batch(
        subject,
        ids.map((id) => ({ id, method: 'GET', url: '/organization' })),
      );
      expect(answer.status).toBe(200);
      expect(byId(answer)).toMatchObject({
        1: { status: 200 },
        2: { status: 200 },
        3: { status: 429, headers: { 'Retry-After': expect.any(String) as string } },
      });
    },
  },
  {
    row: 8,
    words: 'resource units and writes by the published numbers, all headers, fractional waits',
    source: '10',
    async prove(subject) {
      subject.world.settings.throttleFactor = 10 / 3_500;
      for (let cost = 2; cost <= 10; cost += 2) {
        expect((await subject.get('/users')).headers['x-ms-resource-unit']).toBe('2');
      }
      const refused = await subject.get('/users');
      expect(refused.status).toBe(429);
      expect(refused.headers).toMatchObject({
        'retry-after': expect.stringMatching(/^\d+\.\d+$/) as string,
        'x-ms-throttle-limit-percentage': '1.2',
        'x-ms-throttle-scope': `Tenant_Application/ReadWrite/${DEFAULT_PARTNER.clientId}/${tenantId}`,
        'x-ms-throttle-information': 'ResourceUnitLimitExceeded',
      });
      subject.world.clock.advance(Math.ceil(Number(refused.headers['retry-after']) * 1_000));
      expect((await subject.get('/users')).status).toBe(200);
    },
  },
  {
    row: 9,
    words: 'by key after the lag, in lists and delta after twice the lag',
    source: '12.1',
    async prove(subject) {
      subject.world.settings.replicationLagMs = 10_000;
      subject.world.clock.advance(60_000);
      const { link } = await round(subject, '/users/delta?$deltatoken=latest');
      const id = await subject.user('late');
      const seen = async () => [
        (await subject.get(`/users/${id}`)).status,
        (await subject.get("/users?$filter=mailNickname eq 'late'")).body.value.length,
        (await round(subject, link)).items.length,
      ];
      expect(await seen()).toEqual([404, 0, 0]);
      subject.world.clock.advance(10_000);
      expect(await seen()).toEqual([200, 0, 0]);
      subject.world.clock.advance(10_000);
      expect(await seen()).toEqual([200, 1, 1]);
      await subject.send('PATCH', `/users/${id}`, { displayName: 'New' });
      expect((await subject.get(`/users/${id}`)).body).toMatchObject({ displayName: 'late' });
    },
  },
  {
    row: 11,
    words: '500, 502, 503 and 504 on request',
    source: '0.3, 10.5',
    async prove(subject) {
      for (const status of [500, 502, 503, 504]) {
        await fault(subject, { kind: 'status', status });
        expect((await subject.get('/organization')).status).toBe(status);
        expect((await subject.get('/organization')).status).toBe(200);
      }
    },
  },
  {
    row: 11,
    words: 'an answer lost after the create took effect, and a connection reset before it',
    source: '2.1, 10.5',
    async prove(subject) {
      await fault(subject, { kind: 'lostAnswer', method: 'POST' });
      await expect(subject.user('lost')).rejects.toThrow(CLOSED);
      expect((await subject.get(`/users/lost@${domain}`)).status).toBe(200);
      await fault(subject, { kind: 'reset', method: 'POST' });
      await expect(subject.user('never')).rejects.toThrow(CLOSED);
      expect((await subject.get(`/users/never@${domain}`)).status).toBe(404);
    },
  },
  {
    row: 11,
    words: 'a token that ends under way, and one for somebody else',
    source: '0.3',
    async prove(subject) {
      const { kit } = subject;
      const scope = 'https://api.partnercenter.microsoft.com/.default';
      const foreign = await kit.token(DEFAULT_PARTNER.tenantId, { scope });
      for (const token of [foreign, 'garbled']) {
        const refused = await kit.graph('GET', ANNA, { token });
        expect(refused).toMatchObject({
          status: 401,
          body: { error: { code: 'InvalidAuthenticationToken' } },
        });
      }
      expect((await kit.graph('GET', ANNA)).body.error.message).toBe('Access token is empty.');
      await fault(subject, { kind: 'expiredToken' });
      const ended = await subject.get(ANNA);
      expect(ended).toMatchObject({
        status: 401,
        body: { error: { message: 'Lifetime validation failed, the token is expired.' } },
      });
      expect((await subject.get(ANNA)).status).toBe(200);
    },
  },
];

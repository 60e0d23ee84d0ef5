import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from './seed.ts';
import { type Answer, Kit, newUser } from './test-kit.ts';

const { tenantId, domain } = DEFAULT_CUSTOMER;
/** What the client says when the connection ends without an answer. */
const CLOSED = /other side closed|socket|ECONNRESET/;
let kit: Kit;
let token: string;
beforeAll(async () => {
  kit = await Kit.start({ frozen: true });
  token = await kit.customerToken(tenantId);
});
beforeEach(() => {
  kit.simulator.faults.clear();
  kit.simulator.world.settings.throttleFactor = 1;
});
afterAll(() => kit.stop());

const batch = (requests: unknown[]) => kit.graph('POST', '/$batch', { token, body: { requests } });

describe('batch', () => {
  interface Item {
    readonly id: string;
    readonly status: number;
    readonly headers: Record<string, string>;
    readonly body: Record<string, unknown>;
  }
  const byId = (answer: Answer) =>
    new Map((answer.body.responses as Item[]).map((item) => [item.id, item]));

  it('answers every item by its id, in another order, and fails what depends on a failure', async () => {
    const requests = Array.from({ length: 20 }, (_, index) => ({
      id: String(index),
      method: 'GET',
      url: `/users/anna.becker@${domain}?$select=id`,
    }));
    const answer = await batch(requests);
    const order = (answer.body.responses as Item[]).map((item) => item.id);
    expect(order).not.toEqual(requests.map((item) => item.id));
    expect([...order].sort()).toEqual(requests.map((item) => item.id).sort());
    const chained = byId(
      await batch([
        { id: 'a', method: 'GET', url: '/users/missing' },
        { id: 'b', method: 'GET', url: '/organization', dependsOn: ['a'] },
      ]),
    );
    expect(chained.get('a')).toMatchObject({
      status: 404,
      body: { error: { code: 'Request_ResourceNotFound' } },
    });
    expect(chained.get('b')).toMatchObject({ status: 424 });
  });

  it.each([
    [
      'more than 20 items',
      Array.from({ length: 21 }, (_, index) => ({
        id: String(index),
        method: 'GET',
        url: '/organization',
      })),
    ],
    [
      'an id twice',
      [
        { id: '1', method: 'GET', url: '/organization' },
        { id: '1', method: 'GET', url: '/organization' },
      ],
    ],
    ['a body without headers', [{ id: '1', method: 'PATCH', url: '/users/x', body: {} }]],
    ['an unknown dependency', [{ id: '1', method: 'GET', url: '/organization', dependsOn: ['2'] }]],
  ])('refuses %s', async (_, requests) => {
    expect((await batch(requests)).status).toBe(400);
  });
});

describe('throttling', () => {
  it('warns from 80 per cent, answers 429 with all headers, counts batch items alone, and recovers', async () => {
    kit.simulator.world.clock.advance(300_000);
    kit.simulator.world.settings.throttleFactor = 10 / 3500;
    const read = () => kit.graph('GET', '/organization', { token });
    const seen = [];
    for (let count = 0; count < 11; count += 1) seen.push(await read());
    expect(seen.map((answer) => answer.status)).toEqual([
      ...Array.from({ length: 10 }, () => 200),
      429,
    ]);
    expect(seen[5]?.headers['x-ms-throttle-limit-percentage']).toBeUndefined();
    expect(seen[8]?.headers['x-ms-throttle-limit-percentage']).toBe('0.9');
    const refused = seen[10]!;
    expect(refused.headers).toMatchObject({
      'x-ms-throttle-scope': `Tenant_Application/ReadWrite/${DEFAULT_PARTNER.clientId}/${tenantId}`,
      'x-ms-throttle-information': 'ResourceUnitLimitExceeded',
      'retry-after': expect.stringMatching(/^\d+\.\d+$/) as string,
    });
    const items = await kit.graph('POST', '/$batch', {
      token,
      body: { requests: [{ id: '1', method: 'GET', url: '/organization' }] },
    });
    expect(items.status).toBe(200);
    expect((items.body.responses as unknown[])[0]).toMatchObject({
      status: 429,
      headers: { 'Retry-After': expect.any(String) as string },
    });
    kit.simulator.world.clock.advance(Number(refused.headers['retry-after']) * 1000 + 1);
    expect((await read()).status).toBe(200);
  });
});

const fault = (body: unknown) => kit.send('POST', `${kit.simulator.urls.control}/faults`, { body });

const create = (nickname: string) =>
  kit.graph('POST', '/users', { token, body: newUser(nickname, domain) });

describe('faults', () => {
  it('loses an answer after the change took effect', async () => {
    await fault({
      service: 'graph',
      method: 'POST',
      path: '/users$',
      times: 1,
      kind: 'lostAnswer',
    });
    await expect(create('lost')).rejects.toThrow(CLOSED);
    expect((await create('lost')).body.error['message']).toMatch(/already exists/);
    const { entries } = kit.simulator.journal.since(0);
    expect(entries.filter((entry) => entry.fault === 'lostAnswer')).toMatchObject([
      { status: 201, method: 'POST' },
    ]);
  });

  it('resets before anything happened', async () => {
    await fault({ method: 'POST', times: 1, kind: 'reset' });
    await expect(create('reset')).rejects.toThrow(CLOSED);
    expect((await create('reset')).status).toBe(201);
  });

  it('answers with the status asked for, in the form of the service', async () => {
    await fault({ service: 'graph', times: 1, kind: 'status', status: 429 });
    const throttled = await kit.graph('GET', '/organization', { token });
    expect(throttled).toMatchObject({ status: 429, body: { error: { code: 'TooManyRequests' } } });
    expect(throttled.headers['retry-after']).toBe('2.128');
    await fault({ service: 'login', times: 1, kind: 'status', aadsts: 53003 });
    expect((await kit.tokenRequest(tenantId, {})).body.error_codes).toEqual([53003]);
    expect((await fault({ kind: 'nonsense' })).status).toBe(400);
    expect((await kit.graph('GET', '/organization', { token })).status).toBe(200);
  });
});

describe('the control port', () => {
  it('creates partners, changes settings, shows tenants and the journal', async () => {
    const { control } = kit.simulator.urls;
    const made = await kit.send('POST', `${control}/partners`, {
      body: { name: 'Adatum US', region: 'North America', country: 'US', currency: 'USD' },
    });
    expect(made).toMatchObject({ status: 201, body: { domain: 'adatumus.onmicrosoft.com' } });
    const form = { client_id: made.body.clientId, client_secret: made.body.clientSecret };
    expect((await kit.tokenRequest(made.body.tenantId, form)).status).toBe(200);
    const patched = await kit.send('PATCH', `${control}/settings`, {
      body: { auditDelayMs: 5, throttleFactor: null },
    });
    expect(patched.body).toMatchObject({ auditDelayMs: 5, throttleFactor: null });
    expect((await kit.send('PATCH', `${control}/settings`, { body: { nonsense: 1 } })).status).toBe(
      400,
    );
    const dump = await kit.send('GET', `${control}/directories/${tenantId}`);
    expect(dump.body.seats).toMatchObject([{ skuPartNumber: 'SPB', enabled: 7, consumed: 5 }]);
    const { body } = await kit.send('GET', `${control}/journal?since=0`);
    expect(body.entries[0]).toMatchObject({ seq: 1, service: 'login' });
    expect(
      (await kit.send('POST', `${control}/clock`, { body: { advance: 'tomorrow' } })).status,
    ).toBe(400);
  });
});

describe('the listeners', () => {
  it('route by the public names, whatever the port', async () => {
    const { login } = kit.simulator.urls;
    const headers = { host: 'graph.microsoft.com' };
    const answer = await kit.send('GET', `${login}/v1.0/organization`, { token, headers });
    expect(answer).toMatchObject({ status: 200, body: { value: [{ id: tenantId }] } });
  });

  it('keep their certificate authority in the folder given', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'simulator-test-'));
    const first = await Kit.start({ certificateFolder: folder });
    const authority = readFileSync(first.simulator.caFile, 'utf8');
    await first.stop();
    const second = await Kit.start({ certificateFolder: folder });
    expect(readFileSync(second.simulator.caFile, 'utf8')).toBe(authority);
    expect((await second.graph('GET', '/organization')).status).toBe(401);
    await second.stop();
  });
});

describe('released clients', () => {
  it('@azure/identity and the Graph SDK work unchanged', async () => {
    const script = `
      import { ClientSecretCredential } from '@azure/identity';
      import { Client } from '@microsoft/microsoft-graph-client';
      const [login, graph, tenantId, clientId, secret] = process.argv.slice(1);
      const credential = new ClientSecretCredential(tenantId, clientId, secret, { authorityHost: login, disableInstanceDiscovery: true });
      const getAccessToken = async () => (await credential.getToken('https://graph.microsoft.com/.default')).token;
      const client = Client.initWithMiddleware({ baseUrl: graph, customHosts: new Set([new URL(graph).hostname]), authProvider: { getAccessToken } });
      const me = await client.api('/users/anna.becker@${domain}').select('id,displayName').get();
      await client.api('/users/' + me.id).update({ jobTitle: 'Read by the SDK' });
      const missing = await client.api('/users/nobody').get().catch((error) => error.code);
      console.log(JSON.stringify({ displayName: me.displayName, missing }));
    `;
    const { urls, caFile } = kit.simulator;
    const args = [
      '--input-type=module',
      '-e',
      script,
      urls.login,
      urls.graph,
      tenantId,
      DEFAULT_PARTNER.clientId,
      DEFAULT_PARTNER.clientSecret,
    ];
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      cwd: import.meta.dirname,
      env: { ...process.env, NODE_EXTRA_CA_CERTS: caFile },
    });
    expect(JSON.parse(stdout)).toEqual({
      displayName: 'Anna Becker',
      missing: 'Request_ResourceNotFound',
    });
  });
});

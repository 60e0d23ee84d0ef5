import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JournalEntry } from '../journal.ts';
import { SeededRandom } from '../random.ts';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from '../seed.ts';
import { Kit, newUser } from '../test-kit.ts';
import { Fault } from './fault.ts';
import { Faults } from './room.ts';

const { tenantId, domain } = DEFAULT_CUSTOMER;
const CLOSED = /other side closed|socket|ECONNRESET|terminated/;
let kit: Kit;
let token: string;
let partnerToken: string;
beforeAll(async () => {
  kit = await Kit.start({ frozen: true });
  token = await kit.customerToken(tenantId);
  partnerToken = await kit.token(DEFAULT_PARTNER.tenantId, {
    grant_type: 'refresh_token',
    refresh_token: DEFAULT_PARTNER.refreshToken,
    scope: 'https://api.partnercenter.microsoft.com/.default',
  });
});
beforeEach(() => kit.simulator.faults.clear());
afterAll(() => kit.stop());

const once = (fault: Fault) => kit.simulator.faults.add({ times: 1, ...fault });
const read = (path = '/organization') => kit.graph('GET', path, { token });
const create = (nickname: string) =>
  kit.graph('POST', '/users', { token, body: newUser(nickname, domain) });
const exists = async (nickname: string) =>
  (await read(`/users/${nickname}@${domain}`)).status === 200;
const last = (): JournalEntry => kit.simulator.journal.since(0).entries.at(-1)!;

describe('a fault strikes by', () => {
  it.each<[string, Partial<Fault>, boolean]>([
    ['the service', { service: 'graph' }, true],
    ['another service', { service: 'partnerCenter' }, false],
    ['the method, in any case', { method: 'get' }, true],
    ['another method', { method: 'POST' }, false],
    ['the path', { path: '/organization$' }, true],
    ['another path', { path: '/users' }, false],
    ['the tenant', { tenantId: tenantId.toUpperCase() }, true],
    ['another tenant', { tenantId: DEFAULT_PARTNER.tenantId }, false],
    ['the app', { appId: DEFAULT_PARTNER.clientId }, true],
    ['another app', { appId: DEFAULT_CUSTOMER.tenantId }, false],
  ])('%s', async (_, match, strikes) => {
    once({ kind: 'status', status: 418, ...match });
    expect((await read()).status).toBe(strikes ? 418 : 200);
  });

  it('tenant and app at login, where there is no token yet', async () => {
    const appId = DEFAULT_PARTNER.clientId;
    once({ kind: 'status', service: 'login', aadsts: 53003, tenantId, appId });
    expect((await kit.tokenRequest(DEFAULT_PARTNER.tenantId, {})).status).toBe(200);
    expect((await kit.tokenRequest(tenantId, {})).body.error_codes).toEqual([53003]);
  });

  it('what a part of a batch asks for, as if it came alone', async () => {
    kit.simulator.faults.add({ kind: 'status', status: 503, path: '/organization$' });
    kit.simulator.faults.add({ kind: 'reset', path: '/domains$' });
    kit.simulator.faults.add({ kind: 'expiredToken', path: '/users$' });
    const urls = ['/organization', '/domains', '/users'];
    const requests = urls.map((url) => ({ id: url, method: 'GET', url }));
    const { body } = await kit.graph('POST', '/$batch', { token, body: { requests } });
    const responses = body.responses as readonly { id: string; status: number }[];
    const statuses = requests.map(({ id }) => responses.find((each) => each.id === id)?.status);
    expect(statuses).toEqual([503, 200, 401]);
    const faults = kit.simulator.journal
      .since(0)
      .entries.slice(-3)
      .map(({ fault }) => fault);
    expect(faults).toEqual(['status', undefined, 'expiredToken']);
  });

  it('count, after a number of requests that pass', async () => {
    kit.simulator.faults.add({ kind: 'status', status: 418, after: 2, times: 2 });
    const seen = [];
    for (let n = 0; n < 5; n += 1) seen.push((await read()).status);
    expect(seen).toEqual([200, 200, 418, 418, 200]);
    expect(kit.simulator.faults.list()).toEqual([]);
  });
});

describe('chance', () => {
  const hits = (faults: Faults, count: number): string =>
    Array.from({ length: count }, () => {
      const request = { method: 'GET', path: '/', query: new URLSearchParams(), headers: {} };
      const fault = faults.take('graph', { ...request, body: undefined, caller: undefined });
      return fault ? 'x' : '.';
    }).join('');

  it('follows its own seed, whatever else is drawn, and goes on in a saved world', () => {
    const [one, other] = [new Faults(new SeededRandom(1)), new Faults(new SeededRandom(2))];
    for (const faults of [one, other]) faults.add({ kind: 'reset', probability: 0.3, seed: 7 });
    const first = hits(one, 100);
    expect(hits(other, 100)).toBe(first);
    expect(first.replaceAll('.', '').length).toBeGreaterThan(15);
    expect(first.replaceAll('.', '').length).toBeLessThan(45);
    const loaded = new Faults(new SeededRandom(3));
    loaded.load(one.dump());
    expect(hits(loaded, 100)).toBe(hits(one, 100));
    expect(loaded.list()).toEqual(one.list());
  });

  it('changes no identifier of the world', async () => {
    const ids = async (faults: readonly Fault[]) => {
      const other = await Kit.start({ frozen: true, startAt: '2026-09-01T00:00:00Z' });
      for (const fault of faults) other.simulator.faults.add(fault);
      const { urls } = other.simulator;
      const wrong = { body: new URLSearchParams() };
      await other.send('POST', `${urls.login}/x/oauth2/v2.0/token`, wrong).catch(() => undefined);
      const made = other.simulator.world.random.uuid();
      await other.stop();
      return made;
    };
    const rare: Fault = { kind: 'status', status: 503, probability: 0.001, path: 'token$' };
    expect(await ids([rare])).toBe(await ids([]));
  });
});

describe('the kinds', () => {
  it.each(['lostRequest', 'reset'] as const)('%s: nothing took effect', async (kind) => {
    once({ kind, method: 'POST' });
    await expect(create(`never-${kind}`)).rejects.toThrow(CLOSED);
    expect(last()).toMatchObject({ fault: kind, status: 0 });
    expect(await exists(`never-${kind}`)).toBe(false);
  });

  it('reset: the client sees a reset', async () => {
    once({ kind: 'reset' });
    await expect(read()).rejects.toThrow('ECONNRESET');
  });

  it.each(['lostAnswer', 'truncated'] as const)('%s: it took effect', async (kind) => {
    once({ kind, method: 'POST' });
    await expect(create(`done-${kind}`)).rejects.toThrow(CLOSED);
    expect(last()).toMatchObject({ fault: kind, status: 201 });
    expect(await exists(`done-${kind}`)).toBe(true);
  });

  it.each(['delay', 'slow'] as const)('%s: the whole answer, later', async (kind) => {
    once({ kind, delayMs: 120 });
    const startedMs = performance.now();
    expect((await read()).body.value).toMatchObject([{ id: tenantId }]);
    expect(performance.now() - startedMs).toBeGreaterThan(100);
  });

  it('status: with headers and body as asked', async () => {
    once({ kind: 'status', status: 503, headers: { 'retry-after': '9' }, body: { a: 1 } });
    const answer = await kit.send('GET', `${kit.simulator.urls.graph}/v1.0/me`, { token });
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '9' }, body: { a: 1 } });
  });

  it('expiredToken: 401 as for an expired one, from both services', async () => {
    once({ kind: 'expiredToken' });
    const graph = await read();
    expect(graph).toMatchObject({
      status: 401,
      body: { error: { code: 'InvalidAuthenticationToken' } },
    });
    expect(graph.body.error.message).toMatch(/expired/);
    once({ kind: 'expiredToken' });
    const url = `${kit.simulator.urls.partnerCenter}/v1/customers`;
    expect(await kit.send('GET', url, { token: partnerToken })).toMatchObject({
      status: 401,
      body: { code: 800001 },
    });
  });

  it('consentWithdrawn: 403 from Graph, and login knows the app no more', async () => {
    once({ kind: 'consentWithdrawn', service: 'graph' });
    expect((await read()).body.error.code).toBe('Authorization_RequestDenied');
    once({ kind: 'consentWithdrawn', service: 'login' });
    expect((await kit.tokenRequest(tenantId, {})).body.error_codes).toEqual([7000229]);
    once({ kind: 'consentWithdrawn', service: 'login' });
    const form = { grant_type: 'refresh_token', refresh_token: DEFAULT_PARTNER.refreshToken };
    expect((await kit.tokenRequest(tenantId, form)).body.error_codes).toEqual([65001]);
  });

  it('mfaMissing: as Partner Center refuses a token without it (partner-center.md 1.3)', async () => {
    once({ kind: 'mfaMissing' });
    expect((await read()).status).toBe(200);
    const url = `${kit.simulator.urls.partnerCenter}/v1/customers`;
    const refused = await kit.send('GET', url, { token: partnerToken });
    expect(refused).toMatchObject({ status: 401, body: { code: 900421 } });
    expect(refused.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    expect((await kit.send('GET', url, { token: partnerToken })).status).toBe(200);
  });
});

describe('on the control port', () => {
  const control = (method: string, path: string, body?: unknown) =>
    kit.send(method, `${kit.simulator.urls.control}${path}`, body === undefined ? {} : { body });

  it('faults are listed with what they struck, and go one by one or all together', async () => {
    const first = kit.simulator.faults.add({ kind: 'status', status: 418, path: 'organization' });
    await control('POST', '/faults', { kind: 'reset', path: 'nothing' });
    await read();
    const { body } = await control('GET', '/faults');
    expect((body as unknown as { faults: unknown }).faults).toMatchObject([
      { id: first, kind: 'status', struck: 1 },
      { kind: 'reset', struck: 0 },
    ]);
    expect((await control('DELETE', `/faults/${first}`)).status).toBe(204);
    expect((await read()).status).toBe(200);
    expect((await control('DELETE', `/faults/${first}`)).status).toBe(404);
    expect((await control('DELETE', '/faults')).status).toBe(204);
    expect(kit.simulator.faults.list()).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ['an unknown kind', { kind: 'nonsense' }, 'kind'],
    ['an unknown member', { kind: 'reset', colour: 'red' }, 'colour'],
    ['a path that is no expression', { kind: 'reset', path: '(' }, '"(" is no regular expression'],
    ['a body without status', { kind: 'reset', body: 1 }, 'only kind "status" has body'],
    ['a delay without time', { kind: 'delay' }, 'needs delayMs'],
    ['AADSTS elsewhere', { kind: 'status', aadsts: 1 }, 'only service "login"'],
    [
      'a service that it cannot strike',
      { kind: 'mfaMissing', service: 'graph' },
      'strikes partnerCenter, not graph',
    ],
    ['a seed without chance', { kind: 'reset', seed: 1 }, 'a seed needs a probability'],
  ])('%s is refused with the reason', async (_, body, reason) => {
    const { status, body: answer } = await control('POST', '/faults', body);
    expect(status).toBe(400);
    expect(answer.error).toContain(reason);
    expect(Fault.safeParse(body).success).toBe(false);
  });
});

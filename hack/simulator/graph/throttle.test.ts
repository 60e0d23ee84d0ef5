import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from '../seed.ts';
import { type Answer, Kit, newUser } from '../test-kit.ts';

const { tenantId, domain } = DEFAULT_CUSTOMER;
const ANNA = `/users/anna.becker@${domain}`;
let kit: Kit;
let token: string;

beforeEach(async () => {
  kit = await Kit.start({ frozen: true });
  token = await kit.customerToken(tenantId);
});
afterEach(() => kit.stop());

const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  kit.graph('GET', path, { token, headers });
async function untilRefused(send: () => Promise<Answer>): Promise<{ n: number; last: Answer }> {
  for (let n = 0; ; n += 1) {
    const last = await send();
    if (last.status === 429) return { n, last };
    expect(last.status).toBeLessThan(300);
  }
}

describe('the cost of a call', () => {
  it.each([
    ['/users', '2'],
    ['/users?$select=id', '1'],
    ['/users?$top=5', '1'],
    ['/users?$expand=manager', '3'],
    [ANNA, '1'],
    [`${ANNA}/licenseDetails`, '2'],
    [`${ANNA}/memberOf`, '2'],
    [`${ANNA}/transitiveMemberOf`, '2'],
    ['/subscribedSkus', '3'],
    [`/domains/${domain}/domainNameReferences`, '4'],
    ['/users/delta', '1'],
    ['/groups', '1'],
    ['/auditLogs/directoryAudits', undefined],
  ])('of %s is %s', async (path, units) => {
    expect((await get(path)).headers['x-ms-resource-unit']).toBe(units);
  });

  it('is told with refusals too', async () => {
    expect((await get('/users/nobody')).headers['x-ms-resource-unit']).toBe('1');
    const denied = await kit.graph('DELETE', `/users/admin@${DEFAULT_CUSTOMER.initialDomain}`, {
      token,
    });
    expect(denied).toMatchObject({ status: 403, headers: { 'x-ms-resource-unit': '1' } });
  });
});

describe('the limits', () => {
  it('let an app make five requests to the audit log in ten seconds', async () => {
    const { n, last } = await untilRefused(() => get('/auditLogs/directoryAudits'));
    expect(n).toBe(5);
    expect(last.headers['x-ms-throttle-scope']).toBe(
      `Tenant_Application/Read/${DEFAULT_PARTNER.clientId}/${tenantId}`,
    );
    expect((await get(ANNA)).status).toBe(200);
    kit.simulator.world.clock.advance(Number(last.headers['retry-after']) * 1000);
    expect((await get('/auditLogs/directoryAudits')).status).toBe(200);
  });

  it('count writes apart, and say when the next one may come', async () => {
    kit.simulator.world.settings.throttleFactor = 5 / 3_000;
    let number = 0;
    const write = () => {
      number += 1;
      return kit.graph('POST', '/users', { token, body: newUser(`w${number}`, domain) });
    };
    const { n, last } = await untilRefused(write);
    expect(n).toBe(5);
    expect(last).toMatchObject({
      headers: {
        'x-ms-throttle-information': 'WriteLimitExceeded',
        'x-ms-throttle-limit-percentage': '1.2',
      },
      body: { error: { code: 'TooManyRequests', innerError: { code: '429' } } },
    });
    const waitMs = Number(last.headers['retry-after']) * 1000;
    kit.simulator.world.clock.advance(waitMs - 1_000);
    expect((await write()).status).toBe(429);
    kit.simulator.world.clock.advance(1_000);
    expect((await write()).status).toBe(201);
  });

  it('hold back low priority first', async () => {
    kit.simulator.world.settings.throttleFactor = 20 / 3_500;
    const low = await untilRefused(() => get('/organization', { 'x-ms-throttle-priority': 'Low' }));
    expect(low.n).toBe(18);
    expect((await get('/organization')).status).toBe(200);
  });

  it('grow with the tenant', async () => {
    const { world } = kit.simulator;
    world.settings.throttleFactor = 10 / 3_500;
    expect((await untilRefused(() => get('/organization'))).n).toBe(10);
    const directory = world.directories.get(tenantId)!;
    const [anna] = [...directory.users.all('live', directory.log.last)];
    for (let n = 0; n < 50; n += 1) directory.users.write({ ...anna!.value, id: `copy-${n}` });
    world.clock.advance(60_000);
    expect((await untilRefused(() => get('/organization'))).n).toBe(14);
  });
});

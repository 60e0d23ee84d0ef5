import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from '../seed.ts';
import { Kit } from '../test-kit.ts';
import { Violations } from './room.ts';

let kit: Kit;
let token: string;
beforeAll(async () => {
  kit = await Kit.start({ frozen: true });
  token = await kit.customerToken(DEFAULT_CUSTOMER.tenantId);
});
afterAll(() => kit.stop());

const control = (method: string) =>
  kit.send(method, `${kit.simulator.urls.control}/violations`) as unknown as Promise<{
    readonly body: { readonly total: number; readonly violations: readonly unknown[] };
  }>;

it('lists who did what a careful client never does, until it is emptied', async () => {
  kit.simulator.faults.add({ kind: 'status', status: 429, times: 1 });
  for (let n = 0; n < 2; n += 1) await kit.graph('GET', '/organization', { token });
  const requests = Array.from({ length: 21 }, (_, id) => ({
    id: String(id),
    method: 'GET',
    url: '/organization',
  }));
  await kit.graph('POST', '/$batch', { token, body: { requests } });

  const { body } = await control('GET');
  const who = { tenantId: DEFAULT_CUSTOMER.tenantId, appId: DEFAULT_PARTNER.clientId };
  expect(body).toMatchObject({
    total: 2,
    violations: [
      { rule: 'retry-inside-wait', path: '/v1.0/organization', ...who },
      { rule: 'large-batch', path: '/v1.0/$batch', what: '21 requests in one batch', ...who },
    ],
    rules: { 'large-batch': expect.stringContaining('at most 20') as string },
  });
  const [first] = kit.simulator.violations.list();
  const entry = kit.simulator.journal.since((first?.seq ?? 0) - 1).entries[0];
  expect(entry).toMatchObject({ path: '/v1.0/organization', status: 200 });

  await control('DELETE');
  expect((await control('GET')).body).toMatchObject({ total: 0, violations: [] });
});

it('takes a part of a batch that is sent again too early for what it is', async () => {
  const { settings } = kit.simulator.world;
  settings.throttleFactor = 0.000_001;
  const requests = [{ id: '1', method: 'GET', url: '/organization' }];
  for (let n = 0; n < 2; n += 1) await kit.graph('POST', '/$batch', { token, body: { requests } });
  settings.throttleFactor = 1;
  expect(kit.simulator.violations.list()).toMatchObject([
    { rule: 'retry-inside-wait', path: '/v1.0/organization' },
  ]);
});

it('goes on in a saved world', () => {
  const { violations } = kit.simulator;
  const loaded = new Violations();
  loaded.load(violations.dump());
  expect(loaded.dump()).toEqual(violations.dump());
  expect(loaded.list()).toEqual(violations.list());
});

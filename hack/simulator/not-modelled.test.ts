import { afterAll, beforeAll, expect, it } from 'vitest';
import { NOT_MODELLED_HEADER, NotModelled, notModelledHeader } from './not-modelled.ts';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from './seed.ts';
import { type Answer, Kit } from './test-kit.ts';

let kit: Kit;
let token: string;
let partnerToken: string;
beforeAll(async () => {
  kit = await Kit.start({ frozen: true });
  token = await kit.customerToken(DEFAULT_CUSTOMER.tenantId);
  partnerToken = await kit.token(DEFAULT_PARTNER.tenantId, {
    scope: 'https://api.partnercenter.microsoft.com/.default',
  });
});
afterAll(() => kit.stop());

const counts = async () =>
  (await kit.send('GET', `${kit.simulator.urls.control}/not-modelled`)).body;

const marked = ({ status, headers }: Answer) => [status, headers[NOT_MODELLED_HEADER]];

it('marks and counts what Microsoft has and the simulator has not, in batches too', async () => {
  const expanded = '/users?$expand=ownedDevices';
  const list = await kit.graph('GET', expanded, { token });
  expect(marked(list)).toEqual([501, '$expand=ownedDevices']);
  const beta = `${kit.simulator.urls.graph}/beta/users`;
  expect(marked(await kit.send('GET', beta, { token }))).toEqual([501, 'the beta version']);
  const offers = `${kit.simulator.urls.partnerCenter}/v1/offers?country=DE`;
  const answer = await kit.send('GET', offers, { token: partnerToken });
  expect(marked(answer)).toEqual([501, 'GET /v1/offers']);
  const requests = ['1', '2'].map((id) => ({ id, method: 'GET', url: expanded }));
  const batch = await kit.graph('POST', '/$batch', { token, body: { requests } });
  expect(batch.body.responses[0]).toMatchObject({
    status: 501,
    headers: { [NOT_MODELLED_HEADER]: '$expand=ownedDevices' },
  });

  expect(await counts()).toEqual({
    '$expand=ownedDevices': 3,
    'the beta version': 1,
    'GET /v1/offers': 1,
  });
});

it('counts nothing else: neither refusals nor an ordered 501', async () => {
  const before = await counts();
  expect((await kit.graph('GET', '/users/nobody', { token })).status).toBe(404);
  kit.simulator.faults.add({ kind: 'status', status: 501, times: 1 });
  const ordered = await kit.graph('GET', '/organization', { token });
  expect(marked(ordered)).toEqual([501, undefined]);
  // Graph itself has this nowhere.
  const foreign = await kit.graph('GET', '/users?$select=aboutMe', { token });
  expect(marked(foreign)).toEqual([501, undefined]);
  expect(await counts()).toEqual(before);
});

it('keeps names of clients short, printable and bounded in number', () => {
  expect(notModelledHeader(`ünknown${'x'.repeat(500)}`)[NOT_MODELLED_HEADER]).toBe(
    `?nknown${'x'.repeat(193)}`,
  );
  const many = new NotModelled();
  for (let n = 0; n < 1_500; n += 1) {
    many.count({ status: 501, headers: notModelledHeader(`thing ${n}`) });
  }
  const counted = many.counts();
  expect(Object.keys(counted)).toHaveLength(1_001);
  expect(counted['others']).toBe(500);
});

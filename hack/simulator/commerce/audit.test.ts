import { expect, it } from 'vitest';
import { DAY_MS } from './terms.ts';
import { buyer, subscribe, testCloud, USER_CALLER, update } from './test-world.ts';

it('writes a record for every mutation, with user, application and correlation id', () => {
  const cloud = testCloud();
  const id = buyer(cloud);
  const correlation = '1f6a7c1e-9d53-4a7b-8a24-5c1e2b3d4f60';
  const subscription = subscribe(cloud, id);
  const body = { ...cloud.send('GET', subscription).json, quantity: 12 };
  cloud.send('PATCH', subscription, body, { headers: { 'ms-correlationid': correlation } });
  const { items } = cloud.send('GET', '/v1/auditrecords?startDate=2026-09-01').json;
  expect(items.map(({ operationType }) => operationType)).toEqual([
    'add_customer',
    'create_agreement',
    'create_order',
    'update_subscription',
  ]);
  expect(items[3]).toMatchObject({
    customerId: id,
    customerName: 'Contoso GmbH',
    userPrincipalName: USER_CALLER.userPrincipalName,
    applicationId: USER_CALLER.appId,
    originalCorrelationId: correlation,
    operationStatus: 'succeeded',
    resourceNewValue: expect.stringContaining('"Quantity":12'),
    attributes: { objectType: 'AuditRecord' },
  });
  const one = cloud.send('GET', `/auditactivity/v1/auditrecords/${items[3]!.id}`);
  expect(one.json).toEqual(items[3]);
});

it('shows what a foreign actor did in the portal under that name', () => {
  const cloud = testCloud();
  const subscription = subscribe(cloud, buyer(cloud));
  const person = { ...USER_CALLER, userPrincipalName: 'eve@partner.example', portal: true };
  const body = { ...cloud.send('GET', subscription).json, quantity: 12 };
  cloud.send('PATCH', subscription, body, { caller: { ...person, appId: 'portal' } });
  const { items } = cloud.send('GET', '/v1/auditrecords').json;
  expect(items.at(-1)).toMatchObject({
    userPrincipalName: 'eve@partner.example',
    applicationId: 'portal',
  });
});

it('records renewals without a user', () => {
  const cloud = testCloud();
  subscribe(cloud, buyer(cloud), { termDuration: 'P1M' });
  cloud.world.clock.advance(31 * DAY_MS);
  const last = cloud.send('GET', '/v1/auditrecords').json.items.at(-1);
  expect(last).toMatchObject({ applicationId: 'FulfillmentService' });
  expect(last).not.toHaveProperty('userPrincipalName');
});

it('writes nothing for reads and refusals', () => {
  const cloud = testCloud();
  const subscription = subscribe(cloud, buyer(cloud));
  const count = (): number => cloud.send('GET', '/v1/auditrecords').json.totalCount;
  const before = count();
  update(cloud, subscription, { quantity: 1000 });
  expect(count()).toBe(before);
});

it('filters by company, customer and resource type', () => {
  const cloud = testCloud();
  const id = buyer(cloud);
  subscribe(cloud, id);
  const found = (Field: string, Value: string, Operator: string): unknown => {
    const filter = encodeURIComponent(JSON.stringify({ Field, Value, Operator }));
    const { json } = cloud.send('GET', `/v1/auditrecords?filter=${filter}`);
    return json.totalCount ?? json.code;
  };
  expect(found('CompanyName', 'toso', 'substring')).toBe(3);
  expect(found('CustomerId', id, 'equals')).toBe(3);
  expect(found('CustomerId', 'other', 'equals')).toBe(0);
  expect(found('ResourceType', 'order', 'equals')).toBe(1);
  expect(found('CompanyName', 'x', 'equals')).toBe(2000);
});

it('reads 30 days by default, 90 at most, and whole days of an end date', () => {
  const cloud = testCloud();
  buyer(cloud);
  const count = (query: string): unknown => {
    const answer = cloud.send('GET', `/v1/auditrecords${query}`);
    return answer.json.totalCount ?? answer.status;
  };
  expect(count('?endDate=2026-09-01')).toBe(2);
  expect(count('?endDate=2026-08-31')).toBe(0);
  cloud.world.clock.advance(40 * DAY_MS);
  expect(count('')).toBe(0);
  expect(count('?startDate=2026-09-01')).toBe(2);
  cloud.world.clock.advance(60 * DAY_MS);
  expect(count('?startDate=2026-09-01')).toBe(400);
});

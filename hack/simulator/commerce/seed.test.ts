import { expect, it } from 'vitest';
import { addExistingCustomer, commerceOf, type ExistingCustomer } from './index.ts';
import { DAY_MS } from './terms.ts';
import { buy, PARTNER, testCloud, USER_CALLER, update } from './test-world.ts';

const TENANT = 'c0ffee00-1a2b-4c3d-8e4f-5a6b7c8d9e0f';
const EXISTING: ExistingCustomer = {
  partnerTenantId: PARTNER,
  tenantId: TENANT,
  initialDomain: 'northwind.onmicrosoft.com',
  companyName: 'Northwind Traders GmbH',
  country: 'DE',
  admin: { userName: 'admin' },
  subscriptions: [
    {
      catalogItem: 'CFQ7TTC0LCHC:0002',
      quantity: 7,
      termDuration: 'P1Y',
      billingCycle: 'monthly',
      friendlyName: 'base',
    },
    { catalogItem: 'CFQ7TTC0LH18:0001', quantity: 3, termDuration: 'P1M', billingCycle: 'monthly' },
  ],
};

it('adds a customer of long standing whose windows have passed', () => {
  const cloud = testCloud();
  const [yearly] = addExistingCustomer(cloud.world, cloud.directory, EXISTING);
  expect(cloud.send('GET', '/v1/customers').json.items).toMatchObject([{ id: TENANT }]);
  const url = `/v1/customers/${TENANT}/subscriptions/${yearly}`;
  const { json } = cloud.send('GET', url);
  expect(json).toMatchObject({
    friendlyName: 'base',
    quantity: 7,
    creationDate: '2026-05-24T09:00:00.000Z',
    commitmentEndDate: '2027-05-23T00:00:00Z',
    billingCycleEndDate: '2026-09-23T00:00:00Z',
  });
  expect(json).not.toHaveProperty('refundableQuantity');
  expect(update(cloud, url, { quantity: 6 }).json.code).toBe(800090);
  expect(cloud.directory.subscriptions.get(String(yearly))).toMatchObject({ seats: 7 });
  expect(cloud.directory.relationships).toEqual([]);
});

it('may buy at once and lives on: cycles are billed, monthly terms renew', () => {
  const cloud = testCloud();
  addExistingCustomer(cloud.world, cloud.directory, EXISTING);
  expect(buy(cloud, TENANT, { quantity: 1 }).status).toBe(201);
  cloud.world.clock.advance(31 * DAY_MS);
  const { ledger } = commerceOf(cloud.world);
  expect(ledger.filter(({ chargeType }) => chargeType === 'cycleCharge')).toMatchObject([
    { quantity: 7 },
    { quantity: 1 },
  ]);
  expect(ledger.filter(({ chargeType }) => chargeType === 'renew')).toMatchObject([
    { quantity: 3 },
  ]);
});

it('takes a whole address, so that the billing profile can be sent back', () => {
  const cloud = testCloud();
  const address = { postalCode: '10115', city: 'Berlin' };
  addExistingCustomer(cloud.world, cloud.directory, { ...EXISTING, address });
  const url = `/v1/customers/${TENANT}/profiles/billing`;
  const profile = cloud.send('GET', url).json;
  const headers = { 'if-match': `"${profile.attributes.etag}"` };
  expect(cloud.send('PUT', url, profile, { headers }).status).toBe(200);
});

it('adds the relationship of a second partner to a known tenant', () => {
  const cloud = testCloud();
  addExistingCustomer(cloud.world, cloud.directory, EXISTING);
  cloud.world.partners.set('second', { ...cloud.world.partners.get(PARTNER)!, tenantId: 'second' });
  const { admin: _admin, ...accepted } = EXISTING;
  addExistingCustomer(cloud.world, cloud.directory, {
    ...accepted,
    partnerTenantId: 'second',
    subscriptions: [],
  });
  expect(commerceOf(cloud.world).customers.size).toBe(1);
  expect(commerceOf(cloud.world).customers.get(TENANT)?.relationships.size).toBe(2);
  const second = { caller: { ...USER_CALLER, tenantId: 'second' } };
  const url = `/v1/customers/${TENANT}/subscriptions`;
  expect(cloud.send('GET', url, undefined, second).json.totalCount).toBe(0);
  const { items } = cloud.send('GET', url).json;
  expect(items).toHaveLength(2);
  expect(cloud.send('GET', `${url}/${items[0]!.id}`, undefined, second).status).toBe(404);
  update(cloud, `${url}/${items[0]!.id}`, { friendlyName: 'ours' });
  expect(cloud.send('GET', '/v1/auditrecords').json.totalCount).toBe(1);
  expect(cloud.send('GET', '/v1/auditrecords', undefined, second).json.totalCount).toBe(0);
});

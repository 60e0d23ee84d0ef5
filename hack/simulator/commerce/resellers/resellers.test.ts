import { beforeEach, expect, it } from 'vitest';
import {
  buy,
  buyer,
  newAgreement,
  newCustomer,
  PARTNER,
  subscribe,
  type TestCloud,
  testCloud,
  update,
} from '../test-world.ts';
import { addReseller, type Reseller } from './resellers.ts';

const RESELLER: Reseller = {
  tenantId: 'aaaaaaaa-1a2b-4c3d-8e4f-5a6b7c8d9e0f',
  providerTenantId: PARTNER,
  name: 'Reseller',
  mpnId: '7654321',
  country: 'AT',
  isAgreementSigned: true,
};

let cloud: TestCloud;

beforeEach(() => {
  cloud = testCloud();
  addReseller(cloud.world, RESELLER);
});

/** A customer of the reseller that may buy. */
function resold(): string {
  const body = { ...newCustomer(), associatedPartnerId: RESELLER.tenantId };
  const { id } = cloud.send('POST', '/v1/customers', body).json;
  cloud.send('POST', `/v1/customers/${id}/agreements`, newAgreement());
  return id;
}

it('lists the resellers of a provider', () => {
  const url = '/v1/relationships?relationship_type=';
  const { items } = cloud.send('GET', `${url}IsIndirectCloudSolutionProviderOf`).json;
  expect(items).toMatchObject([{ id: RESELLER.tenantId, mpnId: '7654321', state: 'Active' }]);
  expect(cloud.send('GET', `${url}IsIndirectResellerOf`).json.items).toEqual([]);
  expect(cloud.send('GET', `${url}friends`).status).toBe(400);
});

it('creates a customer for a reseller, and finds the customers of one', () => {
  const id = resold();
  buyer(cloud, 'own.onmicrosoft.com');
  cloud.world.clock.advance(60_000);
  const found = (value: string) => {
    const filter = { Field: 'IndirectReseller', Value: value, Operator: 'starts_with' };
    const url = `/v1/customers?size=0&filter=${encodeURIComponent(JSON.stringify(filter))}`;
    return cloud.send('GET', url).json.items.map((item) => item.id);
  };
  expect(found(RESELLER.tenantId)).toEqual([id]);
  expect(found('bbbbbbbb')).toEqual([]);
  expect(cloud.send('GET', `/v1/customers/${id}/relationships`).json.items).toMatchObject([
    { name: 'Reseller', location: 'AT' },
  ]);
  const stranger = { ...newCustomer('x.onmicrosoft.com'), associatedPartnerId: PARTNER };
  expect(cloud.send('POST', '/v1/customers', stranger)).toMatchObject({ status: 400 });
});

it('names the reseller on order, subscription and invoice line', () => {
  const id = resold();
  const participants = [{ key: 'transaction_reseller', value: '7654321' }];
  const { orders } = buy(cloud, id, { participants }).json;
  expect(orders[0]!.lineItems[0]).toMatchObject({ partnerIdOnRecord: '7654321' });
  const subscription = subscribe(cloud, id, { participants });
  expect(cloud.send('GET', subscription).json).toMatchObject({ partnerId: '7654321' });
  const byReseller = cloud.send('GET', `/v1/customers/${id}/subscriptions?mpn_id=7654321`);
  expect(byReseller.json.items).toHaveLength(2);
  const lines = '/v1/invoices/unbilled/lineitems?provider=onetime&period=current';
  const [line] = cloud.send('GET', `${lines}&invoicelineitemtype=billinglineitems`).json.items;
  expect(line).toMatchObject({ mpnId: '1234567', resellerMpnId: 7_654_321 });
});

it('refuses the provider himself, strangers, and resellers that have not signed', () => {
  const id = resold();
  const subscription = subscribe(cloud, id);
  const codeOf = (partnerId: string) => update(cloud, subscription, { partnerId }).json.code;
  addReseller(cloud.world, { ...RESELLER, tenantId: 'b', mpnId: '99', isAgreementSigned: false });
  expect(codeOf('1111111')).toBe(2072);
  expect(codeOf('99')).toBe(900123);
  expect(codeOf('7654321')).toBeUndefined();
  expect(codeOf('1234567')).toBe(800015);
  const participants = [{ key: 'transaction_reseller', value: '1234567' }];
  expect(buy(cloud, id, { participants }).json.code).toBe(800009);
});

it('says whether a reseller has signed, and who has a PartnerID', () => {
  const url = '/v1/compliance/csp/agreementstatus';
  expect(cloud.send('GET', `${url}?mpnId=7654321`).json).toEqual({ isAgreementSigned: true });
  const codeOf = (query: string) => cloud.send('GET', `${url}?${query}`).json.code;
  addReseller(cloud.world, { ...RESELLER, tenantId: 'b', mpnId: '2', isAgreementSigned: false });
  addReseller(cloud.world, { ...RESELLER, tenantId: 'c', mpnId: '3', country: 'US' });
  expect(codeOf('mpnId=1')).toBe(2200);
  expect(codeOf('tenantId=c')).toBe(2201);
  expect(codeOf('mpnId=2')).toBe(2203);
  expect(codeOf('')).toBe(2000);
  const profile = (query: string) => cloud.send('GET', `/v1/profiles/mpn${query}`);
  expect(profile('').json).toMatchObject({ partnerName: 'Partner', mpnId: '1234567' });
  expect(profile('?mpnId=7654321').json).toMatchObject({ partnerName: 'Reseller' });
  expect(profile('?mpnId=1')).toMatchObject({ status: 404, json: { code: 3000 } });
});

it('makes test resellers in the sandbox only', () => {
  expect(cloud.send('POST', '/v1/sandboxIndirectReseller').status).toBe(403);
  const sandbox = testCloud({ partner: { environment: 'Sandbox' } });
  const made = sandbox.send('POST', '/v1/sandboxIndirectReseller');
  expect(made).toMatchObject({ status: 201, json: { location: 'DE' } });
  const url = `/v1/sandboxIndirectReseller/${made.json.id}`;
  expect(sandbox.send('DELETE', url).status).toBe(204);
  expect(sandbox.send('DELETE', url).status).toBe(400);
});

import { expect, it } from 'vitest';
import { ROLES } from '../access.ts';
import { commerceOf } from '../index.ts';
import {
  APP_CALLER,
  buyer,
  catalogItem,
  newAgreement,
  newCustomer,
  PARTNER,
  PREMIUM,
  subscribe,
  type TestCloud,
  testCloud,
  USER_CALLER,
  update,
} from '../test-world.ts';

const LINES = 'provider=onetime&invoicelineitemtype=billinglineitems';

function moveTo(cloud: TestCloud, iso: string): void {
  cloud.world.clock.advance(Date.parse(iso) - cloud.world.clock.nowMs());
}

it('has the invoice of a month from the 6th of the next one, with the sum of its lines', () => {
  const cloud = testCloud();
  const subscription = subscribe(cloud, buyer(cloud), { quantity: 10 });
  moveTo(cloud, '2026-09-05T09:00:00Z');
  update(cloud, subscription, { quantity: 11 });
  moveTo(cloud, '2026-10-05T23:59:59Z');
  expect(cloud.send('GET', '/v1/invoices').json.totalCount).toBe(0);
  moveTo(cloud, '2026-10-06T00:00:00Z');
  const [invoice] = cloud.send('GET', '/v1/invoices').json.items;
  const september = commerceOf(cloud.world).ledger.slice(0, 3);
  expect(invoice).toMatchObject({
    id: expect.stringMatching(/^G/),
    billingPeriodStartDate: '2026-09-01T00:00:00.000Z',
    billingPeriodEndDate: '2026-09-30T23:59:59.000Z',
    currencyCode: 'EUR',
    totalCharges: september.reduce((sum, { amountMinor }) => sum + amountMinor, 0) / 100,
  });
  const lines = cloud.send('GET', `/v1/invoices/${invoice!.id}/lineitems?${LINES}`).json;
  expect(lines.items).toMatchObject([
    { chargeType: 'new', quantity: 10, unitPrice: 16, subtotal: 160, productId: 'CFQ7TTC0LCHC' },
    { chargeType: 'addQuantity', quantity: -10 },
    { chargeType: 'addQuantity', quantity: 11, chargeStartDate: '2026-09-05T00:00:00.000Z' },
  ]);
});

it('pages line items with a continuation token', () => {
  const cloud = testCloud();
  const id = buyer(cloud);
  for (let count = 0; count < 3; count += 1) subscribe(cloud, id, { quantity: 1 });
  moveTo(cloud, '2026-10-06T00:00:00Z');
  const [invoice] = cloud.send('GET', '/v1/invoices').json.items;
  const url = `/v1/invoices/${invoice!.id}/lineitems?${LINES}`;
  const first = cloud.send('GET', `${url}&size=2`).json;
  expect(first.items).toHaveLength(2);
  const headers = { 'ms-continuationtoken': first.continuationToken };
  const next = cloud.send('GET', `${url}&seekOperation=Next`, undefined, { headers }).json;
  expect(next.items).toHaveLength(1);
  expect(next.links).not.toHaveProperty('next');
});

it('shows charges that are not invoiced yet as unbilled', () => {
  const cloud = testCloud();
  subscribe(cloud, buyer(cloud), { quantity: 1, billingCycle: 'annual' });
  const count = (period: string): number =>
    cloud.send('GET', `/v1/invoices/unbilled/lineitems?${LINES}&currencycode=eur&period=${period}`)
      .json.totalCount;
  expect([count('current'), count('previous')]).toEqual([1, 0]);
  moveTo(cloud, '2026-10-02T00:00:00Z');
  expect([count('current'), count('previous')]).toEqual([0, 1]);
  moveTo(cloud, '2026-10-06T00:00:00Z');
  expect([count('current'), count('previous')]).toEqual([0, 0]);
});

it('gives line items to applications, one invoice to users only', () => {
  const cloud = testCloud();
  subscribe(cloud, buyer(cloud));
  moveTo(cloud, '2026-10-06T00:00:00Z');
  const [invoice] = cloud.send('GET', '/v1/invoices').json.items;
  const url = `/v1/invoices/${invoice!.id}`;
  const app = { caller: APP_CALLER };
  expect(cloud.send('GET', `${url}/lineitems?${LINES}`, undefined, app).status).toBe(200);
  expect(cloud.send('GET', url, undefined, app)).toMatchObject({ json: { code: 900329 } });
  expect(cloud.send('GET', url).status).toBe(200);
  expect(cloud.send('GET', `${url}/lineitems?provider=office`).status).toBe(400);
  expect(cloud.send('GET', '/v1/invoices/G000').status).toBe(404);
  cloud.world.partners.set('second', { ...cloud.world.partners.get(PARTNER)!, tenantId: 'second' });
  const second = { caller: { ...USER_CALLER, tenantId: 'second' } };
  expect(cloud.send('GET', '/v1/invoices', undefined, second).json.totalCount).toBe(0);
});

it('pools the seats of all subscriptions of a SKU in subscribedskus, with GDAP', () => {
  const cloud = testCloud();
  const id = buyer(cloud);
  subscribe(cloud, id, { quantity: 5 });
  const second = subscribe(cloud, id, { quantity: 3 });
  update(cloud, second, { status: 'suspended' });
  const url = `/v1/customers/${id}/subscribedskus`;
  expect(cloud.send('GET', url)).toMatchObject({ status: 403, json: { code: 900308 } });
  cloud.directory.roles.add(ROLES.licenseAdministrator);
  cloud.directory.consumedUnits = () => 6;
  expect(cloud.send('GET', url).json.items).toMatchObject([
    {
      activeUnits: 5,
      suspendedUnits: 3,
      totalUnits: 5,
      consumedUnits: 6,
      availableUnits: 0,
      productSku: { id: 'cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46', skuPartNumber: 'SPB' },
    },
  ]);
  expect(cloud.send('GET', `${url}?licenseGroupIds=Group2`).json.items).toEqual([]);
});

it('filters invoices by date', () => {
  const cloud = testCloud();
  subscribe(cloud, buyer(cloud), { quantity: 10 });
  moveTo(cloud, '2026-12-10T00:00:00Z');
  const dates = (Operator: string, Value: string) => {
    const filter = JSON.stringify({ Field: 'InvoiceDate', Value, Operator });
    const { json } = cloud.send('GET', `/v1/invoices?filter=${encodeURIComponent(filter)}`);
    return json.items
      ?.map((invoice) => ({ ...invoice }) as { readonly invoiceDate?: string })
      .map(({ invoiceDate }) => invoiceDate?.slice(0, 10));
  };
  expect(dates('greater_than', '2026-10-06')).toEqual(['2026-12-06', '2026-11-06']);
  expect(dates('less_than_or_equals', '2026-10-06')).toEqual(['2026-10-06']);
  expect(dates('equals', '2026-11-06')).toEqual(['2026-11-06']);
  expect(dates('starts_with', '2026-11-06')).toBeUndefined();
});

it('keeps the invoices of two partners apart, although their numbers are the same', () => {
  const cloud = testCloud();
  const tenantId = PARTNER.replace('4111', '4112');
  cloud.world.partners.set(tenantId, { ...cloud.world.partners.get(PARTNER)!, tenantId });
  const second = { caller: { ...USER_CALLER, tenantId } };
  const { id } = cloud.send(
    'POST',
    '/v1/customers',
    newCustomer('two.onmicrosoft.com'),
    second,
  ).json;
  cloud.send('POST', `/v1/customers/${id}/agreements`, newAgreement(), second);
  subscribe(cloud, buyer(cloud), { quantity: 10 });
  const url = `/v1/customers/${id}/carts`;
  const lineItems = [
    {
      catalogItemId: catalogItem(cloud, buyer(cloud, 'three.onmicrosoft.com'), PREMIUM, 'P1Y'),
      quantity: 1,
      termDuration: 'P1Y',
      billingCycle: 'monthly',
    },
  ];
  const body = { partnerOnRecordAttestationAccepted: true, lineItems };
  const cart = cloud.send('POST', url, body, second).json.id;
  expect(cloud.send('POST', `${url}/${cart}/checkout`, undefined, second).status).toBe(201);
  moveTo(cloud, '2026-10-07T00:00:00Z');
  const [mine] = cloud.send('GET', '/v1/invoices').json.items;
  const [theirs] = cloud.send('GET', '/v1/invoices', undefined, second).json.items;
  expect(mine!.id).toBe(theirs!.id);
  expect([mine, theirs]).toMatchObject([{ totalCharges: 160 }, { totalCharges: 16 }]);
});

it('says how many of the licences sold are deployed and used', () => {
  const cloud = testCloud();
  const id = buyer(cloud);
  subscribe(cloud, id, { quantity: 8 });
  cloud.directory.consumedUnits = () => 6;
  const root = `/v1/customers/${id}/analytics/licenses`;
  expect(cloud.send('GET', `${root}/deployment`).json.items).toMatchObject([
    {
      productName: 'Microsoft 365 Business Premium',
      licensesSold: 8,
      licensesDeployed: 6,
      deploymentPercent: 75,
      processedDateTime: '2026-08-30T00:00:00.000Z',
    },
  ]);
  const { items } = cloud.send('GET', `${root}/usage`).json;
  expect(items).toContainEqual(
    expect.objectContaining({ workloadName: 'TEAMS1', licensesActive: 6, licensesQualified: 6 }),
  );
});

import { expect, it } from 'vitest';
import { commerceOf } from '../index.ts';
import { DAY_MS } from '../terms.ts';
import {
  ADDRESS,
  buy,
  buyer,
  catalogItem,
  newCart,
  newCustomer,
  PARTNER,
  PREMIUM,
  subscribe,
  testCloud,
  update,
  type Wanted,
} from '../test-world.ts';

const TEAMS_PHONE = 'CFQ7TTC0LH0T:0001';
const TRIAL = 'CFQ7TTC0LCHC:0006';

it('makes a cart that lives for 7 days, with prices and order groups by billing cycle', () => {
  const cloud = testCloud();
  const id = buyer(cloud);
  const url = `/v1/customers/${id}/carts`;
  const wanted: Wanted[] = [{ quantity: 2 }, { quantity: 3, billingCycle: 'annual' }];
  const created = cloud.send('POST', url, newCart(cloud, id, ...wanted));
  expect(created).toMatchObject({
    status: 201,
    json: {
      status: 'Active',
      expirationTimestamp: '2026-09-08T09:00:00.000Z',
      lineItems: [
        { orderGroup: '0', currencyCode: 'EUR', pricing: { listPrice: 16, extendedPrice: 32 } },
        { orderGroup: '1', pricing: { listPrice: 192, extendedPrice: 576 } },
      ],
    },
  });
  const cart = `${url}/${created.json.id}`;
  expect(cloud.send('GET', cart).status).toBe(200);
  cloud.world.clock.advance(7 * DAY_MS);
  expect(cloud.send('GET', cart)).toMatchObject({ status: 404, json: { code: 800008 } });
});

it.each<[number, Wanted]>([
  [10000, { currencyCode: 'USD' }],
  [10004, { participants: [{ key: 'transaction_reseller', value: '7654321' }] }],
  [10010, { quantity: 0 }],
  [10013, { billingCycle: 'triennial' }],
  [10014, { promotionId: '39NFJQT1ABCD:0001:39NFJQT1EFGH' }],
  [10015, { quantity: 301 }],
  [10017, { customTermEndDate: '2027-05-15T00:00:00Z' }],
  [400041, { sku: TEAMS_PHONE }],
])('answers 201 with line error %d for %j, and 800009 at checkout', (code, wanted) => {
  const cloud = testCloud();
  const id = buyer(cloud);
  const url = `/v1/customers/${id}/carts`;
  const cart = cloud.send('POST', url, newCart(cloud, id, wanted));
  expect(cart.status).toBe(201);
  expect(cart.json.lineItems[0]!.error).toMatchObject({ errorCode: code });
  const checkout = cloud.send('POST', `${url}/${cart.json.id}/checkout`);
  expect(checkout).toMatchObject({ status: 400, json: { code: 800009 } });
  const repaired = cloud.send('PUT', `${url}/${cart.json.id}`, newCart(cloud, id, {}));
  expect(repaired.status).toBe(200);
  expect(cloud.send('POST', `${url}/${cart.json.id}/checkout`).status).toBe(201);
});

it('refuses a cart without attestation, with unknown members and with wrong types', () => {
  const cloud = testCloud();
  const id = buyer(cloud);
  const cart = newCart(cloud, id, {}) as Record<string, unknown>;
  const codeOf = (body: unknown): number =>
    cloud.send('POST', `/v1/customers/${id}/carts`, body).json.code;
  expect(codeOf({ ...cart, partnerOnRecordAttestationAccepted: false })).toBe(900206);
  expect(codeOf(newCart(cloud, id, { colour: 'blue' }))).toBe(3000);
  expect(codeOf({ ...cart, lineItems: 'all' })).toBe(2000);
});

it('sells an add-on with its base in one cart, also in another order group', () => {
  const cloud = testCloud();
  const id = buyer(cloud);
  const base = { billingCycle: 'annual' };
  const { orders } = buy(cloud, id, { sku: TEAMS_PHONE }, base).json;
  expect(orders).toHaveLength(2);
  expect(buy(cloud, id, { sku: TEAMS_PHONE }).status).toBe(201);
});

it('checks out once: a repeated checkout returns the first orders', () => {
  const cloud = testCloud();
  const id = buyer(cloud);
  const url = `/v1/customers/${id}/carts`;
  const cart = cloud.send('POST', url, newCart(cloud, id, {})).json.id;
  const first = cloud.send('POST', `${url}/${cart}/checkout`);
  const second = cloud.send('POST', `${url}/${cart}/checkout`);
  expect(second).toMatchObject({
    status: 201,
    json: { orders: [{ id: first.json.orders[0]!.id }] },
  });
  expect(first.json.orders[0]!.id).toMatch(/^[0-9a-f]{12}$/);
  expect(cloud.send('GET', `${url}/${cart}`).json.status).toBe('Ordered');
  expect(cloud.send('PUT', `${url}/${cart}`, newCart(cloud, id, {})).json.code).toBe(800065);
  expect(commerceOf(cloud.world).orders.size).toBe(1);
});

it('reports a group over the pooled limit as an order error and tries it again later', () => {
  const cloud = testCloud();
  const id = buyer(cloud);
  const subscription = subscribe(cloud, id, { quantity: 200 });
  const url = `/v1/customers/${id}/carts`;
  const wanted: Wanted[] = [
    { quantity: 101 },
    { sku: 'CFQ7TTC0LH16:0001', quantity: 500, billingCycle: 'annual' },
  ];
  const cart = cloud.send('POST', url, newCart(cloud, id, ...wanted)).json.id;
  const partial = cloud.send('POST', `${url}/${cart}/checkout`);
  expect(partial.json).toMatchObject({
    orders: [{ lineItems: [{ quantity: 500 }] }],
    orderErrors: [
      { orderGroupId: '0', code: 800088, description: expect.stringContaining('remaining 100') },
    ],
  });
  update(cloud, subscription, { quantity: 150 });
  const complete = cloud.send('POST', `${url}/${cart}/checkout`).json;
  expect(complete.orders).toHaveLength(2);
  expect(commerceOf(cloud.world).orders.size).toBe(3);
});

it('pools seats over all partners of the customer, ordered ones included', () => {
  const cloud = testCloud({ settings: { provisioningDelayMs: DAY_MS } });
  const id = buyer(cloud);
  buy(cloud, id, { quantity: 200 });
  const second = { ...cloud.world.partners.get(PARTNER)!, tenantId: 'second' };
  cloud.world.partners.set('second', second);
  for (const order of commerceOf(cloud.world).orders.values()) {
    commerceOf(cloud.world).orders.set(order.id, { ...order, partnerTenantId: 'second' });
  }
  expect(buy(cloud, id, { quantity: 101 }).json).toMatchObject({
    orders: [],
    orderErrors: [{ code: 800088 }],
  });
});

it('provisions later: the subscription id and the seats appear together', () => {
  const cloud = testCloud({ settings: { provisioningDelayMs: 600_000 } });
  const id = buyer(cloud);
  const [order] = buy(cloud, id, { quantity: 5 }).json.orders;
  const url = `/v1/customers/${id}/orders/${order!.id}`;
  expect(cloud.send('GET', url).json).toMatchObject({ status: 'pending' });
  expect(cloud.send('GET', url).json.lineItems[0]).not.toHaveProperty('subscriptionId');
  expect(cloud.send('GET', `${url}/provisioningstatus`).json.items).toMatchObject([
    { status: 'unfulfilled' },
  ]);
  cloud.world.clock.advance(600_000);
  const { subscriptionId } = cloud.send('GET', url).json.lineItems[0]!;
  expect(cloud.send('GET', `${url}/provisioningstatus`).json.items).toMatchObject([
    { status: 'fulfilled', quantityProvisioningInformation: [{ quantity: 5 }] },
  ]);
  const byOrder = cloud.send('GET', `/v1/customers/${id}/subscriptions?order_id=${order!.id}`).json;
  expect(byOrder.items).toMatchObject([{ id: subscriptionId, status: 'active' }]);
  expect(cloud.directory.subscriptions.get(subscriptionId)).toMatchObject({
    tenantId: id,
    skuId: 'cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46',
    skuPartNumber: 'SPB',
    seats: 5,
    status: 'Enabled',
    ownerTenantId: PARTNER,
  });
});

it('provisions nothing before the tenant is there', () => {
  const cloud = testCloud({ settings: { tenantDelayMs: 1000 } });
  buy(cloud, buyer(cloud), {});
  expect(cloud.directory.subscriptions.size).toBe(0);
  cloud.world.clock.advance(1000);
  expect(cloud.directory.subscriptions.size).toBe(1);
});

it('shows orders in the list within 15 minutes, by id at once', () => {
  const cloud = testCloud();
  const id = buyer(cloud);
  const [order] = buy(cloud, id, {}).json.orders;
  const url = `/v1/customers/${id}/orders`;
  expect(cloud.send('GET', `${url}/${order!.id}`).status).toBe(200);
  expect(cloud.send('GET', url).json.totalCount).toBe(0);
  cloud.world.clock.advance(cloud.world.settings.orderListLagMs);
  expect(cloud.send('GET', `${url}?include_price=true`).json.items).toMatchObject([
    { id: order!.id, totalPrice: 160 },
  ]);
});

it('orders without a cart, protected by MS-RequestId only', () => {
  const cloud = testCloud();
  const id = buyer(cloud);
  const offerId = catalogItem(cloud, id, PREMIUM, 'P1Y');
  const body = {
    referenceCustomerId: id,
    billingCycle: 'Monthly',
    partnerOnRecordAttestationAccepted: true,
    lineItems: [{ lineItemNumber: 0, offerId, quantity: 1, termDuration: 'P1Y' }],
  };
  const url = `/v1/customers/${id}/orders`;
  const headers = { 'ms-requestid': '0f6a7c1e-9d53-4a7b-8a24-5c1e2b3d4f60' };
  const first = cloud.send('POST', url, body, { headers });
  expect(first).toMatchObject({ status: 201, json: { lineItems: [{ offerId, quantity: 1 }] } });
  expect(cloud.send('POST', url, body, { headers }).json.id).toBe(first.json.id);
  expect(cloud.send('POST', url, body).json.id).not.toBe(first.json.id);
  const stale = {
    ...body,
    lineItems: [{ ...body.lineItems[0], offerId: `${PREMIUM}:CFQ7TTC0XXXX` }],
  };
  expect(cloud.send('POST', url, stale)).toMatchObject({ status: 404, json: { code: 400019 } });
});

it('gives one trial per customer', () => {
  const cloud = testCloud();
  const id = buyer(cloud);
  const trial: Wanted = { sku: TRIAL, quantity: 25, termDuration: 'P1M', billingCycle: 'none' };
  const read = cloud.send('GET', subscribe(cloud, id, trial)).json;
  expect(read).toMatchObject({
    isTrial: true,
    scheduledNextTermInstructions: { product: { skuId: '0002', termDuration: 'P1Y' } },
  });
  const cart = cloud.send('POST', `/v1/customers/${id}/carts`, newCart(cloud, id, trial));
  expect(cart.json.lineItems[0]!.error).toMatchObject({ errorCode: 10010 });
});

it('holds 25 seats and 5 subscriptions in the sandbox', () => {
  const cloud = testCloud({ partner: { environment: 'Sandbox' } });
  const id = buyer(cloud);
  const cart = cloud.send(
    'POST',
    `/v1/customers/${id}/carts`,
    newCart(cloud, id, { quantity: 26 }),
  );
  expect(cart.json.lineItems[0]!.error).toMatchObject({ errorCode: 10009 });
  const outcomes = Array.from({ length: 6 }, () => buy(cloud, id, { quantity: 1 }).json);
  expect(outcomes.map(({ orders }) => orders.length)).toEqual([1, 1, 1, 1, 1, 0]);
  expect(outcomes[5]).toMatchObject({ orderErrors: [{ code: 800018 }] });
});

it('sells a customer nothing of a segment for which it does not qualify', () => {
  const cloud = testCloud();
  const id = buyer(cloud);
  const url =
    '/v1/products/CFQ7TTC0LCHC/skus/0007/availabilities?country=DE&targetSegment=nonprofit';
  const offerId = cloud.send('GET', url).json.items[1]!.catalogItemId;
  const line = { quantity: 1, termDuration: 'P1Y', billingCycle: 'monthly' };
  const cart = cloud.send('POST', `/v1/customers/${id}/carts`, {
    partnerOnRecordAttestationAccepted: true,
    lineItems: [{ ...line, catalogItemId: offerId }],
  });
  expect(cart.json.lineItems[0]!.error).toMatchObject({ errorCode: 10001 });
  const order = cloud.send('POST', `/v1/customers/${id}/orders`, {
    partnerOnRecordAttestationAccepted: true,
    billingCycle: 'monthly',
    lineItems: [{ offerId, quantity: 1, termDuration: 'P1Y' }],
  });
  expect(order).toMatchObject({ status: 400, json: { code: 800070 } });
});

function cancelledStatus(environment: 'Sandbox' | 'Production'): unknown {
  const cloud = testCloud({ partner: { environment } });
  const id = buyer(cloud);
  const [order] = buy(cloud, id, {}).json.orders;
  const url = `/v1/customers/${id}/orders/${order!.id}`;
  const answer = cloud.send('PATCH', url, { ...order, status: 'cancelled' }).json;
  const subscriptions = cloud.send('GET', `/v1/customers/${id}/subscriptions`).json;
  return answer.code ?? subscriptions.items[0]!.status;
}

it('cancels orders in the sandbox only', () => {
  expect(cancelledStatus('Sandbox')).toBe('deleted');
  expect(cancelledStatus('Production')).toBe(800019);
});

it('offers month ends and other subscriptions as custom end dates, and takes them', () => {
  const cloud = testCloud();
  const id = buyer(cloud);
  subscribe(cloud, id, {});
  subscribe(cloud, id, { sku: 'CFQ7TTC0LH16:0001', termDuration: 'P1M' });
  cloud.world.clock.advance(30 * DAY_MS);
  const url = `/v1/customers/${id}/subscriptions/customTermEndDates?term_duration=P1Y`;
  const { items } = cloud.send('GET', url).json;
  expect(items).toHaveLength(13);
  expect(items[0]).toMatchObject({
    allowedCustomTermEndDateType: 'calendarMonthAligned',
    allowedCustomTermEndDate: '2026-10-31T00:00:00Z',
  });
  expect(items[12]).toMatchObject({
    allowedCustomTermEndDateType: 'subscriptionAligned',
    allowedCustomTermEndDate: '2027-08-31T00:00:00Z',
    cotermSubscriptionIds: [expect.any(String)],
  });
  const aligned = subscribe(cloud, id, { customTermEndDate: '2027-08-31T00:00:00Z' });
  expect(cloud.send('GET', aligned).json).toMatchObject({
    commitmentEndDate: '2027-08-31T00:00:00Z',
  });
});

it('refuses to sell where the customer country is out of the region', () => {
  const cloud = testCloud();
  const id = buyer(cloud);
  cloud.world.partners.set(PARTNER, { ...cloud.world.partners.get(PARTNER)!, region: 'Canada' });
  expect(buy(cloud, id, {})).toMatchObject({ status: 403, json: { code: 2030 } });
  const body = newCustomer('fresh.onmicrosoft.com', ADDRESS);
  expect(cloud.send('POST', '/v1/customers', body).json.code).toBe(2030);
});

it('asks for multi-geo seats for 5 % of the base seats', () => {
  const cloud = testCloud();
  const id = buyer(cloud);
  subscribe(cloud, id, { sku: 'CFQ7TTC0LFLX:0001', quantity: 101 });
  const errorOf = (quantity: number) => {
    const body = newCart(cloud, id, { sku: 'CFQ7TTC0LH2S:0001', quantity });
    return cloud.send('POST', `/v1/customers/${id}/carts`, body).json.lineItems[0]!.error;
  };
  expect(errorOf(5)).toMatchObject({ errorCode: 10019 });
  expect(errorOf(6)).toBeUndefined();
});

it('prices a first cycle that a custom end date cuts short by day', () => {
  const cloud = testCloud();
  const id = buyer(cloud);
  const body = newCart(cloud, id, { billingCycle: 'annual', customTermEndDate: '2027-06-30' });
  const cart = cloud.send('POST', `/v1/customers/${id}/carts`, body).json;
  // 303 days of 365, cut off to the cent.
  expect(cart.lineItems[0]).toMatchObject({
    pricing: { listPrice: 192, proratedPrice: 159.38, extendedPrice: 1593.8 },
  });
  buy(cloud, id, { billingCycle: 'annual', customTermEndDate: '2027-06-30' });
  expect(commerceOf(cloud.world).ledger).toMatchObject([{ amountMinor: 159_380 }]);
});

it('lists orders of one billing cycle', () => {
  const cloud = testCloud();
  const id = buyer(cloud);
  buy(cloud, id, {}, { sku: 'CFQ7TTC0LH18:0001', billingCycle: 'annual' });
  cloud.world.clock.advance(cloud.world.settings.orderListLagMs);
  const url = `/v1/customers/${id}/orders?billingType=`;
  expect(cloud.send('GET', `${url}annual`).json.items).toMatchObject([{ billingCycle: 'annual' }]);
  expect(cloud.send('GET', `${url}daily`).status).toBe(400);
});

it('offers end dates for a term that starts later, and those of one subscription', () => {
  const cloud = testCloud();
  const id = buyer(cloud);
  const subscription = subscribe(cloud, id).split('/').at(-1);
  const url = `/v1/customers/${id}/subscriptions/customTermEndDates?term_duration=P1Y`;
  const dates = (query: string) =>
    cloud
      .send('GET', `${url}${query}`)
      .json.items.map((item) => JSON.stringify(item).match(/EndDate":"(.{10})/)?.[1]);
  expect(dates(`&target_coterm_subscription_id=${subscription}`)).toEqual(['2027-08-31']);
  expect(dates('&term_start_date=2027-01-01')).toContain('2027-12-31');
  expect(dates('')).not.toContain('2027-12-31');
  expect(cloud.send('GET', `${url}&term_start_date=soon`).status).toBe(400);
});

it('aligns a monthly term to no 28th to 30th, unless the month ends there', () => {
  const cloud = testCloud({ startAt: '2027-01-30T09:00:00Z' });
  const id = buyer(cloud);
  // Ends on the 29th of January 2028, and the next one on the last day of its month.
  subscribe(cloud, id);
  cloud.world.clock.advance(DAY_MS);
  subscribe(cloud, id, { customTermEndDate: '2027-12-31' });
  cloud.world.clock.advance(345 * DAY_MS);
  const url = `/v1/customers/${id}/subscriptions/customTermEndDates?term_duration=`;
  const ends = (term: string) => JSON.stringify(cloud.send('GET', `${url}${term}`).body);
  expect(ends('P1M')).not.toContain('2028-01-29');
  expect(ends('P1Y')).toContain('2028-01-29');
});

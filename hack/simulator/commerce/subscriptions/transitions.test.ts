import { beforeEach, expect, it } from 'vitest';
import { commerceOf } from '../state.ts';
import { DAY_MS } from '../terms.ts';
import {
  type Answer,
  buyer,
  catalogItem,
  subscribe,
  type TestCloud,
  testCloud,
  update,
} from '../test-world.ts';

const STANDARD = 'CFQ7TTC0LDPB:0001';
const PREMIUM = 'CFQ7TTC0LCHC:0002';

let cloud: TestCloud;
let customer: string;

beforeEach(() => {
  cloud = testCloud({ settings: { provisioningDelayMs: 60_000 } });
  customer = buyer(cloud);
});

function start(sku: string, quantity: number, more: Readonly<Record<string, string>> = {}): string {
  subscribe(cloud, customer, { sku, quantity, ...more });
  cloud.world.clock.advance(60_000);
  const id = [...commerceOf(cloud.world).subscriptions.keys()].at(-1);
  return `/v1/customers/${customer}/subscriptions/${id}`;
}

function transit(source: string, body: Readonly<Record<string, unknown>>): Answer {
  return cloud.send('POST', `${source}/transitions`, {
    toCatalogItemId: catalogItem(cloud, customer, PREMIUM, 'P1Y'),
    transitionType: 'transition_only',
    ...body,
  });
}

function read(url: string): Record<string, unknown> {
  return { ...cloud.send('GET', url).json };
}

it('shows what a subscription may become, with the availability of today', () => {
  const source = start(STANDARD, 5);
  const target = start(PREMIUM, 3);
  const url = `${source}/transitionEligibilities`;
  const { items } = cloud.send('GET', url).json;
  expect(items).toMatchObject([
    {
      catalogItemId: catalogItem(cloud, customer, PREMIUM, 'P1Y'),
      quantity: 5,
      eligibilities: [
        { isEligible: true, transitionType: 'transition_only', errors: [] },
        { isEligible: true, transitionType: 'transition_with_license_transfer' },
      ],
      subscriptionEligibilities: [
        { subscriptionId: target.split('/').at(-1), isEligible: false, errors: [{ code: 2 }] },
      ],
    },
    { title: 'Microsoft 365 E3', subscriptionEligibilities: [] },
  ]);
  const scheduled = cloud.send('GET', `${url}?eligibilityType=scheduled`).json.items;
  expect(scheduled).toMatchObject([{ subscriptionEligibilities: [] }, {}]);
  expect(cloud.send('GET', `${url}?eligibilityType=later`).status).toBe(400);
});

it('upgrades all seats in place: Started, then Completed, locked meanwhile', () => {
  const source = start(STANDARD, 5);
  cloud.world.clock.advance(9 * DAY_MS);
  const { commitmentEndDate } = read(source);
  const started = transit(source, { transitionType: 'transition_with_license_transfer' });
  expect(started).toMatchObject({
    status: 200,
    json: { quantity: 5, events: [{ name: 'Conversion', status: 'Started' }] },
  });
  expect(update(cloud, source, { quantity: 6 })).toMatchObject({ status: 409 });
  cloud.world.clock.advance(60_000);
  const { operationId } = started.json;
  const [done] = cloud.send('GET', `${source}/transitions?operationId=${operationId}`).json.items;
  expect(done).toMatchObject({
    toSubscriptionId: source.split('/').at(-1),
    events: [
      { name: 'Conversion', status: 'Started' },
      { name: 'Conversion', status: 'Completed' },
      { name: 'LicenseReassignment', status: 'Started' },
      { name: 'LicenseReassignment', status: 'Completed' },
    ],
  });
  expect(read(source)).toMatchObject({
    offerName: 'Microsoft 365 Business Premium',
    quantity: 5,
    commitmentEndDate,
  });
  expect(read(source)).not.toHaveProperty('cancellationAllowedUntilDate');
  expect(cloud.directory.transfers).toEqual([
    {
      tenantId: customer,
      fromSkuId: 'f245ecc8-75af-4f8e-b61f-27d8114de5f3',
      toSkuId: 'cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46',
    },
  ]);
  const lines = commerceOf(cloud.world).ledger.slice(-2);
  expect(lines).toMatchObject([
    { chargeType: 'convert', quantity: -5, unitPriceMinor: 1050 },
    { chargeType: 'convert', quantity: 5, unitPriceMinor: 1600 },
  ]);
});

it('moves a part to a new subscription with the same end and the refund window of the source', () => {
  const source = start(STANDARD, 5);
  update(cloud, source, {
    scheduledNextTermInstructions: {
      product: {
        productId: 'CFQ7TTC0LDPB',
        skuId: '0001',
        billingCycle: 'monthly',
        termDuration: 'P1Y',
      },
      quantity: 3,
    },
  });
  const [window] = commerceOf(cloud.world).subscriptions.values().next().value?.refundBatches ?? [];
  transit(source, { quantity: 2 });
  cloud.world.clock.advance(60_000);
  const { items } = cloud.send('GET', `/v1/customers/${customer}/subscriptions`).json;
  const allowedUntilDateTime = new Date(window?.allowedUntilMs ?? 0).toISOString();
  const { commitmentEndDate } = read(source);
  expect(items).toMatchObject([
    { quantity: 3, refundableQuantity: { totalQuantity: 3 } },
    {
      offerName: 'Microsoft 365 Business Premium',
      quantity: 2,
      commitmentEndDate,
      refundableQuantity: { totalQuantity: 2, details: [{ quantity: 2, allowedUntilDateTime }] },
    },
  ]);
  expect(items[0]).not.toHaveProperty('scheduledNextTermInstructions');
  const types = commerceOf(cloud.world).ledger.map(({ chargeType, quantity }) => [
    chargeType,
    quantity,
  ]);
  expect(types).toEqual([
    ['new', 5],
    ['convert', 2],
    ['moveQuantity', -5],
    ['moveQuantity', 3],
  ]);
  expect(cloud.send('GET', '/v1/auditrecords').json.items.at(-1)).toMatchObject({
    operationType: 'upgrade_subscription',
  });
});

it('moves all seats into a subscription that exists, once its window has passed', () => {
  const target = start(PREMIUM, 3, { termDuration: 'P3Y', billingCycle: 'annual' });
  const source = start(STANDARD, 5);
  const toSubscriptionId = target.split('/').at(-1);
  expect(transit(source, { toSubscriptionId }).json).toMatchObject({ code: 900261 });
  cloud.world.clock.advance(8 * DAY_MS);
  const toCatalogItemId = catalogItem(cloud, customer, PREMIUM, 'P3Y');
  expect(transit(source, { toSubscriptionId, toCatalogItemId }).status).toBe(200);
  cloud.world.clock.advance(60_000);
  expect(read(target)).toMatchObject({ quantity: 8 });
  expect(read(source)).toMatchObject({ status: 'deleted' });
});

it('converts a running trial with 25 seats or more, to a yearly term', () => {
  const trial = start('CFQ7TTC0LCHC:0006', 25, { termDuration: 'P1M', billingCycle: 'none' });
  expect(transit(trial, { quantity: 24 }).json).toMatchObject({ code: 900258 });
  expect(transit(trial, { quantity: 30 }).status).toBe(200);
  cloud.world.clock.advance(60_000);
  expect(read(trial)).toMatchObject({
    isTrial: false,
    quantity: 30,
    termDuration: 'P1Y',
    billingCycle: 'monthly',
  });
  expect(cloud.send('GET', '/v1/auditrecords').json.items.at(-1)).toMatchObject({
    operationType: 'convert_trial_subscription',
  });
});

it.each([
  [{ quantity: 6 }, 900259],
  [{ quantity: 2, transitionType: 'transition_with_license_transfer' }, 900260],
  [{ termDuration: 'P1M', billingCycle: 'monthly' }, 900268],
  [{ termDuration: 'P1Y', billingCycle: 'triennial' }, 900269],
  [{ transitionType: 'sideways' }, 2000],
  [{ toCatalogItemId: 'CFQ7TTC0LH18:0001:CFQ7TTC0AAAA' }, 900236],
  [{ toCatalogItemId: `${PREMIUM}:CFQ7TTC0AAAA` }, 400019],
  [{ toSubscriptionId: 'c0ffee00-1a2b-4c3d-8e4f-5a6b7c8d9e0f' }, 900261],
])('refuses %j with %i', (body, code) => {
  const source = start(STANDARD, 5);
  expect(transit(source, body).json).toMatchObject({ code });
  expect(read(source)).toMatchObject({ quantity: 5 });
});

it('refuses seats above the pooled limit of the better product', () => {
  start(PREMIUM, 298);
  expect(transit(start(STANDARD, 5), {}).json).toMatchObject({ code: 800088 });
});

it('names the partner as support contact until another one is set', () => {
  const url = `${start(STANDARD, 5)}/supportcontact`;
  expect(read(url)).toMatchObject({ supportMpnId: '1234567', name: 'Partner' });
  const contact = { supportTenantId: customer, supportMpnId: '7654321', name: 'Help desk' };
  expect(cloud.send('PUT', url, contact).json).toMatchObject(contact);
  expect(read(url)).toMatchObject(contact);
});

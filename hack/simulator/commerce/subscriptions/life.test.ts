import { beforeEach, expect, it } from 'vitest';
import { addExistingCustomer, commerceOf } from '../index.ts';
import { DAY_MS } from '../terms.ts';
import {
  buyer,
  catalogItem,
  PARTNER,
  subscribe,
  type TestCloud,
  testCloud,
  update,
  type Wanted,
} from '../test-world.ts';

let cloud: TestCloud;
let customer: string;
let subscription: string;

beforeEach(() => {
  cloud = testCloud();
  customer = buyer(cloud);
});

function start(wanted: Wanted = {}): void {
  subscription = subscribe(cloud, customer, wanted);
}

function read(): Record<string, unknown> {
  return { ...cloud.send('GET', subscription).json };
}

function moveTo(iso: string): void {
  cloud.world.clock.advance(Date.parse(iso) - cloud.world.clock.nowMs());
}

function directoryStatus(): string | undefined {
  return [...cloud.directory.subscriptions.values()].at(-1)?.status;
}

const MONTHLY: Wanted = { termDuration: 'P1M' };
const CANCEL = [{ scheduleType: 'TermEnd', actionType: 'Cancel' }];

it('renews from 00:00 UTC of the day after, locked meanwhile, with a new window afterwards', () => {
  start(MONTHLY);
  moveTo('2026-09-30T23:59:59Z');
  expect(update(cloud, subscription, { friendlyName: 'last second' }).status).toBe(200);
  moveTo('2026-10-01T00:00:00Z');
  expect(update(cloud, subscription, { quantity: 11 })).toMatchObject({
    status: 409,
    json: { code: 800082 },
  });
  expect(read()).toMatchObject({ status: 'active' });
  cloud.world.clock.advance(cloud.world.settings.renewalMs);
  expect(read()).toMatchObject({
    effectiveStartDate: '2026-10-01T00:00:00.000Z',
    commitmentEndDate: '2026-10-31T00:00:00Z',
    cancellationAllowedUntilDate: '2026-10-08T02:00:00.000Z',
    refundableQuantity: { totalQuantity: 10 },
  });
});

it('renews with the stored instruction: seats, term and product', () => {
  start();
  const item = catalogItem(cloud, customer, 'CFQ7TTC0LFLX:0001', 'P3Y').split(':');
  const [productId, skuId, availabilityId] = item;
  const product = { productId, skuId, availabilityId, billingCycle: 'annual', termDuration: 'P3Y' };
  update(cloud, subscription, { scheduledNextTermInstructions: { product, quantity: 4 } });
  moveTo('2027-09-01T02:00:00Z');
  expect(read()).toMatchObject({
    offerName: 'Microsoft 365 E3',
    quantity: 4,
    termDuration: 'P3Y',
    billingCycle: 'annual',
    commitmentEndDate: '2030-08-31T00:00:00Z',
  });
  expect(read()).not.toHaveProperty('scheduledNextTermInstructions');
  expect([...cloud.directory.subscriptions.values()].at(-1)).toMatchObject({
    skuPartNumber: 'SPE_E3',
    seats: 4,
  });
});

it('cancels at term end when told so, at once and for good', () => {
  start(MONTHLY);
  update(cloud, subscription, { autoRenewEnabled: false, scheduledActions: CANCEL });
  moveTo('2026-10-01T00:00:00Z');
  expect(read()).toMatchObject({ status: 'deleted' });
  expect(directoryStatus()).toBe('Deleted');
});

it('rolls into a paid monthly extended term when auto-renew is only switched off', () => {
  start({ quantity: 10 });
  update(cloud, subscription, { autoRenewEnabled: false, scheduledActions: [] });
  moveTo('2027-09-01T02:00:00Z');
  expect(read()).toMatchObject({
    status: 'active',
    offerName: expect.stringContaining('Extended Service Term'),
    offerId: expect.stringMatching(/^CFQ7TTC0LCHC:E002:/),
    termDuration: 'P1M',
    scheduledActions: [{ actionType: 'RenewToExtendedServiceTerm' }],
  });
  expect(commerceOf(cloud.world).ledger.at(-1)).toMatchObject({
    chargeType: 'renew',
    unitPriceMinor: Math.round(1600 * 1.2 * 1.03),
    quantity: 10,
  });
  moveTo('2027-10-20T00:00:00Z');
  expect(read()).toMatchObject({ commitmentEndDate: '2027-10-31T00:00:00Z' });
  expect(update(cloud, subscription, { status: 'deleted' }).status).toBe(200);
});

it('charges 23 % more where no monthly plan exists', () => {
  start();
  start({ sku: 'CFQ7TTC0MM8R:0002', quantity: 1 });
  update(cloud, subscription, { autoRenewEnabled: false, scheduledActions: [] });
  moveTo('2027-09-01T02:00:00Z');
  const extended = commerceOf(cloud.world).ledger.filter(({ skuId }) => skuId === 'E002');
  expect(extended).toMatchObject([{ unitPriceMinor: Math.round(2810 * 1.23) }]);
});

it('leaves the extended term again by renewing', () => {
  start(MONTHLY);
  update(cloud, subscription, { autoRenewEnabled: false, scheduledActions: [] });
  moveTo('2026-10-05T00:00:00Z');
  update(cloud, subscription, { autoRenewEnabled: true, scheduledActions: [] });
  moveTo('2026-11-01T02:00:00Z');
  expect(read()).toMatchObject({
    offerId: expect.stringMatching(/^CFQ7TTC0LCHC:0002:/),
    termDuration: 'P1Y',
    billingCycle: 'monthly',
    cancellationAllowedUntilDate: '2026-11-08T02:00:00.000Z',
  });
});

it('expires, is disabled and deleted where the extended term does not apply', () => {
  cloud = testCloud({ startAt: '2026-03-01T09:00:00Z' });
  customer = buyer(cloud);
  start(MONTHLY);
  update(cloud, subscription, { autoRenewEnabled: false, scheduledActions: [] });
  moveTo('2026-04-01T00:00:00Z');
  expect([read().status, directoryStatus()]).toEqual(['expired', 'Warning']);
  expect(update(cloud, subscription, { quantity: 11 }).json.code).toBe(900279);
  cloud.world.clock.advance(30 * DAY_MS);
  expect([read().status, directoryStatus()]).toEqual(['disabled', 'Suspended']);
  cloud.world.clock.advance(90 * DAY_MS);
  expect([read().status, directoryStatus()]).toEqual(['deleted', 'Deleted']);
});

it('expires what was bought before the extended service term was announced', () => {
  const [id] = addExistingCustomer(cloud.world, cloud.directory, {
    partnerTenantId: PARTNER,
    tenantId: customer,
    initialDomain: 'contoso.onmicrosoft.com',
    companyName: 'Contoso GmbH',
    country: 'DE',
    subscriptions: [
      {
        catalogItem: 'CFQ7TTC0LCHC:0002',
        quantity: 5,
        termDuration: 'P3Y',
        billingCycle: 'monthly',
        boughtMs: Date.parse('2025-03-31T00:00:00Z'),
        autoRenewEnabled: false,
      },
    ],
  });
  subscription = `/v1/customers/${customer}/subscriptions/${id}`;
  moveTo('2028-03-31T00:00:00Z');
  expect(read().status).toBe('expired');
});

it('disables a suspended subscription at term end for 120 days', () => {
  start(MONTHLY);
  update(cloud, subscription, { status: 'suspended' });
  moveTo('2026-10-01T00:00:00Z');
  expect(read().status).toBe('disabled');
  cloud.world.clock.advance(120 * DAY_MS - 1);
  expect(read().status).toBe('disabled');
  cloud.world.clock.advance(1);
  expect(read().status).toBe('deleted');
});

it('turns a trial into the paid product', () => {
  start({ sku: 'CFQ7TTC0LCHC:0006', quantity: 25, termDuration: 'P1M', billingCycle: 'none' });
  moveTo('2026-10-01T02:00:00Z');
  expect(read()).toMatchObject({
    isTrial: false,
    offerId: expect.stringMatching(/^CFQ7TTC0LCHC:0002:/),
    quantity: 25,
    termDuration: 'P1Y',
    billingCycle: 'monthly',
  });
  expect(commerceOf(cloud.world).ledger.at(-1)).toMatchObject({ chargeType: 'convert' });
});

it('starts months at the day of purchase, the 31st at the end of shorter ones', () => {
  moveTo('2027-01-31T10:00:00Z');
  start();
  expect(read()).toMatchObject({ billingCycleEndDate: '2027-02-27T00:00:00Z' });
  moveTo('2027-03-01T00:00:00Z');
  expect(read()).toMatchObject({ billingCycleEndDate: '2027-03-30T00:00:00Z' });
});

it('bills purchase, cycles, added and removed seats and cancellation, prorated by day', () => {
  start({ quantity: 10 });
  moveTo('2026-09-16T09:00:00Z');
  update(cloud, subscription, { quantity: 12 });
  update(cloud, subscription, { quantity: 11 });
  moveTo('2026-10-01T09:00:00Z');
  const lines = commerceOf(cloud.world).ledger.map(({ chargeType, quantity, amountMinor }) => [
    chargeType,
    quantity,
    amountMinor,
  ]);
  expect(lines).toEqual([
    ['new', 10, 16_000],
    ['addQuantity', -10, -8000],
    ['addQuantity', 12, 9600],
    ['removeQuantity', -12, -9600],
    ['removeQuantity', 11, 8800],
    ['cycleCharge', 11, 17_600],
  ]);
  start({ quantity: 1 });
  update(cloud, subscription, { status: 'deleted' });
  const [bought, cancelled] = commerceOf(cloud.world).ledger.slice(-2);
  expect(cancelled).toMatchObject({
    chargeType: 'cancelImmediate',
    amountMinor: -bought!.amountMinor,
  });
});

it('bills in the currency of the partner what the market costs', () => {
  const address = { country: 'CH', city: 'Bern', postalCode: '3011' };
  cloud = testCloud();
  customer = buyer(cloud);
  const { defaultAddress } = commerceOf(cloud.world).customers.get(customer)!.billingProfile;
  Object.assign(defaultAddress, address);
  start({ quantity: 1 });
  expect(commerceOf(cloud.world).ledger).toMatchObject([
    { pricingCurrency: 'CHF', unitPriceMinor: 1520, currency: 'EUR', amountMinor: 1600 },
  ]);
});

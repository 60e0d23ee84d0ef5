import { beforeEach, expect, it } from 'vitest';
import { AVAILABILITY_PERIOD_MS } from '../catalogue/availabilities.ts';
import { commerceOf } from '../index.ts';
import { DAY_MS, HOUR_MS, WINDOW_MS } from '../terms.ts';
import {
  buyer,
  catalogItem,
  PREMIUM,
  subscribe,
  type TestCloud,
  testCloud,
  update,
} from '../test-world.ts';
import { UPDATES_MAX } from './subscription-change.ts';

let cloud: TestCloud;
let customer: string;
let subscription: string;

beforeEach(() => {
  cloud = testCloud();
  customer = buyer(cloud);
  subscription = subscribe(cloud, customer);
});

function read(): Record<string, unknown> {
  return { ...cloud.send('GET', subscription).json };
}

function renewWith(quantity: number): Record<string, unknown> {
  const [productId, skuId, availabilityId] = catalogItem(cloud, customer, PREMIUM, 'P1Y').split(
    ':',
  );
  const product = {
    productId,
    skuId,
    availabilityId,
    billingCycle: 'monthly',
    termDuration: 'P1Y',
  };
  return { product, quantity };
}

it('shows a new subscription in the documented shape', () => {
  expect(read()).toMatchObject({
    offerId: catalogItem(cloud, customer, PREMIUM, 'P1Y'),
    offerName: 'Microsoft 365 Business Premium',
    productType: { id: 'OnlineServicesNCE' },
    quantity: 10,
    unitType: 'Licenses',
    creationDate: '2026-09-01T09:00:00.000Z',
    effectiveStartDate: '2026-09-01T00:00:00.000Z',
    commitmentEndDate: '2027-08-31T00:00:00Z',
    commitmentEndDateTime: '2027-08-31T23:59:59Z',
    cancellationAllowedUntilDate: '2026-09-08T09:00:00.000Z',
    billingCycleEndDate: '2026-09-30T00:00:00Z',
    status: 'active',
    autoRenewEnabled: true,
    billingCycle: 'monthly',
    termDuration: 'P1Y',
    partnerId: '1234567',
    refundableQuantity: {
      totalQuantity: 10,
      details: [{ quantity: 10, allowedUntilDateTime: '2026-09-08T09:00:00.000Z' }],
    },
    attributes: { objectType: 'Subscription' },
  });
  expect(read().attributes).not.toHaveProperty('etag');
});

it('takes back what it answered without changing anything', () => {
  update(cloud, subscription, { scheduledNextTermInstructions: renewWith(8) });
  const before = read();
  expect(update(cloud, subscription, {}).status).toBe(200);
  expect(read()).toEqual(before);
});

it('raises seats at once, with a window of their own', () => {
  cloud.world.clock.advance(3 * DAY_MS);
  expect(update(cloud, subscription, { quantity: 15 })).toMatchObject({
    status: 200,
    json: { quantity: 15, commitmentEndDate: '2027-08-31T00:00:00Z' },
  });
  expect(read().refundableQuantity).toMatchObject({
    totalQuantity: 15,
    details: [
      { quantity: 10, allowedUntilDateTime: '2026-09-08T09:00:00.000Z' },
      { quantity: 5, allowedUntilDateTime: '2026-09-11T09:00:00.000Z' },
    ],
  });
  const [directorySide] = [...cloud.directory.subscriptions.values()];
  expect(directorySide).toMatchObject({ seats: 15 });
});

it('lowers seats only as far as open batches reach', () => {
  cloud.world.clock.advance(3 * DAY_MS);
  update(cloud, subscription, { quantity: 15 });
  cloud.world.clock.advance(WINDOW_MS - 3 * DAY_MS);
  expect(read().refundableQuantity).toMatchObject({ totalQuantity: 5 });
  expect(update(cloud, subscription, { quantity: 9 })).toMatchObject({
    status: 400,
    json: { code: 800090, source: 'PartnerFD' },
  });
  expect(update(cloud, subscription, { quantity: 12 }).status).toBe(200);
  expect(read().refundableQuantity).toMatchObject({ totalQuantity: 2 });
  expect(update(cloud, subscription, { quantity: 9 }).json.code).toBe(800090);
  cloud.world.clock.advance(3 * DAY_MS);
  expect(read()).not.toHaveProperty('refundableQuantity');
  expect(update(cloud, subscription, { quantity: 11 }).json.code).toBe(800090);
});

it('ends the window after exactly 168 hours', () => {
  cloud.world.clock.advance(WINDOW_MS - 1);
  expect(update(cloud, subscription, { quantity: 9 }).status).toBe(200);
  cloud.world.clock.advance(1);
  expect(update(cloud, subscription, { quantity: 8 }).json.code).toBe(800090);
});

it('keeps quantity inside the offer and the pooled limit', () => {
  expect(update(cloud, subscription, { quantity: 0 }).json.code).toBe(900275);
  expect(update(cloud, subscription, { quantity: 301 }).json.code).toBe(900275);
  subscribe(cloud, customer, { quantity: 250 });
  expect(update(cloud, subscription, { quantity: 51 })).toMatchObject({
    status: 403,
    json: { code: 800088 },
  });
  expect(update(cloud, subscription, { quantity: 50 }).status).toBe(200);
});

it('switches off and deletes what a PATCH leaves out, but keeps quantity, names and status', () => {
  update(cloud, subscription, { scheduledNextTermInstructions: renewWith(8) });
  expect(read()).toHaveProperty('scheduledNextTermInstructions');
  expect(cloud.send('PATCH', subscription, { friendlyName: 'acme/base' }).status).toBe(200);
  expect(read()).toMatchObject({
    quantity: 10,
    status: 'active',
    friendlyName: 'acme/base',
    autoRenewEnabled: false,
  });
  expect(read()).not.toHaveProperty('scheduledNextTermInstructions');
});

it('loses instructions with a quantity change, also those of the same PATCH', () => {
  update(cloud, subscription, { scheduledNextTermInstructions: renewWith(8) });
  const answer = update(cloud, subscription, {
    quantity: 11,
    scheduledNextTermInstructions: renewWith(7),
  });
  expect(answer.status).toBe(200);
  expect(read()).not.toHaveProperty('scheduledNextTermInstructions');
  update(cloud, subscription, { scheduledNextTermInstructions: renewWith(7) });
  expect(read()).toMatchObject({ scheduledNextTermInstructions: { quantity: 7 } });
});

function codeOf(change: Record<string, unknown>, product: Record<string, unknown> = {}): number {
  const instruction = renewWith(8);
  return update(cloud, subscription, {
    scheduledNextTermInstructions: {
      ...instruction,
      ...change,
      product: { ...(instruction.product as object), ...product },
    },
  }).json.code;
}

it('checks instructions: target, term, quantity, availability', () => {
  expect(codeOf({}, { productId: 'CFQ7TTC0LH18', skuId: '0001' })).toBe(900236);
  expect(codeOf({}, { billingCycle: 'triennial' })).toBe(900267);
  expect(codeOf({ quantity: 301 })).toBe(900275);
  expect(codeOf({}, { availabilityId: 'CFQ7TTC0XXXX' })).toBe(400019);
  expect(codeOf({ quantity: 'many' })).toBe(2000);
  const e3 = { productId: 'CFQ7TTC0LFLX', skuId: '0001', availabilityId: undefined };
  expect(codeOf({}, e3)).toBeUndefined();
});

it('lets auto-renew off win over RenewToNewTerm and over instructions', () => {
  update(cloud, subscription, {
    autoRenewEnabled: false,
    scheduledNextTermInstructions: renewWith(8),
    scheduledActions: [{ scheduleType: 'TermEnd', actionType: 'RenewToNewTerm' }],
  });
  expect(read()).toMatchObject({ autoRenewEnabled: false });
  expect(read()).not.toHaveProperty('scheduledNextTermInstructions');
  expect(read()).not.toHaveProperty('scheduledActions');
});

it('makes auto-renew off without an action an extended service term after a day', () => {
  update(cloud, subscription, { autoRenewEnabled: false, scheduledActions: undefined });
  cloud.world.clock.advance(24 * HOUR_MS);
  expect(read().scheduledActions).toEqual([
    { scheduleType: 'TermEnd', actionType: 'RenewToExtendedServiceTerm' },
  ]);
});

it('leaves an action that was set within that day', () => {
  const cancel = [{ scheduleType: 'TermEnd', actionType: 'Cancel' }];
  update(cloud, subscription, { autoRenewEnabled: false, scheduledActions: undefined });
  cloud.world.clock.advance(HOUR_MS);
  update(cloud, subscription, { scheduledActions: cancel });
  cloud.world.clock.advance(24 * HOUR_MS);
  expect(read().scheduledActions).toEqual(cancel);
});

it('keeps an explicit Cancel at term end', () => {
  const cancel = [{ scheduleType: 'TermEnd', actionType: 'Cancel' }];
  update(cloud, subscription, { autoRenewEnabled: false, scheduledActions: cancel });
  cloud.world.clock.advance(24 * HOUR_MS);
  update(cloud, subscription, { quantity: 12 });
  expect(read().scheduledActions).toEqual(cancel);
});

it.each([
  [{ scheduleType: 'CustomDate', actionType: 'Cancel' }],
  [{ scheduleType: 'TermEnd', actionType: 'Sleep' }],
  [{ scheduleType: 'TermEnd', actionType: 'Transition' }],
])('refuses the action %j', (action) => {
  const answer = update(cloud, subscription, { scheduledActions: [action] });
  expect(answer).toMatchObject({ status: 400, json: { code: 2000 } });
});

it('cancels inside the window only, and for good', () => {
  cloud.world.clock.advance(WINDOW_MS);
  const late = update(cloud, subscription, { status: 'deleted' });
  expect(late).toMatchObject({ status: 400, json: { code: 900213 } });
  subscription = subscribe(cloud, customer);
  expect(update(cloud, subscription, { status: 'deleted' }).status).toBe(200);
  expect(read()).toMatchObject({ status: 'deleted', autoRenewEnabled: false });
  expect(update(cloud, subscription, { status: 'active' }).json.code).toBe(2011);
  expect([...cloud.directory.subscriptions.values()].at(-1)).toMatchObject({ status: 'Deleted' });
});

it('suspends: auto-renew off, scheduled changes gone, seats locked; reactivation leaves it off', () => {
  update(cloud, subscription, { scheduledNextTermInstructions: renewWith(8) });
  expect(update(cloud, subscription, { status: 'Suspended' }).status).toBe(200);
  expect(read()).toMatchObject({ status: 'suspended', autoRenewEnabled: false });
  expect(read()).not.toHaveProperty('scheduledNextTermInstructions');
  expect(read()).not.toHaveProperty('refundableQuantity');
  expect([...cloud.directory.subscriptions.values()].at(-1)).toMatchObject({ status: 'Suspended' });
  expect(update(cloud, subscription, { quantity: 11 }).json.code).toBe(800091);
  expect(update(cloud, subscription, { status: 'active' }).status).toBe(200);
  expect(read()).toMatchObject({ status: 'active', autoRenewEnabled: false });
  update(cloud, subscription, { autoRenewEnabled: true });
  expect(read()).toMatchObject({ autoRenewEnabled: true });
});

it('lengthens the term at once and refuses shorter and unsold ones', () => {
  cloud.world.clock.advance(10 * DAY_MS);
  expect(update(cloud, subscription, { termDuration: 'P1M' }).json.code).toBe(800122);
  expect(update(cloud, subscription, { termDuration: 'P2Y' }).json.code).toBe(800121);
  const longer = { termDuration: 'P3Y', billingCycle: 'annual' };
  expect(update(cloud, subscription, longer).status).toBe(200);
  expect(read()).toMatchObject({
    ...longer,
    effectiveStartDate: '2026-09-11T00:00:00.000Z',
    commitmentEndDate: '2029-09-10T00:00:00Z',
    refundableQuantity: { totalQuantity: 10 },
  });
});

it('changes the billing cycle of three-year terms only, from the next charge on', () => {
  expect(update(cloud, subscription, { billingCycle: 'annual' }).json.code).toBe(2054);
  subscription = subscribe(cloud, customer, { termDuration: 'P3Y' });
  expect(update(cloud, subscription, { billingCycle: 'annual' }).status).toBe(200);
  expect(read()).toMatchObject({
    billingCycle: 'monthly',
    nextChargeInstructions: { product: { billingCycle: 'annual' } },
  });
  update(cloud, subscription, { friendlyName: 'kept' });
  expect(read()).toHaveProperty('nextChargeInstructions');
  cloud.world.clock.advance(30 * DAY_MS);
  expect(read()).toMatchObject({
    billingCycle: 'annual',
    effectiveStartDate: '2026-09-01T00:00:00.000Z',
    billingCycleEndDate: '2027-09-30T00:00:00Z',
  });
  expect(read()).not.toHaveProperty('nextChargeInstructions');
});

it('drops a pending billing cycle that a PATCH leaves out, but keeps it when suspending', () => {
  subscription = subscribe(cloud, customer, { termDuration: 'P3Y' });
  update(cloud, subscription, { billingCycle: 'annual' });
  update(cloud, subscription, { status: 'suspended', nextChargeInstructions: undefined });
  expect(read()).toHaveProperty('nextChargeInstructions');
  update(cloud, subscription, { nextChargeInstructions: undefined });
  expect(read()).not.toHaveProperty('nextChargeInstructions');
});

it('takes a stored instruction back although its availability id has changed since', () => {
  update(cloud, subscription, { scheduledNextTermInstructions: renewWith(8) });
  cloud.world.clock.advance(AVAILABILITY_PERIOD_MS);
  expect(update(cloud, subscription, { friendlyName: 'later' }).status).toBe(200);
  expect(read()).toMatchObject({ scheduledNextTermInstructions: { quantity: 8 } });
});

it('changes the end date at renewal only', () => {
  const answer = update(cloud, subscription, { customTermEndDate: '2027-03-31T00:00:00Z' });
  expect(answer.json.code).toBe(900242);
});

it('refuses quantity, status and term changes of a running trial', () => {
  const trial = {
    sku: 'CFQ7TTC0LCHC:0006',
    quantity: 25,
    termDuration: 'P1M',
    billingCycle: 'none',
  };
  subscription = subscribe(cloud, customer, trial);
  expect(update(cloud, subscription, { quantity: 26 }).json.code).toBe(900280);
  expect(update(cloud, subscription, { status: 'suspended' }).json.code).toBe(900280);
  expect(update(cloud, subscription, { termDuration: 'P1Y' }).json.code).toBe(800107);
  expect(update(cloud, subscription, { friendlyName: 'trial' }).status).toBe(200);
});

it('answers 202 with Location when slow, and 409 until it is done', () => {
  commerceOf(cloud.world).slowUpdateMs = 120_000;
  const accepted = update(cloud, subscription, { quantity: 20 });
  expect(accepted).toMatchObject({ status: 202, headers: { Location: subscription } });
  expect(read().quantity).toBe(10);
  const refused = update(cloud, subscription, { quantity: 30 });
  expect(refused).toMatchObject({ status: 409, json: { code: 800082 } });
  cloud.world.clock.advance(120_000);
  expect(read().quantity).toBe(20);
});

it('drops a slow update when the renewal begins meanwhile', () => {
  subscription = subscribe(cloud, customer, { termDuration: 'P1M' });
  cloud.world.clock.advance(Date.parse('2026-09-30T23:59:00Z') - cloud.world.clock.nowMs());
  commerceOf(cloud.world).slowUpdateMs = 120_000;
  expect(update(cloud, subscription, { quantity: 20 }).status).toBe(202);
  cloud.world.clock.advance(120_000);
  expect(update(cloud, subscription, { quantity: 30 }).status).toBe(409);
  cloud.world.clock.advance(DAY_MS);
  expect(read()).toMatchObject({ quantity: 10, effectiveStartDate: '2026-10-01T00:00:00.000Z' });
});

it('counts updates and stops at the limit with 900311', () => {
  cloud.world.settings.throttleFactor = Number.POSITIVE_INFINITY;
  for (let index = 0; index < UPDATES_MAX; index += 1) {
    expect(update(cloud, subscription, { friendlyName: `name ${index}` }).status).toBe(200);
  }
  const answer = update(cloud, subscription, { friendlyName: 'one more' });
  expect(answer).toMatchObject({ status: 400, json: { code: 900311 } });
});

it('names unknown members and foreign ids', () => {
  expect(update(cloud, subscription, { seats: 3 }).json.code).toBe(3000);
  expect(update(cloud, subscription, { id: 'other' }).json.code).toBe(2000);
  const unknown = cloud.send('GET', `/v1/customers/${customer}/subscriptions/none`);
  expect(unknown).toMatchObject({ status: 404, json: { code: 20003 } });
});

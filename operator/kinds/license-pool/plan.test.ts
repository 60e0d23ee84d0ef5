import { describe, expect, it } from 'vitest';
import {
  deleted,
  hourMs,
  ids,
  inHours,
  nowMs,
  observedPool,
  offer,
  pool,
  subscription,
} from '../../../hack/testing/build.ts';
import { expectPlan, expectSoundPlan, readyOf, shown } from '../../../hack/testing/plan-checks.ts';
import type { LicensePool } from '../../core/objects.ts';
import type { ObservedPool } from './observed.ts';
import { planPool } from './plan.ts';

const requestId = ids.user;

const purchaseStarted = (more = {}) =>
  pool({ status: { intent: { requestId, quantity: 3, ...more } } });

const nothingBought = (overrides: Partial<ObservedPool> = {}) =>
  observedPool({
    subscription: undefined,
    bought: 0,
    available: 0,
    assigned: 0,
    reserved: 3,
    ...overrides,
  });

const underWay = nothingBought({ purchasing: true });

const short = (overrides: Partial<ObservedPool> = {}) =>
  observedPool({ reserved: 2, ...overrides });

/** Three of ten idle; two of them may still be given back. */
const idle = observedPool({
  assigned: 7,
  subscription: subscription({ refundable: [{ quantity: 2, until: inHours(1) }] }),
});

const allActions = ['RecordPurchase', 'CreateCart', 'CheckoutCart'];

type Row = readonly [
  name: string,
  resource: LicensePool,
  observed: ObservedPool,
  expected: {
    readonly ready: string;
    readonly actions: readonly string[];
    readonly look?: number | 'onChange';
    readonly held?: RegExp;
    readonly change?: number;
  },
];

const soon = 3_000;

const rows: readonly Row[] = [
  [
    'offer not in the catalogue',
    pool(),
    observedPool({ offer: undefined, offers: ['e3', 'e5'] }),
    { ready: 'False OfferUnknown', actions: [], look: 'onChange' },
  ],
  [
    'no subscription, seats wanted',
    pool(),
    nothingBought(),
    { ready: 'False SeatsShort', actions: allActions, look: soon, change: 3 },
  ],
  [
    'no subscription, Microsoft sells ten at once',
    pool(),
    nothingBought({ minimumQuantity: 10 }),
    { ready: 'False SeatsShort', actions: allActions, change: 10 },
  ],
  [
    'no subscription, nothing wanted',
    pool(),
    nothingBought({ reserved: 0 }),
    { ready: 'True SeatsAvailable', actions: [], look: 'onChange' },
  ],
  [
    'purchase recorded, crash before the cart',
    purchaseStarted(),
    underWay,
    { ready: 'False PurchaseInProgress', actions: ['CreateCart', 'CheckoutCart'], look: soon },
  ],
  [
    'purchase recorded, crash after the cart',
    purchaseStarted({ cartId: 'cart' }),
    underWay,
    { ready: 'False PurchaseInProgress', actions: ['CheckoutCart'], look: soon },
  ],
  [
    'ordered, subscription not there yet',
    purchaseStarted({ cartId: 'cart', orderId: 'order' }),
    underWay,
    { ready: 'False PurchaseInProgress', actions: [], look: soon },
  ],
  [
    'ordered, subscription pending: not bought a second time',
    purchaseStarted({ cartId: 'cart', orderId: 'order' }),
    { ...underWay, subscription: subscription({ status: 'pending', quantity: 3 }) },
    { ready: 'False PurchaseInProgress', actions: [], look: soon },
  ],
  [
    'ordered, subscription there, seats not yet in the directory',
    purchaseStarted({ cartId: 'cart', orderId: 'order' }),
    { ...underWay, subscription: subscription({ quantity: 3 }), bought: 3 },
    { ready: 'False SeatsArriving', actions: [], look: soon },
  ],
  [
    'fewer seats than wanted',
    pool(),
    short(),
    { ready: 'False SeatsShort', actions: ['IncreaseSeats'], look: soon, change: 2 },
  ],
  [
    'fewer than seats.min',
    pool({ spec: { seats: { min: 12 } } }),
    observedPool(),
    { ready: 'False SeatsShort', actions: ['IncreaseSeats'], change: 2 },
  ],
  ...(['Observe', 'Plan'] as const).map(
    (increase): Row => [
      `increase is ${increase}`,
      pool({ spec: { increase } }),
      short(),
      { ready: 'False IncreaseHeld', actions: [], look: 'onChange', held: /nothing is done/ },
    ],
  ),
  [
    'increase waits for approval',
    pool({ spec: { increase: 'Approve' } }),
    short(),
    {
      ready: 'False IncreaseHeld',
      actions: [],
      held: /m365-operator\.io\/approve: "[0-9a-f]{16}"/,
    },
  ],
  [
    'the first purchase is held as well',
    pool({ spec: { increase: 'Plan' } }),
    nothingBought(),
    { ready: 'False IncreaseHeld', actions: [], held: /nothing is done/ },
  ],
  [
    'more than one change may buy',
    pool(),
    short({ limits: { ...observedPool().limits, maxSeatsPerChange: 1 } }),
    { ready: 'False IncreaseHeld', actions: [], held: /2 seats are more than .*\(1\)/ },
  ],
  [
    'as many as one change may buy',
    pool(),
    short({ limits: { ...observedPool().limits, maxSeatsPerChange: 2 } }),
    { ready: 'False SeatsShort', actions: ['IncreaseSeats'] },
  ],
  [
    'more than may be spent, with what other pools cost',
    pool(),
    short({
      limits: { ...observedPool().limits, maxSpendPerMonth: 29_199, spentElsewhere: 10_000 },
    }),
    { ready: 'False IncreaseHeld', actions: [], held: /292\.00 EUR a month.*\(291\.99 EUR\)/ },
  ],
  [
    'exactly what may be spent',
    pool(),
    short({
      limits: { ...observedPool().limits, maxSpendPerMonth: 29_200, spentElsewhere: 10_000 },
    }),
    { ready: 'False SeatsShort', actions: ['IncreaseSeats'] },
  ],
  [
    'the account is under review',
    pool(),
    nothingBought({ isAccountUnderReview: true }),
    { ready: 'False IncreaseHeld', actions: [], held: /reviews the customer's account/ },
  ],
  [
    'beyond seats.max',
    pool({ spec: { seats: { max: 10 } } }),
    short(),
    { ready: 'False MaximumReached', actions: [], look: 'onChange' },
  ],
  [
    'beyond what the sandbox allows',
    pool(),
    short({ limits: { ...observedPool().limits, seatCeiling: 10 } }),
    { ready: 'False MaximumReached', actions: [] },
  ],
  [
    'beyond seats.max, but not bought up to it yet',
    pool({ spec: { seats: { max: 11 } } }),
    short(),
    { ready: 'False SeatsShort', actions: ['IncreaseSeats'], change: 1 },
  ],
  [
    'more assigned than seats.max: never below what is assigned',
    pool({ spec: { seats: { max: 5 }, decrease: 'Auto' } }),
    observedPool({
      subscription: subscription({ refundable: [{ quantity: 10, until: inHours(1) }] }),
    }),
    { ready: 'False MaximumReached', actions: [] },
  ],
  [
    'the subscription is suspended: no seats are added to it',
    pool(),
    short({ subscription: subscription({ status: 'suspended' }), bought: 0 }),
    { ready: 'False SubscriptionNotActive', actions: [] },
  ],
  [
    'bought, not in the directory yet',
    pool(),
    observedPool({ bought: 12, available: 10, reserved: 2 }),
    { ready: 'False SeatsArriving', actions: [], look: soon },
  ],
  [
    'enough',
    pool(),
    observedPool(),
    { ready: 'True SeatsAvailable', actions: [], look: 'onChange' },
  ],
  [
    'idle, decrease is Observe',
    pool(),
    idle,
    { ready: 'True SeatsAvailable', actions: [], held: /decrease is Observe/, change: -2 },
  ],
  [
    'idle, decrease waits for approval',
    pool({ spec: { decrease: 'Approve' } }),
    idle,
    { ready: 'True SeatsAvailable', actions: [], held: /waits for the annotation/ },
  ],
  [
    'idle, decrease is Auto: what Microsoft takes back',
    pool({ spec: { decrease: 'Auto' } }),
    idle,
    { ready: 'True SeatsAvailable', actions: ['DecreaseSeats'], change: -2 },
  ],
  [
    'idle, down to seats.min',
    pool({ spec: { decrease: 'Auto', seats: { min: 9 } } }),
    idle,
    { ready: 'True SeatsAvailable', actions: ['DecreaseSeats'], change: -1 },
  ],
  [
    'idle, a buffer is kept',
    pool({ spec: { decrease: 'Auto', seats: { buffer: { count: 2 } } } }),
    idle,
    { ready: 'True SeatsAvailable', actions: ['DecreaseSeats'], change: -1 },
  ],
  [
    "idle, the window is over by Microsoft's clock, which is ahead of ours",
    pool({ spec: { decrease: 'Auto' } }),
    { ...idle, clockOffsetMs: hourMs },
    { ready: 'True SeatsAvailable', actions: [], change: 0 },
  ],
  [
    'all idle: one seat stays, Microsoft has no subscription of none',
    pool({ spec: { decrease: 'Auto' } }),
    observedPool({
      assigned: 0,
      subscription: subscription({ refundable: [{ quantity: 10, until: inHours(1) }] }),
    }),
    { ready: 'True SeatsAvailable', actions: ['DecreaseSeats'], change: -9 },
  ],
  [
    'a limit of spending does not hold a decrease',
    pool({ spec: { decrease: 'Auto' } }),
    { ...idle, isAccountUnderReview: true, limits: { ...idle.limits, maxSpendPerMonth: 1 } },
    { ready: 'True SeatsAvailable', actions: ['DecreaseSeats'] },
  ],
];

describe('a LicensePool', () => {
  it.each(rows)('%s', (_, resource, observed, expected) => {
    const plan = planPool(resource, observed, nowMs);
    expectPlan(resource, plan, expected);
    if (expected.held !== undefined) expect(plan.status.plan?.held).toMatch(expected.held);
    if (expected.change !== undefined) {
      expect(plan.status.plan?.quantity).toBe(Math.abs(expected.change));
      expect(plan.status.plan?.costPerMonth).toBe(expected.change * offer.cost);
    }
  });

  it('stalls on an unknown offer and names those that there are', () => {
    const plan = planPool(pool(), observedPool({ offer: undefined, offers: ['e3', 'e5'] }), nowMs);
    expect(shown(plan, 'Stalled')).toBe('True OfferUnknown');
    expect(plan.conditions[0]?.message).toContain('it has e3, e5');
    const empty = planPool(pool(), observedPool({ offer: undefined, offers: [] }), nowMs);
    expect(empty.conditions[0]?.message).toContain('it is empty');
  });

  it('changes seats to an absolute number, with what it costs or saves', () => {
    expect(planPool(pool(), short(), nowMs).actions).toMatchObject([
      { subscriptionId: ids.subscription, quantity: 12, money: { amount: 3200, currency: 'EUR' } },
    ]);
    const down = planPool(pool({ spec: { decrease: 'Auto' } }), idle, nowMs);
    expect(down.actions).toMatchObject([{ quantity: 8, money: { amount: -3200 } }]);
  });

  it('buys what the record of the purchase says, whatever is wanted by now', () => {
    const plan = planPool(purchaseStarted(), { ...underWay, reserved: 8 }, nowMs);
    expect(plan.actions[0]).toMatchObject({ name: 'CreateCart', quantity: 3 });
    expect(plan.actions[1]).toMatchObject({ money: { amount: 4800, currency: 'EUR' } });
  });

  it('forgets the purchase once its subscription is there', () => {
    const resource = purchaseStarted({ cartId: 'cart', orderId: 'order' });
    const { status } = planPool(resource, observedPool(), nowMs);
    expect(status).toMatchObject({ subscriptionId: ids.subscription, intent: undefined });
    expect('intent' in planPool(resource, underWay, nowMs).status).toBe(false);
  });

  it('explains the seat count, with money', () => {
    const { status } = planPool(
      pool({ spec: { seats: { buffer: { count: 1 } } } }),
      observedPool({ bought: 13, assigned: 10, reserved: 1, available: 13 }),
      nowMs,
    );
    expect(status.explanation).toBe('keep 12: 10 assigned + 1 reserved + 1 buffer (13 bought)');
    expect(status.seats).toMatchObject({ bought: 13, idle: 2, target: 12 });
    expect(status.money).toEqual({
      currency: 'EUR',
      cost: 20_800,
      revenue: 20_000,
      margin: -800,
      marginPercent: '-4.0',
    });
  });

  it.each([
    [undefined, 3],
    [20, 0],
    [12, 1],
    [4, 2],
    [-100, 3],
  ])('keeps the margin at %s percent: a buffer of %i', (marginFloorPercent, buffer) => {
    const resource = pool({ spec: { seats: { buffer: { count: 3, marginFloorPercent } } } });
    const { status } = planPool(resource, observedPool(), nowMs);
    expect(status.seats?.target).toBe(10 + buffer);
  });

  it('deleted: subscription and seats are kept', () => {
    const resource = deleted(pool());
    const plan = planPool(resource, short(), nowMs);
    expect(readyOf(plan)).toBe('False Deleting');
    expect(plan).toMatchObject({ released: true, actions: [], next: { look: 'onChange' } });
    expectSoundPlan(resource, plan);
  });
});

it('seats that have not arrived and that nobody waits for are looked for, with the pool Ready', () => {
  const plan = planPool(pool(), observedPool({ available: 8, assigned: 7 }), nowMs);
  expect([readyOf(plan), plan.next]).toEqual([
    'True SeatsAvailable',
    { look: 'after', delayMs: 15_000, reason: 'SeatsArriving' },
  ]);
});

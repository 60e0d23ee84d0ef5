import { describe, expect, it } from 'vitest';
import { hourMs, ids, inHours, nowMs, offer, pool } from '../../../hack/testing/build.ts';
import { observedPool, ownSubscription } from '../../../hack/testing/observed.ts';
import { expectPlan } from '../../../hack/testing/plan-checks.ts';
import { LicensePoolStatus } from '../../api/license-pool.ts';
import type { LicensePool } from '../../core/objects.ts';
import type { ObservedPool, OwnedSubscription } from './observed.ts';
import { planPool } from './plan.ts';

const intent = { requestId: ids.user, quantity: 3, offer: offer.name };
const started = (more = {}) => pool({ status: { intent: { ...intent, ...more } } });

const bought = (quantity: number, more: Partial<OwnedSubscription> = {}) => ({
  subscriptions: [ownSubscription({ quantity, ...more })],
});
const nothingBought = (overrides: Partial<ObservedPool> = {}) =>
  observedPool({ subscriptions: [], available: 0, assigned: 0, reserved: 3, ...overrides });
const short = (overrides: Partial<ObservedPool> = {}) =>
  observedPool({ reserved: 2, ...overrides });
const limited = (limits: Partial<ObservedPool['limits']>) =>
  short({ limits: { ...observedPool().limits, ...limits } });

/** Three of ten idle; two of them may still be given back. */
const idle = observedPool({
  assigned: 7,
  ...bought(10, { refundable: [{ quantity: 2, until: inHours(1) }] }),
});

const promoted = (hours?: number) => ({
  ...offer,
  promotion: {
    maxSeats: 11,
    ...(hours === undefined ? {} : { until: inHours(hours).slice(0, 10) }),
  },
});

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
    readonly lines?: number;
  },
];

const soon = 3_000;
const allSteps = ['RecordPurchase', 'CreateCart', 'CheckoutCart'];
const auto = { decrease: 'Auto' } as const;

const rows: readonly Row[] = [
  [
    'offer not in the catalogue',
    pool(),
    observedPool({ offer: undefined, offers: ['e3', 'e5'] }),
    { ready: 'False OfferUnknown', actions: [], look: 'onChange' },
  ],
  [
    'nothing bought, seats wanted',
    pool(),
    nothingBought(),
    { ready: 'False SeatsShort', actions: allSteps, look: soon, change: 3 },
  ],
  [
    'nothing bought, of an indirect reseller',
    pool(),
    nothingBought({ isReseller: true }),
    { ready: 'False IncreaseHeld', actions: [], held: /an indirect reseller cannot order/ },
  ],
  [
    'nothing bought, Microsoft sells ten at once',
    pool(),
    nothingBought({ minimumQuantity: 10 }),
    { ready: 'False SeatsShort', actions: allSteps, change: 10 },
  ],
  [
    'nothing bought, nothing wanted',
    pool(),
    nothingBought({ reserved: 0 }),
    { ready: 'True SeatsAvailable', actions: [], look: 'onChange' },
  ],
  [
    'purchase recorded, crash before the cart',
    started(),
    nothingBought(),
    { ready: 'False PurchaseInProgress', actions: ['CreateCart', 'CheckoutCart'], look: soon },
  ],
  [
    'purchase recorded, crash after the cart',
    started({ cartId: 'cart' }),
    nothingBought(),
    { ready: 'False PurchaseInProgress', actions: ['CheckoutCart'], look: soon },
  ],
  [
    'ordered, subscription not there yet',
    started({ cartId: 'cart', orderId: 'order' }),
    nothingBought(),
    { ready: 'False PurchaseInProgress', actions: [], look: soon },
  ],
  [
    'ordered, subscription pending: not bought a second time',
    started({ cartId: 'cart', orderId: 'order' }),
    nothingBought(bought(3, { status: 'pending' })),
    { ready: 'False PurchaseInProgress', actions: [], look: soon },
  ],
  [
    'ordered, subscription there, seats not yet in the directory',
    started({ cartId: 'cart', orderId: 'order' }),
    nothingBought(bought(3)),
    { ready: 'False SeatsArriving', actions: [], look: soon },
  ],
  [
    'a purchase under way goes on whatever the mode is by now',
    pool({ spec: { increase: 'Observe' }, status: { intent: { ...intent, cartId: 'cart' } } }),
    nothingBought(),
    { ready: 'False PurchaseInProgress', actions: ['CheckoutCart'] },
  ],
  [
    'fewer seats than wanted',
    pool(),
    short(),
    { ready: 'False SeatsShort', actions: ['IncreaseSeats'], look: soon, change: 2 },
  ],
  ...(['Observe', 'Plan'] as const).map(
    (increase): Row => [
      `increase is ${increase}`,
      pool({ spec: { increase } }),
      short(),
      { ready: 'False IncreaseHeld', actions: [], held: /nothing is done/ },
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
    'more than one change may buy',
    pool(),
    limited({ maxSeatsPerChange: 1 }),
    { ready: 'False IncreaseHeld', actions: [], held: /maxSeatsPerChange of the connection/ },
  ],
  [
    'more than the pool may buy in a day, with what it bought in the last hour',
    pool({
      spec: { limits: { maxSeatsPerDay: 3 } },
      status: { changes: [{ at: inHours(-1), seats: 2 }] },
    }),
    short(),
    {
      ready: 'False IncreaseHeld',
      actions: [],
      held: /maxSeatsPerDay of the pool/,
      look: 23 * hourMs,
    },
  ],
  [
    'as many, once that is a day ago',
    pool({
      spec: { limits: { maxSeatsPerDay: 3 } },
      status: { changes: [{ at: inHours(-25), seats: 2 }] },
    }),
    short(),
    { ready: 'False SeatsShort', actions: ['IncreaseSeats'] },
  ],
  [
    'more than may be spent, with what other pools cost',
    pool(),
    limited({ maxSpendPerMonth: 29_199, spentElsewhere: 10_000 }),
    { ready: 'False IncreaseHeld', actions: [], held: /291\.99 EUR/ },
  ],
  [
    'exactly what may be spent',
    pool(),
    limited({ maxSpendPerMonth: 29_200, spentElsewhere: 10_000 }),
    { ready: 'False SeatsShort', actions: ['IncreaseSeats'] },
  ],
  [
    'the account is under review',
    pool(),
    nothingBought({ isAccountUnderReview: true }),
    { ready: 'False IncreaseHeld', actions: [], held: /review/ },
  ],
  [
    'beyond seats.max',
    pool({ spec: { seats: { max: 10 } } }),
    short(),
    { ready: 'False MaximumReached', actions: [] },
  ],
  [
    'beyond what is sold',
    pool(),
    short({ maximumQuantity: 10 }),
    { ready: 'False NotSold', actions: [] },
  ],
  [
    'an add-on beyond its base',
    pool(),
    short({ base: { now: 10, changes: [] } }),
    { ready: 'False MaximumReached', actions: [] },
  ],
  [
    'the subscription is suspended: no seats are added to it',
    pool({ spec: { increase: 'Plan' } }),
    short(bought(10, { status: 'suspended' })),
    { ready: 'False SubscriptionNotActive', actions: [] },
  ],
  [
    'cancelled and gone, people still want seats: none are bought again',
    pool({
      metadata: { annotations: { 'm365-operator.io/confirm': 'cancel-at-term-end' } },
      spec: { endOfTerm: 'Cancel' },
    }),
    nothingBought(bought(10, { status: 'deleted' })),
    { ready: 'False IncreaseHeld', actions: [], held: /no new one is bought/ },
  ],
  [
    'in its extended term, which gives the same seats: not bought a second time',
    pool(),
    observedPool(bought(10, { skuId: 'E002', isExtended: true, term: 'P1M' })),
    { ready: 'True SeatsAvailable', actions: [] },
  ],
  [
    'a change that Microsoft has taken and not done yet',
    pool({
      status: { pending: { subscriptionId: ids.subscription, quantity: 12, since: inHours(0) } },
    }),
    short(),
    { ready: 'False IncreaseHeld', actions: [], look: soon },
  ],
  [
    'the same, not done for hours: sent again',
    pool({
      status: { pending: { subscriptionId: ids.subscription, quantity: 12, since: inHours(-2) } },
    }),
    short(),
    { ready: 'False SeatsShort', actions: ['IncreaseSeats'] },
  ],
  [
    'an upgrade that others have scheduled for the renewal is left alone',
    pool({ spec: { ...auto, renewalNoticeDays: 365 } }),
    observedPool({
      assigned: 7,
      ...bought(10, {
        nextTerm: {
          productId: offer.productId,
          skuId: '0009',
          quantity: 10,
          term: offer.term,
          billingCycle: 'monthly',
        },
      }),
    }),
    { ready: 'True SeatsAvailable', actions: [] },
  ],
  [
    'bought, not in the directory yet',
    pool(),
    observedPool({ ...bought(12), available: 10, reserved: 2 }),
    { ready: 'False SeatsArriving', actions: [], look: soon },
  ],
  [
    'bought for nobody, not in the directory yet',
    pool({ spec: { seats: { min: 12 } } }),
    observedPool({ ...bought(12), available: 10 }),
    { ready: 'True SeatsAvailable', actions: [], look: 15_000 },
  ],
  [
    'a promotion of eleven seats, two are missing: the second of them another way',
    pool(),
    short({ sold: [promoted()] }),
    { ready: 'False SeatsShort', actions: ['IncreaseSeats'], change: 1, lines: 2 },
  ],
  [
    '… on its last day',
    pool(),
    short({ sold: [promoted(0)] }),
    { ready: 'False SeatsShort', actions: ['IncreaseSeats'], change: 1, lines: 2 },
  ],
  [
    '… and the day after',
    pool(),
    short({ sold: [promoted(-24)] }),
    { ready: 'False SeatsShort', actions: ['IncreaseSeats'], change: 2, lines: 1 },
  ],
  [
    'who starts tomorrow has a seat by then',
    pool(),
    observedPool({ startingMs: [nowMs + 23 * hourMs] }),
    { ready: 'False SeatsShort', actions: ['IncreaseSeats'], change: 1 },
  ],
  [
    'who starts in two days: looked at a day before',
    pool(),
    observedPool({ startingMs: [nowMs + 48 * hourMs] }),
    { ready: 'True SeatsAvailable', actions: [], look: 24 * hourMs },
  ],
  [
    '… and startAheadDays is 2',
    pool({ spec: { seats: { startAheadDays: 2 } } }),
    observedPool({ startingMs: [nowMs + 48 * hourMs] }),
    { ready: 'False SeatsShort', actions: ['IncreaseSeats'], change: 1 },
  ],
  [
    'who starts gets the seat of who leaves before',
    pool(),
    observedPool({ startingMs: [nowMs + 23 * hourMs], leavingMs: [nowMs + 22 * hourMs] }),
    { ready: 'True SeatsAvailable', actions: [] },
  ],
  ['enough', pool(), observedPool(), { ready: 'True SeatsAvailable', actions: [] }],
  [
    'idle, decrease is Observe',
    pool(),
    idle,
    { ready: 'True SeatsAvailable', actions: [], held: /decrease is Observe/, change: 2 },
  ],
  [
    'idle, decrease is Auto: what Microsoft takes back',
    pool({ spec: auto }),
    idle,
    { ready: 'True SeatsAvailable', actions: ['DecreaseSeats'], change: 2 },
  ],
  [
    'idle, and the window has closed: the renewal, once it is near',
    pool({ spec: { ...auto, renewalNoticeDays: 365 } }),
    observedPool({ assigned: 7 }),
    { ready: 'True SeatsAvailable', actions: ['ScheduleRenewal'], change: 3 },
  ],
  [
    'bought by the customer: shown with a text, never written',
    pool({ spec: auto }),
    observedPool({ assigned: 7, ...bought(10, { owner: 'Customer' }) }),
    { ready: 'True SeatsAvailable', actions: [] },
  ],
  [
    'the end of the term is not as declared',
    pool({ spec: { endOfTerm: 'Extend' } }),
    observedPool(),
    { ready: 'True SeatsAvailable', actions: ['SetEndOfTerm'] },
  ],
];

describe('the plan of a pool', () => {
  it.each(rows)('%s', (_, resource, observed, expected) => {
    const plan = planPool(resource, observed, nowMs);
    expectPlan(resource, plan, expected);
    if (expected.held !== undefined) expect(plan.status.plan?.held).toMatch(expected.held);
    if (expected.change !== undefined) expect(plan.status.plan?.quantity).toBe(expected.change);
    if (expected.lines !== undefined) expect(plan.status.plan?.lines).toHaveLength(expected.lines);
    const isStorable = LicensePoolStatus.partial().safeParse(plan.status);
    expect(isStorable.error).toBeUndefined();
  });

  it('asks what other pools cost only where seats are to be bought', () => {
    let asked = 0;
    const limits: ObservedPool['limits'] = {
      ...observedPool().limits,
      maxSpendPerMonth: 100_000,
      get spentElsewhere() {
        asked += 1;
        return 0;
      },
    };
    planPool(pool(), { ...observedPool(), limits }, nowMs);
    expect(asked).toBe(0);
    const { actions } = planPool(pool(), { ...short(), limits }, nowMs);
    expect(actions.map(({ name }) => name)).toEqual(['IncreaseSeats']);
    expect(asked).toBeGreaterThan(0);
  });
});

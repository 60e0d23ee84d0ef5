/**
 * How many seats there should be, and why, is core/seats/plan.ts's. Here: what of it is done at this look, and what the
 * object says.
 *
 * | observed                                       | actions                                     | Ready                       |
 * | ---------------------------------------------- | ------------------------------------------- | --------------------------- |
 * | offer not in the catalogue                     | none                                        | False, Stalled OfferUnknown |
 * | purchase recorded, no cart                     | CreateCart (same request id), CheckoutCart  | False, PurchaseInProgress   |
 * | purchase recorded, cart, no order              | CheckoutCart (same cart)                    | False, PurchaseInProgress   |
 * | purchase recorded, order                       | none: wait                                  | False, PurchaseInProgress   |
 * | subscription pending                           | none: wait                                  | False, PurchaseInProgress   |
 * | none active, one suspended or expired          | as planned                                  | False, SubscriptionNotActive |
 * | a purchase is due                              | RecordPurchase, CreateCart, CheckoutCart    | False, SeatsShort           |
 * | a renewal went through as it was set           | CountRenewal, and as below                  |                             |
 * | another change is due                          | the first of them; then all is looked at again | as below                 |
 * | … more seats                                   | IncreaseSeats                               | False, SeatsShort           |
 * | … fewer, or a whole subscription               | DecreaseSeats, CancelSubscription           | True                        |
 * | … of the next term                             | ScheduleRenewal                             | True                        |
 * | … the end of the term                          | SetEndOfTerm                                | True                        |
 * | more seats are held back                       | none; `plan.held` says why                  | False, IncreaseHeld         |
 * | the partner is an indirect reseller            | none, ever; lines have the text of a ticket | as planned, IncreaseHeld    |
 * | people beyond seats.max, or what is sold       | none                                        | False, MaximumReached, NotSold |
 * | bought, not in the directory yet               | none: wait                                  | False, SeatsArriving        |
 * | who waits gets a leaver's seat within days     | none                                        | True, SeatsHandedOn         |
 * | enough                                         | none                                        | True, SeatsAvailable        |
 * | … and seats nobody waits for have not arrived  | none: look in 15 s                          | True, SeatsAvailable        |
 * | a licence nobody needs is due to be taken      | TakeLicense, after the others (harvest.ts) | as above             |
 * | deleted                                        | deletion.ts                                 | released                    |
 */
import type { LicensePoolStatus } from '../../api/license-pool.ts';
import { condition, notReady, ready } from '../../core/conditions.ts';
import type { LicensePool } from '../../core/objects.ts';
import { type Next, onChange, type Plan } from '../../core/plan.ts';
import type { Condition } from '../../core/resource.ts';
import type { SeatInput } from '../../core/seats/input.ts';
import type { SeatLine, SeatPlan } from '../../core/seats/output.ts';
import { planSeats } from '../../core/seats/plan.ts';
import * as act from './actions.ts';
import { planDeletion } from './deletion.ts';
import { findings } from './findings.ts';
import { type HarvestPlan, planHarvest } from './harvest.ts';
import { harvestFindings } from './harvest-findings.ts';
import { renewedFigures } from './issued.ts';
import { costOfMonth } from './money.ts';
import type { ObservedPool } from './observed.ts';
import { orderedSeats, seatInput } from './seat-input.ts';
import { seatStatus } from './seat-status.ts';
import { iso } from './time.ts';

export type PoolPlan = Plan<act.PoolAction, LicensePoolStatus>;

/** Seats arrive within seconds, mostly; two requests for each look are far from any limit. */
const soonMs = 3_000;
/** Bought, not yet in the directory, and nobody waits. */
const arrivalMs = 15_000;
/** The night comes before it. */
const longestMs = 24 * 60 * 60_000;

export function planPool(pool: LicensePool, observed: ObservedPool, nowMs: number): PoolPlan {
  if (pool.metadata.deletionTimestamp !== undefined) return planDeletion(pool, observed, nowMs);
  if (observed.offer === undefined) return unknownOffer(pool, observed);
  const input = seatInput(pool, observed, nowMs);
  const plan = planSeats(input);
  const summary = summaryOf(pool, observed, plan);
  const harvest = harvestOf(pool, observed, input.nowMs);
  return {
    actions: [
      ...counting(pool, input),
      ...actionsOf(pool, observed, plan),
      ...takesOf(observed, harvest),
    ],
    conditions: [summary, ...findings(plan, input), ...harvestFindings(observed.harvest, harvest)],
    status: { ...seatStatus(pool, observed, { plan, input }), harvest: harvest.status },
    released: false,
    next: withAccounts(nextLook(observed, { plan, input, summary }), observed, nowMs),
  };
}

function unknownOffer(pool: LicensePool, { offers }: ObservedPool): PoolPlan {
  const known = offers.length === 0 ? 'it is empty' : `it has ${offers.join(', ')}`;
  const message = `the catalogue of the connection has no offer "${pool.spec.offer}": ${known}`;
  return {
    actions: [],
    conditions: [
      notReady('OfferUnknown', message),
      condition('Stalled', 'True', 'OfferUnknown', message),
    ],
    status: {},
    released: false,
    next: onChange,
  };
}

function counting(pool: LicensePool, input: SeatInput): readonly act.PoolAction[] {
  const counts = renewedFigures(pool, input);
  return counts.length === 0 ? [] : [act.countRenewal(counts)];
}

/** A purchase under way comes first, and goes on whatever the plan says by now. */
function actionsOf(
  pool: LicensePool,
  observed: ObservedPool,
  plan: SeatPlan,
): readonly act.PoolAction[] {
  const { currency, sold, offer } = observed;
  const { intent } = pool.status ?? {};
  if (intent !== undefined && orderedSeats(pool, observed) > 0) {
    const bought = sold.find(({ name }) => name === intent.offer) ?? offer;
    const cost = bought && costOfMonth([bought], bought, 0);
    const amount = cost === undefined ? undefined : cost * intent.quantity;
    return purchase(intent, { amount, currency });
  }
  const line = plan.lines.find(({ state }) => state === 'Due');
  if (line === undefined) return [];
  const action = act.actionOf(line, currency);
  return action === undefined ? newPurchase(line, currency) : [action];
}

function newPurchase(line: SeatLine, currency: string): readonly act.PoolAction[] {
  const { quantity, offer, saving, alignedEndMs } = line;
  if (offer === undefined) return [];
  const endsOn = alignedEndMs === undefined ? undefined : iso(alignedEndMs);
  const amount = saving === undefined ? undefined : -saving;
  return [
    act.recordPurchase(quantity, { offer, endsOn }),
    ...purchase({ quantity }, { amount, currency }),
  ];
}

/** What is left to do of a purchase; done steps are known by the ids that they left. */
function purchase(
  intent: {
    readonly quantity: number;
    readonly cartId?: string | undefined;
    readonly orderId?: string | undefined;
  },
  money: act.Money,
): readonly act.PoolAction[] {
  if (intent.orderId !== undefined) return [];
  const checkout = act.checkoutCart(intent.quantity, money);
  return intent.cartId === undefined ? [act.createCart(intent.quantity), checkout] : [checkout];
}

const noHarvest: HarvestPlan = { status: undefined, takes: [] };

function harvestOf(
  { spec, status }: LicensePool,
  observed: ObservedPool,
  nowMs: number,
): HarvestPlan {
  const { harvest: sight, subscriptions, sold, offer } = observed;
  if (spec.harvest === undefined || sight === undefined) return noHarvest;
  const own = subscriptions.filter((one) => one.owner === 'Partner' && one.status === 'active');
  const costs = (own.length === 0 && offer !== undefined ? [offer] : own).flatMap(
    (one) => costOfMonth(sold, one, nowMs) ?? [],
  );
  const seatCost = costs.length === 0 ? undefined : Math.max(...costs);
  return planHarvest({ spec: spec.harvest, before: status?.harvest, sight, nowMs, seatCost });
}

function takesOf({ skuId }: ObservedPool, { takes }: HarvestPlan): readonly act.PoolAction[] {
  return skuId === undefined ? [] : takes.map((one) => act.takeLicense(skuId, one));
}

function isBuying({ action }: SeatLine): boolean {
  return action === 'Purchase' || action === 'Increase';
}

function summaryOf(pool: LicensePool, observed: ObservedPool, plan: SeatPlan): Condition {
  const { available, assigned, reserved } = observed;
  const status = subscriptionState(pool, observed);
  if (status !== undefined) return status;
  const buying = plan.lines.find((line) => isBuying(line) && line.state !== 'Set');
  if (buying?.state === 'Due') return notReady('SeatsShort', 'seats are being bought');
  if (buying?.hold !== undefined) return notReady('IncreaseHeld', buying.hold.message);
  if (plan.short?.reason === 'MaximumReached') {
    return notReady(
      'MaximumReached',
      'users wait for seats, and seats.max is reached: raise it, or free seats',
    );
  }
  if (plan.short !== undefined) {
    return notReady(
      'NotSold',
      'users wait for seats, and Microsoft sells no more of them to this customer, or not at the price of the catalogue (promotion.maxSeats)',
    );
  }
  if (available < Math.min(plan.seats.bought, assigned + reserved)) {
    return notReady('SeatsArriving', 'bought seats have not arrived in the directory yet');
  }
  return enough(observed, plan);
}

function enough({ reserved }: ObservedPool, plan: SeatPlan): Condition {
  if (plan.seats.reserved < reserved) {
    return ready(
      'SeatsHandedOn',
      'who waits gets the seat of somebody who leaves within seats.waitForLeaversDays',
    );
  }
  return ready('SeatsAvailable', 'every declared user has a seat');
}

/** Of what there is, none can be used (yet). */
function subscriptionState(pool: LicensePool, observed: ObservedPool): Condition | undefined {
  const { subscriptions } = observed;
  const has = (status: string): boolean => subscriptions.some((one) => one.status === status);
  if (orderedSeats(pool, observed) > 0 || (has('pending') && !has('active'))) {
    return notReady('PurchaseInProgress', 'seats are being bought');
  }
  const left = subscriptions.find(({ status }) => status !== 'deleted');
  if (left === undefined || has('active') || has('pending')) return undefined;
  return notReady('SubscriptionNotActive', `the subscription is ${left.status}`);
}

function nextLook(
  observed: ObservedPool,
  {
    plan,
    input,
    summary,
  }: { readonly plan: SeatPlan; readonly input: SeatInput; readonly summary: Condition },
): Next {
  const waits = ['PurchaseInProgress', 'SeatsShort', 'SeatsArriving'];
  const isRunning = input.subscriptions.some(({ isBusy }) => isBusy === true);
  if (isRunning || waits.includes(summary.reason))
    return { look: 'after', delayMs: soonMs, reason: summary.reason };
  // Nothing tells of seats that have arrived: also who waits for none wants to see them.
  if (observed.available < plan.seats.bought)
    return { look: 'after', delayMs: arrivalMs, reason: 'SeatsArriving' };
  if (plan.lookAgainMs === undefined) return onChange;
  const delayMs = Math.max(1_000, plan.lookAgainMs - input.nowMs);
  return { look: 'after', delayMs: Math.min(delayMs, longestMs), reason: 'SeatPlan' };
}

/** What the quota left over of the accounts is read as soon as it may be. */
function withAccounts(next: Next, { harvest }: ObservedPool, nowMs: number): Next {
  if (harvest?.goOnMs === undefined) return next;
  const delayMs = Math.max(1_000, harvest.goOnMs - nowMs);
  if (next.look === 'after' && next.delayMs <= delayMs) return next;
  return { look: 'after', delayMs, reason: 'AccountsToRead' };
}

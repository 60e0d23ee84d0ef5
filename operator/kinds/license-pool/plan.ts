/**
 * | observed                                       | actions                                     | Ready                       |
 * | ---------------------------------------------- | ------------------------------------------- | --------------------------- |
 * | offer not in the catalogue                     | none                                        | False, Stalled OfferUnknown |
 * | no subscription, seats wanted                  | RecordPurchase, CreateCart, CheckoutCart    | False, PurchaseInProgress   |
 * | no subscription, purchase recorded, no cart    | CreateCart (same request id), CheckoutCart  | False, PurchaseInProgress   |
 * | no subscription, cart, no order                | CheckoutCart (same cart)                    | False, PurchaseInProgress   |
 * | no subscription, order                         | none: wait                                  | False, PurchaseInProgress   |
 * | subscription pending                           | none: wait                                  | False, PurchaseInProgress   |
 * | subscription suspended                         | none                                        | False, SubscriptionNotActive |
 * | fewer seats than wanted                        | IncreaseSeats                               | False, SeatsShort           |
 * | … but mode, limits or review forbid it         | none; `plan.held` says why                  | False, IncreaseHeld         |
 * | … beyond seats.max                             | none                                        | False, MaximumReached       |
 * | bought, not in the directory yet               | none: wait                                  | False, SeatsArriving        |
 * | idle seats that Microsoft takes back           | DecreaseSeats, if `decrease` allows         | True                        |
 * | end of term is not as declared                 | SetEndOfTerm                                | as above                    |
 * | enough                                         | none                                        | True, SeatsAvailable        |
 * | … and seats nobody waits for have not arrived  | none: look in 15 s                          | True, SeatsAvailable        |
 * | deleted                                        | none: seats and subscription stay (Retain)  | released                    |
 */
import type { LicensePoolStatus } from '../../api/license-pool.ts';
import type { Subscription } from '../../clients/partner-center/port.ts';
import { condition, notReady, ready } from '../../core/conditions.ts';
import type { LicensePool } from '../../core/objects.ts';
import { annotations, type Next, onChange, type Plan } from '../../core/plan.ts';
import type { Condition } from '../../core/resource.ts';
import { effectiveBuffer } from '../../core/seats.ts';
import * as act from './actions.ts';
import { moneyOf } from './money.ts';
import type { ObservedPool } from './observed.ts';
import { type SeatPlan, seatPlanOf } from './seat-plan.ts';

export type PoolPlan = Plan<act.PoolAction, LicensePoolStatus>;

/** Seats arrive within seconds, mostly; two requests for each look are far from any limit. */
const soonMs = 3_000;
/** Bought, not yet in the directory, and nobody waits. */
const arrivalMs = 15_000;

export function planPool(pool: LicensePool, observed: ObservedPool, nowMs: number): PoolPlan {
  if (pool.metadata.deletionTimestamp !== undefined) return deletion;
  if (observed.offer === undefined) return unknownOffer(pool, observed);
  const seatPlan = seatPlanOf(pool, observed, nowMs);
  const endOfTerm = endOfTermStep(pool, observed);
  const summary = summaryOf(observed, seatPlan);
  return {
    actions: [...seatActions(pool, observed, seatPlan), ...endOfTerm.actions],
    conditions: [summary, ...endOfTerm.conditions],
    status: statusOf(observed, seatPlan),
    released: false,
    next: nextLook(pool, observed, summary),
  };
}

const deletion: PoolPlan = {
  actions: [],
  conditions: [notReady('Deleting', 'the subscription and its seats are kept')],
  status: {},
  released: true,
  next: onChange,
};

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

function seatActions(
  pool: LicensePool,
  observed: ObservedPool,
  plan: SeatPlan,
): readonly act.PoolAction[] {
  const intent = pool.status?.intent;
  if (observed.subscription === undefined && intent !== undefined) {
    return purchase(intent, moneyOf(observed, intent.quantity));
  }
  if (plan.held !== undefined) return [];
  const money = moneyOf(observed, plan.change);
  switch (plan.action) {
    case 'None':
      return [];
    case 'Purchase':
      return [act.recordPurchase(plan.change), ...purchase({ quantity: plan.change }, money)];
    case 'Increase':
    case 'Decrease': {
      const { subscription } = observed;
      if (subscription === undefined) return [];
      const from = subscription.quantity;
      return [act.changeSeats(subscription.id, { from, to: from + plan.change, money })];
    }
  }
}

/** What is left to do of a first purchase; done steps are known by the ids that they left. */
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

/** How Partner Center says each end of term (partner-center.md 6.6). */
const endOfTermForm = {
  Renew: { autoRenew: true, action: 'TermEnd/RenewToNewTerm' },
  Cancel: { autoRenew: false, action: 'TermEnd/Cancel' },
  Extend: { autoRenew: false, action: 'TermEnd/RenewToExtendedServiceTerm' },
} as const;

function endOfTermSet(
  status: 'True' | 'False',
  reason: string,
  message: string,
): readonly Condition[] {
  return [condition('EndOfTermSet', status, reason, message)];
}

interface EndOfTermStep {
  readonly actions: readonly act.PoolAction[];
  readonly conditions: readonly Condition[];
}

const noEndOfTerm: EndOfTermStep = { actions: [], conditions: [] };

function endOfTermStep(pool: LicensePool, { subscription, assigned }: ObservedPool): EndOfTermStep {
  if (subscription === undefined || subscription.isTrial || subscription.status !== 'active')
    return noEndOfTerm;
  const { endOfTerm } = pool.spec;
  if (isEndOfTermSet(subscription, endOfTerm)) {
    return {
      actions: [],
      conditions: endOfTermSet('True', endOfTerm, 'Partner Center has the end of term as declared'),
    };
  }
  const isConfirmed = pool.metadata.annotations?.[annotations.confirm] === 'cancel-at-term-end';
  if (endOfTerm === 'Cancel' && assigned > 0 && !isConfirmed) {
    const message =
      'seats are in use and their users lose access at the end of the term: set the annotation m365-operator.io/confirm: cancel-at-term-end';
    return { actions: [], conditions: endOfTermSet('False', 'ConfirmationRequired', message) };
  }
  return {
    actions: [act.setEndOfTerm(subscription.id, endOfTerm)],
    conditions: endOfTermSet('False', 'EndOfTermDiffers', 'the end of term is being set'),
  };
}

/** With auto-renew on, no action at all means the same as the renewal spelled out. */
function isEndOfTermSet(
  { autoRenewEnabled, scheduledActions }: Subscription,
  endOfTerm: LicensePool['spec']['endOfTerm'],
): boolean {
  const form = endOfTermForm[endOfTerm];
  const isSilentRenewal = endOfTerm === 'Renew' && scheduledActions.length === 0;
  return (
    autoRenewEnabled === form.autoRenew &&
    (isSilentRenewal || scheduledActions.includes(form.action))
  );
}

function summaryOf(observed: ObservedPool, plan: SeatPlan): Condition {
  const { subscription, purchasing, available, assigned, reserved } = observed;
  const isBeingBought = subscription === undefined ? purchasing : subscription.status === 'pending';
  if (isBeingBought) return notReady('PurchaseInProgress', 'the first seats are being bought');
  if (subscription !== undefined && subscription.status !== 'active') {
    return notReady('SubscriptionNotActive', `the subscription is ${subscription.status}`);
  }
  if (plan.action === 'Purchase' || plan.action === 'Increase') {
    if (plan.held !== undefined) return notReady('IncreaseHeld', plan.held);
    return notReady('SeatsShort', 'seats are being bought');
  }
  if (plan.isBeyondMax) {
    return notReady(
      'MaximumReached',
      'users wait for seats, and seats.max is reached: raise it, or free seats',
    );
  }
  if (available < Math.min(plan.bought, assigned + reserved)) {
    return notReady('SeatsArriving', 'bought seats have not arrived in the directory yet');
  }
  return ready('SeatsAvailable', 'every declared user has a seat');
}

function statusOf(observed: ObservedPool, plan: SeatPlan): Partial<LicensePoolStatus> {
  const { subscription, assigned, reserved, available, currency } = observed;
  const buffer = effectiveBuffer(plan.demand);
  return {
    skuId: observed.skuId,
    seats: {
      bought: plan.bought,
      available,
      assigned,
      reserved,
      idle: Math.max(0, plan.bought - assigned - reserved),
      target: plan.target,
    },
    plan: {
      action: plan.action,
      quantity: Math.abs(plan.change),
      costPerMonth: moneyOf(observed, plan.change).amount,
      hash: plan.hash,
      held: plan.held,
    },
    money: { currency, ...plan.money },
    explanation: `keep ${plan.target}: ${assigned} assigned + ${reserved} reserved + ${buffer} buffer (${plan.bought} bought)`,
    ...(subscription === undefined
      ? {}
      : {
          subscriptionId: subscription.id,
          commitmentEndTime: subscription.commitmentEndDate,
          intent: undefined,
        }),
  };
}

function nextLook(pool: LicensePool, observed: ObservedPool, summary: Condition): Next {
  const waits = ['PurchaseInProgress', 'SeatsShort', 'SeatsArriving'];
  if (waits.includes(summary.reason))
    return { look: 'after', delayMs: soonMs, reason: summary.reason };
  if (pool.status?.intent !== undefined)
    return { look: 'after', delayMs: soonMs, reason: 'Purchase' };
  // Nothing tells of seats that have arrived: also who waits for none wants to see them.
  if (observed.available < observed.bought)
    return { look: 'after', delayMs: arrivalMs, reason: 'SeatsArriving' };
  return onChange;
}

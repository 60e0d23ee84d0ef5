/**
 * The life of a subscription on the clock (partner-center.md 6.4, 6.6):
 *
 *   cycle end, term runs on           -> next cycle, cycleCharge
 *   term end, suspended               -> disabled 30 + 90 days -> deleted
 *   term end, Cancel at TermEnd       -> deleted
 *   term end, auto-renew              -> locked, then new term with the stored instruction
 *   term end, no auto-renew, EST      -> extended service term, monthly
 *   term end, no auto-renew, else     -> expired 30 days -> disabled 90 days -> deleted
 */
import type { TaskKind } from '../../world.ts';
import { recordAudit, SYSTEM } from '../audit.ts';
import { charge } from '../books/ledger.ts';
import { availabilityFor } from '../catalogue/availabilities.ts';
import { extendedSkuId } from '../catalogue/offers.ts';
import { promotionOf } from '../catalogue/promotions.ts';
import type { Scope } from '../routing.ts';
import { commerceOf, customerOf } from '../state.ts';
import {
  cycleBounds,
  DAY_MS,
  HOUR_MS,
  parseDate,
  startOfDay,
  termEnd,
  WINDOW_MS,
} from '../terms.ts';
import { putSeats, requireOffer, setStatus } from './directory-seats.ts';
import type {
  NextTermInstructions,
  ScheduledAction,
  Subscription,
  SubscriptionStatus,
} from './subscription.ts';

const EXPIRED_MS = 30 * DAY_MS;
const DISABLED_MS = 90 * DAY_MS;
/** Bought or renewed since, and ending since: the extended service term applies (partner-center.md 6.6). */
const EXTENDED_BOUGHT_MS = Date.UTC(2025, 3, 1);
const EXTENDED_END_MS = Date.UTC(2026, 4, 4);
/** Auto-renew off without an explicit action becomes the extended service term within a day. */
const EXTENSION_DEFAULT_MS = 24 * HOUR_MS;

const EXTEND: ScheduledAction = {
  scheduleType: 'TermEnd',
  actionType: 'RenewToExtendedServiceTerm',
};

/** A task that does nothing when the subscription has moved on meanwhile. */
interface Step {
  readonly subscriptionId: string;
  readonly generation: number;
}

/** What is left of the way to the end: each status with its length. */
type WindDown = readonly (readonly [SubscriptionStatus, number])[];

const END_CYCLE: TaskKind<Step> = { name: 'commerce.endCycle' };
const WIND_DOWN: TaskKind<Step & { readonly steps: WindDown }> = { name: 'commerce.windDown' };
const RENEW: TaskKind<Step & { readonly instructions?: NextTermInstructions | undefined }> = {
  name: 'commerce.renew',
};
const EXTEND_TERM: TaskKind<Step> = { name: 'commerce.extendTerm' };
const DEFAULT_TO_EXTENSION: TaskKind<{ readonly subscriptionId: string }> = {
  name: 'commerce.defaultToExtension',
};

/** What the life of a subscription does on the clock. */
export function registerLife(scope: Scope): void {
  const { clock } = scope.world;
  clock.on(END_CYCLE, (step) => {
    const subscription = current(scope, step);
    if (subscription) endCycle(scope, subscription);
  });
  clock.on(WIND_DOWN, (step) => {
    const subscription = current(scope, step);
    if (subscription) windDown(scope, subscription, step.steps);
  });
  clock.on(RENEW, (step) => {
    const subscription = current(scope, step);
    if (subscription) renew(scope, subscription, step.instructions);
  });
  clock.on(EXTEND_TERM, (step) => {
    const subscription = current(scope, step);
    if (subscription) extend(scope, subscription);
  });
  clock.on(DEFAULT_TO_EXTENSION, ({ subscriptionId }) => {
    const subscription = commerceOf(scope.world).subscriptions.get(subscriptionId);
    if (subscription && isUndecided(subscription) && isExtendable(subscription)) {
      subscription.scheduledActions = [EXTEND];
    }
  });
}

function current({ world }: Scope, step: Step): Subscription | undefined {
  const subscription = commerceOf(world).subscriptions.get(step.subscriptionId);
  return subscription?.generation === step.generation ? subscription : undefined;
}

function stepOf({ id, generation }: Subscription): Step {
  return { subscriptionId: id, generation };
}

/** Begins a term at this midnight: dates, windows, the timer of its first cycle. Charges nothing. */
export function beginTerm(scope: Scope, subscription: Subscription, startMs: number): void {
  const now = scope.world.clock.nowMs();
  const custom = parseDate(subscription.customTermEndDate ?? '');
  subscription.termStartMs = startMs;
  subscription.cycleAnchorMs = startMs;
  subscription.termEndMs =
    custom === undefined
      ? termEnd(startMs, subscription.termDuration)
      : startOfDay(custom) + DAY_MS;
  subscription.nextLifecycleMs = subscription.termEndMs;
  subscription.boughtMs = now;
  subscription.cancellationAllowedUntilMs = subscription.extended
    ? subscription.termEndMs
    : now + WINDOW_MS;
  subscription.refundBatches = [
    { quantity: subscription.quantity, allowedUntilMs: now + WINDOW_MS },
  ];
  enterCycle(scope, subscription, startMs);
}

/** Enters the billing cycle that holds `atMs` and waits for its end. */
export function enterCycle(scope: Scope, subscription: Subscription, atMs: number): void {
  const term = { startMs: subscription.cycleAnchorMs, endMs: subscription.termEndMs };
  const bounds = cycleBounds(term, subscription.billingCycle, atMs);
  subscription.cycleStartMs = bounds.startMs;
  subscription.cycleEndMs = bounds.endMs;
  subscription.wholeCycleEndMs = bounds.wholeEndMs;
  subscription.generation += 1;
  scope.world.clock.schedule(bounds.endMs, END_CYCLE, stepOf(subscription));
}

function endCycle(scope: Scope, subscription: Subscription): void {
  if (subscription.cycleEndMs >= subscription.termEndMs) {
    endTerm(scope, subscription);
    return;
  }
  const chargeType = subscription.nextCharge === undefined ? 'cycleCharge' : 'changeBillingPlan';
  if (subscription.nextCharge !== undefined) {
    changeBillingCycle(subscription, subscription.nextCharge.billingCycle);
  }
  enterCycle(scope, subscription, subscription.cycleEndMs);
  charge(scope, subscription, {
    chargeType,
    quantity: subscription.quantity,
    fromMs: subscription.cycleStartMs,
  });
}

/** The new rhythm counts from the next charge on. */
function changeBillingCycle(
  subscription: Subscription,
  billingCycle: Subscription['billingCycle'],
): void {
  subscription.billingCycle = billingCycle;
  subscription.cycleAnchorMs = subscription.cycleEndMs;
  subscription.nextCharge = undefined;
}

function endTerm(scope: Scope, subscription: Subscription): void {
  const action = subscription.scheduledActions.find(
    ({ scheduleType }) => scheduleType === 'TermEnd',
  );
  if (subscription.status === 'suspended') {
    windDown(scope, subscription, [['disabled', EXPIRED_MS + DISABLED_MS]]);
  } else if (action?.actionType === 'Cancel') {
    setStatus(scope, subscription, 'deleted');
    auditSystem(scope, subscription, 'cancelled at term end');
  } else if (subscription.autoRenewEnabled) {
    lockAndRenew(scope, subscription, action?.instructions ?? subscription.nextTerm);
  } else if (isExtendable(subscription)) {
    lockAndExtend(scope, subscription);
  } else {
    windDown(scope, subscription, [
      ['expired', EXPIRED_MS],
      ['disabled', DISABLED_MS],
    ]);
  }
}

/** Does the extended service term follow when this one ends without renewal? */
function isExtendable(subscription: Subscription): boolean {
  return (
    !subscription.isTrial &&
    subscription.boughtMs >= EXTENDED_BOUGHT_MS &&
    subscription.termEndMs - DAY_MS >= EXTENDED_END_MS
  );
}

/** Walks the steps, each with its length, and ends deleted. */
function windDown(scope: Scope, subscription: Subscription, steps: WindDown): void {
  const [step, ...rest] = steps;
  subscription.generation += 1;
  if (step === undefined) {
    setStatus(scope, subscription, 'deleted');
    return;
  }
  const atMs = scope.world.clock.nowMs() + step[1];
  setStatus(scope, subscription, step[0], atMs);
  scope.world.clock.schedule(atMs, WIND_DOWN, { ...stepOf(subscription), steps: rest });
}

function lockAndRenew(
  scope: Scope,
  subscription: Subscription,
  instructions: NextTermInstructions | undefined,
): void {
  const delayMs = lock(scope, subscription);
  scope.world.clock.after(delayMs, RENEW, { ...stepOf(subscription), instructions });
}

function renew(
  scope: Scope,
  subscription: Subscription,
  instructions: NextTermInstructions | undefined,
): void {
  const chargeType = subscription.isTrial ? 'convert' : 'renew';
  takeNextTerm(scope, subscription, instructions ?? defaultNextTerm(subscription));
  subscription.extended = false;
  finishRenewal(scope, subscription, chargeType);
}

function lockAndExtend(scope: Scope, subscription: Subscription): void {
  const delayMs = lock(scope, subscription);
  scope.world.clock.after(delayMs, EXTEND_TERM, stepOf(subscription));
}

function extend(scope: Scope, subscription: Subscription): void {
  const skuId = subscription.extended ? subscription.skuId : extendedSkuId(subscription.skuId);
  const { productId, quantity } = subscription;
  subscription.extended = true;
  takeNextTerm(scope, subscription, {
    product: { productId, skuId, billingCycle: 'monthly', termDuration: 'P1M' },
    quantity,
  });
  subscription.scheduledActions = [EXTEND];
  finishRenewal(scope, subscription, 'renew');
}

/** @returns how long the renewal takes */
function lock(scope: Scope, subscription: Subscription): number {
  const sinceMs = scope.world.clock.nowMs();
  subscription.busy = { code: 800082, reason: 'The subscription is being renewed.', sinceMs };
  return scope.world.settings.renewalMs;
}

/** What a renewal does without instructions: the same again; a trial and an extended term go to P1Y, monthly. */
export function defaultNextTerm(subscription: Subscription): NextTermInstructions {
  const { productId, quantity, termDuration, billingCycle } = subscription;
  if (subscription.isTrial || subscription.extended) {
    const skuId = requireOffer(subscription).renewsToSkuId ?? subscription.skuId.replace(/^E/, '0');
    const product = { productId, skuId, billingCycle: 'monthly', termDuration: 'P1Y' } as const;
    return { product, quantity };
  }
  const { skuId } = subscription;
  return { product: { productId, skuId, billingCycle, termDuration }, quantity };
}

function takeNextTerm(scope: Scope, subscription: Subscription, next: NextTermInstructions): void {
  const { product } = next;
  subscription.productId = product.productId;
  subscription.skuId = product.skuId;
  subscription.termDuration = product.termDuration;
  subscription.billingCycle = product.billingCycle;
  subscription.quantity = next.quantity;
  subscription.customTermEndDate = next.customTermEndDate;
  subscription.isTrial = false;
  subscription.promotion = promotionOf(product.promotionId);
  const { country } = customerOf(scope.world, subscription).billingProfile.defaultAddress;
  const offer = requireOffer(subscription);
  subscription.availabilityId =
    availabilityFor(scope.world, offer, country, product.termDuration)?.id ??
    subscription.availabilityId;
}

function finishRenewal(
  scope: Scope,
  subscription: Subscription,
  chargeType: 'renew' | 'convert',
): void {
  subscription.busy = undefined;
  subscription.nextTerm = undefined;
  subscription.nextCharge = undefined;
  subscription.scheduledActions = subscription.scheduledActions.filter(
    ({ instructions }) => instructions === undefined,
  );
  beginTerm(scope, subscription, subscription.termEndMs);
  charge(scope, subscription, {
    chargeType,
    quantity: subscription.quantity,
    fromMs: subscription.termStartMs,
  });
  putSeats(scope, subscription);
  auditSystem(scope, subscription, subscription.extended ? 'extended' : 'renewed');
}

/** Renewals by the system have no user (partner-center.md 8). */
function auditSystem(scope: Scope, subscription: Subscription, what: string): void {
  const customer = customerOf(scope.world, subscription);
  const partnerScope = { ...scope, partnerTenantId: subscription.partnerTenantId };
  recordAudit(partnerScope, customer, SYSTEM, {
    operationType: 'update_subscription',
    resourceType: 'subscription',
    resourceId: subscription.id,
    newValue: { id: subscription.id, quantity: subscription.quantity, status: subscription.status },
    customizedData: { SubscriptionId: subscription.id, Reason: what },
  });
}

/** Auto-renew off alone becomes the extended service term a day later, where that applies. */
export function defaultToExtension(scope: Scope, subscription: Subscription): void {
  const { clock } = scope.world;
  const args = { subscriptionId: subscription.id };
  clock.schedule(clock.nowMs() + EXTENSION_DEFAULT_MS, DEFAULT_TO_EXTENSION, args);
}

function isUndecided({ status, autoRenewEnabled, scheduledActions }: Subscription): boolean {
  return status === 'active' && !autoRenewEnabled && scheduledActions.length === 0;
}

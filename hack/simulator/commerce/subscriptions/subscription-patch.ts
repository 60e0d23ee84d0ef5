/**
 * PATCH of a subscription (partner-center.md 6.3, 6.4, rulings 15.3-15.5):
 *
 *   absent autoRenewEnabled, next-term, next-charge, actions -> switched off or deleted
 *   absent quantity, status, names, term                     -> stay
 *   quantity or term change                                  -> the next-term instruction is lost, a new one too
 *   auto-renew off                                           -> next-term instruction and RenewToNewTerm are lost
 *   suspended                                                -> auto-renew off, scheduled changes lost
 */
import type { ApiResponse, TaskKind } from '../../world.ts';
import { type Actor, recordAudit } from '../audit.ts';
import { charge, chargeQuantityChange } from '../books/ledger.ts';
import { invalidInput } from '../faults.ts';
import { readBody, text } from '../request-body.ts';
import type { Exchange, Scope } from '../routing.ts';
import { commerceOf, customerOf } from '../state.ts';
import { startOfDay, WINDOW_MS } from '../terms.ts';
import { putSeats, setStatus } from './directory-seats.ts';
import { takeRefundable } from './refund-batches.ts';
import type { ScheduledAction, Subscription } from './subscription.ts';
import { type Change, checkChange, readChange, requireUpdatable } from './subscription-change.ts';
import { beginTerm, defaultToExtension } from './subscription-life.ts';
import { requireSubscription, subscriptionToWire } from './subscriptions.ts';

export function patchSubscription(exchange: Exchange): ApiResponse {
  const subscription = requireSubscription(exchange);
  const body = readBody(exchange.request.body, 'Subscription');
  if (text(body, 'id') !== undefined && text(body, 'id')?.toLowerCase() !== subscription.id) {
    throw invalidInput("Member 'id' is not the id of the path.");
  }
  requireUpdatable(subscription);
  const change = readChange(exchange, subscription, body);
  checkChange(exchange, subscription, change);
  const { slowUpdateMs } = commerceOf(exchange.world);
  if (slowUpdateMs > 0) {
    return applyLater(exchange, subscription, { change, delayMs: slowUpdateMs });
  }
  apply(exchange, subscription, { change, actor: exchange.actor });
  return { status: 200, body: subscriptionToWire(exchange, subscription) };
}

interface Update {
  readonly change: Change;
  readonly actor: Actor;
}

const UPDATE: TaskKind<Update & { readonly subscriptionId: string; readonly sinceMs: number }> = {
  name: 'commerce.update',
};
const UPDATING = 'An update of the subscription is running.';

/** What updates that take their time do on the clock. */
export function registerUpdates(scope: Scope): void {
  const { world } = scope;
  world.clock.on(UPDATE, ({ subscriptionId, sinceMs, ...update }) => {
    const subscription = commerceOf(world).subscriptions.get(subscriptionId);
    const busy = subscription?.busy;
    // A renewal or cancellation at term end that began meanwhile wins: the update is dropped.
    if (subscription && busy?.reason === UPDATING && busy.sinceMs === sinceMs) {
      subscription.busy = undefined;
      apply(scope, subscription, update);
    }
  });
}

/** 202: the update runs on, the subscription is locked meanwhile, `Location` is to be polled. */
function applyLater(
  exchange: Exchange,
  subscription: Subscription,
  update: { readonly change: Change; readonly delayMs: number },
): ApiResponse {
  const { clock } = exchange.world;
  const { actor } = exchange;
  const { change, delayMs } = update;
  const sinceMs = clock.nowMs();
  subscription.busy = { code: 800082, reason: UPDATING, sinceMs };
  const args = { subscriptionId: subscription.id, sinceMs, change, actor };
  clock.schedule(sinceMs + delayMs, UPDATE, args);
  const location = `/v1/customers/${subscription.customerId}/subscriptions/${subscription.id}`;
  return { status: 202, headers: { Location: location } };
}

function apply(scope: Scope, subscription: Subscription, { change, actor }: Update): void {
  const customer = customerOf(scope.world, subscription);
  const before = subscriptionToWire(scope, subscription);
  subscription.updateCount += 1;
  if (change.status === 'deleted') {
    cancel(scope, subscription);
  } else {
    applyMembers(scope, subscription, change);
  }
  const partnerScope = { ...scope, partnerTenantId: subscription.partnerTenantId };
  recordAudit(partnerScope, customer, actor, {
    operationType: 'update_subscription',
    resourceType: 'subscription',
    resourceId: subscription.id,
    oldValue: before,
    newValue: subscriptionToWire(scope, subscription),
    customizedData: { SubscriptionId: subscription.id },
  });
}

/** Inside the window: access ends at once, the rest of the cycle is refunded by day. */
export function cancel(scope: Scope, subscription: Subscription): void {
  charge(scope, subscription, {
    chargeType: 'cancelImmediate',
    quantity: -subscription.quantity,
    fromMs: scope.world.clock.nowMs(),
  });
  setStatus(scope, subscription, 'deleted');
}

function applyMembers(scope: Scope, subscription: Subscription, change: Change): void {
  subscription.friendlyName = change.friendlyName ?? subscription.friendlyName;
  subscription.partnerId = change.partnerId ?? subscription.partnerId;
  if (change.term !== undefined) {
    lengthenTerm(scope, subscription, { ...change, term: change.term });
  }
  if (change.quantity !== undefined) {
    changeQuantity(scope, subscription, change.quantity);
  }
  if (change.status !== undefined) {
    subscription.status = change.status;
  }
  applyEndOfTerm(scope, subscription, change);
  applyNextCharge(subscription, change);
  putSeats(scope, subscription);
}

/** The longer term begins today and opens new windows; the rest of the old cycle is credited. */
function lengthenTerm(
  scope: Scope,
  subscription: Subscription,
  change: Change & { readonly term: NonNullable<Change['term']> },
): void {
  const now = scope.world.clock.nowMs();
  const { quantity } = subscription;
  charge(scope, subscription, { chargeType: 'extendTerm', quantity: -quantity, fromMs: now });
  subscription.termDuration = change.term.termDuration;
  subscription.billingCycle = change.term.billingCycle;
  subscription.customTermEndDate = change.customTermEndDate;
  beginTerm(scope, subscription, startOfDay(now));
  charge(scope, subscription, { chargeType: 'extendTerm', quantity, fromMs: now });
}

function changeQuantity(scope: Scope, subscription: Subscription, quantity: number): void {
  const from = subscription.quantity;
  const allowedUntilMs = scope.world.clock.nowMs() + WINDOW_MS;
  if (quantity > from) {
    subscription.refundBatches.push({ quantity: quantity - from, allowedUntilMs });
  } else {
    takeRefundable(scope.world, subscription, from - quantity);
  }
  const chargeType = quantity > from ? 'addQuantity' : 'removeQuantity';
  chargeQuantityChange(scope, subscription, { chargeType, from, to: quantity });
  subscription.quantity = quantity;
}

function applyEndOfTerm(scope: Scope, subscription: Subscription, change: Change): void {
  const isStatusChange = change.status !== undefined;
  const isReset = change.quantity !== undefined || change.term !== undefined;
  if (subscription.status === 'suspended' || isStatusChange) {
    subscription.autoRenewEnabled = false;
    subscription.nextTerm = undefined;
    subscription.scheduledActions = [];
    return;
  }
  const wasAutoRenewed = subscription.autoRenewEnabled;
  subscription.autoRenewEnabled = change.autoRenewEnabled;
  subscription.nextTerm = isReset || !change.autoRenewEnabled ? undefined : change.nextTerm;
  subscription.scheduledActions = change.actions
    .filter(({ actionType }) => change.autoRenewEnabled || !isRenewal(actionType))
    .map(({ instructions, ...action }) =>
      isReset || instructions === undefined ? action : { ...action, instructions },
    );
  if (wasAutoRenewed && !change.autoRenewEnabled && subscription.scheduledActions.length === 0) {
    defaultToExtension(scope, subscription);
  }
}

function isRenewal(actionType: ScheduledAction['actionType']): boolean {
  return actionType === 'RenewToNewTerm' || actionType === 'Transition';
}

/** A pending change of the billing cycle survives suspension, but not a PATCH that leaves it out. */
function applyNextCharge(subscription: Subscription, change: Change): void {
  if (change.nextBillingCycle !== undefined) {
    subscription.nextCharge = { billingCycle: change.nextBillingCycle };
  } else if (!change.keepsNextCharge && change.status !== 'suspended') {
    subscription.nextCharge = undefined;
  }
}

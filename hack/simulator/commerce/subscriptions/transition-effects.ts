/** What a transition does: seats, terms, money, licences (partner-center.md 6.5, 7.2). */
import { type Actor, recordAudit } from '../audit.ts';
import { charge, chargeQuantityChange } from '../books/ledger.ts';
import { readCatalogItem } from '../catalogue/availabilities.ts';
import { currencyOf } from '../catalogue/prices.ts';
import type { Order, OrderLine } from '../ordering/order.ts';
import { openSubscription } from '../ordering/provisioning.ts';
import type { Scope } from '../routing.ts';
import { commerceOf, customerOf } from '../state.ts';
import { startOfDay } from '../terms.ts';
import { putSeats, requireOffer, setStatus } from './directory-seats.ts';
import { takeRefundable } from './refund-batches.ts';
import type { Subscription } from './subscription.ts';
import { beginTerm, enterCycle } from './subscription-life.ts';
import { type Transition, transitionToWire } from './transition.ts';

interface Running {
  readonly transition: Transition;
  readonly actor: Actor;
}

export function carryOut(scope: Scope, source: Subscription, { transition, actor }: Running): void {
  const { world } = scope;
  const fromSkuId = requireOffer(source).provisioningId;
  source.busy = undefined;
  source.updateCount += 1;
  const wasTrial = source.isTrial;
  const target = moveSeats(scope, source, transition);
  transition.toSubscriptionId = target.id;
  const atMs = world.clock.nowMs();
  transition.events.push({ name: 'Conversion', status: 'Completed', atMs });
  if (transition.transitionType === 'transition_with_license_transfer') {
    const toSkuId = requireOffer(target).provisioningId;
    transition.events.push({ name: 'LicenseReassignment', status: 'Started', atMs });
    scope.directory.transferLicenses(world, source.customerId, { fromSkuId, toSkuId });
    transition.events.push({ name: 'LicenseReassignment', status: 'Completed', atMs });
  }
  const partnerScope = { ...scope, partnerTenantId: source.partnerTenantId };
  recordAudit(partnerScope, customerOf(world, source), actor, {
    operationType: wasTrial ? 'convert_trial_subscription' : 'upgrade_subscription',
    resourceType: 'subscription',
    resourceId: source.id,
    newValue: transitionToWire(transition),
    customizedData: { SubscriptionId: source.id, ToSubscriptionId: target.id },
  });
}

function moveSeats(scope: Scope, source: Subscription, transition: Transition): Subscription {
  const existing = commerceOf(scope.world).subscriptions.get(transition.toSubscriptionId ?? '');
  const isWhole = transition.quantity >= source.quantity;
  forgetSchedule(source);
  if (existing === undefined && isWhole) {
    return convert(scope, source, transition);
  }
  const target = existing ?? openTarget(scope, source, transition);
  const moved = takeRefundable(scope.world, source, transition.quantity);
  target.refundBatches.push(...moved);
  const before = target.quantity;
  target.quantity = (existing?.quantity ?? 0) + transition.quantity;
  if (existing === undefined) {
    const fromMs = scope.world.clock.nowMs();
    charge(scope, target, { chargeType: 'convert', quantity: target.quantity, fromMs });
  } else {
    forgetSchedule(existing);
    const change = { chargeType: 'moveQuantity', from: before, to: target.quantity } as const;
    chargeQuantityChange(scope, target, change);
  }
  leaveBehind(scope, source, source.quantity - transition.quantity);
  putSeats(scope, target);
  return target;
}

/** An upgrade deletes what was scheduled (partner-center.md 6.4). */
function forgetSchedule(subscription: Subscription): void {
  subscription.nextTerm = undefined;
  subscription.scheduledActions = subscription.scheduledActions.filter(
    ({ instructions }) => instructions === undefined,
  );
}

function leaveBehind(scope: Scope, source: Subscription, seats: number): void {
  if (seats === 0) {
    const fromMs = scope.world.clock.nowMs();
    charge(scope, source, { chargeType: 'moveQuantity', quantity: -source.quantity, fromMs });
    setStatus(scope, source, 'deleted');
    return;
  }
  const change = { chargeType: 'moveQuantity', from: source.quantity, to: seats } as const;
  chargeQuantityChange(scope, source, change);
  source.quantity = seats;
  putSeats(scope, source);
}

/** All seats: the subscription itself becomes the better product. */
function convert(scope: Scope, subscription: Subscription, transition: Transition): Subscription {
  const fromMs = scope.world.clock.nowMs();
  charge(scope, subscription, { chargeType: 'convert', quantity: -subscription.quantity, fromMs });
  takeTarget(scope, subscription, transition);
  charge(scope, subscription, { chargeType: 'convert', quantity: subscription.quantity, fromMs });
  putSeats(scope, subscription);
  return subscription;
}

function takeTarget(scope: Scope, subscription: Subscription, transition: Transition): void {
  const item = readCatalogItem(transition.toCatalogItemId);
  const isSameRhythm =
    subscription.termDuration === transition.termDuration &&
    subscription.billingCycle === transition.billingCycle;
  subscription.productId = item?.productId ?? subscription.productId;
  subscription.skuId = item?.skuId ?? subscription.skuId;
  subscription.availabilityId = item?.availabilityId ?? subscription.availabilityId;
  subscription.quantity = transition.quantity;
  subscription.isTrial = false;
  subscription.promotion = undefined;
  subscription.termDuration = transition.termDuration;
  subscription.billingCycle = transition.billingCycle;
  subscription.cancellationAllowedUntilMs = undefined;
  if (!isSameRhythm) {
    beginAgain(scope, subscription);
  }
}

/** Another term or rhythm starts today, without the windows of a purchase. */
function beginAgain(scope: Scope, subscription: Subscription): void {
  const { refundBatches } = subscription;
  subscription.customTermEndDate = undefined;
  beginTerm(scope, subscription, startOfDay(scope.world.clock.nowMs()));
  subscription.refundBatches = refundBatches;
  subscription.cancellationAllowedUntilMs = undefined;
}

/** A part of the seats: a subscription of their own, with the dates of the source where the rhythm is the same. */
function openTarget(scope: Scope, source: Subscription, transition: Transition): Subscription {
  const order = conversionOrder(scope, source, transition);
  const [line] = order.lines;
  if (line === undefined) {
    throw new Error(`order ${order.id} has no line`);
  }
  const target = openSubscription(scope, order, line);
  line.subscriptionId = target.id;
  target.refundBatches = [];
  target.cancellationAllowedUntilMs = undefined;
  target.autoRenewEnabled = source.autoRenewEnabled;
  if (
    source.termDuration === transition.termDuration &&
    source.billingCycle === transition.billingCycle
  ) {
    const { termStartMs, termEndMs, cycleAnchorMs, customTermEndDate, nextLifecycleMs } = source;
    Object.assign(target, {
      termStartMs,
      termEndMs,
      cycleAnchorMs,
      customTermEndDate,
      nextLifecycleMs,
    });
    enterCycle(scope, target, scope.world.clock.nowMs());
  }
  return target;
}

function conversionOrder({ world }: Scope, source: Subscription, transition: Transition): Order {
  const { customerId, partnerTenantId } = source;
  const { termDuration, billingCycle, quantity } = transition;
  const item = readCatalogItem(transition.toCatalogItemId);
  const customer = customerOf(world, source);
  const now = world.clock.nowMs();
  const line: OrderLine = {
    number: 0,
    productId: item?.productId ?? source.productId,
    skuId: item?.skuId ?? source.skuId,
    availabilityId: item?.availabilityId ?? '',
    quantity,
    termDuration,
    billingCycle,
    friendlyName: undefined,
    customTermEndDate: undefined,
    promotionId: undefined,
    partnerIdOnRecord: source.partnerId,
    transactionType: 'Convert',
    subscriptionId: undefined,
  };
  const order: Order = {
    id: world.random.hex(12),
    customerId,
    partnerTenantId,
    referenceCustomerId: customerId,
    billingCycle,
    currency: currencyOf(customer.billingProfile.defaultAddress.country),
    createdMs: now,
    listedFromMs: now,
    status: 'completed',
    lines: [line],
  };
  commerceOf(world).orders.set(order.id, order);
  customer.orderIds.push(order.id);
  return order;
}

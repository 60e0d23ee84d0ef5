/** From an order line to a running subscription with seats in the directory (partner-center.md 5.5). */
import type { TaskKind } from '../../world.ts';
import { charge } from '../books/ledger.ts';
import { findOffer } from '../catalogue/offers.ts';
import { promotionOf } from '../catalogue/promotions.ts';
import type { Scope } from '../routing.ts';
import { commerceOf, customerOf, requirePartner } from '../state.ts';
import { putSeats } from '../subscriptions/directory-seats.ts';
import type { Subscription } from '../subscriptions/subscription.ts';
import { beginTerm } from '../subscriptions/subscription-life.ts';
import { startOfDay } from '../terms.ts';
import type { Order, OrderLine } from './order.ts';

const PROVISION: TaskKind<{ readonly orderId: string }> = { name: 'commerce.provision' };

/** What provisioning does on the clock. */
export function registerProvisioning(scope: Scope): void {
  const { world } = scope;
  world.clock.on(PROVISION, ({ orderId }) => {
    const order = commerceOf(world).orders.get(orderId);
    if (order?.status !== 'pending') return;
    for (const line of order.lines) {
      provision(scope, order, line);
    }
    order.status = 'completed';
  });
}

/** Seats appear after the provisioning delay, and not before the tenant itself is there. */
export function provisionLater(scope: Scope, order: Order): void {
  const { world } = scope;
  const tenantReadyMs = customerOf(world, order).tenantReadyMs;
  const untilTenantMs = tenantReadyMs - world.clock.nowMs();
  const delayMs = Math.max(world.settings.provisioningDelayMs, untilTenantMs);
  world.clock.after(delayMs, PROVISION, { orderId: order.id });
}

function provision(scope: Scope, order: Order, line: OrderLine): void {
  const subscription = openSubscription(scope, order, line);
  line.subscriptionId = subscription.id;
  charge(scope, subscription, {
    chargeType: 'new',
    quantity: line.quantity,
    fromMs: subscription.termStartMs,
  });
  putSeats(scope, subscription);
}

/** The subscription of an order line, its term begun on the day of `startMs` (default: today). */
export function openSubscription(
  scope: Scope,
  order: Order,
  line: OrderLine,
  startMs = scope.world.clock.nowMs(),
): Subscription {
  const { world } = scope;
  const offer = findOffer(line.productId, line.skuId);
  const subscription: Subscription = {
    id: world.random.uuid(),
    customerId: order.customerId,
    partnerTenantId: order.partnerTenantId,
    orderId: order.id,
    createdMs: order.createdMs,
    productId: line.productId,
    skuId: line.skuId,
    availabilityId: line.availabilityId,
    friendlyName: line.friendlyName ?? offer?.title ?? line.productId,
    partnerId: line.partnerIdOnRecord ?? requirePartner(world, order.partnerTenantId).mpnId,
    quantity: line.quantity,
    status: 'active',
    termDuration: line.termDuration,
    billingCycle: line.billingCycle,
    termStartMs: 0,
    termEndMs: 0,
    cycleAnchorMs: 0,
    cycleStartMs: 0,
    cycleEndMs: 0,
    wholeCycleEndMs: 0,
    customTermEndDate: line.customTermEndDate,
    cancellationAllowedUntilMs: undefined,
    refundBatches: [],
    autoRenewEnabled: true,
    nextTerm: undefined,
    scheduledActions: [],
    nextCharge: undefined,
    isTrial: offer?.isTrial === true,
    promotion: promotionOf(line.promotionId),
    extended: false,
    boughtMs: 0,
    generation: 0,
    updateCount: 0,
    nextLifecycleMs: undefined,
    seatsDueMs: 0,
    supportContact: undefined,
    busy: undefined,
  };
  commerceOf(world).subscriptions.set(subscription.id, subscription);
  customerOf(world, order).subscriptionIds.push(subscription.id);
  beginTerm(scope, subscription, startOfDay(startMs));
  return subscription;
}

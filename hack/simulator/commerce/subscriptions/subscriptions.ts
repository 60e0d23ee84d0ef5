/** Reading subscriptions (partner-center.md 6.1, 6.2). */
import type { ApiResponse } from '../../world.ts';
import { ROLES, requireDelegatedRole } from '../access.ts';
import { requireCustomer } from '../customers/customers.ts';
import { CommerceFault } from '../faults.ts';
import { attributes, collection, link, present } from '../resources.ts';
import type { Exchange, Scope } from '../routing.ts';
import { commerceOf, customerOf, subscriptionsOf } from '../state.ts';
import { DAY_MS, iso, lastDay, lastSecond } from '../terms.ts';
import { requireOffer } from './directory-seats.ts';
import { openBatches } from './refund-batches.ts';
import type { NextTermInstructions, ScheduledAction, Subscription } from './subscription.ts';
import { defaultNextTerm } from './subscription-life.ts';

/** @throws CommerceFault 404/20003 */
export function requireSubscription(exchange: Exchange): Subscription {
  const customer = requireCustomer(exchange);
  const id = (exchange.params.subscriptionId ?? '').toLowerCase();
  const subscription = commerceOf(exchange.world).subscriptions.get(id);
  if (
    subscription?.customerId !== customer.id ||
    subscription.partnerTenantId !== exchange.partner.tenantId
  ) {
    throw new CommerceFault(404, 20003, `Subscription ${id} was not found.`);
  }
  return subscription;
}

export function listSubscriptions(exchange: Exchange): ApiResponse {
  const { world, partner, request } = exchange;
  const customer = requireCustomer(exchange);
  const orderId = request.query.get('order_id');
  const mpnId = request.query.get('mpn_id');
  const items = subscriptionsOf(world, customer)
    .filter(
      (subscription) =>
        subscription.partnerTenantId === partner.tenantId &&
        (orderId === null || subscription.orderId === orderId) &&
        (mpnId === null || subscription.partnerId === mpnId),
    )
    .map((subscription) => subscriptionToWire(exchange, subscription));
  return { status: 200, body: collection(items, `/customers/${customer.id}/subscriptions`) };
}

export function getSubscription(exchange: Exchange): ApiResponse {
  return { status: 200, body: subscriptionToWire(exchange, requireSubscription(exchange)) };
}

/** Add-ons of new commerce are subscriptions of their own: this list is for legacy children. */
export function listAddOns(exchange: Exchange): ApiResponse {
  const { id, customerId } = requireSubscription(exchange);
  const uri = `/customers/${customerId}/subscriptions/${id}/addons`;
  return { status: 200, body: collection([], uri) };
}

export function getProvisioningStatus(exchange: Exchange): ApiResponse {
  const subscription = requireSubscription(exchange);
  const readers = [ROLES.directoryReaders, ROLES.globalReader];
  requireDelegatedRole(exchange, subscription.customerId, readers);
  return {
    status: 200,
    body: {
      skuId: requireOffer(subscription).provisioningId,
      status: subscription.seatsDueMs > exchange.world.clock.nowMs() ? 'pending' : 'success',
      quantity: subscription.quantity,
      endDate: lastSecond(subscription.termEndMs),
      attributes: attributes('SubscriptionProvisioningStatus'),
    },
  };
}

export function subscriptionToWire(
  { world }: Pick<Scope, 'world'>,
  subscription: Subscription,
): Record<string, unknown> {
  const now = world.clock.nowMs();
  const offer = requireOffer(subscription);
  const { id, productId, skuId, availabilityId } = subscription;
  const isRunning = subscription.status === 'active' || subscription.status === 'suspended';
  const isCancellable = isRunning && now < (subscription.cancellationAllowedUntilMs ?? 0);
  return present({
    id,
    offerId: `${productId}:${skuId}:${availabilityId}`,
    offerName: offer.title,
    friendlyName: subscription.friendlyName,
    productType: { id: 'OnlineServicesNCE', displayName: 'OnlineServicesNCE' },
    quantity: subscription.quantity,
    unitType: 'Licenses',
    hasPurchasableAddons: false,
    creationDate: iso(subscription.createdMs),
    effectiveStartDate: iso(subscription.termStartMs),
    commitmentEndDate: lastDay(subscription.termEndMs),
    commitmentEndDateTime: lastSecond(subscription.termEndMs),
    cancellationAllowedUntilDate: optionalDate(subscription.cancellationAllowedUntilMs),
    billingCycleEndDate: lastDay(subscription.cycleEndMs),
    billingCycleEndDateTime: lastSecond(subscription.cycleEndMs),
    status: subscription.status,
    autoRenewEnabled: subscription.autoRenewEnabled,
    isTrial: subscription.isTrial,
    billingType: 'license',
    billingCycle: subscription.billingCycle,
    actions: isCancellable ? ['Edit', 'Cancel'] : ['Edit'],
    termDuration: subscription.termDuration,
    renewalTermDuration: renewalTerm(subscription),
    // Informational only: the windows that count are refundableQuantity and cancellationAllowedUntilDate.
    refundOptions: [{ type: 'Full', expiresAt: iso(subscription.boughtMs + DAY_MS) }],
    isMicrosoftProduct: true,
    partnerId: subscription.partnerId,
    attentionNeeded: false,
    actionTaken: false,
    contractType: 'subscription',
    publisherName: 'Microsoft Corporation',
    customTermEndDate: subscription.customTermEndDate,
    promotionId: subscription.promotion?.id,
    refundableQuantity: refundableToWire(world, subscription),
    scheduledNextTermInstructions: instructionsToWire(subscription),
    nextChargeInstructions: nextChargeToWire(subscription),
    scheduledActions: actionsToWire(subscription),
    links: subscriptionLinks(world, subscription),
    orderId: subscription.orderId,
    attributes: attributes('Subscription'),
  });
}

function optionalDate(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : iso(ms);
}

function renewalTerm(subscription: Subscription): string {
  return (subscription.nextTerm ?? defaultNextTerm(subscription)).product.termDuration;
}

/** Absent while suspended and when every window has passed. */
function refundableToWire(world: Exchange['world'], subscription: Subscription): unknown {
  const open = openBatches(world, subscription);
  if (subscription.status !== 'active' || subscription.isTrial || open.length === 0) {
    return undefined;
  }
  return {
    totalQuantity: open.reduce((sum, { quantity }) => sum + quantity, 0),
    details: open.map(({ quantity, allowedUntilMs }) => ({
      quantity,
      allowedUntilDateTime: iso(allowedUntilMs),
    })),
  };
}

/** Present when set, and on every trial (partner-center.md 6.2). */
function instructionsToWire(subscription: Subscription): NextTermInstructions | undefined {
  return (
    subscription.nextTerm ?? (subscription.isTrial ? defaultNextTerm(subscription) : undefined)
  );
}

function nextChargeToWire(subscription: Subscription): unknown {
  if (subscription.nextCharge === undefined) {
    return undefined;
  }
  const { productId, skuId, availabilityId, termDuration, quantity, nextCharge } = subscription;
  const { billingCycle } = nextCharge;
  return { product: { productId, skuId, availabilityId, billingCycle, termDuration }, quantity };
}

function actionsToWire(subscription: Subscription): readonly ScheduledAction[] | undefined {
  if (subscription.scheduledActions.length > 0) {
    return subscription.scheduledActions;
  }
  return subscription.autoRenewEnabled && subscription.status === 'active'
    ? [{ scheduleType: 'TermEnd', actionType: 'RenewToNewTerm' }]
    : undefined;
}

function subscriptionLinks(world: Exchange['world'], subscription: Subscription): unknown {
  const { id, customerId, productId, skuId, availabilityId } = subscription;
  const { country } = customerOf(world, subscription).billingProfile.defaultAddress;
  const sku = `/products/${productId}/skus/${skuId}`;
  return {
    product: link(`/products/${productId}?country=${country}`),
    sku: link(`${sku}?country=${country}`),
    availability: link(`${sku}/availabilities/${availabilityId}?country=${country}`),
    self: link(`/customers/${customerId}/subscriptions/${id}`),
  };
}

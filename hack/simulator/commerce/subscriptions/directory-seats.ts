/** The seats of subscriptions in the directory: they follow what commerce knows (partner-center.md 5.5, 5.6). */
import type { TaskKind } from '../../world.ts';
import { findOffer, type Offer } from '../catalogue/offers.ts';
import type { Scope } from '../routing.ts';
import { commerceOf } from '../state.ts';
import type { Subscription, SubscriptionStatus } from './subscription.ts';

const PUT_SEATS: TaskKind<{ readonly subscriptionId: string }> = { name: 'commerce.putSeats' };

/** Seats that arrive later are those of then, not those of the change. */
export function registerSeats(scope: Scope): void {
  scope.world.clock.on(PUT_SEATS, ({ subscriptionId }) => {
    const subscription = commerceOf(scope.world).subscriptions.get(subscriptionId);
    if (subscription) putSeatsNow(scope, subscription);
  });
}

/** The directory learns of a change after its delay. */
export function putSeats({ world }: Scope, subscription: Subscription): void {
  const { seatsDelayMs } = world.settings;
  subscription.seatsDueMs = world.clock.nowMs() + seatsDelayMs;
  world.clock.after(seatsDelayMs, PUT_SEATS, { subscriptionId: subscription.id });
}

const DIRECTORY_STATUS = {
  active: 'Enabled',
  expired: 'Warning',
  suspended: 'Suspended',
  disabled: 'Suspended',
  deleted: 'Deleted',
} as const;

export function putSeatsNow({ world, directory }: Scope, subscription: Subscription): void {
  const offer = requireOffer(subscription);
  directory.putSubscription(world, subscription.customerId, {
    commerceSubscriptionId: subscription.id,
    skuId: offer.provisioningId,
    skuPartNumber: offer.skuPartNumber,
    servicePlans: offer.servicePlans,
    seats: subscription.quantity,
    status: DIRECTORY_STATUS[subscription.status],
    isTrial: subscription.isTrial,
    ownerTenantId: subscription.partnerTenantId,
    nextLifecycleMs: subscription.nextLifecycleMs,
  });
}

export function requireOffer(subscription: Subscription): Offer {
  const offer = findOffer(subscription.productId, subscription.skuId);
  if (offer === undefined) {
    throw new Error(`subscription ${subscription.id} has an offer that the price list lacks`);
  }
  return offer;
}

/** Status of the subscription and of its seats. `untilMs`: when the next one follows. */
export function setStatus(
  scope: Scope,
  subscription: Subscription,
  status: SubscriptionStatus,
  untilMs?: number,
): void {
  subscription.status = status;
  subscription.nextLifecycleMs = untilMs;
  if (status === 'deleted') {
    subscription.generation += 1;
    subscription.autoRenewEnabled = false;
    subscription.nextTerm = undefined;
    subscription.nextCharge = undefined;
    subscription.scheduledActions = [];
    subscription.refundBatches = [];
    subscription.busy = undefined;
  }
  putSeats(scope, subscription);
}

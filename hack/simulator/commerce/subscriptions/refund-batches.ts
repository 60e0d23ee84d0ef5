/** Batches of seats that can be given back, each for 168 hours (partner-center.md 6.4). */
import type { World } from '../../world.ts';
import type { RefundBatch, Subscription } from './subscription.ts';

/** Batches inside their time, the one that ends first at the front: it is used up first. */
export function openBatches(world: World, subscription: Subscription): RefundBatch[] {
  const now = world.clock.nowMs();
  return subscription.refundBatches
    .filter(({ quantity, allowedUntilMs }) => quantity > 0 && allowedUntilMs > now)
    .sort((a, b) => a.allowedUntilMs - b.allowedUntilMs);
}

export function refundableSeats(world: World, subscription: Subscription): number {
  return openBatches(world, subscription).reduce((sum, { quantity }) => sum + quantity, 0);
}

/** Takes up to so many seats out of the open batches. @returns what was taken, with its time */
export function takeRefundable(
  world: World,
  subscription: Subscription,
  seats: number,
): readonly RefundBatch[] {
  let left = seats;
  const taken = openBatches(world, subscription).map((batch) => {
    const quantity = Math.min(batch.quantity, left);
    batch.quantity -= quantity;
    left -= quantity;
    return { quantity, allowedUntilMs: batch.allowedUntilMs };
  });
  subscription.refundBatches = subscription.refundBatches.filter(({ quantity }) => quantity > 0);
  return taken.filter(({ quantity }) => quantity > 0);
}

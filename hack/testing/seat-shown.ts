/** A subscription of the model as the planner is shown it. */
import type { SeatSubscription } from '../../operator/core/seats/input.ts';
import type { Held } from './seat-commerce.ts';

export function shown(held: Held): SeatSubscription {
  const { plan, batches, instruction: quantity, action } = held;
  return {
    id: held.id,
    quantity: held.quantity,
    status: 'active',
    owner: 'Partner',
    isTrial: false,
    isBusy: held.busy !== undefined,
    term: plan.term,
    billingCycle: plan.billingCycle,
    termStartMs: held.termStart,
    termEndMs: held.termEnd,
    cost: plan.cost,
    minimumQuantity: plan.minimum,
    maximumQuantity: plan.maximum,
    refundable: batches.map((batch) => ({ quantity: batch.quantity, untilMs: batch.until })),
    cancellableUntilMs: held.cancellableUntil,
    autoRenew: held.autoRenew,
    instruction: quantity === undefined ? undefined : { quantity, isSameProduct: true },
    termEndActions: action === undefined ? [] : [action],
  };
}

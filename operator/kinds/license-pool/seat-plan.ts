/** What is to be done with the seats now, and what holds it back. Pure. */
import { fingerprint } from '../../core/hash.ts';
import { formatMoney, marginPercent } from '../../core/money.ts';
import type { LicensePool } from '../../core/objects.ts';
import { refundableNow, type SeatDemand, targetSeats } from '../../core/seats.ts';
import { moneyOf } from './money.ts';
import type { ObservedPool } from './observed.ts';

export interface SeatPlan {
  readonly action: 'None' | 'Purchase' | 'Increase' | 'Decrease';
  /** Seats by which it changes; negative for a decrease. */
  readonly change: number;
  readonly bought: number;
  readonly target: number;
  readonly demand: SeatDemand;
  /** More is needed than seats.max (or the sandbox) allows. */
  readonly isBeyondMax: boolean;
  readonly hash: string;
  /** Why it is not done, in a sentence; undefined: it is done. */
  readonly held: string | undefined;
  readonly money: {
    readonly cost: number;
    readonly revenue: number;
    readonly margin: number;
    readonly marginPercent: string;
  };
}

export function seatPlanOf(pool: LicensePool, observed: ObservedPool, nowMs: number): SeatPlan {
  const demand = demandOf(pool, observed);
  const target = targetSeats(demand);
  const { bought } = observed;
  const { action, change } = changeOf(observed, target - bought, nowMs + observed.clockOffsetMs);
  // What is bought already is part of it: an approval is good once.
  const hash = fingerprint(
    `${action} ${bought} ${change} ${observed.offer?.cost ?? 0} ${observed.subscription?.id ?? ''}`,
  );
  return {
    action,
    change,
    bought,
    target,
    demand,
    isBeyondMax: demand.assigned + demand.reserved > demand.max,
    hash,
    held: heldBecause(pool, observed, { action, change, hash }),
    money: moneyBreakdown(observed),
  };
}

function demandOf(pool: LicensePool, observed: ObservedPool): SeatDemand {
  const { min, max, buffer } = pool.spec.seats;
  const { offer, assigned, reserved, limits } = observed;
  return {
    assigned,
    reserved,
    min,
    max: Math.min(max, limits.seatCeiling ?? max),
    buffer:
      buffer === undefined
        ? undefined
        : { count: buffer.count, marginFloorPercent: buffer.marginFloorPercent },
    cost: offer?.cost ?? 0,
    price: offer?.price ?? 0,
  };
}

function changeOf(
  observed: ObservedPool,
  difference: number,
  commerceNowMs: number,
): Pick<SeatPlan, 'action' | 'change'> {
  const { subscription, minimumQuantity } = observed;
  // One that is still being provisioned, or suspended, takes no change; its seats do not count as bought.
  if (subscription !== undefined && subscription.status !== 'active') {
    return { action: 'None', change: 0 };
  }
  if (difference > 0) {
    if (subscription !== undefined) return { action: 'Increase', change: difference };
    return { action: 'Purchase', change: Math.max(difference, minimumQuantity) };
  }
  if (difference === 0 || subscription === undefined) return { action: 'None', change: 0 };
  const droppable = Math.min(
    -difference,
    observed.bought - observed.consumed - observed.reserved,
    refundableNow(subscription.refundable, commerceNowMs),
    subscription.quantity - Math.max(1, minimumQuantity),
  );
  return droppable > 0 ? { action: 'Decrease', change: -droppable } : { action: 'None', change: 0 };
}

function heldBecause(
  pool: LicensePool,
  observed: ObservedPool,
  plan: Pick<SeatPlan, 'action' | 'change' | 'hash'>,
): string | undefined {
  if (plan.action === 'None') return undefined;
  const direction = plan.action === 'Decrease' ? 'decrease' : 'increase';
  const mode = pool.spec[direction];
  if (mode === 'Observe' || mode === 'Plan')
    return `${direction} is ${mode}: nothing is done by itself`;
  const isApproved = pool.metadata.annotations?.['m365-operator.io/approve'] === plan.hash;
  if (mode === 'Approve' && !isApproved) {
    return `waits for the annotation m365-operator.io/approve: "${plan.hash}"`;
  }
  return direction === 'increase' ? guardrail(observed, plan.change) : undefined;
}

function guardrail(observed: ObservedPool, change: number): string | undefined {
  const { limits, currency, offer, bought } = observed;
  if (observed.isAccountUnderReview)
    return "Microsoft reviews the customer's account: nothing can be bought meanwhile";
  const { maxSeatsPerChange, maxSpendPerMonth, spentElsewhere } = limits;
  if (maxSeatsPerChange !== undefined && change > maxSeatsPerChange) {
    return `${change} seats are more than limits.maxSeatsPerChange of the connection (${maxSeatsPerChange})`;
  }
  const spend = spentElsewhere + bought * (offer?.cost ?? 0) + moneyOf(observed, change).amount;
  if (maxSpendPerMonth !== undefined && spend > maxSpendPerMonth) {
    return `the connection would spend ${formatMoney(spend, currency)} a month, more than limits.maxSpendPerMonth (${formatMoney(maxSpendPerMonth, currency)})`;
  }
  return undefined;
}

function moneyBreakdown({ offer, bought, assigned }: ObservedPool): SeatPlan['money'] {
  const cost = bought * (offer?.cost ?? 0);
  const revenue = assigned * (offer?.price ?? 0);
  return { cost, revenue, margin: revenue - cost, marginPercent: marginPercent(cost, revenue) };
}

import type { Offer } from '../../api/partner-connection.ts';
import type { BillingCycle, Term } from '../../core/seats/input.ts';

const cycleMonths: Readonly<Record<BillingCycle, number>> = {
  Monthly: 1,
  Annual: 12,
  Triennial: 36,
};

interface Prices {
  /** One seat a month, in minor units. */
  readonly cost: number;
  readonly price: number;
}

/** What counts on that day: the latest change that has come, in the day of UTC. */
export function pricesAt({ cost, price, priceChanges = [] }: Offer, nowMs: number): Prices {
  const day = new Date(nowMs).toISOString().slice(0, 10);
  const come = priceChanges.filter(({ from }) => from <= day);
  const last = come.toSorted((a, b) => a.from.localeCompare(b.from)).at(-1);
  return last === undefined ? { cost, price } : { cost: last.cost, price: last.price };
}

interface Billed {
  readonly term: string;
  readonly billingCycle: string;
}

/** One seat and billing period. Undefined: the catalogue has no such term. */
export function costOf(sold: readonly Offer[], billed: Billed, nowMs: number): number | undefined {
  const cost = costOfMonth(sold, billed, nowMs);
  return cost === undefined ? undefined : cost * cycleMonths[billingCycleOf(billed.billingCycle)];
}

/** One seat a month. */
export function costOfMonth(
  sold: readonly Offer[],
  billed: Billed,
  nowMs: number,
): number | undefined {
  const offer = offerOf(sold, billed);
  return offer && pricesAt(offer, nowMs).cost;
}

/** Undefined: the catalogue has no such term. */
export function offerOf(sold: readonly Offer[], { term, billingCycle }: Billed): Offer | undefined {
  return sold.find(
    (one) => one.term === term && one.billingCycle.toLowerCase() === billingCycle.toLowerCase(),
  );
}

const cycles: readonly BillingCycle[] = ['Monthly', 'Annual', 'Triennial'];
const terms: readonly Term[] = ['P1M', 'P1Y', 'P3Y'];

/** A trial is billed not at all; it is never written, so any will do. */
export function billingCycleOf(name: string): BillingCycle {
  return cycles.find((cycle) => cycle.toLowerCase() === name.toLowerCase()) ?? 'Monthly';
}

export function termOf(name: string): Term {
  return terms.find((term) => term === name) ?? 'P1M';
}

import type { Money } from './actions.ts';
import type { ObservedPool } from './observed.ts';

/** What so many more (or fewer) seats cost a month. */
export function moneyOf({ offer, currency }: ObservedPool, seats: number): Money {
  return { amount: (offer?.cost ?? 0) * seats, currency };
}

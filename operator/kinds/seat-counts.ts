/** What is counted for a pool, beside the figures that its status has. Pure. */
import type { LicensePool } from '../core/objects.ts';
import type { Figure, Figures } from '../core/plan.ts';

type Metric = Figures<LicensePool>['counters'][number];

const seats: Metric = {
  name: 'm365_pool_seats_changed_total',
  help: 'Seats bought (up) and given back or left out of a renewal (down), by us or outside, as far as the activity log tells those',
  labels: ['direction', 'by'],
};
const outside: Metric = {
  name: 'm365_pool_changed_outside_total',
  help: 'Changes of the subscriptions of a pool by others, as the activity log of Partner Center tells them',
};
const saved: Metric = {
  name: 'm365_pool_money_saved_minor_units_total',
  help: 'What the seats that we gave back would have cost to the end of their term, and those that we left out of a renewal in the term after it',
  labels: ['currency'],
};
export const poolCounters: readonly Metric[] = [seats, outside, saved];

type By = 'us' | 'outside';

/** Negative: given back. */
export function seatsChanged(change: number, by: By): readonly Figure[] {
  const direction = change < 0 ? 'down' : 'up';
  return change === 0 ? [] : [seatFigure(direction, by, Math.abs(change))];
}

function seatFigure(direction: 'up' | 'down', by: By, value: number): Figure {
  return { metric: seats.name, labels: { direction, by }, value };
}

export const changedOutside: Figure = { metric: outside.name, value: 1 };

/** Undefined: the price is not known, and nothing is counted. */
export function moneySaved(amount: number | undefined, currency: string): readonly Figure[] {
  return amount === undefined || amount <= 0 ? [] : [savedFigure(amount, currency)];
}

function savedFigure(value: number, currency: string): Figure {
  return { metric: saved.name, labels: { currency }, value };
}

/** All that a pool may ever count: bounded, and there from its first look on. */
export function countedOf({ status }: LicensePool): readonly Figure[] {
  if (status?.seats === undefined) return [];
  const { currency } = status.money ?? {};
  return [
    ...(['us', 'outside'] as const).flatMap((by) => [
      seatFigure('up', by, 0),
      seatFigure('down', by, 0),
    ]),
    { ...changedOutside, value: 0 },
    ...(currency === undefined ? [] : [savedFigure(0, currency)]),
  ];
}

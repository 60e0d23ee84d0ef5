/** Bounds of what a pool may buy, and what is used of them. Pure. */
import type { LicensePool } from '../../core/objects.ts';
import { dayMs } from '../../core/seats/commerce.ts';
import type { Guardrail } from '../../core/seats/input.ts';
import { costOfMonth } from './money.ts';
import type { ObservedPool } from './observed.ts';

/** What `status.changes` reaches back to. */
export const monthMs = 30 * dayMs;

export function guardrailsOf(
  pool: LicensePool,
  observed: ObservedPool,
  nowMs: number,
): readonly Guardrail[] {
  const { maxSeatsPerChange, maxSeatsPerDay, maxSeatsPerMonth } = pool.spec.limits ?? {};
  const { limits } = observed;
  const within = (per: 'Day' | 'Month', max: number | undefined, spanMs: number) =>
    max === undefined ? undefined : boughtWithin(pool, { per, max, spanMs, nowMs });
  const all: readonly (Guardrail | undefined)[] = [
    perChange('limits.maxSeatsPerChange of the connection', limits.maxSeatsPerChange, 'Increase'),
    perChange('limits.maxSeatsPerChange of the pool', maxSeatsPerChange, 'Both'),
    within('Day', maxSeatsPerDay, dayMs),
    within('Month', maxSeatsPerMonth, monthMs),
    spend(observed, nowMs),
  ];
  return all.filter((one) => one !== undefined);
}

function perChange(
  name: string,
  max: number | undefined,
  on: 'Increase' | 'Both',
): Guardrail | undefined {
  return max === undefined ? undefined : { name, per: 'Change', on, seats: { max, used: 0 } };
}

function boughtWithin(
  { status }: LicensePool,
  {
    per,
    max,
    spanMs,
    nowMs,
  }: {
    readonly per: 'Day' | 'Month';
    readonly max: number;
    readonly spanMs: number;
    readonly nowMs: number;
  },
): Guardrail {
  const recent = (status?.changes ?? []).filter(
    ({ at, seats }) => seats > 0 && Date.parse(at) > nowMs - spanMs,
  );
  const [first] = recent;
  return {
    name: `limits.maxSeatsPer${per} of the pool`,
    per,
    on: 'Increase',
    seats: { max, used: recent.reduce((sum, { seats }) => sum + seats, 0) },
    resetsMs: first && Date.parse(first.at) + spanMs,
  };
}

function spend(observed: ObservedPool, nowMs: number): Guardrail | undefined {
  const { limits } = observed;
  const { maxSpendPerMonth } = limits;
  if (maxSpendPerMonth === undefined) return undefined;
  const own = observed.subscriptions
    .filter(({ owner, status }) => owner === 'Partner' && status === 'active')
    .reduce((sum, one) => sum + one.quantity * (costOfMonth(observed.sold, one, nowMs) ?? 0), 0);
  return {
    name: 'limits.maxSpendPerMonth of the connection',
    per: 'Month',
    on: 'Increase',
    spend: {
      max: maxSpendPerMonth,
      get used() {
        return limits.spentElsewhere + own;
      },
    },
  };
}

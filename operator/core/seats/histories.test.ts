/**
 * Three virtual years, many times over. `SEAT_HISTORIES` says how many, `SEAT_SEED` and `SEAT_PATH` play one again: a
 * failure prints both.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../hack/testing/seat-commerce.ts';
import {
  type Happening,
  live,
  type Outcome,
  type Rules,
} from '../../../hack/testing/seat-history.ts';
import { planSeats } from './plan.ts';

const { SEAT_HISTORIES, SEAT_SEED, SEAT_PATH } = process.env;
const histories = Number(SEAT_HISTORIES ?? 800);

const annual: Plan = {
  name: 'annual',
  term: 'P1Y',
  billingCycle: 'Monthly',
  cost: 1600,
  minimum: 1,
  maximum: 300,
};
const small: Plan = { ...annual, maximum: 8 };
const prepaid: Plan = { ...annual, name: 'prepaid', billingCycle: 'Annual', cost: 18_001 };
const monthly: Plan = { ...annual, name: 'monthly', term: 'P1M', cost: 1920 };
const threeYears: Plan = { ...annual, name: 'three-years', term: 'P3Y', cost: 1499, minimum: 3 };

const rules: fc.Arbitrary<Rules> = fc.record({
  plans: fc.constantFrom<readonly Plan[]>(
    [annual],
    [annual, monthly],
    [monthly],
    [small, monthly],
    [prepaid],
    [threeYears, monthly],
  ),
  buffer: fc.nat(2),
  min: fc.nat(3),
  horizonDays: fc.constantFrom(1, 7),
  renewalHorizonDays: fc.constantFrom(3, 30, 400),
  decrease: fc.constantFrom('Auto' as const, 'Auto' as const, 'Plan' as const, 'Approve' as const),
  skew: fc.integer({ min: -2, max: 2 }),
  seed: fc.nat(),
});

const happening: fc.Arbitrary<Happening> = fc.record({
  afterHours: fc.oneof(fc.nat(48), fc.nat(1_000)),
  what: fc.constantFrom<Happening['what']>(
    'join',
    'join',
    'joinLater',
    'leave',
    'leave',
    'leaveLater',
    'leaveLater',
    'stay',
    'outsideIncrease',
    'outsideDecrease',
    'outsideSchedule',
    'outsideRenewalOff',
    'crash',
  ),
  size: fc.integer({ min: 1, max: 6 }),
});

describe('three years of a pool', () => {
  it(`${histories} times: seats for everybody, nothing forbidden, nothing idle that may go, every instruction alive, every cent known`, () => {
    const seen = { locksJudged: 0, lines: {} as Record<string, number> };
    fc.assert(
      fc.property(rules, fc.array(happening, { minLength: 30, maxLength: 90 }), (given, story) => {
        add(seen, live(planSeats, given, story));
      }),
      {
        numRuns: histories,
        ...(SEAT_SEED === undefined ? {} : { seed: Number(SEAT_SEED) }),
        ...(SEAT_PATH === undefined ? {} : { path: SEAT_PATH }),
      },
    );
    if (SEAT_PATH !== undefined) return;
    // A history in which nothing of a kind ever comes up would prove nothing of it.
    for (const action of [
      'Purchase',
      'Increase',
      'Decrease',
      'Cancel',
      'SetEndOfTerm',
      'ScheduleDecrease',
      'ScheduleIncrease',
      'Reissue',
    ]) {
      expect(seen.lines[action], action).toBeGreaterThan(0);
    }
    expect(seen.locksJudged).toBeGreaterThan(histories);
  }, 600_000);
});

function add(seen: { locksJudged: number; lines: Record<string, number> }, one: Outcome) {
  seen.locksJudged += one.locksJudged;
  for (const [action, count] of Object.entries(one.lines)) {
    seen.lines[action] = (seen.lines[action] ?? 0) + count;
  }
}

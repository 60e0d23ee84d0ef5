/**
 * Three virtual years, many times over: before a model of Microsoft's rules, and before the simulator's Partner Center
 * and its ledger. `SEAT_HISTORIES` and `SEAT_SIMULATED` say how many, `SEAT_SEED` and `SEAT_PATH` play one again: a failure
 * prints both.
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
import { SimulatedCommerce, simulatedPlans } from '../../../hack/testing/simulated-commerce.ts';
import { planSeats } from './plan.ts';

const { SEAT_HISTORIES, SEAT_SIMULATED, SEAT_SEED, SEAT_PATH } = process.env;
const histories = Number(SEAT_HISTORIES ?? 2_000);
const simulated = Number(SEAT_SIMULATED ?? 200);

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

type Plans = readonly Plan[];

const modelled = fc.constantFrom<Plans>(
  [annual],
  [annual, monthly],
  [monthly],
  [small, monthly],
  [prepaid],
  [threeYears, monthly],
);

const sold = fc.constantFrom<Plans>(
  [simulatedPlans.annual],
  [simulatedPlans.annual, simulatedPlans.monthly],
  [simulatedPlans.monthly],
  [simulatedPlans.prepaid],
  [simulatedPlans.threeYears, simulatedPlans.monthly],
);

const rulesOf = (plans: fc.Arbitrary<Plans>): fc.Arbitrary<Rules> =>
  fc.record({
    plans,
    buffer: fc.nat(2),
    min: fc.nat(3),
    horizonDays: fc.constantFrom(1, 7),
    renewalHorizonDays: fc.constantFrom(3, 30, 400),
    decrease: fc.constantFrom(
      'Auto' as const,
      'Auto' as const,
      'Plan' as const,
      'Approve' as const,
    ),
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

const stories = fc.array(happening, { minLength: 30, maxLength: 90 });

function replayed(numRuns: number): fc.Parameters<[Rules, Happening[]]> {
  return {
    numRuns,
    ...(SEAT_SEED === undefined ? {} : { seed: Number(SEAT_SEED) }),
    ...(SEAT_PATH === undefined ? {} : { path: SEAT_PATH }),
  };
}

const actions = [
  'Purchase',
  'Increase',
  'Decrease',
  'Cancel',
  'SetEndOfTerm',
  'ScheduleDecrease',
  'ScheduleIncrease',
  'Reissue',
];

describe('three years of a pool', () => {
  it(`${histories} times: seats for everybody, nothing forbidden, nothing idle that may go, every instruction alive, every cent known`, () => {
    const seen = new Seen();
    fc.assert(
      fc.property(rulesOf(modelled), stories, (given, story) => {
        seen.add(live(planSeats, given, story));
      }),
      replayed(histories),
    );
    expect(seen.missing(histories)).toEqual([]);
  }, 600_000);

  it(`${simulated} times at the simulator: the same, and its ledger is what the plan said it would cost`, () => {
    const seen = new Seen();
    fc.assert(
      fc.property(rulesOf(sold), stories, (given, story) => {
        const found = SimulatedCommerce.with(given.plans);
        seen.add(live(planSeats, given, story, found));
      }),
      replayed(simulated),
    );
    expect(seen.missing(simulated)).toEqual([]);
  }, 600_000);
});

class Seen {
  #locksJudged = 0;
  readonly #lines: Record<string, number> = {};

  add({ locksJudged, lines }: Outcome): void {
    this.#locksJudged += locksJudged;
    for (const [action, count] of Object.entries(lines)) {
      this.#lines[action] = (this.#lines[action] ?? 0) + count;
    }
  }

  /** What came up too seldom: a history in which nothing of a kind ever does would prove nothing of it. */
  missing(runs: number): readonly string[] {
    if (SEAT_PATH !== undefined) return [];
    const absent = actions.filter((action) => this.#lines[action] === undefined);
    return this.#locksJudged > runs ? absent : [...absent, 'locks'];
  }
}

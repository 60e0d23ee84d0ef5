import { describe, expect, it } from 'vitest';
import { hourMs, nowMs, pool } from '../../../hack/testing/build.ts';
import { observedPool } from '../../../hack/testing/observed.ts';
import { expectPlan } from '../../../hack/testing/plan-checks.ts';
import { planPool } from './plan.ts';

const bought = { ready: 'False SeatsShort', actions: ['IncreaseSeats'] } as const;
const handedOn = { ready: 'True SeatsHandedOn', actions: [] } as const;

interface Row {
  readonly name: string;
  readonly waitForLeaversDays: number;
  readonly joiners: number;
  /** When the one leaves who holds a seat. */
  readonly leavesInHours: number;
  readonly expected: {
    readonly ready: string;
    readonly actions: readonly string[];
    readonly look?: number;
  };
}

describe('the seat of somebody who leaves', () => {
  it.each<Row>([
    {
      name: 'within the days that a joiner waits: it is handed on',
      waitForLeaversDays: 7,
      joiners: 1,
      leavesInHours: 48,
      expected: handedOn,
    },
    {
      name: 'and two joiners: another is bought',
      waitForLeaversDays: 7,
      joiners: 2,
      leavesInHours: 48,
      expected: bought,
    },
    {
      name: 'too late: one is bought',
      waitForLeaversDays: 1,
      joiners: 1,
      leavesInHours: 48,
      expected: bought,
    },
    {
      name: 'where nobody is to wait: one is bought',
      waitForLeaversDays: 0,
      joiners: 1,
      leavesInHours: 48,
      expected: bought,
    },
    {
      name: 'who has left a minute ago, and whose seat is being taken: it is handed on',
      waitForLeaversDays: 1,
      joiners: 1,
      leavesInHours: -1 / 60,
      expected: { ...handedOn, look: 60_000 },
    },
    {
      name: 'who has left an hour ago, and holds it still: one is bought',
      waitForLeaversDays: 1,
      joiners: 1,
      leavesInHours: -1,
      expected: bought,
    },
  ])('$name', ({ waitForLeaversDays, joiners, leavesInHours, expected }) => {
    const resource = pool({ spec: { seats: { waitForLeaversDays } } });
    const leavingMs = [nowMs + leavesInHours * hourMs];
    const plan = planPool(resource, observedPool({ reserved: joiners, leavingMs }), nowMs);
    expectPlan(resource, plan, expected);
    if (expected === bought) expect(plan.status.plan?.quantity).toBe(1);
  });
});

/** Unused licences in the plan of a pool: beside its seats, never before them. */
import { describe, expect, it } from 'vitest';
import { nowMs, pool } from '../../../hack/testing/build.ts';
import { holder, sight } from '../../../hack/testing/harvest.ts';
import { observedPool } from '../../../hack/testing/observed.ts';
import type { HarvestSight } from './harvest.ts';
import { planPool } from './plan.ts';

const dayMs = 24 * 60 * 60_000;
const blocked = holder({
  isEnabled: false,
  facts: { createdMs: nowMs - 200 * dayMs, lastSignInMs: undefined },
});
const auto = { mode: 'Auto', graceDays: 0, maxPerDay: 5 } as const;

function plan(
  harvest: typeof auto | undefined,
  seen: Partial<HarvestSight> = {},
  more: Parameters<typeof observedPool>[0] = {},
) {
  const resource = pool({ spec: { harvest } });
  return planPool(resource, observedPool({ harvest: sight([blocked], seen), ...more }), nowMs);
}

const names = ({ actions }: ReturnType<typeof planPool>) => actions.map(({ name }) => name);

describe('harvest', () => {
  it('takes a licence after what the seats need, and says what it costs', () => {
    const found = plan(auto, {}, { reserved: 1 });
    expect(names(found)).toEqual(['IncreaseSeats', 'TakeLicense']);
    expect(found.actions[1]?.summary).toBe('took the licence of mia@contoso.example (Disabled)');
    expect(found.status.harvest).toMatchObject({ count: 1, seatCost: 1600, saving: 1600 });
    expect(found.conditions.map(({ type }) => type)).toContain('LicensesUnused');
  });

  it('says no money where the price is unknown', () => {
    const found = plan(auto, {}, { sold: [] });
    expect(found.status.harvest).toMatchObject({ count: 1 });
    expect(found.status.harvest).not.toHaveProperty('saving');
  });

  it('is gone from status with its part of spec', () => {
    const { status, actions, conditions } = plan(undefined);
    expect([status.harvest, actions]).toEqual([undefined, []]);
    expect('harvest' in status).toBe(true);
    expect(conditions.map(({ type }) => type)).not.toContain('LicensesUnused');
  });

  it('looks again when the rest of the accounts may be read, no sooner', () => {
    expect(plan(auto, { goOnMs: nowMs + 6_000 }).next).toEqual({
      look: 'after',
      delayMs: 6_000,
      reason: 'AccountsToRead',
    });
    expect(plan(auto, { goOnMs: nowMs + 6_000 }, { reserved: 1 }).next).toMatchObject({
      delayMs: 3_000,
    });
  });
});

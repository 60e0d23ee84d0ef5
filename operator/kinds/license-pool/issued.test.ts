import { describe, expect, it } from 'vitest';
import { ids, nowMs, pool } from '../../../hack/testing/build.ts';
import { observedPool, ownSubscription } from '../../../hack/testing/observed.ts';
import { actionNames } from '../../../hack/testing/plan-checks.ts';
import { applyPool } from './apply.ts';
import { planPool } from './plan.ts';

const termEnd = '2026-03-02T00:00:00Z';
const issued = [{ subscriptionId: ids.subscription, quantity: 7, termEnd, fewer: 3 }];
const remembering = pool({ status: { issued } });

function planOf(quantity: number, lastDay: string, resource = remembering) {
  const one = ownSubscription({
    quantity,
    effectiveStart: '2025-03-02T00:00:00Z',
    commitmentEndDate: `${lastDay}T00:00:00Z`,
    ...(lastDay < '2026-04' ? { nextTerm: { ...nextTerm, quantity: 7 } } : {}),
  });
  const observed = observedPool({ assigned: 7, available: 7, subscriptions: [one] });
  return planPool(resource, observed, nowMs);
}
const nextTerm = { productId: '', skuId: '', term: 'P1Y', billingCycle: 'monthly' } as const;

describe('a renewal whose seats we had set', () => {
  it('is counted once it is through: its seats, and what they would have cost in the new term', async () => {
    const plan = planOf(7, '2027-03-01');
    expect(actionNames(plan)).toEqual(['CountRenewal']);
    const [action] = plan.actions;
    const learned = await applyPool(
      {} as never,
      action!,
      remembering,
      new AbortController().signal,
    );
    expect(learned.counts).toEqual([
      {
        metric: 'm365_pool_seats_changed_total',
        labels: { direction: 'down', by: 'us' },
        value: 3,
      },
      {
        metric: 'm365_pool_money_saved_minor_units_total',
        labels: { currency: 'EUR' },
        value: 3 * 12 * 1600,
      },
    ]);
    const after = pool({ status: { ...remembering.status, ...plan.status } });
    expect(actionNames(planOf(7, '2027-03-01', after))).toEqual([]);
  });

  it('is remembered while Microsoft works on it', () => {
    const plan = planOf(10, '2026-03-01');
    expect(actionNames(plan)).toEqual([]);
    expect(plan.status.issued).toEqual(issued);
  });

  it('counts for nothing where others have changed its seats, and is forgotten', () => {
    const plan = planOf(8, '2027-03-01');
    expect(actionNames(plan)).not.toContain('CountRenewal');
    expect(plan.status.issued).toBeUndefined();
  });
});

describe('what seats that are given back save', () => {
  it('is what they would cost to the end of their term', () => {
    const until = new Date(nowMs + 60 * 60_000).toISOString();
    const one = ownSubscription({
      effectiveStart: '2026-03-02T00:00:00Z',
      commitmentEndDate: '2027-03-01T00:00:00Z',
      refundable: [{ quantity: 2, until }],
    });
    const observed = observedPool({ assigned: 8, subscriptions: [one] });
    const plan = planPool(pool({ spec: { decrease: 'Auto' } }), observed, nowMs);
    expect(plan.actions).toMatchObject([
      { name: 'DecreaseSeats', money: { amount: -3_200, saved: 2 * 12 * 1600 } },
    ]);
  });
});

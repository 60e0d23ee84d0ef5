import { describe, expect, it } from 'vitest';
import { ids, inHours, nowMs, offer, pool } from '../../../hack/testing/build.ts';
import { observedPool, ownSubscription } from '../../../hack/testing/observed.ts';
import { shown } from '../../../hack/testing/plan-checks.ts';
import type { ObservedPool, OwnedSubscription } from './observed.ts';
import { planPool } from './plan.ts';

const bought = (quantity: number, more: Partial<OwnedSubscription> = {}) => ({
  subscriptions: [ownSubscription({ quantity, ...more })],
});
const short = (overrides: Partial<ObservedPool> = {}) =>
  observedPool({ reserved: 2, ...overrides });

const auto = { decrease: 'Auto' } as const;
/** Three of ten idle; two of them may still be given back. */
const idle = observedPool({
  assigned: 7,
  ...bought(10, { refundable: [{ quantity: 2, until: inHours(1) }] }),
});

describe('what people are told', () => {
  it.each([
    [
      'a margin below the floor',
      { seats: { buffer: { count: 3, marginFloorPercent: 10 } } },
      observedPool({ assigned: 8 }),
      'MarginBelowFloor',
      'True MarginBelowFloor',
    ],
    [
      'a guardrail',
      { limits: { maxSeatsPerChange: 1 } },
      short(),
      'GuardrailHeld',
      'True GuardrailHeld',
    ],
    ['a window about to close', {}, idle, 'WindowClosing', 'True WindowClosing'],
    [
      'a renewal',
      {},
      observedPool(bought(10, { commitmentEndDate: inHours(6 * 24) })),
      'RenewalDue',
      'True Within7Days',
    ],
    [
      'an extended term',
      { endOfTerm: 'Extend' },
      observedPool(
        bought(10, {
          autoRenewEnabled: false,
          scheduledActions: ['TermEnd/RenewToExtendedServiceTerm'],
        }),
      ),
      'ExtendedServiceTerm',
      'True ExtendedServiceTerm',
    ],
  ] as const)('%s', (_, spec, observed, type, expected) => {
    expect(shown(planPool(pool({ spec }), observed, nowMs), type)).toBe(expected);
  });

  it('tells of a schedule that was lost, and sends it again', () => {
    const termEnd = '2027-01-02T00:00:00Z';
    const issued = [{ subscriptionId: ids.subscription, quantity: 7, termEnd }];
    const resource = pool({ spec: { ...auto, renewalNoticeDays: 365 }, status: { issued } });
    const plan = planPool(resource, observedPool({ assigned: 7 }), nowMs);
    expect(shown(plan, 'ScheduleLost')).toBe('True ScheduleLost');
    expect(plan.actions).toMatchObject([
      { name: 'ScheduleRenewal', event: 'ScheduleReissued', quantity: 7, from: 10 },
    ]);
    expect(plan.status.issued).toEqual(issued);
  });
});

describe('money', () => {
  it.each([
    [10, '20', 4_000],
    [11, '12', 2_400],
    [12, '4', 800],
    [13, '-4', -800],
  ])('of ten people on %i seats leaves %s %%', (seats, marginPercent, margin) => {
    const observed = observedPool({ ...bought(seats), available: seats });
    const { money } = planPool(pool(), observed, nowMs).status;
    expect(money).toMatchObject({ marginPercent, margin, breakEvenSeats: '2.5' });
  });

  it('follows a price that changes on a day', () => {
    const changed = { ...offer, priceChanges: [{ from: '2020-01-01', cost: 1_000, price: 2_000 }] };
    const { money } = planPool(
      pool(),
      observedPool({ offer: changed, sold: [changed] }),
      nowMs,
    ).status;
    expect(money).toMatchObject({ cost: 10_000, revenue: 20_000 });
  });

  it('of a term that the catalogue lacks is left out, never guessed', () => {
    const observed = observedPool(bought(10, { term: 'P3Y' }));
    const { money } = planPool(pool(), observed, nowMs).status;
    expect([money?.cost, money?.margin, money?.marginPercent]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

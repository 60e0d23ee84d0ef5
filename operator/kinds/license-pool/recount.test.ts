import { describe, expect, it } from 'vitest';
import { nowMs, pool } from '../../../hack/testing/build.ts';
import { observedPool, ownSubscription } from '../../../hack/testing/observed.ts';
import type { LicensePool } from '../../core/objects.ts';
import type { ObservedPool } from './observed.ts';
import { planPool } from './plan.ts';
import { asShown, Recounts } from './recount.ts';

/** A pool that is looked at again and again; what its status says after each look, and how often that was written. */
function town() {
  const recounts = new Recounts();
  let shown: LicensePool = pool();
  let writes = 0;
  const look = (second: number, counts: Partial<ObservedPool>) => {
    const atMs = nowMs + second * 1_000;
    const observed = observedPool(counts);
    const isRecountDue = recounts.isDue(shown, observed, atMs);
    const plan = asShown(shown, planPool(shown, observed, atMs), { ...observed, isRecountDue });
    const next = { ...shown, status: { ...shown.status, ...plan.status } };
    if (JSON.stringify(next.status) !== JSON.stringify(shown.status)) writes += 1;
    shown = next;
    return plan;
  };
  return { look, seats: () => shown.status?.seats, writes: () => writes };
}

const serving = (assigned: number, of = 10): Partial<ObservedPool> => ({
  subscriptions: [ownSubscription({ quantity: of })],
  available: of,
  assigned,
  reserved: of - assigned,
});

describe('a pool whose people are being served', () => {
  it('shows their counts once in ten seconds, and the last at once', () => {
    const { look, seats, writes } = town();
    look(0, serving(1));
    for (const second of [1, 2, 3, 4, 5]) look(second, serving(1 + second));
    expect([seats()?.assigned, writes()]).toEqual([1, 1]);
    look(10, serving(7));
    expect([seats()?.assigned, writes()]).toEqual([7, 2]);
    look(11, serving(10));
    expect([seats(), writes()]).toMatchObject([{ assigned: 10, reserved: 0, idle: 0 }, 3]);
  });

  it('is looked at again where counts were not shown', () => {
    const { look } = town();
    expect(look(0, serving(1)).next).toMatchObject({ reason: 'SeatPlan' });
    expect(look(1, serving(2)).next).toMatchObject({ look: 'after', delayMs: 10_000 });
  });

  it('shows money, seats and explanation of one moment', () => {
    const { look } = town();
    const first = look(0, serving(1)).status;
    const { seats, money, explanation } = look(1, serving(2)).status;
    expect({ seats, money, explanation }).toEqual({
      seats: first.seats,
      money: first.money,
      explanation: first.explanation,
    });
  });

  it('shows at once what it buys', () => {
    const { look, seats } = town();
    look(0, serving(1));
    look(1, serving(2));
    look(2, { ...serving(2), reserved: 9 });
    expect(seats()).toMatchObject({ assigned: 2, reserved: 9, target: 11 });
    look(3, serving(3, 11));
    expect(seats()).toMatchObject({ assigned: 3, bought: 11 });
  });

  it('shows the other counts of people who come and go, when nobody waits', () => {
    const { look, seats } = town();
    look(0, { assigned: 5 });
    look(1, { assigned: 4 });
    expect(seats()).toMatchObject({ assigned: 4, idle: 6 });
  });
});

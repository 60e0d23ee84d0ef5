/** An indirect reseller cannot order (partner-center.md 9): the same plan, nothing done, and what to ask of its provider. */
import { describe, expect, it } from 'vitest';
import {
  freshSubscription,
  inDays,
  monthlyOffer,
  seatInput,
  seatSubscription,
  shownLines,
} from '../../../hack/testing/seats.ts';
import type { SeatInput } from './input.ts';
import { planSeats } from './plan.ts';

const ofProvider = { owner: 'Distributor' } as const;
const short = { demand: { reserved: 2 } };
const spare = { demand: { assigned: 7 } };
const uncancelled = { autoRenew: false, termEndActions: [] };

const rows: readonly (readonly [string, Parameters<typeof seatInput>[0], string, string])[] = [
  [
    'more seats of what the provider sold',
    { ...short, subscriptions: [seatSubscription(ofProvider)] },
    'Increase sub-a 10→12 Held:PlanOnly',
    'Please change subscription sub-a from 10 to 12 seats now (costs 32.00 EUR a month).',
  ],
  [
    'a first purchase',
    { demand: { assigned: 0, reserved: 2 }, subscriptions: [], offers: [monthlyOffer] },
    'Purchase business-premium-monthly 0→2 Held:PlanOnly',
    'Please order 2 seats of business-premium-monthly now (costs 38.40 EUR a month).',
  ],
  [
    'fewer seats within the window',
    { ...spare, subscriptions: [freshSubscription({ cancellableUntilMs: undefined })] },
    'Decrease sub-a 10→7 Held:PlanOnly',
    'Please change subscription sub-a from 10 to 7 seats now (saves 48.00 EUR a month).',
  ],
  [
    'a whole subscription that is idle',
    {
      subscriptions: [
        seatSubscription(),
        freshSubscription({ id: 'sub-b', quantity: 5, cancellableUntilMs: inDays(3) }),
      ],
    },
    'Cancel sub-b 5→0 Held:PlanOnly',
    'Please cancel subscription sub-b with its 5 seats now (saves 80.00 EUR a month).',
  ],
  [
    'fewer seats at the renewal',
    { ...spare, subscriptions: [seatSubscription(ofProvider)] },
    'ScheduleDecrease sub-a 10→7 @2027-01-14 Held:PlanOnly',
    'Please change subscription sub-a from 10 to 7 seats at the renewal on 2027-01-14 (saves 48.00 EUR a month).',
  ],
  [
    'the end of a term',
    { subscriptions: [seatSubscription(uncancelled)] },
    'SetEndOfTerm Renew sub-a 10→10 @2027-01-14 Held:PlanOnly',
    'Please renew subscription sub-a at the renewal on 2027-01-14.',
  ],
];

describe('an indirect reseller', () => {
  it.each(rows)('asks for %s', (_, overrides, line, ticket) => {
    const plan = planSeats({ ...seatInput(overrides), isPlanOnly: true });
    expect(shownLines(plan)).toContain(line);
    const asked = plan.lines.filter(({ hold }) => hold?.reason === 'PlanOnly');
    expect(asked.map(({ hold }) => hold?.ticket)).toContain(ticket);
    expect(plan.lines.filter(({ state }) => state === 'Due')).toEqual([]);
  });

  it.each(rows)('plans the same as one that may order, were it allowed: %s', (_, overrides) => {
    const own = (input: SeatInput): SeatInput => ({
      ...input,
      subscriptions: input.subscriptions.map((one) => ({ ...one, owner: 'Partner' })),
    });
    const input = own(seatInput(overrides));
    const lines = (isPlanOnly: boolean) =>
      planSeats({ ...input, isPlanOnly })
        .lines.filter(({ hold }) => hold?.reason !== 'AfterSeatChange')
        .map(({ action, to }) => `${action} ${to}`);
    for (const line of lines(false)) expect(lines(true)).toContain(line);
  });

  it('is let by no mode and no approval', () => {
    const input = { ...seatInput(short), isPlanOnly: true };
    const approval = { hash: planSeats(input).hash, expiresMs: inDays(1) };
    const modes = { increase: 'Approve', decrease: 'Approve' } as const;
    expect(shownLines(planSeats({ ...input, modes, approval }))).toEqual([
      'Increase sub-a 10→12 Held:PlanOnly',
    ]);
  });
});

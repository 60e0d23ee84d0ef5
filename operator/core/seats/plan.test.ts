import { describe, expect, it } from 'vitest';
import {
  freshSubscription,
  inDays,
  seatInput,
  seatSubscription,
  seatsNowMs,
} from '../../../hack/testing/seats.ts';
import { dayMs, termEndMsOf } from './commerce.ts';
import { planSeats } from './plan.ts';

type Overrides = Parameters<typeof seatInput>[0];

const endMs = Date.UTC(2027, 0, 14);
const open = (quantity: number, days: number) => ({ quantity, untilMs: inDays(days) });

describe('idle seats', () => {
  it.each([
    ['are none', {}, [0, 0, 0, [], 0]],
    ['go with the renewal', { demand: { assigned: 7 } }, [3, 0, 0, [[endMs, 3]], 0]],
    [
      'go now, as far as a window is open',
      {
        demand: { assigned: 7 },
        subscriptions: [seatSubscription({ refundable: [open(2, 1)] })],
      },
      [3, 0, 2, [[endMs, 1]], 0],
    ],
    [
      'are legal to drop, whatever the modes say',
      {
        demand: { assigned: 7 },
        modes: { increase: 'Observe', decrease: 'Observe' },
        subscriptions: [freshSubscription()],
      },
      [3, 0, 3, [], 0],
    ],
    [
      'are kept as buffer, and for who starts',
      {
        buffer: { count: 1 },
        demand: { assigned: 6, starting: [{ atMs: inDays(2) }] },
      },
      [4, 2, 0, [[endMs, 2]], 0],
    ],
    [
      'never go below what is sold at once',
      { demand: { assigned: 7 }, subscriptions: [seatSubscription({ minimumQuantity: 9 })] },
      [3, 0, 0, [[endMs, 1]], 2],
    ],
    [
      'of a trial never go',
      { demand: { assigned: 7 }, subscriptions: [seatSubscription({ isTrial: true })] },
      [3, 0, 0, [], 3],
    ],
    [
      'go as the terms end',
      {
        demand: { assigned: 8 },
        subscriptions: [
          seatSubscription(),
          seatSubscription({ id: 'sub-b', quantity: 2, termEndMs: inDays(20), minimumQuantity: 2 }),
          seatSubscription({ id: 'sub-c', quantity: 3, termEndMs: inDays(20), minimumQuantity: 2 }),
        ],
      },
      [
        7,
        0,
        0,
        [
          [inDays(20), 5],
          [endMs, 2],
        ],
        0,
      ],
    ],
    [
      'of who leaves later are none yet',
      { demand: { assigned: 9, leaving: [{ atMs: inDays(30) }] } },
      [1, 0, 0, [[endMs, 1]], 0],
    ],
  ] satisfies readonly (readonly [string, Overrides, unknown])[])('%s', (_, overrides, wanted) => {
    const { idle } = planSeats(seatInput(overrides)).seats;
    const at = idle.droppableAt.map(({ atMs, quantity }) => [atMs, quantity]);
    expect([idle.total, idle.kept, idle.droppableNow, at, idle.never]).toEqual(wanted);
  });
});

describe('the sentence', () => {
  it.each([
    ['keep 10: 10 assigned + 0 reserved + 0 buffer', {}],
    [
      'keep 12: 11 assigned + 0 reserved + 1 buffer; next drop 3 on 2027-01-14',
      {
        demand: { assigned: 11 },
        buffer: { count: 1 },
        subscriptions: [
          seatSubscription({ quantity: 15, instruction: { quantity: 12, isSameProduct: true } }),
        ],
      },
    ],
    ['keep 12: 10 assigned + 2 reserved + 0 buffer; buy 2 now', { demand: { reserved: 2 } }],
    [
      'keep 12: 10 assigned + 2 reserved + 0 buffer; would buy 2 (ModePlan)',
      { demand: { reserved: 2 }, modes: { increase: 'Plan', decrease: 'Auto' } },
    ],
    [
      'keep 7: 7 assigned + 0 reserved + 0 buffer; drop 3 now',
      { demand: { assigned: 7 }, subscriptions: [freshSubscription()] },
    ],
    [
      'keep 7: 7 assigned + 0 reserved + 0 buffer; would drop 3 until 2026-03-21 (ModePlan)',
      {
        demand: { assigned: 7 },
        modes: { increase: 'Auto', decrease: 'Plan' },
        subscriptions: [freshSubscription()],
      },
    ],
    [
      'keep 7: 7 assigned + 0 reserved + 0 buffer; set the renewal on 2027-01-14; next drop 3 on 2027-01-14',
      { demand: { assigned: 7 } },
    ],
    [
      'keep 11: 10 assigned + 0 reserved + 1 starting + 0 buffer; buy 1 now',
      { demand: { starting: [{ atMs: inDays(2) }] } },
    ],
    [
      'keep 15: 10 assigned + 0 reserved + 0 buffer (min 15); buy 5 now',
      { bounds: { min: 15, max: 20 } },
    ],
    [
      'keep 11: 10 assigned + 2 reserved + 0 buffer (max 11); buy 1 now; 1 short',
      { demand: { reserved: 2 }, bounds: { min: 0, max: 11 } },
    ],
    [
      'keep 10: 10 assigned + 0 reserved + 0 buffer; set the end of the term to Renew',
      { subscriptions: [seatSubscription({ autoRenew: false })] },
    ],
  ] satisfies readonly (readonly [string, Overrides])[])('%s', (wanted, overrides) => {
    expect(planSeats(seatInput(overrides)).explanation).toBe(wanted);
  });
});

describe('the plan', () => {
  it('is the same whatever the order of what it is told', () => {
    const subscriptions = ['sub-a', 'sub-b', 'sub-c'].map((id) =>
      seatSubscription({ id, refundable: [open(1, 1), open(1, 3)] }),
    );
    const input = seatInput({ demand: { assigned: 20 }, subscriptions });
    const turned = subscriptions
      .map((one) => ({ ...one, refundable: one.refundable.toReversed() }))
      .toReversed();
    expect(planSeats({ ...input, subscriptions: turned })).toEqual(planSeats(input));
  });

  it('has as many lines as status takes, and says how many it left out', () => {
    const subscriptions = Array.from({ length: 25 }, (_, index) =>
      seatSubscription({ id: `sub-${index}`, autoRenew: false, instruction: undefined }),
    );
    const plan = planSeats(seatInput({ demand: { assigned: 15 }, subscriptions }));
    expect(plan.lines).toHaveLength(20);
    expect(plan.linesOmitted).toBeGreaterThan(0);
  });

  it('names the next renewal', () => {
    const subscriptions = [seatSubscription(), seatSubscription({ id: 'b', termEndMs: inDays(9) })];
    expect(planSeats(seatInput({ subscriptions })).nextRenewalMs).toBe(inDays(9));
    expect(planSeats(seatInput({ subscriptions: [] })).nextRenewalMs).toBeUndefined();
  });

  it.each([
    [
      'a window with idle seats that are held: a day before',
      {
        subscriptions: [freshSubscription()],
        demand: { assigned: 7 },
        modes: { increase: 'Auto', decrease: 'Plan' },
      },
      4,
    ],
    [
      '… then its end',
      {
        subscriptions: [seatSubscription({ refundable: [open(3, 0.5)] })],
        demand: { assigned: 7 },
        modes: { increase: 'Auto', decrease: 'Plan' },
      },
      0.5,
    ],
    ['a window without: nothing', { subscriptions: [freshSubscription()] }, 304 - 30 - 10 / 24],
    ['who starts: as the horizon takes him in', { demand: { starting: [{ atMs: inDays(9) }] } }, 2],
    ['who leaves', { demand: { leaving: [{ atMs: inDays(9) }] } }, 9],
    [
      'a renewal that runs: an hour',
      { subscriptions: [seatSubscription({ termEndMs: inDays(-0.1) })] },
      1 / 24,
    ],
    [
      '… that somebody waits for: a quarter of one',
      { demand: { reserved: 1 }, subscriptions: [seatSubscription({ termEndMs: inDays(-0.1) })] },
      1 / 96,
    ],
  ] satisfies readonly (readonly [string, Overrides, number])[])(
    'is looked at again for %s',
    (_, overrides, days) => {
      const { lookAgainMs = 0 } = planSeats(seatInput(overrides));
      expect((lookAgainMs - seatsNowMs) / dayMs).toBeCloseTo(days, 6);
    },
  );

  it('has no renewal of what never ends, and nothing that is owed for it', () => {
    const subscriptions = [seatSubscription({ termEndMs: Date.UTC(9999, 0, 1) })];
    const plan = planSeats(seatInput({ demand: { assigned: 7 }, subscriptions }));
    expect(plan).toMatchObject({ lines: [], nextRenewalMs: undefined, lookAgainMs: undefined });
    expect(plan.seats.idle.never).toBe(3);
    expect(plan.money.commitmentOwed).toBe(0);
  });

  it('tells of a window that closes within a day on idle seats', () => {
    const alertsFor = (days: number, decrease: 'Auto' | 'Plan') =>
      planSeats(
        seatInput({
          demand: { assigned: 7 },
          modes: { increase: 'Auto', decrease },
          subscriptions: [seatSubscription({ refundable: [open(3, days)] })],
        }),
      ).alerts;
    expect(alertsFor(1, 'Plan')).toEqual([
      { reason: 'WindowClosing', subscriptionId: 'sub-a', atMs: inDays(1), quantity: 3 },
    ]);
    expect(alertsFor(1.1, 'Plan')).toEqual([]);
    expect(alertsFor(1, 'Auto')).toEqual([]);
  });

  it('counts on what a renewal that runs will leave', () => {
    const subscriptions = [
      seatSubscription({
        termEndMs: inDays(-0.1),
        instruction: { quantity: 7, isSameProduct: true },
      }),
    ];
    const input = seatInput({ demand: { assigned: 7, reserved: 1 }, subscriptions });
    expect(planSeats(input).lines).toMatchObject([
      { action: 'Increase', quantity: 1, hold: { reason: 'Locked' } },
    ]);
  });

  it('begins nothing in the last minute of a window, nor of a term', () => {
    const minute = dayMs / 1440;
    const actionsAt = (subscription: ReturnType<typeof seatSubscription>) =>
      planSeats(seatInput({ demand: { assigned: 7 }, subscriptions: [subscription] }))
        .lines.filter(({ state }) => state === 'Due')
        .map(({ action }) => action);
    const until = (ms: number) => [{ quantity: 3, untilMs: seatsNowMs + ms }];
    expect(actionsAt(seatSubscription({ refundable: until(minute + 1) }))).toEqual(['Decrease']);
    expect(actionsAt(seatSubscription({ refundable: until(minute) }))).toEqual([
      'ScheduleDecrease',
    ]);
    const ends = (ms: number) => seatSubscription({ termEndMs: seatsNowMs + ms });
    expect(actionsAt(ends(minute + 1))).toEqual(['ScheduleDecrease']);
    expect(actionsAt(ends(minute))).toEqual([]);
    const fresh = (ms: number) =>
      planSeats(
        seatInput({
          subscriptions: [
            seatSubscription(),
            seatSubscription({ id: 'b', cancellableUntilMs: seatsNowMs + ms }),
          ],
        }),
      ).lines.map(({ action }) => action);
    expect(fresh(minute + 1)).toEqual(['Cancel']);
    expect(fresh(minute)).not.toContain('Cancel');
  });

  it.each(['2027-01-13T00:00:00Z', '2027-01-13T23:59:59Z'])(
    'takes %s as the last day of a term',
    (date) => {
      expect(termEndMsOf(date)).toBe(endMs);
    },
  );
});

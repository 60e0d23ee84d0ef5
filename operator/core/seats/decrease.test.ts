import { describe, expect, it } from 'vitest';
import {
  freshSubscription,
  inDays,
  seatInput,
  seatSubscription,
  seatsNowMs,
  shownLines,
} from '../../../hack/testing/seats.ts';
import { planSeats } from './plan.ts';

const seven = { assigned: 7 };
const batch = (quantity: number, days: number) => ({ quantity, untilMs: inDays(days) });
const renewed = 'ScheduleDecrease sub-a 10→7 @2027-01-14';

type Row = readonly [
  name: string,
  overrides: Parameters<typeof seatInput>[0],
  lines: readonly string[],
];

const rows: readonly Row[] = [
  ['nothing is idle', { subscriptions: [freshSubscription()] }, []],
  [
    'everything within its window',
    { demand: seven, subscriptions: [freshSubscription()] },
    ['Decrease sub-a 10→7 Due'],
  ],
  [
    'only the batches that are open; the rest with the renewal, after the change',
    {
      demand: seven,
      subscriptions: [seatSubscription({ refundable: [batch(2, 1), batch(5, -1)] })],
    },
    ['Decrease sub-a 10→8 Due', 'ScheduleDecrease sub-a 8→7 @2027-01-14 Held:AfterSeatChange'],
  ],
  ['no window is open', { demand: seven }, [`${renewed} Due`]],
  [
    'a batch is closed at its very end',
    { demand: seven, subscriptions: [seatSubscription({ refundable: [batch(2, 0)] })] },
    [`${renewed} Due`],
  ],
  [
    'the minimum quantity of the offer stays',
    { demand: seven, subscriptions: [freshSubscription({ minimumQuantity: 9 })] },
    ['Decrease sub-a 10→9 Due'],
  ],
  [
    'one seat of the last subscription stays, whoever needs it',
    { demand: { assigned: 0 }, subscriptions: [freshSubscription()] },
    ['Decrease sub-a 10→1 Due'],
  ],
  [
    'what the directory counts stays, though the view is behind',
    { demand: { assigned: 7, consumed: 9 }, subscriptions: [freshSubscription()] },
    ['Decrease sub-a 10→9 Due'],
  ],
  [
    '… and who waits besides',
    { demand: { assigned: 7, consumed: 8, reserved: 1 }, subscriptions: [freshSubscription()] },
    ['Decrease sub-a 10→9 Due'],
  ],
  [
    '… and the add-on of it',
    { demand: seven, addOn: { now: 8, changes: [] }, subscriptions: [freshSubscription()] },
    ['Decrease sub-a 10→8 Due'],
  ],
  [
    'a seat for who starts soon stays',
    {
      demand: { assigned: 7, starting: [{ atMs: inDays(4) }] },
      subscriptions: [freshSubscription()],
    },
    ['Decrease sub-a 10→8 Due'],
  ],
  [
    'the dearest goes first',
    {
      demand: { assigned: 17 },
      subscriptions: [
        freshSubscription(),
        freshSubscription({
          id: 'sub-b',
          cost: 1700,
          refundable: [batch(2, 3)],
          cancellableUntilMs: undefined,
        }),
      ],
    },
    ['Decrease sub-a 10→9 Due', 'Decrease sub-b 10→8 Due'],
  ],
  [
    'a subscription without any use, while it may be cancelled',
    {
      demand: { assigned: 10 },
      subscriptions: [seatSubscription(), freshSubscription({ id: 'sub-b', quantity: 2 })],
    },
    ['Cancel sub-b 2→0 Due'],
  ],
  [
    '… and later it ends with its term',
    {
      demand: { assigned: 10 },
      subscriptions: [
        seatSubscription(),
        seatSubscription({ id: 'sub-b', quantity: 2, termEndMs: inDays(20) }),
      ],
    },
    ['SetEndOfTerm Cancel sub-b 2→0 @2026-04-05 Due'],
  ],
  [
    'software gives nothing back during the term',
    { demand: seven, subscriptions: [freshSubscription({ isSoftware: true })] },
    [`${renewed} Due`],
  ],
  [
    'what is being changed is left alone',
    { demand: seven, subscriptions: [freshSubscription({ isBusy: true })] },
    [],
  ],
  [
    'what is being changed may lose them: no other is reduced meanwhile',
    {
      demand: { assigned: 18 },
      subscriptions: [freshSubscription({ isBusy: true }), freshSubscription({ id: 'sub-b' })],
    },
    [],
  ],
  [
    'a trial, a suspended and an expired one are never written',
    {
      demand: { assigned: 0 },
      subscriptions: [
        freshSubscription({ isTrial: true }),
        freshSubscription({ id: 'sub-b', status: 'suspended' }),
        freshSubscription({ id: 'sub-c', status: 'expired' }),
      ],
    },
    [],
  ],
  [
    'ours first; what others bought is theirs to change',
    {
      demand: { assigned: 15 },
      subscriptions: [
        freshSubscription({
          id: 'sub-d',
          owner: 'Distributor',
          cost: 9000,
          cancellableUntilMs: undefined,
        }),
        freshSubscription({ refundable: [batch(2, 3)] }),
      ],
    },
    [
      'Decrease sub-a 10→8 Due',
      'Decrease sub-d 10→7 Held:PlanOnly',
      'ScheduleDecrease sub-a 8→5 @2027-01-14 Held:AfterSeatChange',
    ],
  ],
];

describe('fewer seats', () => {
  it.each(rows)('%s', (_, overrides, lines) => {
    const plan = planSeats(seatInput(overrides));
    expect([...shownLines(plan)].toSorted()).toEqual([...lines].toSorted());
  });

  it('in the order dearest first', () => {
    const subscriptions = [
      freshSubscription(),
      freshSubscription({ id: 'sub-b', quantity: 20, cost: 1700, refundable: [batch(2, 3)] }),
      freshSubscription({ id: 'sub-c', cost: 1650 }),
    ];
    const { lines } = planSeats(seatInput({ demand: { assigned: 35 }, subscriptions }));
    expect(
      lines.slice(0, 2).map(({ subscriptionId, quantity }) => [subscriptionId, quantity]),
    ).toEqual([
      ['sub-b', 2],
      ['sub-c', 3],
    ]);
  });

  it('save a month, and are credited for the rest of the cycle at once', () => {
    const [line] = planSeats(
      seatInput({ demand: seven, subscriptions: [freshSubscription()] }),
    ).lines;
    const charge = -3 * Math.floor((1600 * 29) / 31);
    expect(line).toMatchObject({
      quantity: 3,
      saving: 4800,
      charge,
      lostUntilThen: 0,
      earliestMs: seatsNowMs,
      deadlineMs: inDays(5),
    });
  });

  it('of others come with the text of a ticket', () => {
    const subscriptions = [freshSubscription({ owner: 'Distributor' })];
    const [line] = planSeats(seatInput({ demand: seven, subscriptions })).lines;
    expect(line?.hold).toEqual({
      reason: 'PlanOnly',
      message: 'bought by the distributor: shown, and never written',
      ticket: 'Please change subscription sub-a from 10 to 7 seats now (saves 48.00 EUR a month).',
    });
  });
});

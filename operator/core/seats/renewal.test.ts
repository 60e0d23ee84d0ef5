import { describe, expect, it } from 'vitest';
import {
  annualOffer,
  inDays,
  monthlyOffer,
  seatInput,
  seatSubscription,
  seatsNowMs,
  shownLines,
} from '../../../hack/testing/seats.ts';
import { dayMs } from './commerce.ts';
import type { EndOfTerm } from './input.ts';
import { planSeats } from './plan.ts';

const seven = { assigned: 7 };
const instruction = (quantity: number) => ({ quantity, isSameProduct: true });
const endMs = Date.UTC(2027, 0, 14);
const issued = [{ subscriptionId: 'sub-a', quantity: 7, termEndMs: endMs }];

type Overrides = Parameters<typeof seatInput>[0];

const rows: readonly (readonly [name: string, Overrides, lines: readonly string[]])[] = [
  ['idle seats are scheduled', { demand: seven }, ['ScheduleDecrease sub-a 10→7 @2027-01-14 Due']],
  [
    'what is in force is shown as such',
    { demand: seven, subscriptions: [seatSubscription({ instruction: instruction(7) })] },
    ['ScheduleDecrease sub-a 10→7 @2027-01-14 Set'],
  ],
  [
    'what is not enough is made more',
    { demand: seven, subscriptions: [seatSubscription({ instruction: instruction(8) })] },
    ['ScheduleDecrease sub-a 10→7 @2027-01-14 Due'],
  ],
  [
    'what was lost is sent again',
    { demand: seven, issued },
    ['Reissue sub-a 10→7 @2027-01-14 Due'],
  ],
  [
    '… not if it was of an earlier term',
    { demand: seven, issued: [{ subscriptionId: 'sub-a', quantity: 7, termEndMs: endMs - 1 }] },
    ['ScheduleDecrease sub-a 10→7 @2027-01-14 Due'],
  ],
  [
    '… nor if another quantity is right by now',
    { demand: { assigned: 8 }, issued },
    ['ScheduleDecrease sub-a 10→8 @2027-01-14 Due'],
  ],
  [
    'what leaves too few is corrected',
    { subscriptions: [seatSubscription({ instruction: instruction(6) })] },
    ['ScheduleIncrease sub-a 6→10 @2027-01-14 Due'],
  ],
  [
    '… and what would buy more than is needed',
    { subscriptions: [seatSubscription({ instruction: instruction(14) })] },
    ['ScheduleDecrease sub-a 10→10 @2027-01-14 Due'],
  ],
  [
    'what others planned with another product is left alone',
    {
      demand: seven,
      subscriptions: [seatSubscription({ instruction: { quantity: 3, isSameProduct: false } })],
    },
    [],
  ],
  [
    'a seat of who leaves well before goes too',
    { demand: { leaving: [{ atMs: endMs - 2 * dayMs }] } },
    ['ScheduleDecrease sub-a 10→9 @2027-01-14 Due'],
  ],
  [
    'a seat of who starts before stays',
    { demand: { assigned: 7, starting: [{ atMs: inDays(100) }] } },
    ['ScheduleDecrease sub-a 10→8 @2027-01-14 Due'],
  ],
  [
    'it is sent when the renewal comes near',
    { demand: seven, renewalHorizonMs: 30 * dayMs },
    ['ScheduleDecrease sub-a 10→7 @2027-01-14 Held:Later'],
  ],
  [
    'the first term to end loses them, and the others know',
    {
      demand: { assigned: 15 },
      subscriptions: [
        seatSubscription({ termEndMs: inDays(100) }),
        seatSubscription({ id: 'sub-b', termEndMs: inDays(50) }),
      ],
    },
    ['ScheduleDecrease sub-b 10→5 @2026-05-05 Due'],
  ],
  [
    'of those that end together, the dearest',
    {
      demand: { assigned: 18 },
      subscriptions: [seatSubscription(), seatSubscription({ id: 'sub-b', cost: 1700 })],
    },
    ['ScheduleDecrease sub-b 10→8 @2027-01-14 Due'],
  ],
  [
    'a minimum quantity stays',
    { demand: seven, subscriptions: [seatSubscription({ minimumQuantity: 9 })] },
    ['ScheduleDecrease sub-a 10→9 @2027-01-14 Due'],
  ],
  [
    'an instruction needs auto-renew first',
    { demand: seven, subscriptions: [seatSubscription({ autoRenew: false })] },
    [
      'SetEndOfTerm Renew sub-a 10→10 @2027-01-14 Due',
      'ScheduleDecrease sub-a 10→7 @2027-01-14 Held:AfterSeatChange',
    ],
  ],
  [
    'a term without use whose end is held, and was left unsaid, is renewed as declared',
    {
      modes: { increase: 'Auto', decrease: 'Plan' },
      subscriptions: [
        seatSubscription(),
        seatSubscription({ id: 'sub-b', autoRenew: false, termEndMs: inDays(20) }),
      ],
    },
    [
      'SetEndOfTerm Cancel sub-b 10→0 @2026-04-05 Held:ModePlan',
      'SetEndOfTerm Renew sub-b 10→10 @2026-04-05 Due',
    ],
  ],
  [
    'what is being renewed is left alone',
    { demand: seven, subscriptions: [seatSubscription({ termEndMs: inDays(-0.2) })] },
    [],
  ],
  [
    'an add-on ends with its base',
    {
      base: { now: 10, changes: [{ atMs: endMs, quantity: 0 }] },
    },
    ['SetEndOfTerm Cancel sub-a 10→0 @2027-01-14 Due'],
  ],
  [
    'an add-on becomes no more than its base',
    { base: { now: 10, changes: [{ atMs: endMs - dayMs, quantity: 6 }] } },
    ['ScheduleDecrease sub-a 10→6 @2027-01-14 Due'],
  ],
  [
    'a base stays above its add-on',
    { demand: seven, addOn: { now: 10, changes: [{ atMs: inDays(9), quantity: 9 }] } },
    ['ScheduleDecrease sub-a 10→9 @2027-01-14 Due'],
  ],
];

describe('the next term', () => {
  it.each(rows)('%s', (_, overrides, lines) => {
    expect(shownLines(planSeats(seatInput(overrides)))).toEqual(lines);
  });

  it('saves a month, and what is lost until then is known by the day', () => {
    const [line] = planSeats(seatInput({ demand: seven })).lines;
    // From the 16th of March to the 13th of January: 29 of 31 days, and nine months.
    const lostUntilThen = 3 * (Math.floor((1600 * 29) / 31) + 9 * 1600);
    expect(line).toMatchObject({ saving: 4800, charge: 0, lostUntilThen, deadlineMs: endMs });
  });

  it('two idle seats with eight months left wait with 256.00', () => {
    const subscriptions = [
      seatSubscription({
        quantity: 12,
        termStartMs: Date.UTC(2025, 10, 16),
        termEndMs: Date.UTC(2026, 10, 16),
      }),
    ];
    expect(planSeats(seatInput({ subscriptions })).money.waiting).toBe(25_600);
  });

  it('that lost its instruction is told of, not where our own change is about to', () => {
    const lost = planSeats(seatInput({ demand: seven, issued }));
    expect(lost.alerts).toEqual([
      { reason: 'ScheduleLost', subscriptionId: 'sub-a', atMs: endMs, quantity: 3 },
    ]);
    const changing = planSeats(
      seatInput({
        demand: seven,
        issued,
        subscriptions: [
          seatSubscription({
            quantity: 11,
            instruction: instruction(7),
            refundable: [{ quantity: 1, untilMs: inDays(2) }],
          }),
        ],
      }),
    );
    expect(shownLines(changing)).toEqual([
      'Decrease sub-a 11→10 Due',
      'Reissue sub-a 10→7 @2027-01-14 Held:AfterSeatChange',
    ]);
    expect(changing.alerts).toEqual([]);
  });
});

describe('the end of a term', () => {
  const renews = seatSubscription();
  const inWords = seatSubscription({ termEndActions: ['RenewToNewTerm'] });
  const cancels = seatSubscription({ autoRenew: false, termEndActions: ['Cancel'] });
  const extendsTerm = seatSubscription({
    autoRenew: false,
    termEndActions: ['RenewToExtendedServiceTerm'],
  });
  const silent = seatSubscription({ autoRenew: false });
  const set = (end: string, state: string) =>
    `SetEndOfTerm ${end} sub-a 10→${end === 'Cancel' ? 0 : 10} @2027-01-14 ${state}`;

  it.each([
    ['Renew', renews, false, []],
    ['Renew', inWords, false, []],
    ['Renew', cancels, false, [set('Renew', 'Due')]],
    ['Renew', silent, false, [set('Renew', 'Due')]],
    ['Reduce', extendsTerm, false, [set('Renew', 'Due')]],
    ['Cancel', renews, false, [set('Cancel', 'Held:ConfirmationNeeded')]],
    ['Cancel', renews, true, [set('Cancel', 'Due')]],
    ['Cancel', cancels, false, [set('Cancel', 'Set')]],
    ['Extend', extendsTerm, false, []],
    ['Extend', renews, false, [set('Extend', 'Due')]],
    ['Extend', silent, false, [set('Extend', 'Due')]],
  ] as const)('declared %s, found %o, confirmed %s', (declared, one, isConfirmed, lines) => {
    const input = seatInput({ subscriptions: [one], endOfTerm: { declared, isConfirmed } });
    expect(shownLines(planSeats(input))).toEqual(lines);
  });

  it('Cancel needs no confirmation where nobody holds a seat', () => {
    const input = seatInput({
      demand: { assigned: 0 },
      endOfTerm: { declared: 'Cancel', isConfirmed: false },
    });
    expect(shownLines(planSeats(input))).toEqual([set('Cancel', 'Due')]);
  });

  it.each(['Observe', 'Plan'] as const)(
    'Reduce is the permission, whatever decrease (%s) says',
    (decrease) => {
      const linesFor = (declared: EndOfTerm) =>
        shownLines(
          planSeats(
            seatInput({
              demand: seven,
              modes: { increase: 'Auto', decrease },
              endOfTerm: { declared, isConfirmed: false },
            }),
          ),
        );
      expect(linesFor('Reduce')).toEqual(['ScheduleDecrease sub-a 10→7 @2027-01-14 Due']);
      expect(linesFor('Renew')).toEqual([
        `ScheduleDecrease sub-a 10→7 @2027-01-14 Held:Mode${decrease}`,
      ]);
    },
  );

  it.each([
    ['a monthly plan is sold: 3 % over it', [annualOffer, monthlyOffer], 19_776],
    ['none is: 23 % over the own', [annualOffer], 19_680],
    ['the price of it is unknown', [{ ...monthlyOffer, cost: undefined }], undefined],
  ])('in the extended term is told of with its price: %s', (_, offers, cost) => {
    const alertsFor = (one: typeof silent) =>
      planSeats(seatInput({ offers, subscriptions: [one] })).alerts;
    const alert = {
      reason: 'ExtendedServiceTerm',
      subscriptionId: 'sub-a',
      atMs: endMs,
      quantity: 10,
      cost,
    };
    expect(alertsFor(silent)).toEqual([alert]);
    expect(alertsFor(extendsTerm)).toEqual([alert]);
    expect(alertsFor(cancels)).toEqual([]);
    expect(alertsFor(renews)).toEqual([]);
  });

  it('is looked at again when its day comes, its horizon, and each notice', () => {
    const lookAt = (days: number) =>
      ((planSeats(
        seatInput({
          renewalHorizonMs: 10 * dayMs,
          subscriptions: [seatSubscription({ termEndMs: inDays(days) })],
        }),
      ).lookAgainMs ?? 0) -
        seatsNowMs) /
      dayMs;
    expect([40, 20, 12, 8, 5, 0.5].map(lookAt)).toEqual([10, 6, 2, 1, 4, 0.5]);
  });
});

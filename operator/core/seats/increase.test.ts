import { describe, expect, it } from 'vitest';
import {
  annualOffer,
  inDays,
  monthlyOffer,
  seatInput,
  seatSubscription,
  shownLines,
} from '../../../hack/testing/seats.ts';
import type { SeatInput } from './input.ts';
import { planSeats } from './plan.ts';

const waiting = { reserved: 2 };
const both = [annualOffer, monthlyOffer];
const full = seatSubscription({ maximumQuantity: 11 });

type Row = readonly [
  name: string,
  overrides: Parameters<typeof seatInput>[0],
  lines: readonly string[],
];

const rows: readonly Row[] = [
  ['a free seat is used', { demand: { assigned: 8, reserved: 2 } }, []],
  ['the subscription that is there grows', { demand: waiting }, ['Increase sub-a 10→12 Due']],
  [
    'nothing is there: a first purchase',
    { demand: { assigned: 0, reserved: 3 }, subscriptions: [] },
    ['Purchase business-premium 0→3 Due'],
  ],
  [
    '… of at least what is sold at once',
    {
      demand: { assigned: 0, reserved: 3 },
      subscriptions: [],
      offers: [{ ...annualOffer, minimumQuantity: 5 }],
    },
    ['Purchase business-premium 0→5 Due'],
  ],
  [
    'what is ordered comes, and is not bought again',
    { demand: { assigned: 0, reserved: 3 }, subscriptions: [], ordered: 3 },
    [],
  ],
  [
    'nor what is pending',
    {
      demand: { assigned: 0, reserved: 3 },
      subscriptions: [seatSubscription({ status: 'pending', quantity: 3 })],
    },
    [],
  ],
  [
    'a full subscription: the rest in a new one',
    { demand: waiting, subscriptions: [full] },
    ['Increase sub-a 10→11 Due', 'Purchase business-premium 0→1 Due'],
  ],
  [
    'a promotion of so many seats: the rest in a new one',
    { demand: waiting, subscriptions: [seatSubscription({ promotionSeatLimit: 10 })] },
    ['Purchase business-premium 0→2 Due'],
  ],
  [
    'the cheapest first',
    {
      demand: waiting,
      subscriptions: [
        seatSubscription(),
        seatSubscription({ id: 'sub-b', quantity: 0, cost: 1500 }),
      ],
    },
    ['Increase sub-b 0→2 Due'],
  ],
  [
    'a cheaper offer before a dearer subscription',
    { demand: waiting, offers: [{ ...annualOffer, billingCycle: 'Annual', cost: 12_000 }] },
    ['Purchase business-premium 0→2 Due'],
  ],
  [
    'who stays gets a seat of the longer, cheaper term',
    { demand: waiting, offers: both },
    ['Increase sub-a 10→12 Due'],
  ],
  [
    'who stays beside a leaver far ahead gets one of a monthly term until then',
    { demand: { reserved: 1, leaving: [{ atMs: inDays(45) }] }, offers: both },
    ['Purchase business-premium-monthly 0→1 Due'],
  ],
  [
    '… and until a leaver of the same week, whatever is cheaper a day: it can be given back',
    { demand: { reserved: 1, leaving: [{ atMs: inDays(5) }] }, offers: both },
    ['Increase sub-a 10→11 Due', 'ScheduleDecrease sub-a 11→10 @2027-01-14 Held:AfterSeatChange'],
  ],
  [
    '… and where no monthly term is sold, the one that there is',
    { demand: { reserved: 1, leaving: [{ atMs: inDays(45) }] } },
    ['Increase sub-a 10→11 Due', 'ScheduleDecrease sub-a 11→10 @2027-01-14 Held:AfterSeatChange'],
  ],
  [
    'what is sold at once beyond the need serves as buffer',
    {
      buffer: { count: 1 },
      demand: waiting,
      subscriptions: [full],
      offers: [{ ...annualOffer, minimumQuantity: 5 }, monthlyOffer],
    },
    ['Increase sub-a 10→11 Due', 'Purchase business-premium 0→5 Due'],
  ],
  [
    'the buffer is of a monthly term where one is sold',
    { buffer: { count: 1 }, demand: waiting, offers: both },
    ['Increase sub-a 10→12 Due', 'Purchase business-premium-monthly 0→1 Due'],
  ],
  [
    'a monthly subscription that is there grows before a second one',
    {
      buffer: { count: 1 },
      offers: both,
      subscriptions: [
        seatSubscription(),
        seatSubscription({
          id: 'sub-m',
          quantity: 0,
          term: 'P1M',
          cost: 1920,
          termStartMs: Date.UTC(2026, 1, 20),
          termEndMs: Date.UTC(2026, 2, 20),
        }),
      ],
    },
    ['Increase sub-m 0→1 Due'],
  ],
  [
    'the people who took the buffer get seats of the longer term',
    {
      buffer: { count: 1 },
      offers: both,
      demand: { assigned: 11 },
      subscriptions: [
        seatSubscription(),
        seatSubscription({
          id: 'sub-m',
          quantity: 1,
          term: 'P1M',
          cost: 1920,
          termStartMs: Date.UTC(2026, 2, 1),
          termEndMs: Date.UTC(2026, 3, 1),
        }),
      ],
    },
    ['Increase sub-a 10→11 Due'],
  ],
  [
    'while the only subscription is renewed, no second one is bought',
    { demand: waiting, subscriptions: [seatSubscription({ termEndMs: inDays(-0.1) })] },
    ['Increase sub-a 10→12 Held:Locked'],
  ],
  [
    'another that is there helps out',
    {
      demand: waiting,
      subscriptions: [
        seatSubscription({ termEndMs: inDays(-0.1) }),
        seatSubscription({ id: 'sub-b', quantity: 1, cost: 1900 }),
      ],
    },
    ['Increase sub-b 1→2 Due'],
  ],
  [
    'what is being changed may bring them: nothing else is bought meanwhile',
    {
      demand: waiting,
      subscriptions: [
        seatSubscription({ isBusy: true }),
        seatSubscription({ id: 'sub-b', quantity: 1, cost: 1500 }),
      ],
    },
    ['Increase sub-a 10→11 Held:Locked'],
  ],
  [
    'suspended and expired seats serve nobody, and are never written',
    {
      demand: { assigned: 0, reserved: 1 },
      subscriptions: [
        seatSubscription({ status: 'suspended' }),
        seatSubscription({ id: 'sub-b', status: 'expired' }),
      ],
    },
    ['Purchase business-premium 0→1 Due'],
  ],
  [
    'a trial has its seats, and is never written',
    {
      demand: { assigned: 25, reserved: 1 },
      subscriptions: [seatSubscription({ isTrial: true, quantity: 25 })],
    },
    ['Purchase business-premium 0→1 Due'],
  ],
  [
    'where only a distributor can buy, he is to be asked',
    { demand: waiting, offers: [], subscriptions: [seatSubscription({ owner: 'Distributor' })] },
    ['Increase sub-a 10→12 Held:PlanOnly'],
  ],
  [
    'an add-on without its base',
    {
      demand: { assigned: 0, reserved: 1 },
      subscriptions: [],
      offers: [{ ...annualOffer, hasPrerequisites: false }],
    },
    ['Purchase business-premium 0→1 Held:PrerequisiteMissing'],
  ],
  [
    'an unknown cost buys nothing',
    { demand: waiting, subscriptions: [seatSubscription({ cost: undefined })], offers: [] },
    ['Increase sub-a 10→12 Held:PriceUnknown'],
  ],
  [
    'the account is under review',
    { demand: waiting, isAccountUnderReview: true },
    ['Increase sub-a 10→12 Held:AccountUnderReview'],
  ],
  [
    'the pool has ended as declared: nothing new is bought',
    {
      demand: { assigned: 0, reserved: 1 },
      subscriptions: [seatSubscription({ status: 'deleted' })],
      endOfTerm: { declared: 'Cancel', isConfirmed: true },
    },
    ['Purchase business-premium 0→1 Held:PoolEnds'],
  ],
];

describe('more seats', () => {
  it.each(rows)('%s', (_, overrides, lines) => {
    expect(shownLines(planSeats(seatInput(overrides)))).toEqual(lines);
  });

  it('of a new subscription end with the others', () => {
    const [, purchase] = planSeats(seatInput({ demand: waiting, subscriptions: [full] })).lines;
    expect(purchase).toMatchObject({ action: 'Purchase', alignedEndMs: full.termEndMs });
  });

  it('cost a month, and at once the days of the running cycle', () => {
    const [line] = planSeats(seatInput({ demand: waiting })).lines;
    // From the 16th of March to the 13th of April, 29 of 31 days.
    const charge = 2 * Math.floor((1600 * 29) / 31);
    expect(line).toMatchObject({ quantity: 2, saving: -3200, charge, lostUntilThen: 0 });
  });

  it('are wanted by the day of the first who starts', () => {
    const startMs = inDays(3);
    const [line] = planSeats(seatInput({ demand: { starting: [{ atMs: startMs }] } })).lines;
    expect(line).toMatchObject({ action: 'Increase', deadlineMs: startMs });
  });

  const shortOf = (overrides: Parameters<typeof seatInput>[0]): SeatInput => seatInput(overrides);
  it.each([
    ['max', { bounds: { min: 0, max: 11 } }, 1, 'MaximumReached', ['Increase sub-a 10→11 Due']],
    ['the base', { base: { now: 10, changes: [] } }, 2, 'MaximumReached', []],
    ['the pooled ceiling', { pooledRemaining: 1 }, 1, 'NotSold', ['Increase sub-a 10→11 Due']],
    [
      'what is sold',
      { offers: [], subscriptions: [full] },
      1,
      'NotSold',
      ['Increase sub-a 10→11 Due'],
    ],
  ] as const)('beyond %s are not bought, and missing', (_, overrides, quantity, reason, lines) => {
    const plan = planSeats(shortOf({ demand: waiting, ...overrides }));
    expect(plan.short).toEqual({ quantity, reason });
    expect(shownLines(plan)).toEqual(lines);
  });
});

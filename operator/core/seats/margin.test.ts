import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { annualOffer, seatInput, seatSubscription } from '../../../hack/testing/seats.ts';
import { affordableIdle } from './margin.ts';
import { planSeats } from './plan.ts';

const moneyWith = (idle: number) =>
  planSeats(
    seatInput({
      modes: { increase: 'Auto', decrease: 'Observe' },
      subscriptions: [seatSubscription({ quantity: 10 + idle })],
    }),
  ).money;

describe('ten users at cost 16.00 and price 20.00', () => {
  it.each([
    [0, 16_000, 4000, 2000],
    [1, 17_600, 2400, 1200],
    [2, 19_200, 800, 400],
    [3, 20_800, -800, -400],
  ])('with %i idle seats cost %i, bring %i, %i basis points', (idle, cost, margin, basisPoints) => {
    expect(moneyWith(idle)).toMatchObject({
      currency: 'EUR',
      cost,
      revenue: 20_000,
      margin,
      basisPoints,
      breakEvenHundredths: 250,
    });
  });

  it.each([
    [2000, 0, false],
    [2000, 1, true],
    [400, 2, false],
    [401, 2, true],
    [undefined, 9, false],
  ])('with a floor of %s basis points and %i idle: below it is %s', (floor, idle, isBelow) => {
    const input = seatInput({
      buffer: { count: 0, marginFloorBasisPoints: floor },
      subscriptions: [seatSubscription({ quantity: 10 + idle })],
    });
    expect(planSeats(input).money.isBelowFloor).toBe(isBelow);
  });

  it.each([
    [10, false],
    [9, true],
  ])(
    'with ten seats just bought and %i people who wait for them: below it is %s',
    (reserved, isBelow) => {
      const input = seatInput({
        demand: { assigned: 0, reserved },
        buffer: { count: 0, marginFloorBasisPoints: 2000 },
      });
      expect(planSeats(input).money).toMatchObject({ revenue: 0, isBelowFloor: isBelow });
    },
  );
});

describe('money', () => {
  it.each([
    ['of the subscription', { subscriptions: [seatSubscription({ cost: undefined })] }, undefined],
    ['of the sale', { price: undefined }, 16_000],
  ])('without a price %s is unknown, and never zero', (_, overrides, cost) => {
    expect(planSeats(seatInput(overrides)).money).toMatchObject({
      isPriceKnown: false,
      cost,
      margin: undefined,
      basisPoints: undefined,
      isBelowFloor: false,
    });
  });

  it('counts billing periods of years by the month, rounded once', () => {
    const annual = seatSubscription({ billingCycle: 'Annual', cost: 11_520 });
    const triennial = seatSubscription({
      id: 'sub-b',
      term: 'P3Y',
      billingCycle: 'Triennial',
      cost: 30_001,
      quantity: 3,
    });
    const { money } = planSeats(seatInput({ subscriptions: [annual, triennial] }));
    expect(money.cost).toBe(9600 + Math.round(90_003 / 36));
  });

  it('does not count what the customer bought, nor bill people who sit on it', () => {
    const own = seatSubscription({ id: 'sub-b', quantity: 4, owner: 'Customer', cost: undefined });
    const { money } = planSeats(
      seatInput({
        demand: { assigned: 14 },
        subscriptions: [seatSubscription(), own],
      }),
    );
    expect(money).toMatchObject({ cost: 16_000, revenue: 20_000, basisPoints: 2000 });
  });

  it('has no suspended seats in it', () => {
    const subscriptions = [seatSubscription(), seatSubscription({ id: 'b', status: 'suspended' })];
    expect(planSeats(seatInput({ subscriptions })).money.cost).toBe(16_000);
  });

  it('knows the commitment that is still owed, by the day', () => {
    const subscription = seatSubscription({
      quantity: 2,
      termStartMs: Date.UTC(2026, 2, 1),
      termEndMs: Date.UTC(2026, 4, 1),
    });
    const { money } = planSeats(
      seatInput({ demand: { assigned: 2 }, subscriptions: [subscription] }),
    );
    // The 16th to the 31st of March are 16 of 31 days; April is whole.
    expect(money.commitmentOwed).toBe(2 * (Math.floor((1600 * 16) / 31) + 1600));
  });
});

describe('idle seats that a floor allows', () => {
  // product.md 5, cost 16.00 and price 20.00.
  it.each([
    [500, [0, 1, 1, 3, 4, 9, 18, 46]],
    [1000, [0, 1, 1, 2, 3, 6, 12, 31]],
    [1200, [0, 0, 1, 1, 2, 5, 10, 25]],
    [1500, [0, 0, 0, 1, 1, 3, 6, 15]],
  ])('of %i basis points are %o', (floorBasisPoints, wanted) => {
    const people = [5, 8, 10, 16, 25, 50, 100, 250];
    const threeYearCost = 1600 * 36;
    expect(
      people.map((n) =>
        affordableIdle({ people: n, price: 2000, threeYearCost, floorBasisPoints }),
      ),
    ).toEqual(wanted);
  });

  it('are the most that keep it', () => {
    fc.assert(
      fc.property(
        fc.record({
          people: fc.nat(100_000),
          threeYearCost: fc.integer({ min: 1, max: 360_000_000 }),
          price: fc.nat(10_000_000),
          floorBasisPoints: fc.integer({ min: -10_000, max: 10_000 }),
        }),
        (given) => {
          const idle = BigInt(affordableIdle(given));
          const n = BigInt(given.people);
          const revenue = 36n * n * BigInt(given.price);
          const keeps = (b: bigint) =>
            10_000n * (revenue - (n + b) * BigInt(given.threeYearCost)) >=
            BigInt(given.floorBasisPoints) * revenue;
          expect(idle === 0n || keeps(idle)).toBe(true);
          expect(keeps(idle + 1n)).toBe(false);
        },
      ),
    );
  });

  it('make the buffer, with the dearest seat that could be idle', () => {
    const bufferOf = (offers: readonly (typeof annualOffer)[]) =>
      planSeats(seatInput({ buffer: { count: 5, marginFloorBasisPoints: 1000 }, offers })).buffer;
    expect(bufferOf([annualOffer])).toBe(1);
    expect(bufferOf([annualOffer, { ...annualOffer, cost: 1800 }])).toBe(0);
    expect(bufferOf([{ ...annualOffer, cost: undefined }])).toBe(0);
  });
});

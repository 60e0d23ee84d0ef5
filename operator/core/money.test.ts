import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { affordableIdleSeats, formatMoney, marginPercent } from './money.ts';

describe('the margin', () => {
  it.each([
    ['no idle seat', 10, '20.0'],
    ['one', 11, '12.0'],
    ['two', 12, '4.0'],
    ['three: a loss', 13, '-4.0'],
  ])('of ten users at cost 16 and price 20 with %s', (_, bought, wanted) => {
    expect(marginPercent(bought * 1600, 10 * 2000)).toBe(wanted);
  });

  it('of nothing is nothing, of cost without revenue a loss', () => {
    expect(marginPercent(0, 0)).toBe('0.0');
    expect(marginPercent(1600, 0)).toBe('-100.0');
    expect(marginPercent(1_000_001, 1_000_000)).toBe('0.0');
  });
});

describe('idle seats that a margin floor allows', () => {
  it('are the most that keep it', () => {
    fc.assert(
      fc.property(
        fc.record({
          assigned: fc.nat(2_000),
          cost: fc.integer({ min: 1, max: 20_000 }),
          price: fc.nat(20_000),
          floorPercent: fc.integer({ min: -100, max: 100 }),
        }),
        (options) => {
          const { assigned, cost, price, floorPercent } = options;
          const idle = affordableIdleSeats(options);
          const keepsFloor = (more: number) =>
            100 * (assigned * price - (assigned + more) * cost) >= floorPercent * assigned * price;
          expect(Number.isInteger(idle) && idle >= 0).toBe(true);
          expect(idle === 0 || keepsFloor(idle)).toBe(true);
          expect(keepsFloor(idle + 1)).toBe(false);
        },
      ),
    );
  });

  it('are without limit where they cost nothing', () => {
    const free = { assigned: 1, cost: 0, price: 10, floorPercent: 20 };
    expect(affordableIdleSeats(free)).toBe(Number.MAX_SAFE_INTEGER);
  });
});

it.each([
  [1600, 'EUR', '16.00 EUR'],
  [-5, 'EUR', '-0.05 EUR'],
  [1600, 'JPY', '1600 JPY'],
  [1600, 'KWD', '1.600 KWD'],
])('writes %i %s as people do', (amount, currency, wanted) => {
  expect(formatMoney(amount, currency)).toBe(wanted);
});

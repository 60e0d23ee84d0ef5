import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effectiveBuffer, refundableNow, type SeatDemand, targetSeats } from './seats.ts';

const count = fc.nat(500);
const demand: fc.Arbitrary<SeatDemand> = fc
  .record({
    assigned: count,
    reserved: count,
    min: count,
    range: count,
    buffer: fc.option(
      fc.record({
        count,
        marginFloorPercent: fc.option(fc.integer({ min: -100, max: 100 }), { nil: undefined }),
      }),
      { nil: undefined },
    ),
    cost: fc.nat(5_000),
    price: fc.nat(5_000),
  })
  .map(({ range, ...rest }) => ({ ...rest, max: rest.min + range }));

describe('the target of a pool', () => {
  it('is never below what is assigned, and above max only where that is', () => {
    fc.assert(
      fc.property(demand, (given) => {
        const target = targetSeats(given);
        expect(target).toBeGreaterThanOrEqual(given.assigned);
        expect(target).toBeLessThanOrEqual(Math.max(given.max, given.assigned));
        expect(target).toBeGreaterThanOrEqual(Math.min(given.min, given.max));
      }),
    );
  });

  it('grows with what is wanted, never the other way', () => {
    fc.assert(
      fc.property(demand, count, (given, more) => {
        const target = targetSeats(given);
        expect(targetSeats({ ...given, reserved: given.reserved + more })).toBeGreaterThanOrEqual(
          target,
        );
        expect(targetSeats({ ...given, max: given.max + more })).toBeGreaterThanOrEqual(target);
      }),
    );
  });

  it('has a buffer of at most what is declared', () => {
    fc.assert(
      fc.property(demand, (given) => {
        const buffer = effectiveBuffer(given);
        expect(buffer).toBeGreaterThanOrEqual(0);
        expect(buffer).toBeLessThanOrEqual(given.buffer?.count ?? 0);
      }),
    );
  });
});

describe('seats that Microsoft takes back', () => {
  const at = (time: string) => Date.parse(time);
  const batches = [
    { quantity: 2, until: '2026-03-02T10:00:00Z' },
    { quantity: 3, until: '2026-03-03T10:00:00Z' },
  ];

  it.each([
    ['2026-03-02T09:59:59Z', 5],
    ['2026-03-02T10:00:00Z', 3],
    ['2026-03-03T10:00:00Z', 0],
  ])('at %s are %i', (now, wanted) => {
    expect(refundableNow(batches, at(now))).toBe(wanted);
  });

  it('are none of a batch whose time cannot be read', () => {
    expect(refundableNow([{ quantity: 2, until: '' }], 0)).toBe(0);
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { connection } from '../../hack/testing/build.ts';
import { NightlyLooks, nextFullLookMs, pollDelayMs } from './schedule.ts';

describe('polls', () => {
  it.each([
    ['on a mark: the next one, a whole poll later', 60_000, 600_000, 660_000],
    ['just after it: the same', 60_000, 600_040, 660_000],
    ['at the end of its three seconds: the same', 60_000, 602_999, 660_000],
    ['on the next mark', 60_000, 603_000, 663_000],
    ['a short poll has marks closer to each other', 2_000, 600_090, 602_000],
  ])('%s', (_, pollMs, nowMs, atMs) => {
    expect(nowMs + pollDelayMs(pollMs, nowMs)).toBe(atMs);
  });

  it('come at most a twentieth early, and never late', () => {
    const property = fc.property(
      fc.integer({ min: 1_000, max: 3_600_000 }),
      fc.nat(),
      (poll, now) => {
        const delayMs = pollDelayMs(poll, now);
        expect(delayMs).toBeLessThanOrEqual(poll);
        expect(delayMs).toBeGreaterThan(poll * 0.95 - 1);
      },
    );
    fc.assert(property);
  });
});

describe('the nightly look', () => {
  it('of a tenant is due once a night, until it came through, by the schedule that stands now', () => {
    const looks = new NightlyLooks();
    const hourly = (minute: number) =>
      connection({ spec: { timeZone: 'UTC', rightSizing: { schedule: `${minute} * * * *` } } });
    const ms = (time: string): number => Date.parse(`2026-01-10T${time}Z`);
    const due = (minute: number, time: string) => looks.isDue('u', hourly(minute), ms(time));
    expect([due(30, '12:00:00'), due(30, '12:29:59'), due(30, '12:30:00')]).toEqual([
      false,
      false,
      true,
    ]);
    expect(due(30, '12:40:00')).toBe(true);
    looks.done('u', hourly(30), ms('12:41:00'));
    expect([due(30, '13:29:00'), due(30, '13:30:00')]).toEqual([false, true]);
    expect([due(45, '13:31:00'), due(45, '13:45:00')]).toEqual([false, true]);
    expect(looks.delayMs('u', ms('13:46:00'))).toBe(0);
    looks.done('u', hourly(45), ms('13:46:00'));
    expect(looks.delayMs('u', ms('13:46:00'))).toBe(59 * 60_000);
    looks.forget('u');
    expect(looks.delayMs('u', ms('13:46:00'))).toBeUndefined();
    expect(due(45, '13:45:00')).toBe(false);
  });

  it('of many tenants is at the same time, before and after a night, and after a clock that was set back', () => {
    const looks = new NightlyLooks();
    const utc = connection({ spec: { timeZone: 'UTC' } });
    const dueIn = (uid: string, time: string): number => {
      const nowMs = Date.parse(time);
      looks.done(uid, utc, nowMs);
      return (looks.delayMs(uid, nowMs) ?? Number.NaN) / 3_600_000;
    };
    expect(dueIn('a', '2026-01-10T00:00:00Z')).toBe(2);
    expect(dueIn('b', '2026-01-10T01:00:00Z')).toBe(1);
    expect(dueIn('c', '2026-01-10T02:00:00Z')).toBe(24);
    expect(dueIn('d', '2026-01-09T22:00:00Z')).toBe(4);
  });

  const at = (schedule: string | undefined, timeZone: string, after: string) => {
    const spec = { timeZone, ...(schedule === undefined ? {} : { rightSizing: { schedule } }) };
    return new Date(nextFullLookMs(connection({ spec }), Date.parse(after))).toISOString();
  };

  it.each([
    [undefined, 'Europe/Berlin', '2026-01-10T12:00:00Z', '2026-01-11T01:00:00.000Z'],
    [undefined, 'Europe/Berlin', '2026-07-10T12:00:00Z', '2026-07-11T00:00:00.000Z'],
    [undefined, 'UTC', '2026-01-10T02:00:00Z', '2026-01-11T02:00:00.000Z'],
    ['30 4 * * 1', 'America/New_York', '2026-01-10T12:00:00Z', '2026-01-12T09:30:00.000Z'],
  ])('%s in %s after %s is at %s', (schedule, timeZone, after, wanted) => {
    expect(at(schedule, timeZone, after)).toBe(wanted);
  });

  it.each([
    ['61 * * * *', 'UTC'],
    ['0 2 * * *', 'Mars/Olympus'],
    ['0 0 31 2 *', 'UTC'],
  ])('is refused: %s in %s', (schedule, timeZone) => {
    expect(() => at(schedule, timeZone, '2026-01-10T12:00:00Z')).toThrow(/rightSizing\.schedule/);
  });
});

import { describe, expect, it } from 'vitest';
import { addDuration, SimulatorClock } from './clock.ts';

const START = Date.parse('2026-01-31T00:00:00Z');

describe('the clock', () => {
  it('runs what is due in order, each at its own time, also what was scheduled on the way', () => {
    const clock = new SimulatorClock({ startMs: START, frozen: true });
    const seen: [string, number][] = [];
    const note = (name: string) => () => seen.push([name, clock.nowMs() - START]);
    clock.schedule(START + 20, 'b', note('b'));
    clock.schedule(START + 10, 'a', () => {
      note('a')();
      clock.schedule(clock.nowMs() + 5, 'on the way', note('on the way'));
    });
    clock.schedule(START + 20, 'after b', note('after b'));
    clock.schedule(START + 31, 'later', note('later'));
    clock.advance(30);
    expect(seen).toEqual([
      ['a', 10],
      ['on the way', 15],
      ['b', 20],
      ['after b', 20],
    ]);
    expect(clock.nowMs()).toBe(START + 30);
    clock.advance(1);
    expect(seen.at(-1)).toEqual(['later', 31]);
  });

  it('starts when told and runs on with real time', () => {
    const clock = new SimulatorClock({ startMs: START });
    const late = clock.nowMs() - START;
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(60_000);
    clock.stop();
  });
});

describe('durations', () => {
  it.each([
    ['P1D', '2026-02-01T00:00:00.000Z'],
    ['P2W', '2026-02-14T00:00:00.000Z'],
    ['PT1H30M0.5S', '2026-01-31T01:30:00.500Z'],
    ['P1Y', '2027-01-31T00:00:00.000Z'],
    ['PT0S', '2026-01-31T00:00:00.000Z'],
  ])('%s from the last of January is %s', (duration, end) => {
    expect(new Date(addDuration(START, duration) ?? 0).toISOString()).toBe(end);
  });

  it.each(['P', 'PT', 'P1DT', '1D', 'tomorrow', ''])('%j is none', (text) => {
    expect(addDuration(START, text)).toBeUndefined();
  });
});

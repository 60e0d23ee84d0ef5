import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { addDuration, SimulatorClock } from './clock.ts';
import type { Json } from './json.ts';
import type { TaskKind } from './world.ts';

const START = Date.parse('2026-01-31T00:00:00Z');

/** Notes what runs and when, in milliseconds after the start. */
const NOTE: TaskKind<string> = { name: 'note' };

function noting(clock: SimulatorClock): [string, number][] {
  const seen: [string, number][] = [];
  clock.on(NOTE, (name) => seen.push([name, clock.nowMs() - START]));
  return seen;
}

function frozenClock(): SimulatorClock {
  return new SimulatorClock({ startMs: START, frozen: true });
}

describe('the clock', () => {
  it('runs what is due in order, each at its own time, also what was scheduled on the way', () => {
    const clock = frozenClock();
    const seen = noting(clock);
    const chain: TaskKind<string> = { name: 'chain' };
    clock.on(chain, (next) => clock.schedule(clock.nowMs() + 5, NOTE, next));
    clock.schedule(START + 20, NOTE, 'b');
    clock.schedule(START + 10, chain, 'on the way');
    clock.schedule(START + 20, NOTE, 'after b');
    clock.schedule(START + 31, NOTE, 'later');
    clock.advance(30);
    expect(seen).toEqual([
      ['on the way', 15],
      ['b', 20],
      ['after b', 20],
    ]);
    expect(clock.nowMs()).toBe(START + 30);
    clock.advance(1);
    expect(seen.at(-1)).toEqual(['later', 31]);
  });

  it('orders any tasks by time and, at one time, by when they were scheduled', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), fc.nat(20), (times, moveMs) => {
        const clock = frozenClock();
        const seen = noting(clock);
        for (const [index, ms] of times.entries()) clock.schedule(START + ms, NOTE, String(index));
        const sorted = times
          .map((ms, index): [string, number] => [String(index), ms])
          .sort(([, a], [, b]) => a - b);
        clock.advance(moveMs);
        expect(seen).toEqual(sorted.filter(([, ms]) => ms <= moveMs));
        clock.advance(20);
        expect(seen.map(([name]) => name)).toEqual(sorted.map(([name]) => name));
      }),
    );
  });

  it('schedules and runs 200,000 tasks, the latest first, within two seconds of work', () => {
    const clock = frozenClock();
    const seen = noting(clock);
    const before = process.cpuUsage();
    for (let ms = 200_000; ms > 0; ms -= 1) clock.schedule(START + ms, NOTE, '');
    clock.advance(200_000);
    expect(seen.map(([, ms]) => ms)).toEqual(Array.from({ length: 200_000 }, (_, ms) => ms + 1));
    // Not of the wall: the machine may do other things.
    expect(process.cpuUsage(before).user).toBeLessThan(2_000_000);
  });

  it('does at once what has no delay, and later what has one', () => {
    const clock = frozenClock();
    const seen = noting(clock);
    clock.after(0, NOTE, 'now');
    clock.after(5, NOTE, 'soon');
    expect(seen).toEqual([['now', 0]]);
    clock.advance(5);
    expect(seen).toEqual([
      ['now', 0],
      ['soon', 5],
    ]);
  });

  it('cannot be moved by a task', () => {
    const clock = frozenClock();
    const move: TaskKind<number> = { name: 'move' };
    clock.on(move, (ms) => clock.advance(ms));
    clock.schedule(START + 1, move, 0);
    expect(() => clock.advance(1)).toThrow('A task on the clock cannot move the clock');
  });

  it('knows one handler for each kind, before anything of the kind is scheduled', () => {
    const clock = frozenClock();
    expect(() => clock.schedule(START, NOTE, 'x')).toThrow('No handler for note');
    noting(clock);
    expect(() => noting(clock)).toThrow('Two handlers for note');
  });

  it('goes on from a dump as the one that was dumped', () => {
    const clock = frozenClock();
    const seen = noting(clock);
    for (const ms of [30, 10, 20, 10]) clock.schedule(START + ms, NOTE, `at ${ms}`);
    clock.advance(15);
    const dump = JSON.parse(JSON.stringify(clock.dump())) as Json;

    const other = new SimulatorClock({ frozen: true });
    const seenThere = noting(other);
    other.load(dump);
    expect(other.nowMs()).toBe(START + 15);
    for (const each of [clock, other]) {
      each.schedule(START + 20, NOTE, 'added');
      each.advance(100);
    }
    expect(seenThere).toEqual([
      ['at 20', 20],
      ['added', 20],
      ['at 30', 30],
    ]);
    expect(seen.slice(2)).toEqual(seenThere);
    expect(other.dump()).toEqual(clock.dump());
  });

  it('takes no dump with a kind that nobody handles', () => {
    const clock = frozenClock();
    noting(clock);
    clock.schedule(START, NOTE, 'x');
    expect(() => frozenClock().load(clock.dump())).toThrow('No handler for note');
  });

  it('runs what real time reaches', async () => {
    const clock = new SimulatorClock({ startMs: START });
    const seen = noting(clock);
    clock.schedule(clock.nowMs() + 20, NOTE, 'second');
    clock.schedule(clock.nowMs() + 5, NOTE, 'first');
    await vi.waitFor(() => expect(seen.map(([name]) => name)).toEqual(['first', 'second']));
    clock.stop();
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

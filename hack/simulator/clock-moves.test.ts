import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SimulatorClock } from './clock.ts';
import { ClockMoves } from './clock-moves.ts';
import { Kit } from './test-kit.ts';
import type { TaskKind } from './world.ts';

const START = '2026-09-01T09:00:00.000Z';

describe('a long move', () => {
  const WORK: TaskKind<number> = { name: 'work' };

  it('gives others their turn, tells how far it is, and keeps the order', async () => {
    const clock = new SimulatorClock({ startMs: Date.parse(START), frozen: true });
    const seen: number[] = [];
    clock.on(WORK, (number) => {
      seen.push(number);
      const endMs = performance.now() + 2;
      while (performance.now() < endMs);
    });
    for (let number = 100; number > 0; number -= 1) {
      clock.schedule(Date.parse(START) + number * 86_400_000, WORK, number);
    }
    const moves = new ClockMoves(clock);
    const going = moves.go({ advance: 'P1Y' });
    const progress: number[] = [];
    const watch = () => {
      const { moving } = moves.state();
      if (!moving) return;
      progress.push(moving.done);
      setImmediate(watch);
    };
    setImmediate(watch);
    await expect(moves.go({ advance: 'P1D' })).rejects.toThrow('is being moved, to 2027-09-01');
    await going;
    expect(seen).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    expect(progress.length).toBeGreaterThan(2);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(moves.state()).toEqual({ now: '2027-09-01T09:00:00.000Z' });
  });

  it('can be tried again after a task has failed', async () => {
    const clock = new SimulatorClock({ startMs: Date.parse(START), frozen: true });
    clock.on(WORK, () => {
      throw new Error('broken');
    });
    clock.schedule(Date.parse(START) + 1, WORK, 0);
    const moves = new ClockMoves(clock);
    await expect(moves.go({ advance: 'P1D' })).rejects.toThrow('broken');
    await moves.go({ advance: 'P1D' });
    expect(moves.state().moving).toBeUndefined();
  });
});

describe('on the control port', () => {
  let kit: Kit;
  beforeAll(async () => {
    kit = await Kit.start({ frozen: true, startAt: START });
  });
  afterAll(() => kit.stop());
  const move = (body: unknown) => kit.send('POST', `${kit.simulator.urls.control}/clock`, { body });

  it.each([
    [{ advance: 'PT10M' }, '2026-09-01T09:10:00.000Z'],
    [{ to: '2027-01-01T01:00:00+01:00' }, '2027-01-01T00:00:00.000Z'],
    [{ advance: 'P3Y' }, '2030-01-01T00:00:00.000Z'],
    [{ advance: 'PT0S' }, '2030-01-01T00:00:00.000Z'],
  ])('%j goes there', async (body, now) => {
    expect((await move(body)).body).toEqual({ now });
  });

  it.each([
    [{ advance: 'tomorrow' }, '"tomorrow" is no ISO 8601 duration like P1D'],
    [{ to: '2020-01-01T00:00:00Z' }, 'never goes back'],
    [{ advance: 'P101Y' }, 'at most 100 years'],
    [{ advance: 'P999999Y' }, 'at most 100 years'],
    [{ to: 'soon' }, 'Invalid ISO datetime'],
    [{ to: '2040-01-01T00:00:00Z', advance: 'P1D' }, 'either {"advance"'],
    [{}, 'either {"advance"'],
  ])('%j is refused with the reason', async (body, reason) => {
    const { status, body: answer } = await move(body);
    expect(status).toBe(400);
    expect(answer.error).toContain(reason);
    expect(new Date(kit.simulator.world.clock.nowMs()).getUTCFullYear()).toBeLessThan(2031);
  });
});

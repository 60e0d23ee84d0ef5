import { describe, expect, it } from 'vitest';
import { toOperatorError } from '../../core/errors.ts';
import { markLane } from '../../core/lane.ts';
import { PartnerCenterBudget } from './budget.ts';

const list = '/v1/customers/a/subscriptions';

function world(shards = 1) {
  const clock = { ms: 1_000_000 };
  const budget = new PartnerCenterBudget({ nowMs: () => clock.ms, shards });
  /** 0: admitted. */
  const ask = (path = list, lane: 'edit' | 'resync' = 'resync'): number => {
    try {
      budget.admit(path, markLane(new AbortController().signal, lane));
      return 0;
    } catch (error) {
      const { reason, awaitsTurn, delayMs = -1 } = toOperatorError(error);
      expect({ reason, awaitsTurn }).toEqual({ reason: 'Throttled', awaitsTurn: true });
      return delayMs;
    }
  };
  const fill = (path = list): number => {
    for (let count = 0; ; count += 1) if (ask(path) !== 0) return count;
  };
  return { clock, budget, ask, fill };
}

const listOf = (customer: number): string => `/v1/customers/${customer}/subscriptions`;

/** Each comes back when it was told to. Returns how often was asked. */
function untilAllAreServed(
  clock: { ms: number },
  paths: readonly string[],
  ask: (path: string) => number,
  everyMs = 0,
): number {
  let waiting = paths.map((path, index) => ({ path, atMs: clock.ms + index * everyMs }));
  let asked = 0;
  while (waiting.length > 0) {
    clock.ms = waiting.reduce((least, { atMs }) => Math.min(least, atMs), Infinity);
    const due = waiting.filter(({ atMs }) => atMs <= clock.ms);
    waiting = waiting.filter(({ atMs }) => atMs > clock.ms);
    for (const { path } of due) {
      asked += 1;
      const delayMs = ask(path);
      if (delayMs > 0) waiting.push({ path, atMs: clock.ms + delayMs });
    }
  }
  return asked;
}

describe('the limit of Partner Center', () => {
  it('is 500 in any minute, of which 25 are for who edits now', () => {
    const { clock, ask, fill } = world();
    expect(fill()).toBe(475);
    expect(ask(list, 'edit')).toBe(0);
    clock.ms += 59_999;
    expect(ask()).toBe(1);
    clock.ms += 1;
    expect(fill()).toBeLessThanOrEqual(475);
  });

  it('is never passed in any minute, whenever the requests come', () => {
    const { clock, ask } = world();
    const sent: number[] = [];
    for (let step = 0; step < 3_000; step += 1) {
      clock.ms += (step * 7_919) % 131;
      if (ask(list, step % 3 === 0 ? 'edit' : 'resync') === 0) sent.push(clock.ms);
    }
    const most = Math.max(
      ...sent.map((at) => sent.filter((ms) => ms > at - 60_000 && ms <= at).length),
    );
    expect(most).toBeLessThanOrEqual(500);
    expect(sent.length).toBeGreaterThan(500);
  });

  it.each([
    ['/v1/customers', true],
    ['/v1/customers?size=500', true],
    ['/v1/customers/a', true],
    ['/v1/customers/a/subscriptions/b', false],
    ['/v1/customers/a/orders', false],
    ['/v1/products/P/skus/1?country=DE', false],
    ['/v1/customers/a/carts', false],
  ])('is of each resource: %s', (path, isUsedUp) => {
    const { ask, fill } = world();
    fill('/v1/customers/x');
    expect(ask(path) > 0).toBe(isUsedUp);
  });

  it('gives each list that is refused a moment of its own: 1,900 are through as fast as it goes', () => {
    const { clock, ask } = world();
    const startMs = clock.ms;
    const asked = untilAllAreServed(
      clock,
      Array.from({ length: 1_900 }, (_, customer) => listOf(customer)),
      ask,
    );
    // Four windows of 475: the last begins after three minutes.
    expect(clock.ms - startMs).toBeLessThanOrEqual(3 * 60_000 * 1.1);
    expect(asked).toBeLessThanOrEqual(2 * 1_900 + 500);
  });

  it('gives all who want one list the same moment, as one answer serves them: a night of three pools a tenant is as long as of one', () => {
    const { clock, ask } = world();
    const known = new Set<string>();
    const shared = (path: string): number => {
      const delayMs = known.has(path) ? 0 : ask(path);
      if (delayMs === 0) known.add(path);
      return delayMs;
    };
    const startMs = clock.ms;
    const pools = Array.from({ length: 5_700 }, (_, pool) => listOf(pool % 1_900));
    untilAllAreServed(clock, pools, shared);
    expect(clock.ms - startMs).toBeLessThanOrEqual(3 * 60_000 * 1.1);
  });

  it('lets nobody who comes later go before those who were given a moment', () => {
    const { clock, ask } = world();
    const startMs = clock.ms;
    const paths = Array.from({ length: 1_000 }, (_, customer) => listOf(customer));
    const asked = untilAllAreServed(clock, paths, ask, 60);
    // 475 at once, 475 a minute after each of them, the rest a minute later.
    expect(clock.ms - startMs).toBeLessThanOrEqual(125_000);
    expect(asked).toBeLessThanOrEqual(1_600);
  });

  it('is not held for somebody who does not come back', () => {
    const { clock, ask, fill } = world();
    fill();
    for (let customer = 0; customer < 300; customer += 1) ask(listOf(customer));
    clock.ms += 60_000;
    const first = fill('/v1/customers/x/subscriptions');
    clock.ms += 5_000;
    expect(first + fill('/v1/customers/x/subscriptions')).toBe(475);
  });

  it('stops where Partner Center asks to wait, and is shared by shards', () => {
    const { clock, budget, ask } = world();
    budget.pause(list, 30_000);
    expect(ask()).toBe(30_000);
    clock.ms += 30_000;
    expect(ask()).toBe(0);
    expect(world(5).fill()).toBe(95);
  });
});

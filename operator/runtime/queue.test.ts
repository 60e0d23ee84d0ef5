import * as fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeClock } from '../../hack/testing/clock.ts';
import { type ObjectKey, objectKey } from '../core/resource.ts';
import { Heap } from './heap.ts';
import type { Taken } from './lanes.ts';
import { backoffMs, Queue } from './queue.ts';

const key = (name: string): ObjectKey => objectKey('Toy', 'default', name);
const [a, b, c] = [key('a'), key('b'), key('c')];
const never = Symbol('still waiting');

let clock: FakeClock;
let queue: Queue;

beforeEach(() => {
  clock = new FakeClock();
  queue = new Queue(clock);
});

/** The next key if there is one now. */
async function now(which: Taken = 'all'): Promise<ObjectKey | symbol | undefined> {
  const abort = new AbortController();
  const next = queue.get(which, abort.signal);
  const answer = await Promise.race([next, clock.advance(0).then(() => never)]);
  abort.abort();
  return answer;
}

describe('flows of the queue', () => {
  const of = (flow: string, name: string): ObjectKey => objectKey('Toy', flow, name);
  const taken = async (count: number): Promise<readonly unknown[]> => {
    const got: unknown[] = [];
    for (let i = 0; i < count; i++) got.push(await now());
    return got;
  };

  it('take turns: ten thousand keys of one do not delay another', async () => {
    for (let i = 0; i < 10_000; i++) queue.add(of('big', String(i)), 'edit');
    queue.add(of('small', 'x'), 'edit');
    queue.add(of('small', 'y'), 'edit');
    expect(await taken(4)).toEqual([
      of('big', '0'),
      of('small', 'x'),
      of('big', '1'),
      of('small', 'y'),
    ]);
  });

  it('take turns within a lane only: an edit goes first, whosever it is', async () => {
    queue.add(of('one', 'a'), 'retry');
    queue.add(of('two', 'b'), 'resync');
    queue.add(of('one', 'c'), 'edit');
    queue.add(of('one', 'd'), 'edit');
    expect(await taken(4)).toEqual([
      of('one', 'c'),
      of('one', 'd'),
      of('one', 'a'),
      of('two', 'b'),
    ]);
  });

  it('have no more than their share in flight', async () => {
    queue = new Queue(clock, { shareMax: 2 });
    for (const name of ['a', 'b', 'c', 'd']) queue.add(of('one', name), 'edit');
    queue.add(of('two', 'x'), 'resync');
    expect(await taken(4)).toEqual([of('one', 'a'), of('one', 'b'), of('two', 'x'), never]);
    queue.done(of('one', 'b'));
    expect(await taken(2)).toEqual([of('one', 'c'), never]);
  });

  it('are held as a whole, what comes meanwhile too, and then go on', async () => {
    queue.add(of('one', 'a'), 'edit');
    queue.add(of('one', 'b'), 'edit');
    queue.add(of('two', 'x'), 'resync');
    expect(await now()).toBe(of('one', 'a'));
    queue.hold(of('one', 'a'), 30_000);
    queue.hold(of('one', 'a'), 5_000);
    queue.add(of('one', 'c'), 'edit');
    queue.done(of('one', 'a'));
    expect(await taken(2)).toEqual([of('two', 'x'), never]);
    const waiting = queue.get();
    await clock.advance(29_999);
    expect(await Promise.race([waiting, Promise.resolve(never)])).toBe(never);
    await clock.advance(1);
    expect(await waiting).toBe(of('one', 'b'));
    expect(await taken(2)).toEqual([of('one', 'c'), never]);
  });

  it('that have gone idle while held meet the hold when they come back', async () => {
    queue.hold(of('one', 'a'), 10_000);
    await clock.advance(4_000);
    queue.add(of('one', 'a'), 'edit');
    expect(await now()).toBe(never);
    await clock.advance(6_000);
    expect(await now()).toBe(of('one', 'a'));
  });

  it('go on also where the timer of the hold is early by a hair', async () => {
    class EarlyClock extends FakeClock {
      override setTimer(delayMs: number, fn: () => void) {
        return super.setTimer(delayMs - 0.4, fn);
      }
    }
    clock = new EarlyClock();
    queue = new Queue(clock);
    queue.add(of('one', 'a'), 'edit');
    queue.hold(of('one', 'a'), 500);
    await clock.advance(501);
    expect(await now()).toBe(of('one', 'a'));
  });

  it('do not mind a wall clock that is set back or forward', async () => {
    queue.add(a, 'retry', 5_000);
    clock.jump(-86_400_000);
    await clock.advance(4_999);
    expect(await now()).toBe(never);
    await clock.advance(1);
    expect(await now()).toBe(a);
    queue.add(b, 'retry', 5_000);
    clock.jump(2 * 86_400_000);
    expect(await now()).toBe(never);
  });
});

describe('the queue', () => {
  it('holds one entry per key', async () => {
    queue.add(a, 'edit');
    queue.add(a, 'edit');
    expect(await now()).toBe(a);
    queue.done(a);
    expect(await now()).toBe(never);
  });

  it('never hands out a key that is being worked on, and keeps what was added meanwhile', async () => {
    queue.add(a, 'edit');
    expect(await now()).toBe(a);
    queue.add(a, 'edit');
    expect(await now()).toBe(never);
    queue.done(a);
    expect(await now()).toBe(a);
  });

  it('keeps a delay that was asked for meanwhile', async () => {
    queue.add(a, 'edit');
    await now();
    queue.add(a, 'retry', 5_000);
    queue.done(a);
    expect(await now()).toBe(never);
    await clock.advance(5_000);
    expect(await now()).toBe(a);
  });

  it('hands out edits before dependants, retries and resyncs, first come first served in a lane', async () => {
    const order = ['resync', 'retry', 'dependant', 'edit'] as const;
    for (const lane of order) queue.add(key(`${lane}1`), lane);
    for (const lane of order) queue.add(key(`${lane}2`), lane);
    const got: unknown[] = [];
    for (let i = 0; i < 8; i++) got.push(await now());
    const expected = order.toReversed().flatMap((lane) => [key(`${lane}1`), key(`${lane}2`)]);
    expect(got).toEqual(expected);
  });

  it('raises a key that waits to the highest lane asked for, and never lowers it', async () => {
    queue.add(a, 'dependant');
    queue.add(b, 'resync');
    queue.add(b, 'edit');
    queue.add(b, 'resync');
    expect(await now()).toBe(b);
    expect(await now()).toBe(a);
  });

  it('takes the earliest time asked for', async () => {
    queue.add(a, 'retry', 60_000);
    queue.add(a, 'retry', 1_000);
    queue.add(a, 'retry', 90_000);
    await clock.advance(999);
    expect(await now()).toBe(never);
    await clock.advance(1);
    expect(await now()).toBe(a);
    queue.done(a);
    await clock.advance(100_000);
    expect(await now()).toBe(never);
  });

  it('takes the higher lane and the earlier time also where they come from two asks', async () => {
    queue.add(a, 'retry', 1_000);
    queue.add(b, 'retry', 1_000);
    queue.add(b, 'edit', 60_000);
    await clock.advance(1_000);
    expect([await now(), await now()]).toEqual([b, a]);
  });

  it('lets an edit overtake the delay of a retry', async () => {
    queue.add(a, 'retry', 60_000);
    queue.add(a, 'edit');
    expect(await now()).toBe(a);
  });

  it('keeps no delays that were overtaken, and loses none that was not', async () => {
    const pushes = vi.spyOn(Heap.prototype, 'push');
    queue.add(b, 'retry', 3_600_000);
    for (let look = 0; look < 1_000; look++) {
      queue.add(a, 'edit');
      expect(await now()).toBe(a);
      queue.done(a);
      queue.add(a, 'resync', 36_000_000 + look);
    }
    const [delayed] = pushes.mock.contexts as Heap<unknown>[];
    pushes.mockRestore();
    expect(delayed?.size).toBeLessThanOrEqual(33);
    await clock.advance(3_600_000);
    expect(await now()).toBe(b);
    await clock.advance(36_000_000);
    expect(await now()).toBe(a);
  });

  it('keeps one timer, however many keys are delayed', () => {
    for (let i = 0; i < 100; i++) queue.add(key(String(i)), 'retry', 1_000 + i);
    expect(clock.waitingUntil()).toHaveLength(1);
  });

  it('wakes one waiting worker per key', async () => {
    const first = queue.get();
    const second = queue.get();
    queue.add(a, 'edit');
    queue.add(b, 'edit');
    expect(await Promise.all([first, second])).toEqual([a, b]);
  });

  it('gives who takes edits only nothing else', async () => {
    queue.add(a, 'dependant');
    queue.add(b, 'retry');
    expect(await now('edits')).toBe(never);
    queue.add(b, 'edit');
    expect(await now('edits')).toBe(b);
    expect(await now()).toBe(a);
  });

  it('gives an edit to who takes nothing else, and to anybody where there is none', async () => {
    const [anybody, editor] = [queue.get('all'), queue.get('edits')];
    queue.add(a, 'edit');
    expect(await editor).toBe(a);
    queue.add(b, 'edit');
    expect(await anybody).toBe(b);
  });

  it('backs off further with each failure, and starts anew when forgotten', async () => {
    queue.retry(a);
    expect(queue.failures(a)).toBe(1);
    await clock.advance(1_000);
    expect(await now()).toBe(a);
    queue.retry(a);
    queue.done(a);
    await clock.advance(999);
    expect(await now()).toBe(never);
    queue.forget(a);
    expect(queue.failures(a)).toBe(0);
  });

  it.each([
    [0, 1_000],
    [3, 8_000],
    [9, 512_000],
    [10, 900_000],
    [1_000, 900_000],
  ])(
    'waits at most what %i failures in a row allow, and at least half of it',
    (failures, ceiling) => {
      expect(backoffMs(failures, 0)).toBe(ceiling / 2);
      expect(backoffMs(failures, 0.999_999_9)).toBe(ceiling);
    },
  );

  it('hands out nothing after shutdown, and waits for what was handed out', async () => {
    queue.add(a, 'edit');
    queue.add(b, 'edit');
    expect(await now()).toBe(a);
    let isDrained = false;
    const drain = async (): Promise<void> => {
      await queue.shutdown();
      isDrained = true;
    };
    const drained = drain();
    expect(await now()).toBe(undefined);
    expect(isDrained).toBe(false);
    queue.done(a);
    await drained;
    queue.add(c, 'edit');
    expect(await now()).toBe(undefined);
  });

  it('ends the wait of workers on shutdown', async () => {
    const waiting = [queue.get('all'), queue.get('edits')];
    await queue.shutdown();
    expect(await Promise.all(waiting)).toEqual([undefined, undefined]);
  });

  it('loses no key and works on none twice at once, whatever happens', async () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({
          op: fc.constant('add' as const),
          name: fc.constantFrom('a', 'b', 'c'),
          lane: fc.constantFrom('edit', 'dependant', 'retry', 'resync' as const),
          delayMs: fc.constantFrom(0, 10, 1_000),
        }),
        fc.record({ op: fc.constantFrom('get' as const, 'done' as const, 'advance' as const) }),
      ),
      { maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        clock = new FakeClock();
        queue = new Queue(clock);
        const owed = new Set<ObjectKey>();
        const working = new Set<ObjectKey>();
        const take = async (): Promise<void> => {
          const got = await now();
          if (typeof got !== 'string') return;
          expect(working.has(got)).toBe(false);
          expect(owed.delete(got)).toBe(true);
          working.add(got);
        };
        const finish = (): void => {
          const [first] = working;
          if (first === undefined) return;
          working.delete(first);
          queue.done(first);
        };
        for (const step of sequence) {
          if (step.op === 'add') {
            queue.add(key(step.name), step.lane, step.delayMs);
            owed.add(key(step.name));
          } else if (step.op === 'get') await take();
          else if (step.op === 'done') finish();
          else await clock.advance(100);
        }
        await clock.advance(10_000);
        for (let i = 0; i < 10; i++) {
          while (working.size > 0) finish();
          await take();
        }
        expect(owed.size).toBe(0);
      }),
      { numRuns: 150 },
    );
  });
});

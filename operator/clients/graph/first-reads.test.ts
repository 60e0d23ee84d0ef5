import { expect, it } from 'vitest';
import { laneOf, markLane } from '../../core/lane.ts';
import type { Lane } from '../../core/ports.ts';
import { FirstReads } from './first-reads.ts';

const atOnce = 2;

/** Readers that go on until they are told to end. */
class Readers {
  readonly reads = new FirstReads({ atOnce });
  readonly began: string[] = [];
  readonly #readers = new Map<string, object>();
  readonly #ends = new Map<string, () => void>();

  start(name: string, lane: Lane = 'retry', signal = new AbortController().signal): Promise<void> {
    const reader = { name };
    this.#readers.set(name, reader);
    const read = (): Promise<void> => {
      this.began.push(name);
      return new Promise((resolve) => {
        this.#ends.set(name, resolve);
      });
    };
    return this.reads.run(reader, read, markLane(signal, lane));
  }

  end(name: string): void {
    this.#ends.get(name)?.();
  }

  hurry(name: string): void {
    this.reads.hurry(this.#readers.get(name) ?? {});
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

it('reads so many at once, the others in their order', async () => {
  const readers = new Readers();
  const all = ['a', 'b', 'c', 'd'].map((name) => readers.start(name));
  await settled();
  expect(readers.began).toEqual(['a', 'b']);
  readers.end('b');
  await settled();
  expect(readers.began).toEqual(['a', 'b', 'c']);
  for (const name of ['a', 'c']) readers.end(name);
  await settled();
  readers.end('d');
  await Promise.all(all);
  expect(readers.began).toEqual(['a', 'b', 'c', 'd']);
});

it('lets an edit go at once, and the next when there is room again', async () => {
  const readers = new Readers();
  for (const name of ['a', 'b', 'c']) void readers.start(name);
  void readers.start('edited', 'edit');
  await settled();
  expect(readers.began).toEqual(['a', 'b', 'edited']);
  readers.end('a');
  await settled();
  expect(readers.began).toEqual(['a', 'b', 'edited']);
  readers.end('b');
  await settled();
  expect(readers.began).toEqual(['a', 'b', 'edited', 'c']);
});

it('lets one that waits go when an edit waits for it, once', async () => {
  const readers = new Readers();
  for (const name of ['a', 'b', 'c', 'd']) void readers.start(name);
  await settled();
  readers.hurry('d');
  readers.hurry('d');
  readers.hurry('unknown');
  await settled();
  expect(readers.began).toEqual(['a', 'b', 'd']);
  readers.end('d');
  readers.end('a');
  await settled();
  expect(readers.began).toEqual(['a', 'b', 'd', 'c']);
});

it('reads as an edit does when an edit waits for it', async () => {
  const readers = new Readers();
  for (const name of ['a', 'b']) void readers.start(name);
  const { signal } = new AbortController();
  void readers.start('hurried', 'retry', signal);
  await settled();
  expect(laneOf(signal)).toBe('retry');
  readers.hurry('hurried');
  expect(laneOf(signal)).toBe('edit');
});

it('gives up waiting with the signal, and makes room where a read fails', async () => {
  const reads = new FirstReads({ atOnce: 1 });
  const stop = new AbortController();
  const { signal } = new AbortController();
  let fail: (error: Error) => void = () => undefined;
  const failing = reads.run({}, () => new Promise((_, reject) => (fail = reject)), signal);
  const began: string[] = [];
  const given = reads.run({}, () => Promise.resolve(void began.push('given up')), stop.signal);
  const after = reads.run({}, () => Promise.resolve(void began.push('after')), signal);
  await settled();
  stop.abort(new Error('the operator stops'));
  await expect(given).rejects.toThrow('the operator stops');
  fail(new Error('refused'));
  await expect(failing).rejects.toThrow('refused');
  await after;
  expect(began).toEqual(['after']);
});

it('does not wait long for one that is not answered', async () => {
  const reads = new FirstReads({ atOnce: 1, slowMs: 50 });
  const { signal } = new AbortController();
  const silent = Promise.withResolvers<void>();
  const hanging = reads.run({}, () => silent.promise, signal);
  await reads.run({}, () => Promise.resolve(), signal);
  silent.resolve();
  await hanging;
  // That it ends late makes no room a second time.
  const began: string[] = [];
  const end = Promise.withResolvers<void>();
  const first = reads.run({}, () => end.promise, signal);
  const second = reads.run({}, () => Promise.resolve(void began.push('second')), signal);
  await settled();
  expect(began).toEqual([]);
  end.resolve();
  await Promise.all([first, second]);
});

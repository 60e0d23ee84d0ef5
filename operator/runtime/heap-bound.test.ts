import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { nodeOfImage } from '../../hack/build/bundle.ts';
import { HeapBound } from './heap-bound.ts';

const megabyte = 2 ** 20;

class FakeHeap {
  usedMegabytes = 0;
  collections = 0;
  readonly bound = new HeapBound({
    usedBytes: () => this.usedMegabytes * megabyte,
    collect: () => {
      this.collections += 1;
    },
  });

  /** How often all of it was collected by now. */
  withUsed(megabytes: number): number {
    this.usedMegabytes = megabytes;
    this.bound.youngCollected();
    return this.collections;
  }
}

describe('the heap', () => {
  it('is let grow to what a start needs', () => {
    const heap = new FakeHeap();
    expect([heap.withUsed(63), heap.withUsed(65)]).toEqual([0, 1]);
  });

  it.each([
    [100, 113, 115],
    [20, 63, 65],
  ])('with %i MB alive may hold %i, and not %i', (aliveMegabytes, fine, tooMuch) => {
    const heap = new FakeHeap();
    heap.usedMegabytes = aliveMegabytes;
    heap.bound.wholeCollected();
    expect([heap.withUsed(fine), heap.withUsed(tooMuch)]).toEqual([0, 1]);
  });

  it('that is alive is not collected again', () => {
    const heap = new FakeHeap();
    expect([heap.withUsed(100), heap.withUsed(100), heap.withUsed(115)]).toEqual([1, 1, 2]);
  });
});

/** Texts that are large, live for a moment, and are old by the time that they die. */
const program = `
  const [, , from] = process.argv;
  if (from !== undefined) (await import(from)).boundHeap(globalThis.gc);
  let peak = 0;
  for (let n = 0; n < 150; n += 1) {
    const text = Buffer.alloc(2 ** 20, 97).toString('latin1');
    for (let young = 0; young < 5; young += 1) Array.from({ length: 40_000 }, () => [text]);
    await new Promise((resolve) => setImmediate(resolve));
    peak = Math.max(peak, process.memoryUsage().heapUsed);
  }
  console.log(peak);
`;

async function peakMegabytes(...module: readonly string[]): Promise<number> {
  const { flags } = await nodeOfImage();
  const args = [...flags, '--input-type=module', '--eval', program, '-', ...module];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return Number(stdout) / megabyte;
}

describe('Node as the image runs it', () => {
  it('keeps what has died among the old, were it not for this', { timeout: 60_000 }, async () => {
    const file = join(import.meta.dirname, 'heap-bound.ts');
    const [unbound, bounded] = [await peakMegabytes(), await peakMegabytes(file)];
    expect(unbound).toBeGreaterThan(150);
    expect(bounded).toBeLessThan(100);
  });
});

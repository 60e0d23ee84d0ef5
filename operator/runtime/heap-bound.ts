/**
 * Has V8 look through all of its heap as soon as that has grown by a tenth. The way the image runs it (Dockerfile: nothing is
 * marked little by little) V8 does so by itself only when a place among the old objects is asked for directly, and that is
 * rare: what outlives its youth is moved there without being counted. ADR 13 has what came of that.
 */
import { constants, PerformanceObserver, type PerformanceObserverEntryList } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';

interface Heap {
  usedBytes(): number;
  /** All of it, at once: some 100 ms for 50 MB that are alive. */
  collect(): void;
}

/** https://nodejs.org/api/perf_hooks.html, "Garbage Collection ('gc') Details" (2026-11). */
type Collection = ReturnType<PerformanceObserverEntryList['getEntries']>[number] & {
  readonly detail: { readonly kind: number };
};

const megabyte = 2 ** 20;
/** Nothing is looked through before: that much V8 is given too (`--initial-old-space-size`, Dockerfile). */
const leastBytes = 64 * megabyte;
const growth = 1.1;
/** What is young is counted too, and dies by itself. */
const youngBytes = 4 * megabyte;

export class HeapBound {
  readonly #heap: Heap;
  #limitBytes = leastBytes;

  constructor(heap: Heap) {
    this.#heap = heap;
  }

  /** V8 has collected among new objects only. */
  youngCollected(): void {
    if (this.#heap.usedBytes() <= this.#limitBytes) return;
    this.#heap.collect();
    // Not when V8 tells of it: several collections are told of together, and the next may be one of before.
    this.wholeCollected();
  }

  wholeCollected(): void {
    const usedBytes = this.#heap.usedBytes();
    this.#limitBytes = Math.max(leastBytes, usedBytes * growth + youngBytes);
  }
}

function usedBytes(): number {
  return getHeapStatistics().used_heap_size;
}

/** `collect`: what `--expose-gc` gives. V8 collects among new objects after each 8 MB of them: at rest this costs nothing. */
export function boundHeap(collect: () => void): void {
  const bound = new HeapBound({ usedBytes, collect });
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { kind } = (entry as Collection).detail;
      if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) bound.wholeCollected();
      if (kind === constants.NODE_PERFORMANCE_GC_MINOR) bound.youngCollected();
    }
  });
  observer.observe({ entryTypes: ['gc'] });
}

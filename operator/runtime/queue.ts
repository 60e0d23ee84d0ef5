/**
 * The work queue, after client-go's and controller-runtime's: one entry per key, with the highest lane and the
 * earliest time asked for; a key that is being worked on is not handed out again until it is done; an add meanwhile
 * is kept for then.
 */
import type { Lane } from '../core/ports.ts';
import type { ObjectKey } from '../core/resource.ts';
import type { Clock, Timer } from './clock.ts';
import { Heap } from './heap.ts';

/** Highest first; the numbers are the `priority` label of `workqueue_depth`. */
export const lanePriority: Readonly<Record<Lane, number>> = {
  edit: 100,
  dependant: 50,
  retry: 0,
  resync: -100,
};
const lanes: readonly Lane[] = ['edit', 'dependant', 'retry', 'resync'];

const backoffBaseMs = 1_000;
const backoffMaxMs = 15 * 60_000;

/** What a queue tells about itself. */
export interface QueueObserver {
  added(lane: Lane): void;
  retried(): void;
  depth(lane: Lane, count: number): void;
  waited(ms: number): void;
  worked(ms: number): void;
}

interface Entry {
  readonly key: ObjectKey;
  lane: Lane;
  /** Not handed out before. */
  atMs: number;
  /** Since when it could be handed out; undefined while it is delayed or its key is being worked on. */
  readySinceMs: number | undefined;
}

interface Delayed {
  readonly entry: Entry;
  readonly atMs: number;
}

/** Exponential with half of it random, so that objects that failed together do not come back together. */
export function backoffMs(failures: number, random: number, baseMs = backoffBaseMs): number {
  const ceiling = Math.min(backoffMaxMs, baseMs * 2 ** Math.min(failures, 30));
  return Math.round(ceiling * (0.5 + random / 2));
}

export class Queue {
  readonly #clock: Clock;
  readonly #observer: QueueObserver | undefined;
  readonly #entries = new Map<ObjectKey, Entry>();
  readonly #ready: Readonly<Record<Lane, Set<Entry>>> = {
    edit: new Set(),
    dependant: new Set(),
    retry: new Set(),
    resync: new Set(),
  };
  readonly #delayed = new Heap<Delayed>((a, b) => a.atMs < b.atMs);
  /** Key → monotonic start. */
  readonly #processing = new Map<ObjectKey, number>();
  readonly #failures = new Map<ObjectKey, number>();
  readonly #waiters = new Set<(key: ObjectKey | undefined) => void>();
  #timer: Timer | undefined;
  #timerAtMs = Number.POSITIVE_INFINITY;
  #stopping = false;
  #drained: (() => void) | undefined;

  constructor(clock: Clock, observer?: QueueObserver) {
    this.#clock = clock;
    this.#observer = observer;
  }

  /** Keys that wait, delayed ones too. */
  get length(): number {
    return this.#entries.size;
  }

  /** Durations of what is being worked on now, for the gauges. */
  processingMs(): readonly number[] {
    const now = this.#clock.monotonicMs();
    return [...this.#processing.values()].map((startedMs) => now - startedMs);
  }

  add(key: ObjectKey, lane: Lane, delayMs = 0): void {
    if (this.#stopping) return;
    const atMs = this.#clock.nowMs() + Math.max(0, delayMs);
    const entry = this.#entries.get(key);
    if (entry === undefined) {
      this.#observer?.added(lane);
      const created: Entry = { key, lane, atMs, readySinceMs: undefined };
      this.#entries.set(key, created);
      this.#schedule(created);
      return;
    }
    const isHigher = lanePriority[lane] > lanePriority[entry.lane];
    if (!isHigher && atMs >= entry.atMs) return;
    this.#unready(entry);
    if (isHigher) entry.lane = lane;
    entry.atMs = Math.min(entry.atMs, atMs);
    this.#schedule(entry);
  }

  /** The key failed: again after a back-off that grows with each failure in a row. `baseMs` is the first wait. */
  retry(key: ObjectKey, baseMs = backoffBaseMs): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#observer?.retried();
    this.add(key, 'retry', backoffMs(failures, this.#clock.random(), baseMs));
  }

  /** Failures in a row so far. */
  failures(key: ObjectKey): number {
    return this.#failures.get(key) ?? 0;
  }

  /** The key did well, or is gone: its next failure is a first one. */
  forget(key: ObjectKey): void {
    this.#failures.delete(key);
  }

  /** The next key; `done` must follow. Undefined: the queue stops, or the signal was aborted. */
  get(signal?: AbortSignal): Promise<ObjectKey | undefined> {
    if (this.#stopping || signal?.aborted === true) return Promise.resolve(undefined);
    const entry = this.#first();
    if (entry !== undefined) return Promise.resolve(this.#hand(entry));
    return new Promise((resolve) => {
      const waiter = (key: ObjectKey | undefined): void => {
        this.#waiters.delete(waiter);
        signal?.removeEventListener('abort', onAbort);
        resolve(key);
      };
      const onAbort = (): void => waiter(undefined);
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(waiter);
    });
  }

  done(key: ObjectKey): void {
    const startedMs = this.#processing.get(key);
    if (startedMs === undefined) return;
    this.#processing.delete(key);
    this.#observer?.worked(this.#clock.monotonicMs() - startedMs);
    const entry = this.#entries.get(key);
    if (entry !== undefined && !this.#stopping) this.#schedule(entry);
    if (this.#stopping && this.#processing.size === 0) this.#drained?.();
  }

  /** Takes and hands out nothing more; resolves when every key that was handed out is done. */
  shutdown(): Promise<void> {
    this.#stopping = true;
    this.#timer?.cancel();
    for (const waiter of this.#waiters) waiter(undefined);
    if (this.#processing.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#drained = resolve;
    });
  }

  #schedule(entry: Entry): void {
    if (this.#processing.has(entry.key)) return;
    if (entry.atMs > this.#clock.nowMs()) {
      this.#delayed.push({ entry, atMs: entry.atMs });
      this.#arm();
      return;
    }
    this.#makeReady(entry);
  }

  #makeReady(entry: Entry): void {
    entry.readySinceMs = this.#clock.monotonicMs();
    this.#ready[entry.lane].add(entry);
    this.#depth(entry.lane);
    const [waiter] = this.#waiters;
    const next = waiter === undefined ? undefined : this.#first();
    if (waiter !== undefined && next !== undefined) waiter(this.#hand(next));
  }

  #unready(entry: Entry): void {
    if (!this.#ready[entry.lane].delete(entry)) return;
    entry.readySinceMs = undefined;
    this.#depth(entry.lane);
  }

  #first(): Entry | undefined {
    for (const lane of lanes) {
      const [entry] = this.#ready[lane];
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  #hand(entry: Entry): ObjectKey {
    const now = this.#clock.monotonicMs();
    this.#observer?.waited(now - (entry.readySinceMs ?? now));
    this.#unready(entry);
    this.#entries.delete(entry.key);
    this.#processing.set(entry.key, now);
    return entry.key;
  }

  /** One timer, for the soonest of the delayed entries. */
  #arm(): void {
    const soonest = this.#delayed.peek();
    if (soonest === undefined || soonest.atMs >= this.#timerAtMs) return;
    this.#timer?.cancel();
    this.#timerAtMs = soonest.atMs;
    this.#timer = this.#clock.setTimer(soonest.atMs, () => this.#fire());
  }

  #fire(): void {
    this.#timerAtMs = Number.POSITIVE_INFINITY;
    if (this.#stopping) return;
    const now = this.#clock.nowMs();
    for (let head = this.#delayed.peek(); head !== undefined; head = this.#delayed.peek()) {
      if (head.atMs > now) break;
      this.#delayed.pop();
      if (this.#isCurrent(head)) this.#makeReady(head.entry);
    }
    this.#arm();
  }

  /** False where the entry was handed out, moved to another time, or is ready already. */
  #isCurrent({ entry, atMs }: Delayed): boolean {
    return (
      this.#entries.get(entry.key) === entry &&
      entry.atMs === atMs &&
      entry.readySinceMs === undefined &&
      !this.#processing.has(entry.key)
    );
  }

  #depth(lane: Lane): void {
    this.#observer?.depth(lane, this.#ready[lane].size);
  }
}

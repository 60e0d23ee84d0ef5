/**
 * The work queue, after client-go's and controller-runtime's: one entry per key, with the highest lane and the
 * earliest time asked for; a key that is being worked on is not handed out again until it is done; an add meanwhile
 * is kept for then. Who comes first among those that may go is in lanes.ts. Times are monotonic: a wall clock that
 * jumps delays nothing.
 */
import type { Lane } from '../core/ports.ts';
import { type ObjectKey, parseKey } from '../core/resource.ts';
import { shared } from '../core/shared.ts';
import type { Clock, Timer } from './clock.ts';
import { Heap } from './heap.ts';
import { type LaneLimits, Lanes, lanePriority, type Taken } from './lanes.ts';

const backoffBaseMs = 1_000;
const backoffMaxMs = 15 * 60_000;
/** So many delays are kept at least before those that were moved or served are looked for. */
const delayedMinMax = 32;

/** What a queue tells about itself. */
export interface QueueObserver {
  added(lane: Lane): void;
  retried(): void;
  waited(ms: number): void;
  worked(ms: number): void;
}

interface Entry {
  readonly key: ObjectKey;
  readonly flow: string;
  lane: Lane;
  /** Not handed out before. */
  atMs: number;
  /** Since when it could be handed out; undefined while it is delayed or its key is being worked on. */
  readySinceMs: number | undefined;
}

/** What is being worked on. */
interface Work {
  readonly flow: string;
  readonly lane: Lane;
  readonly startedMs: number;
}

export interface QueueOptions extends LaneLimits {
  readonly observer?: QueueObserver | undefined;
  /** Whose turn a key takes: keys of one flow share it. Default: the namespace. */
  readonly flowOf?: (key: ObjectKey) => string;
}

/** How a worker that waits is given its key. */
type Give = (key: ObjectKey | undefined) => void;

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
  readonly #flowOf: (key: ObjectKey) => string;
  readonly #entries = new Map<ObjectKey, Entry>();
  readonly #ready: Lanes<Entry>;
  readonly #delayed = new Heap<Delayed>((a, b) => a.atMs < b.atMs);
  #delayedMax = delayedMinMax;
  readonly #processing = new Map<ObjectKey, Work>();
  readonly #failures = new Map<ObjectKey, number>();
  readonly #waiters: Readonly<Record<Taken, Set<Give>>> = { edits: new Set(), all: new Set() };
  readonly #holds = new Map<string, Timer>();
  #timer: Timer | undefined;
  #timerAtMs = Number.POSITIVE_INFINITY;
  #stopping = false;
  #drained: (() => void) | undefined;

  constructor(clock: Clock, options: QueueOptions = {}) {
    this.#clock = clock;
    this.#observer = options.observer;
    this.#flowOf = options.flowOf ?? ((key) => parseKey(key).namespace);
    this.#ready = new Lanes(options);
  }

  /** Keys that wait, delayed ones too. */
  get length(): number {
    return this.#entries.size;
  }

  /** Keys that may be handed out now. */
  depth(lane: Lane): number {
    return this.#ready.depth(lane);
  }

  /** Durations of what is being worked on now, for the gauges. */
  processingMs(): readonly number[] {
    const now = this.#clock.monotonicMs();
    return [...this.#processing.values()].map(({ startedMs }) => now - startedMs);
  }

  add(key: ObjectKey, lane: Lane, delayMs = 0): void {
    if (this.#stopping) return;
    // Without fractions: V8 keeps whole numbers in place, and each other one as an object.
    const atMs = Math.floor(this.#clock.monotonicMs() + Math.max(0, delayMs));
    const entry = this.#entries.get(key);
    if (entry === undefined) {
      this.#observer?.added(lane);
      const flow = shared(this.#flowOf(key));
      const created: Entry = { key, flow, lane, atMs, readySinceMs: undefined };
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

  /** Nothing of this key's flow is handed out for so long: the outside asked all of it to wait. */
  hold(key: ObjectKey, delayMs: number): void {
    const flow = this.#processing.get(key)?.flow ?? this.#flowOf(key);
    const nowMs = this.#clock.monotonicMs();
    const untilMs = this.#ready.hold(flow, nowMs + delayMs);
    const timer = this.#clock.setTimer(untilMs - nowMs, () => {
      this.#holds.delete(flow);
      // By the time that it was set for: a timer that is early by a hair must not leave the flow held for ever.
      this.#ready.release(flow, Math.max(untilMs, this.#clock.monotonicMs()));
      this.#serve();
    });
    this.#holds.get(flow)?.cancel();
    this.#holds.set(flow, timer);
  }

  /** In which lane the key was handed out; undefined: it is not being worked on. */
  laneOf(key: ObjectKey): Lane | undefined {
    return this.#processing.get(key)?.lane;
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
  get(which: Taken = 'all', signal?: AbortSignal): Promise<ObjectKey | undefined> {
    if (this.#stopping || signal?.aborted === true) return Promise.resolve(undefined);
    const entry = this.#ready.take(which);
    if (entry !== undefined) return Promise.resolve(this.#hand(entry));
    return new Promise((resolve) => {
      const waiters = this.#waiters[which];
      const give: Give = (key) => {
        waiters.delete(give);
        signal?.removeEventListener('abort', onAbort);
        resolve(key);
      };
      const onAbort = (): void => give(undefined);
      signal?.addEventListener('abort', onAbort, { once: true });
      waiters.add(give);
    });
  }

  done(key: ObjectKey): void {
    const work = this.#processing.get(key);
    if (work === undefined) return;
    this.#processing.delete(key);
    const nowMs = this.#clock.monotonicMs();
    this.#observer?.worked(nowMs - work.startedMs);
    this.#ready.done(work, nowMs);
    if (this.#stopping) {
      if (this.#processing.size === 0) this.#drained?.();
      return;
    }
    const entry = this.#entries.get(key);
    if (entry !== undefined) this.#schedule(entry);
    this.#serve();
  }

  /** Takes and hands out nothing more; resolves when every key that was handed out is done. */
  shutdown(): Promise<void> {
    this.#stopping = true;
    this.#timer?.cancel();
    for (const hold of this.#holds.values()) hold.cancel();
    for (const waiters of Object.values(this.#waiters)) for (const give of waiters) give(undefined);
    if (this.#processing.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#drained = resolve;
    });
  }

  #schedule(entry: Entry): void {
    if (this.#processing.has(entry.key)) return;
    if (entry.atMs > this.#clock.monotonicMs()) {
      this.#delay(entry);
      this.#arm();
      return;
    }
    this.#makeReady(entry);
    this.#serve();
  }

  /** A key that is looked at before its delay ends leaves one behind: in ten hours that could be hundreds of each. */
  #delay(entry: Entry): void {
    this.#delayed.push({ entry, atMs: entry.atMs });
    if (this.#delayed.size <= this.#delayedMax) return;
    this.#delayed.keep((delayed) => this.#isCurrent(delayed));
    this.#delayedMax = Math.max(delayedMinMax, 2 * this.#delayed.size);
  }

  #makeReady(entry: Entry): void {
    const nowMs = this.#clock.monotonicMs();
    entry.readySinceMs = nowMs;
    this.#ready.add(entry, nowMs);
  }

  #unready(entry: Entry): void {
    if (!this.#ready.delete(entry)) return;
    entry.readySinceMs = undefined;
  }

  /** Hands what may go to those who wait for it; an edit to who takes nothing else, where there is one. */
  #serve(): void {
    this.#serveWho('edits');
    this.#serveWho('all');
  }

  #serveWho(which: Taken): void {
    for (const give of this.#waiters[which]) {
      const entry = this.#ready.take(which);
      if (entry === undefined) return;
      give(this.#hand(entry));
    }
  }

  /** Of an entry that was just taken. */
  #hand(entry: Entry): ObjectKey {
    const startedMs = this.#clock.monotonicMs();
    this.#observer?.waited(startedMs - (entry.readySinceMs ?? startedMs));
    this.#entries.delete(entry.key);
    const { flow, lane } = entry;
    this.#processing.set(entry.key, { flow, lane, startedMs });
    return entry.key;
  }

  /** One timer, for the soonest of the delayed entries. */
  #arm(): void {
    const soonest = this.#delayed.peek();
    if (soonest === undefined || soonest.atMs >= this.#timerAtMs) return;
    this.#timer?.cancel();
    this.#timerAtMs = soonest.atMs;
    const delayMs = soonest.atMs - this.#clock.monotonicMs();
    this.#timer = this.#clock.setTimer(delayMs, () => this.#fire());
  }

  #fire(): void {
    this.#timerAtMs = Number.POSITIVE_INFINITY;
    if (this.#stopping) return;
    const nowMs = this.#clock.monotonicMs();
    for (let head = this.#delayed.peek(); head !== undefined; head = this.#delayed.peek()) {
      if (head.atMs > nowMs) break;
      this.#delayed.pop();
      if (this.#isCurrent(head)) this.#makeReady(head.entry);
    }
    this.#serve();
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
}

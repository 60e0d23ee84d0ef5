/**
 * One time for a whole simulated world, and chance from one seed. Nothing in a simulation does real input or output, so
 * one turn of the event loop runs everything that an instant starts; between two instants the time jumps.
 */
import { Heap } from '../../operator/runtime/heap.ts';

interface Instant {
  readonly atMs: number;
  readonly order: number;
  fn: (() => void) | undefined;
}

export class Timeline {
  #nowMs = Date.parse('2026-01-01T00:00:00Z');
  #order = 0;
  readonly #instants = new Heap<Instant>((a, b) =>
    a.atMs === b.atMs ? a.order < b.order : a.atMs < b.atMs,
  );

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Returns how to take it back. */
  after(delayMs: number, fn: () => void): () => void {
    this.#order += 1;
    const instant: Instant = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order, fn };
    this.#instants.push(instant);
    return () => {
      instant.fn = undefined;
    };
  }

  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await allThatIsStarted();
    for (let next = this.#instants.peek(); next !== undefined; next = this.#instants.peek()) {
      if (next.atMs > untilMs) break;
      this.#instants.pop();
      if (next.fn === undefined) continue;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.fn();
      await allThatIsStarted();
    }
    this.#nowMs = untilMs;
  }
}

function allThatIsStarted(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** A linear congruential generator: the same numbers for one seed. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed % 2 ** 32;
    this.next();
  }

  /** At least 0, below 1. */
  next(): number {
    this.#state = (this.#state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return this.#state / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }
}

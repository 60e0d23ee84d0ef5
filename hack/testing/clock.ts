/** A clock that moves only when a test says so. */
import type { Clock, Timer } from '../../operator/runtime/clock.ts';

interface Pending extends Timer {
  readonly atMs: number;
  readonly fn: () => void;
}

/** Lets promises settle and pending I/O callbacks run; costs no time. */
export async function settle(turns = 5): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}

/** Real input and output take real turns of the event loop; the fake time stands still meanwhile. */
export async function eventually(check: () => boolean): Promise<void> {
  for (let turn = 0; turn < turnsMax; turn++) {
    if (check()) return;
    await settle(1);
  }
  throw new Error(
    `it did not happen within ${String(turnsMax)} turns of the event loop: ${String(check)}`,
  );
}

const turnsMax = 100_000;

export class FakeClock implements Clock {
  /** Monotonic, as if the machine had started in 1970. */
  #nowMs: number;
  #wallOffsetMs = 0;
  #pending: Pending[] = [];
  #uuids = 0;
  #seed: number;

  constructor(start = '2026-01-01T00:00:00Z', seed = 1) {
    this.#nowMs = Date.parse(start);
    this.#seed = seed;
  }

  nowMs(): number {
    return this.#nowMs + this.#wallOffsetMs;
  }

  /** The wall clock is set to another time; timers do not mind. */
  jump(ms: number): void {
    this.#wallOffsetMs += ms;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  /** Timers that wait, soonest first: lets a test see that nothing is due. */
  waitingUntil(): readonly number[] {
    return this.#pending.map((timer) => timer.atMs).sort((a, b) => a - b);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const timer = this.setTimer(ms, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      const onAbort = (): void => {
        timer.cancel();
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  setTimer(delayMs: number, fn: () => void): Timer {
    const timer: Pending = {
      atMs: this.#nowMs + delayMs,
      fn,
      cancel: () => {
        this.#pending = this.#pending.filter((other) => other !== timer);
      },
    };
    this.#pending.push(timer);
    return timer;
  }

  /** `advance` turns the event loop. */
  nextTurn(): Promise<void> {
    return Promise.resolve();
  }

  /** A small linear congruential generator: the same numbers in every run. */
  random(): number {
    this.#seed = (this.#seed * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return this.#seed / 2 ** 32;
  }

  uuid(): string {
    this.#uuids += 1;
    return `00000000-0000-4000-8000-${String(this.#uuids).padStart(12, '0')}`;
  }

  /** Moves time forward, firing timers in order and letting what they start settle. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settle();
    for (;;) {
      const due = this.#pending.filter((timer) => timer.atMs <= untilMs);
      const next = due.reduce<Pending | undefined>(
        (soonest, timer) => (soonest === undefined || timer.atMs < soonest.atMs ? timer : soonest),
        undefined,
      );
      if (next === undefined) break;
      next.cancel();
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.fn();
      await settle();
    }
    this.#nowMs = untilMs;
    await settle();
  }
}

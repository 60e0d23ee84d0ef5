/**
 * A simulated process as the operator's code meets it: its clock, and whether it lives. A crash is that nothing is ever
 * delivered to it again; a pause (SIGSTOP, a frozen machine) that everything comes at once when it goes on, timers
 * first or answers first, because an event loop promises neither.
 */
import type { Clock, Timer } from '../../operator/runtime/clock.ts';
import type { Chance, Timeline } from './timeline.ts';

interface Held {
  readonly isTimer: boolean;
  readonly fn: () => void;
}

export class SimProcess implements Clock {
  readonly identity: string;
  readonly #timeline: Timeline;
  readonly #chance: Chance;
  readonly #onDeath: () => void;
  #wallOffsetMs: number;
  #isDead = false;
  #held: Held[] | undefined;
  #isResuming = false;
  #uuids = 0;
  #disturbance: { sends: number; readonly disturb: () => void } | undefined;
  #isCalm = false;

  constructor(
    identity: string,
    world: { readonly timeline: Timeline; readonly chance: Chance; readonly wallOffsetMs: number },
    onDeath: () => void,
  ) {
    this.identity = identity;
    this.#timeline = world.timeline;
    this.#chance = world.chance;
    this.#wallOffsetMs = world.wallOffsetMs;
    this.#onDeath = onDeath;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  kill(): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.#held = undefined;
    this.#onDeath();
  }

  pause(): void {
    if (!this.#isDead) this.#held ??= [];
  }

  /** What is overdue comes turn by turn; what comes meanwhile, comes after: an event loop has its phases. */
  resume(): void {
    if (this.#held === undefined || this.#isResuming) return;
    this.#isResuming = true;
    const isTimersFirst = this.#chance.next() < 0.5;
    const next = (): void => {
      const held = this.#held ?? [];
      const first = held.findIndex(({ isTimer }) => isTimer === isTimersFirst);
      const [item] = held.splice(Math.max(0, first), 1);
      if (item === undefined) {
        this.#held = undefined;
        this.#isResuming = false;
      } else {
        item.fn();
        this.#timeline.after(0, next);
      }
    };
    next();
  }

  jump(ms: number): void {
    this.#wallOffsetMs += ms;
  }

  /** In the so-many-th call from now to anything outside of it. */
  disturbAfterSends(sends: number, disturb: () => void): void {
    this.#disturbance = { sends, disturb };
  }

  /** To be asked at each call: what is to happen to this process in it. */
  disturbance(): (() => void) | undefined {
    if (this.#disturbance === undefined) return undefined;
    this.#disturbance.sends -= 1;
    if (this.#disturbance.sends > 0) return undefined;
    const { disturb } = this.#disturbance;
    this.#disturbance = undefined;
    return () => {
      if (!this.#isCalm) disturb();
    };
  }

  /** Nothing disturbs it any more, neither what is to come nor what a call that is on its way has in it. */
  calm(): void {
    this.#isCalm = true;
    this.#disturbance = undefined;
    this.resume();
  }

  /** Something from outside: now, when it goes on, or never. */
  deliver(fn: () => void): void {
    this.#run(false, fn);
  }

  nowMs(): number {
    return this.#timeline.nowMs + this.#wallOffsetMs;
  }

  monotonicMs(): number {
    return this.#timeline.nowMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const onAbort = (): void => {
        timer.cancel();
        reject(signal?.reason as Error);
      };
      const timer = this.setTimer(ms, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  setTimer(delayMs: number, fn: () => void): Timer {
    let isCancelled = false;
    const fire = (): void => {
      if (!isCancelled) fn();
    };
    const cancel = this.#timeline.after(delayMs, () => this.#run(true, fire));
    return {
      cancel: () => {
        isCancelled = true;
        cancel();
      },
    };
  }

  nextTurn(): Promise<void> {
    return this.sleep(0);
  }

  random(): number {
    return this.#chance.next();
  }

  uuid(): string {
    this.#uuids += 1;
    return `${this.identity}-${String(this.#uuids)}`;
  }

  #run(isTimer: boolean, fn: () => void): void {
    if (this.#isDead) return;
    if (this.#held === undefined) fn();
    else this.#held.push({ isTimer, fn });
  }
}

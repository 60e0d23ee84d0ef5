/**
 * Between a process and what it calls: time that passes, and faults. A request that is on its way arrives also where its
 * sender died, was paused or gave up meanwhile; whether an answer comes is another matter.
 */
import type { SimProcess } from './process.ts';
import type { Chance, Timeline } from './timeline.ts';

export type FaultKind = 'refused' | 'busy' | 'lostBefore' | 'lostAfter' | 'silent' | 'terminal';

export interface Fault {
  /** Beginning of the routes that it hits: `PATCH toys`, `world create`. */
  readonly on: string;
  readonly kind: FaultKind;
  times: number;
}

export interface Call<T> {
  readonly process: SimProcess;
  readonly route: string;
  readonly signal?: AbortSignal | undefined;
  /** A silent other side is given up after so long. */
  readonly timeoutMs: number;
  /** What happens at the other side. */
  readonly commit: () => T;
  readonly errorOf: (kind: FaultKind | 'timeout') => Error;
}

/** Far below the five seconds that a lease leaves for what is under way. */
const latencyMaxMs = 400;
/** How often nothing takes time: those histories find what needs no race. */
const promptShare = 0.6;

export class Network {
  readonly timeline: Timeline;
  readonly #chance: Chance;
  readonly faults: Fault[] = [];
  /** The API server is down for so long: it refuses, or it says nothing. */
  #downUntilMs = Number.NEGATIVE_INFINITY;
  #downAs: 'lostBefore' | 'silent' = 'lostBefore';
  /** Calls by route, to bound them. */
  readonly calls = new Map<string, number>();

  constructor(timeline: Timeline, chance: Chance) {
    this.timeline = timeline;
    this.#chance = chance;
  }

  get isDown(): boolean {
    return this.timeline.nowMs < this.#downUntilMs;
  }

  takeDown(ms: number, as: 'lostBefore' | 'silent'): void {
    this.#downUntilMs = this.timeline.nowMs + ms;
    this.#downAs = as;
  }

  heal(): void {
    this.faults.length = 0;
    this.#downUntilMs = Number.NEGATIVE_INFINITY;
  }

  call<T>(call: Call<T>): Promise<T> {
    const { process, route, signal } = call;
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    if (process.isDead) return promise;
    this.calls.set(route, (this.calls.get(route) ?? 0) + 1);
    const disturb = process.disturbance();
    if (disturb !== undefined && this.#chance.next() < 0.5) {
      disturb();
      // It died before it could send.
      if (isOver(process)) return promise;
    }
    const answers = answersOf(process, signal, { resolve, reject });
    const fault = this.#faultOf(route);
    const arrive = (): void => this.#arrive(call, fault, answers, disturb);
    this.#later(arrive);
    return promise;
  }

  #arrive<T>(
    { commit, errorOf, timeoutMs }: Call<T>,
    fault: FaultKind | undefined,
    answers: Answers<T>,
    disturb: (() => void) | undefined,
  ): void {
    const isCommitted = fault === undefined || fault === 'lostAfter';
    const outcome = isCommitted ? outcomeOf(commit) : undefined;
    disturb?.();
    if (fault === undefined && outcome !== undefined) {
      this.#later(() => {
        if ('value' in outcome) answers.resolve(outcome.value);
        else answers.reject(outcome.error);
      });
    } else if (fault === 'silent') {
      this.timeline.after(timeoutMs, () => answers.reject(errorOf('timeout')));
    } else {
      this.#later(() => answers.reject(errorOf(fault ?? 'lostAfter')));
    }
  }

  #faultOf(route: string): FaultKind | undefined {
    const index = this.faults.findIndex(({ on }) => route.startsWith(on));
    const fault = this.faults[index];
    if (fault !== undefined) {
      fault.times -= 1;
      if (fault.times <= 0) this.faults.splice(index, 1);
      return fault.kind;
    }
    return this.isDown && !route.startsWith('world') ? this.#downAs : undefined;
  }

  #later(fn: () => void): void {
    if (this.#chance.next() < promptShare) queueMicrotask(fn);
    else this.timeline.after(this.#chance.below(latencyMaxMs), fn);
  }
}

interface Answers<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/** The sender hears of an answer only while it lives, and gives up at once where its signal says so. */
function answersOf<T>(
  process: SimProcess,
  signal: AbortSignal | undefined,
  { resolve, reject }: Answers<T>,
): Answers<T> {
  const onAbort = (): void => reject(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  const settle = (fn: () => void): void =>
    process.deliver(() => {
      signal?.removeEventListener('abort', onAbort);
      fn();
    });
  return {
    resolve: (value) => settle(() => resolve(value)),
    reject: (error) => settle(() => reject(error)),
  };
}

/** Asked anew, where the compiler holds on to what it knew. */
function isOver({ isDead }: SimProcess): boolean {
  return isDead;
}

function outcomeOf<T>(commit: () => T): { readonly value: T } | { readonly error: unknown } {
  try {
    return { value: commit() };
  } catch (error) {
    return { error };
  }
}

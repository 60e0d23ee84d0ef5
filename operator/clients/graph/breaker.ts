/**
 * Leaves a service of one tenant alone for a while after several failures in a row (no answer, or an error of its own):
 * thousands of objects would each find out for themselves. After the pause one request goes ahead of the others; they
 * follow when it was answered. What Graph refuses with a reason is an answer.
 */
import { type OperatorError, wait } from '../../core/errors.ts';
import type { Cost } from './cost.ts';

type Service = Cost['service'];

interface State {
  /** In a row. */
  failures: number;
  /** Nothing goes before. */
  closedUntilMs: number;
}

/** A request that fails was repeated twice already (retry.ts). */
const failuresMax = 5;
const firstPauseMs = 10_000;
const longestPauseMs = 5 * 60_000;

export class Breaker {
  readonly #nowMs: () => number;
  readonly #states = new Map<Service, State>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Throws Wait `GraphUnavailable` while the service is left alone. */
  admit(service: Service): void {
    const state = this.#states.get(service);
    if (state === undefined || state.failures < failuresMax) return;
    const nowMs = this.#nowMs();
    if (nowMs < state.closedUntilMs) throw leftAlone(state.closedUntilMs - nowMs);
    // This one tries, and counts as a failure until it is answered.
    state.failures += 1;
    state.closedUntilMs = nowMs + pauseMs(state.failures);
  }

  /** `unknown`: it was cut off, or not sent, which says nothing of the service. */
  note(service: Service, outcome: 'answered' | 'failed' | 'unknown'): void {
    if (outcome === 'unknown') return;
    if (outcome === 'answered') {
      this.#states.delete(service);
      return;
    }
    const state = this.#states.get(service) ?? { failures: 0, closedUntilMs: 0 };
    this.#states.set(service, state);
    // Those that were under way when it began say nothing new.
    if (state.failures >= failuresMax) return;
    state.failures += 1;
    if (state.failures === failuresMax) state.closedUntilMs = this.#nowMs() + firstPauseMs;
  }
}

function pauseMs(failures: number): number {
  return Math.min(longestPauseMs, firstPauseMs * 2 ** (failures - failuresMax));
}

function leftAlone(delayMs: number): OperatorError {
  return wait('Graph has failed several times in a row for this tenant and is left alone', {
    reason: 'GraphUnavailable',
    delayMs: Math.ceil(delayMs),
    holdsFlow: true,
  });
}

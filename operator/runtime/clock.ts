/** Time and randomness: the only file of the program that touches the process' own. */
import { randomUUID } from 'node:crypto';
import { setImmediate as nextImmediate, setTimeout as sleepFor } from 'node:timers/promises';

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since 1970, as the wall clock says. */
  nowMs(): number;
  /** Milliseconds that only ever grow: for durations and leases, where a moved wall clock must not count. */
  monotonicMs(): number;
  /** Rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `fn` once, after so long (a wall clock that jumps does not matter), or as soon as possible. */
  setTimer(delayMs: number, fn: () => void): Timer;
  /** Resolves in the next turn of the event loop: what has come in from outside by now goes first. */
  nextTurn(): Promise<void>;
  /** At least 0, below 1. */
  random(): number;
  uuid(): string;
}

/** A longer setTimeout fires at once: https://nodejs.org/api/timers.html (2026-11). */
const timerMaxMs = 2 ** 31 - 1;

function setSystemTimer(delayMs: number, fn: () => void): Timer {
  const atMs = performance.now() + delayMs;
  let handle: NodeJS.Timeout;
  const arm = (): void => {
    const leftMs = atMs - performance.now();
    if (leftMs <= 0) fn();
    else wait(leftMs);
  };
  const wait = (ms: number): void => {
    // Looked at again when it fires: a timer of Node may be a fraction of a millisecond early, and that is too early.
    handle = setTimeout(arm, Math.min(Math.ceil(ms), timerMaxMs));
    handle.unref();
  };
  wait(Math.max(0, delayMs));
  return { cancel: () => clearTimeout(handle) };
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) => sleepFor(Math.min(Math.max(0, ms), timerMaxMs), undefined, { signal }),
  setTimer: setSystemTimer,
  nextTurn: () => nextImmediate(),
  random: () => Math.random(),
  uuid: () => randomUUID(),
};

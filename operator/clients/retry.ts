/**
 * Quick repeats of what is safe to repeat: a look of many reads must not fail as a whole over one hiccup. Everything
 * else, and every longer wait, is the queue's, where it can be seen.
 */
import { toOperatorError } from '../core/errors.ts';
import { type HttpResponse, isSafe, retryAfterMs, type Transport } from './http.ts';

export interface Retries {
  readonly nowMs: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** 0 ≤ x < 1 */
  readonly random: () => number;
}

const retriesMax = 2;
const baseDelayMs = 200;
/** A service that asks for more is left alone for so long. */
const longestWaitMs = 2_000;
/** Timers may fire a little before their time. */
const timerSlackMs = 2;
const passing = new Set([408, 429, 500, 502, 503, 504]);

export interface Outcome {
  /** Undefined: there was no answer. */
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
}

/** Which failure, at which attempt (from 0): so long until the next try; undefined: no word on it. Pure. */
export type RetryStrategy = (
  outcome: Outcome,
  attempt: number,
  random: number,
) => number | undefined;

/** No answer, or an error of the service's own. */
const hiccup: RetryStrategy = ({ status, retryAfterMs: asked }, attempt, random) => {
  const isHiccup = status === undefined || (passing.has(status) && status !== 429);
  if (!isHiccup || asked !== undefined) return undefined;
  return baseDelayMs * 2 ** attempt * (0.5 + random / 2);
};

/** The service asks for a moment. */
const moment: RetryStrategy = ({ status, retryAfterMs: asked }) => {
  if (status === undefined || !passing.has(status) || asked === undefined) return undefined;
  return asked <= longestWaitMs ? asked + timerSlackMs : undefined;
};

/** What is used up comes back to nobody who waits in place. */
const unlessThrottled: RetryStrategy = (outcome, attempt, random) =>
  outcome.status === 429 ? undefined : moment(outcome, attempt, random);

export const quickRetries: readonly RetryStrategy[] = [hiccup, moment];
/** For services whose quotas we keep ourselves (graph/budget.ts). */
export const budgetedRetries: readonly RetryStrategy[] = [hiccup, unlessThrottled];

/** How long to wait before the next try; undefined: no further try. Pure. */
export function retryMs(
  strategies: readonly RetryStrategy[],
  outcome: Outcome,
  attempt: number,
  random: number,
): number | undefined {
  if (attempt >= retriesMax) return undefined;
  for (const strategy of strategies) {
    const ms = strategy(outcome, attempt, random);
    if (ms !== undefined) return ms;
  }
  return undefined;
}

export function withRetries(transport: Transport, retries: Retries): Transport {
  return async (httpRequest) =>
    isSafe(httpRequest)
      ? repeat(() => transport(httpRequest), httpRequest.signal, retries, quickRetries)
      : transport(httpRequest);
}

/** Tries until an answer stands or no strategy wants another try. For what is safe to repeat only. */
export async function repeat(
  attemptOne: () => Promise<HttpResponse>,
  signal: AbortSignal,
  retries: Retries,
  strategies: readonly RetryStrategy[],
): Promise<HttpResponse> {
  for (let attempt = 0; ; attempt += 1) {
    const result = await attemptOnce(attemptOne, signal);
    const outcome = outcomeOf(result, retries.nowMs());
    const delayMs = retryMs(strategies, outcome, attempt, retries.random());
    if (delayMs === undefined) {
      if ('error' in result) throw result.error;
      return result.response;
    }
    await retries.sleep(delayMs, signal);
  }
}

type Result = { readonly response: HttpResponse } | { readonly error: unknown };

async function attemptOnce(
  attemptOne: () => Promise<HttpResponse>,
  signal: AbortSignal,
): Promise<Result> {
  try {
    return { response: await attemptOne() };
  } catch (error) {
    signal.throwIfAborted();
    if (toOperatorError(error).reason !== 'ConnectionFailed') throw error;
    return { error };
  }
}

function outcomeOf(result: Result, nowMs: number): Outcome {
  if ('error' in result) return { status: undefined, retryAfterMs: undefined };
  const { status, headers } = result.response;
  return { status, retryAfterMs: retryAfterMs(headers['retry-after'], nowMs) };
}

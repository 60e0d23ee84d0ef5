/**
 * Quick repeats of what is safe to repeat: a look of many reads must not fail as a whole over one hiccup. Everything
 * else, and every longer wait, is the queue's, where it can be seen.
 */
import { toOperatorError } from '../core/errors.ts';
import {
  type HttpRequest,
  type HttpResponse,
  isSafe,
  retryAfterMs,
  type Transport,
} from './http.ts';

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
const passing = new Set([408, 429, 500, 502, 503, 504]);

export interface Outcome {
  /** Undefined: there was no answer. */
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
}

/** How long to wait before the next try; undefined: no further try. Pure. */
export function quickRetryMs(
  attempt: number,
  outcome: Outcome,
  random: number,
): number | undefined {
  if (attempt >= retriesMax) return undefined;
  if (outcome.status !== undefined && !passing.has(outcome.status)) return undefined;
  const asked = outcome.retryAfterMs;
  if (asked === undefined) {
    // Throttled without a word on how long: not a matter of milliseconds.
    return outcome.status === 429 ? undefined : baseDelayMs * 2 ** attempt * (0.5 + random / 2);
  }
  return asked <= longestWaitMs ? asked : undefined;
}

export function withRetries(transport: Transport, retries: Retries): Transport {
  return async (httpRequest) => {
    if (!isSafe(httpRequest)) return transport(httpRequest);
    for (let attempt = 0; ; attempt += 1) {
      const result = await attemptOnce(transport, httpRequest);
      const outcome = outcomeOf(result, retries.nowMs());
      const delayMs = quickRetryMs(attempt, outcome, retries.random());
      if (delayMs === undefined) {
        if ('error' in result) throw result.error;
        return result.response;
      }
      await retries.sleep(delayMs, httpRequest.signal);
    }
  };
}

type Result = { readonly response: HttpResponse } | { readonly error: unknown };

async function attemptOnce(transport: Transport, httpRequest: HttpRequest): Promise<Result> {
  try {
    return { response: await transport(httpRequest) };
  } catch (error) {
    httpRequest.signal.throwIfAborted();
    if (toOperatorError(error).reason !== 'ConnectionFailed') throw error;
    return { error };
  }
}

function outcomeOf(result: Result, nowMs: number): Outcome {
  if ('error' in result) return { status: undefined, retryAfterMs: undefined };
  const { status, headers } = result.response;
  return { status, retryAfterMs: retryAfterMs(headers['retry-after'], nowMs) };
}

/**
 * Graph's answers, as plain reasons (error-table.ts). A 400 that no row knows stays unclassified and is never retried hot.
 * Source: graph.md 0.3 and 10 (2026-11-24).
 */

import * as z from 'zod';
import { OperatorError } from '../../core/errors.ts';
import { quotable } from '../../core/quote.ts';
import { type HttpResponse, parseJson, retryAfterMs } from '../http.ts';
import { throttledMessage } from './budget.ts';
import { denialOf } from './denials.ts';
import { graphErrors, type Row } from './error-table.ts';

/** Shapes vary (graph.md 0.2): only what is used is read, and null means absent. */
const Code = z.string().nullish().catch(undefined);
const Inner = z.object({ code: Code }).nullish().catch(undefined);
const ErrorBody = z.object({
  error: z.object({
    code: Code,
    message: z
      .union([z.string(), z.object({ value: z.string() }).transform((o) => o.value)])
      .nullish()
      .catch(undefined),
    innerError: Inner,
    innererror: Inner,
  }),
});

export interface GraphFailure {
  readonly status: number;
  readonly code: string;
  /** Graph's own words: for matching and for the log, not for conditions. */
  readonly text: string;
  readonly error: OperatorError;
}

/** `operation`: of the call, as metrics name it. */
export function toFailure(response: HttpResponse, nowMs: number, operation: string): GraphFailure {
  const { status, headers } = response;
  const { code, text, inner } = wordsOf(response);
  const row =
    throttled(response, nowMs) ??
    matchCode(inner) ??
    match(status, code, text) ??
    fallback(status, text);
  const requestId = headers['request-id'];
  const denial = row.reason === 'PermissionDenied' ? denialOf(operation) : undefined;
  const error = new OperatorError(row.class, denial ?? row.message, {
    reason: row.reason,
    ...(row.delayMs === undefined ? {} : { delayMs: row.delayMs }),
    // The budget that is used up is the customer's, not the object's.
    holdsFlow: row.reason === 'Throttled',
    ...(requestId === undefined ? {} : { requestId }),
    cause: new Error(`Graph answered ${status} ${code}: ${text}`),
  });
  return { status, code, text, error };
}

/** What the body says, as far as it is read; empty where it says nothing. */
function wordsOf(response: HttpResponse): { code: string; text: string; inner: string } {
  const body = ErrorBody.safeParse(parseJson(response.text)).data?.error;
  if (body === undefined) return { code: '', text: '', inner: '' };
  const { code, message, innerError, innererror } = body;
  const inner = (innerError ?? innererror)?.code;
  return { code: code ?? '', text: message ?? '', inner: inner ?? '' };
}

function match(status: number, code: string, text: string): Row | undefined {
  return graphErrors.find(
    (row) =>
      (row.status === undefined || row.status === status) &&
      (row.code === undefined || row.code === code) &&
      (row.text === undefined || row.text.test(text)),
  );
}

/** The innermost code that is known says most. */
function matchCode(code: string): Row | undefined {
  return graphErrors.find((row) => row.status === undefined && row.code === code);
}

function throttled(response: HttpResponse, nowMs: number): Row | undefined {
  if (response.status !== 429 && response.status !== 503) return undefined;
  const asked = retryAfterMs(response.headers['retry-after'], nowMs);
  if (response.status === 503 && asked === undefined) return undefined;
  return {
    class: 'Wait',
    reason: 'Throttled',
    message: throttledMessage,
    delayMs: asked ?? 10_000,
  };
}

function fallback(status: number, text: string): Row {
  // 501 is said of the request, and stays so.
  const isPassing = status >= 500 && status !== 501;
  if (isPassing || status === 408 || status === 425) {
    return {
      class: 'Transient',
      reason: 'GraphUnavailable',
      message: 'Graph has an error of its own; the operator tries again',
    };
  }
  return {
    class: 'Terminal',
    reason: 'InvalidRequest',
    message: `Graph refuses the request: ${quotable(text)}`,
  };
}

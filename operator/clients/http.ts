/** One HTTP exchange with a Microsoft service: timed, counted, with a deadline. Repeats are in retry.ts. */
import { createSecureContext } from 'node:tls';
import { Agent } from 'undici';
import type * as z from 'zod';
import { transient } from '../core/errors.ts';
import { laneOf } from '../core/lane.ts';
import { type MayWrite, requireLeadership } from '../core/leadership.ts';
import { Connections } from '../http/connections.ts';
import { exchange } from '../http/exchange.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal: AbortSignal;
  /** Name for metrics: constant per call, no ids. */
  readonly operation: string;
  /** A POST that changes nothing, or the same thing only. */
  readonly isSafeToRepeat?: boolean;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export type Transport = (httpRequest: HttpRequest) => Promise<HttpResponse>;

/** Called once an exchange: `code` is the HTTP status, or `error` where there was no answer. */
export type ObserveExchange = (exchange: {
  readonly system: string;
  readonly operation: string;
  readonly code: string;
  readonly seconds: number;
}) => void;

export interface TransportOptions {
  readonly system: string;
  readonly nowMs: () => number;
  readonly observe: ObserveExchange;
  readonly mayWrite: MayWrite;
}

/** Microsoft's services answer within a minute or not at all. */
const deadlineMs = 60_000;

/**
 * Longer than from poll to poll, each of which would begin with handshakes; Graph closes what is idle after two minutes
 * (https://github.com/microsoftgraph/msgraph-sdk-javascript/issues/455, read 2026-11-29).
 */
const keepAliveMs = 90_000;

/** To each service. One takes 0.3 MB; more would only wait for Microsoft's quotas. */
const connectionsMax = 20;

/** For all services, once there is a first call. */
let connections: Connections | undefined;

function createConnections(): Connections {
  const options = {
    keepAliveTimeout: keepAliveMs,
    // HTTP/1.1, where a cut connection ends one call, at once.
    pipelining: 1,
    allowH2: false,
    // One for all connections: Node would make each its own.
    connect: { secureContext: createSecureContext() },
  };
  return new Connections(connectionsMax, (max) => new Agent({ ...options, connections: max }));
}

export function createTransport(options: TransportOptions): Transport {
  return async (httpRequest) => {
    if (!isSafe(httpRequest)) requireLeadership(options.mayWrite);
    const started = options.nowMs();
    const done = (code: string): void => {
      const seconds = (options.nowMs() - started) / 1000;
      options.observe({ system: options.system, operation: httpRequest.operation, code, seconds });
    };
    try {
      const response = await send(httpRequest);
      done(String(response.status));
      return response;
    } catch (error) {
      done('error');
      httpRequest.signal.throwIfAborted();
      throw transient(`${options.system} did not answer; the operator tries again`, {
        reason: 'ConnectionFailed',
        cause: error,
      });
    }
  };
}

/** It changes nothing, or the same thing only. */
export function isSafe({ method, isSafeToRepeat }: HttpRequest): boolean {
  return method === 'GET' || method === 'HEAD' || isSafeToRepeat === true;
}

async function send({ method, url, headers, body, signal }: HttpRequest): Promise<HttpResponse> {
  const { origin, pathname, search } = new URL(url);
  const call = {
    origin,
    path: pathname + search,
    method,
    headers,
    body: body ?? null,
    headersTimeout: deadlineMs,
    bodyTimeout: deadlineMs,
  };
  connections ??= createConnections();
  const pool = connections.poolFor(origin, { isUrgent: laneOf(signal) === 'edit' });
  const answer = await exchange(pool, call, signal);
  const single: Record<string, string> = {};
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined) single[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return { ...answer, headers: single };
}

/** Seconds (fractions allowed) or an HTTP date, as milliseconds from now; undefined where absent or unreadable. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const ms = Date.parse(header) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** Parsed JSON, or undefined where the text is empty or no JSON (a gateway's page). */
export function parseJson(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What is there in the form that is expected. `what`: in words. Throws Transient `UnexpectedAnswer`. */
export function expectForm<T extends z.ZodType>(
  schema: T,
  value: unknown,
  what: string,
): z.output<T> {
  const { success, data, error: cause } = schema.safeParse(value);
  if (success) return data;
  const message = `${what} does not have the expected form`;
  throw transient(message, { reason: 'UnexpectedAnswer', cause });
}

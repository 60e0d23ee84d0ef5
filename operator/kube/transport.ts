/** Requests to the API server over pooled connections. Knows HTTP and metav1.Status, no kind. */

import type { Readable } from 'node:stream';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import { Agent, type Dispatcher, errors, ProxyAgent } from 'undici';
import { laneOf } from '../core/lane.ts';
import { Connections } from '../http/connections.ts';
import { type Answer, exchange } from '../http/exchange.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Metrics } from '../runtime/metrics.ts';
import type { Credentials, Endpoint } from './endpoint.ts';
import { KubeError } from './errors.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export const mergePatch = 'application/merge-patch+json';
export const jsonPatch = 'application/json-patch+json';

interface RequestOptions {
  readonly query?: Query;
  readonly body?: unknown;
  /** Default `application/json`. */
  readonly contentType?: string;
  readonly accept?: string;
  readonly signal?: AbortSignal | undefined;
  /** Without an answer for so long the request fails. Default 30 s. */
  readonly timeoutMs?: number;
  /** Sent again after a lost connection. Default: GET only. */
  readonly isRepeatable?: boolean;
  /** Asked at each send: a process that was paused may have lost the right meanwhile. */
  readonly maySend?: () => boolean;
}

/** What the rest of this folder asks of a transport. */
export type ApiClient = Pick<KubeTransport, 'request' | 'stream' | 'close'>;

interface TransportDeps {
  readonly clock: Clock;
  readonly metrics: Pick<
    Metrics,
    'restRequests' | 'restSeconds' | 'restRequestBytes' | 'restResponseBytes'
  >;
}

/** Requests in flight at once; more wait here rather than in the API server's priority queues. Each takes 0.3 MB. */
const connectionsMax = 12;
const timeoutDefaultMs = 30_000;
/** Files and plug-ins are asked for new credentials no more often than this. */
const credentialsMaxAgeMs = 30_000;
/** Sends of one request in all. */
const sendsMax = 5;
const retryBaseMs = 100;
/** Below the idle time-out of common load balancers, as client-go has it. */
const keepAliveProbeMs = 30_000;
const retryAfterMaxMs = 30_000;

interface Pools {
  readonly requests: Connections;
  /** Watches hold a connection each; they must not take those of requests. */
  readonly watches: Dispatcher;
}

export class KubeTransport {
  readonly #endpoint: Endpoint;
  readonly #clock: Clock;
  readonly #metrics: TransportDeps['metrics'];
  readonly #origin: string;
  readonly #prefix: string;
  readonly #host: string;
  #credentials: Promise<Credentials> | undefined;
  #credentialsAtMs = Number.NEGATIVE_INFINITY;
  #pools: Pools | undefined;

  constructor(endpoint: Endpoint, deps: TransportDeps) {
    const url = new URL(endpoint.server);
    this.#endpoint = endpoint;
    this.#clock = deps.clock;
    this.#metrics = deps.metrics;
    this.#origin = url.origin;
    this.#prefix = url.pathname.replace(/\/$/, '');
    this.#host = url.host;
  }

  /** The parsed body of a 2xx answer; everything else is a KubeError, or the signal's reason. */
  async request<T>(method: Method, path: string, options: RequestOptions = {}): Promise<T> {
    for (let sends = 1; ; sends++) {
      try {
        requireRight(options);
        return JSON.parse(await this.#send(method, path, options)) as T;
      } catch (thrown) {
        options.signal?.throwIfAborted();
        const error = asKubeError(thrown);
        const isRepeatable = options.isRepeatable ?? method === 'GET';
        const waitMs = sends < sendsMax ? this.#retryMs(error, sends, isRepeatable) : undefined;
        if (waitMs === undefined) throw error;
        await this.#clock.sleep(waitMs, options.signal);
      }
    }
  }

  /** The body of a watch, as it comes. Never sent twice: its caller knows from where to go on. */
  async stream(path: string, options: RequestOptions): Promise<Readable> {
    try {
      return await this.#open(path, options);
    } catch (thrown) {
      options.signal?.throwIfAborted();
      throw asKubeError(thrown);
    }
  }

  async close(): Promise<void> {
    const pools = this.#pools;
    this.#pools = undefined;
    await Promise.all([pools?.requests.destroy(), pools?.watches.destroy()]);
  }

  /** The text of a 2xx answer. */
  async #send(method: Method, path: string, options: RequestOptions): Promise<string> {
    const { pools, call } = await this.#callOf(method, path, options);
    const body = this.#encode(options.body, method);
    const isUrgent = options.signal !== undefined && laneOf(options.signal) === 'edit';
    const pool = pools.requests.poolFor(this.#origin, { isUrgent });
    const answer = await this.#counted(method, method, () =>
      exchange(pool, { ...call, body }, options.signal),
    );
    if (answer.status >= 300) throw this.#refused(answer);
    this.#metrics.restResponseBytes.observe({ verb: method, host: this.#host }, answer.text.length);
    return answer.text;
  }

  /** The body of a 2xx answer, as it comes. */
  async #open(path: string, options: RequestOptions): Promise<Readable> {
    const { pools, call } = await this.#callOf('GET', path, options);
    this.#encode(undefined, 'WATCH');
    const { status, headers, body } = await this.#counted('GET', 'WATCH', async () => {
      const watch = { ...call, signal: options.signal ?? null, bodyTimeout: 0 };
      const { statusCode, ...response } = await pools.watches.request(watch);
      return { ...response, status: statusCode };
    });
    if (status >= 300) throw this.#refused({ status, headers, text: await body.text() });
    return body;
  }

  async #callOf(method: Method, path: string, options: RequestOptions) {
    const { pools, headers } = await this.#connect();
    const timeoutMs = options.timeoutMs ?? timeoutDefaultMs;
    const call = {
      origin: this.#origin,
      path: this.#prefix + path,
      method,
      query: queryOf(options.query),
      headers: { ...headers, ...headersOf(options) },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    };
    return { pools, call };
  }

  async #counted<T extends { readonly status: number }>(
    method: Method,
    verb: string,
    send: () => Promise<T>,
  ): Promise<T> {
    const startedMs = this.#clock.monotonicMs();
    let code = '<error>';
    try {
      const answer = await send();
      code = String(answer.status);
      return answer;
    } finally {
      this.#metrics.restRequests.inc({ code, method, host: this.#host });
      const seconds = (this.#clock.monotonicMs() - startedMs) / 1000;
      this.#metrics.restSeconds.observe({ verb, host: this.#host }, seconds);
    }
  }

  #refused(answer: Answer): KubeError {
    if (answer.status === 401) this.#credentialsAtMs = Number.NEGATIVE_INFINITY;
    return errorOf(answer);
  }

  /** As it goes over the wire; null: none. */
  #encode(body: unknown, verb: string): string | null {
    const text = body === undefined ? null : JSON.stringify(body);
    this.#metrics.restRequestBytes.observe({ verb, host: this.#host }, text?.length ?? 0);
    return text;
  }

  /** Undefined: the error is final. */
  #retryMs(error: KubeError, sends: number, isRepeatable: boolean): number | undefined {
    // The API server did nothing yet where it says when to come again, or that it does not know us (a rotated token).
    if (error.retryAfterMs !== undefined) return Math.min(error.retryAfterMs, retryAfterMaxMs);
    if (error.status === 401 && sends === 1) return 0;
    const isLost = error.status === 0 && isRepeatable;
    return isLost ? retryBaseMs * 2 ** (sends - 1) * (0.5 + this.#clock.random()) : undefined;
  }

  async #connect(): Promise<{ pools: Pools; headers: Record<string, string | string[]> }> {
    const ageMs = this.#clock.monotonicMs() - this.#credentialsAtMs;
    if (this.#credentials === undefined || ageMs > credentialsMaxAgeMs) {
      this.#credentialsAtMs = this.#clock.monotonicMs();
      // All requests that come meanwhile wait for the same answer: it may be a plug-in that asks a person.
      this.#credentials = this.#renewed(this.#credentials);
    }
    const { tls, headers } = await this.#credentials;
    this.#pools ??= createPools(this.#endpoint.proxyUrl, tls);
    return { pools: this.#pools, headers: headers as Record<string, string | string[]> };
  }

  async #renewed(before: Promise<Credentials> | undefined): Promise<Credentials> {
    try {
      const fresh = await this.#endpoint.credentials();
      const old = await before;
      if (!isDeepStrictEqual(fresh.tls, old?.tls)) this.#replacePools();
      return fresh;
    } catch (error) {
      this.#credentials = undefined;
      throw error;
    }
  }

  /** What is in flight finishes on the old connections. */
  #replacePools(): void {
    const old = this.#pools;
    this.#pools = undefined;
    void old?.requests.close();
    void old?.watches.close();
  }
}

function createPools(proxyUrl: string | undefined, tls: Credentials['tls']): Pools {
  // One context for all connections: Node would make one for each, with certificates parsed anew.
  const secureContext = createSecureContext(tls as SecureContextOptions);
  const connect = {
    ...tls,
    secureContext,
    keepAlive: true,
    keepAliveInitialDelay: keepAliveProbeMs,
  };
  // HTTP/2, undici's default, puts all watches on one connection; and where that is cut while a stream is being opened,
  // undici does not tell: the watch hears nothing until the time-out of its headers.
  const allowH2 = false;
  const create = (connections: number | null): Dispatcher =>
    proxyUrl === undefined
      ? new Agent({ connections, connect, allowH2 })
      : new ProxyAgent({ uri: proxyUrl, connections, requestTls: connect, allowH2 });
  return { requests: new Connections(connectionsMax, create), watches: create(null) };
}

function queryOf(query: Query = {}): Record<string, string> {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}

function headersOf(options: RequestOptions): Record<string, string> {
  const accept = options.accept ?? 'application/json';
  const headers: Record<string, string> = { accept, 'user-agent': 'm365-operator' };
  if (options.body !== undefined) {
    headers['content-type'] = options.contentType ?? 'application/json';
  }
  return headers;
}

interface StatusBody {
  readonly message?: unknown;
  readonly reason?: unknown;
}

function errorOf({ status, headers, text }: Answer): KubeError {
  const body = parseStatus(text);
  const retryAfter = Number(headers['retry-after']);
  return new KubeError(typeof body.message === 'string' ? body.message : text.slice(0, 500), {
    status,
    reason: typeof body.reason === 'string' ? body.reason : 'Unknown',
    retryAfterMs: Number.isFinite(retryAfter) ? retryAfter * 1000 : undefined,
  });
}

/** A proxy in between answers with pages of its own. */
function parseStatus(text: string): StatusBody {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? body : {};
  } catch {
    return {};
  }
}

/** 409: as for any other write that came too late. */
export function requireRight({ maySend }: Pick<RequestOptions, 'maySend'>): void {
  if (maySend?.() !== false) return;
  throw new KubeError('another process leads', { status: 409, reason: 'NotLeading' });
}

function asKubeError(thrown: unknown): KubeError {
  if (thrown instanceof KubeError) return thrown;
  const isTimeout =
    thrown instanceof errors.HeadersTimeoutError || thrown instanceof errors.BodyTimeoutError;
  const reason = isTimeout ? 'Timeout' : 'Unreachable';
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new KubeError(message, { status: 0, reason, cause: thrown });
}

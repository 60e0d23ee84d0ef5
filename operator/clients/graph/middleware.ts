/**
 * Our own chain in place of the default one of Microsoft's client library, whose retry handler repeats creates and sleeps
 * inside the call, where the queue cannot see it (graph.md section 13). In this order:
 *
 *   request id → token → breaker → retry → budget → log → transport (deadline, metrics)
 */
import { randomUUID } from 'node:crypto';
import type { Context, Middleware } from '@microsoft/microsoft-graph-client';
import { bug, toOperatorError } from '../../core/errors.ts';
import { laneOf } from '../../core/lane.ts';
import type { HttpRequest, HttpResponse, Transport } from '../http.ts';
import { budgetedRetries, type Retries, repeat } from '../retry.ts';
import type { Breaker } from './breaker.ts';
import type { Budget } from './budget.ts';
import { type Cost, costOf } from './cost.ts';

/** What one exchange is known by in the debug log: no path, no body, no name of a person. */
export interface LoggedExchange {
  readonly operation: string;
  /** Undefined: there was no answer. */
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly clientRequestId: string;
  readonly milliseconds: number;
}

export interface MiddlewareOptions {
  readonly transport: Transport;
  readonly nowMs: () => number;
  readonly token: (signal: AbortSignal) => Promise<string>;
  /** The token was refused: the next one is to be new. */
  readonly forgetToken: () => void;
  /** Undefined: nobody keeps a quota (delegated calls, which count for the signed-in user). */
  readonly budget?: Budget | undefined;
  readonly breaker?: Breaker | undefined;
  /** Undefined: nothing is repeated in place. */
  readonly retries?: Retries | undefined;
  readonly log?: ((exchange: LoggedExchange) => void) | undefined;
}

interface CallOptions {
  readonly operation: string;
  readonly method: HttpRequest['method'];
  /** Below /v1.0, with its query. */
  readonly path: string;
  readonly signal: AbortSignal;
  readonly isSafeToRepeat?: boolean;
  /** Where the path does not tell. */
  readonly cost?: Cost;
}

/** Carries what one call needs through the library's chain. */
export class CallContext {
  readonly call: CallOptions;
  readonly cost: Cost;
  /** What ended the call without an answer, as it was thrown. */
  failure: unknown;
  /** The answer as it came: the library's own kind of response would be one more copy of it. */
  response: HttpResponse | undefined;

  constructor(call: CallOptions) {
    this.call = call;
    this.cost = call.cost ?? costOf(call.method, call.path);
  }
}

/** One after the other; the last is the transport. */
export function chainOf(options: MiddlewareOptions): Middleware {
  const { budget, breaker, retries, log } = options;
  const links: readonly Chained[] = [
    new RequestIdMiddleware(),
    new TokenMiddleware(options),
    ...(breaker === undefined ? [] : [new BreakerMiddleware(breaker)]),
    ...(retries === undefined ? [] : [new RetryMiddleware(retries)]),
    ...(budget === undefined ? [] : [new BudgetMiddleware(budget)]),
    ...(log === undefined ? [] : [new LogMiddleware(log, options.nowMs)]),
  ];
  return links.reduceRight<Middleware>((next, link) => {
    link.setNext(next);
    return link;
  }, new TransportMiddleware(options.transport));
}

function contextOf(context: Context): CallContext {
  const option = context.middlewareControl?.getMiddlewareOptions(CallContext);
  if (option instanceof CallContext) return option;
  throw bug('a Graph request without its call context');
}

function answerIn(context: Context): HttpResponse {
  const { response } = contextOf(context);
  if (response !== undefined) return response;
  throw bug('a Graph request that ended without an answer');
}

abstract class Chained implements Middleware {
  #next: Middleware | undefined;

  setNext(next: Middleware): void {
    this.#next = next;
  }

  /** The rest of the chain; its answer. */
  protected async proceed(context: Context): Promise<HttpResponse> {
    await this.#next?.execute(context);
    return answerIn(context);
  }

  abstract execute(context: Context): Promise<void>;
}

/** The library hands on the plain object that it was given. */
function setHeader(context: Context, name: string, value: string): void {
  const headers = { ...(context.options?.headers as Record<string, string>), [name]: value };
  context.options = { ...context.options, headers };
}

function headerIn(context: Context, name: string): string {
  return (context.options?.headers as Record<string, string> | undefined)?.[name] ?? '';
}

const requestIdHeader = 'client-request-id';

class RequestIdMiddleware extends Chained {
  async execute(context: Context): Promise<void> {
    setHeader(context, requestIdHeader, randomUUID());
    try {
      await this.proceed(context);
    } catch (error) {
      contextOf(context).failure = error;
      throw error;
    }
  }
}

class TokenMiddleware extends Chained {
  readonly #options: Pick<MiddlewareOptions, 'token' | 'forgetToken'>;
  constructor(options: Pick<MiddlewareOptions, 'token' | 'forgetToken'>) {
    super();
    this.#options = options;
  }
  async execute(context: Context): Promise<void> {
    const { status } = await this.#withToken(context);
    if (status !== 401) return;
    // Nothing was done. Once more, with a new token.
    this.#options.forgetToken();
    setHeader(context, requestIdHeader, randomUUID());
    await this.#withToken(context);
  }
  async #withToken(context: Context): Promise<HttpResponse> {
    const token = await this.#options.token(contextOf(context).call.signal);
    setHeader(context, 'authorization', `Bearer ${token}`);
    return this.proceed(context);
  }
}

class BreakerMiddleware extends Chained {
  readonly #breaker: Breaker;
  constructor(breaker: Breaker) {
    super();
    this.#breaker = breaker;
  }
  async execute(context: Context): Promise<void> {
    const { call, cost } = contextOf(context);
    this.#breaker.admit(cost.service);
    try {
      this.#breaker.note(cost.service, verdictOn(await this.proceed(context)));
    } catch (error) {
      const isLost = !call.signal.aborted && toOperatorError(error).reason === 'ConnectionFailed';
      this.#breaker.note(cost.service, isLost ? 'failed' : 'unknown');
      throw error;
    }
  }
}

/** 501 is an answer: the request is at fault. One that asks to wait is the budget's. */
function verdictOn({ status, headers }: HttpResponse): 'answered' | 'failed' | 'unknown' {
  if (status < 500 || status === 501) return 'answered';
  return headers['retry-after'] === undefined ? 'failed' : 'unknown';
}

/** Of reads: what a write has done is looked up, never guessed. */
class RetryMiddleware extends Chained {
  readonly #retries: Retries;
  constructor(retries: Retries) {
    super();
    this.#retries = retries;
  }
  async execute(context: Context): Promise<void> {
    const { call } = contextOf(context);
    if (call.method !== 'GET' && call.isSafeToRepeat !== true) {
      await this.proceed(context);
      return;
    }
    let isFirst = true;
    const attempt = async (): Promise<HttpResponse> => {
      if (!isFirst) setHeader(context, requestIdHeader, randomUUID());
      isFirst = false;
      return this.proceed(context);
    };
    await repeat(attempt, call.signal, this.#retries, budgetedRetries);
  }
}

const priorities = { edit: 'High', dependant: undefined, retry: undefined, resync: 'Low' } as const;

/** Of every repetition too: what another answer has said meanwhile holds for it. */
class BudgetMiddleware extends Chained {
  readonly #budget: Budget;
  constructor(budget: Budget) {
    super();
    this.#budget = budget;
  }
  async execute(context: Context): Promise<void> {
    const { call, cost } = contextOf(context);
    this.#budget.admit(cost, call.signal);
    const priority = priorities[laneOf(call.signal)];
    if (priority !== undefined) setHeader(context, 'x-ms-throttle-priority', priority);
    this.#budget.learn(cost, await this.proceed(context));
  }
}

class LogMiddleware extends Chained {
  readonly #log: (exchange: LoggedExchange) => void;
  readonly #nowMs: () => number;
  constructor(log: (exchange: LoggedExchange) => void, nowMs: () => number) {
    super();
    this.#log = log;
    this.#nowMs = nowMs;
  }
  async execute(context: Context): Promise<void> {
    const startedMs = this.#nowMs();
    let response: HttpResponse | undefined;
    try {
      response = await this.proceed(context);
    } finally {
      this.#log({
        operation: contextOf(context).call.operation,
        status: response?.status,
        requestId: response?.headers['request-id'],
        clientRequestId: headerIn(context, requestIdHeader),
        milliseconds: this.#nowMs() - startedMs,
      });
    }
  }
}

/**
 * For the library, which passes it on and looks at nothing of it (ResponseType.RAW): the answer itself is in the call's
 * context. A real one, made while modules load, would be Node's, and would load the undici that is built in.
 */
const answered = {} as Response;

class TransportMiddleware implements Middleware {
  readonly #transport: Transport;
  constructor(transport: Transport) {
    this.#transport = transport;
  }
  async execute(context: Context): Promise<void> {
    const exchange = contextOf(context);
    const { operation, signal, method, isSafeToRepeat = false } = exchange.call;
    const body = context.options?.body;
    exchange.response = undefined;
    exchange.response = await this.#transport({
      method,
      url: String(context.request),
      headers: {
        accept: 'application/json',
        ...(context.options?.headers as Record<string, string> | undefined),
      },
      body: typeof body === 'string' ? body : undefined,
      signal,
      operation,
      isSafeToRepeat,
    });
    context.response = answered;
  }
}

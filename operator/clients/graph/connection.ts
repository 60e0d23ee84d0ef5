/**
 * One exchange with Graph, over Microsoft's client library with our own middleware in place of its default chain: its
 * retry handler repeats creates and sleeps inside the call, where the queue cannot see it (graph.md section 13).
 *
 *   request id → token → transport (deadline, metrics)
 */
import { randomUUID } from 'node:crypto';
import {
  Client,
  type Context,
  type Middleware,
  ResponseType,
} from '@microsoft/microsoft-graph-client';
import type { z } from 'zod';
import { bug, transient } from '../../core/errors.ts';
import { type HttpRequest, type HttpResponse, parseJson, type Transport } from '../http.ts';
import { type GraphFailure, toFailure } from './errors.ts';
import { WirePage } from './wire.ts';

export interface GraphConnectionOptions {
  /** Origin, e.g. https://graph.microsoft.com */
  readonly url: string;
  readonly transport: Transport;
  readonly nowMs: () => number;
  readonly token: (signal: AbortSignal) => Promise<string>;
  /** The token was refused: the next one is to be new. */
  readonly forgetToken: () => void;
}

export interface GraphCall {
  readonly method: Exclude<HttpRequest['method'], 'HEAD'>;
  /** Below /v1.0, with its query. */
  readonly path: string;
  readonly operation: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** 404 is an answer like others. */
  readonly mayBeAbsent?: boolean;
}

export type AcceptFailure = (failure: GraphFailure) => boolean;

/** Page loops end: 1,000 pages of 999 are more than a tenant may hold. */
const pagesMax = 1_000;

interface CallOptions {
  readonly operation: string;
  readonly signal: AbortSignal;
}

export class GraphConnection {
  readonly #options: GraphConnectionOptions;
  readonly #client: Client;

  constructor(options: GraphConnectionOptions) {
    this.#options = options;
    const last = new TransportMiddleware(options);
    const auth = new TokenMiddleware(options.token);
    const first = new RequestIdMiddleware();
    first.setNext(auth);
    auth.setNext(last);
    this.#client = Client.initWithMiddleware({
      baseUrl: `${options.url}/`,
      defaultVersion: 'v1.0',
      customHosts: new Set([new URL(options.url).hostname]),
      middleware: first,
    });
  }

  /** A success as it came. Every other answer is thrown, classified; `accept` keeps those that mean something. */
  async send(
    call: GraphCall,
    signal: AbortSignal,
    accept: AcceptFailure = () => false,
  ): Promise<HttpResponse & { readonly failure?: GraphFailure }> {
    let response = await this.#exchange(call, signal);
    if (response.status === 401) {
      // Nothing was done. Once more, with a new token.
      this.#options.forgetToken();
      response = await this.#exchange(call, signal);
    }
    if (response.status < 300) return response;
    if (response.status === 404 && call.mayBeAbsent === true) return response;
    const failure = toFailure(response, this.#options.nowMs());
    if (accept(failure)) return { ...response, failure };
    throw failure.error;
  }

  async get<T extends z.ZodType>(
    call: Omit<GraphCall, 'method'>,
    schema: T,
    signal: AbortSignal,
  ): Promise<z.output<T>> {
    const response = await this.send({ ...call, method: 'GET' }, signal);
    return parseValue(schema, parseJson(response.text), call.operation);
  }

  /** undefined on 404. */
  async find<T extends z.ZodType>(
    call: Omit<GraphCall, 'method'>,
    schema: T,
    signal: AbortSignal,
  ): Promise<z.output<T> | undefined> {
    const response = await this.send({ ...call, method: 'GET', mayBeAbsent: true }, signal);
    if (response.status === 404) return undefined;
    return parseValue(schema, parseJson(response.text), call.operation);
  }

  /** Every item of every page; the delta link where there is one. */
  async list<T extends z.ZodType>(
    call: Omit<GraphCall, 'method'>,
    item: T,
    signal: AbortSignal,
  ): Promise<{ readonly items: z.output<T>[]; readonly deltaLink: string | undefined }> {
    const items: z.output<T>[] = [];
    let path = call.path;
    for (let page = 0; page < pagesMax; page += 1) {
      const answer: z.output<typeof WirePage> = await this.get({ ...call, path }, WirePage, signal);
      for (const raw of answer.value) items.push(parseValue(item, raw, call.operation));
      const next = answer['@odata.nextLink'];
      if (next === undefined) return { items, deltaLink: answer['@odata.deltaLink'] };
      path = pathOf(next);
    }
    throw bug(`${call.operation} did not end after ${pagesMax} pages`);
  }

  async #exchange(call: GraphCall, signal: AbortSignal): Promise<HttpResponse> {
    const context = new CallContext({ operation: call.operation, signal });
    const request = this.#client
      .api(call.path)
      .responseType(ResponseType.RAW)
      .headers({ ...call.headers })
      .middlewareOptions([context])
      .options({ signal });
    try {
      await dispatch(request, call);
    } catch (error) {
      // The library wraps what a middleware throws into an error of its own, which says less.
      throw context.failure ?? error;
    }
    if (context.response !== undefined) return context.response;
    throw bug('a Graph request that ended without an answer');
  }
}

async function dispatch(request: ReturnType<Client['api']>, call: GraphCall): Promise<unknown> {
  switch (call.method) {
    case 'GET':
      return request.get();
    case 'POST':
      return request.post(call.body);
    case 'PATCH':
      return request.patch(call.body);
    case 'PUT':
      return request.put(call.body);
    case 'DELETE':
      return request.delete();
  }
}

/** Links that Graph hands out are followed below our own address only: a token never goes where an answer says. */
export function pathOf(link: string): string {
  if (!URL.canParse(link)) {
    throw transient('Graph answered with a link that is none', { reason: 'UnexpectedAnswer' });
  }
  const { pathname, search } = new URL(link);
  return `${pathname.replace(/^\/v1\.0/, '')}${search}`;
}

export function parseValue<T extends z.ZodType>(
  schema: T,
  value: unknown,
  operation: string,
): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw transient(`Graph's answer to ${operation} does not have the expected form`, {
    reason: 'UnexpectedAnswer',
    cause: result.error,
  });
}

/** Carries what one call needs through the library's chain. */
class CallContext {
  readonly call: CallOptions;
  /** What ended the call without an answer, as it was thrown. */
  failure: unknown;
  /** The answer as it came: the library's own kind of response would be one more copy of it. */
  response: HttpResponse | undefined;
  constructor(call: CallOptions) {
    this.call = call;
  }
}

function contextOf(context: Context): CallContext {
  const option = context.middlewareControl?.getMiddlewareOptions(CallContext);
  if (option instanceof CallContext) return option;
  throw bug('a Graph request without its call context');
}

abstract class Chained implements Middleware {
  protected next: Middleware | undefined;
  setNext(next: Middleware): void {
    this.next = next;
  }
  abstract execute(context: Context): Promise<void>;
}

/** The library hands on the plain object that it was given. */
function setHeader(context: Context, name: string, value: string): void {
  const headers = { ...(context.options?.headers as Record<string, string>), [name]: value };
  context.options = { ...context.options, headers };
}

/** For the library, which looks at nothing of it: the answer itself is in the call's context. */
const answered = new Response(null, { status: 200 });

class RequestIdMiddleware extends Chained {
  async execute(context: Context): Promise<void> {
    setHeader(context, 'client-request-id', randomUUID());
    try {
      await this.next?.execute(context);
    } catch (error) {
      contextOf(context).failure = error;
      throw error;
    }
  }
}

class TokenMiddleware extends Chained {
  readonly #token: GraphConnectionOptions['token'];
  constructor(token: GraphConnectionOptions['token']) {
    super();
    this.#token = token;
  }
  async execute(context: Context): Promise<void> {
    setHeader(
      context,
      'authorization',
      `Bearer ${await this.#token(contextOf(context).call.signal)}`,
    );
    await this.next?.execute(context);
  }
}

class TransportMiddleware implements Middleware {
  readonly #options: GraphConnectionOptions;
  constructor(options: GraphConnectionOptions) {
    this.#options = options;
  }
  async execute(context: Context): Promise<void> {
    const call = contextOf(context);
    const { operation, signal } = call.call;
    const body = context.options?.body;
    call.response = await this.#options.transport({
      method: (context.options?.method ?? 'GET') as HttpRequest['method'],
      url: String(context.request),
      headers: {
        accept: 'application/json',
        ...(context.options?.headers as Record<string, string> | undefined),
      },
      body: typeof body === 'string' ? body : undefined,
      signal,
      operation,
    });
    context.response = answered;
  }
}

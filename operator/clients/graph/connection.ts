/**
 * Calls to Graph for one bearer, over Microsoft's client library with our own chain (middleware.ts): its pages, its
 * failures as classified errors, its values as checked ones.
 */
import { Client, ResponseType } from '@microsoft/microsoft-graph-client';
import type { z } from 'zod';
import { bug, transient } from '../../core/errors.ts';
import { type HttpRequest, type HttpResponse, parseJson } from '../http.ts';
import { parseValue } from './answers.ts';
import type { Cost } from './cost.ts';
import { type GraphFailure, toFailure } from './errors.ts';
import { CallContext, chainOf, type MiddlewareOptions } from './middleware.ts';
import { Together } from './together.ts';
import { WirePage } from './wire.ts';

export interface GraphConnectionOptions extends MiddlewareOptions {
  /** Origin, e.g. https://graph.microsoft.com */
  readonly url: string;
  /** Told of each call that Graph denies to the application. */
  readonly onDenied?: () => void;
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
  /** A POST that changes nothing. */
  readonly isSafeToRepeat?: boolean;
  /** Where the path does not tell. */
  readonly cost?: Cost;
}

export type AcceptFailure = (failure: GraphFailure) => boolean;

/** Page loops end: 1,000 pages of 999 are more than a tenant may hold. */
const pagesMax = 1_000;

export class GraphConnection {
  readonly #options: GraphConnectionOptions;
  readonly #client: Client;
  readonly #together = new Together(this);

  constructor(options: GraphConnectionOptions) {
    this.#options = options;
    this.#client = Client.initWithMiddleware({
      baseUrl: `${options.url}/`,
      defaultVersion: 'v1.0',
      customHosts: new Set([new URL(options.url).hostname]),
      middleware: chainOf(options),
    });
  }

  /** A success as it came. Every other answer is thrown, classified; `accept` keeps those that mean something. */
  async send(
    call: GraphCall,
    signal: AbortSignal,
    accept: AcceptFailure = () => false,
  ): Promise<HttpResponse & { readonly failure?: GraphFailure }> {
    const response = await this.#exchange(call, signal);
    if (response.status < 300) return response;
    if (response.status === 404 && call.mayBeAbsent === true) return response;
    const failure = toFailure(response, this.#options.nowMs(), call.operation);
    if (accept(failure)) return { ...response, failure };
    if (failure.error.reason === 'PermissionDenied') this.#options.onDenied?.();
    throw failure.error;
  }

  /** What the answer to a part of a batch says about the quotas: the batch itself is answered 200. */
  learn(cost: Cost, response: HttpResponse): void {
    this.#options.budget?.learn(cost, response);
  }

  async get<T extends z.ZodType>(
    call: Omit<GraphCall, 'method'>,
    schema: T,
    signal: AbortSignal,
  ): Promise<z.output<T>> {
    const value = await this.#together.read(call, signal);
    return parseValue(schema, value ?? (await this.#read(call, signal)), call.operation);
  }

  async #read(call: Omit<GraphCall, 'method'>, signal: AbortSignal): Promise<unknown> {
    const response = await this.send({ ...call, method: 'GET' }, signal);
    return parseJson(response.text);
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
    const context = new CallContext({ ...call, signal });
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

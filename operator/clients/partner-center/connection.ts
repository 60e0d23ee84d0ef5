/** One exchange with Partner Center: token, headers, ids, commerce time, paging, errors. */
import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { bug } from '../../core/errors.ts';
import type { HttpRequest, HttpResponse, Transport } from '../http.ts';
import { expectForm, parseJson, retryAfterMs } from '../http.ts';
import type { Tokens } from '../identity/tokens.ts';
import type { PartnerCenterBudget } from './budget.ts';
import { minute } from './error-table.ts';
import { type PartnerCenterFailure, toFailure } from './errors.ts';
import { WirePage } from './wire.ts';

export interface ConnectionOptions {
  readonly partnerTenantId: string;
  /** Origin, e.g. https://api.partnercenter.microsoft.com */
  readonly url: string;
  /** What tokens are issued for. */
  readonly resource: string;
  readonly tokens: Tokens;
  readonly transport: Transport;
  readonly nowMs: () => number;
  /** Undefined: nothing is kept back. */
  readonly budget?: PartnerCenterBudget | undefined;
}

export interface Call {
  readonly method: HttpRequest['method'];
  /** Below the origin, from `/v1/`. */
  readonly path: string;
  /** `app`: application only; `user`: app + user, which some calls insist on. */
  readonly as: 'app' | 'user';
  readonly operation: string;
  readonly body?: unknown;
  /** MS-RequestId; a new one where it does not matter. */
  readonly requestId?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Page loops end: Partner Center lists at most this many pages of 500. */
const pagesMax = 400;

export class PartnerCenterConnection {
  readonly #options: ConnectionOptions;
  #clockOffsetMs = 0;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  get partnerTenantId(): string {
    return this.#options.partnerTenantId;
  }

  get clockOffsetMs(): number {
    return this.#clockOffsetMs;
  }

  get options(): ConnectionOptions {
    return this.#options;
  }

  /** A success as it came. Every other answer is thrown, classified; `accept` keeps those that mean something. */
  async send(
    call: Call,
    signal: AbortSignal,
    accept: (failure: PartnerCenterFailure, response: HttpResponse) => boolean = () => false,
  ): Promise<HttpResponse> {
    let response = await this.#exchange(call, signal);
    if (response.status === 401) {
      // Nothing was done. Once more, with a new token.
      this.#options.tokens.forget(this.partnerTenantId);
      response = await this.#exchange(call, signal);
    }
    if (response.status < 300) return response;
    const failure = toFailure(response, this.#options.nowMs());
    if (accept(failure, response)) return response;
    throw failure.error;
  }

  async get<T extends z.ZodType>(
    call: Omit<Call, 'method'>,
    schema: T,
    signal: AbortSignal,
  ): Promise<z.output<T>> {
    const response = await this.send({ ...call, method: 'GET' }, signal);
    return parse(schema, response, call.operation);
  }

  /** undefined on 404 and on the codes that mean "there is none". */
  async find<T extends z.ZodType>(
    call: Omit<Call, 'method'>,
    schema: T,
    absent: { readonly signal: AbortSignal; readonly codes?: readonly string[] },
  ): Promise<z.output<T> | undefined> {
    const isAbsent = (failure: PartnerCenterFailure, response: HttpResponse): boolean =>
      response.status === 404 || absent.codes?.includes(failure.code) === true;
    const response = await this.send({ ...call, method: 'GET' }, absent.signal, isAbsent);
    return response.status < 300 ? parse(schema, response, call.operation) : undefined;
  }

  /** Every item of every page. */
  async list<T extends z.ZodType>(
    call: Omit<Call, 'method'>,
    item: T,
    signal: AbortSignal,
  ): Promise<z.output<T>[]> {
    const items: z.output<T>[] = [];
    let next: Omit<Call, 'method'> | undefined = call;
    for (let page = 0; next !== undefined; page += 1) {
      if (page === pagesMax) throw bug(`${call.operation} did not end after ${pagesMax} pages`);
      const answer: z.output<typeof WirePage> = await this.get(next, WirePage, signal);
      for (const raw of answer.items) items.push(parseValue(item, raw, call.operation));
      next = nextPage(call, answer);
    }
    return items;
  }

  async #exchange(call: Call, signal: AbortSignal): Promise<HttpResponse> {
    const { tokens, resource, partnerTenantId, transport, url, budget } = this.#options;
    budget?.admit(call.path, signal);
    const token =
      call.as === 'app'
        ? await tokens.app(partnerTenantId, resource, signal)
        : await tokens.user(partnerTenantId, userScope(resource), signal);
    const response = await transport({
      method: call.method,
      url: `${url}${call.path}`,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        'ms-requestid': call.requestId ?? randomUUID(),
        'ms-correlationid': randomUUID(),
        'x-locale': 'en-US',
        'ms-partnercenter-application': 'm365-operator',
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...call.headers,
      },
      body: call.body === undefined ? undefined : JSON.stringify(call.body),
      signal,
      operation: call.operation,
    });
    this.#readClock(response);
    if (response.status === 429) {
      const asked = retryAfterMs(response.headers['retry-after'], this.#options.nowMs());
      budget?.pause(call.path, asked ?? minute);
    }
    return response;
  }

  /** Microsoft's windows run on Microsoft's clock (DESIGN.md section 8, "Commerce time"). */
  #readClock(response: HttpResponse): void {
    const date = Date.parse(response.headers['date'] ?? '');
    if (!Number.isNaN(date)) this.#clockOffsetMs = date - this.#options.nowMs();
  }
}

/** Delegated access to Partner Center is this one scope (partner-center.md 1.2). */
export function userScope(resource: string): string {
  return `${resource}/user_impersonation`;
}

export function parse<T extends z.ZodType>(
  schema: T,
  response: HttpResponse,
  operation: string,
): z.output<T> {
  return parseValue(schema, parseJson(response.text), operation);
}

function parseValue<T extends z.ZodType>(
  schema: T,
  value: unknown,
  operation: string,
): z.output<T> {
  return expectForm(schema, value, `Partner Center's answer to ${operation}`);
}

function nextPage(
  first: Omit<Call, 'method'>,
  page: z.infer<typeof WirePage>,
): Omit<Call, 'method'> | undefined {
  const next = page.links?.next;
  if (next === null || next === undefined) return undefined;
  const header = next.headers?.find(({ key }) => key.toLowerCase() === 'ms-continuationtoken');
  const token = page.continuationToken ?? header?.value;
  const headers = {
    ...first.headers,
    ...(token === undefined ? {} : { 'ms-continuationtoken': token }),
  };
  return { ...first, path: pathOf(next.uri), headers };
}

/** Links are relative to /v1, in old answers to the origin (partner-center.md 1.7). */
function pathOf(uri: string): string {
  const path = uri.startsWith('/') ? uri : `/${uri}`;
  return path.startsWith('/v1') ? path : `/v1${path}`;
}

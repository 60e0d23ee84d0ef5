/** Many reads in one request (JSON batching, graph.md 4): twenty at once, each of which counts for itself against the quotas. */
import * as z from 'zod';
import { transient } from '../../core/errors.ts';
import { type HttpResponse, parseJson } from '../http.ts';
import { parseValue } from './answers.ts';
import type { AcceptFailure, GraphConnection } from './connection.ts';
import type { Cost } from './cost.ts';
import { toFailure } from './errors.ts';

export const partsMax = 20;

const WireBatch = z.object({
  responses: z.array(
    z.object({
      id: z.string(),
      status: z.int(),
      headers: z.record(z.string(), z.string()).nullish().catch(undefined),
      body: z.unknown().optional(),
    }),
  ),
});

type WireAnswer = z.output<typeof WireBatch>['responses'][number];

interface BatchAnswer extends HttpResponse {
  readonly body: unknown;
}

/** Reads. */
interface Batch {
  readonly operation: string;
  readonly parts: readonly {
    /** Below /v1.0, with its query. */
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>> | undefined;
  }[];
  /** Of all parts. */
  readonly units: number;
}

const cost = (units: number): Cost => ({ service: 'directory', units, writes: 0 });

/** Values by key; without those that are absent (404). A part that fails, fails the whole: what is read here is read again. */
export async function batchFind<T extends z.ZodType>(
  connection: GraphConnection,
  call: {
    readonly operation: string;
    readonly keys: readonly string[];
    /** Of one key. */
    readonly path: (key: string) => string;
  },
  schema: T,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, z.output<T>>> {
  const { operation } = call;
  const found = new Map<string, z.output<T>>();
  for (let from = 0; from < call.keys.length; from += partsMax) {
    const keys = call.keys.slice(from, from + partsMax);
    const parts = keys.map((key) => ({ path: call.path(key) }));
    const answers = await sendBatch(connection, { operation, parts, units: keys.length }, signal);
    for (const [index, key] of keys.entries()) {
      const value = valueIn(answers[index], operation);
      if (value !== undefined) found.set(key, parseValue(schema, value, operation));
    }
  }
  return found;
}

/** In the order of the parts; undefined where there is none. `accept`: refusals of the whole that leave all without one. */
export async function sendBatch(
  connection: Pick<GraphConnection, 'send' | 'learn'>,
  { operation, parts, units }: Batch,
  signal: AbortSignal,
  accept?: AcceptFailure,
): Promise<readonly (BatchAnswer | undefined)[]> {
  const requests = parts.map(({ path: url, headers }, index) => ({
    id: String(index),
    method: 'GET',
    url,
    headers,
  }));
  const response = await connection.send(
    {
      method: 'POST',
      path: '/$batch',
      operation,
      body: { requests },
      isSafeToRepeat: true,
      cost: cost(units),
    },
    signal,
    accept,
  );
  if (response.failure !== undefined) return [];
  const { responses } = parseValue(WireBatch, parseJson(response.text), operation);
  // They come in any order.
  const answers = new Map(responses.map((wire) => [wire.id, toAnswer(wire)]));
  for (const answer of answers.values()) {
    if (answer.status >= 400) connection.learn(cost(1), answer);
  }
  return parts.map((_, index) => answers.get(String(index)));
}

function toAnswer({ status, headers, body }: WireAnswer): BatchAnswer {
  const named = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  // What failed is classified by its text; what is of use may be a directory.
  const text = status < 400 ? '' : (JSON.stringify(body) ?? '');
  return { status, headers: Object.fromEntries(named), body, text };
}

/** Undefined: there is none. */
function valueIn(answer: BatchAnswer | undefined, operation: string): unknown {
  if (answer === undefined) {
    throw transient(`Graph's answer to ${operation} lacks a part`, { reason: 'UnexpectedAnswer' });
  }
  if (answer.status === 404) return undefined;
  if (answer.status < 300) return answer.body;
  const sentMs = Date.parse(answer.headers['date'] ?? '');
  throw toFailure(answer, sentMs, operation).error;
}

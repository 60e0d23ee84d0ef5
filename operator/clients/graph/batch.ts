/**
 * Many reads in one request (graph.md 4): twenty at once, each of which counts for itself against the quotas. A part that
 * fails, fails the whole: what is read here is read again.
 */
import * as z from 'zod';
import { transient } from '../../core/errors.ts';
import { type HttpResponse, parseJson } from '../http.ts';
import { type GraphConnection, parseValue } from './connection.ts';
import type { Cost } from './cost.ts';
import { toFailure } from './errors.ts';

const partsMax = 20;

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

const cost = (parts: number): Cost => ({ service: 'directory', units: parts, writes: 0 });

/** Values by key; without those that are absent (404). `path` is that of one key, below /v1.0. */
export async function batchFind<T extends z.ZodType>(
  connection: GraphConnection,
  call: {
    readonly operation: string;
    readonly keys: readonly string[];
    readonly path: (key: string) => string;
  },
  schema: T,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, z.output<T>>> {
  const found = new Map<string, z.output<T>>();
  for (let from = 0; from < call.keys.length; from += partsMax) {
    const keys = call.keys.slice(from, from + partsMax);
    const answers = await sendBatch(connection, { ...call, keys }, signal);
    for (const [index, key] of keys.entries()) {
      const value = valueIn(answers.get(String(index)), call.operation);
      if (value !== undefined) found.set(key, parseValue(schema, value, call.operation));
    }
  }
  return found;
}

async function sendBatch(
  connection: GraphConnection,
  { operation, keys, path }: Parameters<typeof batchFind>[1],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, BatchAnswer>> {
  const requests = keys.map((key, index) => ({ id: String(index), method: 'GET', url: path(key) }));
  const response = await connection.send(
    {
      method: 'POST',
      path: '/$batch',
      operation,
      body: { requests },
      isSafeToRepeat: true,
      cost: cost(keys.length),
    },
    signal,
  );
  // They come in any order.
  const { responses } = parseValue(WireBatch, parseJson(response.text), operation);
  const answers = new Map(responses.map((wire) => [wire.id, toAnswer(wire)]));
  for (const answer of answers.values()) {
    if (answer.status >= 400) connection.learn(cost(1), answer);
  }
  return answers;
}

function toAnswer({ status, headers, body }: WireAnswer): BatchAnswer {
  const named = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  return { status, headers: Object.fromEntries(named), body, text: JSON.stringify(body) ?? '' };
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

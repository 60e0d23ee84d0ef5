/**
 * Many reads in one request (graph.md 4): twenty at once, each of which counts for itself against the quotas. A part that
 * fails, fails the whole: what is read here is read again.
 */
import * as z from 'zod';
import { transient } from '../../core/errors.ts';
import { parseJson } from '../http.ts';
import { type GraphConnection, parseValue } from './connection.ts';
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

type BatchAnswer = z.output<typeof WireBatch>['responses'][number];

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
      cost: { service: 'directory', units: keys.length, writes: 0 },
    },
    signal,
  );
  // They come in any order.
  const { responses } = parseValue(WireBatch, parseJson(response.text), operation);
  return new Map(responses.map((answer) => [answer.id, answer]));
}

/** Undefined: there is none. */
function valueIn(answer: BatchAnswer | undefined, operation: string): unknown {
  if (answer === undefined) {
    throw transient(`Graph's answer to ${operation} lacks a part`, { reason: 'UnexpectedAnswer' });
  }
  const { status, body } = answer;
  if (status === 404) return undefined;
  if (status < 300) return body;
  const named = Object.entries(answer.headers ?? {});
  const headers = Object.fromEntries(named.map(([name, value]) => [name.toLowerCase(), value]));
  const sentMs = Date.parse(headers['date'] ?? '');
  throw toFailure({ status, headers, text: JSON.stringify(body) ?? '' }, sentMs, operation).error;
}

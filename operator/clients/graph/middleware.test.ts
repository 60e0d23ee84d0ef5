import { describe, expect, it } from 'vitest';
import { failureOf } from '../../../hack/testing/cloud.ts';
import { transient } from '../../core/errors.ts';
import { markLane } from '../../core/lane.ts';
import type { Lane } from '../../core/ports.ts';
import type { HttpRequest, HttpResponse } from '../http.ts';
import { Breaker } from './breaker.ts';
import { ApplicationBudget } from './budget.ts';
import { GraphConnection } from './connection.ts';
import type { LoggedExchange } from './middleware.ts';

const lost = transient('no answer', { reason: 'ConnectionFailed' });

/** The whole chain over a transport that answers these in turn, and 200 after them. */
function chain(answers: readonly (Partial<HttpResponse> | Error)[] = []) {
  const sent: HttpRequest[] = [];
  const logged: LoggedExchange[] = [];
  const waits: number[] = [];
  const forgotten: number[] = [];
  const queue = [...answers];
  const nowMs = (): number => 1_000;
  let whileItWaits = async (): Promise<unknown> => undefined;
  const budget = new ApplicationBudget({ nowMs, onRefused: () => undefined });
  const connection = new GraphConnection({
    url: 'https://graph.test',
    nowMs,
    token: () => Promise.resolve(`canary-token-${forgotten.length}`),
    forgetToken: () => void forgotten.push(sent.length),
    budget: budget.tenant('a', () => 0),
    breaker: new Breaker(nowMs),
    retries: {
      nowMs,
      random: () => 0,
      sleep: async (ms) => {
        waits.push(ms);
        await whileItWaits();
      },
    },
    log: (exchange) => logged.push(exchange),
    transport: (request) => {
      sent.push(request);
      const answer = queue.shift() ?? {};
      if (answer instanceof Error) return Promise.reject(answer);
      return Promise.resolve({ status: 200, headers: {}, text: '{}', ...answer });
    },
  });
  const meanwhile = (work: () => Promise<unknown>): void => {
    whileItWaits = work;
  };
  return { connection, sent, logged, waits, meanwhile };
}

const read = { method: 'GET', path: '/users/canary-id', operation: 'GetUser' } as const;
const write = {
  method: 'PATCH',
  path: '/users/canary-id',
  operation: 'UpdateUser',
  body: { displayName: 'canary-name' },
} as const;

function signal(lane: Lane = 'retry'): AbortSignal {
  return markLane(new AbortController().signal, lane);
}

describe('a request through the chain', () => {
  it.each([
    ['edit', 'High'],
    ['dependant', undefined],
    ['retry', undefined],
    ['resync', 'Low'],
  ] as const)('of the lane %s says so: %s', async (lane, priority) => {
    const { connection, sent } = chain();
    await connection.send(read, signal(lane));
    expect(sent[0]?.headers['x-ms-throttle-priority']).toBe(priority);
  });

  it('that reads is repeated in place, each time with a new id', async () => {
    const { connection, sent, waits } = chain([lost, { status: 503 }]);
    expect((await connection.send(read, signal())).status).toBe(200);
    expect(waits).toEqual([100, 200]);
    expect(new Set(sent.map(({ headers }) => headers['client-request-id'])).size).toBe(3);
  });

  it('that writes is not', async () => {
    const { connection, sent } = chain([{ status: 503 }]);
    expect(await failureOf(connection.send(write, signal()))).toMatchObject({
      reason: 'GraphUnavailable',
    });
    expect(sent).toHaveLength(1);
  });

  it('is sent once more with a new token where the first was refused, a write too', async () => {
    const { connection, sent } = chain([{ status: 401 }]);
    await connection.send(write, signal());
    expect(sent.map(({ headers }) => headers['authorization'])).toEqual([
      'Bearer canary-token-0',
      'Bearer canary-token-1',
    ]);
    const twice = chain([{ status: 401 }, { status: 401 }]);
    expect(await failureOf(twice.connection.send(read, signal()))).toMatchObject({
      reason: 'TokenRefused',
    });
    expect(twice.sent).toHaveLength(2);
  });

  it('that was throttled lets no other go before its time, and none waits in place', async () => {
    const { connection, sent, waits } = chain([{ status: 429, headers: { 'retry-after': '0.5' } }]);
    for (let n = 0; n < 3; n += 1) {
      expect(await failureOf(connection.send(read, signal()))).toMatchObject({
        reason: 'Throttled',
        delayMs: 500,
        holdsFlow: true,
      });
    }
    expect(sent).toHaveLength(1);
    expect(waits).toEqual([]);
  });

  it('that is repeated asks for the quota again: another may have been told to wait meanwhile', async () => {
    const { connection, sent, meanwhile } = chain([
      { status: 503 },
      { status: 429, headers: { 'retry-after': '5' } },
    ]);
    meanwhile(() => failureOf(connection.send({ ...read, path: '/users/other' }, signal())));
    expect(await failureOf(connection.send(read, signal()))).toMatchObject({
      reason: 'Throttled',
      delayMs: 5_000,
    });
    expect(sent.map(({ url }) => new URL(url).pathname)).toEqual([
      '/v1.0/users/canary-id',
      '/v1.0/users/other',
    ]);
  });

  it('is not sent where the service has failed five times', async () => {
    const { connection, sent } = chain(Array.from({ length: 5 }, () => ({ status: 500 })));
    for (let n = 0; n < 5; n += 1) await failureOf(connection.send(write, signal()));
    expect(await failureOf(connection.send(read, signal()))).toMatchObject({
      class: 'Wait',
      reason: 'GraphUnavailable',
      delayMs: 10_000,
    });
    expect(sent).toHaveLength(5);
  });

  it('is logged each time it is sent, without path, body, token or names', async () => {
    const { connection, logged } = chain([lost, { headers: { 'request-id': 'r1' } }]);
    await connection.send(read, signal());
    await connection.send(write, signal());
    expect(logged).toMatchObject([
      { operation: 'GetUser', status: undefined },
      { operation: 'GetUser', status: 200, requestId: 'r1' },
      { operation: 'UpdateUser', status: 200 },
    ]);
    expect(JSON.stringify(logged)).not.toContain('canary');
  });
});

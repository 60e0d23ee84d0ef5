import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, FakeClock } from '../../hack/testing/clock.ts';
import { FakeApiServer } from '../../hack/testing/fake-api-server.ts';
import { testMetrics } from '../../hack/testing/metrics.ts';
import { markLane } from '../core/lane.ts';
import type { Credentials, Endpoint } from './endpoint.ts';
import { classify, KubeError } from './errors.ts';
import { KubeTransport } from './transport.ts';

let server: FakeApiServer;
let clock: FakeClock;
let endpoint: Endpoint;
let transport: KubeTransport;
let metrics: ReturnType<typeof testMetrics>;
let token: string;

beforeEach(async () => {
  server = new FakeApiServer();
  clock = new FakeClock();
  metrics = testMetrics();
  token = 'one';
  const { server: url } = await server.start();
  const credentials = (): Promise<Credentials> =>
    Promise.resolve({ headers: { Authorization: `Bearer ${token}` }, tls: {} });
  endpoint = { server: `${url}/prefix/`, proxyUrl: undefined, credentials };
  transport = new KubeTransport(endpoint, { clock, metrics });
});

afterEach(async () => {
  await transport.close();
  await server.stop();
});

function answers(...statuses: readonly [number, Record<string, string>?][]): void {
  let next = 0;
  server.answer = (_, response) => {
    const [status, headers] = statuses[next] ?? [200];
    next += 1;
    response.writeHead(status, headers).end(JSON.stringify({ reason: 'Why', message: 'because' }));
  };
}

/** The HTTP status of the error with which it ends. */
async function statusOf(request: Promise<unknown>): Promise<number> {
  try {
    await request;
    return 200;
  } catch (error) {
    return (error as KubeError).status;
  }
}

describe('the transport', () => {
  it('sends JSON below the path of the server, with credentials', async () => {
    const body = { a: 1 };
    const query = { fieldManager: 'x', limit: 5, none: undefined };
    await transport.request('PATCH', '/apis/x', {
      body,
      query,
      contentType: 'application/merge-patch+json',
    });
    expect(server.requests).toMatchObject([{ method: 'PATCH', path: '/prefix/apis/x', body }]);
    const [sent] = server.requests;
    expect(sent?.query.toString()).toBe('fieldManager=x&limit=5');
    expect(sent?.headers).toMatchObject({
      authorization: 'Bearer one',
      'content-type': 'application/merge-patch+json',
    });
  });

  it('turns other answers into errors with the status and the reason given', async () => {
    answers([422]);
    await expect(transport.request('POST', '/x', { body: {} })).rejects.toMatchObject({
      status: 422,
      reason: 'Why',
      message: 'because',
    });
  });

  it.each(['GET', 'POST'] as const)('comes again with %s when it is told to', async (method) => {
    answers([429, { 'retry-after': '3' }], [503, { 'retry-after': '1' }]);
    const done = transport.request(method, '/x');
    await eventually(() => clock.waitingUntil().length === 1);
    await clock.advance(2_999);
    expect(server.requests).toHaveLength(1);
    await clock.advance(1);
    await eventually(() => server.requests.length === 2 && clock.waitingUntil().length === 1);
    await clock.advance(1_000);
    await done;
    expect(server.requests).toHaveLength(3);
  });

  it('does not come again for ever', async () => {
    server.answer = (_, response) => response.writeHead(429, { 'retry-after': '1' }).end('{}');
    const done = transport.request('GET', '/x');
    const status = statusOf(done);
    for (let sends = 1; sends < 5; sends++) {
      await eventually(() => server.requests.length === sends && clock.waitingUntil().length === 1);
      await clock.advance(1_000);
    }
    expect(await status).toBe(429);
    expect(server.requests).toHaveLength(5);
  });

  it.each([
    ['GET', undefined, 2],
    ['PATCH', undefined, 1],
    ['PATCH', true, 2],
  ] as const)(
    'sends %s (repeatable: %s) %i times over a lost connection',
    async (method, isRepeatable, sends) => {
      let isFirst = true;
      server.answer = (_, response) => {
        if (isFirst) response.destroy();
        else response.end('{}');
        isFirst = false;
      };
      const options = isRepeatable === undefined ? {} : { isRepeatable };
      const outcome = transport.request(method, '/x', options).then(
        () => 'done',
        (error: KubeError) => error.reason,
      );
      await eventually(() => server.requests.length === 1);
      if (sends === 2) await eventually(() => clock.waitingUntil().length === 1);
      await clock.advance(1_000);
      expect(await outcome).toBe(sends === 2 ? 'done' : 'Unreachable');
      expect(server.requests).toHaveLength(sends);
    },
  );

  it('asks for new credentials when the old ones are refused, once', async () => {
    server.answer = ({ headers }, response) => {
      response.writeHead(headers.authorization === 'Bearer two' ? 200 : 401).end('{}');
    };
    token = 'two';
    await transport.request('GET', '/x');
    token = 'three';
    await transport.request('GET', '/x');
    await clock.advance(31_000);
    const status = statusOf(transport.request('GET', '/x'));
    await eventually(() => clock.waitingUntil().length === 1);
    await clock.advance(0);
    expect(await status).toBe(401);
  });

  it('asks for credentials once for all requests that wait for them, and again after a failure', async () => {
    let asked = 0;
    const failing = {
      ...endpoint,
      credentials: () => {
        asked += 1;
        return asked === 1 ? Promise.reject(new Error('no plug-in')) : endpoint.credentials();
      },
    };
    const other = new KubeTransport(failing, { clock, metrics });
    const body = {};
    await expect(other.request('POST', '/x', { body })).rejects.toThrow('no plug-in');
    await Promise.all(Array.from({ length: 5 }, () => other.request('POST', '/x', { body })));
    expect(asked).toBe(2);
    await other.close();
  });

  it('ends with the reason of its signal', async () => {
    server.answer = () => undefined;
    const abort = new AbortController();
    const done = transport.request('GET', '/x', { signal: abort.signal });
    await eventually(() => server.requests.length === 1);
    abort.abort(new Error('enough'));
    await expect(done).rejects.toThrow('enough');
  });

  it('reuses connections', async () => {
    const sockets = new Set<unknown>();
    server.answer = (_, response) => {
      sockets.add(response.socket);
      response.end('{}');
    };
    for (let i = 0; i < 50; i++) await transport.request('GET', '/x');
    // Two: a connection is free again one turn after its body was read.
    expect(sockets.size).toBeLessThanOrEqual(2);
  });

  it('what was edited does not wait where others have taken all connections', async () => {
    const held: ServerResponse[] = [];
    server.answer = ({ path }, response) => {
      if (path.endsWith('/edited')) response.end('{"edited":true}');
      else held.push(response);
    };
    const others = Array.from({ length: 20 }, () => transport.request('GET', '/other'));
    await eventually(() => held.length === 12);
    const signal = markLane(new AbortController().signal, 'edit');
    expect(await transport.request('GET', '/edited', { signal })).toEqual({ edited: true });
    expect(held).toHaveLength(12);
    server.answer = (_, response) => response.end('{}');
    for (const response of held) response.end('{}');
    await Promise.all(others);
  });

  it('counts what it sent', async () => {
    answers([200], [409]);
    await transport.request('GET', '/x');
    await expect(transport.request('PUT', '/x', { body: {} })).rejects.toThrow('because');
    const { values } = await metrics.restRequests.get();
    expect(values.map(({ labels }) => `${String(labels.method)} ${String(labels.code)}`)).toEqual([
      'GET 200',
      'PUT 409',
    ]);
  });
});

describe('classification', () => {
  it.each([
    [0, 'Transient', 'KubernetesUnavailable'],
    [429, 'Transient', 'KubernetesUnavailable'],
    [500, 'Transient', 'KubernetesUnavailable'],
    [503, 'Transient', 'KubernetesUnavailable'],
    [409, 'Transient', 'KubernetesConflict'],
    [401, 'Wait', 'KubernetesUnauthorized'],
    [403, 'Wait', 'KubernetesForbidden'],
    [400, 'Bug', 'InternalError'],
    [404, 'Bug', 'InternalError'],
    [422, 'Bug', 'InternalError'],
  ])('%i is %s, %s', (status, expectedClass, reason) => {
    const error = new KubeError('user "x" of request 123', { status, reason: 'Why' });
    const classified = classify(error, 'writing the status');
    expect(classified).toMatchObject({ class: expectedClass, reason, cause: error });
    expect((classified as Error).message).not.toContain('123');
  });

  it('leaves errors of others alone', () => {
    const error = new Error('x');
    expect(classify(error, 'x')).toBe(error);
  });
});

import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent, errors } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { exchange } from './exchange.ts';

let server: Server | undefined;
let pool: Agent | undefined;

afterEach(async () => {
  await pool?.destroy();
  server?.closeAllConnections();
  server?.close();
});

async function serve(
  listener: RequestListener,
): Promise<(signal?: AbortSignal) => Promise<unknown>> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  const { port } = started.address() as AddressInfo;
  const one = new Agent({ connections: 1, pipelining: 1, allowH2: false });
  pool = one;
  return (signal) =>
    exchange(
      one,
      {
        origin: `http://127.0.0.1:${port}`,
        path: '/things',
        method: 'POST',
        query: { top: '1' },
        headers: { 'content-type': 'text/plain' },
        body: 'Grüße',
        headersTimeout: 200,
        bodyTimeout: 200,
      },
      signal,
    );
}

describe('an answer', () => {
  it('comes as a whole: status, headers, and a text that arrived in pieces, without its mark', async () => {
    const seen: string[] = [];
    const call = await serve((request, response) => {
      request.on('data', (chunk) => seen.push(`${request.url ?? ''} ${String(chunk)}`));
      const text = Buffer.from('\uFEFF{"name":"Jürgen 😀"}');
      response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      response.writeHead(201, { 'Request-Id': 'r1' });
      // In the middle of a letter.
      response.write(text.subarray(0, 15));
      response.end(text.subarray(15));
    });
    expect(await call()).toMatchObject({
      status: 201,
      headers: { 'request-id': 'r1' },
      text: '{"name":"Jürgen 😀"}',
    });
    expect(seen).toEqual(['/things?top=1 Grüße']);
  });

  it.each<[string, RequestListener, unknown]>([
    [
      'is cut off',
      (_, response) => void response.write('half', () => response.destroy()),
      errors.SocketError,
    ],
    ['does not come', () => undefined, errors.HeadersTimeoutError],
    ['does not end', (_, response) => void response.write('half'), errors.BodyTimeoutError],
  ])('that %s is a failure', async (_, listener, kind) => {
    const call = await serve(listener);
    await expect(call()).rejects.toBeInstanceOf(kind);
  });
});

describe('a stop', () => {
  const reason = new Error('stopping');

  it('is the end of what is under way, and of what waits for a connection, which is never sent', async () => {
    const arrived = Promise.withResolvers<void>();
    let requests = 0;
    const call = await serve(() => {
      requests += 1;
      arrived.resolve();
    });
    const stop = new AbortController();
    const outcomes = Promise.allSettled([call(stop.signal), call(stop.signal)]);
    await arrived.promise;
    stop.abort(reason);
    expect(await outcomes).toMatchObject([
      { status: 'rejected', reason },
      { status: 'rejected', reason },
    ]);
    await pool?.close();
    expect(requests).toBe(1);
  });

  it('comes before all: nothing is sent', async () => {
    let requests = 0;
    const call = await serve(() => {
      requests += 1;
    });
    await expect(call(AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(requests).toBe(0);
  });
});

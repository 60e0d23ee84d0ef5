import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { failureOf, signal } from '../../hack/testing/cloud.ts';
import { markLane } from '../core/lane.ts';
import type { Lane } from '../core/ports.ts';
import { quotable } from '../core/quote.ts';
import { endpointsOf } from './endpoints.ts';
import { createTransport, parseJson, retryAfterMs } from './http.ts';

const nowMs = Date.parse('2026-11-24T10:00:00Z');

it.each([
  [undefined, undefined],
  ['', undefined],
  [' ', undefined],
  ['2.128', 2_128],
  ['0', 0],
  ['-5', 0],
  ['Tue, 24 Nov 2026 10:01:00 GMT', 60_000],
  ['Tue, 24 Nov 2026 09:00:00 GMT', 0],
  ['Infinity', undefined],
  ['later', undefined],
])('reads Retry-After "%s" as %s ms', (header, wanted) => {
  expect(retryAfterMs(header, nowMs)).toBe(wanted);
});

it.each([
  ['', undefined],
  ['<html>', undefined],
  ['null', null],
  ['{"a":1}', { a: 1 }],
])('parses "%s"', (text, wanted) => {
  expect(parseJson(text)).toEqual(wanted);
});

it('quotes without ids, within bounds', () => {
  expect(quotable('SKU 0F6A7C1E-9D53-4A7B-8A24-5C1E2B3D4F60 is gone')).toBe('SKU … is gone');
  expect(quotable('x'.repeat(1_000))).toHaveLength(300);
});

const call = (url: string, by: AbortSignal = signal, method: 'GET' | 'POST' = 'GET') => {
  const seen: { code: string; operation: string; system: string }[] = [];
  const transport = createTransport({
    system: 'Graph',
    nowMs: () => nowMs,
    observe: (exchange) => seen.push(exchange),
    mayWrite: () => false,
  });
  const answer = transport({
    method,
    url,
    headers: { authorization: 'Bearer canary' },
    signal: by,
    operation: 'GetUser',
  });
  return { answer, seen };
};

describe('an exchange', () => {
  it('that nobody answers is transient, counted, and tells no token', async () => {
    const { answer, seen } = call('https://127.0.0.1:1/v1.0/users');
    const error = await failureOf(answer);
    expect(error).toMatchObject({ class: 'Transient', reason: 'ConnectionFailed' });
    expect(`${error.message} ${String(error.cause)}`).not.toContain('canary');
    expect(seen).toEqual([{ system: 'Graph', operation: 'GetUser', code: 'error', seconds: 0 }]);
  });

  it('that is stopped ends with the reason of the signal', async () => {
    const { answer } = call('https://127.0.0.1:1/', AbortSignal.abort(new Error('stopping')));
    await expect(answer).rejects.toThrow('stopping');
  });

  it('that would change something is not begun by a process that does not lead', async () => {
    const { answer, seen } = call('https://127.0.0.1:1/v1.0/users', signal, 'POST');
    expect(await failureOf(answer)).toMatchObject({ class: 'Wait', reason: 'NotLeading' });
    expect(seen).toEqual([]);
  });
});

it('what was edited does not wait where others have taken all connections', async () => {
  const held: ServerResponse[] = [];
  let isSlow = true;
  const server = createServer(({ url }, response) => {
    if (isSlow && url === '/slow') held.push(response);
    else response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const get = (path: string, lane: Lane) =>
    call(`http://127.0.0.1:${port}${path}`, markLane(new AbortController().signal, lane)).answer;
  const slow = Array.from({ length: 30 }, () => get('/slow', 'retry'));
  await expect.poll(() => held.length).toBe(20);
  let isOtherDone = false;
  const other = get('/other', 'dependant').then(() => (isOtherDone = true));
  expect(await get('/edited', 'edit')).toMatchObject({ status: 200 });
  expect(isOtherDone).toBe(false);
  isSlow = false;
  for (const response of held) response.end();
  await Promise.all([...slow, other]);
  server.close();
});

describe('addresses', () => {
  const overrides = {
    login: 'https://login.test',
    graph: 'https://graph.test',
    partnerCenter: 'https://partner.test',
  };

  it('are replaced for the public cloud, what tokens are for never is', () => {
    expect(endpointsOf('Public', overrides)).toEqual({
      ...overrides,
      graphResource: 'https://graph.microsoft.com',
      partnerCenterResource: 'https://api.partnercenter.microsoft.com',
    });
    expect(endpointsOf('Public', {}).graph).toBe('https://graph.microsoft.com');
  });

  it.each(['USGovernment', 'China'] as const)('of %s are never replaced', (cloud) => {
    const endpoints = endpointsOf(cloud, overrides);
    expect(JSON.stringify(endpoints)).not.toContain('.test');
    for (const address of Object.values(endpoints)) expect(address).toMatch(/^https:\/\/[a-z.]+$/);
  });
});

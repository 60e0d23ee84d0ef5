import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Connections } from './connections.ts';
import { exchange } from './exchange.ts';

const max = 2;

let server: Server;
let origin: string;
let connections: Connections;
/** Calls that nobody answered yet, by path. */
const held = new Map<string, ServerResponse>();

const agent = (count: number): Dispatcher => new Agent({ connections: count, allowH2: false });

beforeEach(async () => {
  server = createServer(({ url = '' }, response) => held.set(url, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  connections = new Connections(max, agent);
});

afterEach(async () => {
  await connections.destroy();
  held.clear();
  server.closeAllConnections();
  server.close();
});

function call(path: string, isUrgent = false) {
  const timeouts = { headersTimeout: 5_000, bodyTimeout: 5_000 };
  const request = { origin, path, method: 'GET', headers: {}, body: null, ...timeouts } as const;
  return exchange(connections.poolFor(origin, { isUrgent }), request, undefined);
}

const arrived = (...paths: readonly string[]) =>
  expect.poll(() => [...held.keys()].sort()).toEqual([...paths].sort());

function answer(...paths: readonly string[]): void {
  for (const path of paths) held.get(path)?.end();
}

it('what is urgent has connections of its own where all others are taken', async () => {
  const calls = [call('/a'), call('/b'), call('/c')];
  await arrived('/a', '/b');
  calls.push(call('/urgent', true));
  await arrived('/a', '/b', '/urgent');
  answer('/a', '/b', '/urgent');
  await arrived('/a', '/b', '/c', '/urgent');
  answer('/c');
  expect(await Promise.all(calls)).toHaveLength(4);
});

it('what is urgent takes an ordinary connection where one is free', async () => {
  const created: number[] = [];
  connections = new Connections(max, (count) => {
    created.push(count);
    return agent(count);
  });
  const calls = [call('/a'), call('/urgent', true)];
  await arrived('/a', '/urgent');
  answer('/a', '/urgent');
  await Promise.all(calls);
  expect(created).toEqual([max]);
});

it('to another service there is room', async () => {
  const calls = [call('/a'), call('/b')];
  await arrived('/a', '/b');
  const elsewhere = connections.poolFor('http://127.0.0.1:1', { isUrgent: true });
  expect(elsewhere).toBe(connections.poolFor(origin, { isUrgent: false }));
  answer('/a', '/b');
  await Promise.all(calls);
});

it('through a proxy all wait in one line', () => {
  connections = new Connections(
    max,
    (count) => new ProxyAgent({ uri: origin, connections: count }),
  );
  const ordinary = connections.poolFor(origin, { isUrgent: false });
  expect(connections.poolFor(origin, { isUrgent: true })).toBe(ordinary);
});

it('close when what is in flight has ended, urgent calls as well', async () => {
  const calls = [call('/a'), call('/b')];
  await arrived('/a', '/b');
  calls.push(call('/urgent', true));
  await arrived('/a', '/b', '/urgent');
  const closed = connections.close();
  answer('/a', '/b', '/urgent');
  await expect(Promise.all(calls)).resolves.toHaveLength(3);
  await closed;
  await expect(call('/late')).rejects.toThrow('destroyed');
});

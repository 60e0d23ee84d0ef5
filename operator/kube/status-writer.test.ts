import { afterEach, beforeEach, expect, it } from 'vitest';
import { RecordedLog } from '../../hack/testing/engine.ts';
import { FakeApiServer } from '../../hack/testing/fake-api-server.ts';
import { testMetrics } from '../../hack/testing/metrics.ts';
import { toy, toyKey } from '../../hack/testing/toy.ts';
import { notReady } from '../core/conditions.ts';
import type { StatusChange } from '../core/ports.ts';
import type { Resource } from '../core/resource.ts';
import { systemClock } from '../runtime/clock.ts';
import { ObjectCache } from './cache.ts';
import { createStore } from './status-writer.ts';
import { KubeTransport } from './transport.ts';

const signal = new AbortController().signal;
const info = { group: 'testing.m365-operator.io', version: 'v1', kind: 'Toy', plural: 'toys' };
const change: StatusChange = {
  fields: {},
  conditions: [notReady('Waiting', 'not yet')],
  observedGeneration: 1,
};

let api: FakeApiServer;
let transport: KubeTransport;

beforeEach(async () => {
  api = new FakeApiServer();
  const deps = { clock: systemClock, metrics: testMetrics() };
  transport = new KubeTransport(await api.start(), deps);
});

afterEach(async () => {
  await transport.close();
  await api.stop();
});

it('a status whose write was done, lost and then refused is not written again', async () => {
  let stored: Resource = toy('a', { size: 1 });
  const cache = new ObjectCache();
  cache.sink('Toy', undefined).replace([stored], '1');
  const writes = () => api.requests.filter(({ method }) => method === 'PATCH').length;
  api.answer = ({ method, body }, response) => {
    if (method === 'GET') {
      response.end(JSON.stringify(stored));
    } else if (writes() === 1) {
      const { status } = body as Pick<Resource, 'status'>;
      stored = { ...stored, status, metadata: { ...stored.metadata, resourceVersion: '2' } };
      response.destroy();
    } else {
      response.writeHead(429, { 'retry-after': '0' }).end('{}');
    }
  };
  const kinds = new Map([['Toy', info]]);
  const log = new RecordedLog();
  const store = createStore({ transport, cache, kinds, clock: systemClock, log });

  const resource = store.get(toyKey('a')) as Resource;
  await expect(store.saveStatus(resource, change, signal)).rejects.toThrow('failed while writing');
  const before = writes();
  expect(before).toBeGreaterThan(1);
  expect((await store.saveStatus(resource, change, signal))?.status).toEqual(stored.status);
  expect(writes()).toBe(before);
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, FakeClock, settle } from '../../hack/testing/clock.ts';
import { RecordedLog } from '../../hack/testing/engine.ts';
import { FakeApiServer } from '../../hack/testing/fake-api-server.ts';
import { testMetrics } from '../../hack/testing/metrics.ts';
import { Lease } from './lease.ts';
import { type ApiClient, KubeTransport } from './transport.ts';

interface Stored {
  readonly metadata: { readonly resourceVersion: string };
  readonly spec: Record<string, unknown>;
}

let server: FakeApiServer;
let stored: Stored | undefined;
let isDown: boolean;
let version: number;
let inFlight: number;
let stop: AbortController;
let transports: KubeTransport[];
let url: Awaited<ReturnType<FakeApiServer['start']>>;

/** Optimistic concurrency as the API server does it. */
function statusFor(method: string, sent: Stored | undefined): number {
  if (isDown) return 500;
  if (method === 'GET') return stored === undefined ? 404 : 200;
  return sent?.metadata.resourceVersion === stored?.metadata.resourceVersion ? 200 : 409;
}

function answer(): void {
  server.answer = ({ method, body }, response) => {
    const sent = body as Stored | undefined;
    const status = statusFor(method, sent);
    if (status === 200 && method !== 'GET') put(sent?.spec ?? {});
    response.writeHead(status).end(JSON.stringify(stored ?? {}));
  };
}

function put(spec: Record<string, unknown>): void {
  version += 1;
  stored = { metadata: { resourceVersion: String(version) }, spec };
}

beforeEach(async () => {
  server = new FakeApiServer();
  stored = undefined;
  isDown = false;
  version = 1;
  inFlight = 0;
  stop = new AbortController();
  transports = [];
  answer();
  url = await server.start();
});

afterEach(async () => {
  stop.abort();
  await Promise.all(transports.map((transport) => transport.close()));
  await server.stop();
});

function candidate(identity: string, clock: FakeClock): Lease {
  const metrics = testMetrics();
  const transport = new KubeTransport(url, { clock, metrics });
  transports.push(transport);
  const options = { namespace: 'n', name: 'l', identity };
  const counted = { ...countedRequests(transport), stream: never, close: never };
  return new Lease(options, { transport: counted, clock, log: new RecordedLog(), metrics });
}

function never(): Promise<never> {
  throw new Error('a lease has no use for this');
}

function countedRequests(transport: KubeTransport): Pick<ApiClient, 'request'> {
  return {
    request: async (...args: Parameters<ApiClient['request']>) => {
      inFlight += 1;
      try {
        return await transport.request(...args);
      } finally {
        inFlight -= 1;
      }
    },
  };
}

/** What is under way has come to its next wait: no request that is not answered. */
async function advance(clock: FakeClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) {
    await clock.advance(500);
    await eventually(() => inFlight === 0);
    await settle();
  }
}

describe('the lease', () => {
  it('is renewed by one request each, and read where somebody else wrote it', async () => {
    const clock = new FakeClock();
    const lease = candidate('a', clock);
    await lease.acquire(stop.signal);
    void lease.keep(stop.signal);
    const before = server.requests.length;
    const methods = () => server.requests.slice(before).map(({ method }) => method);
    await advance(clock, 4_000);
    expect(methods()).toEqual(['PUT', 'PUT']);
    put({ ...stored?.spec, renewTime: 'as somebody else wrote it' });
    await advance(clock, 4_000);
    expect(methods().slice(2)).toEqual(['PUT', 'GET', 'PUT', 'PUT']);
    expect(lease.isLeading()).toBe(true);
  });

  it('is taken where there is none, with times of six digits', async () => {
    const lease = candidate('a', new FakeClock());
    await lease.acquire(stop.signal);
    expect(lease.isLeading()).toBe(true);
    expect(stored?.spec).toEqual({
      holderIdentity: 'a',
      leaseDurationSeconds: 15,
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:00:00.000000Z',
      leaseTransitions: 0,
    });
  });

  it('is not taken from one that renews it, whatever the clocks say', async () => {
    const [now, future] = [new FakeClock(), new FakeClock('2027-01-01T00:00:00Z')];
    const first = candidate('a', now);
    await first.acquire(stop.signal);
    void first.keep(stop.signal);
    const second = candidate('b', future);
    const acquired = second.acquire(stop.signal);
    acquired.catch(() => undefined);
    for (let seconds = 0; seconds < 60; seconds += 2) {
      await advance(now, 2_000);
      await advance(future, 2_000);
    }
    expect([first.isLeading(), second.isLeading()]).toEqual([true, false]);
  });

  it('is taken from one that is gone, after the lease ran out and not before', async () => {
    await candidate('a', new FakeClock()).acquire(stop.signal);
    const clock = new FakeClock();
    const second = candidate('b', clock);
    const acquired = second.acquire(stop.signal);
    await eventually(() => clock.waitingUntil().length === 1);
    await advance(clock, 14_500);
    expect(second.isLeading()).toBe(false);
    await advance(clock, 6_000);
    await acquired;
    expect(stored?.spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
  });

  it('is not led any more ten seconds after the last renewal, without anybody telling', async () => {
    const clock = new FakeClock();
    const lease = candidate('a', clock);
    await lease.acquire(stop.signal);
    await clock.advance(9_999);
    expect(lease.isLeading()).toBe(true);
    await clock.advance(1);
    expect(lease.isLeading()).toBe(false);
  });

  it('is lost when the API server stays away, and kept when it comes back in time', async () => {
    const clock = new FakeClock();
    const lease = candidate('a', clock);
    await lease.acquire(stop.signal);
    let isLost = false;
    const keep = async (): Promise<void> => {
      await lease.keep(stop.signal);
      isLost = true;
    };
    const kept = keep();
    isDown = true;
    await advance(clock, 7_000);
    isDown = false;
    await advance(clock, 7_000);
    expect([lease.isLeading(), isLost]).toEqual([true, false]);
    isDown = true;
    await advance(clock, 15_000);
    await kept;
    expect(lease.isLeading()).toBe(false);
  });

  it('is lost at once when another holds it', async () => {
    const clock = new FakeClock();
    const lease = candidate('a', clock);
    await lease.acquire(stop.signal);
    const kept = lease.keep(stop.signal);
    version += 1;
    stored = {
      metadata: { resourceVersion: String(version) },
      spec: { ...stored?.spec, holderIdentity: 'b' },
    };
    await advance(clock, 2_500);
    await kept;
    expect(lease.isLeading()).toBe(false);
  });

  it('is not lost by one write that somebody else was faster with', async () => {
    const clock = new FakeClock();
    const lease = candidate('a', clock);
    await lease.acquire(stop.signal);
    void lease.keep(stop.signal);
    const { answer: honest } = server;
    server.answer = (request, response) => {
      if (request.method !== 'PUT') return honest(request, response);
      server.answer = honest;
      response.writeHead(409).end('{}');
    };
    await advance(clock, 5_000);
    expect(lease.isLeading()).toBe(true);
  });

  it('is lost where every write of it fails, though the API server answers', async () => {
    const clock = new FakeClock();
    const lease = candidate('a', clock);
    await lease.acquire(stop.signal);
    const kept = lease.keep(stop.signal);
    const { answer: honest } = server;
    server.answer = (request, response) => {
      if (request.method === 'PUT') response.writeHead(409).end('{}');
      else honest(request, response);
    };
    await advance(clock, 12_000);
    await kept;
    expect(lease.isLeading()).toBe(false);
  });

  it('given back, is taken by the next at once', async () => {
    const first = candidate('a', new FakeClock());
    await first.acquire(stop.signal);
    await first.release();
    expect(first.isLeading()).toBe(false);
    expect(stored?.spec).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 });
    await candidate('b', new FakeClock()).acquire(stop.signal);
    expect(stored?.spec['holderIdentity']).toBe('b');
  });

  it('held by another is not given back', async () => {
    const first = candidate('a', new FakeClock());
    await first.acquire(stop.signal);
    stored = { metadata: { resourceVersion: '99' }, spec: { holderIdentity: 'b' } };
    await first.release();
    expect(stored.spec).toEqual({ holderIdentity: 'b' });
  });
});

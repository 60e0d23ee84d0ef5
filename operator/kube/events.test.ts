import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, FakeClock } from '../../hack/testing/clock.ts';
import { RecordedLog } from '../../hack/testing/engine.ts';
import { FakeApiServer } from '../../hack/testing/fake-api-server.ts';
import { testMetrics } from '../../hack/testing/metrics.ts';
import { toy } from '../../hack/testing/toy.ts';
import type { EventRecord } from '../core/ports.ts';
import { KubeEventRecorder } from './events.ts';
import { KubeTransport } from './transport.ts';

let server: FakeApiServer;
let clock: FakeClock;
let transport: KubeTransport;
let recorder: KubeEventRecorder;
let metrics: ReturnType<typeof testMetrics>;

beforeEach(async () => {
  server = new FakeApiServer();
  clock = new FakeClock();
  metrics = testMetrics();
  transport = new KubeTransport(await server.start(), { clock, metrics });
  recorder = new KubeEventRecorder({
    transport,
    clock,
    log: new RecordedLog(),
    metrics,
    identity: 'pod-1',
  });
});

afterEach(async () => {
  await recorder.close();
  await transport.close();
  await server.stop();
});

const resource = toy('a', { size: 1 });
const event = (reason: string): EventRecord => ({
  type: 'Normal',
  reason,
  action: 'Create',
  note: 'n',
});

async function dropped(reason: string): Promise<number> {
  const { values } = await metrics.eventsDropped.get();
  return values.find(({ labels }) => labels.reason === reason)?.value ?? 0;
}

function sent(): readonly unknown[] {
  return server.requests.map(({ method, body }) => {
    const { reason, series } = body as { reason?: string; series?: { count: number } };
    return series === undefined
      ? `${method} ${String(reason)}`
      : `${method} ×${String(series.count)}`;
  });
}

describe('the event recorder', () => {
  it('writes what events.k8s.io/v1 wants', async () => {
    recorder.record(resource, { ...event('Created'), note: 'x'.repeat(2_000) });
    await recorder.flush();
    const [request] = server.requests;
    expect(request?.path).toBe('/apis/events.k8s.io/v1/namespaces/default/events');
    expect(request?.body).toMatchObject({
      type: 'Normal',
      reason: 'Created',
      action: 'Create',
      note: 'x'.repeat(1_000),
      eventTime: '2026-01-01T00:00:00.000000Z',
      reportingController: 'm365-operator.io/operator',
      reportingInstance: 'pod-1',
      regarding: { kind: 'Toy', name: 'a', namespace: 'default', uid: 'uid-a' },
    });
  });

  it('makes a series of equal events: one write for the second, none for more, one at the end', async () => {
    for (let i = 0; i < 5; i++) recorder.record(resource, event('Same'));
    await recorder.flush();
    expect(sent()).toEqual(['POST Same', 'PATCH ×2']);
    await clock.advance(7 * 60_000);
    await recorder.flush();
    expect(sent()).toEqual(['POST Same', 'PATCH ×2', 'PATCH ×5']);
    recorder.record(resource, event('Same'));
    await recorder.flush();
    expect(sent()).toHaveLength(4);
    expect(sent().at(-1)).toBe('POST Same');
  });

  it('writes the last count on close', async () => {
    for (let i = 0; i < 3; i++) recorder.record(resource, event('Same'));
    await recorder.close();
    expect(sent().at(-1)).toBe('PATCH ×3');
  });

  it('lets one object say 25 things at once, then one in five minutes; others are not affected', async () => {
    for (let i = 0; i < 40; i++) recorder.record(resource, event(`R${String(i)}`));
    recorder.record(toy('b', { size: 1 }), event('Other'));
    await recorder.flush();
    expect(server.requests).toHaveLength(26);
    expect(await dropped('RateLimited')).toBe(15);
    await clock.advance(300_000);
    recorder.record(resource, event('Later'));
    recorder.record(resource, event('TooMuch'));
    await recorder.flush();
    expect(server.requests).toHaveLength(27);
  });

  it('holds a thousand at most, and never blocks', async () => {
    for (let i = 0; i < 1_100; i++)
      recorder.record(toy(`t${String(i)}`, { size: 1 }), event('Made'));
    expect(await dropped('QueueFull')).toBeGreaterThan(50);
    await recorder.flush();
    expect(server.requests.length).toBeGreaterThanOrEqual(1_000);
    expect(server.requests.length).toBeLessThanOrEqual(1_010);
  });

  it('survives a refusal, and counts it', async () => {
    server.answer = (_, response) => response.writeHead(403).end('{}');
    recorder.record(resource, event('Refused'));
    await recorder.flush();
    expect(await dropped('Refused')).toBe(1);
    server.answer = (_, response) => response.end('{}');
    recorder.record(resource, event('Fine'));
    await recorder.flush();
    expect(sent()).toEqual(['POST Refused', 'POST Fine']);
  });

  it('tries again while the API server is away, and takes its own event for what it is', async () => {
    const statuses = [503, 409];
    server.answer = (_, response) => response.writeHead(statuses.shift() ?? 200).end('{}');
    recorder.record(resource, event('Made'));
    await eventually(() => clock.waitingUntil().some((at) => at - clock.nowMs() === 10_000));
    await clock.advance(10_000);
    await recorder.flush();
    expect([sent(), await dropped('Refused')]).toEqual([['POST Made', 'POST Made'], 0]);
  });

  it('gives up after twelve tries, and at once when it is told to stop', async () => {
    server.answer = (_, response) => response.writeHead(503).end('{}');
    recorder.record(resource, event('Made'));
    for (let i = 1; i < 12; i++) {
      await eventually(() => server.requests.length === i && clock.waitingUntil().length === 2);
      await clock.advance(10_000);
    }
    await recorder.flush();
    expect([server.requests.length, await dropped('Refused')]).toEqual([12, 1]);
    recorder.record(resource, event('Changed'));
    await eventually(() => server.requests.length === 13 && clock.waitingUntil().length === 2);
    const closed = recorder.close();
    await clock.advance(2_000);
    await closed;
    expect(await dropped('Refused')).toBe(2);
  });

  it('writes a series that goes on every half hour', async () => {
    for (let minutes = 0; minutes < 62; minutes += 2) {
      recorder.record(resource, event('Made'));
      await recorder.flush();
      await clock.advance(2 * 60_000);
    }
    await recorder.flush();
    expect(sent().slice(0, 2)).toEqual(['POST Made', 'PATCH ×2']);
    expect(sent()).toHaveLength(3);
  });
});

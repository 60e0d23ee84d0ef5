import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../hack/testing/clock.ts';
import {
  MemoryStore,
  RecordedAudit,
  RecordedEvents,
  RecordedLog,
  shownConditions,
} from '../../hack/testing/engine.ts';
import { metricValue, testMetrics } from '../../hack/testing/metrics.ts';
import { type Toy, ToyWorld, toy, toyKey, toyKind } from '../../hack/testing/toy.ts';
import { bug, type OperatorError, terminal, transient, wait } from '../core/errors.ts';
import { annotations } from '../core/plan.ts';
import { createManager, type Manager } from './manager.ts';
import type { Metrics } from './metrics.ts';

let clock: FakeClock;
let world: ToyWorld;
let store: MemoryStore;
let events: RecordedEvents;
let log: RecordedLog;
let metrics: Metrics;
let manager: Manager;

beforeEach(() => {
  clock = new FakeClock();
  world = new ToyWorld();
  store = new MemoryStore(clock, toyKind(world, { isRecoverable: true }));
  events = new RecordedEvents();
  log = new RecordedLog();
  metrics = testMetrics();
});

afterEach(async () => {
  const stopped = manager.stop();
  await clock.advance(60_000);
  await stopped;
});

function start(): void {
  manager = createManager({
    kinds: [toyKind(world, { isRecoverable: true })],
    store,
    subscribe: store.subscribe,
    referencing: store.referencing,
    events,
    audit: new RecordedAudit(),
    clock,
    log,
    metrics,
    mayWrite: () => true,
    options: { concurrency: 2 },
  });
  manager.start();
}

function conditions(name = 'a') {
  return shownConditions(store.require(toyKey(name)));
}

function failWith(error: Error | undefined): void {
  world.beforeObserve = () => {
    if (error !== undefined) throw error;
  };
}

function metric(name: string, labels: Record<string, string> = {}): Promise<number> {
  return metricValue(metrics, name, labels);
}

describe('the life of an object', () => {
  beforeEach(start);

  it('runs from its creation to Ready, its edits, and its end', async () => {
    store.apply(toy('a', { size: 1 }));
    await clock.advance(0);
    expect(conditions()).toEqual({ Ready: 'True Ready', Synced: 'True Synced' });
    store.apply({ ...(store.require(toyKey('a')) as Toy), spec: { size: 2 } });
    await clock.advance(0);
    expect(world.things.get('id-a')).toEqual({ size: 2 });
    store.delete(toyKey('a'));
    await clock.advance(0);
    expect(store.get(toyKey('a'))).toBe(undefined);
    expect(world.things.size).toBe(0);
  });

  it('is not woken by its own status writes', async () => {
    store.apply(toy('a', { size: 1 }));
    await clock.advance(0);
    const after = world.observations;
    await clock.advance(60_000);
    expect(world.observations).toBe(after);
  });

  it('is looked at again after about ten hours', async () => {
    store.apply(toy('a', { size: 1 }));
    await clock.advance(0);
    world.things.set('id-a', { size: 9 });
    await clock.advance(8 * 3_600_000);
    expect(world.things.get('id-a')).toEqual({ size: 9 });
    await clock.advance(4 * 3_600_000);
    expect(world.things.get('id-a')).toEqual({ size: 1 });
  });

  it('is looked at when somebody asks for it', async () => {
    store.apply(toy('a', { size: 1 }));
    await clock.advance(0);
    const before = world.observations;
    store.annotate(toyKey('a'), { [annotations.reconcileRequestedAt]: 'now' });
    await clock.advance(0);
    expect(world.observations).toBe(before + 1);
    manager.wake(toyKey('a'), 'dependant');
    await clock.advance(0);
    expect(world.observations).toBe(before + 2);
  });

  it('wakes those that refer to it when its status says something new, and only then', async () => {
    store.apply(toy('b', { size: 1, after: 'a' }));
    await clock.advance(0);
    const seen: string[] = [];
    world.beforeObserve = (resource) => void seen.push(resource.metadata.name);
    store.apply(toy('a', { size: 1 }));
    await clock.advance(0);
    expect(seen).toContain('b');
    seen.length = 0;
    manager.wake(toyKey('a'), 'resync');
    await clock.advance(0);
    expect(seen).toEqual(['a']);
  });

  it('counts its conditions, and forgets them with it', async () => {
    store.apply(toy('a', { size: 1 }));
    store.apply(toy('b', { size: 1 }));
    await clock.advance(0);
    const labels = { type: 'Ready', status: 'True', reason: 'Ready', namespace: 'default' };
    expect(await metric('m365_conditions', labels)).toBe(2);
    store.delete(toyKey('a'));
    await clock.advance(0);
    expect(await metric('m365_conditions', labels)).toBe(1);
  });
});

describe('failures', () => {
  beforeEach(start);

  const reason = { reason: 'Broken' };

  it.each<[OperatorError, string, string]>([
    [transient('hm', reason), 'Reconciling', 'True Broken'],
    [wait('hm', reason), 'Reconciling', 'True Broken'],
    [terminal('hm', reason), 'Stalled', 'True Broken'],
    [bug('hm'), 'Reconciling', 'True InternalError'],
  ])('show in status with the generation that failed: %s', async (error, type, expected) => {
    failWith(error);
    store.apply(toy('a', { size: 1 }));
    await clock.advance(0);
    expect(conditions()).toHaveProperty(type, expected);
    expect((store.require(toyKey('a')) as Toy).status?.observedGeneration).toBe(1);
  });

  it('are told once, not at every try, and again when the reason changes', async () => {
    failWith(transient('hm', reason));
    store.apply(toy('a', { size: 1 }));
    await clock.advance(60_000);
    expect(world.observations).toBeGreaterThan(3);
    expect(events.reasons).toEqual(['Broken']);
    const writes = store.writes.length;
    failWith(transient('hm', { reason: 'OtherThing' }));
    await clock.advance(600_000);
    expect(events.reasons).toEqual(['Broken', 'OtherThing']);
    expect(store.writes).toHaveLength(writes + 1);
  });

  it('that pass are tried with growing waits, and end in Ready', async () => {
    const times: number[] = [];
    const began = clock.nowMs();
    world.beforeObserve = () => {
      times.push(clock.nowMs() - began);
      if (times.length < 5) throw transient('hm', reason);
    };
    store.apply(toy('a', { size: 1 }));
    await clock.advance(60_000);
    const waits = times.slice(1, 5).map((time, i) => time - (times[i] ?? 0));
    for (const [i, ms] of waits.entries()) {
      expect(ms).toBeGreaterThanOrEqual(500 * 2 ** i);
      expect(ms).toBeLessThanOrEqual(1_000 * 2 ** i);
    }
    expect(conditions()['Ready']).toBe('True Ready');
  });

  it('after a success count as first ones', async () => {
    let looks = 0;
    const times: number[] = [];
    world.beforeObserve = () => {
      looks += 1;
      times.push(clock.nowMs());
      if (looks <= 6) throw transient('hm', reason);
    };
    store.apply(toy('a', { size: 1 }));
    await clock.advance(120_000);
    expect(conditions()['Ready']).toBe('True Ready');
    times.length = 0;
    looks = 5;
    manager.wake(toyKey('a'), 'edit');
    await clock.advance(60_000);
    const [failed = 0, again = 0] = times;
    expect(again - failed).toBeLessThanOrEqual(1_000);
  });

  it.each([
    [wait('hm', { reason: 'Throttled', delayMs: 7_000 }), 7_000],
    [wait('hm', reason), 600_000],
  ])('with a time are tried exactly then: %s', async (error, ms) => {
    failWith(error);
    store.apply(toy('a', { size: 1 }));
    await clock.advance(ms - 1);
    expect(world.observations).toBe(1);
    await clock.advance(1);
    expect(world.observations).toBe(2);
  });

  it('that only the user can end are not tried again until the object changes', async () => {
    failWith(terminal('no', reason));
    store.apply(toy('a', { size: 1 }));
    await clock.advance(3_600_000);
    expect(world.observations).toBe(1);
    expect(await metric('controller_runtime_terminal_reconcile_errors_total')).toBe(1);
    failWith(undefined);
    store.apply({ ...(store.require(toyKey('a')) as Toy), spec: { size: 2 } });
    await clock.advance(0);
    expect(conditions()).toEqual({ Ready: 'True Ready', Synced: 'True Synced' });
  });

  it('of ours are logged with their stack and shown without details', async () => {
    failWith(new TypeError('secret inner workings'));
    store.apply(toy('a', { size: 1 }));
    await clock.advance(0);
    const { status } = store.require(toyKey('a')) as Toy;
    expect(JSON.stringify(status)).not.toContain('inner workings');
    const line = log.lines.find((l) => l.level === 'error');
    expect((line!.fields['error'] as Error).stack).toContain('inner workings');
    expect(await metric('m365_bugs_total')).toBe(1);
    await clock.advance(29_000);
    expect(world.observations).toBe(1);
  });

  it('tell the id of the outside request in the event, and not in status', async () => {
    failWith(terminal('Graph refuses it', { reason: 'InvalidRequest', requestId: 'req-4711' }));
    store.apply(toy('a', { size: 1 }));
    await clock.advance(0);
    expect(conditions()).toMatchObject({ Stalled: 'True InvalidRequest' });
    expect(JSON.stringify(store.require(toyKey('a')).status)).not.toContain('req-4711');
    expect(events.records.map(({ note }) => note)).toEqual(['Graph refuses it (request req-4711)']);
  });

  it('of Kubernetes itself are survived', async () => {
    store.beforeWrite = () => {
      throw transient('the API server is down', { reason: 'KubernetesUnavailable' });
    };
    store.apply(toy('a', { size: 1 }));
    await clock.advance(30_000);
    store.beforeWrite = () => undefined;
    await clock.advance(60_000);
    expect(conditions()['Ready']).toBe('True Ready');
  });

  it('to correct drift show the drift, and tell of it once', async () => {
    store.apply(toy('a', { size: 1 }));
    await clock.advance(0);
    world.things.set('id-a', { size: 9 });
    world.beforeCall = () => {
      throw transient('hm', reason);
    };
    manager.wake(toyKey('a'), 'resync');
    await clock.advance(60_000);
    expect(conditions()).toMatchObject({ Ready: 'False Broken', Drifted: 'True SizeDiffers' });
    expect(events.reasons.filter((r) => r === 'DriftDetected')).toHaveLength(1);
    expect(await metric('m365_drift_detected_total')).toBe(1);
    world.beforeCall = () => undefined;
    await clock.advance(900_000);
    expect(conditions()).toEqual({ Ready: 'True Ready', Synced: 'True Synced' });
    expect(await metric('m365_drift_corrected_total')).toBe(1);
  });

  it('of Kubernetes lose nothing of what was learned outside', async () => {
    // The thing is made, and from then on nothing can be stored; its id is not to be found again.
    world.afterCall = () => {
      store.beforeWrite = () => {
        throw transient('down', { reason: 'KubernetesUnavailable' });
      };
    };
    store.apply(toy('a', { size: 1 }));
    await clock.advance(30_000);
    store.beforeWrite = () => undefined;
    await clock.advance(60_000);
    expect(world.calls).toEqual(['CreateThing']);
    expect((store.require(toyKey('a')) as Toy).status).toMatchObject({ externalId: 'id-a' });
  });

  it('to delete show that the object is being deleted', async () => {
    store.apply(toy('a', { size: 1 }));
    await clock.advance(0);
    world.beforeCall = () => {
      throw wait('no', { reason: 'PermissionDenied' });
    };
    store.delete(toyKey('a'));
    await clock.advance(0);
    expect(conditions()).toMatchObject({
      Deleting: 'True Deleting',
      Ready: 'False PermissionDenied',
    });
  });

  it('keep what was learned before them', async () => {
    let looks = 0;
    world.beforeObserve = () => {
      looks += 1;
      if (looks === 2) throw wait('down', reason);
    };
    store.apply(toy('a', { size: 1 }));
    await clock.advance(0);
    expect((store.require(toyKey('a')) as Toy).status).toMatchObject({ externalId: 'id-a' });
  });
});

/** Every look waits until it is cut off. */
function hang(): void {
  world.beforeObserve = (_, signal) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('cut off')), { once: true });
    });
}

describe('time and stopping', () => {
  beforeEach(start);

  it('cuts off a reconcile after two minutes and tries again', async () => {
    hang();
    store.apply(toy('a', { size: 1 }));
    await clock.advance(119_999);
    expect(conditions()).toEqual({});
    await clock.advance(1);
    expect(conditions()['Synced']).toBe('False DeadlineExceeded');
    expect(await metric('controller_runtime_reconcile_timeouts_total')).toBe(1);
    failWith(undefined);
    await clock.advance(2_000);
    expect(conditions()['Ready']).toBe('True Ready');
  });

  it('lets running keys finish on stop, takes no new ones, and does not call it a failure', async () => {
    const running = Promise.withResolvers<undefined>();
    world.beforeObserve = () => running.promise;
    store.apply(toy('a', { size: 1 }));
    await clock.advance(0);
    const stopped = manager.stop();
    store.apply(toy('b', { size: 1 }));
    world.beforeObserve = () => undefined;
    running.resolve(undefined);
    await stopped;
    expect(conditions('a')['Ready']).toBe('True Ready');
    expect(world.things.has('id-b')).toBe(false);
  });

  it('aborts what does not finish in time, without a word in status', async () => {
    hang();
    store.apply(toy('a', { size: 1 }));
    await clock.advance(0);
    const stopped = manager.stop();
    await clock.advance(20_000);
    await stopped;
    expect(conditions()).toEqual({});
    expect(log.lines.at(-1)?.fields).toMatchObject({ result: 'aborted' });
  });

  it('writes one log line per outcome, with keys that do not change', async () => {
    store.apply(toy('a', { size: 1 }));
    await clock.advance(0);
    const lines = log.lines.filter((line) => line.message === 'reconciled');
    expect(lines.map((line) => Object.keys(line.fields))).toEqual([
      ['controller', 'namespace', 'name', 'reconcileID', 'result', 'durationMs', 'reason'],
    ]);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../hack/testing/clock.ts';
import {
  MemoryStore,
  RecordedAudit,
  RecordedEvents,
  RecordedLog,
  shownConditions,
} from '../../hack/testing/engine.ts';
import { testMetrics } from '../../hack/testing/metrics.ts';
import { type Toy, ToyWorld, toy, toyKey, toyKind } from '../../hack/testing/toy.ts';
import { transient, wait } from '../core/errors.ts';
import { createManager, type Manager } from './manager.ts';

let clock: FakeClock;
let world: ToyWorld;
let store: MemoryStore;
let events: RecordedEvents;
let manager: Manager;

beforeEach(() => {
  clock = new FakeClock();
  world = new ToyWorld();
  store = new MemoryStore(clock);
  events = new RecordedEvents();
  manager = createManager({
    kinds: [toyKind(world, { isRecoverable: true })],
    store,
    subscribe: store.subscribe,
    referencing: store.referencing,
    events,
    audit: new RecordedAudit(),
    clock,
    log: new RecordedLog(),
    metrics: testMetrics(),
    mayWrite: () => true,
  });
  manager.start();
});

afterEach(async () => {
  const stopped = manager.stop();
  await clock.advance(60_000);
  await stopped;
});

const reason = { reason: 'Broken' };

const conditions = () => shownConditions(store.require(toyKey('a')));

function failWith(error: Error | undefined): void {
  world.beforeObserve = () => {
    if (error !== undefined) throw error;
  };
}

describe('hiccups', () => {
  it('of an object in order are nothing to write down at once', async () => {
    store.apply(toy('a', { size: 1 }));
    await clock.advance(0);
    const writes = store.writes.length;
    failWith(transient('hm', reason));
    manager.wake(toyKey('a'), 'edit');
    await clock.advance(0);
    expect(conditions()).toEqual({ Ready: 'True Ready', Synced: 'True Synced' });
    expect(store.writes).toHaveLength(writes);
    await clock.advance(60_000);
    expect(conditions()['Ready']).toBe('False Broken');
    failWith(undefined);
    await clock.advance(900_000);
    expect(events.reasons).toEqual(['Broken', 'Ready']);
  });

  it('of a service that asks all to wait are nothing to write down, unless that is long', async () => {
    store.apply(toy('a', { size: 1 }));
    await clock.advance(0);
    const throttled = { reason: 'Throttled', holdsFlow: true };
    failWith(wait('hm', { ...throttled, delayMs: 7_000 }));
    manager.wake(toyKey('a'), 'edit');
    await clock.advance(20_000);
    expect(world.observations).toBeGreaterThan(3);
    expect(conditions()).toEqual({ Ready: 'True Ready', Synced: 'True Synced' });
    failWith(wait('hm', { ...throttled, delayMs: 600_000 }));
    await clock.advance(10_000);
    expect(conditions()).toMatchObject({ Ready: 'False Throttled', Reconciling: 'True Throttled' });
  });

  it('of a service that asks a new object to wait for a moment stand in status, and are no event', async () => {
    failWith(wait('hm', { reason: 'Throttled', holdsFlow: true, delayMs: 7_000 }));
    store.apply(toy('a', { size: 1 }));
    await clock.advance(0);
    expect(conditions()).toMatchObject({ Ready: 'False Throttled', Reconciling: 'True Throttled' });
    expect(events.reasons).toEqual([]);
  });

  it('of a parent are shown by the parent: a child in order stays as it is', async () => {
    store.apply(toy('a', { size: 1 }));
    await clock.advance(0);
    const writes = store.writes.length;
    failWith(wait('hm', { reason: 'WaitingForParent', isOfParent: true }));
    manager.wake(toyKey('a'), 'dependant');
    store.apply(toy('b', { size: 1 }));
    await clock.advance(0);
    expect(conditions()).toEqual({ Ready: 'True Ready', Synced: 'True Synced' });
    expect(shownConditions(store.require(toyKey('b')))['Ready']).toBe('False WaitingForParent');
    expect(store.writes.slice(writes)).toEqual(['addFinalizer', 'saveStatus']);
  });

  it('of its place in a queue stay untold for as long as it waits, where it is in order', async () => {
    store.apply(toy('a', { size: 1 }));
    await clock.advance(0);
    const writes = store.writes.length;
    failWith(wait('hm', { reason: 'Throttled', awaitsTurn: true, delayMs: 600_000 }));
    manager.wake(toyKey('a'), 'dependant');
    store.apply(toy('b', { size: 1 }));
    await clock.advance(0);
    expect(conditions()).toEqual({ Ready: 'True Ready', Synced: 'True Synced' });
    expect(shownConditions(store.require(toyKey('b')))['Ready']).toBe('False Throttled');
    expect(store.writes.slice(writes)).toEqual(['addFinalizer', 'saveStatus']);
  });

  it('of an edit are shown at once: what stands there is not as declared', async () => {
    store.apply(toy('a', { size: 1 }));
    await clock.advance(0);
    failWith(transient('hm', reason));
    store.apply({ ...(store.require(toyKey('a')) as Toy), spec: { size: 2 } });
    await clock.advance(0);
    expect(conditions()).toMatchObject({ Ready: 'False Broken', Reconciling: 'True Broken' });
  });
});

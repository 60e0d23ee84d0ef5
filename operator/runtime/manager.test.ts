import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../hack/testing/clock.ts';
import {
  MemoryStore,
  RecordedAudit,
  RecordedEvents,
  RecordedLog,
} from '../../hack/testing/engine.ts';
import { testMetrics } from '../../hack/testing/metrics.ts';
import { type Toy, ToyWorld, toy, toyKey, toyKind } from '../../hack/testing/toy.ts';
import { toyManager } from '../../hack/testing/toy-manager.ts';
import type { AnyKind } from '../core/plan.ts';
import { claimKey, type Resource } from '../core/resource.ts';
import { createManager } from './manager.ts';

it('after a restart looks at what is new or was edited before what it knows', async () => {
  const clock = new FakeClock();
  const store = new MemoryStore(clock);
  const world = new ToyWorld();
  const generations = { known: 1, edited: 0, fresh: -1 };
  for (const [name, observedGeneration] of Object.entries(generations)) {
    store.apply(toy(name, { size: 1 }));
    Object.assign(store.require(toyKey(name)), { status: { observedGeneration } });
  }
  const seen = new Set<string>();
  world.beforeObserve = ({ metadata }) => void seen.add(metadata.name);
  const options = { concurrency: 16, concurrencyOf: { Toy: 1 } };
  const manager = toyManager(clock, store, world, options);
  expect(manager.pending()).toBe(3);
  manager.start();
  await clock.advance(0);
  expect([...seen]).toEqual(['edited', 'fresh', 'known']);
  await manager.stop();
});

it('works on so many at once, and on edits beside them', async () => {
  const clock = new FakeClock();
  const store = new MemoryStore(clock);
  const world = new ToyWorld();
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  world.beforeObserve = ({ metadata }) => {
    begun.push(metadata.name);
    return new Promise<void>((resolve) => ends.push(resolve));
  };
  for (const name of ['a', 'b', 'c']) store.apply(toy(name, { size: 1 }));
  const manager = toyManager(clock, store, world, { concurrency: 2, concurrencyOfEdits: 1 });
  manager.start();
  await clock.advance(0);
  expect(begun).toEqual(['a', 'b']);
  for (const name of ['first', 'second']) store.apply(toy(name, { size: 1 }));
  await clock.advance(0);
  expect(begun).toEqual(['a', 'b', 'first']);
  world.beforeObserve = ({ metadata }) => void begun.push(metadata.name);
  for (const end of ends) end();
  await clock.advance(0);
  // Whoever is free takes the edit, and c after it.
  const firstOf = (name: string): number => begun.indexOf(name);
  expect(firstOf('second')).toBeGreaterThan(firstOf('first'));
  expect(firstOf('c')).toBeGreaterThan(firstOf('second'));
  await manager.stop();
});

describe('a manager', () => {
  const clock = new FakeClock();
  const looked: string[] = [];

  function start(kind: AnyKind, isOurs: (resource: Resource) => boolean = () => true) {
    const store = new MemoryStore(clock, kind);
    looked.length = 0;
    const manager = createManager({
      kinds: [kind],
      store,
      subscribe: store.subscribe,
      referencing: store.referencing,
      events: new RecordedEvents(),
      audit: new RecordedAudit(),
      clock,
      log: new RecordedLog(),
      metrics: testMetrics(),
      mayWrite: () => true,
      isOurs,
    });
    manager.start();
    return { store, manager };
  }

  function watchedKind(more: Partial<AnyKind> = {}): AnyKind {
    const world = new ToyWorld();
    world.beforeObserve = ({ metadata }) => void looked.push(metadata.name);
    return { ...toyKind(world, { isRecoverable: true }), ...more };
  }

  it('wakes who claims the same when one lets go, and nobody else', async () => {
    const claim = ({ spec }: Toy) => [claimKey('Toy', String(spec.size))];
    const { store, manager } = start(watchedKind({ references: claim }));
    for (const [name, size] of [
      ['a', 1],
      ['b', 1],
      ['c', 2],
    ] as const)
      store.apply(toy(name, { size }));
    await clock.advance(0);
    looked.length = 0;
    store.apply({ ...(store.require(toyKey('a')) as Toy), spec: { size: 3 } });
    await clock.advance(0);
    expect([...new Set(looked)].toSorted()).toEqual(['a', 'b']);
    await manager.stop(0);
  });

  it.each(['is gone', 'refers elsewhere'])(
    'wakes who is being deleted when the last that refers to it %s, and not before',
    async (end) => {
      const kind = watchedKind();
      // As a tenant, which stays while people name it.
      const plan: AnyKind['plan'] = (resource, observed, nowMs) => ({
        ...kind.plan(resource, observed, nowMs),
        released: resource.metadata.name !== 'parent',
      });
      const { store, manager } = start({ ...kind, plan });
      store.apply(toy('parent', { size: 1 }));
      for (const name of ['a', 'b']) store.apply(toy(name, { size: 1, after: 'parent' }));
      await clock.advance(0);
      store.delete(toyKey('parent'));
      await clock.advance(0);
      looked.length = 0;
      store.delete(toyKey('a'));
      await clock.advance(0);
      expect(looked).not.toContain('parent');
      if (end === 'is gone') store.delete(toyKey('b'));
      else store.apply({ ...(store.require(toyKey('b')) as Toy), spec: { size: 1 } });
      await clock.advance(0);
      expect(looked).toContain('parent');
      await manager.stop(0);
    },
  );

  it('wakes who counts them, once for all that come or go within a second', async () => {
    const { store, manager } = start(watchedKind({ counts: ['Toy'] }));
    for (const name of ['parent', 'other']) store.apply(toy(name, { size: 1 }));
    await clock.advance(0);
    for (const name of ['a', 'b']) store.apply(toy(name, { size: 1, after: 'parent' }));
    await clock.advance(0);
    const countedBy = async (): Promise<readonly string[]> => {
      looked.length = 0;
      await clock.advance(1_000);
      return looked.toSorted();
    };
    expect(await countedBy()).toEqual(['parent']);
    const moved = store.require(toyKey('a')) as Toy;
    store.apply({ ...moved, spec: { size: 1, after: 'other' } });
    await clock.advance(0);
    expect(await countedBy()).toEqual(['other', 'parent']);
    store.delete(toyKey('b'));
    await clock.advance(0);
    expect(await countedBy()).toEqual(['parent']);
    expect(await countedBy()).toEqual([]);
    await manager.stop(0);
  });

  it("works on an object once its labels make it this shard's", async () => {
    const isOurs = ({ metadata }: Resource): boolean => metadata.labels?.['shard'] === 'a';
    const { store, manager } = start(watchedKind(), isOurs);
    store.apply(toy('a', { size: 1 }));
    await clock.advance(0);
    expect(looked).toEqual([]);
    const now = store.require(toyKey('a'));
    store.apply({ ...now, metadata: { ...now.metadata, labels: { shard: 'a' } } });
    await clock.advance(0);
    expect(looked).toContain('a');
    await manager.stop(0);
  });

  it('wakes once for all that asked for it within a delay', async () => {
    const { store, manager } = start(watchedKind());
    store.apply(toy('a', { size: 1 }));
    await clock.advance(0);
    looked.length = 0;
    for (let i = 0; i < 5; i++) {
      manager.wake(toyKey('a'), 'dependant', 10_000);
      await clock.advance(1_000);
    }
    expect(looked).toEqual([]);
    await clock.advance(5_000);
    expect(looked).toEqual(['a']);
    await manager.stop(0);
  });
});

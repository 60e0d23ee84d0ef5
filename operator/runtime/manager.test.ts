import { expect, it } from 'vitest';
import { FakeClock } from '../../hack/testing/clock.ts';
import {
  MemoryStore,
  RecordedAudit,
  RecordedEvents,
  RecordedLog,
} from '../../hack/testing/engine.ts';
import { testMetrics } from '../../hack/testing/metrics.ts';
import { ToyWorld, toy, toyKey, toyKind } from '../../hack/testing/toy.ts';
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
  const manager = createManager({
    kinds: [toyKind(world, { isRecoverable: true })],
    store,
    subscribe: store.subscribe,
    events: new RecordedEvents(),
    audit: new RecordedAudit(),
    clock,
    log: new RecordedLog(),
    metrics: testMetrics(),
    mayWrite: () => true,
    options: { concurrency: 16, concurrencyOf: { Toy: 1 } },
  });
  expect(manager.pending()).toBe(3);
  manager.start();
  await clock.advance(0);
  expect([...seen]).toEqual(['edited', 'fresh', 'known']);
  await manager.stop();
});

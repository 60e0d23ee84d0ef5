/** A manager of toys that records what it tells: for tests of what managers do with many objects. */
import type { Clock } from '../../operator/runtime/clock.ts';
import { createManager, type Manager } from '../../operator/runtime/manager.ts';
import { type MemoryStore, RecordedAudit, RecordedEvents, RecordedLog } from './engine.ts';
import { testMetrics } from './metrics.ts';
import { type ToyWorld, toyKind } from './toy.ts';

type Options = Parameters<typeof createManager>[0]['options'];

export function toyManager(
  clock: Clock,
  store: MemoryStore,
  world: ToyWorld,
  options: Options = {},
): Manager {
  return createManager({
    kinds: [toyKind(world, { isRecoverable: true })],
    store,
    subscribe: store.subscribe,
    referencing: store.referencing,
    events: new RecordedEvents(),
    audit: new RecordedAudit(),
    clock,
    log: new RecordedLog(),
    metrics: testMetrics(),
    mayWrite: () => true,
    options,
  });
}

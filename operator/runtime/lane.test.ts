import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakeClock } from '../../hack/testing/clock.ts';
import { MemoryStore } from '../../hack/testing/engine.ts';
import { ToyWorld, toy, toyKey } from '../../hack/testing/toy.ts';
import { toyManager } from '../../hack/testing/toy-manager.ts';
import { wait } from '../core/errors.ts';
import { laneOf } from '../core/lane.ts';
import type { Lane } from '../core/ports.ts';
import type { Manager } from './manager.ts';

let clock: FakeClock;
let world: ToyWorld;
let store: MemoryStore;
let manager: Manager;

beforeEach(() => {
  clock = new FakeClock();
  world = new ToyWorld();
  store = new MemoryStore(clock);
  manager = toyManager(clock, store, world);
  manager.start();
});

afterEach(async () => {
  const stopped = manager.stop();
  await clock.advance(60_000);
  await stopped;
});

it('a pass carries its lane, and keeps it where all of its flow is put off', async () => {
  const lanes: Lane[] = [];
  let isThrottled = true;
  world.beforeObserve = (_, signal) => {
    lanes.push(laneOf(signal));
    if (isThrottled) throw wait('hm', { reason: 'Throttled', delayMs: 7_000, holdsFlow: true });
  };
  store.apply(toy('a', { size: 1 }));
  await clock.advance(7_000);
  expect(lanes).toEqual(['edit', 'edit']);
  isThrottled = false;
  await clock.advance(7_000);
  const before = lanes.length;
  manager.wake(toyKey('a'), 'resync');
  await clock.advance(0);
  expect(lanes.slice(before)[0]).toBe('resync');
});

/** Thousands of looks that wait for nothing outside are not one turn of the event loop. */
import { expect, it } from 'vitest';
import { FakeClock } from '../../hack/testing/clock.ts';
import { MemoryStore } from '../../hack/testing/engine.ts';
import { ToyWorld, toy, toyKey } from '../../hack/testing/toy.ts';
import { toyManager } from '../../hack/testing/toy-manager.ts';

const looks = 1_000;

/** Each look takes a millisecond of work, and a turn of the event loop is a real one. */
class WorkClock extends FakeClock {
  workedMs = 0;

  override monotonicMs(): number {
    return super.monotonicMs() + this.workedMs;
  }

  override nextTurn(): Promise<void> {
    return new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

async function knownToys() {
  const clock = new WorkClock();
  const store = new MemoryStore(clock);
  const world = new ToyWorld();
  const looked: string[] = [];
  world.beforeObserve = ({ metadata }) => {
    clock.workedMs += 1;
    looked.push(metadata.name);
  };
  const manager = toyManager(clock, store, world);
  for (let i = 0; i < looks; i++) store.apply(toy(`known-${i}`, { size: 1 }));
  manager.start();
  // Each is looked at twice: to be made, and to see that it was.
  await expect.poll(() => looked.length).toBe(2 * looks);
  looked.length = 0;
  const wakeAll = (): void => {
    for (let i = 0; i < looks; i++) manager.wake(toyKey(`known-${i}`), 'resync');
  };
  return { store, manager, looked, wakeAll };
}

it('an edit that comes in while a thousand objects are looked at goes before most of them', async () => {
  const { store, manager, looked, wakeAll } = await knownToys();
  wakeAll();
  await new Promise((resolve) => setImmediate(resolve));
  store.apply(toy('edited', { size: 2 }));
  await expect.poll(() => looked.length).toBeGreaterThanOrEqual(looks);
  expect(looked.indexOf('edited')).toBeGreaterThan(0);
  expect(looked.indexOf('edited')).toBeLessThan(looks / 4);
  await manager.stop();
});

it('an edit meets a worker at once, also while all others wait for the next turn', async () => {
  const { store, manager, looked, wakeAll } = await knownToys();
  wakeAll();
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  const before = looked.length;
  expect(before).toBeLessThan(looks);
  store.apply(toy('edited', { size: 2 }));
  // Within this turn: promises only.
  for (let i = 0; i < 100; i++) await Promise.resolve();
  expect(looked.slice(before)).toContain('edited');
  await manager.stop();
});

it('a turn is no longer for there being many workers', async () => {
  const { manager, looked, wakeAll } = await knownToys();
  wakeAll();
  const perTurn: number[] = [];
  while (looked.length < looks) {
    const before = looked.length;
    await new Promise((resolve) => setImmediate(resolve));
    perTurn.push(looked.length - before);
  }
  // One of each worker that was waiting for a key; with ten milliseconds for each of them it would be four hundred.
  expect(Math.max(...perTurn)).toBeLessThanOrEqual(40);
  await manager.stop();
});

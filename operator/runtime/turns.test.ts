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

it('an edit that comes in while a thousand objects are looked at goes before most of them', async () => {
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
  await clock.advance(0);
  looked.length = 0;
  for (let i = 0; i < looks; i++) manager.wake(toyKey(`known-${i}`), 'resync');
  await new Promise((resolve) => setImmediate(resolve));
  store.apply(toy('edited', { size: 2 }));
  await expect.poll(() => looked.length).toBeGreaterThanOrEqual(looks);
  expect(looked.indexOf('edited')).toBeGreaterThan(0);
  expect(looked.indexOf('edited')).toBeLessThan(looks / 4);
  await manager.stop();
});

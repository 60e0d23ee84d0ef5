/** One customer that Microsoft throttles, with thousands of users waiting, is not felt by another. */
import { expect, it } from 'vitest';
import { FakeClock } from '../../hack/testing/clock.ts';
import { MemoryStore } from '../../hack/testing/engine.ts';
import { type Toy, ToyWorld, toy } from '../../hack/testing/toy.ts';
import { toyManager } from '../../hack/testing/toy-manager.ts';
import { wait } from '../core/errors.ts';
import { type ObjectKey, objectKey } from '../core/resource.ts';

const users = 2_000;
const edits = 100;
const everyMs = 250;
const answerMs = 100;
const retryAfterMs = 20_000;

/** How long edits of B wait until they are done, in ascending order. */
async function latenciesOfB({ withA }: { readonly withA: boolean }): Promise<readonly number[]> {
  const clock = new FakeClock();
  const store = new MemoryStore(clock);
  const world = new ToyWorld();
  let answered = 0;
  world.beforeObserve = async ({ metadata }: Toy, signal) => {
    await clock.sleep(answerMs, signal);
    if (metadata.namespace !== 'a') return;
    answered += 1;
    const options = { reason: 'Throttled', delayMs: retryAfterMs, holdsFlow: true };
    if (answered % 20 > 2) throw wait('asked to wait', options);
  };
  const manager = toyManager(clock, store, world);
  manager.start();
  const usersOfA = withA ? users : 0;
  for (let i = 0; i < usersOfA; i++) store.apply(toy(`a-${i}`, { size: 1 }, { namespace: 'a' }));
  const startedMs = new Map<ObjectKey, number>();
  const waited: number[] = [];
  store.subscribe(({ key, new: now }) => {
    const since = startedMs.get(key);
    const isDone = (now as Toy | undefined)?.status?.observedGeneration === 1;
    if (since !== undefined && isDone && startedMs.delete(key)) waited.push(clock.nowMs() - since);
  });
  for (let i = 0; i < edits; i++) {
    const name = `b-${i}`;
    startedMs.set(objectKey('Toy', 'b', name), clock.nowMs());
    store.apply(toy(name, { size: 1 }, { namespace: 'b' }));
    await clock.advance(everyMs);
  }
  await clock.advance(60_000);
  await manager.stop(0);
  expect(waited).toHaveLength(edits);
  return waited.sort((x, y) => x - y);
}

it('B is served as fast as if A were not there: p99 grows by less than a tenth', async () => {
  const p99 = (values: readonly number[]): number =>
    values[Math.ceil(values.length * 0.99) - 1] ?? 0;
  const alone = p99(await latenciesOfB({ withA: false }));
  const beside = p99(await latenciesOfB({ withA: true }));
  expect(alone).toBeGreaterThanOrEqual(answerMs);
  expect(beside / alone).toBeLessThan(1.1);
}, 60_000);

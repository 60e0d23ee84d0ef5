import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../hack/testing/clock.ts';
import { metricValue, testMetrics } from '../../hack/testing/metrics.ts';
import { toyKey } from '../../hack/testing/toy.ts';
import { Queue } from './queue.ts';
import { observeQueue, queueObserver } from './queue-metrics.ts';

describe('the metrics of a queue', () => {
  it('tell what waits in which lane, what was tried again, and what is still going on', async () => {
    const clock = new FakeClock();
    const metrics = testMetrics();
    const queue = new Queue(clock, { observer: queueObserver('Toy', metrics) });
    metrics.beforeScrape.add(() => observeQueue('Toy', metrics, queue));
    queue.add(toyKey('a'), 'edit');
    queue.add(toyKey('b'), 'resync');
    queue.add(toyKey('b'), 'resync');
    queue.add(toyKey('c'), 'retry', 60_000);
    const depth = (priority: string) => metricValue(metrics, 'workqueue_depth', { priority });
    expect([await depth('100'), await depth('-100'), await depth('0')]).toEqual([1, 1, 0]);
    expect(await metricValue(metrics, 'workqueue_adds_total')).toBe(3);
    const key = await queue.get();
    expect(key).toBe(toyKey('a'));
    queue.retry(toyKey('b'));
    await clock.advance(5_000);
    await metrics.registry.metrics();
    expect(await depth('100')).toBe(0);
    expect(await metricValue(metrics, 'workqueue_retries_total')).toBe(1);
    expect(await metricValue(metrics, 'workqueue_unfinished_work_seconds')).toBe(5);
    expect(await metricValue(metrics, 'workqueue_longest_running_processor_seconds')).toBe(5);
    expect(await metricValue(metrics, 'controller_runtime_active_workers')).toBe(1);
    queue.done(toyKey('a'));
    await metrics.registry.metrics();
    expect(await metricValue(metrics, 'workqueue_unfinished_work_seconds')).toBe(0);
    expect(await metricValue(metrics, 'controller_runtime_active_workers')).toBe(0);
  });
});

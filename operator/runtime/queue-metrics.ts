/** What a queue tells about itself, as controller-runtime's workqueue metrics. */
import { lanePriority, lanes } from './lanes.ts';
import type { Metrics } from './metrics.ts';
import type { Queue, QueueObserver } from './queue.ts';

export function queueObserver(controller: string, metrics: Metrics): QueueObserver {
  const labels = { name: controller, controller };
  return {
    added: () => metrics.queueAdds.inc(labels),
    retried: () => metrics.queueRetries.inc(labels),
    waited: (ms) => metrics.queueSeconds.observe(labels, ms / 1000),
    worked: (ms) => metrics.workSeconds.observe(labels, ms / 1000),
  };
}

/** Gauges of what waits and of work that is still going on: to be called before they are read. */
export function observeQueue(controller: string, metrics: Metrics, queue: Queue): void {
  const labels = { name: controller, controller };
  for (const lane of lanes) {
    const priority = String(lanePriority[lane]);
    metrics.queueDepth.set({ ...labels, priority }, queue.depth(lane));
  }
  const durationsMs = queue.processingMs();
  metrics.activeWorkers.set({ controller }, durationsMs.length);
  const sumMs = durationsMs.reduce((sum, ms) => sum + ms, 0);
  metrics.unfinishedSeconds.set(labels, sumMs / 1000);
  metrics.longestSeconds.set(labels, Math.max(0, ...durationsMs) / 1000);
}

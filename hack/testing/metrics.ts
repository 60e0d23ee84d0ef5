/** Metrics of their own for each test. */
import { createMetrics, type Metrics } from '../../operator/runtime/metrics.ts';

/** The value of the first series that has these labels; 0 where there is none yet. */
export async function metricValue(
  metrics: Metrics,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> {
  const found = await metrics.registry.getSingleMetric(name)?.get();
  const wanted = Object.entries(labels);
  const series = found?.values.find((v) => wanted.every(([label, is]) => v.labels[label] === is));
  return series?.value ?? 0;
}

export function testMetrics(): Metrics {
  return createMetrics({ processMetrics: false });
}

/** What the operator exposes of pools: the registry as the real code fills it. */
import type { LicensePool } from '../../operator/core/objects.ts';
import { keyOf } from '../../operator/core/resource.ts';
import type { Deps } from '../../operator/kinds/access.ts';
import { licensePoolKind } from '../../operator/kinds/license-pool/index.ts';
import { FigureGauges } from '../../operator/runtime/figure-gauges.ts';
import type { Series } from '../promql/index.ts';
import { FakeClock } from './clock.ts';
import { testMetrics } from './metrics.ts';

/** `lookedMs`: when each was looked at to the end. */
export async function exposed(
  pools: readonly LicensePool[],
  lookedMs: number,
): Promise<readonly Series[]> {
  const { registry } = testMetrics();
  const kind = licensePoolKind({} as Deps);
  const clock = new FakeClock(new Date(lookedMs).toISOString());
  const figures = new FigureGauges([kind], registry, clock);
  figures.start();
  for (const pool of pools) {
    figures.update(kind, undefined, pool);
    figures.looked(keyOf(pool));
  }
  const all = await registry.getMetricsAsJSON();
  return all.flatMap(({ name, values }) =>
    values.map(({ labels, value }) => ({
      labels: { ...(labels as Readonly<Record<string, string>>), __name__: name },
      value,
    })),
  );
}

/** What the operator exposes of pools, tenants and domain controllers: the registry as the real code fills it. */
import type { LicensePool, M365Tenant } from '../../operator/core/objects.ts';
import { keyOf } from '../../operator/core/resource.ts';
import type { Deps } from '../../operator/kinds/access.ts';
import { licensePoolKind } from '../../operator/kinds/license-pool/index.ts';
import { m365TenantKind } from '../../operator/kinds/m365-tenant/index.ts';
import { controllerHealth } from '../../operator/runtime/controller-health.ts';
import { FigureGauges } from '../../operator/runtime/figure-gauges.ts';
import type { Series } from '../promql/index.ts';
import { FakeClock } from './clock.ts';
import { testMetrics } from './metrics.ts';

interface Shown {
  readonly pools: readonly LicensePool[];
  readonly tenants?: readonly M365Tenant[];
  /** When each was looked at to the end. */
  readonly lookedMs: number;
  /** Whether it takes the operator in, by domain controller. */
  readonly controllers: Readonly<Record<string, boolean>>;
}

export async function exposed({
  pools,
  tenants = [],
  lookedMs,
  controllers,
}: Shown): Promise<readonly Series[]> {
  const metrics = testMetrics();
  const { registry } = metrics;
  const kind = licensePoolKind({} as Deps);
  const clock = new FakeClock(new Date(lookedMs).toISOString());
  const ofTenants = m365TenantKind({} as Deps);
  const figures = new FigureGauges([kind, ofTenants], metrics, clock);
  figures.start();
  for (const pool of pools) {
    figures.update(kind, undefined, pool);
    figures.looked(keyOf(pool));
  }
  for (const tenant of tenants) figures.update(ofTenants, undefined, tenant);
  const health = controllerHealth(metrics, 'provider/eu-prod');
  for (const [controller, isUp] of Object.entries(controllers)) {
    health.tried(controller, isUp);
    health.took(controller, 0.01);
  }
  const all = await registry.getMetricsAsJSON();
  return all.flatMap(({ name, values }) =>
    values.map(({ labels, value, ...series }) => ({
      labels: { ...asText(labels), __name__: nameOf(series, name) },
      value,
    })),
  );
}

/** A histogram is several series. */
function nameOf(series: { readonly metricName?: string | undefined }, name: string): string {
  return series.metricName ?? name;
}

/** As it is scraped: bounds of buckets are numbers here. */
function asText(labels: object): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value)]));
}

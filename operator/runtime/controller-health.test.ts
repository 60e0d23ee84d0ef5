import { expect, it } from 'vitest';
import { controllerHealth } from './controller-health.ts';
import { createMetrics } from './metrics.ts';

it('shows each controller of each connection, until it is not heard of any more', async () => {
  const metrics = createMetrics({ processMetrics: false });
  const one = controllerHealth(metrics, 'acme/partner');
  const other = controllerHealth(metrics, 'beta/partner');
  one.tried('ldaps://dc1', true);
  one.tried('ldaps://dc2', false);
  one.took('ldaps://dc1', 0.002);
  other.tried('ldaps://dc1', true);
  const shown = async (name: string): Promise<readonly string[]> =>
    (await metrics.registry.getSingleMetricAsString(name))
      .split('\n')
      .filter((line) => line.startsWith('m365_') && !line.includes('_bucket'));
  expect(await shown('m365_ad_controller_up')).toEqual([
    'm365_ad_controller_up{connection="acme/partner",controller="ldaps://dc1"} 1',
    'm365_ad_controller_up{connection="acme/partner",controller="ldaps://dc2"} 0',
    'm365_ad_controller_up{connection="beta/partner",controller="ldaps://dc1"} 1',
  ]);
  expect(await shown('m365_ad_request_duration_seconds')).toEqual([
    'm365_ad_request_duration_seconds_sum{connection="acme/partner",controller="ldaps://dc1"} 0.002',
    'm365_ad_request_duration_seconds_count{connection="acme/partner",controller="ldaps://dc1"} 1',
  ]);
  one.forgotten(['ldaps://dc1', 'ldaps://dc2']);
  expect(await shown('m365_ad_controller_up')).toHaveLength(1);
  expect(await shown('m365_ad_request_duration_seconds')).toEqual([]);
});

import { describe, expect, it } from 'vitest';
import {
  inHours,
  nowMs,
  observedPool,
  ownSubscription,
  pool,
} from '../../../hack/testing/build.ts';
import { testMetrics } from '../../../hack/testing/metrics.ts';
import type { LicensePool } from '../../core/objects.ts';
import type { AnyKind } from '../../core/plan.ts';
import { FigureGauges } from '../../runtime/figure-gauges.ts';
import { poolFigures } from './figures.ts';
import { planPool } from './plan.ts';

const kind = { figures: poolFigures } as AnyKind;

async function shown(...history: readonly (LicensePool | undefined)[]): Promise<string> {
  const { registry } = testMetrics();
  const gauges = new FigureGauges([kind], registry);
  history.forEach((now, index) => gauges.update(kind, history[index - 1], now));
  const text = await registry.metrics();
  return text
    .split('\n')
    .filter((line) => line.startsWith('m365_pool_'))
    .join('\n');
}

const withStatus = (...args: Parameters<typeof observedPool>): LicensePool => {
  const observed = observedPool(...args);
  return pool({ status: planPool(pool(), observed, nowMs).status });
};

const idle = withStatus({
  assigned: 7,
  subscriptions: [ownSubscription({ refundable: [{ quantity: 2, until: inHours(1) }] })],
});

describe('the figures of a pool', () => {
  it('are its seats, money, plan and moments', async () => {
    const text = await shown(undefined, idle);
    for (const line of [
      'm365_pool_seats{namespace="acme",name="premium",state="idle"} 3',
      'm365_pool_seats{namespace="acme",name="premium",state="droppable_now"} 2',
      'm365_pool_money_minor_units{namespace="acme",name="premium",what="margin",currency="EUR"} -2000',
      'm365_pool_margin_percent{namespace="acme",name="premium"} -14.29',
      'm365_pool_plan_lines{namespace="acme",name="premium",action="Decrease",state="Held"} 1',
      `m365_pool_window_closes_timestamp_seconds{namespace="acme",name="premium"} ${Date.parse(inHours(1)) / 1000}`,
    ])
      expect(text).toContain(line);
  });

  it('go where they say nothing any more, and with the pool', async () => {
    const text = await shown(undefined, idle, withStatus());
    expect(text).not.toContain('m365_pool_plan_lines');
    expect(text).toContain('state="idle"} 0');
    expect(await shown(undefined, idle, undefined)).toBe('');
    expect(await shown(undefined, pool())).toBe('');
  });
});

import { describe, expect, it } from 'vitest';
import { inHours, nowMs, pool, withConditions } from '../../../hack/testing/build.ts';
import { FakeClock } from '../../../hack/testing/clock.ts';
import { testMetrics } from '../../../hack/testing/metrics.ts';
import { observedPool, ownSubscription } from '../../../hack/testing/observed.ts';
import type { LicensePool } from '../../core/objects.ts';
import type { AnyKind } from '../../core/plan.ts';
import { keyOf } from '../../core/resource.ts';
import { FigureGauges } from '../../runtime/figure-gauges.ts';
import { changedOutside, moneySaved, seatsChanged } from '../seat-counts.ts';
import { poolFigures } from './figures.ts';
import { planPool } from './plan.ts';

const kind = { figures: poolFigures } as AnyKind;
const key = keyOf(pool());
const startMs = Date.parse('2026-01-01T00:00:00Z');

class Shown {
  readonly clock = new FakeClock('2026-01-01T00:00:00Z');
  readonly #metrics = testMetrics();
  readonly figures = new FigureGauges([kind], this.#metrics, this.clock);
  #now: LicensePool | undefined;

  next(now: LicensePool | undefined): this {
    this.figures.update(kind, this.#now, now);
    this.#now = now;
    return this;
  }

  async lines(): Promise<readonly string[]> {
    const text = await this.#metrics.registry.metrics();
    return text.split('\n').filter((line) => line.startsWith('m365_pool_'));
  }
}

const withStatus = (...args: Parameters<typeof observedPool>): LicensePool => {
  const { status, conditions } = planPool(pool({ spec }), observedPool(...args), nowMs);
  return withConditions(pool({ spec, status }), conditions);
};
const spec = { seats: { buffer: { count: 0, marginFloorPercent: 10 } } };

const idle = withStatus({
  assigned: 7,
  subscriptions: [ownSubscription({ refundable: [{ quantity: 2, until: inHours(1) }] })],
});
const own = 'namespace="acme",name="premium",connection="acme/eu",tenant="contoso",sku="SPB"';

describe('the figures of a pool', () => {
  it('are its seats, money, plan, findings and moments', async () => {
    const lines = await new Shown().next(idle).lines();
    for (const line of [
      `m365_pool_seats{${own},state="idle"} 3`,
      `m365_pool_seats{${own},state="droppable_now"} 2`,
      `m365_pool_money_minor_units{${own},what="margin",currency="EUR"} -2000`,
      `m365_pool_money_minor_units{${own},what="idle",currency="EUR"} 4800`,
      `m365_pool_margin_basis_points{${own}} -1429`,
      `m365_pool_margin_floor_basis_points{${own}} 1000`,
      `m365_pool_plan_lines{${own},action="Decrease",state="Held",held="ModeObserve"} 1`,
      `m365_pool_finding{${own},finding="WindowClosing"} 1`,
      `m365_pool_finding{${own},finding="MarginBelowFloor"} 1`,
      `m365_pool_window_closes_timestamp_seconds{${own}} ${Date.parse(inHours(1)) / 1000}`,
    ])
      expect(lines).toContain(line);
  });

  it('tell how many licences nobody needs, where somebody looks for them', async () => {
    const looked = pool({ status: { harvest: { count: 3 } } });
    const unused = async (now: Shown) =>
      (await now.lines()).filter((line) => line.startsWith('m365_pool_unused_licenses'));
    const shown = new Shown().next(looked);
    expect(await unused(shown)).toEqual([
      expect.stringMatching(/^m365_pool_unused_licenses\{.*} 3$/),
    ]);
    expect(await unused(shown.next(pool()))).toEqual([]);
  });

  it('are those of the last of many changes', async () => {
    const shown = new Shown().next(idle).next(withStatus()).next(pool()).next(idle);
    expect(await shown.lines()).toEqual(await new Shown().next(idle).lines());
  });

  it('go where they say nothing any more, and with the pool', async () => {
    const shown = new Shown();
    shown.figures.start();
    const text = (await shown.next(idle).next(withStatus()).lines()).join('\n');
    expect(text).not.toContain('m365_pool_plan_lines');
    expect(text).not.toContain('m365_pool_finding');
    expect(text).toContain('state="idle"} 0');
    expect(await shown.next(undefined).lines()).toEqual([]);
    expect(await new Shown().next(pool()).lines()).toEqual([]);
  });

  it('never name a currency, tenant or SKU that the pool has no more', async () => {
    const renamed = pool({ status: { ...idle.status, skuPartNumber: 'E5' } });
    const lines = await new Shown().next(idle).next(renamed).lines();
    expect(lines.filter((line) => line.includes('sku="SPB"'))).toEqual([]);
  });
});

describe('what is counted for a pool', () => {
  it('is there at nothing from the first look on, and goes on while its status changes', async () => {
    const shown = new Shown().next(idle);
    const changed = (by: string, direction: string, seats: number) =>
      `m365_pool_seats_changed_total{${own},direction="${direction}",by="${by}"} ${seats}`;
    for (const by of ['us', 'outside']) expect(await shown.lines()).toContain(changed(by, 'up', 0));
    shown.figures.count(kind, idle, [
      ...seatsChanged(-2, 'us'),
      ...seatsChanged(5, 'outside'),
      ...moneySaved(36_400, 'EUR'),
      ...moneySaved(undefined, 'EUR'),
      changedOutside,
    ]);
    const lines = await shown.next(withStatus()).lines();
    for (const line of [
      changed('us', 'down', 2),
      changed('us', 'up', 0),
      changed('outside', 'up', 5),
      `m365_pool_money_saved_minor_units_total{${own},currency="EUR"} 36400`,
      `m365_pool_changed_outside_total{${own}} 1`,
    ])
      expect(lines).toContain(line);
    expect(await shown.next(undefined).lines()).toEqual([]);
  });

  it('goes with the pool, and with its labels, also where nobody has read it', async () => {
    const shown = new Shown().next(idle);
    shown.figures.count(kind, idle, seatsChanged(5, 'us'));
    const elsewhere = { ...idle, status: { ...idle.status, skuPartNumber: 'O365_BUSINESS' } };
    const lines = await shown.next(elsewhere).next(idle).next(elsewhere).lines();
    expect(lines.filter((line) => line.includes(own))).toEqual([]);
    expect(await shown.next(undefined).lines()).toEqual([]);
  });
});

describe('the last run of a pool', () => {
  const run = (seconds: number) =>
    `m365_pool_last_run_timestamp_seconds{${own}} ${startMs / 1000 + seconds}`;
  const runOf = async (shown: Shown) =>
    (await shown.lines()).filter((line) => line.includes('last_run'));

  it('is told by who leads: when it was looked at to the end, else when that began', async () => {
    const shown = new Shown().next(idle);
    shown.figures.looked(key);
    expect(await runOf(shown)).toEqual([]);
    const leading = new Shown().next(idle);
    leading.figures.start();
    expect(await runOf(leading)).toEqual([run(0)]);
    await leading.clock.advance(60_000);
    expect(await runOf(leading.next(withStatus()))).toEqual([run(0)]);
    leading.figures.looked(key);
    expect(await runOf(leading)).toEqual([run(60)]);
  });

  it('is no concern of a pool that is suspended or gone', async () => {
    const shown = new Shown().next(idle);
    shown.figures.start();
    const suspended = { ...idle, spec: { ...idle.spec, suspend: true } };
    expect(await runOf(shown.next(suspended))).toEqual([]);
    shown.figures.looked(key);
    expect(await runOf(shown)).toEqual([]);
    expect(await runOf(shown.next(idle))).toEqual([run(0)]);
  });
});

/** Who changes seats beside us, counted and written down, also while the operator is away; and who may not order at all. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { conditionOf } from '../demo/objects.ts';
import type { OperatorProcess } from '../stage/operator.ts';
import { connectionSpec, patience } from '../testing/desk.ts';
import { type Northwind, startNorthwind } from '../testing/northwind.ts';
import { premium, SeatDesk } from '../testing/seat-desk.ts';

let world: Northwind;
let seats: SeatDesk;
let operator: OperatorProcess;

beforeAll(async () => {
  world = await startNorthwind();
  operator = world.operator;
  seats = new SeatDesk(world.stage, world.desk);
  await seats.sell();
  await seats.declare({ decrease: 'Observe' });
  await seats.hire('ann');
  await world.desk.ready('M365User', 'ann');
  await world.desk.lookNow('partnerconnection', 'provider', 'eu-prod');
}, 600_000);

afterAll(async () => {
  await operator?.stop();
  await world?.stop();
});

/** By metric and the labels that are asked for, e.g. `changed_outside_total`. */
async function figure(name: string, ...labels: readonly string[]): Promise<number | undefined> {
  const text = await (await fetch(operator.metricsUrl)).text();
  const own = [
    'namespace="contoso"',
    'name="premium"',
    'connection="provider/eu-prod"',
    'tenant="northwind"',
    `sku="${premium.skuPartNumber}"`,
  ];
  const found = text
    .split('\n')
    .find(
      (line) =>
        line.startsWith(`m365_pool_${name}{`) &&
        [...own, ...labels].every((label) => line.includes(label)),
    );
  return found === undefined ? undefined : Number(found.split(' ').at(-1));
}

interface AuditLine {
  readonly operation?: string;
  readonly requestedBy: { readonly outside?: { readonly name: string } };
  readonly before?: number;
  readonly after?: { readonly quantity?: number };
  readonly money?: object;
}

/** Lines of the audit log about changes of seats by others. */
async function outsideLines(): Promise<readonly AuditLine[]> {
  const text = await readFile(operator.auditFile, 'utf8');
  const lines = text.trim().split('\n');
  return lines
    .map((line) => JSON.parse(line) as AuditLine)
    .filter(({ operation }) => operation === 'OutsideChange');
}

const lastOutsideChange = async () => (await seats.pool()).status?.lastOutsideChange;

it('a change at the portal is counted by seats, and a line of the audit log says who, how many and what it costs', async () => {
  expect(await figure('changed_outside_total')).toBe(0);
  expect(await figure('seats_changed_total', 'direction="up"', 'by="us"')).toBe(1);
  seats.changeAtPortal({ quantity: 4 });
  await world.desk.lookNow('partnerconnection', 'provider', 'eu-prod');
  await expect.poll(lastOutsideChange, patience).toMatchObject({ by: seats.buyer, seats: 3 });
  expect(await outsideLines()).toMatchObject([
    {
      requestedBy: { outside: { type: 'User', name: seats.buyer } },
      system: 'PartnerCenter',
      target: seats.active?.id,
      before: 1,
      after: { quantity: 4 },
      money: { amount: 3 * premium.cost, currency: 'EUR' },
    },
  ]);
  expect(await figure('changed_outside_total')).toBe(1);
  expect(await figure('seats_changed_total', 'direction="up"', 'by="outside"')).toBe(3);
  expect(await figure('seats', 'state="idle"')).toBe(3);
  expect(await figure('money_minor_units', 'what="idle"')).toBe(3 * premium.cost);
});

it('what is given back is counted, with what it would have cost to the end of its term', async () => {
  await seats.declare({ decrease: 'Auto' });
  await expect.poll(() => seats.bought, patience).toBe(1);
  await expect.poll(() => figure('seats_changed_total', 'direction="down"', 'by="us"')).toBe(3);
  // The term began today.
  expect(await figure('money_saved_minor_units_total')).toBe(3 * 12 * premium.cost);
  expect(Date.now() / 1000 - ((await figure('last_run_timestamp_seconds')) ?? 0)).toBeLessThan(60);
});

it('what was changed while the operator was away is told when it comes back, days later', async () => {
  await seats.declare({ decrease: 'Observe' });
  await seats.looked();
  await operator.stop();
  seats.changeAtPortal({ quantity: 3 });
  const at = seats.active?.id;
  seats.pass(3);
  operator = await world.stage.startOperator({ pollSeconds: 1 });
  await operator.ready();
  await expect
    .poll(lastOutsideChange, patience)
    .toMatchObject({ by: seats.buyer, subscriptionId: at, seats: 2 });
  await expect.poll(() => figure('changed_outside_total'), patience).toBe(1);
  const lines = await outsideLines();
  expect(lines.map(({ before, after }) => [before, after?.quantity])).toEqual([
    [1, 4],
    [1, 3],
  ]);
});

it('an offer with a term that Microsoft does not sell stalls its pool, with those that it does', async () => {
  const desktop = {
    ...premium,
    name: 'desktop',
    productId: 'CFQ7TTC0HHS9',
    skuId: '0001',
    skuPartNumber: 'CPC_E_2C_8GB_128GB',
    term: 'P3Y',
  };
  const spec = connectionSpec('eu-prod-credentials', { catalog: [premium, desktop] });
  await world.desk.put('PartnerConnection', 'provider', 'eu-prod', spec);
  const wanted = { offer: 'desktop', seats: { min: 1, max: 5 } };
  await seats.declare(wanted, 'desktop');
  const pool = await world.desk.reason('LicensePool', 'desktop', 'OfferUnavailable', 'Stalled');
  expect(conditionOf(pool, 'Stalled')?.message).toContain(
    'with term P3Y billed Monthly; it is with P1M billed Monthly, P1Y billed Monthly',
  );
});

it('an indirect reseller buys nothing: its pool has the text with which to ask the provider', async () => {
  const reseller = { catalog: [premium], partnerType: 'IndirectReseller' };
  const spec = connectionSpec('eu-prod-credentials', reseller);
  await world.desk.put('PartnerConnection', 'provider', 'eu-prod', spec);
  for (const name of ['bea', 'cid', 'dan']) await seats.hire(name);
  await world.desk.reason('LicensePool', 'premium', 'IncreaseHeld');
  const [line] = (await seats.looked()).status?.plan?.lines ?? [];
  expect(line).toMatchObject({ action: 'Increase', state: 'Held', heldBy: 'PlanOnly', to: 4 });
  expect(line?.ticket).toBe(
    `Please change subscription ${seats.active?.id} from 3 to 4 seats now (costs 16.00 EUR a month).`,
  );
  expect(await figure('plan_lines', 'action="Increase"', 'held="PlanOnly"')).toBe(1);
  expect(seats.bought).toBe(3);
});

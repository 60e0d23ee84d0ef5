/** Seats of a pool through windows and a renewal on Microsoft's clock, judged by what Microsoft charges. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { M365User } from '../../operator/core/objects.ts';
import { conditionOf } from '../demo/objects.ts';
import { patience } from '../testing/desk.ts';
import { type Northwind, startNorthwind } from '../testing/northwind.ts';
import { SeatDesk } from '../testing/seat-desk.ts';

let world: Northwind;
let seats: SeatDesk;

beforeAll(async () => {
  world = await startNorthwind();
  seats = new SeatDesk(world.stage, world.desk);
  await seats.sell();
}, 600_000);

afterAll(() => world?.stop());

const dayMs = 24 * 60 * 60_000;
const floored = { max: 50, buffer: { count: 0, marginFloorPercent: 10 } };

/** Of the first billing cycle. */
function proratedDays(days: number): number {
  const [first] = seats.ledger;
  const whole = ((first?.chargeEndMs ?? 0) - (first?.chargeStartMs ?? 0)) / dayMs;
  return 1600 - Math.floor((1600 * (whole - days)) / whole);
}

/** Values of the pool in what the operator has for Prometheus, by name and the labels that are its own. */
async function figures(): Promise<Readonly<Record<string, number>>> {
  const text = await (await fetch(world.operator.metricsUrl)).text();
  const lines = text.split('\n').filter((line) => line.startsWith('m365_pool_'));
  return Object.fromEntries(
    lines.map((line) => {
      const [name = '', labels = '', value = ''] = line.split(/[{}] ?/);
      const state = /(?:state|what)="(\w+)"/.exec(labels)?.[1];
      return [state === undefined ? name : `${name} ${state}`, Number(value)];
    }),
  );
}

const people = Array.from({ length: 10 }, (_, i) => `person${i}`);

async function money() {
  const { status } = await seats.looked();
  return { seats: status?.seats, money: status?.money };
}

function figuresOf(idle: number, margin: number, percent: number) {
  return {
    'm365_pool_seats idle': idle,
    'm365_pool_seats bought': 10 + idle,
    'm365_pool_seats assigned': 10,
    'm365_pool_money_minor_units margin': margin,
    'm365_pool_money_minor_units cost': 16_000 + 1_600 * idle,
    'm365_pool_money_minor_units revenue': 20_000,
    m365_pool_margin_basis_points: 100 * percent,
  };
}

async function isBelowFloor(): Promise<boolean> {
  return conditionOf(await seats.pool(), 'MarginBelowFloor')?.status === 'True';
}

/** Microsoft drops the number of the next term with every change of seats; and others write without it. */
async function losesItsSchedule(): Promise<void> {
  seats.changeAtPortal({ quantity: 13 });
  expect(seats.subscriptions[0]?.nextTerm?.quantity).not.toBe(10);
  await seats.looked();
  await expect.poll(() => seats.bought, patience).toBe(12);
  await expect.poll(() => seats.subscriptions[0]?.nextTerm?.quantity, patience).toBe(10);
  seats.changeAtPortal({ scheduledNextTermInstructions: undefined });
  expect(seats.subscriptions[0]?.nextTerm).toBeUndefined();
  await seats.looked();
  await expect.poll(() => seats.subscriptions[0]?.nextTerm?.quantity, patience).toBe(10);
  await expect
    .poll(() => seats.events(), patience)
    .toEqual(expect.arrayContaining(['ScheduleLost', 'ScheduleReissued']));
}

describe('ten people at cost 16 and price 20', () => {
  it('have ten seats, bought at once: 20 %, 40.00', async () => {
    await seats.declare({ decrease: 'Plan', seats: floored });
    await Promise.all(people.map((name) => seats.hire(name)));
    await Promise.all(people.map((name) => world.desk.ready('M365User', name)));
    await world.desk.ready('LicensePool', 'premium');
    expect(seats.bought).toBe(10);
    expect(seats.charged()).toBe(16_000);
    expect((await money()).money).toMatchObject({
      cost: 16_000,
      revenue: 20_000,
      margin: 4_000,
      marginPercent: '20',
      breakEvenSeats: '2.5',
    });
    expect(await isBelowFloor()).toBe(false);
    await expect.poll(figures, patience).toMatchObject(figuresOf(0, 4_000, 20));
  });

  it.each([
    [1, 2_400, '12', false],
    [2, 800, '4', true],
    [3, -800, '-4', true],
  ])('and %i idle seat(s), bought by others: %i', async (idle, margin, percent, isAlert) => {
    seats.changeAtPortal({ quantity: 10 + idle });
    const found = await money();
    expect(found.seats).toMatchObject({ bought: 10 + idle, assigned: 10, idle, target: 10 });
    expect(found.money).toMatchObject({ margin, marginPercent: percent, revenue: 20_000 });
    expect(found.money?.cost).toBe(seats.charged());
    expect(await isBelowFloor()).toBe(isAlert);
    await expect.poll(figures, patience).toMatchObject(figuresOf(idle, margin, Number(percent)));
  });

  it('are told with who bought them', async () => {
    await seats.connectionLooked();
    await expect
      .poll(async () => (await seats.pool()).status?.lastOutsideChange, patience)
      .toMatchObject({ by: seats.buyer, subscriptionId: seats.active?.id });
    expect(await seats.events()).toContain('SubscriptionChangedOutside');
  });

  it('are right-sized inside the window, and two days of three seats is what they have cost', async () => {
    seats.pass(2);
    await seats.declare({ seats: floored });
    await expect.poll(() => seats.bought, patience).toBe(10);
    const after = await money();
    expect(after.money).toMatchObject({ cost: 16_000, margin: 4_000, marginPercent: '20' });
    expect(after.seats).toMatchObject({ bought: 10, idle: 0, target: 10 });
    expect(await isBelowFloor()).toBe(false);
    await expect.poll(figures, patience).toMatchObject(figuresOf(0, 4_000, 20));
    expect(await seats.events()).toEqual(
      expect.arrayContaining(['SeatsPurchased', 'MarginBelowFloor', 'SeatsReduced']),
    );
    expect(seats.charged() - 16_000).toBe(3 * proratedDays(2));
  });

  it('are right-sized at the renewal where the window is missed, at the cost that was told', async () => {
    const decrease = 'Plan';
    await seats.declare({ seats: floored, decrease });
    seats.changeAtPortal({ quantity: 12 });
    await seats.looked();
    seats.pass(8);
    await seats.looked();
    await seats.declare({ seats: floored });
    const before = seats.ledger.length;
    const { seats: found, money: owed } = await money();
    const end = seats.subscriptions[0]?.termEndMs ?? 0;
    expect(found).toMatchObject({ bought: 12, idle: 2, nextDrop: { quantity: 2 } });
    expect(found?.nextDrop?.at).toBe(new Date(end).toISOString().replace('.000', ''));
    expect(owed).toMatchObject({ cost: 19_200, margin: 800, marginPercent: '4' });
    const { status } = await seats.looked();
    expect(status?.explanation).toContain('keep 10');
    seats.passTo(end - 20 * dayMs);
    await seats.looked();
    await expect.poll(() => seats.subscriptions[0]?.nextTerm?.quantity, patience).toBe(10);
    expect(await seats.events()).toContain('DropScheduled');
    await seats.looked();
    const later = seats.ledger.slice(before);
    const ofIdle = later.reduce((sum, { amountMinor }) => sum + amountMinor, 0) / 6;
    // Ten days of the cycle that ran then were over.
    expect(owed?.waiting).toBe(ofIdle + 2 * (1600 - proratedDays(10)));
    expect(seats.ledger.at(-1)?.termEndMs).toBe(end);
    await losesItsSchedule();
    seats.passTo(end + dayMs);
    const renewed = await money();
    expect(renewed.seats).toMatchObject({ bought: 10, idle: 0 });
    expect(renewed.money).toMatchObject({ cost: 16_000, margin: 4_000, marginPercent: '20' });
    expect(seats.ledger.at(-1)).toMatchObject({
      chargeType: 'renew',
      quantity: 10,
      amountMinor: 16_000,
    });
  });
});

describe('a plan that waits for approval', () => {
  it('is carried out under its own hash only', async () => {
    await seats.declare({ decrease: 'Approve' });
    seats.changeAtPortal({ quantity: 11 });
    const { status } = await seats.looked();
    expect(status?.plan).toMatchObject({ action: 'Decrease', quantity: 1 });
    const hash = status?.plan?.hash ?? '';
    await seats.annotate('approve', 'another');
    const refused = (await seats.looked()).status?.plan?.held;
    expect(refused).toContain('another');
    expect(refused).toContain(hash);
    expect(seats.bought).toBe(11);
    await seats.annotate('approve', hash);
    await expect.poll(() => seats.bought, patience).toBe(10);
    expect((await seats.looked()).status?.approval).toMatchObject({ hash });
  });
});

it('a second pool of the product is refused, and the first stays', async () => {
  await seats.declare({}, 'younger');
  await world.desk.reason('LicensePool', 'younger', 'AlreadyManaged', 'Stalled');
  await world.desk.ready('LicensePool', 'premium');
  await world.stage.controlPlane.kubectl(['delete', 'lp', 'younger', '-n', 'contoso']);
  expect(seats.bought).toBe(10);
});

describe('who joins', () => {
  const entries = () => seats.ledger.length;

  it('takes the seat of who left in the same week: nothing is bought', async () => {
    await seats.declare({ decrease: 'Observe' });
    const before = entries();
    const leaveAt = `${new Date(Date.now() - dayMs).toISOString().slice(0, 19)}Z`;
    await seats.hire('person0', { leaveAt, seatsOnLeave: 'Free' });
    await expect.poll(async () => (await seats.looked()).status?.seats?.assigned, patience).toBe(9);
    await seats.hire('joiner');
    await world.desk.ready('M365User', 'joiner');
    expect((await seats.looked()).status?.seats).toMatchObject({ assigned: 10, idle: 0 });
    expect([seats.bought, entries()]).toEqual([10, before]);
  });

  it('has one seat bought where nobody leaves, once, and is licensed within seconds', async () => {
    const [one] = seats.subscriptions;
    await seats.hire('newcomer');
    await expect.poll(() => seats.bought, patience).toBe(11);
    const arrived = performance.now();
    await world.desk.ready('M365User', 'newcomer');
    expect(performance.now() - arrived).toBeLessThan(10_000);
    await seats.looked();
    const found = seats.subscriptions.map(({ id, quantity }) => [id, quantity]);
    expect(found).toEqual([[one?.id, 11]]);
  });

  it('later has an account that is blocked and a seat that is ready, and both on the first day', async () => {
    const startAt = new Date(Date.now() + 12_000).toISOString();
    await seats.hire('trainee', { startAt });
    const trainee = () => world.desk.find<M365User>('M365User', 'trainee');
    await world.desk.reason('M365User', 'trainee', 'Disabled');
    await expect.poll(() => seats.bought, patience).toBe(12);
    expect((await trainee()).status?.licenses).toBeUndefined();
    expect((await seats.looked()).status?.seats).toMatchObject({ assigned: 11, target: 12 });
    await world.desk.reason('M365User', 'trainee', 'Provisioned');
    expect(Date.now()).toBeGreaterThan(Date.parse(startAt));
    expect((await trainee()).status?.licenses).toEqual(['premium']);
    expect(seats.bought).toBe(12);
    await world.stage.controlPlane.kubectl([
      'delete',
      'mu',
      'trainee',
      '-n',
      'contoso',
      '--timeout=30s',
    ]);
    seats.changeAtPortal({ quantity: 11 });
    await seats.looked();
  });
});

it('a pool that is deleted leaves idle seats out of the next term where it is told to', async () => {
  await seats.declare({ decrease: 'Observe', deletionPolicy: 'ReduceAtRenewal' });
  await world.desk.ready('LicensePool', 'premium');
  const { controlPlane } = world.stage;
  await controlPlane.kubectl(['delete', 'm365user', 'newcomer', '-n', 'contoso', '--timeout=30s']);
  await expect.poll(async () => (await seats.looked()).status?.seats?.idle, patience).toBe(1);
  await controlPlane.kubectl(['delete', 'lp', 'premium', '-n', 'contoso', '--timeout=40s']);
  expect(seats.bought).toBe(11);
  expect(seats.subscriptions[0]).toMatchObject({ nextTerm: { quantity: 10 } });
});

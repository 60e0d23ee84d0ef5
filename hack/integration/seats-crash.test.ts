/** The operator is killed (SIGKILL) right after each step of a purchase took effect: nothing is bought twice, nothing forgotten. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conditionOf } from '../demo/objects.ts';
import { DEFAULT_PARTNER } from '../simulator/seed.ts';
import type { OperatorProcess } from '../stage/operator.ts';
import { patience } from '../testing/desk.ts';
import { Gateway, type GatewayRequest, isStatusWrite } from '../testing/gateway.ts';
import { type Northwind, startNorthwind } from '../testing/northwind.ts';
import { killWithLease } from '../testing/replicas.ts';
import { SeatDesk } from '../testing/seat-desk.ts';

let world: Northwind;
let seats: SeatDesk;
let gateway: Gateway;
let operator: OperatorProcess;

beforeAll(async () => {
  world = await startNorthwind();
  operator = world.operator;
  seats = new SeatDesk(world.stage, world.desk);
  await seats.sell();
  gateway = await Gateway.start(world.stage, 'operator');
  await killOperator();
  await start();
  await seats.declare({ decrease: 'Observe' });
  await world.desk.ready('LicensePool', 'premium');
}, 600_000);

afterAll(async () => {
  await operator?.stop();
  await gateway?.stop();
  await world?.stop();
});

function kubectl(...args: readonly string[]): Promise<string> {
  return world.stage.controlPlane.kubectl(args);
}

async function start(): Promise<void> {
  operator = await world.stage.startOperator({ ...gateway.operatorOptions, pollSeconds: 1 });
  await operator.ready();
}

const killOperator = (): Promise<void> => killWithLease(world.stage, operator);

const toPartnerCenter =
  (method: string, end: RegExp) =>
  ({ service, method: is, path }: GatewayRequest): boolean =>
    service === 'partnerCenter' && is === method && end.test(path);
const isStored = (request: GatewayRequest): boolean =>
  isStatusWrite(request) && request.path.includes('/licensepools/');

it.each([
  ['RecordPurchase', isStored, 1],
  ['IncreaseSeats', toPartnerCenter('PATCH', /\/subscriptions\/[^/]+$/), 2],
  ['CreateCart', toPartnerCenter('POST', /\/carts$/), 1],
  ['CheckoutCart', toPartnerCenter('POST', /\/checkout$/), 1],
] as const)(
  'killed after %s',
  async (step, isWanted, wanted) => {
    // A purchase is made where there is no subscription.
    if (wanted === 1) {
      await kubectl('delete', 'm365user', '--all', '-n', 'contoso', '--timeout=30s');
      if (seats.bought > 0) seats.changeAtPortal({ status: 'deleted' });
      await expect.poll(async () => (await seats.looked()).status?.seats?.bought, patience).toBe(0);
    }
    const before = seats.subscriptions.length;
    let isHit = false;
    gateway.hold(isWanted, () => {
      isHit = true;
    });
    await seats.hire(step.toLowerCase());
    await expect.poll(() => isHit, patience).toBe(true);
    await killOperator();
    await start();
    await world.desk.ready('M365User', step.toLowerCase());
    expect(seats.bought).toBe(wanted);
    expect(seats.subscriptions.length - before).toBe(wanted === 1 ? 1 : 0);
    const { status } = await seats.looked();
    expect(status?.seats).toMatchObject({ bought: wanted, assigned: wanted, idle: 0 });
  },
  120_000,
);

describe('killed after the seats of the next term were set', () => {
  const isPatch = toPartnerCenter('PATCH', /\/subscriptions\/[^/]+$/);
  const patches = () => gateway.requests.filter(isPatch).length;
  const nextTerm = () => seats.active?.nextTerm?.quantity;

  it('has set them once, and the term is renewed with them', async () => {
    await seats.hire('leaver');
    await world.desk.ready('M365User', 'leaver');
    seats.pass(8);
    await seats.declare({ decrease: 'Auto', renewalNoticeDays: 365 });
    await seats.looked();
    const before = patches();
    let isHit = false;
    gateway.hold(isPatch, () => {
      isHit = true;
    });
    const leaveAt = `${new Date(Date.now() - 24 * 60 * 60_000).toISOString().slice(0, 19)}Z`;
    await seats.hire('leaver', { leaveAt, seatsOnLeave: 'Free' });
    await expect.poll(() => isHit, patience).toBe(true);
    expect(nextTerm()).toBe(1);
    await killOperator();
    await start();
    const { status } = await seats.looked();
    expect(status?.plan?.lines).toMatchObject([
      { action: 'ScheduleDecrease', state: 'Set', to: 1 },
    ]);
    expect([patches() - before, seats.bought, nextTerm()]).toEqual([1, 2, 1]);
    await seats.liveTo((seats.active?.termEndMs ?? 0) + 24 * 60 * 60_000);
    expect((await seats.looked()).status?.seats).toMatchObject({ bought: 1, assigned: 1, idle: 0 });
  }, 120_000);

  it('and down for eleven months, says that its refresh token has expired; a new one, and it goes on', async () => {
    await killOperator();
    seats.pass(330);
    const now = seats.active?.quantity;
    await start();
    const stalled = await seats.connectionLooked();
    expect(conditionOf(stalled, 'Stalled')).toMatchObject({ reason: 'RefreshTokenExpired' });
    await world.desk.reason('LicensePool', 'premium', 'ConnectionNotReady');
    const { world: cloud } = world.stage.simulator;
    const { refreshTokens } = cloud.directories.get(DEFAULT_PARTNER.tenantId) ?? {};
    const [old] = [...(refreshTokens?.values() ?? [])];
    if (old === undefined) throw new Error('nobody ever signed in');
    refreshTokens?.set('signed-in-again', { ...old, issuedMs: cloud.clock.nowMs() });
    await world.desk.putSecret('eu-prod-credentials', { refreshToken: 'signed-in-again' });
    await world.desk.ready('PartnerConnection', 'eu-prod');
    await world.desk.ready('LicensePool', 'premium');
    expect((await seats.looked()).status?.seats?.bought).toBe(now);
  }, 120_000);
});

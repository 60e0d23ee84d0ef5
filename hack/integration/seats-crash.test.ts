/** The operator is killed (SIGKILL) right after each step of a purchase took effect: nothing is bought twice, nothing forgotten. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OperatorProcess } from '../stage/operator.ts';
import { patience } from '../testing/desk.ts';
import { Gateway, type GatewayRequest, isStatusWrite } from '../testing/gateway.ts';
import { type Northwind, startNorthwind } from '../testing/northwind.ts';
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

async function killOperator(): Promise<void> {
  await operator.kill();
  await kubectl('delete', 'lease', 'm365-operator', '-n', 'default', '--ignore-not-found');
}

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

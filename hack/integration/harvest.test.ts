/** Licences that nobody needs: who is named, who is spared, whose is taken, and where the seat goes. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEFAULT_CUSTOMER } from '../simulator/seed.ts';
import { patience } from '../testing/desk.ts';
import { expectStatusRules } from '../testing/expect-status.ts';
import { liveUsers, type Northwind, startNorthwind } from '../testing/northwind.ts';
import { type Others, othersIn } from '../testing/others.ts';
import { SeatDesk } from '../testing/seat-desk.ts';

let world: Northwind;
let seats: SeatDesk;
let others: Others;

const { domain } = DEFAULT_CUSTOMER;
const floor = { max: 50, buffer: { count: 2, marginFloorPercent: -100 } };

beforeAll(async () => {
  world = await startNorthwind();
  seats = new SeatDesk(world.stage, world.desk);
  others = await othersIn(world.stage);
  await seats.sell();
}, 600_000);

afterAll(() => world?.stop());

const skuIdOfPool = async () => (await seats.pool()).status?.skuId ?? '';

async function holds(name: string): Promise<boolean> {
  const skuId = await skuIdOfPool();
  const user = liveUsers(world.stage).find((one) => one.userPrincipalName === `${name}@${domain}`);
  return user?.licenses.some((one) => one.skuId === skuId) === true;
}

/** By the customer's administrator, outside Git. */
async function blockedAtPortal(name: string): Promise<void> {
  const path = `/users/${name}@${domain}`;
  await others.change('User', 'POST', '/users', {
    userPrincipalName: `${name}@${domain}`,
    displayName: name,
    mailNickname: name,
    accountEnabled: false,
    usageLocation: 'DE',
    passwordProfile: { password: 'Str0ng-enough!' },
  });
  const addLicenses = [{ skuId: await skuIdOfPool(), disabledPlans: [] }];
  await others.change('User', 'POST', `${path}/assignLicense`, { addLicenses, removeLicenses: [] });
}

/** `kim Removed`, in the order of names. */
const named = async () =>
  ((await seats.looked()).status?.harvest?.proposals ?? [])
    .map(({ user, reason, held = '' }) => `${user.split('@')[0]} ${reason} ${held}`.trim())
    .toSorted();

it('whose licence seems unused is named with its cost, and nothing is taken', async () => {
  await seats.declare({ seats: floor, renewalNoticeDays: 365 });
  await seats.hire('kim', { deletionPolicy: 'Retain' });
  await seats.hire('leo');
  await seats.hire('sam', { enabled: false });
  for (const name of ['kim', 'leo', 'sam']) await world.desk.ready('M365User', name);
  await expect.poll(() => seats.bought, patience).toBe(5);
  await expect.poll(async () => (await seats.looked()).status?.seats?.available, patience).toBe(5);
  await blockedAtPortal('old');
  await blockedAtPortal('ceo');
  const harvest = { inactiveDays: 30, exclude: { users: [`ceo@${domain}`] } };
  await seats.declare({ seats: floor, renewalNoticeDays: 365, harvest });
  // All are new.
  expect(await named()).toEqual([]);
  await world.stage.controlPlane.kubectl(['delete', 'mu', 'kim', '-n', 'contoso', '--timeout=30s']);
  seats.pass(40);
  await expect
    .poll(named, patience)
    .toEqual(['kim Removed', 'leo Inactive Declared', 'old Disabled', 'sam Disabled Declared']);
  const pool = await seats.pool();
  expectStatusRules(pool);
  expect(pool.status?.harvest).toMatchObject({ saving: 6_400, signInData: 'Available' });
  expect(await seats.events()).toContain('LicensesUnused');
  expect(await Promise.all(['kim', 'old', 'ceo', 'leo', 'sam'].map(holds))).not.toContain(false);
});

it('is taken where Auto is set, told and audited, and its seat is left out of the next term', async () => {
  const harvest = {
    mode: 'Auto',
    graceDays: 0,
    inactiveDays: 30,
    exclude: { users: [`ceo@${domain}`] },
  };
  const bare = { max: 50 };
  await seats.declare({ seats: bare, renewalNoticeDays: 365, harvest });
  await expect.poll(() => Promise.all(['kim', 'old'].map(holds)), patience).toEqual([false, false]);
  expect(await Promise.all(['ceo', 'leo', 'sam'].map(holds))).toEqual([true, true, true]);
  await expect.poll(() => seats.active?.nextTerm?.quantity, patience).toBe(3);
  const { status } = await seats.looked();
  expect(status?.seats).toMatchObject({ assigned: 3, idle: seats.bought - 3 });
  expect(status?.harvest?.taken?.map(({ user }) => user.split('@')[0]).toSorted()).toEqual([
    'kim',
    'old',
  ]);
  expect(await named()).toEqual(['leo Inactive Declared', 'sam Disabled Declared']);
  expect(await seats.events()).toContain('LicenseHarvested');
  const audit = readFileSync(world.operator.auditFile, 'utf8').split('\n');
  const lines = audit.filter((line) => line.includes('"TakeLicense"'));
  expect(lines.map((line) => (JSON.parse(line) as { result: string }).result)).toEqual([
    'succeeded',
    'succeeded',
  ]);
});

it('a look that finds the same writes no new status', async () => {
  const before = await seats.looked();
  const after = await seats.looked();
  const { lastHandledReconcileAt: _, ...status } = before.status ?? {};
  expect(after.status).toMatchObject(status);
});

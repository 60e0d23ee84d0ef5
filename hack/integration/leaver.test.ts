/** A person who leaves, comes back and leaves for good: on a real domain controller, the simulated Entra and a real API server. */
import { readFile } from 'node:fs/promises';
import { Client, EqualityFilter } from 'ldapts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { M365User } from '../../operator/core/objects.ts';
import { conditionOf } from '../demo/objects.ts';
import { isWaived } from '../samba/test-directory.ts';
import { DEFAULT_CUSTOMER } from '../simulator/seed.ts';
import { patience } from '../testing/desk.ts';
import { liveUsers, type Northwind, startNorthwind } from '../testing/northwind.ts';

let world: Northwind;
let admin: Client;
let ca = '';

const name = `lena@${DEFAULT_CUSTOMER.domain}`;
const spec = {
  tenantRef: { name: 'northwind' },
  userPrincipalName: name,
  displayName: 'Lena Hofer',
  groups: ['Sales'],
  activeDirectory: { groups: ['desktop-users'] },
  initialPassword: { secretName: 'lena' },
};

beforeAll(async () => {
  if (isWaived) return;
  world = await startNorthwind({ directoryAddress: '127.0.0.26' });
  const { directory } = world.stage;
  if (directory === undefined) throw new Error(world.stage.directoryNote);
  ca = await readFile(directory.caFile, 'utf8');
  admin = new Client({ url: directory.url, tlsOptions: { ca: [ca] } });
  await admin.bind(directory.adminDN, directory.adminPassword);
}, 600_000);

afterAll(async () => {
  await admin?.unbind();
  await world?.stop();
});

const put = (more: object = {}) =>
  world.desk.put('M365User', 'contoso', 'lena', { ...spec, ...more });
const person = () => world.desk.find<M365User>('M365User', 'lena');
const inEntra = () => liveUsers(world.stage).find((user) => user.userPrincipalName === name);

async function reached(type: string): Promise<M365User> {
  await expect.poll(async () => conditionOf(await person(), type)?.status, patience).toBe('True');
  return person();
}

async function inDirectory() {
  const { searchEntries } = await admin.search(world.stage.directory?.customersOU ?? '', {
    filter: new EqualityFilter({ attribute: 'userPrincipalName', value: name }),
    attributes: ['userAccountControl', 'memberOf'],
  });
  return searchEntries[0];
}

async function secretPassword(): Promise<string> {
  const path = 'jsonpath={.data.password}';
  const args = ['get', 'secret', 'lena', '-n', 'contoso', '-o', path];
  return Buffer.from(await world.stage.controlPlane.kubectl(args), 'base64').toString();
}

async function canSignIn(password: string): Promise<boolean> {
  const client = new Client({ url: world.stage.directory?.url ?? '', tlsOptions: { ca: [ca] } });
  try {
    await client.bind(name, password);
    return true;
  } catch {
    return false;
  } finally {
    await client.unbind();
  }
}

describe.skipIf(isWaived)('a person who leaves', () => {
  let first = '';

  it('works in both directories until leaveAt', async () => {
    await put();
    await world.desk.ready('M365User', 'lena');
    first = await secretPassword();
    expect(await canSignIn(first)).toBe(true);
    expect((await inDirectory())?.['memberOf']).toContain('desktop-users');
  });

  it('is blocked in both at that moment, in no group, and has a password that nobody knows', async () => {
    const leaveAt = new Date(Date.now() + 2_000).toISOString();
    await put({ leaveAt });
    await reached('AccessRemoved');
    const { leaver } = (await reached('SignInBlocked')).status ?? {};
    const seconds = (Date.parse(leaver?.blockedAt ?? '') - Date.parse(leaveAt)) / 1_000;
    expect(seconds).toBeGreaterThanOrEqual(0);
    expect(seconds).toBeLessThan(10);
    expect(inEntra()?.properties['accountEnabled']).toBe(false);
    expect(leaver?.groups).toMatchObject([{ name: 'Sales' }]);
    expect(leaver?.activeDirectoryGroups).toHaveLength(1);
    expect(leaver?.passwords).toEqual({ entra: 'Replaced', activeDirectory: 'Replaced' });
    const account = await inDirectory();
    expect([Number(account?.['userAccountControl']) & 2, account?.['memberOf']]).toEqual([2, []]);
  });

  it('is back with groups and a new password when leaveAt is taken back', async () => {
    const before = (await person()).status;
    await put();
    await expect.poll(async () => (await person()).status?.leaver, patience).toBeUndefined();
    await world.desk.reason('M365User', 'lena', 'Provisioned');
    const { status } = await person();
    expect([status?.entraId, status?.objectGuid]).toEqual([before?.entraId, before?.objectGuid]);
    expect(status?.groups).toEqual(['Sales']);
    expect((await inDirectory())?.['memberOf']).toContain('desktop-users');
    const second = await secretPassword();
    expect(second).not.toBe(first);
    expect([await canSignIn(second), await canSignIn(first)]).toEqual([true, false]);
  });

  it('is deleted in both when the days are over, and not made again; legalHold stops that', async () => {
    const leaveAt = new Date(Date.now() - 1_000).toISOString();
    await put({ leaveAt, retentionDays: 0, legalHold: true });
    await reached('SignInBlocked');
    await world.desk.reason('M365User', 'lena', 'LegalHold', 'Retained');
    expect(inEntra()).toBeDefined();
    await put({ leaveAt, retentionDays: 0 });
    await reached('AccountsDeleted');
    expect(inEntra()).toBeUndefined();
    expect(await inDirectory()).toBeUndefined();
    await world.desk.reason('M365User', 'lena', 'Left');
    await world.desk.lookNow('m365user', 'contoso', 'lena');
    await expect
      .poll(async () => (await person()).status?.lastHandledReconcileAt, patience)
      .toBeDefined();
    expect([inEntra(), await inDirectory()]).toEqual([undefined, undefined]);
  });
});

/** A person who leaves, comes back and leaves for good: on a real domain controller, the simulated Entra and a real API server. */
import { readFile } from 'node:fs/promises';
import { Attribute, Change, Client, EqualityFilter } from 'ldapts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { M365Tenant, M365User } from '../../operator/core/objects.ts';
import { conditionOf } from '../demo/objects.ts';
import { isWaived } from '../samba/test-directory.ts';
import { adminConsent } from '../simulator/directory/consent.ts';
import { addRoleAssignment } from '../simulator/directory/create.ts';
import { OPERATOR_PERMISSIONS, roleId } from '../simulator/directory/well-known.ts';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from '../simulator/seed.ts';
import { patience } from '../testing/desk.ts';
import { liveUsers, type Northwind, northwind, startNorthwind } from '../testing/northwind.ts';

let world: Northwind;
let admin: Client;
let ca = '';

const name = `lena@${DEFAULT_CUSTOMER.domain}`;
const spec = {
  tenantRef: { name: 'northwind' },
  userPrincipalName: name,
  displayName: 'Lena Hofer',
  usageLocation: 'DE',
  pools: ['premium'],
  groups: ['Sales'],
  activeDirectory: { groups: ['desktop-users'] },
  initialPassword: { secretName: 'lena', expireAfterDays: 30, expireAtFirstSignIn: true },
};

beforeAll(async () => {
  if (isWaived) return;
  world = await startNorthwind({ directoryAddress: '127.0.0.26' });
  const { directory } = world.stage;
  if (directory === undefined) throw new Error(world.stage.directoryNote);
  ca = await readFile(directory.caFile, 'utf8');
  admin = new Client({ url: directory.url, tlsOptions: { ca: [ca] } });
  await admin.bind(directory.adminDN, directory.adminPassword);
  await world.desk.put('LicensePool', 'contoso', 'premium', {
    tenantRef: { name: 'northwind' },
    offer: 'business-premium',
    seats: { min: 1, max: 10 },
    endOfTerm: 'Renew',
  });
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

/** What Graph cannot: whoever holds the role Exchange Administrator does it in Exchange. */
async function convertMailbox(): Promise<void> {
  const { directories } = world.stage.simulator.world;
  directories.get(DEFAULT_CUSTOMER.tenantId)?.sharedMailboxes.add(inEntra()?.id ?? '');
  await world.desk.lookNow('m365user', 'contoso', 'lena');
}

/** The administrator of the tenant consents to more than the operator asks for, and makes the person an administrator. */
async function makeAdministrator(): Promise<void> {
  const { simulator } = world.stage;
  const directory = simulator.world.directories.get(DEFAULT_CUSTOMER.tenantId);
  const id = inEntra()?.id;
  if (directory === undefined || id === undefined) throw new Error('nobody is there');
  const express = ['RoleManagement.ReadWrite.Directory', 'MailboxSettings.Read'];
  const wanted = [...OPERATOR_PERMISSIONS, ...express];
  adminConsent(simulator.world, directory, DEFAULT_PARTNER.clientId, wanted);
  addRoleAssignment(simulator.world, directory, id, roleId('Exchange Administrator'));
  const handled = async () =>
    (await world.desk.find<M365Tenant>('M365Tenant', 'northwind')).status?.lastHandledReconcileAt;
  const before = await handled();
  await world.desk.lookNow('m365tenant', 'contoso', 'northwind');
  await expect.poll(handled, patience).not.toBe(before);
}

function rolesHeld(): readonly string[] {
  const { directories } = world.stage.simulator.world;
  const all = directories.get(DEFAULT_CUSTOMER.tenantId)?.roleAssignments.values() ?? [];
  return [...all].filter(({ principalId }) => principalId === inEntra()?.id).map(({ id }) => id);
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
    const table = await world.stage.controlPlane.kubectl(['get', 'mu', 'lena', '-n', 'contoso']);
    expect(table).toMatch(/ USER +ENTRA +AD .*\n.* lena@\S+ +True +True /);
  });

  it('has the job title that Active Directory decides on, in Entra as well', async () => {
    const authority = [{ field: 'jobTitle', source: 'ActiveDirectory' }];
    const identity = { activeDirectory: 'Managed', authority };
    await world.desk.put('M365Tenant', 'contoso', 'northwind', { ...northwind, identity });
    const modification = new Attribute({ type: 'title', values: ['Head of Sales'] });
    await admin.modify(
      (await inDirectory())?.dn ?? '',
      new Change({ operation: 'replace', modification }),
    );
    await expect.poll(() => inEntra()?.properties['jobTitle'], patience).toBe('Head of Sales');
    await world.desk.ready('M365User', 'lena');
    expect((await person()).status?.drift).toBeUndefined();
  });

  it('whose password leaves the Secret with the first sign-in', async () => {
    await expect.poll(secretPassword, patience).toBe('');
    const { passwordSecret } = (await person()).status ?? {};
    expect(passwordSecret).toMatchObject({ name: 'lena', expiredAt: expect.any(String) });
  });

  it('is blocked in both at that moment, without a role, in no group, and has a password that nobody knows', async () => {
    await makeAdministrator();
    const leaveAt = new Date(Date.now() + 2_000).toISOString();
    await put({ leaveAt, seatsOnLeave: 'Free', mailboxOnLeave: 'Wait' });
    await reached('AccessRemoved');
    const { leaver } = (await reached('SignInBlocked')).status ?? {};
    const seconds = (Date.parse(leaver?.blockedAt ?? '') - Date.parse(leaveAt)) / 1_000;
    expect(seconds).toBeGreaterThanOrEqual(0);
    expect(seconds).toBeLessThan(10);
    expect(inEntra()?.properties['accountEnabled']).toBe(false);
    expect(rolesHeld()).toEqual([]);
    expect(leaver).toMatchObject({
      groups: [{ name: 'Sales' }],
      roles: [{ name: 'Exchange Administrator' }],
      activeDirectoryGroups: [{ id: expect.any(String) }],
      passwords: { entra: 'Replaced', activeDirectory: 'Replaced' },
    });
    const account = await inDirectory();
    expect([Number(account?.['userAccountControl']) & 2, account?.['memberOf']]).toEqual([2, []]);
  });

  it('keeps the seat until the mailbox is a shared one', async () => {
    await world.desk.reason('M365User', 'lena', 'NotConverted', 'MailboxKept');
    await world.desk.reason('M365User', 'lena', 'WaitingForMailbox', 'SeatsFreed');
    expect(inEntra()?.licenses).toHaveLength(1);
    await convertMailbox();
    for (const type of ['MailboxKept', 'SeatsFreed']) await reached(type);
    expect(inEntra()?.licenses).toEqual([]);
  });

  it('is back with groups, licence and a new password when leaveAt is taken back', async () => {
    const before = (await person()).status;
    await put();
    // No role is given by the operator: it names those of before.
    await world.desk.reason('M365User', 'lena', 'AssignByHand', 'RolesReturned');
    await expect
      .poll(async () => (await person()).status?.leaver?.groups, patience)
      .toBeUndefined();
    await world.desk.reason('M365User', 'lena', 'Provisioned');
    expect(rolesHeld()).toEqual([]);
    const { status } = await person();
    expect([status?.entraId, status?.objectGuid]).toEqual([before?.entraId, before?.objectGuid]);
    expect(status?.groups).toEqual(['Sales']);
    expect(inEntra()?.licenses).toHaveLength(1);
    expect((await inDirectory())?.['memberOf']).toContain('desktop-users');
    const second = await secretPassword();
    expect(second).not.toBe(first);
    expect([await canSignIn(second), await canSignIn(first)]).toEqual([true, false]);
  });

  it('gets another password in both on request', async () => {
    const before = await secretPassword();
    const changedAt = inEntra()?.properties['lastPasswordChangeDateTime'];
    const annotation = 'm365-operator.io/rotate-password-at=first';
    const args = ['annotate', 'm365user', 'lena', '-n', 'contoso', annotation];
    await world.stage.controlPlane.kubectl(args);
    const handled = async () => (await person()).status?.lastHandledPasswordRotation;
    await expect.poll(handled, patience).toBe('first');
    const third = await secretPassword();
    expect(['', before]).not.toContain(third);
    expect(await canSignIn(third)).toBe(true);
    expect(inEntra()?.properties['lastPasswordChangeDateTime']).not.toBe(changedAt);
  });

  it('leaves a group of Active Directory that is not declared any more', async () => {
    await put({ activeDirectory: { groups: ['others'] } });
    await expect
      .poll(async () => (await inDirectory())?.['memberOf'], patience)
      .toContain('CN=others');
    const groups = async () => (await person()).status?.activeDirectoryGroups;
    await expect.poll(groups, patience).toEqual(['others']);
    expect((await inDirectory())?.['memberOf']).not.toContain('desktop-users');
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

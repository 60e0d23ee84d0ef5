/**
 * What goes wrong between the operator and both directories, on a real domain controller and a real API server. After each:
 * one account a side, the same anchor, a status that is true, and nothing of others touched. Two controllers are two ways
 * (relays) to one directory here, since Samba runs without replication; that the operator goes back to the first once it is
 * well for a minute is tested on a moved clock, in active-directory-connection.test.ts and fail-over.test.ts.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { M365Tenant } from '../../operator/core/objects.ts';
import { until } from '../control-plane/processes.ts';
import { conditionOf } from '../demo/objects.ts';
import { issueCertificate } from '../samba/certificates.ts';
import { readAndWrite, setAccess, workRights, writeRights } from '../samba/delegation.ts';
import { Relay } from '../samba/relay.ts';
import { isWaived } from '../samba/test-directory.ts';
import { DEFAULT_CUSTOMER } from '../simulator/seed.ts';
import { BothDirectories, expectOnePerson } from '../testing/both-directories.ts';
import { creationSpec, patience, patienceWithLossMs } from '../testing/desk.ts';
import { liveUsers, type Northwind, startNorthwind } from '../testing/northwind.ts';

const serviceDN = 'CN=svc-m365,CN=Users,DC=corp,DC=example';
const relays: Relay[] = [];
let world: Northwind;
let both: BothDirectories;
let ports: readonly number[];
let servicePassword = 'S3rvice-Passw0rd!';

beforeAll(async () => {
  if (isWaived) return;
  world = await startNorthwind({
    directoryAddress: '127.0.0.31',
    domainControllers: async ({ url }) => {
      relays.push(new Relay(url), new Relay(url));
      const urls = await Promise.all(relays.map((relay) => relay.start()));
      ports = urls.map((one) => Number(new URL(one).port));
      return urls;
    },
  });
  both = await BothDirectories.open(world);
  await addService();
  await putCredentials();
  await put('mia');
  await world.desk.put('M365Tenant', 'contoso', 'fabrikam', {
    ...creationSpec('fabrikam'),
    identity: { activeDirectory: 'Managed' },
  });
  await world.desk.ready('M365Tenant', 'fabrikam');
  await ready('mia');
});

afterAll(async () => {
  await both?.close();
  await world?.stop();
  await Promise.all(relays.map((relay) => relay.stop()));
});

/** An account of the provider's that is nobody special, with rights where the operator works. */
async function addService(): Promise<void> {
  await both.add(serviceDN, { objectClass: 'user', sAMAccountName: 'svc-m365' });
  await setServicePassword();
  await both.replace(serviceDN, 'userAccountControl', ['512']);
  const { customersOU, baseDN } = both.controller;
  await setAccess(both.admin, customersOU, { account: serviceDN, rights: workRights });
  await setAccess(both.admin, `CN=Partitions,CN=Configuration,${baseDN}`, {
    account: serviceDN,
    rights: readAndWrite,
  });
}

async function setServicePassword(): Promise<void> {
  await both.replace(serviceDN, 'unicodePwd', [Buffer.from(`"${servicePassword}"`, 'utf16le')]);
}

async function putCredentials(ca?: string): Promise<void> {
  await world.desk.putSecret('corp-ad', {
    bindDN: serviceDN,
    bindPassword: servicePassword,
    'ca.crt': ca ?? (await readFile(both.controller.caFile, 'utf8')),
  });
}

async function put(name: string, more: object = {}): Promise<void> {
  await world.desk.put('M365User', 'contoso', name, {
    tenantRef: { name: 'northwind' },
    userPrincipalName: upnOf(name),
    displayName: `${name} Lund`,
    usageLocation: 'DE',
    initialPassword: { secretName: name },
    activeDirectory: { groups: ['desktop-users'] },
    ...more,
  });
}

const upnOf = (name: string) => `${name}@${DEFAULT_CUSTOMER.domain}`;
const ready = (name: string, timeoutMs?: number) => world.desk.ready('M365User', name, timeoutMs);
const inEntra = (name: string) =>
  liveUsers(world.stage).find(({ userPrincipalName }) => userPrincipalName === upnOf(name));
const inDirectory = async (name: string) =>
  (await both.entries('userPrincipalName', upnOf(name)))[0];
const statusOf = async (name: string, type: string) =>
  conditionOf(await both.person(name), type)?.status;
const open = (relay: number) => relays[relay]?.start(ports[relay]);
const connectionSays = (reason: string) =>
  world.desk.reason('PartnerConnection', 'eu-prod', reason, 'DirectoryReady');
const lookAtConnection = () => world.desk.lookNow('partnerconnection', 'provider', 'eu-prod');

/** These people come, whatever happens meanwhile, each of them once; mia is as before, and so are all others. */
async function expectJoined(names: readonly string[], meanwhile: () => Promise<unknown>) {
  const mia = await expectOnePerson(both, 'mia');
  const others = await both.others('mia');
  await Promise.all(names.map((name) => put(name)));
  await meanwhile();
  for (const name of names) await ready(name);
  const anchors = await Promise.all(
    names.map(async (name) => (await expectOnePerson(both, name)).anchor),
  );
  expect(new Set([...anchors, mia.anchor]).size).toBe(names.length + 1);
  await expectOnePerson(both, 'mia', mia);
  expect(await both.others('mia', ...names)).toEqual(others);
}

const many = (prefix: string, count = 6) =>
  Array.from({ length: count }, (_, n) => `${prefix}${String(n)}`);

describe.skipIf(isWaived)('Active Directory', () => {
  it('loses power in the middle, and is there again', async () => {
    const names = many('power');
    await expectJoined(names, async () => {
      await until('the first of them', async () => (await inDirectory('power0')) !== undefined, {
        everyMs: 5,
      });
      await both.controller.kill();
      await both.controller.startAgain();
      await both.openAgain();
    });
  });

  it('is reached over the second controller, and over the first again when that one fails', async () => {
    await relays[0]?.stop();
    await expectJoined(many('second', 2), async () => undefined);
    await open(0);
    await relays[1]?.stop();
    await expectJoined(many('first', 2), async () => undefined);
    await open(1);
  });

  it('is away while Entra is there: who must not sign in is blocked there, and nobody is made by halves', async () => {
    await Promise.all(relays.map((relay) => relay.stop()));
    await put('mia', { enabled: false });
    await put('waits');
    await expect.poll(() => inEntra('mia')?.properties['accountEnabled'], patience).toBe(false);
    await expect.poll(() => statusOf('waits', 'Ready'), patience).toBe('False');
    expect([inEntra('waits'), await inDirectory('waits')]).toEqual([undefined, undefined]);
    expect((await inDirectory('mia'))?.['userAccountControl']).toBe('512');
    expect(await statusOf('mia', 'Ready')).toBe('False');
    await Promise.all([open(0), open(1)]);
    await lookAtConnection();
    await ready('waits');
    await expectOnePerson(both, 'waits');
    await world.desk.reason('M365User', 'mia', 'Disabled');
    expect((await inDirectory('mia'))?.['userAccountControl']).toBe('514');
    await put('mia');
    await ready('mia');
  });

  it('is there while Entra is away: the account waits for its other half, under the anchor that it will have', async () => {
    const { faults } = world.stage.simulator;
    faults.add({ kind: 'reset', service: 'graph' });
    await expectJoined(['half'], async () => {
      await expect.poll(() => inDirectory('half'), patience).toBeDefined();
      await expect.poll(() => statusOf('half', 'ActiveDirectorySynced'), patience).toBe('True');
      const { status } = await both.person('half');
      expect(await statusOf('half', 'Ready')).toBe('False');
      expect([status?.entraId, inEntra('half')]).toEqual([undefined, undefined]);
      expect(status?.anchor).toBeDefined();
      faults.clear();
    });
  });

  it('is there while Entra is away: who leaves is blocked there', async () => {
    await put('leaves');
    await ready('leaves');
    const { faults } = world.stage.simulator;
    faults.add({ kind: 'reset', service: 'graph' });
    const leaveAt = new Date().toISOString();
    await put('leaves', { leaveAt, seatsOnLeave: 'Free', mailboxOnLeave: 'Wait' });
    const control = async () => (await inDirectory('leaves'))?.['userAccountControl'];
    await expect.poll(control, patience).toBe('514');
    expect(inEntra('leaves')?.properties['accountEnabled']).toBe(true);
    faults.clear();
    await expect.poll(() => statusOf('leaves', 'SignInBlocked'), patience).toBe('True');
    expect(inEntra('leaves')?.properties['accountEnabled']).toBe(false);
  });

  it('is on while a fifth of the answers of the cloud is lost or wrong', async () => {
    await expectJoined(many('lost', 5), async () => {
      const { faults } = world.stage.simulator;
      faults.add({ kind: 'lostAnswer', service: 'graph', probability: 0.2, seed: 7 });
      for (const name of many('lost', 5)) await ready(name, patienceWithLossMs);
      faults.clear();
    });
  }, 300_000);
});

describe.skipIf(isWaived)('the service account', () => {
  it('finds a certificate that ca.crt does not verify: says so, writes nothing, goes on when it does', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'm365-other-ca-'));
    await putCredentials(await readFile(await issueCertificate(folder, '127.0.0.1'), 'utf8'));
    await rm(folder, { recursive: true });
    await connectionSays('CertificateInvalid');
    await put('mia', { jobTitle: 'Verified' });
    await expect.poll(() => statusOf('mia', 'Ready'), patience).toBe('False');
    expect((await inDirectory('mia'))?.['title']).toBeUndefined();
    await putCredentials();
    await expectChanged('mia', 'Verified');
  });

  it('has a password that has expired: says so, and goes on with a new one', async () => {
    await both.replace(serviceDN, 'pwdLastSet', ['0']);
    for (const relay of relays) relay.cut();
    await lookAtConnection();
    await connectionSays('ServicePasswordExpired');
    await put('mia', { jobTitle: 'Renewed' });
    await expect.poll(() => statusOf('mia', 'Ready'), patience).toBe('False');
    servicePassword = 'An0ther-Passw0rd!';
    await setServicePassword();
    await putCredentials();
    await expectChanged('mia', 'Renewed');
  });

  it('loses its rights on one OU: that tenant alone waits, and says what for', async () => {
    const noah = {
      tenantRef: { name: 'fabrikam' },
      userPrincipalName: 'noah@fabrikam.onmicrosoft.com',
    };
    await put('noah', noah);
    await ready('noah');
    const tenant = await world.desk.find<M365Tenant>('M365Tenant', 'northwind');
    const unit = tenant.status?.organizationalUnit ?? '';
    const giveBack = await setAccess(both.admin, unit, {
      account: serviceDN,
      rights: writeRights,
      isDenied: true,
    });
    await put('mia', { jobTitle: 'Denied' });
    await put('noah', { ...noah, jobTitle: 'Allowed' });
    await world.desk.reason('M365User', 'mia', 'PermissionDenied');
    await expectTitle('noah', 'Allowed');
    await ready('noah');
    expect((await inDirectory('mia'))?.['title']).toBe('Renewed');
    // Who must not sign in is blocked in the one directory though the other refuses.
    await put('mia', { enabled: false });
    await expect.poll(() => inEntra('mia')?.properties['accountEnabled'], patience).toBe(false);
    await world.desk.reason('M365User', 'mia', 'PermissionDenied');
    expect((await inDirectory('mia'))?.['userAccountControl']).toBe('512');
    await put('mia', { jobTitle: 'Denied' });
    await giveBack();
    await world.desk.lookNow('m365user', 'contoso', 'mia');
    await expectChanged('mia', 'Denied');
  });
});

async function expectTitle(name: string, title: string): Promise<void> {
  await expect.poll(() => both.shown(name, 'title'), patience).toBe(title);
}

async function expectChanged(name: string, title: string): Promise<void> {
  await expectTitle(name, title);
  await ready(name);
  await expectOnePerson(both, name);
}

/**
 * What others do to an account in Active Directory, and by which way the operator sees it: changes, controllers that fail, a
 * password that is rotated. Two controllers are two ways to one directory here: Samba runs without replication.
 */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { M365Tenant } from '../../operator/core/objects.ts';
import { Relay } from '../samba/relay.ts';
import { isWaived } from '../samba/test-directory.ts';
import { DEFAULT_CUSTOMER } from '../simulator/seed.ts';
import { BothDirectories, expectOnePerson, type Identity } from '../testing/both-directories.ts';
import { patience } from '../testing/desk.ts';
import { type Northwind, northwind, startNorthwind } from '../testing/northwind.ts';

const relays: Relay[] = [];
let world: Northwind;
let both: BothDirectories;
let urls: readonly string[];
let mia: Identity;

const name = `mia@${DEFAULT_CUSTOMER.domain}`;
const users = 'CN=Users,DC=corp,DC=example';

beforeAll(async () => {
  if (isWaived) return;
  world = await startNorthwind({
    directoryAddress: '127.0.0.27',
    domainControllers: async ({ url }) => {
      relays.push(new Relay(url), new Relay(url));
      urls = await Promise.all(relays.map((relay) => relay.start()));
      return urls;
    },
  });
  both = await BothDirectories.open(world);
  await both.add(fabrikam(), { objectClass: 'organizationalUnit' });
  await put();
  await ready();
  mia = await expectOnePerson(both, 'mia');
});

afterAll(async () => {
  await both?.close();
  await world?.stop();
  await Promise.all(relays.map((relay) => relay.stop()));
});

const fabrikam = () => `OU=fabrikam,${both.controller.customersOU}`;

async function put(more: object = {}, of = 'mia'): Promise<void> {
  await world.desk.put('M365User', 'contoso', of, {
    tenantRef: { name: 'northwind' },
    userPrincipalName: `${of}@${DEFAULT_CUSTOMER.domain}`,
    displayName: of === 'mia' ? 'Mia Lund' : 'Noah Berg',
    jobTitle: 'Engineer',
    usageLocation: 'DE',
    initialPassword: { secretName: `${of}-password` },
    activeDirectory: { groups: ['desktop-users'] },
    ...more,
  });
}

const ready = () => world.desk.ready('M365User', 'mia');
const shown = (attribute: string) => both.shown('mia', attribute);
const dn = async () => (await both.account('mia')).dn;
const place = async () => (await dn()).replace(/^CN=(?:\\.|[^,])*,/, '');
const drift = async () => (await both.person('mia')).status?.drift;

/** It holds again what did before, of one person, and nobody else was touched. */
async function expectRestored(harm: () => Promise<unknown>, holds: () => Promise<unknown>) {
  const others = await both.others('mia');
  const before = await holds();
  await harm();
  await expect.poll(holds, patience).toEqual(before);
  await expect.poll(() => expectOnePerson(both, 'mia', mia), patience).toEqual(mia);
  expect(await both.others('mia')).toEqual(others);
}

async function signsIn(): Promise<boolean> {
  const args = [
    'get',
    'secret',
    'mia-password',
    '-n',
    'contoso',
    '-o',
    'jsonpath={.data.password}',
  ];
  const password = Buffer.from(await world.stage.controlPlane.kubectl(args), 'base64').toString();
  return both.canSignIn(name, password);
}

/** The value of a series; NaN where it is not there. */
async function metric(series: string): Promise<number> {
  const text = await (await fetch(world.operator.metricsUrl)).text();
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return Number(line?.split(' ').at(-1));
}

const isUp = (url: string) =>
  metric(`m365_ad_controller_up{connection="provider/eu-prod",controller="${url}"}`);

const requests = (operation: string) =>
  metric(
    `m365_external_requests_total{system="ActiveDirectory",operation="${operation}",code="0"}`,
  );

describe.skipIf(isWaived)('what others change in Active Directory', () => {
  it.each([
    ['title', ['Owner'], 'Engineer'],
    ['userAccountControl', ['514'], '512'],
    ['displayName', [], 'Mia Lund'],
    ['userPrincipalName', ['other@northwind.example'], name],
  ])('of an account is set right again: %s', async (attribute, values, declared) => {
    expect(await shown(attribute)).toBe(declared);
    await expectRestored(
      async () => both.replace(await dn(), attribute, values),
      () => shown(attribute),
    );
  });

  it('of a group is set right again: the account itself does not show it', async () => {
    const group = String(await shown('memberOf'));
    expect(group).toMatch(/^CN=desktop-users,/);
    await expectRestored(
      () => both.replace(group, 'member', []),
      () => shown('memberOf'),
    );
  });

  it('is told with its time and left, as the policy says; by whom Active Directory does not tell', async () => {
    const startedMs = Math.floor(Date.now() / 1_000) * 1_000;
    await put({ driftPolicy: 'Report' });
    await both.replace(await dn(), 'title', ['Owner']);
    await expect
      .poll(drift, patience)
      .toMatchObject([
        { path: 'activeDirectory.title', type: 'Different', declared: 'Engineer', actual: 'Owner' },
      ]);
    const [entry] = (await drift()) ?? [];
    expect(entry?.changedBy).toBe('unknown');
    expect(Date.parse(entry?.changedAt ?? '')).toBeGreaterThanOrEqual(startedMs);
    expect(Date.parse(entry?.changedAt ?? '')).toBeLessThanOrEqual(Date.now());
    expect(await shown('title')).toBe('Owner');
    await put();
    await expect.poll(() => shown('title'), patience).toBe('Engineer');
  });
});

describe.skipIf(isWaived)('groups that the tenant declares', () => {
  const unit = async () =>
    (await world.desk.find<M365Tenant>('M365Tenant', 'northwind')).status?.organizationalUnit;
  const members = async (of: string) => {
    const [group] = await both.entries('distinguishedName', `CN=${of},${await unit()}`);
    return [group?.['member'] ?? []].flat();
  };

  const declare = (...activeDirectoryGroups: readonly object[]) =>
    world.desk.put('M365Tenant', 'contoso', 'northwind', {
      ...northwind,
      identity: { activeDirectory: 'Managed' },
      activeDirectoryGroups,
    });

  it('are made, hold groups, and lose whom nobody names where they are exclusive', async () => {
    const citrix = {
      name: 'Citrix',
      memberGroups: ['desktop-users'],
      members: [],
      exclusive: true,
    };
    const payroll = { name: 'Payroll', members: [name.toUpperCase()] };
    await declare(citrix, payroll);
    await world.desk.reason('M365Tenant', 'northwind', 'GroupsSet', 'ActiveDirectoryGroupsReady');
    const inner = `CN=desktop-users,${await unit()}`;
    const outer = `CN=Citrix,${await unit()}`;
    expect(await members('Citrix')).toEqual([inner]);
    expect(await members('Payroll')).toEqual([await dn()]);
    const { searchEntries } = await both.admin.search(both.controller.baseDN, {
      filter: `(&(objectClass=user)(memberOf:1.2.840.113556.1.4.1941:=${outer}))`,
      attributes: ['cn'],
    });
    expect(searchEntries.map((entry) => entry.dn)).toEqual([await dn()]);
    const outsider = both.controller.adminDN;
    await both.replace(`CN=Payroll,${await unit()}`, 'member', [outsider]);
    await both.replace(outer, 'member', [outsider]);
    await expect.poll(() => members('Citrix'), patience).toEqual([inner]);
    const paid = async () => new Set(await members('Payroll'));
    await expect.poll(paid, patience).toEqual(new Set([outsider, await dn()]));
    await declare(citrix);
    await world.desk.ready('M365Tenant', 'northwind');
  });
});

describe.skipIf(isWaived)('an account that others', () => {
  it('rename stays the same one, and keeps the name: nobody declares it', async () => {
    await both.move(await dn(), `CN=Lund\\, M.,${await place()}`);
    await put({ jobTitle: 'Renamed' });
    await expect.poll(() => shown('title'), patience).toBe('Renamed');
    await put();
    await expect.poll(() => shown('title'), patience).toBe('Engineer');
    await ready();
    expect(await expectOnePerson(both, 'mia', mia)).toEqual(mia);
    expect(await shown('cn')).toBe('Lund, M.');
  });

  it("move into another tenant's OU is moved back", async () => {
    await expectRestored(async () => both.move(await dn(), `CN=Mia,${fabrikam()}`), place);
  });

  it('move out of the customers OU is out of reach, is not made twice, and is back when they move it back', async () => {
    const before = await dn();
    await expectRestored(async () => {
      await both.move(before, `CN=Mia,${users}`);
      await world.desk.reason('M365User', 'mia', 'AccountMovedAway');
      expect(await drift()).toMatchObject([{ path: 'activeDirectory.organizationalUnit' }]);
      expect(await both.entries('userPrincipalName', name)).toHaveLength(1);
      await both.move(await dn(), before);
    }, dn);
  });

  it('delete is made again, with the anchor of before', async () => {
    const before = await shown('objectGUID');
    await expectRestored(async () => both.delete(await dn()), signsIn);
    expect(await shown('objectGUID')).not.toEqual(before);
  });

  it('delete and bring back has its mark, its anchor, its names and a password again', async () => {
    const before = await both.account('mia');
    const { dn: stood } = before;
    await expectRestored(async () => {
      await put({ suspend: true });
      await world.desk.reason('M365User', 'mia', 'Paused', 'Paused');
      await both.delete(stood);
      await both.bringBack(before);
      const [bare] = await both.entries('sAMAccountName', String(before['sAMAccountName']));
      expect(bare).toMatchObject({ dn: stood, objectGUID: before['objectGUID'] });
      expect(Object.keys(bare ?? {})).not.toContain('userPrincipalName');
      expect(Object.keys(bare ?? {})).not.toContain('mS-DS-ConsistencyGuid');
      await put();
    }, signsIn);
    expect(await shown('objectGUID')).toEqual(before['objectGUID']);
    expect(await shown('userAccountControl')).toBe('512');
  });

  it('give another anchor gets its own again, and Entra never has the other', async () => {
    const other = Buffer.from('0123456789abcdef');
    const anchor = () => shown('mS-DS-ConsistencyGuid');
    await expectRestored(
      async () => both.replace(await dn(), 'mS-DS-ConsistencyGuid', [other]),
      anchor,
    );
  });

  it('take the name from, for another one: that one is left alone, and the name comes back when it is free', async () => {
    const rival = `CN=Rival,${users}`;
    await expectRestored(
      async () => {
        await both.add(rival, { objectClass: 'user', sAMAccountName: 'rival' });
        await both.replace(await dn(), 'userPrincipalName', ['other@northwind.example']);
        await both.replace(rival, 'userPrincipalName', [name]);
        await world.desk.reason('M365User', 'mia', 'NameTaken');
        const [found, ...more] = await both.entries('userPrincipalName', name);
        expect([found?.dn, more]).toEqual([rival, []]);
        await both.delete(rival);
      },
      () => shown('userPrincipalName'),
    );
  });
});

describe.skipIf(isWaived)("the tenant's OU", () => {
  it('is the same one under another name and in another place: nobody is moved, and new people come there', async () => {
    const tenant = () => world.desk.find<M365Tenant>('M365Tenant', 'northwind');
    const { organizationalUnit: before = '', organizationalUnitGuid } =
      (await tenant()).status ?? {};
    const resellers = `OU=resellers,${both.controller.customersOU}`;
    const after = `OU=Northwind\\, Ltd.,${resellers}`;
    await both.add(resellers, { objectClass: 'organizationalUnit' });
    await both.move(before, after);
    const place = async () => (await tenant()).status?.organizationalUnit;
    await expect.poll(place, patience).toBe(after);
    expect((await tenant()).status).toMatchObject({ organizationalUnitGuid });
    await put({}, 'noah');
    await world.desk.ready('M365User', 'noah');
    await put({ jobTitle: 'Moved' });
    await expect.poll(() => shown('title'), patience).toBe('Moved');
    await ready();
    for (const person of ['mia', 'noah']) {
      expect((await both.account(person)).dn.endsWith(`,${after}`)).toBe(true);
    }
    await expectOnePerson(both, 'noah');
    expect(await expectOnePerson(both, 'mia', mia)).toEqual(mia);
    await put();
    await ready();
  });
});

describe.skipIf(isWaived)('Active Directory', () => {
  it('costs one read a poll and no write where there is nothing', async () => {
    const version = async () => (await both.person('mia')).metadata.resourceVersion;
    // What the operator itself wrote last is seen as a change once.
    await expect
      .poll(async () => {
        const before = [await version(), await requests('ReadChanges')];
        const polls = await requests('ReadRoot');
        await expect.poll(() => requests('ReadRoot'), patience).toBeGreaterThan(polls + 3);
        const after = [await version(), await requests('ReadChanges')];
        return after.join() === before.join();
      }, patience)
      .toBe(true);
  });

  it('is reached over the next controller when the first fails, and the metrics say so', async () => {
    await expect.poll(() => Promise.all(urls.map(isUp)), patience).toEqual([1, 1]);
    await relays[0]?.stop();
    await put({ jobTitle: 'Architect' });
    await expect.poll(() => shown('title'), patience).toBe('Architect');
    await ready();
    await expect.poll(() => Promise.all(urls.map(isUp)), patience).toEqual([0, 1]);
    expect(await metric(latencyOf(urls[1] ?? ''))).toBeGreaterThan(0);
    await relays[0]?.start(Number(new URL(urls[0] ?? '').port));
  });

  it('is open to the operator when the password of the service account is rotated', async () => {
    const { adminDN, caFile } = both.controller;
    const bindPassword = 'An0ther-Passw0rd!';
    await both.replace(adminDN, 'unicodePwd', [Buffer.from(`"${bindPassword}"`, 'utf16le')]);
    await world.desk.putSecret('corp-ad', {
      bindDN: adminDN,
      bindPassword,
      'ca.crt': await readFile(caFile, 'utf8'),
    });
    await put({ jobTitle: 'Director' });
    await expect.poll(() => shown('title'), patience).toBe('Director');
    // The old one is good for nothing any more.
    for (const relay of relays) relay.cut();
    await put({ jobTitle: 'Owner' });
    await expect.poll(() => shown('title'), patience).toBe('Owner');
    await ready();
    await world.desk.ready('PartnerConnection', 'eu-prod');
  });
});

function latencyOf(controller: string): string {
  const labels = `connection="provider/eu-prod",controller="${controller}"`;
  return `m365_ad_request_duration_seconds_count{${labels}}`;
}

/**
 * What the operator sees of Active Directory, and by which way: changes by others, controllers that fail, a password that
 * is rotated. Two controllers are two ways to one directory here: Samba runs without replication.
 */
import { readFile } from 'node:fs/promises';
import { Attribute, Change, Client } from 'ldapts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { M365User } from '../../operator/core/objects.ts';
import type { DomainController } from '../samba/index.ts';
import { Relay } from '../samba/relay.ts';
import { isWaived } from '../samba/test-directory.ts';
import { DEFAULT_CUSTOMER } from '../simulator/seed.ts';
import { patience } from '../testing/desk.ts';
import { type Northwind, startNorthwind } from '../testing/northwind.ts';

const relays: Relay[] = [];
let world: Northwind;
let admin: Client;
let urls: readonly string[];

beforeAll(async () => {
  if (isWaived) return;
  world = await startNorthwind({
    directoryAddress: '127.0.0.26',
    domainControllers: async ({ url }) => {
      relays.push(new Relay(url), new Relay(url));
      urls = await Promise.all(relays.map((relay) => relay.start()));
      return urls;
    },
  });
  admin = new Client({
    url: directory().url,
    tlsOptions: { ca: await readFile(directory().caFile, 'utf8') },
  });
  await admin.bind(directory().adminDN, directory().adminPassword);
  await put({ jobTitle: 'Engineer' });
  await world.desk.ready('M365User', 'mia');
});

afterAll(async () => {
  await admin?.unbind();
  await world?.stop();
  await Promise.all(relays.map((relay) => relay.stop()));
});

function directory(): DomainController {
  if (world.stage.directory === undefined) throw new Error(world.stage.directoryNote);
  return world.stage.directory;
}

async function put(more: object): Promise<void> {
  await world.desk.put('M365User', 'contoso', 'mia', {
    tenantRef: { name: 'northwind' },
    userPrincipalName: `mia@${DEFAULT_CUSTOMER.domain}`,
    displayName: 'Mia Lund',
    usageLocation: 'DE',
    initialPassword: { secretName: 'mia-password' },
    activeDirectory: { groups: ['desktop-users'] },
    ...more,
  });
}

async function account(): Promise<Record<string, unknown> & { readonly dn: string }> {
  const filter = `(userPrincipalName=mia@${DEFAULT_CUSTOMER.domain})`;
  const { searchEntries } = await admin.search(directory().customersOU, { scope: 'sub', filter });
  const [found] = searchEntries;
  if (found === undefined) throw new Error('the account is gone');
  return found;
}

async function change(dn: string, type: string, values: string[] | Buffer[]): Promise<void> {
  const modification = new Attribute({ type, values });
  await admin.modify(dn, new Change({ operation: 'replace', modification }));
}

const shown = async (attribute: string) => (await account())[attribute];

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
  ])('of an account is set right again: %s', async (attribute, values, declared) => {
    const { dn } = await account();
    expect(await shown(attribute)).toBe(declared);
    await change(dn, attribute, values);
    await expect.poll(() => shown(attribute), patience).toBe(declared);
    await world.desk.ready('M365User', 'mia');
  });

  it('of a group is set right again: the account itself does not show it', async () => {
    const before = await account();
    const group = String(before['memberOf']);
    expect(group).toMatch(/^CN=desktop-users,/);
    await change(group, 'member', []);
    await expect.poll(() => shown('memberOf'), patience).toBe(group);
    await world.desk.ready('M365User', 'mia');
  });

  it('costs one read a poll and no write where there is nothing', async () => {
    const version = async () =>
      (await world.desk.find<M365User>('M365User', 'mia')).metadata.resourceVersion;
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
});

describe.skipIf(isWaived)('the way to Active Directory', () => {
  it('is over the next controller when the first fails, and the metrics say so', async () => {
    await expect.poll(() => Promise.all(urls.map(isUp)), patience).toEqual([1, 1]);
    await relays[0]?.stop();
    await put({ jobTitle: 'Architect' });
    await expect.poll(() => shown('title'), patience).toBe('Architect');
    await world.desk.ready('M365User', 'mia');
    await expect.poll(() => Promise.all(urls.map(isUp)), patience).toEqual([0, 1]);
    expect(await metric(latencyOf(urls[1] ?? ''))).toBeGreaterThan(0);
    await relays[0]?.start(Number(new URL(urls[0] ?? '').port));
  });

  it('stays open when the password of the service account is rotated', async () => {
    const bindPassword = 'An0ther-Passw0rd!';
    await change(directory().adminDN, 'unicodePwd', [Buffer.from(`"${bindPassword}"`, 'utf16le')]);
    await world.desk.putSecret('corp-ad', {
      bindDN: directory().adminDN,
      bindPassword,
      'ca.crt': await readFile(directory().caFile, 'utf8'),
    });
    await put({ jobTitle: 'Director' });
    await expect.poll(() => shown('title'), patience).toBe('Director');
    // The old one is good for nothing any more.
    for (const relay of relays) relay.cut();
    await put({ jobTitle: 'Owner' });
    await expect.poll(() => shown('title'), patience).toBe('Owner');
    await world.desk.ready('M365User', 'mia');
    await world.desk.ready('PartnerConnection', 'eu-prod');
  });
});

function latencyOf(controller: string): string {
  const labels = `connection="provider/eu-prod",controller="${controller}"`;
  return `m365_ad_request_duration_seconds_count{${labels}}`;
}

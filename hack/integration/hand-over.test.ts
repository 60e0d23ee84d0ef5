/**
 * README, "Rights in Active Directory" and "Replace Entra Connect", on a real Active Directory and a real API server. What
 * README has a person type is read there, and run by a shell.
 */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Attribute, Change, EqualityFilter } from 'ldapts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { M365Tenant, M365User } from '../../operator/core/objects.ts';
import { conditionOf } from '../demo/objects.ts';
import { openToAll } from '../samba/delegation.ts';
import { addPerson } from '../samba/people.ts';
import { isWaived } from '../samba/test-directory.ts';
import { DEFAULT_CUSTOMER } from '../simulator/seed.ts';
import { root } from '../stage/index.ts';
import { patience } from '../testing/desk.ts';
import { approve } from '../testing/northwind.ts';
import { type SyncedCustomer, startSyncedCustomer, upnOf } from '../testing/synced-customer.ts';

const run = promisify(execFile);
let world: SyncedCustomer;

beforeAll(async () => {
  if (!isWaived) world = await startSyncedCustomer('127.0.0.30');
}, 600_000);

afterAll(() => world?.stop());

const tenant = () => world.desk.find<M365Tenant>('M365Tenant', 'synced');
const handOver = async () => (await tenant()).status?.handOver;
const lookNow = () => world.desk.lookNow('m365tenant', 'contoso', 'synced');

/** The commands of README's step, with what a reader fills in. */
async function type(step: number, filled: Readonly<Record<string, string>> = {}): Promise<string> {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const section = readme.split('### Replace Entra Connect')[1]?.split('\n### ')[0] ?? '';
  const text = section.split(new RegExp(`^${String(step)}\\. `, 'm'))[1]?.split(/^\d\. /m)[0] ?? '';
  let commands = [...text.matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block).join('');
  for (const [placeholder, value] of Object.entries(filled))
    commands = commands.replaceAll(placeholder, value);
  expect(commands).toContain('kubectl');
  const { kubeconfig, kubectlPath } = world.stage.controlPlane;
  const PATH = `${dirname(kubectlPath)}:${process.env['PATH'] ?? ''}`;
  const options = { cwd: world.stage.folder, env: { PATH, KUBECONFIG: kubeconfig } };
  return (await run('bash', ['-euc', commands], options)).stdout;
}

/** Step 2 names the customer in the example. */
async function nameCustomer(protectedUsers: readonly string[] = []): Promise<void> {
  const example = await readFile(join(root, 'examples/hand-over.yaml'), 'utf8');
  const named = example.replace(/(connect: \{ domain: )\S+/, `$1${DEFAULT_CUSTOMER.initialDomain}`);
  expect(named).not.toBe(example);
  const more = `  protectedUsers: ${JSON.stringify(protectedUsers)}\n`;
  await mkdir(join(world.stage.folder, 'examples'), { recursive: true });
  await writeFile(join(world.stage.folder, 'examples/hand-over.yaml'), `${named}${more}`);
}

async function put(name: string, more: object = {}): Promise<void> {
  await world.desk.put('M365User', 'contoso', name, {
    tenantRef: { name: 'synced' },
    userPrincipalName: upnOf(name),
    displayName: name,
    ...more,
  });
}

const accountOf = async (name: string) =>
  (await world.accounts()).find(({ samAccountName }) => samAccountName === name);

/** Wherever it is. */
async function directoryAccount(name: string) {
  const filter = new EqualityFilter({ attribute: 'userPrincipalName', value: upnOf(name) });
  const base = world.controller.customersOU;
  return (await world.admin.search(base, { filter, attributes: ['cn'] })).searchEntries[0];
}

describe.skipIf(isWaived)('a customer with Entra Connect', () => {
  it('is read first, and told who is who', async () => {
    await nameCustomer([upnOf('eva.sommer')]);
    await type(2);
    await approve(world.stage, world.desk, 'synced');
    await type(3);
    const kept = { account: upnOf('eva.sommer'), finding: 'ProtectedAccount' };
    const skipped = { skipped: 2, matchedByMail: 0 };
    expect(await handOver()).toMatchObject(skipped);
    expect((await handOver())?.findings).toContainEqual(kept);
    await nameCustomer();
    await type(2);
    await expect.poll(async () => (await handOver())?.skipped, patience).toBe(1);
    const report = JSON.parse((await type(3)).split('\n').at(-1) ?? '') as object;
    expect(report).toMatchObject({
      percent: 50,
      matchedByAnchor: 2,
      matchedByName: 1,
      matchedByMail: 1,
      anchorsDiffer: 1,
      ambiguous: 3,
      onlyActiveDirectory: 1,
      skipped: 1,
      findings: [
        { account: 'frank@corp.example', finding: 'Ambiguous' },
        { account: 'franz@corp.example', finding: 'Ambiguous' },
        { account: upnOf('frank.lorenz'), finding: 'Ambiguous' },
        { account: upnOf('david.kurz'), finding: 'AnchorDiffers' },
        { account: `admin@${DEFAULT_CUSTOMER.initialDomain}`, finding: 'PrivilegedAccount' },
        { account: upnOf('only.here'), finding: 'OnlyActiveDirectory' },
      ],
    });
  });

  it('is not written meanwhile, whatever a manifest says', async () => {
    const before = [world.person('anna.becker'), await accountOf('anna.becker')];
    await put('anna.becker', { jobTitle: 'Owner' });
    await world.desk.ready('M365User', 'anna.becker');
    expect([world.person('anna.becker'), await accountOf('anna.becker')]).toEqual(before);
  });

  it('waits for the confirmation, for the switch, and for Microsoft', async () => {
    const { report = '' } = (await handOver()) ?? {};
    await type(4, { '<status.handOver.report>': report });
    await world.desk.reason('M365Tenant', 'synced', 'HandOverSyncActive');
    world.set(undefined, { onPremisesSyncEnabled: false });
    world.set('anna.becker', { onPremisesSyncEnabled: false });
    await lookNow();
    await world.desk.reason('M365Tenant', 'synced', 'HandOverSwitching');
    expect(await handOver()).toMatchObject({ percent: 75, done: false });
    const late = { account: upnOf('bernd.vogel'), finding: 'StillSynced' };
    expect((await handOver())?.findings).toContainEqual(late);
  });

  it('is written in both directories then, each person as the report paired it', async () => {
    world.set('bernd.vogel', { onPremisesSyncEnabled: false });
    const ended = type(5);
    await lookNow();
    await ended;
    await world.desk.ready('M365Tenant', 'synced');
    expect(await handOver()).toMatchObject({ percent: 100, done: true });
    const paired = ['anna.becker', 'bernd.vogel', 'claudia.richter', 'eva.sommer'];
    const inEntra = paired.map((name) => world.person(name)?.id);
    for (const name of paired) await put(name, { jobTitle: 'Owner' });
    for (const [index, name] of paired.entries()) {
      await world.desk.ready('M365User', name);
      const { objectGuid, anchor } = world.before[name] ?? {};
      const { status } = await world.desk.find<M365User>('M365User', name);
      expect(status).toMatchObject({ entraId: inEntra[index], objectGuid, anchor });
      expect(world.person(name)?.properties).toMatchObject({
        jobTitle: 'Owner',
        onPremisesImmutableId: anchor,
      });
      expect(await accountOf(name)).toMatchObject({
        objectGuid,
        userPrincipalName: upnOf(name),
        attributes: { title: 'Owner' },
      });
    }
    expect(await world.accounts()).toHaveLength(Object.keys(world.before).length);
  });

  it('leaves who is not paired, and who is not declared, as they were', async () => {
    const david = world.person('david.kurz');
    await put('david.kurz', { jobTitle: 'Owner' });
    for (const side of ['ActiveDirectorySynced', 'EntraSynced'])
      await world.desk.reason('M365User', 'david.kurz', 'AnchorDiffers', side);
    expect(world.person('david.kurz')).toEqual(david);
    for (const name of ['david.kurz', 'frank', 'franz', 'only.here', 'admin.north'])
      expect(await accountOf(name)).toEqual(world.before[name]);
  });

  it('is closed to the people of others, though an administrator made its OU', async () => {
    const { status } = await tenant();
    expect(status?.isolationGroup).toMatch(/^People of /);
    expect(conditionOf(await tenant(), 'TenantVisible')).toBeUndefined();
    expect((await accountOf('anna.becker'))?.groupGuids).toHaveLength(1);
    const elsewhere = `OU=Fabrikam,${world.controller.customersOU}`;
    await world.admin.add(elsewhere, { objectClass: 'organizationalUnit' });
    const other = { samAccountName: 'other', userPrincipalName: 'other@fabrikam.example' };
    await addPerson(world.admin, elsewhere, other);
    expect(await world.seenBy(upnOf('anna.becker'))).toBeGreaterThan(1);
    expect(await world.seenBy(other.userPrincipalName)).toBe(0);
  });

  it('has its place put right again where others open it, or take its UPN suffix away', async () => {
    await openToAll(world.admin, world.unit, 'Here');
    expect(await world.openings()).toEqual(['OrganizationalUnit']);
    const partitions = `CN=Partitions,CN=Configuration,${world.controller.baseDN}`;
    const modification = new Attribute({ type: 'uPNSuffixes', values: [] });
    await world.admin.modify(partitions, new Change({ operation: 'delete', modification }));
    const suffixes = async () => {
      const { searchEntries } = await world.admin.search(partitions, { scope: 'base' });
      return searchEntries[0]?.['uPNSuffixes'];
    };
    expect(await suffixes()).toBeUndefined();
    await lookNow();
    await expect.poll(suffixes, patience).toBe(DEFAULT_CUSTOMER.initialDomain);
    await world.desk.ready('M365Tenant', 'synced');
    expect(await world.openings()).toEqual([]);
  });

  it('is followed where an administrator renames its OU', async () => {
    const renamed = world.unit.replace('OU=northwindtraders', 'OU=Northwind');
    await world.admin.modifyDN(world.unit, renamed);
    await expect
      .poll(async () => (await tenant()).status?.organizationalUnit, patience)
      .toBe(renamed);
    await put('new.hire');
    await world.desk.ready('M365User', 'new.hire');
    const made = await directoryAccount('new.hire');
    expect(made?.dn).toBe(`CN=new.hire,${renamed}`);
    await world.admin.modifyDN(renamed, world.unit);
    await expect
      .poll(async () => (await tenant()).status?.organizationalUnit, patience)
      .toBe(world.unit);
    await world.desk.ready('M365Tenant', 'synced');
  });

  it('is fenced off again where a sync server comes back', async () => {
    world.set('bernd.vogel', { onPremisesSyncEnabled: true });
    await world.desk.reason('M365Tenant', 'synced', 'DirectorySyncActive', 'Stalled');
    await put('anna.becker', { jobTitle: 'Chair' });
    await expect
      .poll(() => world.person('anna.becker')?.properties['jobTitle'], patience)
      .toBe('Chair');
    expect((await accountOf('anna.becker'))?.attributes['title']).toBe('Owner');
  });
});

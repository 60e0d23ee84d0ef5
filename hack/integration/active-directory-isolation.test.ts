/** Tenants in one real Active Directory: what the operator's account may do, and what people of a tenant see. */
import { Attribute, Change, Client } from 'ldapts';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../../operator/clients/active-directory/errors.ts';
import type { MatchKey } from '../../operator/clients/active-directory/matching-port.ts';
import type { ActiveDirectory } from '../../operator/clients/active-directory/port.ts';
import { guidText } from '../../operator/clients/active-directory/wire.ts';
import { grantService, hiding, openToAll, readBytes } from '../samba/delegation.ts';
import { addPerson } from '../samba/people.ts';
import {
  isWaived,
  newAccount,
  password,
  signal,
  TestDirectory,
  unique,
} from '../samba/test-directory.ts';

const d = TestDirectory.use('127.0.0.29');
const people = 'Tenant people';
const insufficientAccess = 50;

/** An account of the provider's that is nobody special, with the rights that README lists. */
async function serviceAccount(): Promise<{ bindDN: string; bindPassword: string }> {
  const samAccountName = unique('svc');
  const userPrincipalName = `${samAccountName}@corp.example`;
  const place = `CN=Users,${d.controller.baseDN}`;
  const bindDN = await addPerson(d.admin, place, { samAccountName, userPrincipalName });
  await grantService(d.admin, { account: bindDN, customersOU: d.controller.customersOU });
  return { bindDN, bindPassword: password };
}

interface Tenant {
  readonly unit: string;
  readonly person: string;
  readonly personDN: string;
  readonly guid: string;
}

async function newTenant(directory: ActiveDirectory): Promise<Tenant> {
  const unit = await d.newUnit(directory);
  const account = newAccount(unit);
  const made = await directory.createAccount(account, signal);
  return {
    unit,
    person: account.userPrincipalName,
    personDN: made.distinguishedName,
    guid: made.objectGuid,
  };
}

async function isolate(directory: ActiveDirectory, { unit, guid }: Tenant): Promise<void> {
  const group = await directory.ensureIsolation(unit, people, signal);
  await directory.addMember(group.objectGuid, guid, signal);
}

/** What this person finds of these, by a search from above, by name, and by GUID. */
async function seenBy({ person }: Tenant, { unit, personDN, guid }: Tenant): Promise<string[]> {
  const client = new Client({ url: d.controller.url, tlsOptions: { ca: d.ca } });
  const count = async (base: string, scope: 'base' | 'sub'): Promise<number> => {
    try {
      const { searchEntries } = await client.search(base, { scope, attributes: ['cn', 'ou'] });
      return searchEntries.filter(({ dn }) => dn.toLowerCase().endsWith(unit.toLowerCase())).length;
    } catch (error) {
      // No such object: that is how hidden ones look.
      if (codeOf(error) === 32) return 0;
      throw error;
    }
  };
  try {
    await client.bind(person, password);
    const looks = {
      search: await count(d.controller.customersOU, 'sub'),
      unit: await count(unit, 'base'),
      below: await count(unit, 'sub'),
      person: await count(personDN, 'base'),
      guid: await count(`<GUID=${guid}>`, 'base'),
    };
    return Object.entries(looks).flatMap(([look, found]) => (found > 0 ? [look] : []));
  } finally {
    await client.unbind();
  }
}

const everything = ['search', 'unit', 'below', 'person', 'guid'];

describe.skipIf(isWaived)('tenants in one Active Directory', () => {
  it('see each other by default, and which settings show them is told', async () => {
    const directory = d.client();
    const [one, two] = [await newTenant(directory), await newTenant(directory)];
    expect(await seenBy(one, two)).toEqual(everything);
    const openings = async () => (await directory.readIsolation(two.unit, people, signal)).openings;
    expect(await openings()).toEqual([
      'CompatibleAccess',
      'CustomersOU',
      'ListObjectModeOff',
      'OrganizationalUnit',
    ]);
    await hiding.listObjectMode(d.admin);
    expect(await openings()).not.toContain('ListObjectModeOff');
    await hiding.compatibleAccess(d.admin);
    expect(await openings()).not.toContain('CompatibleAccess');
    await hiding.customersOU(d.admin, d.controller.customersOU);
    expect(await openings()).toEqual(['OrganizationalUnit']);
    await isolate(directory, two);
    expect(await openings()).toEqual([]);
  });

  it('do not see each other once they are isolated, by an account that may do just that', async () => {
    const directory = d.client(await serviceAccount());
    const [one, two] = [await newTenant(directory), await newTenant(directory)];
    for (const tenant of [one, two]) await isolate(directory, tenant);
    expect(await seenBy(one, one)).toEqual(everything);
    expect(await seenBy(two, two)).toEqual(everything);
    expect(await seenBy(one, two)).toEqual([]);
    expect(await seenBy(two, one)).toEqual([]);
  });

  const writes = () =>
    d.exchanges.filter(({ operation }) => operation === 'CloseOrganizationalUnit').length;

  it('are isolated once: the second time nothing is written, and an OU that others opened is closed again', async () => {
    const directory = d.client(await serviceAccount());
    const [one, two] = [await newTenant(directory), await newTenant(directory)];
    await isolate(directory, two);
    const group = await directory.ensureIsolation(one.unit, people, signal);
    expect(await directory.ensureIsolation(one.unit, people, signal)).toEqual(group);
    expect(writes()).toBe(2);
    const read = () => directory.readIsolation(one.unit, people, signal);
    expect(await read()).toEqual({ group, openings: [] });
    await openToAll(d.admin, one.unit, 'Here');
    expect((await read()).openings).toEqual(['OrganizationalUnit']);
    expect(await seenBy(two, one)).not.toEqual([]);
    await directory.ensureIsolation(one.unit, people, signal);
    expect(await read()).toEqual({ group, openings: [] });
    expect(await seenBy(two, one)).toEqual([]);
    expect(writes()).toBe(3);
  });

  it('show themselves to whom others put into the group before', async () => {
    const directory = d.client(await serviceAccount());
    const [one, two] = [await newTenant(directory), await newTenant(directory)];
    const groupDN = `CN=${people},${one.unit}`;
    await d.admin.add(groupDN, { objectClass: 'group', sAMAccountName: unique('g') });
    const modification = new Attribute({ type: 'member', values: [two.personDN] });
    await d.admin.modify(groupDN, new Change({ operation: 'add', modification }));
    await isolate(directory, one);
    expect(await seenBy(two, one)).toEqual(everything);
    expect(await seenBy(one, one)).toEqual(everything);
  });

  it('that are open by what stands above them are not closed in vain: that is told', async () => {
    const directory = d.client(await serviceAccount());
    await openToAll(d.admin, d.controller.customersOU, 'Below');
    const one = await newTenant(directory);
    await isolate(directory, one);
    await directory.ensureIsolation(one.unit, people, signal);
    expect(writes()).toBe(1);
    const { openings } = await directory.readIsolation(one.unit, people, signal);
    expect(openings).toEqual(['CustomersOU']);
    await hiding.customersOU(d.admin, d.controller.customersOU);
    expect((await directory.readIsolation(one.unit, people, signal)).openings).toEqual([]);
  });
});

describe.skipIf(isWaived)('the OU of a tenant', () => {
  it('is found by its GUID under another name and at another place, and not outside the customers OU', async () => {
    const directory = d.client(await serviceAccount());
    const unit = await d.newUnit(directory);
    const made = await directory.readOrganizationalUnit({ distinguishedName: unit }, signal);
    expect(made).toMatchObject({ distinguishedName: unit });
    const { objectGuid = '' } = made ?? {};
    const read = () => directory.readOrganizationalUnit({ objectGuid }, signal);
    const resellers = await d.newUnit(directory);
    const moved = `OU=${unique('moved')},${resellers}`;
    await d.admin.modifyDN(unit, moved);
    expect(await read()).toEqual({ objectGuid, distinguishedName: moved });
    expect(
      await directory.readOrganizationalUnit({ distinguishedName: unit }, signal),
    ).toBeUndefined();
    const outside = `OU=${unique('out')},${d.controller.baseDN}`;
    await d.admin.modifyDN(moved, outside);
    expect(await read()).toBeUndefined();
    await d.admin.del(outside);
    expect(await read()).toBeUndefined();
  });
});

describe.skipIf(isWaived)('people who were there before', () => {
  it('are found by anchor and mail, below the OU, and not by an objectGUID that is no anchor', async () => {
    const directory = d.client(await serviceAccount());
    const unit = await d.newUnit(directory);
    const add = async (more: { readonly mail?: string } = {}) => {
      const name = unique('old');
      const person = { samAccountName: name, userPrincipalName: `${name}@corp.example`, ...more };
      const dn = await addPerson(d.admin, unit, person);
      const keys = { ...person, ownerUid: unique('nobody') };
      const [found] = (await directory.findPerson(keys, signal)).byName;
      return { dn, anchor: found?.anchor ?? '', guid: found?.objectGuid };
    };
    const by = async (key: MatchKey, below = unit) =>
      (await directory.findAccountsBy(below, key, signal)).map(({ objectGuid }) => objectGuid);
    const [plain, anchored] = [await add(), await add({ mail: 'Mia@mail.example' })];
    // As text it is text, to which ldapts would make it.
    const ascii = Buffer.from('0123456789abcdef');
    await d.replace(anchored.dn, 'mS-DS-ConsistencyGuid', [ascii]);
    expect(await by({ anchor: plain.anchor })).toEqual([plain.guid]);
    expect(await by({ anchor: ascii.toString('base64') })).toEqual([anchored.guid]);
    expect(await by({ anchor: anchored.anchor })).toEqual([]);
    expect(await by({ anchor: 'no base64' })).toEqual([]);
    expect(await by({ mail: 'mia@MAIL.example' })).toEqual([anchored.guid]);
    expect(await by({ mail: 'mia@mail.example' }, await d.newUnit(directory))).toEqual([]);
    await d.replace(plain.dn, 'mS-DS-ConsistencyGuid', [ascii]);
    const both = await by({ anchor: ascii.toString('base64') });
    expect(new Set(both)).toEqual(new Set([plain.guid, anchored.guid]));
    expect(both).toHaveLength(2);
  });
});

describe.skipIf(isWaived)('the account of the operator', () => {
  it('can do all of its work below the customers OU', async () => {
    const directory = d.client(await serviceAccount());
    await directory.verify(signal);
    const tenant = await newTenant(directory);
    const { guid, unit } = tenant;
    await directory.ensureUpnSuffix(`${unique('s')}.example`, signal);
    await directory.setPassword(guid, 'An0ther-Pass-2!', signal);
    await directory.updateAccount(guid, { enabled: false, attributes: { title: 'CEO' } }, signal);
    const below = await directory.ensureOrganizationalUnit(unit, 'Berlin', signal);
    await directory.moveAccount(guid, below.distinguishedName, signal);
    const group = await directory.ensureGroup(unit, { name: 'Sales' }, signal);
    const inner = await directory.ensureGroup(unit, { name: 'Inner' }, signal);
    for (const member of [guid, inner.objectGuid])
      await directory.addMember(group.objectGuid, member, signal);
    await directory.removeMember(group.objectGuid, guid, signal);
    const { adminDN } = d.controller;
    const stranger = guidText(await readBytes(d.admin, adminDN, 'objectGUID'));
    await d.replace(`CN=Sales,${unit}`, 'member', [adminDN, `CN=Inner,${unit}`]);
    await directory.removeMember(group.objectGuid, stranger, signal);
    const all = await directory.changedAccounts(unit, undefined, signal);
    expect(all.accounts).toMatchObject([{ objectGuid: guid, enabled: false }]);
    expect(all.inventory.groups.get(group.objectGuid)?.memberGuids).toEqual(
      new Set([inner.objectGuid]),
    );
    await directory.deleteAccount(guid, signal);
    expect(await directory.getAccount(guid, signal)).toBeUndefined();
  });

  it('can do nothing elsewhere', async () => {
    const { bindDN, bindPassword } = await serviceAccount();
    const client = new Client({ url: d.controller.url, tlsOptions: { ca: d.ca } });
    const replace = (type: string, value: string | Buffer) => {
      const values = typeof value === 'string' ? [value] : [value];
      return new Change({ operation: 'replace', modification: new Attribute({ type, values }) });
    };
    const add = (type: string, value: string) =>
      new Change({ operation: 'add', modification: new Attribute({ type, values: [value] }) });
    const domain = d.controller.baseDN;
    const name = unique('in');
    const person = { samAccountName: name, userPrincipalName: `${name}@corp.example` };
    const inside = await addPerson(d.admin, d.controller.customersOU, person);
    const secret = Buffer.from(`"${password}"`, 'utf16le');
    const partitions = `CN=Partitions,CN=Configuration,${domain}`;
    const attempts: readonly (() => Promise<void>)[] = [
      () => client.add(`OU=x,${domain}`, { objectClass: 'organizationalUnit' }),
      () =>
        client.add(`CN=x,CN=Users,${domain}`, { objectClass: 'user', sAMAccountName: unique('x') }),
      () => client.modify(d.controller.adminDN, replace('unicodePwd', secret)),
      () => client.modify(`CN=Domain Admins,CN=Users,${domain}`, add('member', bindDN)),
      () => client.modify(partitions, replace('description', 'x')),
      () => client.modify(domain, replace('lockoutThreshold', '0')),
      () => client.del(`CN=Guest,CN=Users,${domain}`),
      () => client.modifyDN(`CN=Guest,CN=Users,${domain}`, `CN=Guest,${d.controller.customersOU}`),
      () => client.modifyDN(inside, `CN=out,CN=Users,${domain}`),
    ];
    try {
      await client.bind(bindDN, bindPassword);
      for (const attempt of attempts) {
        const code = await attempt().then(() => 0, codeOf);
        expect(code).toBe(insufficientAccess);
      }
    } finally {
      await client.unbind();
    }
  });
});

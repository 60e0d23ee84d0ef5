/** What stands around accounts in a real Active Directory: OUs, suffixes, groups, and the trail of changes. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openSession } from '../../operator/clients/active-directory/session.ts';
import { guidText } from '../../operator/clients/active-directory/wire.ts';
import {
  failure,
  isWaived,
  newAccount,
  password,
  signal,
  TestDirectory,
  unique,
} from '../samba/test-directory.ts';

const d = TestDirectory.use('127.0.0.22');

describe.skipIf(isWaived)('passwords', () => {
  it('that break the policy of the domain are Terminal, and in no text', async () => {
    const directory = d.client();
    const made = await directory.createAccount(newAccount(await d.newUnit(directory)), signal);
    const secret = 'canarycanary';
    const error = await failure(directory.setPassword(made.objectGuid, secret, signal));
    expect(error).toMatchObject({ class: 'Terminal', reason: 'PasswordRejected' });
    const cause = error.cause as Error;
    expect(`${error.stack}${cause.stack}${JSON.stringify(cause)}`).not.toContain(secret);
  });
});

describe.skipIf(isWaived)('OUs and UPN suffixes', () => {
  it('are made once', async () => {
    const directory = d.client();
    const name = unique('Cöntoso, Ltd. ');
    const first = await directory.ensureOrganizationalUnit(d.controller.customersOU, name, signal);
    const second = await directory.ensureOrganizationalUnit(d.controller.customersOU, name, signal);
    expect(first.created).toBe(true);
    expect(second).toEqual({ ...first, created: false });
    const suffix = `${unique('s')}.example`;
    expect(await directory.ensureUpnSuffix(suffix, signal)).toEqual({ created: true });
    expect(await directory.ensureUpnSuffix(suffix.toUpperCase(), signal)).toEqual({
      created: false,
    });
    const partitions = 'CN=Partitions,CN=Configuration,DC=corp,DC=example';
    const { uPNSuffixes } = await d.read(partitions, 'uPNSuffixes');
    expect([uPNSuffixes].flat()).toContain(suffix);
    expect(await directory.listUpnSuffixes(signal)).toContain(suffix);
  });

  it('are the same however their names are spelled', async () => {
    const spelled = 'ou=CUSTOMERS, dc=Corp,DC=example';
    const directory = d.client({ customersOU: spelled });
    const name = unique('c-');
    const { distinguishedName } = await directory.ensureOrganizationalUnit(spelled, name, signal);
    expect(distinguishedName).toBe(`OU=${name},${d.controller.customersOU}`);
    const made = await directory.createAccount(newAccount(distinguishedName.toLowerCase()), signal);
    expect(await directory.getAccount(made.objectGuid, signal)).toEqual(made);
    const { accounts } = await directory.changedAccounts(
      `OU=${name}, ${spelled}`,
      undefined,
      signal,
    );
    expect(accounts).toEqual([made]);
  });

  it('outside the customers OU are refused, and so is all that stands there', async () => {
    const directory = d.client();
    const outside = 'CN=Users,DC=corp,DC=example';
    const refusal = { class: 'Terminal', reason: 'OutsideCustomersOU' };
    const calls = [
      () => directory.ensureOrganizationalUnit('DC=corp,DC=example', 'x', signal),
      () => directory.createAccount(newAccount(outside), signal),
      () => directory.ensureGroup(outside, { name: 'x' }, signal),
      () => directory.changedAccounts(outside, undefined, signal),
    ];
    for (const call of calls) expect(await failure(call())).toMatchObject(refusal);
    const missing = directory.createAccount(
      newAccount(`OU=none,${d.controller.customersOU}`),
      signal,
    );
    expect(await failure(missing)).toMatchObject({
      class: 'Wait',
      reason: 'OrganizationalUnitMissing',
      // Nobody tells of its return.
      delayMs: 60_000,
    });
    const { objectGUID } = await d.read(d.controller.adminDN, 'objectGUID');
    const account = guidText(objectGUID as Buffer);
    expect(await directory.getAccount(account, signal)).toBeUndefined();
    await directory.deleteAccount(account, signal);
    expect(await failure(directory.setPassword(account, password, signal))).toMatchObject({
      reason: 'ObjectMissing',
    });
    expect(await d.canSignIn(d.controller.adminDN, d.controller.adminPassword)).toBe(true);
  });
});

describe.skipIf(isWaived)('groups', () => {
  it('are made once per OU, and OUs may have groups of one name', async () => {
    const directory = d.client();
    const [one, two] = [await d.newUnit(directory), await d.newUnit(directory)];
    expect(await directory.findGroup(one, 'Sales', signal)).toBeUndefined();
    const group = await directory.ensureGroup(one, { name: 'Sales' }, signal);
    expect(await directory.ensureGroup(one, { name: 'sales' }, signal)).toMatchObject({
      objectGuid: group.objectGuid,
    });
    expect((await directory.ensureGroup(two, { name: 'Sales' }, signal)).objectGuid).not.toBe(
      group.objectGuid,
    );
    expect(await directory.findGroup(one, 'Sales', signal)).toEqual(group);
  });

  it('are made again beside one that others renamed or moved; what is no group is left alone', async () => {
    const directory = d.client();
    const unit = await d.newUnit(directory);
    const sales = { name: 'Sales' };
    const made = [(await directory.ensureGroup(unit, sales, signal)).objectGuid];
    await d.admin.modifyDN(`CN=Sales,${unit}`, 'CN=Marketing');
    made.push((await directory.ensureGroup(unit, sales, signal)).objectGuid);
    await d.admin.modifyDN(`CN=Sales,${unit}`, `CN=Sales,${await d.newUnit(directory)}`);
    made.push((await directory.ensureGroup(unit, sales, signal)).objectGuid);
    expect(new Set(made).size).toBe(3);
    const isTaken = (name: string) => directory.isGroupNameTaken(unit, name, signal);
    expect([await isTaken('field'), await isTaken('Sales')]).toEqual([false, false]);
    await directory.createAccount(newAccount(unit, { commonName: 'Field' }), signal);
    expect(await isTaken('field')).toBe(true);
    expect(await failure(directory.ensureGroup(unit, { name: 'Field' }, signal))).toMatchObject({
      class: 'Terminal',
      reason: 'NameTaken',
    });
  });

  it('take and give up members, twice being no error', async () => {
    const directory = d.client();
    const unit = await d.newUnit(directory);
    const group = await directory.ensureGroup(unit, { name: 'Sales' }, signal);
    const mia = await directory.createAccount(newAccount(unit), signal);
    const groups = async (): Promise<readonly string[] | undefined> =>
      (await directory.getAccount(mia.objectGuid, signal))?.groupGuids;
    for (const _ of [1, 2]) await directory.addMember(group.objectGuid, mia.objectGuid, signal);
    expect(await groups()).toEqual([group.objectGuid]);
    for (const _ of [1, 2]) await directory.removeMember(group.objectGuid, mia.objectGuid, signal);
    expect(await groups()).toEqual([]);
    await directory.deleteAccount(mia.objectGuid, signal);
    await directory.removeMember(group.objectGuid, mia.objectGuid, signal);
    expect(
      await failure(directory.addMember(group.objectGuid, mia.objectGuid, signal)),
    ).toMatchObject({ class: 'Wait', reason: 'ObjectMissing' });
  });

  it('may hold groups: an account is a member of those only that name it', async () => {
    const directory = d.client();
    const unit = await d.newUnit(directory);
    const [inner, outer] = [
      await directory.ensureGroup(unit, { name: 'Inner' }, signal),
      await directory.ensureGroup(unit, { name: 'Outer' }, signal),
    ];
    const mia = await directory.createAccount(newAccount(unit), signal);
    await directory.addMember(inner.objectGuid, mia.objectGuid, signal);
    for (const _ of [1, 2]) await directory.addMember(outer.objectGuid, inner.objectGuid, signal);
    const groups = async () => (await directory.getAccount(mia.objectGuid, signal))?.groupGuids;
    expect(await groups()).toEqual([inner.objectGuid]);
    await directory.removeMember(outer.objectGuid, mia.objectGuid, signal);
    await directory.addMember(outer.objectGuid, mia.objectGuid, signal);
    expect(await groups()).toEqual([inner.objectGuid, outer.objectGuid].sort());
    for (const _ of [1, 2])
      await directory.removeMember(outer.objectGuid, inner.objectGuid, signal);
    const { member } = await d.read(`CN=Outer,${unit}`, 'member');
    expect(member).toBe(mia.distinguishedName);
  });

  it('give up whoever stands elsewhere, and take in nobody from there', async () => {
    const directory = d.client();
    const unit = await d.newUnit(directory);
    const group = await directory.ensureGroup(unit, { name: 'Sales' }, signal);
    const { adminDN } = d.controller;
    const admin = guidText((await d.read(adminDN, 'objectGUID'))['objectGUID'] as Buffer);
    await d.replace(`CN=Sales,${unit}`, 'member', [adminDN]);
    const known = async (cookie?: string) => {
      const { inventory } = await directory.changedAccounts(unit, cookie, signal);
      return inventory.groups.get(group.objectGuid);
    };
    expect(await known()).toMatchObject({ strangers: new Map([[admin, adminDN]]) });
    for (const _ of [1, 2]) await directory.removeMember(group.objectGuid, admin, signal);
    expect(await known()).toMatchObject({ memberGuids: new Set() });
    expect(await failure(directory.addMember(group.objectGuid, admin, signal))).toMatchObject({
      class: 'Wait',
      reason: 'ObjectMissing',
    });
  });

  it('stand in what each look at changes knows, with those who are in them', async () => {
    const directory = d.client();
    const unit = await d.newUnit(directory);
    const deep = await directory.ensureOrganizationalUnit(unit, 'Deep', signal);
    const startedMs = Math.floor(Date.now() / 1_000) * 1_000;
    const sales = { name: 'Sales', description: 'Who sells' };
    const outer = await directory.ensureGroup(unit, sales, signal);
    const inner = await directory.ensureGroup(deep.distinguishedName, { name: 'Inner' }, signal);
    const mia = await directory.createAccount(newAccount(unit), signal);
    const noah = await directory.createAccount(newAccount(unit), signal);
    for (const one of [mia, noah, inner])
      await directory.addMember(outer.objectGuid, one.objectGuid, signal);
    expect((await d.read(`CN=Sales,${unit}`, 'description'))['description']).toBe('Who sells');
    const first = await directory.changedAccounts(unit, undefined, signal);
    const group = first.inventory.groups.get(outer.objectGuid);
    expect(group).toMatchObject({
      name: 'Sales',
      isDirect: true,
      scope: 'Global',
      memberGuids: new Set([mia, noah, inner].map(({ objectGuid }) => objectGuid)),
      strangers: new Map(),
    });
    expect(Date.parse(group?.changedAt ?? '')).toBeGreaterThanOrEqual(startedMs);
    expect(first.inventory.groups.get(inner.objectGuid)?.isDirect).toBe(false);
    expect(first.inventory.accounts.get(mia.objectGuid)).toBe(mia.userPrincipalName);
    await directory.deleteAccount(noah.objectGuid, signal);
    const second = await directory.changedAccounts(unit, first.cookie, signal);
    expect(second.inventory.groups.get(outer.objectGuid)?.memberGuids).toEqual(
      new Set([mia.objectGuid, inner.objectGuid]),
    );
    // Taken out twice is no change that could be read, and is looked at all the same.
    await directory.removeMember(outer.objectGuid, noah.objectGuid, signal);
    d.exchanges.length = 0;
    await directory.changedAccounts(unit, second.cookie, signal);
    expect(d.exchanges.map(({ operation }) => operation)).toContain('ReadGroup');
  });

  it('are read whole where the server gives them in ranges', async () => {
    const directory = d.client();
    const unit = await d.newUnit(directory);
    const group = await directory.ensureGroup(unit, { name: 'Many' }, signal);
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      const account = newAccount(unit, { commonName: name });
      const { objectGuid } = await directory.createAccount(account, signal);
      await directory.addMember(group.objectGuid, objectGuid, signal);
    }
    const session = await openSession(d.controller.url, d.options());
    try {
      const search = { operation: 'ReadGroup', base: `CN=Many,${unit}` };
      const entry = await session.read({ ...search, attributes: ['member;range=0-1'] }, signal);
      expect(entry?.['member']).toHaveLength(5);
    } finally {
      await session.close();
    }
  });
});

describe.skipIf(isWaived)('changes', () => {
  it('are what was added, changed, renamed, moved or deleted since the cookie', async () => {
    const directory = d.client();
    const unit = await d.newUnit(directory);
    const inner = await directory.ensureOrganizationalUnit(unit, 'Sales', signal);
    const make = (commonName: string) =>
      directory.createAccount(newAccount(inner.distinguishedName, { commonName }), signal);
    const [stays, changes, leaves, dies] = [
      await make('stays'),
      await make('changes'),
      await make('leaves'),
      await make('dies'),
    ];
    const all = await directory.changedAccounts(unit, undefined, signal);
    const everyone = [stays, changes, leaves, dies].map(({ objectGuid }) => objectGuid);
    expect(all.accounts.map(({ objectGuid }) => objectGuid).sort()).toEqual(everyone.sort());
    expect(all.deletedGuids).toEqual([]);

    const nothing = await directory.changedAccounts(unit, all.cookie, signal);
    expect(nothing).toMatchObject({ accounts: [], deletedGuids: [] });

    await d.admin.modifyDN(changes.distinguishedName, 'CN=renamed');
    await d.admin.modifyDN(leaves.distinguishedName, `CN=leaves,${await d.newUnit(directory)}`);
    await directory.deleteAccount(dies.objectGuid, signal);
    await directory.createAccount(newAccount(await d.newUnit(directory)), signal);
    const comes = await make('comes');
    const some = await directory.changedAccounts(unit, nothing.cookie, signal);
    expect(some.accounts.map(({ objectGuid }) => objectGuid).sort()).toEqual(
      [changes.objectGuid, comes.objectGuid].sort(),
    );
    const renamed = some.accounts.find(({ objectGuid }) => objectGuid === changes.objectGuid);
    expect(renamed?.distinguishedName).toBe(`CN=renamed,${inner.distinguishedName}`);
    expect([...some.deletedGuids].sort()).toEqual([leaves.objectGuid, dies.objectGuid].sort());
  });

  it('of a group are told of those who joined or left it, also by another hand', async () => {
    const directory = d.client();
    const unit = await d.newUnit(directory);
    const [mia, noah] = [
      await directory.createAccount(newAccount(unit), signal),
      await directory.createAccount(newAccount(unit), signal),
    ];
    const group = await directory.ensureGroup(unit, { name: 'Sales' }, signal);
    await directory.addMember(group.objectGuid, mia.objectGuid, signal);
    let { cookie } = await directory.changedAccounts(unit, undefined, signal);
    const regrouped = async (): Promise<readonly string[]> => {
      const changes = await directory.changedAccounts(unit, cookie, signal);
      cookie = changes.cookie;
      return changes.regroupedGuids ?? [];
    };
    const dn = `CN=Sales,${unit}`;
    await d.replace(dn, 'member', [noah.distinguishedName]);
    expect([...(await regrouped())].sort()).toEqual([mia.objectGuid, noah.objectGuid].sort());
    expect(await regrouped()).toEqual([]);
    await d.admin.del(dn);
    expect(await regrouped()).toEqual([noah.objectGuid]);
  });

  it('cost one read where there are none', async () => {
    const directory = d.client();
    const unit = await d.newUnit(directory);
    const { cookie } = await directory.changedAccounts(unit, undefined, signal);
    d.exchanges.length = 0;
    expect((await directory.changedAccounts(unit, cookie, signal)).cookie).toBe(cookie);
    expect(d.exchanges.map(({ operation }) => operation)).toEqual(['ReadRoot']);
  });

  it('are everything, with what is gone meanwhile, where the cookie is of another controller', async () => {
    const directory = d.client();
    const unit = await d.newUnit(directory);
    const stays = await directory.createAccount(newAccount(unit), signal);
    const dies = await directory.createAccount(newAccount(unit), signal);
    const { cookie } = await directory.changedAccounts(unit, undefined, signal);
    await directory.deleteAccount(dies.objectGuid, signal);
    const parts = JSON.parse(Buffer.from(cookie, 'base64url').toString()) as object;
    expect(parts).toMatchObject({ controller: 'dc1.corp.example' });
    const other = { ...parts, invocationId: randomUUID() };
    const foreign = Buffer.from(JSON.stringify(other)).toString('base64url');
    const all = await directory.changedAccounts(unit, foreign, signal);
    expect(all.accounts.map(({ objectGuid }) => objectGuid)).toEqual([stays.objectGuid]);
    expect(all.deletedGuids).toEqual([dies.objectGuid]);
    for (const nonsense of ['', 'x', Buffer.from('{"usn":"x"}').toString('base64url')]) {
      const { accounts } = await directory.changedAccounts(unit, nonsense, signal);
      expect(accounts).toHaveLength(1);
    }
  });

  it('are seen by an account without rights, save for deletes: those show within ten minutes', async () => {
    const directory = d.client();
    const unit = await d.newUnit(directory);
    const reader = newAccount(unit, { commonName: 'reader' });
    await directory.createAccount(reader, signal);
    const mia = await directory.createAccount(newAccount(unit), signal);
    const dies = await directory.createAccount(newAccount(unit), signal);
    const weak = d.client({ bindDN: reader.userPrincipalName, bindPassword: password });
    const first = await weak.changedAccounts(unit, undefined, signal);
    await directory.updateAccount(mia.objectGuid, { attributes: { title: 'CEO' } }, signal);
    await directory.deleteAccount(dies.objectGuid, signal);
    const second = await weak.changedAccounts(unit, first.cookie, signal);
    expect(second.accounts.map(({ objectGuid }) => objectGuid)).toContain(mia.objectGuid);
    expect(second.deletedGuids).toEqual([]);
    d.nowMs += 10 * 60_000;
    const third = await weak.changedAccounts(unit, second.cookie, signal);
    expect(third.deletedGuids).toEqual([dies.objectGuid]);
  });

  it('are complete over many pages', async () => {
    const directory = d.client();
    const unit = await d.newUnit(directory);
    const count = 1_100;
    const prefix = unique('p');
    for (let index = 0; index < count; index += 1) {
      const name = `${prefix}-${index}`;
      await d.admin.add(`CN=${name},${unit}`, { objectClass: 'user', sAMAccountName: name });
    }
    const all = await directory.changedAccounts(unit, undefined, signal);
    expect(new Set(all.accounts.map(({ objectGuid }) => objectGuid)).size).toBe(count);
    const reads = d.exchanges.filter(({ operation }) => operation === 'ReadChanges');
    expect(reads.length).toBeGreaterThanOrEqual(3);
  }, 60_000);
});

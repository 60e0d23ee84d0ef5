/** Accounts in a real Active Directory: made, finished, changed, deleted; their names and anchors. */
import { Attribute, Change } from 'ldapts';
import { describe, expect, it } from 'vitest';
import { openSession } from '../../operator/clients/active-directory/session.ts';
import { equals, guidBytes } from '../../operator/clients/active-directory/wire.ts';
import type { OperatorError } from '../../operator/core/errors.ts';
import {
  failure,
  isWaived,
  newAccount,
  password,
  signal,
  TestDirectory,
  unique,
} from '../samba/test-directory.ts';

const d = TestDirectory.use('127.0.0.21');

describe.skipIf(isWaived)('the password policy of the domain', () => {
  it('is read as it stands at this moment, and is what the domain enforces', async () => {
    const directory = d.client();
    expect(await directory.passwordPolicy(signal)).toEqual({ minLength: 7, isComplex: true });
    const domain = d.controller.customersOU.replace(/^OU=[^,]+,/, '');
    const made = await directory.createAccount(newAccount(await d.newUnit(directory)), signal);
    await d.replace(domain, 'minPwdLength', ['12']);
    await d.replace(domain, 'pwdProperties', ['0']);
    try {
      expect(await directory.passwordPolicy(signal)).toEqual({ minLength: 12, isComplex: false });
      const short = await failure(directory.setPassword(made.objectGuid, 'Sh0rt-pass!', signal));
      expect(short.reason).toBe('PasswordRejected');
    } finally {
      await d.replace(domain, 'minPwdLength', ['7']);
      await d.replace(domain, 'pwdProperties', ['1']);
    }
  });
});

describe.skipIf(isWaived)('a finer password policy', () => {
  it('shows when it refuses, and the account is finished with a password that it takes', async () => {
    const directory = d.client();
    const wanted = newAccount(await d.newUnit(directory));
    const domain = d.controller.baseDN;
    const policy = `CN=Long,CN=Password Settings Container,CN=System,${domain}`;
    await d.admin.add(policy, {
      objectClass: 'msDS-PasswordSettings',
      'msDS-PasswordSettingsPrecedence': '1',
      'msDS-PasswordReversibleEncryptionEnabled': 'FALSE',
      'msDS-PasswordHistoryLength': '0',
      'msDS-PasswordComplexityEnabled': 'TRUE',
      'msDS-MinimumPasswordLength': '40',
      'msDS-MinimumPasswordAge': '0',
      'msDS-MaximumPasswordAge': '-9223372036854775808',
      'msDS-LockoutThreshold': '0',
      'msDS-LockoutObservationWindow': '-18000000000',
      'msDS-LockoutDuration': '-18000000000',
      'msDS-PSOAppliesTo': `CN=Domain Users,CN=Users,${domain}`,
    });
    try {
      const refused = await failure(directory.createAccount(wanted, signal));
      expect(refused).toMatchObject({
        class: 'Terminal',
        reason: 'PasswordRejected',
        message: expect.stringContaining('msDS-PasswordSettings'),
      });
      const half = (await directory.findPerson(wanted, signal)).byOwner;
      expect(half).toMatchObject({ enabled: false, lacksPassword: true });
      const longer = { ...wanted, password: password.repeat(4) };
      const made = await directory.createAccount(longer, signal);
      expect(made).toMatchObject({ objectGuid: half?.objectGuid, enabled: true });
      expect(await d.canSignIn(wanted.userPrincipalName, longer.password)).toBe(true);
    } finally {
      await d.admin.del(policy);
    }
  });
});

describe.skipIf(isWaived)('what the schema lacks', () => {
  it('is looked up once, and told in the spelling that was asked for', async () => {
    const directory = d.client();
    const names = ['extensionAttribute1', 'MAIL', 'mailNickname', 'info'];
    const lacking = ['extensionAttribute1', 'mailNickname'];
    expect(await directory.missingAttributes(names, signal)).toEqual(lacking);
    d.exchanges = [];
    expect(await directory.missingAttributes(names, signal)).toEqual(lacking);
    expect(d.exchanges).toEqual([]);
    d.nowMs += 11 * 60_000;
    await directory.missingAttributes(names, signal);
    expect(d.exchanges.map(({ operation }) => operation)).toContain('ReadSchema');
  });
});

describe.skipIf(isWaived)('the life of an account', () => {
  it('is made in three steps, found in every way, changed, disabled and deleted', async () => {
    const directory = d.client();
    const unit = await d.newUnit(directory);
    const wanted = newAccount(unit);
    const made = await directory.createAccount(wanted, signal);
    expect(d.exchanges.map(({ operation }) => operation)).toEqual(
      expect.arrayContaining(['Bind', 'AddAccount', 'SetPassword', 'EnableAccount']),
    );
    expect(made).toMatchObject({
      distinguishedName: `CN=Mia Lund,${unit}`,
      userPrincipalName: wanted.userPrincipalName,
      samAccountName: wanted.samAccountName,
      ownerUid: wanted.ownerUid,
      enabled: true,
      groupGuids: [],
      managerGuid: undefined,
    });
    expect(made.attributes).toMatchObject(wanted.attributes);
    expect(await directory.getAccount(made.objectGuid, signal)).toEqual(made);
    const { cookie } = await directory.changedAccounts(unit, undefined, signal);
    expect(await d.canSignIn(wanted.userPrincipalName, password)).toBe(true);
    // The first logon is a change that a poll sees.
    const { accounts } = await directory.changedAccounts(unit, cookie, signal);
    expect(accounts.map(({ objectGuid }) => objectGuid)).toEqual([made.objectGuid]);
    expect(Math.abs((accounts[0]?.lastLogonMs ?? 0) - Date.now())).toBeLessThan(60_000);

    const upper = { ...wanted, userPrincipalName: wanted.userPrincipalName.toUpperCase() };
    const { objectGuid } = made;
    const found = await directory.findPerson(upper, signal);
    expect(found).toMatchObject({ byOwner: { objectGuid }, byName: [{ objectGuid }] });
    const [byMark, byName] = [
      { ...wanted, userPrincipalName: 'x@y' },
      { ...upper, ownerUid: 'x' },
    ];
    expect(await directory.findPerson(byMark, signal)).toEqual({ ...found, byName: [] });
    expect(await directory.findPerson(byName, signal)).toEqual({ ...found, byOwner: undefined });
    expect(await directory.isSamAccountNameTaken(wanted.samAccountName, signal)).toBe(true);
    const free = [wanted.samAccountName, unique('free'), unique('free')];
    expect(await directory.isSamAccountNameTaken(free[1] ?? '', signal)).toBe(false);
    const offered = (owner: string) => directory.freeSamAccountName(free, owner, signal);
    expect(await Promise.all(['a', 'b', 'a', 'c'].map(offered))).toEqual([
      free[1],
      free[2],
      free[1],
      undefined,
    ]);

    const patch = {
      enabled: false,
      userPrincipalName: `${unique('new')}@contoso.example`,
      attributes: { displayName: 'Mia Berg', sn: null, title: 'Head of (*) "sales" \\ Nørd' },
    };
    await directory.updateAccount(made.objectGuid, patch, signal);
    const changed = await directory.getAccount(made.objectGuid, signal);
    expect(changed).toMatchObject({ enabled: false, userPrincipalName: patch.userPrincipalName });
    expect(changed?.attributes).toMatchObject({
      displayName: 'Mia Berg',
      title: patch.attributes.title,
    });
    expect(changed?.attributes).not.toHaveProperty('sn');
    expect(await d.canSignIn(patch.userPrincipalName, password)).toBe(false);

    await directory.updateAccount(made.objectGuid, { enabled: true }, signal);
    await directory.setPassword(made.objectGuid, 'An0ther-Pass-2!', signal);
    expect(await d.canSignIn(patch.userPrincipalName, 'An0ther-Pass-2!')).toBe(true);

    await directory.deleteAccount(made.objectGuid, signal);
    await directory.deleteAccount(made.objectGuid, signal);
    expect(await directory.getAccount(made.objectGuid, signal)).toBeUndefined();
    expect((await directory.findPerson(wanted, signal)).byOwner).toBeUndefined();
    const gone = await failure(directory.updateAccount(made.objectGuid, { enabled: true }, signal));
    expect(gone).toMatchObject({ class: 'Wait', reason: 'ObjectMissing' });
  });

  it('keeps to its GUID through rename and move', async () => {
    const directory = d.client();
    const unit = await d.newUnit(directory);
    const other = await d.newUnit(directory);
    const made = await directory.createAccount(newAccount(unit), signal);
    await d.admin.modifyDN(made.distinguishedName, `CN=Mia New,${other}`);
    await directory.updateAccount(made.objectGuid, { attributes: { title: 'CEO' } }, signal);
    const moved = await directory.getAccount(made.objectGuid, signal);
    expect(moved?.distinguishedName).toBe(`CN=Mia New,${other}`);
    expect(moved?.attributes['title']).toBe('CEO');
  });

  it('may begin disabled, with a password to be changed at the first logon', async () => {
    const directory = d.client();
    const unit = await d.newUnit(directory);
    const wanted = newAccount(unit, { enabled: false, mustChangePassword: true });
    const made = await directory.createAccount(wanted, signal);
    expect(made.enabled).toBe(false);
    expect(await d.read(made.distinguishedName, 'pwdLastSet')).toMatchObject({ pwdLastSet: '0' });
  });

  it('is anchored by the raw bytes of objectGUID, unless ConsistencyGuid is set', async () => {
    const directory = d.client();
    const unit = await d.newUnit(directory);
    const made = await directory.createAccount(newAccount(unit), signal);
    const { objectGUID } = await d.read(made.distinguishedName, 'objectGUID');
    expect(made.anchor).toBe((objectGUID as Buffer).toString('base64'));
    expect(guidBytes(made.objectGuid)).toEqual(objectGUID);
    // Bytes that are text: without an explicit list they would come as a string.
    const consistency = Buffer.from('0123456789abcdef');
    await d.replace(made.distinguishedName, 'mS-DS-ConsistencyGuid', [consistency]);
    const anchored = await directory.getAccount(made.objectGuid, signal);
    expect(anchored?.anchor).toBe(consistency.toString('base64'));
    const session = await openSession(d.controller.url, d.options());
    const found = async (attribute: string, value: Buffer): Promise<number> => {
      const filter = equals(attribute, value);
      const search = { operation: 'Find', base: unit, filter, attributes: ['objectGUID'] };
      return (await session.search({ ...search, scope: 'sub' }, signal)).length;
    };
    // As bytes: of text every one from 0x80 on would find nothing.
    expect(await found('objectGUID', objectGUID as Buffer)).toBe(1);
    expect(await found('mS-DS-ConsistencyGuid', consistency)).toBe(1);
    await session.close();
  });

  it('has a manager and groups, by GUID, however they are named', async () => {
    const directory = d.client();
    const unit = await d.newUnit(directory);
    const mia = await directory.createAccount(newAccount(unit), signal);
    const boss = await directory.createAccount(
      newAccount(unit, { commonName: 'Boss, "B"' }),
      signal,
    );
    await directory.updateAccount(mia.objectGuid, { managerGuid: boss.objectGuid }, signal);
    const sales = await directory.ensureGroup(unit, { name: 'Sales, EU' }, signal);
    await directory.addMember(sales.objectGuid, mia.objectGuid, signal);
    // A group elsewhere is none of ours.
    const elsewhere = 'CN=Users,CN=Builtin,DC=corp,DC=example';
    const member = new Attribute({ type: 'member', values: [mia.distinguishedName] });
    await d.admin.modify(elsewhere, new Change({ operation: 'add', modification: member }));
    const found = await directory.getAccount(mia.objectGuid, signal);
    expect(found?.managerGuid).toBe(boss.objectGuid);
    expect(found?.groupGuids).toEqual([sales.objectGuid]);
  });
});

describe.skipIf(isWaived)('a create that did not come to its end', () => {
  it('is finished: the half-made account is found by the UID of its owner', async () => {
    const directory = d.client();
    const unit = await d.newUnit(directory);
    const wanted = newAccount(unit, { password: 'short' });
    expect(await failure(directory.createAccount(wanted, signal))).toMatchObject({
      class: 'Terminal',
      reason: 'PasswordRejected',
    });
    const half = (await directory.findPerson(wanted, signal)).byOwner;
    expect(half?.enabled).toBe(false);
    const made = await directory.createAccount({ ...wanted, password }, signal);
    expect(made).toMatchObject({ objectGuid: half?.objectGuid, enabled: true });
    expect(await d.canSignIn(wanted.userPrincipalName, password)).toBe(true);
    // Done already: the person may have changed the password since.
    const again = { ...wanted, password: 'An0ther-Pass-2!' };
    expect(await directory.createAccount(again, signal)).toEqual({
      ...made,
      // The logon is a change of the account.
      changedAt: expect.any(String),
      lastLogonMs: expect.any(Number),
    });
    expect(await d.canSignIn(wanted.userPrincipalName, password)).toBe(true);
  });

  it('makes one account, however often it runs at the same time', async () => {
    const directory = d.client();
    const wanted = newAccount(await d.newUnit(directory));
    const made = await Promise.all(
      Array.from({ length: 5 }, () => directory.createAccount(wanted, signal)),
    );
    expect(new Set(made.map(({ objectGuid }) => objectGuid)).size).toBe(1);
  });
});

describe.skipIf(isWaived)('names', () => {
  it('of two people in one OU may be alike: the second common name holds the logon name', async () => {
    const directory = d.client();
    const unit = await d.newUnit(directory);
    await directory.createAccount(newAccount(unit), signal);
    const second = newAccount(unit);
    const made = await directory.createAccount(second, signal);
    expect(made.distinguishedName).toBe(`CN=Mia Lund (${second.samAccountName}),${unit}`);
  });

  it.each(['samAccountName', 'userPrincipalName'] as const)(
    'are refused where another account of the domain has the %s',
    async (field) => {
      const directory = d.client();
      const first = newAccount(await d.newUnit(directory));
      const made = await directory.createAccount(first, signal);
      const second = newAccount(await d.newUnit(directory), {
        [field]: first[field].toUpperCase(),
      });
      const error = await failure(directory.createAccount(second, signal));
      expect(error).toMatchObject({ class: 'Terminal', reason: 'NameTaken' });
      expect(error.message).toMatch(new RegExp(field, 'i'));
      expect((await directory.findPerson(second, signal)).byOwner).toBeUndefined();
      expect(await directory.getAccount(made.objectGuid, signal)).toEqual(made);
    },
  );

  it('are refused on a change, too, and nothing else of the change is done', async () => {
    const directory = d.client();
    const unit = await d.newUnit(directory);
    const first = await directory.createAccount(newAccount(unit), signal);
    const second = await directory.createAccount(newAccount(unit), signal);
    const patch = {
      userPrincipalName: first.userPrincipalName ?? '',
      attributes: { title: 'never' },
    };
    const error = await failure(directory.updateAccount(second.objectGuid, patch, signal));
    expect(error).toMatchObject({ class: 'Terminal', reason: 'NameTaken' });
    const unchanged = await directory.getAccount(second.objectGuid, signal);
    expect(unchanged?.attributes).not.toHaveProperty('title');
  });

  it.each(['Lund, Mia', '#1 + "2" = \\3;<>', 'Jürgen Ø 😀', '*)(objectClass=*'])(
    'may hold any sign: %s',
    async (commonName) => {
      const directory = d.client();
      const unit = await d.newUnit(directory);
      const made = await directory.createAccount(newAccount(unit, { commonName }), signal);
      expect(await d.read(made.distinguishedName, 'cn')).toMatchObject({ cn: commonName });
      const group = await directory.ensureGroup(unit, { name: `Group ${commonName}` }, signal);
      expect(await directory.findGroup(unit, `Group ${commonName}`, signal)).toEqual(group);
      const anybody = { ownerUid: '*', userPrincipalName: '*' };
      expect(await directory.findPerson(anybody, signal)).toEqual({
        byOwner: undefined,
        byName: [],
      });
    },
  );

  it('go to one account, where many ask for the same at the same time', async () => {
    const directory = d.client();
    const unit = await d.newUnit(directory);
    const name = unique('same');
    const create = (n: number) =>
      directory.createAccount(
        newAccount(unit, {
          commonName: `same ${String(n)}`,
          samAccountName: n % 2 === 0 ? name : name.toUpperCase(),
          userPrincipalName: `${unique('other')}@contoso.example`,
        }),
        signal,
      );
    const outcomes = await Promise.allSettled([0, 1, 2, 3, 4, 5].map(create));
    const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(refused).toHaveLength(5);
    for (const error of refused) {
      expect(error).toMatchObject({ class: 'Terminal', reason: 'NameTaken' });
    }
  });

  it('of attributes that do not fit name the attribute', async () => {
    const directory = d.client();
    const made = await directory.createAccount(newAccount(await d.newUnit(directory)), signal);
    const change = (attributes: Record<string, string>): Promise<OperatorError> =>
      failure(directory.updateAccount(made.objectGuid, { attributes }, signal));
    const tooLong = await change({ displayName: 'x'.repeat(300) });
    expect(tooLong).toMatchObject({ class: 'Terminal', reason: 'InvalidValue' });
    expect(tooLong.message).toMatch(/: displayName$/);
    const unknown = await change({ mailNickname: 'x' });
    expect(unknown).toMatchObject({ class: 'Terminal', reason: 'AttributeUnknown' });
    expect(unknown.message).toMatch(/: mailNickname$/);
  });
});

/** Accounts of a real Active Directory that move between OUs, and accounts that are made again with the anchor of before. */
import { describe, expect, it } from 'vitest';
import { isIn } from '../../operator/core/distinguished-names.ts';
import {
  failure,
  isWaived,
  newAccount,
  signal,
  TestDirectory,
  unique,
} from '../samba/test-directory.ts';

const d = TestDirectory.use('127.0.0.34');

describe.skipIf(isWaived)('an account that moves', () => {
  it.each(['Mia Lund', 'Lund, Mia', 'back\\', 'Mia = "#1"', 'Jürgen + Ærø'])(
    'keeps GUID, anchor, names and groups: %s',
    async (commonName) => {
      const directory = d.client();
      const [from, to] = [await d.newUnit(directory), await d.newUnit(directory)];
      const made = await directory.createAccount(newAccount(from, { commonName }), signal);
      const sales = await directory.ensureGroup(from, { name: 'Sales' }, signal);
      await directory.addMember(sales.objectGuid, made.objectGuid, signal);
      for (const _ of [1, 2]) await directory.moveAccount(made.objectGuid, to, signal);
      const moved = await directory.getAccount(made.objectGuid, signal);
      expect(isIn(moved?.distinguishedName ?? '', to)).toBe(true);
      expect(moved).toMatchObject({
        anchor: made.anchor,
        samAccountName: made.samAccountName,
        userPrincipalName: made.userPrincipalName,
        groupGuids: [sales.objectGuid],
      });
      expect(moved?.attributes['cn']).toBe(made.attributes['cn']);
      expect(d.exchanges.filter(({ operation }) => operation === 'MoveAccount')).toHaveLength(1);
    },
  );

  it('gets another common name where a namesake stands there', async () => {
    const directory = d.client();
    const [from, to] = [await d.newUnit(directory), await d.newUnit(directory)];
    const namesake = await directory.createAccount(newAccount(to), signal);
    const made = await directory.createAccount(newAccount(from), signal);
    await directory.moveAccount(made.objectGuid, to, signal);
    const moved = await directory.getAccount(made.objectGuid, signal);
    expect(moved?.attributes['cn']).toBe(`Mia Lund (${made.samAccountName})`);
    expect(await directory.getAccount(namesake.objectGuid, signal)).toEqual(namesake);
  });

  it('goes nowhere outside, and is not found once it was taken there', async () => {
    const directory = d.client();
    const unit = await d.newUnit(directory);
    const made = await directory.createAccount(newAccount(unit), signal);
    const users = 'CN=Users,DC=corp,DC=example';
    const refused = await failure(directory.moveAccount(made.objectGuid, users, signal));
    expect(refused).toMatchObject({ reason: 'OutsideCustomersOU' });
    await d.admin.modifyDN(made.distinguishedName, `CN=Gone,${users}`);
    const gone = await failure(directory.moveAccount(made.objectGuid, unit, signal));
    expect(gone).toMatchObject({ class: 'Wait', reason: 'ObjectMissing' });
  });
});

describe.skipIf(isWaived)('an account that is made again', () => {
  it('has the anchor that it is given, under a new GUID', async () => {
    const directory = d.client();
    const unit = await d.newUnit(directory);
    const first = await directory.createAccount(newAccount(unit), signal);
    await directory.deleteAccount(first.objectGuid, signal);
    const { anchor } = first;
    const again = await directory.createAccount(newAccount(unit, { anchor }), signal);
    expect(again.objectGuid).not.toBe(first.objectGuid);
    expect(again.anchor).toBe(anchor);
    const text = newAccount(unit, { anchor: 'no base64' });
    const refused = await failure(directory.createAccount(text, signal));
    expect(refused).toMatchObject({ reason: 'InvalidAnchor' });
  });
});

describe.skipIf(isWaived)('a logon name', () => {
  it('changes on the same account, and never to one that is taken', async () => {
    const directory = d.client();
    const unit = await d.newUnit(directory);
    const mia = await directory.createAccount(newAccount(unit), signal);
    const other = await directory.createAccount(newAccount(unit), signal);
    const samAccountName = unique('new');
    await directory.updateAccount(mia.objectGuid, { samAccountName }, signal);
    const renamed = await directory.getAccount(mia.objectGuid, signal);
    expect(renamed).toMatchObject({ samAccountName, anchor: mia.anchor });
    const taken = { samAccountName: other.samAccountName.toUpperCase() };
    const refused = await failure(directory.updateAccount(mia.objectGuid, taken, signal));
    expect(refused).toMatchObject({ class: 'Terminal', reason: 'NameTaken' });
  });
});

import { describe, expect, it } from 'vitest';
import { deleted, ids, tenant, user } from '../../../hack/testing/build.ts';
import { adAccount, entraUser } from '../../../hack/testing/observed.ts';
import type { MatchKey } from '../../clients/active-directory/matching-port.ts';
import type { AdAccount } from '../../clients/active-directory/port.ts';
import type { EntraUser } from '../../clients/graph/port.ts';
import type { M365Tenant, M365User } from '../../core/objects.ts';
import { findAdAccount } from './ad-lookup.ts';
import type { Look } from './look.ts';

const unit = 'OU=contoso,OU=Customers,DC=corp';
const place = (name: string) => `CN=${name},${unit}`;
const theirs = { ownerUid: undefined, distinguishedName: place('mia') };
const recorded = adAccount({ objectGuid: 'recorded' });
const marked = adAccount({ objectGuid: 'marked', ownerUid: 'uid-mia' });
const anchored = adAccount({ ...theirs, objectGuid: 'anchored', anchor: 'A' });
const named = adAccount({ ...theirs, objectGuid: 'named' });
const mailed = adAccount({ ...theirs, objectGuid: 'mailed' });

const managed = (status: M365Tenant['status'] = {}): M365Tenant =>
  tenant({
    spec: { identity: { activeDirectory: 'Managed', passwords: 'Both' } },
    status: { tenantId: ids.tenant, organizationalUnit: unit, ...status },
  });
const handOver = { report: 'r', confirmed: true, done: true } as never;
const mia = user();
const withAnchor = entraUser({ onPremisesImmutableId: 'A' });
const withMail = entraUser({ mail: 'mia@mail.example' });

interface World {
  readonly resource?: M365User;
  readonly of?: M365Tenant;
  readonly entra?: EntraUser | undefined;
  readonly guid?: AdAccount | undefined;
  readonly owner?: AdAccount | undefined;
  readonly isOutside?: boolean;
  readonly anchor?: readonly AdAccount[];
  readonly name?: AdAccount | readonly AdAccount[] | undefined;
  readonly mail?: readonly AdAccount[];
}

async function find({ resource = mia, of = managed(), ...world }: World) {
  const asked: string[] = [];
  const ask = <T>(what: string, answer: T): Promise<T> => {
    asked.push(what);
    return Promise.resolve(answer);
  };
  const activeDirectory = {
    getAccount: () => ask('guid', world.guid),
    findPerson: () => ask('person', { byOwner: world.owner, byName: [world.name ?? []].flat() }),
    isOutside: () => ask('outside', world.isOutside === true),
    findAccountsBy: (organizationalUnit: string, key: MatchKey) => {
      expect(organizationalUnit).toBe(unit);
      return 'anchor' in key
        ? ask(`anchor ${key.anchor}`, world.anchor ?? [])
        : ask(`mail ${key.mail}`, world.mail ?? []);
    },
  };
  const view = { user: () => world.entra, userByPrincipalName: () => world.entra };
  const access = { tenant: of, clients: { activeDirectory } };
  const look = { user: resource, access, view, signal: new AbortController().signal };
  const { activeDirectory: found, isOutside } = await findAdAccount(look as unknown as Look);
  return { found, isOutside, asked };
}

const all = {
  resource: user({ status: { objectGuid: 'recorded' } }),
  guid: recorded,
  owner: marked,
  entra: withAnchor,
  anchor: [anchored],
  name: named,
};

describe('the account in Active Directory', () => {
  it.each<[string, World, AdAccount | undefined, readonly string[]]>([
    ['our record', all, recorded, ['guid']],
    ['our mark', { ...all, guid: undefined }, marked, ['guid', 'person']],
    [
      'the anchor in Entra, whatever its name',
      { ...all, guid: undefined, owner: undefined },
      anchored,
      ['guid', 'person', 'outside', 'anchor A'],
    ],
    [
      'the name, where nobody has the anchor',
      { entra: withAnchor, name: named },
      named,
      ['person', 'anchor A'],
    ],
    ['the name, where Entra has none', { name: named, mail: [mailed] }, named, ['person']],
    [
      'the mail, once a sync server handed over',
      { of: managed({ handOver }), entra: withMail, mail: [mailed] },
      mailed,
      ['person', 'mail mia@mail.example'],
    ],
    ['nothing, else', { entra: withMail, mail: [mailed] }, undefined, ['person']],
  ])('is found by %s', async (_, world, expected, lookups) => {
    expect(await find(world)).toEqual({ found: expected, isOutside: false, asked: lookups });
  });

  const onRecord = user({ status: { objectGuid: 'gone' } });
  it.each<[string, Partial<AdAccount>, M365User, boolean]>([
    ['without a password', { lacksPassword: true }, mia, true],
    ['without a password, of whom there is a record', { lacksPassword: true }, onRecord, true],
    ['with one that may still have to be changed', {}, mia, true],
    ['that is on record', {}, onRecord, false],
    ['that was in use: the record was lost', { lastLogonMs: 1 }, mia, false],
    ['that is open', { enabled: true, lacksPassword: true }, mia, false],
    ['of a person who is deleted', { lacksPassword: true }, deleted(mia), false],
  ])('%s and blocked, as its create may have left it, is made once more: %s', async (...row) => {
    const [, account, resource, isMadeAgain] = row;
    const owner = { ...marked, enabled: false, ...account };
    const { found } = await find({ owner, name: owner, resource });
    expect(found).toBe(isMadeAgain ? undefined : owner);
  });

  it('is not looked for by its name where its create is to be finished', async () => {
    const owner = { ...marked, enabled: false };
    expect((await find({ owner, name: owner })).asked).toEqual(['person']);
  });

  it('is none, and no other is looked for, where ours was moved out of reach', async () => {
    const away = { ...all, guid: undefined, owner: undefined, isOutside: true };
    const asked = ['guid', 'person', 'outside'];
    expect(await find(away)).toEqual({ found: undefined, isOutside: true, asked });
  });

  it('is looked for by the anchor that was recorded, where Entra does not show one', async () => {
    const resource = user({ status: { anchor: 'A' } });
    expect((await find({ resource, anchor: [anchored] })).found).toBe(anchored);
  });

  it.each<[string, World, string]>([
    [
      'several have its anchor',
      { ...all, owner: undefined, guid: undefined, anchor: [anchored, named] },
      'AmbiguousMatch',
    ],
    ['several have its name', { name: [named, mailed] }, 'AmbiguousMatch'],
    [
      'another person has its anchor',
      { entra: withAnchor, anchor: [{ ...anchored, ownerUid: 'other' }] },
      'AnchorTaken',
    ],
    [
      'another person has its mail',
      { of: managed({ handOver }), entra: withMail, mail: [{ ...mailed, ownerUid: 'other' }] },
      'MailTaken',
    ],
    ['another person has its name', { name: { ...named, ownerUid: 'other' } }, 'NameTaken'],
    [
      'one elsewhere has its name',
      { name: { ...named, distinguishedName: 'CN=mia,OU=other,OU=Customers,DC=corp' } },
      'NameTaken',
    ],
  ])('is refused where %s', async (_, world, reason) => {
    await expect(find(world)).rejects.toMatchObject({ class: 'Terminal', reason });
  });

  it('of a person who is deleted is not looked for by what others may have', async () => {
    const resource = deleted(user());
    const { asked } = await find({ resource, entra: withAnchor, anchor: [anchored] });
    expect(asked).toEqual(['person']);
  });
});

import * as fc from 'fast-check';
import { BerWriter, type Entry } from 'ldapts';
import { describe, expect, it } from 'vitest';
import { distinctCommonName } from './accounts.ts';
import { groupAccountName } from './structure.ts';
import * as wire from './wire.ts';

const bytes = Buffer.from('66895d85b3dc9843b90b3be412e11327', 'hex');
const guid = '855d8966-dcb3-4398-b90b-3be412e11327';
const ou = 'OU=Customers,DC=corp,DC=example';

function entry(more: Partial<Entry> = {}): Entry {
  return {
    dn: `<GUID=${guid}>;<SID=S-1-5-21-1>;CN=Mia,OU=c1,${ou}`,
    objectGUID: bytes,
    sAMAccountName: 'mia',
    userAccountControl: '512',
    ...more,
  };
}

describe('GUIDs', () => {
  it('are little-endian in the first three groups', () => {
    expect(wire.guidText(bytes)).toBe(guid);
    expect(wire.guidBytes(guid)).toEqual(bytes);
  });

  it('survive the way there and back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (raw) => {
        expect(wire.guidBytes(wire.guidText(Buffer.from(raw)))).toEqual(Buffer.from(raw));
      }),
    );
  });

  it('are looked for by their bytes, whatever these are as text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (raw) => {
        const writer = new BerWriter();
        wire.equals('mS-DS-ConsistencyGuid', Buffer.from(raw)).write(writer);
        expect(writer.buffer.subarray(-16)).toEqual(Buffer.from(raw));
      }),
    );
  });

  it('are checked before they become a name', () => {
    expect(wire.guidDn(guid.toUpperCase())).toBe(`<GUID=${guid}>`);
    expect(() => wire.guidDn(`${guid}>;CN=x`)).toThrow('is no objectGUID');
  });
});

describe('the last logon', () => {
  const filetime = (ms: number) => String((BigInt(ms) + 11_644_473_600_000n) * 10_000n);
  const one = Date.parse('2026-03-02T10:00:00Z');

  it.each([
    ['there was none', {}, undefined],
    ['as a new account has it', { lastLogon: '0', lastLogonTimestamp: '0' }, undefined],
    [
      'on this controller',
      { lastLogon: filetime(one), lastLogonTimestamp: filetime(one - 5) },
      one,
    ],
    ['on another one', { lastLogon: '0', lastLogonTimestamp: filetime(one) }, one],
    ['that nobody can read', { lastLogon: 'never' }, undefined],
  ])('%s', (_, more, expected) => {
    expect(wire.toAccount(entry(more), ou).lastLogonMs).toBe(expected);
  });
});

describe('an anchor that a new account is given', () => {
  it('is the bytes that Entra has as base64', () => {
    const { type, values } = wire.anchorAttribute('ZoldhbPcmEO5CzvkEuETJw==');
    expect([type, values]).toEqual(['mS-DS-ConsistencyGuid', [bytes]]);
  });

  it.each(['', 'mia.muster', 'ZoldhbPcmEO5CzvkEuETJw'])('is no text like "%s"', (text) => {
    expect(() => wire.anchorAttribute(text)).toThrow('is not base64');
  });
});

describe('names', () => {
  it.each([
    ['Lund, Mia', String.raw`CN=Lund\, Mia,${ou}`],
    ['a"b', String.raw`CN=a\"b,${ou}`],
    ['#1 + 2 = 3', String.raw`CN=\#1 \+ 2 \= 3,${ou}`],
    [' x ', `CN=" x ",${ou}`],
    ['x\\', `CN=x\\\\,${ou}`],
    ['Jürgen', `CN=Jürgen,${ou}`],
  ])('%s is escaped', (name, dn) => {
    expect(wire.childDn('CN', name, ou)).toBe(dn);
  });

  it.each([
    ['Lund, Mia', String.raw`CN=Lund\2c Mia`],
    ['back\\', String.raw`CN=back\5c`],
    [' a=b ', String.raw`CN=\20a\3db\20`],
    ['Jürgen', 'CN=Jürgen'],
  ])('%s goes into a new DN without anything that is syntax', (name, relative) => {
    expect(wire.relativeName(name)).toBe(relative);
  });

  it('are children of an OU, not of the one above it', () => {
    const child = String.raw`CN=Lund\, Mia\\,OU=Sales,${ou}`;
    expect(wire.isChildOf(child, `ou=sales,${ou}`)).toBe(true);
    expect(wire.isChildOf(child, ou)).toBe(false);
    expect(wire.isChildOf(ou, ou)).toBe(false);
  });

  it('are below an OU whatever the letter case, and never by a part of a component', () => {
    expect(wire.isBelow('CN=a,ou=CUSTOMERS,dc=corp,dc=example', ou)).toBe(true);
    expect(wire.isBelow('CN=a,OU=MyCustomers,DC=corp,DC=example', ou)).toBe(false);
    expect(wire.isBelow(ou, ou)).toBe(false);
  });

  it('come apart where the server extends them', () => {
    const extended = { guid, dn: 'CN=a;b\nc,DC=x' };
    expect(wire.parseExtendedName(`<GUID=${guid}>;<SID=S-1-5-21>;CN=a;b\nc,DC=x`)).toEqual(
      extended,
    );
    expect(wire.parseExtendedName(`<GUID=${guid}>;CN=a;b\nc,DC=x`)).toEqual(extended);
    expect(wire.parseExtendedName('CN=a')).toEqual({ guid: undefined, dn: 'CN=a' });
  });

  it('of namesakes hold the logon name, whole characters, 64 at most', () => {
    expect(distinctCommonName({ commonName: 'Mia Lund', samAccountName: 'mia2' })).toBe(
      'Mia Lund (mia2)',
    );
    const long = distinctCommonName({
      commonName: '😀'.repeat(32),
      samAccountName: 'a'.repeat(20),
    });
    expect(long.length).toBeLessThanOrEqual(64);
    expect(long.isWellFormed()).toBe(true);
    expect(long.endsWith(` (${'a'.repeat(20)})`)).toBe(true);
  });

  it('of groups are unique for the OU, and hold no forbidden character', () => {
    const first = { dn: `OU=a,${ou}`, guid };
    const name = groupAccountName(first, 'Sales: "EU"');
    expect(name).toMatch(/^Sales EU-[0-9a-f]{12}$/);
    expect(groupAccountName(first, 'SALES: "EU"').slice(-12)).toBe(name.slice(-12));
    expect(groupAccountName({ ...first, guid: 'other' }, 'Sales: "EU"')).not.toBe(name);
  });
});

describe('an account', () => {
  it('is what the entry says', () => {
    const account = wire.toAccount(
      entry({
        userPrincipalName: 'mia@contoso.example',
        [wire.ownerAttribute]: 'uid-1',
        displayName: 'Mia',
        memberOf: [
          `<GUID=${guid}>;CN=Sales,OU=c1,${ou}`,
          '<GUID=00000000-0000-4000-8000-000000000001>;CN=Elsewhere,DC=corp,DC=example',
        ],
        manager: `<GUID=${guid.toUpperCase()}>;CN=Boss,OU=c1,${ou}`,
        thumbnailPhoto: Buffer.from([255]),
        proxyAddresses: ['smtp:a@b.example', 'smtp:c@d.example'],
        description: [],
        whenChanged: '20260302090507.0Z',
        userAccountControl: '544',
      }),
      ou,
    );
    expect(account).toEqual({
      objectGuid: guid,
      distinguishedName: `CN=Mia,OU=c1,${ou}`,
      userPrincipalName: 'mia@contoso.example',
      samAccountName: 'mia',
      enabled: true,
      anchor: 'ZoldhbPcmEO5CzvkEuETJw==',
      ownerUid: 'uid-1',
      attributes: { displayName: 'Mia' },
      groupGuids: [guid],
      managerGuid: guid,
      changedAt: '2026-03-02T09:05:07Z',
      lacksPassword: true,
    });
  });

  it.each([
    ['512', '0', true],
    ['546', '133800000000000000', true],
    ['512', '133800000000000000', undefined],
  ])('with userAccountControl %s and pwdLastSet %s lacks a password: %s', (...given) => {
    const [userAccountControl, pwdLastSet, lacks] = given;
    const account = wire.toAccount(entry({ userAccountControl, pwdLastSet }), ou);
    expect(account.lacksPassword).toBe(lacks);
  });

  it.each([[], ['yesterday']])('has no time that nobody can read: %s', (...whenChanged) => {
    expect(wire.toAccount(entry({ whenChanged }), ou)).not.toHaveProperty('changedAt');
  });

  it('has the ConsistencyGuid as anchor where there is one', () => {
    const consistency = Buffer.from('0123456789abcdef');
    const account = wire.toAccount(entry({ 'mS-DS-ConsistencyGuid': consistency }), ou);
    expect(account.anchor).toBe(consistency.toString('base64'));
  });

  it('says what the service account may not read', () => {
    expect(() => wire.toAccount(entry({ userAccountControl: [] }), ou)).toThrow(
      'may not read userAccountControl',
    );
  });
});

describe('userAccountControl', () => {
  it('changes in one bit', () => {
    expect(wire.withEnabled(66_050, true)).toBe(66_048);
    expect(wire.withEnabled(66_048, false)).toBe(66_050);
    expect(wire.withEnabled(512, true)).toBe(512);
  });

  it('of a finished account wants a password', () => {
    expect(wire.finishedAccount(546)).toBe(512);
  });
});

describe('ranges of values', () => {
  it('are put together until the last', () => {
    const first: Entry = { dn: 'CN=g', member: [], 'member;range=0-1': ['a', 'b'], cn: 'g' };
    expect(wire.openRange(first)).toEqual({ attribute: 'member', next: 2 });
    const second = wire.joinRange(first, 'member', {
      dn: 'CN=g',
      'member;range=2-*': [],
      'member;range=2-3': ['c', 'd'],
    });
    expect(wire.openRange(second)).toEqual({ attribute: 'member', next: 4 });
    const last = wire.joinRange(second, 'member', { dn: 'CN=g', 'member;range=4-*': 'e' });
    expect(wire.openRange(last)).toBeUndefined();
    expect(last).toEqual({ dn: 'CN=g', cn: 'g', member: ['a', 'b', 'c', 'd', 'e'] });
  });
});

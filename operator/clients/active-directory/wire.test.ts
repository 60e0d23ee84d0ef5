import * as fc from 'fast-check';
import { BerWriter } from 'ldapts';
import { describe, expect, it } from 'vitest';
import { distinctCommonName } from './accounts.ts';
import { groupAccountName } from './structure.ts';
import * as wire from './wire.ts';

const bytes = Buffer.from('66895d85b3dc9843b90b3be412e11327', 'hex');
const guid = '855d8966-dcb3-4398-b90b-3be412e11327';
const ou = 'OU=Customers,DC=corp,DC=example';

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

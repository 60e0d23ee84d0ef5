import type { Entry } from 'ldapts';
import { describe, expect, it } from 'vitest';
import { joinRange, openRange, toAccount } from './entries.ts';
import { ownerAttribute } from './wire.ts';

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
    expect(toAccount(entry(more), ou).lastLogonMs).toBe(expected);
  });
});

describe('an account', () => {
  it('is what the entry says', () => {
    const account = toAccount(
      entry({
        userPrincipalName: 'mia@contoso.example',
        [ownerAttribute]: 'uid-1',
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
    const account = toAccount(entry({ userAccountControl, pwdLastSet }), ou);
    expect(account.lacksPassword).toBe(lacks);
  });

  it.each([[], ['yesterday']])('has no time that nobody can read: %s', (...whenChanged) => {
    expect(toAccount(entry({ whenChanged }), ou)).not.toHaveProperty('changedAt');
  });

  it('has the ConsistencyGuid as anchor where there is one', () => {
    const consistency = Buffer.from('0123456789abcdef');
    const account = toAccount(entry({ 'mS-DS-ConsistencyGuid': consistency }), ou);
    expect(account.anchor).toBe(consistency.toString('base64'));
  });

  it('says what the service account may not read', () => {
    expect(() => toAccount(entry({ userAccountControl: [] }), ou)).toThrow(
      'may not read userAccountControl',
    );
  });
});

describe('ranges of values', () => {
  it('are put together until the last', () => {
    const first: Entry = { dn: 'CN=g', member: [], 'member;range=0-1': ['a', 'b'], cn: 'g' };
    expect(openRange(first)).toEqual({ attribute: 'member', next: 2 });
    const second = joinRange(first, 'member', {
      dn: 'CN=g',
      'member;range=2-*': [],
      'member;range=2-3': ['c', 'd'],
    });
    expect(openRange(second)).toEqual({ attribute: 'member', next: 4 });
    const last = joinRange(second, 'member', { dn: 'CN=g', 'member;range=4-*': 'e' });
    expect(openRange(last)).toBeUndefined();
    expect(last).toEqual({ dn: 'CN=g', cn: 'g', member: ['a', 'b', 'c', 'd', 'e'] });
  });
});

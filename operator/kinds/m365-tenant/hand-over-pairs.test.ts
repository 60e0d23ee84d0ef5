import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AdSide, type EntraSide, type Pairing, pairAccounts } from './hand-over-pairs.ts';

const ad = (name: string, more: Partial<AdSide> & { readonly mail?: string } = {}): AdSide => ({
  objectGuid: `guid-${name}`,
  anchor: `anchor-${name}`,
  samAccountName: name,
  userPrincipalName: `${name}@contoso.example`,
  attributes: more.mail === undefined ? {} : { mail: more.mail },
  ...more,
});

const entra = (name: string, more: Partial<EntraSide> = {}): EntraSide => ({
  id: `id-${name}`,
  userPrincipalName: `${name}@contoso.example`,
  onPremisesImmutableId: `anchor-${name}`,
  ...more,
});

const cloud = { onPremisesImmutableId: undefined };

/** In short: `mia=mia Anchor`, `? mia`, `ad mia`. */
function shown(pairing: Pairing): string[] {
  const plain = (text: string): string => text.replace(/^(guid|id)-/, '');
  return [
    ...pairing.matched.map(
      ({ account, user, way }) => `${plain(account.objectGuid)}=${plain(user.id)} ${way}`,
    ),
    ...pairing.anchorsDiffer.map(
      ({ account, user, way }) => `${plain(account.objectGuid)}≠${plain(user.id)} ${way}`,
    ),
    ...pairing.ambiguousAccounts.map(({ objectGuid }) => `? ad ${plain(objectGuid)}`),
    ...pairing.ambiguousUsers.map(({ id }) => `? entra ${plain(id)}`),
    ...pairing.onlyActiveDirectory.map(({ objectGuid }) => `ad ${plain(objectGuid)}`),
    ...pairing.onlyEntra.map(({ id }) => `entra ${plain(id)}`),
  ].sort();
}

type Row = readonly [
  name: string,
  accounts: readonly AdSide[],
  users: readonly EntraSide[],
  expected: readonly string[],
];

const rows: readonly Row[] = [
  ['the same anchor', [ad('mia')], [entra('mia')], ['mia=mia Anchor']],
  [
    'the same anchor, and another name by now',
    [ad('mia', { userPrincipalName: 'mia.lund@contoso.example' })],
    [entra('mia')],
    ['mia=mia Anchor'],
  ],
  [
    'the same name in other letters, no anchor yet',
    [ad('mia', { userPrincipalName: 'Mia@Contoso.example' })],
    [entra('mia', cloud)],
    ['mia=mia Name'],
  ],
  [
    'the same mail in other letters, no anchor yet',
    [ad('mia', { userPrincipalName: undefined, mail: 'Mia.Lund@contoso.example' })],
    [entra('other', { ...cloud, mail: 'mia.lund@contoso.example' })],
    ['mia=other Mail'],
  ],
  [
    'a name in common and different anchors',
    [ad('mia')],
    [entra('mia', { onPremisesImmutableId: 'else' })],
    ['mia≠mia Name'],
  ],
  [
    'an anchor that two accounts hold: ms-DS-ConsistencyGuid is not unique',
    [ad('mia'), ad('max', { anchor: 'anchor-mia' })],
    [entra('mia')],
    ['? ad max', '? ad mia', '? entra mia'],
  ],
  [
    'a mail that two accounts hold',
    [ad('mia', { mail: 'm@x.example' }), ad('max', { mail: 'm@x.example' })],
    [entra('m', { ...cloud, mail: 'm@x.example' })],
    ['? ad max', '? ad mia', '? entra m'],
  ],
  [
    'the name of a matched one, held by an account that is nobody else’s',
    [ad('mia')],
    [
      entra('mia', { userPrincipalName: 'old@contoso.example' }),
      entra('usurper', { ...cloud, userPrincipalName: 'mia@contoso.example' }),
    ],
    ['? ad mia', '? entra mia', '? entra usurper'],
  ],
  [
    'names that two people exchange: anchors tell them apart',
    [
      ad('mia', { userPrincipalName: 'max@contoso.example' }),
      ad('max', { userPrincipalName: 'mia@contoso.example' }),
    ],
    [entra('mia'), entra('max')],
    ['max=max Anchor', 'mia=mia Anchor'],
  ],
  ['nobody in Entra', [ad('mia')], [], ['ad mia']],
  ['nobody in Active Directory', [], [entra('mia')], ['entra mia']],
  ['an account of the cloud', [], [entra('mia', cloud)], []],
  [
    'a part of a name is no match',
    [ad('mia', { userPrincipalName: 'mia@fabrikam.example' })],
    [entra('mia', cloud)],
    ['ad mia'],
  ],
];

describe('accounts of both directories are paired', () => {
  it.each(rows)('%s', (_, accounts, users, expected) => {
    expect(shown(pairAccounts(accounts, users))).toEqual(expected);
  });

  const letter = fc.constantFrom('a', 'b', 'c');
  const optional = fc.option(letter, { nil: undefined });
  const side = fc.record({ anchor: letter, name: optional, mail: optional });
  const world = fc.record({
    accounts: fc.array(side, { maxLength: 4 }),
    users: fc.array(fc.record({ anchor: optional, name: letter, mail: optional }), {
      maxLength: 4,
    }),
  });
  const sides = world.map(({ accounts, users }) => ({
    accounts: accounts.map(({ anchor, name, mail }, index) =>
      ad(String(index), {
        anchor,
        userPrincipalName: name,
        ...(mail === undefined ? {} : { mail }),
      }),
    ),
    // Entra lets nobody have a name that somebody has.
    users: [...new Map(users.map((user) => [user.name, user])).values()].map(
      ({ anchor, name, mail }, index) =>
        entra(String(index), { onPremisesImmutableId: anchor, userPrincipalName: name, mail }),
    ),
  }));

  it('each account once, whatever the order', () => {
    fc.assert(
      fc.property(sides, ({ accounts, users }) => {
        const pairing = pairAccounts(accounts, users);
        const pairs = [...pairing.matched, ...pairing.anchorsDiffer];
        const seen = [
          ...pairs.map(({ account }) => account),
          ...pairing.ambiguousAccounts,
          ...pairing.onlyActiveDirectory,
        ];
        expect(seen).toHaveLength(accounts.length);
        expect(new Set(seen)).toEqual(new Set(accounts));
        const people = [
          ...pairs.map(({ user }) => user),
          ...pairing.ambiguousUsers,
          ...pairing.onlyEntra,
        ];
        expect(new Set(people).size).toBe(people.length);
        expect(shown(pairAccounts(accounts.toReversed(), users.toReversed()))).toEqual(
          shown(pairing),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('never with somebody whose anchor is another’s', () => {
    fc.assert(
      fc.property(sides, ({ accounts, users }) => {
        for (const { account, user } of pairAccounts(accounts, users).matched)
          expect([undefined, account.anchor]).toContain(user.onPremisesImmutableId);
      }),
      { numRuns: 300 },
    );
  });
});

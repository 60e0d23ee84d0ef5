/**
 * Which account of Active Directory is which of Entra, when a sync server goes. Never by a part of a name. Pure.
 *
 * | of the accounts that are left after the lines above             | result           |
 * | --------------------------------------------------------------- | ---------------- |
 * | one of each side with the same anchor                           | matched          |
 * | …and another account of Entra, nobody else's, has its name      | ambiguous        |
 * | one of each side with the same userPrincipalName, Entra's without an anchor | matched |
 * | one of each side with the same mail, Entra's without an anchor  | matched          |
 * | the same name or mail, and Entra's has another anchor           | anchor differs   |
 * | several of a side with the same anchor, name or mail            | ambiguous        |
 * | none, in Active Directory                                       | only there       |
 * | none, in Entra, with an anchor                                  | only there       |
 * | none, in Entra, without one: of the cloud                       | not of interest  |
 *
 * The order in which accounts come changes nothing.
 */
import type { AdAccount } from '../../clients/active-directory/port.ts';
import type { EntraUser } from '../../clients/graph/port.ts';

/** Of an account in Active Directory. */
export type AdSide = Pick<
  AdAccount,
  'objectGuid' | 'anchor' | 'userPrincipalName' | 'samAccountName' | 'attributes'
>;

/** Of an account in Entra. */
export type EntraSide = Pick<
  EntraUser,
  'id' | 'userPrincipalName' | 'mail' | 'onPremisesImmutableId' | 'onPremisesSyncEnabled'
>;

const ways = ['Anchor', 'Name', 'Mail'] as const;
type Way = (typeof ways)[number];

export interface Pair {
  readonly account: AdSide;
  readonly user: EntraSide;
  readonly way: Way;
}

export interface Pairing {
  readonly matched: readonly Pair[];
  readonly anchorsDiffer: readonly Pair[];
  readonly ambiguousAccounts: readonly AdSide[];
  readonly ambiguousUsers: readonly EntraSide[];
  readonly onlyActiveDirectory: readonly AdSide[];
  readonly onlyEntra: readonly EntraSide[];
}

const adKeys: Readonly<Record<Way, (account: AdSide) => string | undefined>> = {
  Anchor: ({ anchor }) => anchor,
  Name: ({ userPrincipalName }) => userPrincipalName?.toLowerCase(),
  Mail: ({ attributes }) => attributes['mail']?.toLowerCase(),
};

const entraKeys: Readonly<Record<Way, (user: EntraSide) => string | undefined>> = {
  Anchor: ({ onPremisesImmutableId }) => onPremisesImmutableId,
  Name: ({ userPrincipalName }) => userPrincipalName.toLowerCase(),
  Mail: ({ mail }) => mail?.toLowerCase(),
};

export function pairAccounts(accounts: readonly AdSide[], users: readonly EntraSide[]): Pairing {
  const free = { accounts: new Set(accounts), users: new Set(users) };
  const pairs: Pair[] = [];
  const ambiguous = { accounts: new Set<AdSide>(), users: new Set<EntraSide>() };
  for (const way of ways) {
    const round = pairBy(way, free);
    pairs.push(...round.pairs);
    for (const account of round.accounts) ambiguous.accounts.add(account);
    for (const user of round.users) ambiguous.users.add(user);
    for (const account of round.taken.accounts) free.accounts.delete(account);
    for (const user of round.taken.users) free.users.delete(user);
  }
  const usurped = usurpedBy(free.users, pairs);
  for (const { pair, user } of usurped) {
    ambiguous.accounts.add(pair.account);
    ambiguous.users.add(pair.user).add(user);
    free.users.delete(user);
  }
  const doubtful = new Set(usurped.map(({ pair }) => pair));
  const sure = pairs.filter((pair) => !doubtful.has(pair));
  return {
    matched: sure.filter((pair) => !differs(pair)),
    anchorsDiffer: sure.filter(differs),
    ambiguousAccounts: [...ambiguous.accounts],
    ambiguousUsers: [...ambiguous.users],
    onlyActiveDirectory: [...free.accounts],
    onlyEntra: [...free.users].filter((user) => user.onPremisesImmutableId !== undefined),
  };
}

interface Sides {
  readonly accounts: ReadonlySet<AdSide>;
  readonly users: ReadonlySet<EntraSide>;
}

interface Round {
  readonly pairs: readonly Pair[];
  /** Ambiguous ones. */
  readonly accounts: readonly AdSide[];
  readonly users: readonly EntraSide[];
  readonly taken: Sides;
}

function pairBy(way: Way, free: Sides): Round {
  const accountsOf = Map.groupBy(free.accounts, adKeys[way]);
  const usersOf = Map.groupBy(free.users, entraKeys[way]);
  const pairs: Pair[] = [];
  const ambiguous: { accounts: AdSide[]; users: EntraSide[] } = { accounts: [], users: [] };
  for (const [key, accounts] of accountsOf) {
    const users = usersOf.get(key) ?? [];
    const [account, user] = [accounts[0], users[0]];
    if (key === undefined || account === undefined || user === undefined) continue;
    if (accounts.length === 1 && users.length === 1) pairs.push({ account, user, way });
    else {
      ambiguous.accounts.push(...accounts);
      ambiguous.users.push(...users);
    }
  }
  return {
    pairs,
    ...ambiguous,
    taken: {
      accounts: new Set([...ambiguous.accounts, ...pairs.map(({ account }) => account)]),
      users: new Set([...ambiguous.users, ...pairs.map(({ user }) => user)]),
    },
  };
}

/** Accounts of Entra that are nobody's and have the name of one that is matched to another. */
function usurpedBy(
  free: ReadonlySet<EntraSide>,
  pairs: readonly Pair[],
): readonly { readonly pair: Pair; readonly user: EntraSide }[] {
  const names = new Map([...free].map((user) => [entraKeys.Name(user), user]));
  return pairs.flatMap((pair) => {
    const name = adKeys.Name(pair.account);
    const user = name === undefined ? undefined : names.get(name);
    return user === undefined ? [] : [{ pair, user }];
  });
}

function differs({ account, user }: Pair): boolean {
  return user.onPremisesImmutableId !== undefined && user.onPremisesImmutableId !== account.anchor;
}

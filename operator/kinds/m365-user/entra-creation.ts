/** How a person comes to an account in Entra. Pure. */
import type { EntraUser } from '../../clients/graph/port.ts';
import { domainPart } from '../../core/names.ts';
import type { M365User } from '../../core/objects.ts';
import * as act from './actions.ts';
import { anchorInForce } from './directory-lost.ts';
import type { ObservedUser } from './observed.ts';
import type { Side, Sight } from './side.ts';

const type = 'EntraSynced';

export const anchorRequired: Side = {
  type,
  isSynced: false,
  isStalled: true,
  reason: 'AnchorRequired',
  message:
    'userPrincipalName is in a federated domain: an account there needs an anchor, which comes from an account in Active Directory',
  actions: [],
  drift: [],
};

export function creation(user: M365User, observed: ObservedUser, { leave }: Sight): Side {
  const waitsForAnchor =
    observed.directoryMode === 'Managed' && observed.activeDirectory === undefined;
  const base = { type, isSynced: false, actions: [], drift: [] } as const;
  if (waitsForAnchor) {
    return {
      ...base,
      reason: 'WaitingForAnchor',
      message: 'the account in Active Directory comes first: it gives the anchor',
    };
  }
  if (observed.directoryMode === 'EntraConnect') {
    return {
      ...base,
      reason: 'WaitingForSync',
      message: 'the sync server makes this account: create it in Active Directory',
    };
  }
  if (observed.unverifiedDomain !== undefined)
    return { ...base, ...waitingForDomain(observed.unverifiedDomain) };
  if (leave.has('userPrincipalName')) {
    return { ...base, ...leftDeleted, drift: missingAccount(user) };
  }
  if (observed.deleted !== undefined) return restoration(user, observed, observed.deleted);
  return user.spec.type === 'Guest' ? newGuest(user) : newAccount(user, observed);
}

const leftDeleted = {
  reason: 'AccountDeleted',
  message: 'others deleted the account, and it is left so, as the drift policy says',
} as const;

function restoration(user: M365User, { origin }: ObservedUser, deleted: EntraUser): Side {
  return {
    type,
    isSynced: false,
    reason: 'AccountDeleted',
    message: 'the account is being restored from the recycle bin of Entra ID',
    actions: [act.restoreEntraUser(deleted, origin === 'Made')],
    drift: missingAccount(user),
  };
}

function newGuest(user: M365User): Side {
  return {
    type,
    isSynced: false,
    reason: 'GuestMissing',
    message: 'the guest is being invited',
    actions: [act.inviteGuest],
    drift: missingAccount(user),
  };
}

function newAccount(user: M365User, observed: ObservedUser): Side {
  const isFederated = observed.federatedDomains.includes(domainPart(user.spec.userPrincipalName));
  if (isFederated && observed.activeDirectory === undefined) return anchorRequired;
  const needsSecret = observed.hasPasswordSecret === false && observed.directoryMode !== 'Managed';
  return {
    type,
    isSynced: false,
    reason: 'AccountMissing',
    message: 'the account is being created in Entra ID',
    actions: [
      ...(needsSecret ? [act.createPasswordSecret] : []),
      act.createEntraUser(anchorInForce(user, observed)),
    ],
    drift: missingAccount(user),
  };
}

function missingAccount({ spec, status }: M365User): Side['drift'] {
  if (status?.entraId === undefined) return [];
  return [{ path: 'userPrincipalName', type: 'Missing', declared: spec.userPrincipalName }];
}

/** The account is there under another name, and keeps it until the domain is verified: in both directories, who have one name. */
export function awaitsDomain(
  { spec }: M365User,
  { unverifiedDomain, entra }: Pick<ObservedUser, 'unverifiedDomain' | 'entra'>,
): boolean {
  const name = entra?.userPrincipalName.toLowerCase() ?? spec.userPrincipalName.toLowerCase();
  return unverifiedDomain !== undefined && name !== spec.userPrincipalName.toLowerCase();
}

export function waitingForDomain(domain: string): Pick<Side, 'reason' | 'message'> {
  return {
    reason: 'WaitingForDomain',
    message: `the tenant's domain ${domain} is not verified yet`,
  };
}

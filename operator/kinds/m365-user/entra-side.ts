/** The Entra part of plan.ts's table. Pure. */
import type { AssignedLicense, EntraUser, UserPatch } from '../../clients/graph/port.ts';
import { changedFields, driftOf } from '../../core/diff.ts';
import type { M365User } from '../../core/objects.ts';
import * as act from './actions.ts';
import { entraProfile, isEnabled } from './desired.ts';
import type { ObservedUser, WantedLicense } from './observed.ts';
import { refusalSide } from './refusals.ts';
import type { Side } from './side.ts';

const type = 'EntraSynced';

export function entraSide(user: M365User, observed: ObservedUser, nowMs: number): Side {
  const { entra } = observed;
  if (observed.refusal !== undefined) return refusalSide(observed.refusal);
  if (entra === undefined) return creation(user, observed);
  const anchor = observed.activeDirectory?.anchor;
  if (anchor !== undefined && (entra.onPremisesImmutableId ?? anchor) !== anchor)
    return otherAnchor;
  const profile = profilePart(user, { ...observed, entra }, nowMs);
  const parts = [
    profile,
    licensePart(user, entra, observed),
    managerPart(entra, observed),
    ...groupParts(entra, observed),
  ];
  const actions = parts.flatMap((part) => part.actions);
  if (actions.length === 0) return settled(user, entra, observed);
  return {
    type,
    isSynced: false,
    reason: 'AccountDiffers',
    message: 'the account is being changed',
    actions,
    drift: parts.flatMap((part) => part.drift),
  };
}

/** Nothing is left to do: what it still waits for. */
function settled(user: M365User, entra: EntraUser, observed: ObservedUser): Side {
  const base = { type, isSynced: false, actions: [], drift: [] } as const;
  const { unverifiedDomain, licenses } = observed;
  if (unverifiedDomain !== undefined && !isSameName(entra, user)) {
    return { ...base, ...waitingForDomain(unverifiedDomain) };
  }
  if (licenses.some((wanted) => !holds(entra, wanted) && !wanted.hasFreeSeat)) {
    return { ...base, reason: 'WaitingForSeat', message: 'no seat is free yet; the pool knows' };
  }
  return {
    ...base,
    isSynced: true,
    reason: 'AccountInSync',
    message: 'the account is as declared',
  };
}

function creation(user: M365User, observed: ObservedUser): Side {
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
  if (observed.deleted !== undefined) {
    return {
      ...base,
      reason: 'AccountDeleted',
      message: 'the account is being restored from the recycle bin of Entra ID',
      actions: [act.restoreEntraUser(observed.deleted, observed.origin === 'Made')],
      drift: missingAccount(user),
    };
  }
  const needsSecret = observed.hasPasswordSecret === false && observed.directoryMode !== 'Managed';
  return {
    ...base,
    reason: 'AccountMissing',
    message: 'the account is being created in Entra ID',
    actions: [
      ...(needsSecret ? [act.createPasswordSecret] : []),
      act.createEntraUser(observed.activeDirectory?.anchor),
    ],
    drift: missingAccount(user),
  };
}

function missingAccount({ spec, status }: M365User): Side['drift'] {
  if (status?.entraId === undefined) return [];
  return [{ path: 'userPrincipalName', type: 'Missing', declared: spec.userPrincipalName }];
}

function waitingForDomain(domain: string): Pick<Side, 'reason' | 'message'> {
  return {
    reason: 'WaitingForDomain',
    message: `the tenant's domain ${domain} is not verified yet`,
  };
}

type Part = Pick<Side, 'actions' | 'drift'>;

const nothing: Part = { actions: [], drift: [] };

/** An anchor once set is never changed: people would lose their sign-in. */
const otherAnchor: Side = {
  type,
  isSynced: false,
  reason: 'AnchorDiffers',
  message:
    'the accounts in Entra ID and Active Directory have different anchors: they are not the same person to Microsoft',
  actions: [],
  drift: [],
};

function profilePart(
  user: M365User,
  { entra, activeDirectory, unverifiedDomain }: ObservedUser & { readonly entra: EntraUser },
  nowMs: number,
): Part {
  // What a sync server owns is changed in Active Directory; Graph would refuse it.
  if (entra.onPremisesSyncEnabled === true) return nothing;
  const declared = {
    ...entraProfile(user),
    accountEnabled: isEnabled(user, nowMs),
    onPremisesImmutableId: activeDirectory?.anchor,
  };
  // A name that is declared in other letter case is no difference; one in an unverified domain has to wait.
  const keepsName = isSameName(entra, user) || unverifiedDomain !== undefined;
  const actual = {
    ...entra,
    userPrincipalName: keepsName ? user.spec.userPrincipalName : entra.userPrincipalName,
  };
  const patch: UserPatch = changedFields(declared, actual);
  const names = Object.keys(patch);
  if (names.length === 0) return nothing;
  return {
    actions: [
      act.updateEntraUser(entra.id, patch, names.join(', ')),
      ...(patch.accountEnabled === false ? [act.revokeSessions(entra.id)] : []),
    ],
    drift: driftOf('', { ...patch }, { ...entra }),
  };
}

function isSameName(entra: EntraUser, { spec }: M365User): boolean {
  return entra.userPrincipalName.toLowerCase() === spec.userPrincipalName.toLowerCase();
}

function holds(entra: EntraUser, { skuId }: WantedLicense): boolean {
  return entra.assignedLicenses.some((license) => license.skuId === skuId);
}

function licensePart(user: M365User, entra: EntraUser, { licenses, surplus }: ObservedUser): Part {
  // A licence that the person never had is new in the tenant's plan: nobody has taken it away.
  const given = user.status?.licenses ?? [];
  const add = licenses.filter(
    (wanted) =>
      wanted.skuId !== undefined &&
      !isAsWanted(entra, wanted) &&
      (wanted.hasFreeSeat || holds(entra, wanted)),
  );
  const remove = surplus.filter(({ skuId }) => isOwn(entra, skuId));
  if (add.length + remove.length === 0) return nothing;
  const words = [
    ...(add.length > 0 ? [`assigned a seat of ${add.map(({ pool }) => pool).join(', ')}`] : []),
    ...(remove.length > 0
      ? [`freed the seat of ${remove.map(({ pool }) => pool).join(', ')}`]
      : []),
  ];
  const change = {
    add: add.map(
      ({ skuId, disabledPlans }): AssignedLicense => ({ skuId: skuId ?? '', disabledPlans }),
    ),
    remove: remove.map(({ skuId }) => skuId),
  };
  return {
    actions: [act.assignLicenses(entra.id, change, words.join('; '))],
    drift: add
      .filter(({ pool }) => given.includes(pool))
      .map((wanted) => ({
        path: `licenses[${wanted.pool}]`,
        type: holds(entra, wanted) ? ('Different' as const) : ('Missing' as const),
        declared: wanted.pool,
      })),
  };
}

/** What comes from a group is the group's: it is neither taken away nor given once more. */
function isOwn(entra: EntraUser, skuId: string): boolean {
  const inherited = entra.inheritedLicenses?.find((license) => license.skuId === skuId);
  const isHeld = entra.assignedLicenses.some((license) => license.skuId === skuId);
  return isHeld && (inherited === undefined || inherited.isDirectToo);
}

function isAsWanted(entra: EntraUser, wanted: WantedLicense): boolean {
  if (holds(entra, wanted) && !isOwn(entra, wanted.skuId ?? '')) return true;
  const held = entra.assignedLicenses.find(({ skuId }) => skuId === wanted.skuId);
  if (held === undefined) return false;
  return [...held.disabledPlans].sort().join() === [...wanted.disabledPlans].sort().join();
}

function managerPart(entra: EntraUser, { manager }: ObservedUser): Part {
  if (manager?.entraId === undefined || manager.entraId === entra.managerId) return nothing;
  if (entra.onPremisesSyncEnabled === true) return nothing;
  return {
    actions: [act.setManager(entra.id, manager.entraId, manager.name)],
    drift: [
      {
        path: 'managerRef',
        type: entra.managerId === undefined ? 'Missing' : 'Different',
        declared: manager.name,
      },
    ],
  };
}

function groupParts(entra: EntraUser, { groups, formerGroups }: ObservedUser): readonly Part[] {
  const joins = groups
    .filter(({ isMember }) => !isMember)
    .map(({ id, name }): Part => {
      const action = id === undefined ? act.createGroup(name) : act.joinGroup(entra.id, id, name);
      return {
        actions: [action],
        drift: [{ path: `groups[${name}]`, type: 'Missing', declared: name }],
      };
    });
  const leaves = formerGroups.flatMap(({ id, name, isMember }): Part[] =>
    isMember && id !== undefined
      ? [{ actions: [act.leaveGroup(entra.id, id, name)], drift: [] }]
      : [],
  );
  return [...joins, ...leaves];
}

/** The Entra part of plan.ts's table. Pure. */
import type { AssignedLicense, EntraUser, UserPatch } from '../../clients/graph/port.ts';
import { changedFields, driftOf, without } from '../../core/diff.ts';
import type { M365User } from '../../core/objects.ts';
import * as act from './actions.ts';
import { entraProfile, isEnabled } from './desired.ts';
import { anchorInForce, anchorsDiffer, otherAnchor } from './directory-lost.ts';
import { anchorRequired, creation, waitingForDomain } from './entra-creation.ts';
import { nameChange } from './name-change.ts';
import type { ObservedUser, WantedLicense } from './observed.ts';
import { refusalSide } from './refusals.ts';
import { type Side, type Sight, syncedMessage } from './side.ts';

const type = 'EntraSynced';

export function entraSide(user: M365User, observed: ObservedUser, sight: Sight): Side {
  const { entra } = observed;
  if (observed.refusal !== undefined) return refusalSide(observed.refusal);
  if (entra === undefined) return creation(user, observed, sight);
  if (anchorsDiffer(user, observed))
    return { ...otherAnchor(type), actions: blockOf(user, entra, sight) };
  const profile = profilePart(user, { ...observed, entra }, sight);
  if (profile === undefined) return { ...anchorRequired, actions: blockOf(user, entra, sight) };
  const parts = [
    profile,
    sessionsPart(user, entra, sight),
    licensePart(entra, observed, sight),
    managerPart(entra, observed, sight),
    ...groupParts(entra, observed, sight),
  ];
  const actions = parts.flatMap((part) => part.actions);
  const drift = parts.flatMap((part) => part.drift);
  if (actions.length === 0) return { ...settled(user, entra, { observed, sight }), drift };
  return {
    type,
    isSynced: false,
    reason: 'AccountDiffers',
    message: 'the account is being changed',
    actions,
    drift,
  };
}

/** Nothing is left to do: what it still waits for. */
function settled(
  user: M365User,
  entra: EntraUser,
  { observed, sight }: { readonly observed: ObservedUser; readonly sight: Sight },
): Side {
  const base = { type, isSynced: false, actions: [], drift: [] } as const;
  const { unverifiedDomain, licenses } = observed;
  if (unverifiedDomain !== undefined && !isSameName(entra, user)) {
    return { ...base, ...waitingForDomain(unverifiedDomain) };
  }
  if (licenses.some((wanted) => isAwaited(entra, wanted, sight))) {
    return { ...base, reason: 'WaitingForSeat', message: 'no seat is free yet; the pool knows' };
  }
  return {
    ...base,
    isSynced: true,
    reason: 'AccountInSync',
    message: syncedMessage(sight),
  };
}

type Part = Pick<Side, 'actions' | 'drift'>;

const nothing: Part = { actions: [], drift: [] };

/** Of a person who must not sign in, where nothing else can be written. */
function blockOf(user: M365User, entra: EntraUser, sight: Sight): Side['actions'] {
  const isToBlock = !isEnabled(user, sight.nowMs) && !sight.leave.has('accountEnabled');
  const isOpen = entra.accountEnabled && entra.onPremisesSyncEnabled !== true;
  const block = act.updateEntraUser(entra.id, { accountEnabled: false }, 'accountEnabled');
  return [...(isToBlock && isOpen ? [block] : []), ...sessionsPart(user, entra, sight).actions];
}

/** Undefined: the name cannot be changed to the declared one. */
function profilePart(
  user: M365User,
  observed: ObservedUser & { readonly entra: EntraUser },
  { nowMs, leave }: Sight,
): Part | undefined {
  const { entra, unverifiedDomain } = observed;
  // What a sync server owns is changed in Active Directory; Graph would refuse it.
  if (entra.onPremisesSyncEnabled === true) return nothing;
  const declared = {
    ...entraProfile(user),
    accountEnabled: isEnabled(user, nowMs),
    onPremisesImmutableId: anchorInForce(user, observed),
  };
  // A name that is declared in other letter case is no difference; one in an unverified domain has to wait.
  const keepsName = isSameName(entra, user) || unverifiedDomain !== undefined;
  const actual = {
    ...entra,
    // What the directory keeps without a value is the tenant's rule.
    passwordPolicies: entra.passwordPolicies ?? 'None',
    otherMails: entra.otherMails ?? [],
    mail: isSameAddress(entra.mail, user.spec.mail) ? declared.mail : entra.mail,
    userPrincipalName: keepsName ? declared.userPrincipalName : entra.userPrincipalName,
  };
  const changed = changedFields(declared, actual);
  if (Object.keys(changed).length === 0) return nothing;
  const drift = driftOf('', changed, { ...entra }).map(asDeclared);
  const isLeft = (path: string): boolean => leave.has(asDeclared({ path }).path);
  const patch: UserPatch = without(changed, new Set(Object.keys(changed).filter(isLeft)));
  const names = Object.keys(patch);
  if (names.length === 0) return { actions: [], drift };
  const change = renaming(patch, observed);
  if (change === undefined) return undefined;
  return {
    actions: [act.updateEntraUser(entra.id, change.patch, names.join(', '), change.needsPassword)],
    drift,
  };
}

/** Letter case of an address is no difference. */
function isSameAddress(actual: string | undefined, declared: string | undefined): boolean {
  return actual?.toLowerCase() === declared?.toLowerCase();
}

/** By the name of the field in spec. */
export function asDeclared<Entry extends { readonly path: string }>(entry: Entry): Entry {
  return entry.path === 'businessPhones' ? { ...entry, path: 'businessPhone' } : entry;
}

/** With the name that the account can have next (name-change.ts). */
function renaming(
  patch: UserPatch,
  { entra, activeDirectory, ...domains }: ObservedUser & { readonly entra: EntraUser },
): { readonly patch: UserPatch; readonly needsPassword: boolean } | undefined {
  if (patch.userPrincipalName === undefined) return { patch, needsPassword: false };
  const hasAnchor = (entra.onPremisesImmutableId ?? activeDirectory?.anchor) !== undefined;
  const change = nameChange(entra.userPrincipalName, patch.userPrincipalName, {
    ...domains,
    hasAnchor,
  });
  if (change === undefined) return undefined;
  const { userPrincipalName, needsPassword } = change;
  return { patch: { ...patch, userPrincipalName }, needsPassword };
}

/** Blocking an account ends no session: that is a call of its own, and a crash may come between the two. */
function sessionsPart(user: M365User, entra: EntraUser, { nowMs, leave }: Sight): Part {
  if (entra.accountEnabled && leave.has('accountEnabled')) return nothing;
  const isRevoked = !entra.accountEnabled && user.status?.sessionsRevoked === true;
  // While a sync server has not blocked the account yet, nothing keeps the person from a new session.
  const isBlocked = !entra.accountEnabled || entra.onPremisesSyncEnabled !== true;
  if (isEnabled(user, nowMs) || isRevoked || !isBlocked) return nothing;
  return { actions: [act.revokeSessions(entra.id)], drift: [] };
}

function isSameName(entra: EntraUser, { spec }: M365User): boolean {
  if (spec.type === 'Guest') return true;
  return entra.userPrincipalName.toLowerCase() === spec.userPrincipalName.toLowerCase();
}

function holds(entra: EntraUser, { skuId }: WantedLicense): boolean {
  return entra.assignedLicenses.some((license) => license.skuId === skuId);
}

function isAwaited(entra: EntraUser, wanted: WantedLicense, { leave }: Sight): boolean {
  return !holds(entra, wanted) && !wanted.hasFreeSeat && !leave.has(licensePath(wanted));
}

/** What was given before goes when what comes instead is there: nobody is without a mailbox between two plans. */
function replaced(
  entra: EntraUser,
  { licenses, surplus, unknownPools }: ObservedUser,
  sight: Sight,
): ObservedUser['surplus'] {
  const isWaiting = licenses.some((wanted) => isAwaited(entra, wanted, sight));
  if (isWaiting || unknownPools.length > 0) return [];
  return surplus.filter(({ skuId }) => isOwn(entra, skuId));
}

function licensePart(entra: EntraUser, observed: ObservedUser, sight: Sight): Part {
  const { licenses } = observed;
  const { leave } = sight;
  const differing = licenses.filter((wanted) => !isAsWanted(entra, wanted));
  const drift = differing.map((wanted) => ({
    path: licensePath(wanted),
    type: holds(entra, wanted) ? ('Different' as const) : ('Missing' as const),
    declared: wanted.pool,
  }));
  const add = differing.filter(
    (wanted) =>
      wanted.skuId !== undefined &&
      !leave.has(licensePath(wanted)) &&
      (wanted.hasFreeSeat || holds(entra, wanted)),
  );
  const remove = replaced(entra, observed, sight);
  if (add.length + remove.length === 0) return { actions: [], drift };
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
    drift,
  };
}

function licensePath({ pool }: WantedLicense): string {
  return `licenses[${pool}]`;
}

/** A licence of ours that is not wanted any more is there still. */
export function hasSurplus({ entra, surplus }: ObservedUser): boolean {
  return entra !== undefined && surplus.some(({ skuId }) => isOwn(entra, skuId));
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

function managerPart(entra: EntraUser, { manager }: ObservedUser, { leave }: Sight): Part {
  if (manager?.entraId === undefined || manager.entraId === entra.managerId) return nothing;
  if (entra.onPremisesSyncEnabled === true) return nothing;
  return {
    actions: leave.has(manager.field)
      ? []
      : [act.setManager(entra.id, manager.entraId, manager.name)],
    drift: [
      {
        path: manager.field,
        type: entra.managerId === undefined ? 'Missing' : 'Different',
        declared: manager.name,
      },
    ],
  };
}

function groupParts(
  entra: EntraUser,
  { groups, formerGroups, extraGroups }: ObservedUser,
  { leave }: Sight,
): readonly Part[] {
  const joins = groups
    .filter(({ isMember }) => !isMember)
    .map(({ id, name }): Part => {
      const action = id === undefined ? act.createGroup(name) : act.joinGroup(entra.id, id, name);
      const path = `groups[${name}]`;
      return {
        actions: leave.has(path) ? [] : [action],
        drift: [{ path, type: 'Missing', declared: name }],
      };
    });
  const leaves = formerGroups.flatMap(({ id, name, isMember }): Part[] =>
    isMember && id !== undefined
      ? [{ actions: [act.leaveGroup(entra.id, id, name)], drift: [] }]
      : [],
  );
  const extra = extraGroups.flatMap(({ id, name }): Part[] =>
    id === undefined
      ? []
      : [
          {
            actions: leave.has(`groups[${name}]`) ? [] : [act.leaveGroup(entra.id, id, name)],
            drift: [{ path: `groups[${name}]`, type: 'Extra', actual: name }],
          },
        ],
  );
  return [...joins, ...leaves, ...extra];
}

/** The Active Directory part of plan.ts's table. Pure. */
import type { AdAccount, AdAccountPatch } from '../../clients/active-directory/port.ts';
import { changedFields, driftOf, without } from '../../core/diff.ts';
import type { M365User } from '../../core/objects.ts';
import * as act from './actions.ts';
import { directoryAttributes, isEnabled } from './desired.ts';
import { fieldsOf, prefix } from './directory-fields.ts';
import { anchorsDiffer, lostPart, otherAnchor } from './directory-lost.ts';
import { outsidePart, placePart } from './directory-place.ts';
import { awaitsDomain, waitingForDomain } from './entra-creation.ts';
import type { ObservedUser } from './observed.ts';
import { type Side, type Sight, syncedMessage } from './side.ts';

/** Undefined: this tenant has no accounts in Active Directory of ours. */
export function activeDirectorySide(
  user: M365User,
  observed: ObservedUser,
  sight: Sight,
): Side | undefined {
  if (observed.directoryMode !== 'Managed') return undefined;
  const account = observed.activeDirectory;
  if (observed.isOutside) return outsidePart(user);
  if (account === undefined) return creation(user, observed, sight);
  const lost = lostPart(user, account, { observed, sight });
  const difference = differenceOf(user, account, { observed, sight });
  const changed = fieldsOf(difference.patch);
  const groups = observed.directoryGroups.filter(({ isMember }) => !isMember);
  const place = placePart(user, account, { observed, sight });
  const actions = [
    ...lost.actions,
    ...place.actions,
    ...(changed.length === 0
      ? []
      : [act.updateAdAccount(account.objectGuid, difference.patch, changed.join(', '))]),
    ...groups
      .filter(({ name }) => !sight.leave.has(groupPath(name)))
      .map(({ name }) => act.joinAdGroup(account.objectGuid, name)),
    ...(observed.formerDirectoryGroups ?? []).flatMap(({ id, isMember }) =>
      isMember && id !== undefined ? [act.leaveAdGroup(account.objectGuid, id)] : [],
    ),
  ];
  return {
    ...(anchorsDiffer(user, observed)
      ? otherAnchor('ActiveDirectorySynced')
      : stateOf(user, account, { observed, sight, isDone: actions.length === 0 })),
    actions,
    drift: [
      ...lost.drift,
      ...difference.drift,
      ...place.drift,
      ...groups.map(({ name }) => ({
        path: groupPath(name),
        type: 'Missing' as const,
        declared: name,
      })),
    ],
  };
}

function stateOf(
  user: M365User,
  { userPrincipalName }: AdAccount,
  {
    observed,
    sight,
    isDone,
  }: { readonly observed: ObservedUser; readonly sight: Sight; readonly isDone: boolean },
): Pick<Side, 'type' | 'isSynced' | 'reason' | 'message'> {
  const base = { type: 'ActiveDirectorySynced', isSynced: false } as const;
  if (!isDone) {
    return { ...base, reason: 'AccountDiffers', message: 'the account is being changed' };
  }
  const { missingAttributes = [], unverifiedDomain } = observed;
  const hasName = isSameName(userPrincipalName, user.spec.userPrincipalName);
  if (unverifiedDomain !== undefined && awaitsDomain(user, observed) && !hasName) {
    return { ...base, ...waitingForDomain(unverifiedDomain) };
  }
  if (missingAttributes.length > 0) {
    const names = missingAttributes.toSorted().join(', ');
    const message = `the schema of Active Directory lacks what activeDirectory.attributes names, and the rest is as declared: ${names}`;
    return { ...base, reason: 'SchemaLacksAttribute', message };
  }
  return { ...base, isSynced: true, reason: 'AccountInSync', message: syncedMessage(sight) };
}

function groupPath(name: string): string {
  return `activeDirectory.groups[${name}]`;
}

function creation(user: M365User, observed: ObservedUser, { leave }: Sight): Side {
  const { organizationalUnit, samAccountName } = observed;
  const isLeft = leave.has('activeDirectory');
  const needsSecret = observed.hasPasswordSecret === false && !isLeft;
  const actions =
    organizationalUnit === undefined || samAccountName === undefined || isLeft
      ? []
      : [act.createAdAccount(organizationalUnit, samAccountName, anchorOf(user, observed))];
  return {
    type: 'ActiveDirectorySynced',
    isSynced: false,
    reason: 'AccountMissing',
    message: isLeft
      ? 'others deleted the account in Active Directory, and it is left so, as the drift policy says'
      : 'the account is being created in Active Directory',
    actions: [...(needsSecret ? [act.createPasswordSecret] : []), ...actions],
    drift:
      user.status?.objectGuid === undefined
        ? []
        : [{ path: 'activeDirectory', type: 'Missing', declared: 'an account' }],
  };
}

/** An anchor once set is never changed: who lost the account in Active Directory gets one that has it (active-directory.md B2). */
function anchorOf({ status }: M365User, { entra, deleted }: ObservedUser): string | undefined {
  const known = entra ?? deleted;
  return known === undefined ? status?.anchor : known.onPremisesImmutableId;
}

interface Difference {
  /** What is to be written. */
  readonly patch: AdAccountPatch;
  readonly drift: Side['drift'];
}

function differenceOf(
  user: M365User,
  account: AdAccount,
  { observed, sight }: { readonly observed: ObservedUser; readonly sight: Sight },
): Difference {
  const attributes = changedFields(
    spelledAs(account.attributes, directoryAttributes(user)),
    account.attributes,
  ) as Record<string, string>;
  const { samAccountName = account.samAccountName } = user.spec.activeDirectory ?? {};
  const { userPrincipalName } = user.spec;
  const state = changedFields(
    { enabled: isEnabled(user, sight.nowMs), userPrincipalName, samAccountName },
    {
      enabled: account.enabled,
      userPrincipalName: awaitsDomain(user, observed)
        ? userPrincipalName
        : sameName(account.userPrincipalName, userPrincipalName),
      samAccountName: sameName(account.samAccountName, samAccountName),
    },
  );
  const managerGuid = observed.manager?.objectGuid;
  const manager = changedFields({ managerGuid }, { managerGuid: account.managerGuid });
  const drift = [
    ...driftOf(prefix, state, { ...account }),
    ...driftOf(prefix, attributes, account.attributes),
    ...(manager['managerGuid'] === undefined
      ? []
      : [{ path: managerPath, type: 'Different' as const }]),
  ];
  const isLeft = (name: string): boolean => sight.leave.has(`${prefix}${name}`);
  const left = new Set(Object.keys({ ...state, ...attributes }).filter(isLeft));
  const written = {
    ...without(state, left),
    ...(sight.leave.has(managerPath) ? {} : manager),
  };
  const attributesWritten = without(attributes, left) as Record<string, string>;
  const hasAttributes = Object.keys(attributesWritten).length > 0;
  const patch: AdAccountPatch = {
    ...written,
    ...(hasAttributes ? { attributes: attributesWritten } : {}),
  };
  return { patch, drift };
}

export const managerPath = `${prefix}manager`;

/** Letter case of a sign-in name is no difference. */
function sameName(actual: string | undefined, declared: string): string | undefined {
  return isSameName(actual, declared) ? declared : actual;
}

function isSameName(actual: string | undefined, declared: string): boolean {
  return actual?.toLowerCase() === declared.toLowerCase();
}

/** LDAP names have no letter case: declared ones take the spelling that the directory uses. */
export function spelledAs(
  actual: Readonly<Record<string, string>>,
  declared: Readonly<Record<string, string>>,
): Record<string, string> {
  const spelling = new Map(Object.keys(actual).map((name) => [name.toLowerCase(), name]));
  const entries = Object.entries(declared);
  return Object.fromEntries(
    entries.map(([name, value]) => [spelling.get(name.toLowerCase()) ?? name, value]),
  );
}

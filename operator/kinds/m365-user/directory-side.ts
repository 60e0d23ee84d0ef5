/** The Active Directory part of plan.ts's table. Pure. */
import type { AdAccount, AdAccountPatch } from '../../clients/active-directory/port.ts';
import { changedFields, driftOf } from '../../core/diff.ts';
import type { M365User } from '../../core/objects.ts';
import * as act from './actions.ts';
import { directoryAttributes, isEnabled } from './desired.ts';
import type { ObservedUser } from './observed.ts';
import type { Side } from './side.ts';

/** Undefined: this tenant has no accounts in Active Directory of ours. */
export function activeDirectorySide(
  user: M365User,
  observed: ObservedUser,
  nowMs: number,
): Side | undefined {
  if (observed.directoryMode !== 'Managed') return undefined;
  const account = observed.activeDirectory;
  if (account === undefined) return creation(user, observed);
  const difference = differenceOf(user, account, { observed, nowMs });
  const groups = observed.directoryGroups.filter(({ isMember }) => !isMember);
  const actions = [
    ...(difference === undefined
      ? []
      : [act.updateAdAccount(account.objectGuid, difference.patch, difference.what)]),
    ...groups.map(({ name }) => act.joinAdGroup(account.objectGuid, name)),
  ];
  const isSynced = actions.length === 0;
  return {
    type: 'ActiveDirectorySynced',
    isSynced,
    reason: isSynced ? 'AccountInSync' : 'AccountDiffers',
    message: isSynced ? 'the account is as declared' : 'the account is being changed',
    actions,
    drift: [
      ...(difference?.drift ?? []),
      ...groups.map(({ name }) => ({
        path: `activeDirectory.groups[${name}]`,
        type: 'Missing' as const,
        declared: name,
      })),
    ],
  };
}

function creation(user: M365User, observed: ObservedUser): Side {
  const { organizationalUnit, samAccountName } = observed;
  const needsSecret = observed.hasPasswordSecret === false;
  const actions =
    organizationalUnit === undefined || samAccountName === undefined
      ? []
      : [act.createAdAccount(organizationalUnit, samAccountName)];
  return {
    type: 'ActiveDirectorySynced',
    isSynced: false,
    reason: 'AccountMissing',
    message: 'the account is being created in Active Directory',
    actions: [...(needsSecret ? [act.createPasswordSecret] : []), ...actions],
    drift:
      user.status?.objectGuid === undefined
        ? []
        : [{ path: 'activeDirectory', type: 'Missing', declared: 'an account' }],
  };
}

interface Difference {
  readonly patch: AdAccountPatch;
  readonly what: string;
  readonly drift: Side['drift'];
}

function differenceOf(
  user: M365User,
  account: AdAccount,
  context: { readonly observed: ObservedUser; readonly nowMs: number },
): Difference | undefined {
  const attributes = changedFields(
    spelledAs(account.attributes, directoryAttributes(user)),
    account.attributes,
  ) as Record<string, string>;
  const state = changedFields(
    { enabled: isEnabled(user, context.nowMs), userPrincipalName: user.spec.userPrincipalName },
    {
      enabled: account.enabled,
      userPrincipalName: sameName(account.userPrincipalName, user.spec.userPrincipalName),
    },
  );
  const managerGuid = context.observed.manager?.objectGuid;
  const manager = changedFields({ managerGuid }, { managerGuid: account.managerGuid });
  const names = [...Object.keys(state), ...Object.keys(attributes), ...Object.keys(manager)];
  if (names.length === 0) return undefined;
  return {
    patch: {
      ...state,
      ...manager,
      ...(Object.keys(attributes).length > 0 ? { attributes } : {}),
    },
    what: names.map((name) => (name === 'managerGuid' ? 'manager' : name)).join(', '),
    drift: [
      ...driftOf('activeDirectory.', state, { ...account }),
      ...driftOf('activeDirectory.', attributes, account.attributes),
      ...(manager['managerGuid'] === undefined
        ? []
        : [{ path: 'activeDirectory.manager', type: 'Different' as const }]),
    ],
  };
}

/** Letter case of a sign-in name is no difference. */
function sameName(actual: string | undefined, declared: string): string | undefined {
  return actual?.toLowerCase() === declared.toLowerCase() ? declared : actual;
}

/** LDAP names have no letter case: declared ones take the spelling that the directory uses. */
function spelledAs(
  actual: Readonly<Record<string, string>>,
  declared: Readonly<Record<string, string>>,
): Record<string, string> {
  const spelling = new Map(Object.keys(actual).map((name) => [name.toLowerCase(), name]));
  const entries = Object.entries(declared);
  return Object.fromEntries(
    entries.map(([name, value]) => [spelling.get(name.toLowerCase()) ?? name, value]),
  );
}

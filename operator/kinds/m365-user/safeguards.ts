/**
 * Accounts that no manifest of a person may harm. Pure.
 *
 * | account                                    | what is done                                              |
 * | ------------------------------------------ | --------------------------------------------------------- |
 * | listed in protectedUsers of the tenant     | nothing at all; ProtectedAccount                          |
 * | of an administrator (a role, or a group that may have one) | only what a help desk may do: no change of name, sign-in, password, anchor, telephone, other mail, no deletion, no restoring (graph.md 2.9); PrivilegedAccount |
 * | … who leaves, and whose roles may be taken away | that and what a help desk may do; the rest when it is seen |
 * | any other                                  | what was planned                                          |
 */
import type { M365TenantSpec } from '../../api/m365-tenant.ts';
import type { AdAccountPatch } from '../../clients/active-directory/port.ts';
import type { EntraUser, UserPatch } from '../../clients/graph/port.ts';
import { condition, notReady } from '../../core/conditions.ts';
import type { M365User } from '../../core/objects.ts';
import { onChange } from '../../core/plan.ts';
import * as act from './actions.ts';
import { fieldsOf } from './directory-fields.ts';
import type { UserPlan } from './plan.ts';

export type Protection = 'ProtectedAccount' | 'PrivilegedAccount';

/** By id or name, of the account and as declared: also where there is no account yet. */
export function isListed(
  listed: M365TenantSpec['protectedUsers'],
  { spec, status }: M365User,
  entra: EntraUser | undefined,
): boolean {
  const names = [
    entra?.id,
    entra?.userPrincipalName,
    status?.entraId,
    spec.entraId,
    spec.userPrincipalName,
  ].map((name) => name?.toLowerCase());
  return listed?.some((name) => names.includes(name.toLowerCase())) === true;
}

const messages = {
  ProtectedAccount:
    'the account is in protectedUsers of the M365Tenant: it is not touched, and nobody manages it from here',
  PrivilegedAccount:
    "the account is an administrator's: its name, sign-in, password, telephone and existence are not changed from here; take its role away first",
} as const;

export function safeguarded(
  user: M365User,
  plan: UserPlan,
  protection: Protection | undefined,
): UserPlan {
  if (protection === undefined) return plan;
  const isDeleting = user.metadata.deletionTimestamp !== undefined;
  if (protection === 'ProtectedAccount') {
    return {
      actions: [],
      conditions: refusedConditions(plan, protection),
      status: {},
      released: isDeleting,
      next: onChange,
    };
  }
  const actions = plan.actions.flatMap(harmlessPart);
  if (isSame(actions, plan.actions)) return plan;
  // Who leaves is no administrator any more after these, and then blocked like others.
  if (actions.some(({ name }) => name === 'RemoveRole')) return { ...plan, actions };
  return {
    ...plan,
    actions,
    conditions: refusedConditions(plan, protection),
    released: false,
    next: { look: 'after', delayMs: rolesLookMs, reason: protection },
  };
}

/** A role that was taken away shows with the next full read of the directory. */
const rolesLookMs = 10 * 60_000;

function refusedConditions(plan: UserPlan, protection: Protection): UserPlan['conditions'] {
  const message = messages[protection];
  const others = plan.conditions.filter(({ type }) => type !== 'Ready' && type !== 'Stalled');
  return [
    notReady(protection, message),
    condition('Stalled', 'True', protection, message),
    ...(protection === 'ProtectedAccount' ? [] : others),
  ];
}

function isSame(some: readonly act.UserAction[], all: readonly act.UserAction[]): boolean {
  return some.length === all.length && some.every((action, index) => action === all[index]);
}

const sensitiveInEntra: ReadonlySet<string> = new Set([
  'accountEnabled',
  'businessPhones',
  'mobilePhone',
  'onPremisesImmutableId',
  'otherMails',
  'userPrincipalName',
]);
const sensitiveInDirectory: ReadonlySet<string> = new Set(['mobile', 'telephoneNumber']);
const refusedActions: ReadonlySet<act.UserAction['name']> = new Set([
  'RenewPasswordSecret',
  'ReplaceAdPassword',
  'ReplaceEntraPassword',
  'SetAdPassword',
  'SetEntraPassword',
  'RevokeSessions',
  'RestoreEntraUser',
  'DeleteAdAccount',
  'DeleteEntraUser',
  'PurgeEntraUser',
]);

/** What is left of an action on an administrator's account. */
function harmlessPart(action: act.UserAction): readonly act.UserAction[] {
  if (refusedActions.has(action.name)) return [];
  if (action.name === 'UpdateEntraUser') {
    const patch = without<UserPatch>(action.patch, sensitiveInEntra);
    const names = Object.keys(patch);
    if (names.length === Object.keys(action.patch).length) return [action];
    return names.length === 0 ? [] : [act.updateEntraUser(action.id, patch, names.join(', '))];
  }
  if (action.name !== 'UpdateAdAccount') return [action];
  const patch = harmlessPatch(action.patch);
  const names = fieldsOf(patch);
  if (names.length === fieldsOf(action.patch).length) return [action];
  return names.length === 0
    ? []
    : [act.updateAdAccount(action.objectGuid, patch, names.join(', '))];
}

function harmlessPatch({ managerGuid, attributes = {} }: AdAccountPatch): AdAccountPatch {
  const left = without(attributes, sensitiveInDirectory);
  return {
    ...(managerGuid === undefined ? {} : { managerGuid }),
    ...(Object.keys(left).length === 0 ? {} : { attributes: left }),
  };
}

function without<T extends object>(patch: T, names: ReadonlySet<string>): T {
  const left = Object.entries(patch).filter(([name]) => !names.has(name));
  return Object.fromEntries(left) as T;
}

/** What deleting an M365User does, by its deletionPolicy. Pure. */
import { notReady } from '../../core/conditions.ts';
import type { M365User } from '../../core/objects.ts';
import { onChange } from '../../core/plan.ts';
import * as act from './actions.ts';
import type { ObservedUser } from './observed.ts';
import type { UserPlan } from './plan.ts';

export function planDeletion(user: M365User, observed: ObservedUser): UserPlan {
  const actions = user.spec.deletionPolicy === 'Retain' ? [] : removal(user, observed);
  return {
    actions,
    conditions: [notReady('Deleting', messages[user.spec.deletionPolicy])],
    status: {},
    released: actions.length === 0 || !mayDelete(user, actions),
    next: onChange,
  };
}

const messages = {
  Retain: 'the accounts are kept as they are',
  Disable: 'the accounts are being disabled',
  SoftDelete: 'the accounts are being deleted; Entra ID keeps them for 30 days',
} as const;

/** managementPolicies that forbid every action left: nothing more will happen, and the object may go. */
function mayDelete(user: M365User, actions: readonly act.UserAction[]): boolean {
  const policies = user.spec.managementPolicies;
  if (policies === undefined) return true;
  return actions.some(({ verb }) => policies.includes(verb === 'delete' ? 'Delete' : 'Update'));
}

/** Only accounts that our own record names; one that was never ours is left alone. */
function removal(
  user: M365User,
  { entra, activeDirectory }: ObservedUser,
): readonly act.UserAction[] {
  const status = user.status ?? {};
  const made = user.spec.deletionPolicy === 'SoftDelete' ? (status.createdByOperator ?? {}) : {};
  const actions: act.UserAction[] = [];
  if (activeDirectory !== undefined && activeDirectory.objectGuid === status.objectGuid) {
    actions.push(...directoryRemoval(activeDirectory, made.activeDirectory === true));
  }
  if (entra !== undefined && entra.id === status.entraId) {
    actions.push(...entraRemoval(entra, made.entra === true));
  }
  return actions;
}

function entraRemoval(
  entra: NonNullable<ObservedUser['entra']>,
  deletes: boolean,
): readonly act.UserAction[] {
  if (deletes) return [act.deleteEntraUser(entra.id)];
  if (!entra.accountEnabled || entra.onPremisesSyncEnabled === true) return [];
  return [
    act.updateEntraUser(entra.id, { accountEnabled: false }, 'accountEnabled'),
    act.revokeSessions(entra.id),
  ];
}

function directoryRemoval(
  account: NonNullable<ObservedUser['activeDirectory']>,
  deletes: boolean,
): readonly act.UserAction[] {
  if (deletes) return [act.deleteAdAccount(account.objectGuid)];
  return account.enabled
    ? [act.updateAdAccount(account.objectGuid, { enabled: false }, 'enabled')]
    : [];
}

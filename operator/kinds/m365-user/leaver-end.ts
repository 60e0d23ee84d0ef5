/**
 * The last step of a person who leaves: the days of retention are over. Nothing is made, changed or given any more, also
 * where an account is missing. Pure.
 *
 * | accounts                                   | then                                                  |
 * | ------------------------------------------ | ----------------------------------------------------- |
 * | of ours are there                          | DeleteAdAccount, DeleteEntraUser (restorable for 30 days) |
 * | that are not ours to delete                | are blocked, and stay: AccountsNotOurs                |
 * | none                                       | AccountsDeleted=True, with its time                   |
 */
import type { LeaverStatus } from '../../api/user-leaver.ts';
import { condition, notReady, ready } from '../../core/conditions.ts';
import type { M365User } from '../../core/objects.ts';
import { onChange } from '../../core/plan.ts';
import type { Condition } from '../../core/resource.ts';
import { clockOf, iso } from '../leaver-clock.ts';
import type { UserAction } from './actions.ts';
import { removal } from './deletion.ts';
import type { ObservedUser } from './observed.ts';
import type { UserPlan } from './plan.ts';

export function planLeaverEnd(user: M365User, observed: ObservedUser, nowMs: number): UserPlan {
  const before = user.status?.leaver ?? {};
  if (before.deletedAt !== undefined) return ended([], before);
  const actions = removal(user, observed, 'SoftDelete');
  const isEmpty = observed.entra === undefined && observed.activeDirectory === undefined;
  const deletedAt = actions.length === 0 && isEmpty ? iso(nowMs) : undefined;
  return ended(actions, { ...before, ...clockOf(user.spec, before, nowMs), deletedAt });
}

function ended(actions: readonly UserAction[], leaver: LeaverStatus): UserPlan {
  const isGone = leaver.deletedAt !== undefined;
  const deleted = deletedCondition(actions, isGone);
  return {
    actions,
    conditions: [
      actions.length > 0
        ? notReady('DeletingLeaver', deleted.message)
        : ready('Left', deleted.message),
      condition('Retained', 'False', 'RetentionOver', 'the days of retention are over'),
      deleted,
    ],
    status: {
      leaver,
      ...(isGone ? { licenses: undefined, waitingFor: undefined, groups: undefined } : {}),
      drift: undefined,
    },
    released: false,
    next: onChange,
  };
}

function deletedCondition(actions: readonly UserAction[], isGone: boolean): Condition {
  const type = 'AccountsDeleted';
  if (isGone) {
    const message = 'the accounts are deleted; Entra ID can restore its own for 30 days';
    return condition(type, 'True', 'Deleted', message);
  }
  return actions.length > 0
    ? condition(type, 'False', 'Deleting', 'the accounts are being deleted')
    : condition(
        type,
        'False',
        'AccountsNotOurs',
        'accounts that the operator did not make stay, blocked',
      );
}

/**
 * What only a person can mend on one side (`isStalled`) stops both: half an identity is worse than none, and behind two
 * accounts with different anchors there may be two people. But whoever must not sign in is blocked in all that is known
 * to be theirs, whichever account turns out to be the right one. Pure.
 *
 * | of what would be done                                  | is done                 |
 * | ------------------------------------------------------ | ----------------------- |
 * | UpdateAdAccount, UpdateEntraUser that block            | the blocking alone      |
 * | RevokeSessions                                         | as it is                |
 * | anything else: fields, groups, passwords, roles, licences, the end of retention | when it is mended |
 */
import { condition } from '../../core/conditions.ts';
import type { M365User } from '../../core/objects.ts';
import type { Condition } from '../../core/resource.ts';
import { hasLeft } from '../plans.ts';
import { blockedCondition } from './leaver-conditions.ts';
import { type LeaverPart, stays } from './leaver-part.ts';
import type { ObservedUser } from './observed.ts';
import type { Side } from './side.ts';

export function stalledSide(sides: readonly Side[]): Side | undefined {
  return sides.find(({ isStalled }) => isStalled === true);
}

/** Nothing new is recorded: what a return gives back might be another person's. */
export function leaverWhileStalled(
  user: M365User,
  observed: ObservedUser,
  { stalled, nowMs }: { readonly stalled: Side; readonly nowMs: number },
): LeaverPart {
  return {
    ...stays,
    conditions: hasLeft(user, nowMs) ? [blockedAsKnown(user, observed, stalled)] : [],
    status: user.status?.leaver,
  };
}

function blockedAsKnown(user: M365User, observed: ObservedUser, { reason }: Side): Condition {
  if (observed.entra !== undefined) return blockedCondition(user, observed, false);
  const message =
    "which account in Entra ID is the person's is not known, and it may be open: see EntraSynced";
  return condition('SignInBlocked', 'False', reason, message);
}

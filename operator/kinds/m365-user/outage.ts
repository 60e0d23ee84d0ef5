/**
 * Active Directory does not answer, and a person who must not sign in has an open account in Entra: that one is blocked
 * meanwhile, and nothing else is done. Pure.
 *
 * | of what would be done            | is done                                      |
 * | -------------------------------- | -------------------------------------------- |
 * | UpdateEntraUser that blocks      | the blocking, without the rest of it         |
 * | RevokeSessions                   | as it is                                     |
 * | anything else                    | not: half of what is known decides nothing   |
 */
import { condition, notReady } from '../../core/conditions.ts';
import { blockingPart } from './blocking.ts';
import type { ObservedUser } from './observed.ts';
import type { UserPlan } from './plan.ts';

/** `plan`: what would be done if there were no Active Directory. */
export function withoutDirectory(
  plan: UserPlan,
  { reason, message }: NonNullable<ObservedUser['outage']>,
): UserPlan {
  return {
    actions: plan.actions.flatMap(blockingPart),
    conditions: [
      notReady(reason, message),
      condition('ActiveDirectorySynced', 'False', reason, message),
      ...plan.conditions.filter(({ type }) => ['EntraSynced', 'Drifted'].includes(type)),
    ],
    status: { drift: plan.status.drift, sessionsRevoked: plan.status.sessionsRevoked },
    released: false,
    next: { look: 'after', delayMs: 5_000, reason },
  };
}

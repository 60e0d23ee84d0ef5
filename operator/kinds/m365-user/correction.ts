/**
 * A correction counts only when it was read back: what our own record of the write shows is no proof. Pure.
 *
 * | drift at the last look | differs now | read back | says                                        |
 * | ---------------------- | ----------- | --------- | ------------------------------------------- |
 * | any                    | yes         | any       | what the plan says                          |
 * | none                   | no          | any       | the same                                    |
 * | some                   | no          | yes       | it is gone                                  |
 * | some                   | no          | no        | it stays, Correcting; looked at a poll later |
 */
import { condition } from '../../core/conditions.ts';
import { lookAgain } from '../../core/drift.ts';
import type { M365User } from '../../core/objects.ts';
import type { ObservedUser } from './observed.ts';
import type { UserPlan } from './plan.ts';

export function untilReadBack(
  { status }: M365User,
  plan: UserPlan,
  { isReadBack, pollMs }: ObservedUser,
  nowMs: number,
): UserPlan {
  const before = status?.drift ?? [];
  const isOver = plan.status.drift === undefined && plan.actions.length === 0;
  if (before.length === 0 || !isOver || isReadBack) return plan;
  const paths = before.map(({ path }) => path).join(', ');
  const message = `set back, and not read back yet: ${paths}`;
  return {
    ...plan,
    conditions: [...plan.conditions, condition('Drifted', 'True', 'Correcting', message)],
    status: { ...plan.status, drift: [...before] },
    next: lookAgain(plan.next, nowMs + pollMs, nowMs),
  };
}

/**
 * What is not seen is not in sync. A view that was not read for a while still tells what to do, but not that all is well.
 * Pure.
 *
 * | the view                      | says                                                         |
 * | ----------------------------- | ------------------------------------------------------------ |
 * | was read with the last polls  | what the plan says                                           |
 * | is older than that            | nothing to do: Unknown, StaleObservation; else: the plan     |
 *
 * Whoever is at rest is looked at when that comes and when it ends (../stale-views.ts).
 */
import { condition } from '../../core/conditions.ts';
import { staleAfterMs } from '../stale-views.ts';
import type { ObservedUser } from './observed.ts';
import type { UserPlan } from './plan.ts';

const reason = 'StaleObservation';
const message =
  'the directory of the tenant was not read for a while: whether this still holds is unknown';

export function withAge(plan: UserPlan, { viewAgeMs, pollMs, entra }: ObservedUser): UserPlan {
  const isFresh = viewAgeMs < staleAfterMs(pollMs);
  if (entra === undefined || plan.actions.length > 0 || isFresh) return plan;
  return { ...plan, conditions: plan.conditions.map(asUnknown) };
}

function asUnknown({ type, ...found }: UserPlan['conditions'][number]) {
  const isAbout = ['Ready', 'EntraSynced', 'Drifted'].includes(type);
  return isAbout ? condition(type, 'Unknown', reason, message) : { type, ...found };
}

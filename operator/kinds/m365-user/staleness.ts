/**
 * What is not seen is not in sync. A view that was not read for a while still tells what to do, but not that all is well.
 * Pure.
 *
 * | the view                      | says                                                         |
 * | ----------------------------- | ------------------------------------------------------------ |
 * | was read with the last polls  | what the plan says                                           |
 * | missed some                   | the same; looked at again when it would be too old           |
 * | is older than that            | nothing to do: Unknown, StaleObservation; else: the plan     |
 */
import { condition } from '../../core/conditions.ts';
import type { ObservedUser } from './observed.ts';
import type { UserPlan } from './plan.ts';

/** Ten minutes and five polls: shorter outages end before they are worth ten thousand writes. */
const leastMs = 10 * 60_000;
const polls = 5;
/** A poll takes its time, and its turn in the queue. */
const missedPolls = 3;

const reason = 'StaleObservation';
const message =
  'the directory of the tenant was not read for a while: whether this still holds is unknown';

export function withAge(plan: UserPlan, { viewAgeMs, pollMs, entra }: ObservedUser): UserPlan {
  const staleMs = Math.max(leastMs, polls * pollMs);
  if (entra === undefined || plan.actions.length > 0) return plan;
  if (viewAgeMs < staleMs) {
    if (viewAgeMs < missedPolls * pollMs || plan.next.look === 'after') return plan;
    return { ...plan, next: { look: 'after', delayMs: staleMs - viewAgeMs, reason } };
  }
  return { ...plan, conditions: plan.conditions.map(asUnknown) };
}

function asUnknown({ type, ...found }: UserPlan['conditions'][number]) {
  const isAbout = ['Ready', 'EntraSynced', 'Drifted'].includes(type);
  return isAbout ? condition(type, 'Unknown', reason, message) : { type, ...found };
}

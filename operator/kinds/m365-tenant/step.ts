/** One line of plan.ts's table: a condition, and what to do for it. */
import { condition } from '../../core/conditions.ts';
import type { Condition } from '../../core/resource.ts';
import type * as act from './actions.ts';

export interface Step {
  readonly condition: Condition;
  readonly actions: readonly act.TenantAction[];
  /** Only the user can go on. */
  readonly isStalled?: boolean;
  /** When to look again while the step is open; the poll interval otherwise, and not before a change where it is stalled and there is no access yet. */
  readonly delayMs?: number;
}

const soonMs = 5_000;

export function done(
  type: string,
  reason: string,
  message: string,
  actions: Step['actions'] = [],
): Step {
  return { condition: condition(type, 'True', reason, message), actions };
}

export function open(
  type: string,
  [reason, message]: readonly [reason: string, message: string],
  more: Partial<Omit<Step, 'condition'>> = {},
): Step {
  return {
    condition: condition(type, 'False', reason, message),
    actions: [],
    ...(more.isStalled === true ? {} : { delayMs: soonMs }),
    ...more,
  };
}

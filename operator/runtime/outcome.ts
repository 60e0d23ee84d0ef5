/** The conditions that the engine itself adds to what a plan says. Pure. */
import { condition } from '../core/conditions.ts';
import type { Action, Plan } from '../core/plan.ts';
import type { CommonSpec, CommonStatus, Condition, Resource } from '../core/resource.ts';

type EnginePlan = Pick<Plan<Action, CommonStatus>, 'conditions' | 'next'>;
export type Managed = Resource<CommonSpec, CommonStatus>;

export function conditionsOf(resource: Resource): readonly Condition[] {
  return ((resource.status ?? {}) as CommonStatus).conditions ?? [];
}

/** What a failure is shown on top of: the last plan's conditions where there is one. */
export function conditionsBelow(
  resource: Managed,
  planned: readonly Condition[] | undefined,
): readonly Condition[] {
  const kept = planned ?? conditionsOf(resource);
  return [...kept.filter((c) => c.type !== 'Deleting'), ...deleting(resource)];
}

function deleting(resource: Managed): readonly Condition[] {
  if (resource.metadata.deletionTimestamp === undefined) return [];
  return [condition('Deleting', 'True', 'Deleting', 'the object is being deleted')];
}

/** After the last action: nothing more is allowed or needed now. */
export function settledConditions(
  resource: Managed,
  plan: EnginePlan,
  forbidden: readonly Action[],
): readonly Condition[] {
  return [...plan.conditions, synced(forbidden), ...reconciling(plan), ...deleting(resource)];
}

function synced(forbidden: readonly Action[]): Condition {
  if (forbidden.length === 0) {
    return condition('Synced', 'True', 'Synced', 'nothing is left to change outside');
  }
  const names = [...new Set(forbidden.map((action) => action.name))].toSorted();
  return condition(
    'Synced',
    'False',
    'ActionsForbidden',
    `managementPolicies do not allow: ${names.join(', ')}`,
  );
}

/** A Ready object that merely polls is not reconciling: kstatus would never call it current. */
function reconciling({ conditions, next }: EnginePlan): readonly Condition[] {
  const ready = conditions.find((c) => c.type === 'Ready');
  const isStalled = conditions.some((c) => c.type === 'Stalled' && c.status === 'True');
  if (next.look !== 'after' || ready?.status === 'True' || isStalled) return [];
  return [condition('Reconciling', 'True', next.reason, ready?.message ?? '')];
}

/** Between actions: what is stored so that a crash loses nothing must not look like an end. */
export function workingConditions(resource: Managed, plan: EnginePlan): readonly Condition[] {
  const before = conditionsOf(resource).find((c) => c.type === 'Synced');
  return [
    ...plan.conditions,
    before ?? condition('Synced', 'Unknown', 'Progressing', 'changes are being made'),
    condition('Reconciling', 'True', 'Progressing', 'changes are being made'),
    ...deleting(resource),
  ];
}

const pausedMessage = 'spec.suspend is true; nothing is looked at or changed';

export function pausedConditions(resource: Managed): readonly Condition[] {
  const current = conditionsOf(resource);
  const kept = current.filter((c) => !['Synced', 'Paused', 'Reconciling'].includes(c.type));
  const ready = kept.some((c) => c.type === 'Ready')
    ? []
    : [condition('Ready', 'Unknown', 'Paused', pausedMessage)];
  return [
    ...kept,
    ...ready,
    condition('Synced', 'Unknown', 'Paused', pausedMessage),
    condition('Paused', 'True', 'Paused', pausedMessage),
  ];
}

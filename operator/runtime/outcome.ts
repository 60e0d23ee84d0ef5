/** What the engine itself says of an object: the conditions that it adds to a plan's, and what became of it meanwhile. Pure. */
import { condition } from '../core/conditions.ts';
import type { OperatorError } from '../core/errors.ts';
import { type Action, annotations, type Plan } from '../core/plan.ts';
import type { CommonSpec, CommonStatus, Condition, Resource } from '../core/resource.ts';

type EnginePlan = Pick<Plan<Action, CommonStatus>, 'conditions' | 'next'>;
export type Managed = Resource<CommonSpec, CommonStatus>;

export function conditionsOf(resource: Resource): readonly Condition[] {
  return ((resource.status ?? {}) as CommonStatus).conditions ?? [];
}

/** So many transient failures in a row are nothing to tell people. */
export const hiccups = 3;
/** Services that ask everybody to wait mean seconds; what takes longer is worth knowing. */
const briefMs = 5 * 60_000;

/**
 * A failure that says nothing of an object in order: a hiccup, a service that asks all of a tenant to wait, a place in
 * a queue for one quota, or a tenant that says itself what is wrong with it. The object's status stays as it is; nobody is told of what is over in a moment,
 * nor of one cause ten thousand times.
 */
export function isPassing(error: OperatorError, resource: Resource, attempt: number): boolean {
  const isBrief = error.class === 'Transient' ? attempt <= hiccups : isBriefHold(error);
  return (isBrief || error.isOfParent || error.awaitsTurn) && isInOrder(resource as Managed);
}

/** All of a tenant waits for a moment, as in a queue. */
export function isBriefHold(error: OperatorError): boolean {
  return error.holdsFlow && (error.delayMs ?? briefMs) < briefMs;
}

function isInOrder({ metadata, status = {} }: Managed): boolean {
  const { observedGeneration, lastHandledReconcileAt, conditions = [] } = status;
  const isTrue = (type: string): boolean =>
    conditions.some((c) => c.type === type && c.status === 'True');
  const requested = metadata.annotations?.[annotations.reconcileRequestedAt];
  const isHandled = requested === lastHandledReconcileAt || requested === undefined;
  const isCurrent = observedGeneration === metadata.generation && isHandled;
  const isAtRest = metadata.deletionTimestamp === undefined && !isTrue('Reconciling');
  return isCurrent && isAtRest && isTrue('Ready') && isTrue('Synced');
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

/** `by`: the setting that pauses it. */
export function pausedConditions(resource: Managed, by: string): readonly Condition[] {
  const pausedMessage = `${by} is true; nothing is looked at or changed`;
  const current = conditionsOf(resource);
  const kept = current.filter(
    (c) => !['Synced', 'Paused', 'Reconciling', 'Deleting'].includes(c.type),
  );
  const ready = kept.some((c) => c.type === 'Ready')
    ? []
    : [condition('Ready', 'Unknown', 'Paused', pausedMessage)];
  return [
    ...kept,
    ...ready,
    condition('Synced', 'Unknown', 'Paused', pausedMessage),
    condition('Paused', 'True', 'Paused', pausedMessage),
    ...deleting(resource),
  ];
}

/** An edit by a person wins over what is under way. */
export function isOvertaken(looked: Resource, stored: Resource | undefined): boolean {
  const now = stored?.metadata;
  const then = looked.metadata;
  return (
    now?.uid !== then.uid ||
    now.generation !== then.generation ||
    now.deletionTimestamp !== then.deletionTimestamp
  );
}

/** The echo of `reconcile-requested-at`. */
export function handled(resource: Resource<CommonSpec>): Readonly<Record<string, unknown>> {
  const requested = resource.metadata.annotations?.[annotations.reconcileRequestedAt];
  return requested === undefined ? {} : { lastHandledReconcileAt: requested };
}

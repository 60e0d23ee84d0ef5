/** Conditions: built here, merged here, so that every kind's status obeys kstatus (reference: Kubernetes API conventions). */
import type { OperatorError } from './errors.ts';
import type { Condition, ConditionStatus } from './resource.ts';

export function condition(
  type: string,
  status: ConditionStatus,
  reason: string,
  message: string,
): Condition {
  return { type, status, reason, message };
}

export function ready(reason: string, message: string): Condition {
  return condition('Ready', 'True', reason, message);
}

export function notReady(reason: string, message: string): Condition {
  return condition('Ready', 'False', reason, message);
}

/** Abnormal-true types: present only while true. */
const abnormal = new Set([
  'Reconciling',
  'Stalled',
  'Paused',
  'Drifted',
  'Deleting',
  'MassChangeHeld',
]);

/** The order in which people read them: kubectl describe shows the list as it stands. */
const order = ['Ready', 'Synced', 'Stalled', 'Reconciling', 'Deleting', 'Paused', 'Drifted'];

/**
 * The conditions to store: `wanted` with their times. A time moves only when the status of that type does.
 * Types that are not wanted any more disappear.
 */
export function mergeConditions(
  current: readonly Condition[],
  wanted: readonly Condition[],
  generation: number,
  now: string,
): readonly Condition[] {
  const kept = wanted.filter((c) => !(abnormal.has(c.type) && c.status !== 'True'));
  return kept
    .map((c) => {
      const before = current.find(({ type }) => type === c.type);
      // Mostly nothing is new: whoever compares sees so at once.
      if (before !== undefined && isStored(before, c, generation)) return before;
      const since = before?.status === c.status ? before.lastTransitionTime : undefined;
      return { ...c, observedGeneration: generation, lastTransitionTime: since ?? now };
    })
    .sort((a, b) => rank(a.type) - rank(b.type) || a.type.localeCompare(b.type));
}

function isStored(
  before: Condition,
  { status, reason, message }: Condition,
  generation: number,
): boolean {
  return (
    before.status === status &&
    before.reason === reason &&
    before.message === message &&
    before.observedGeneration === generation &&
    before.lastTransitionTime !== undefined
  );
}

function rank(type: string): number {
  const index = order.indexOf(type);
  return index === -1 ? order.length : index;
}

/** What an error says in status. */
export function conditionsForError(
  error: OperatorError,
  current: readonly Condition[],
): readonly Condition[] {
  const synced = condition('Synced', 'False', error.reason, error.message);
  const others = current.filter(
    (c) => !['Ready', 'Synced', 'Stalled', 'Reconciling', 'Paused'].includes(c.type),
  );
  const readyNow = notReady(error.reason, error.message);
  if (error.class === 'Terminal') {
    return [readyNow, synced, condition('Stalled', 'True', error.reason, error.message), ...others];
  }
  return [
    readyNow,
    synced,
    condition('Reconciling', 'True', error.reason, error.message),
    ...others,
  ];
}

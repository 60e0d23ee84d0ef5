/** Changes of state that people want to be told of, as events. Pure. */
import type { EventRecord } from '../core/ports.ts';
import type { Condition } from '../core/resource.ts';

function find(conditions: readonly Condition[], type: string): Condition | undefined {
  return conditions.find((condition) => condition.type === type);
}

function isTrue(condition: Condition | undefined): condition is Condition {
  return condition?.status === 'True';
}

/** `before`: as stored when the pass began. `after`: as stored now. */
export function readyEvents(
  before: readonly Condition[],
  after: readonly Condition[],
): readonly EventRecord[] {
  const events: EventRecord[] = [];
  const ready = find(after, 'Ready');
  if (find(before, 'Ready')?.status === 'False' && isTrue(ready)) {
    events.push({ type: 'Normal', reason: 'Ready', action: 'Reconcile', note: ready.message });
  }
  const stalled = find(after, 'Stalled');
  const stalledBefore = find(before, 'Stalled');
  if (isTrue(stalled) && !(isTrue(stalledBefore) && stalledBefore.reason === stalled.reason)) {
    const { reason, message } = stalled;
    events.push({ type: 'Warning', reason, action: 'Reconcile', note: message });
  }
  return events;
}

export type DriftChange = 'detected' | 'corrected' | 'none';

export function driftChange(
  before: readonly Condition[],
  after: readonly Condition[],
): DriftChange {
  const was = isTrue(find(before, 'Drifted'));
  const is = isTrue(find(after, 'Drifted'));
  if (was === is) return 'none';
  return is ? 'detected' : 'corrected';
}

/** Undefined where nothing changed. */
export function driftEvent(
  before: readonly Condition[],
  after: readonly Condition[],
): EventRecord | undefined {
  const change = driftChange(before, after);
  if (change === 'none') return undefined;
  const drifted = find(change === 'detected' ? after : before, 'Drifted');
  const note = drifted?.message ?? '';
  return change === 'detected'
    ? { type: 'Warning', reason: 'DriftDetected', action: 'Compare', note }
    : { type: 'Normal', reason: 'DriftCorrected', action: 'Compare', note: `no longer: ${note}` };
}

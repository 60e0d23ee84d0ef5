/** Changes of state that people want to be told of, as events. Pure. */
import type { DriftRecord } from '../core/drift.ts';
import type { EventRecord } from '../core/ports.ts';
import type { Condition } from '../core/resource.ts';

function find(conditions: readonly Condition[], type: string): Condition | undefined {
  return conditions.find((condition) => condition.type === type);
}

function isTrue(condition: Condition | undefined): condition is Condition {
  return condition?.status === 'True';
}

/** Conditions that wait for a person. */
const alarming = ['Stalled', 'MassChangeHeld'];

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
  for (const type of alarming) {
    const now = find(after, type);
    const then = find(before, type);
    if (!isTrue(now) || (isTrue(then) && then.reason === now.reason)) continue;
    events.push({ type: 'Warning', reason: now.reason, action: 'Reconcile', note: now.message });
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

/** Of each field that is left to its other writer from now on: who that is, as far as the audit log has told. */
export function contendedEvents(
  before: DriftRecord['drift'],
  after: DriftRecord['drift'],
): readonly EventRecord[] {
  const wasContended = new Set(
    before?.filter(({ type }) => type === 'Contended').map(({ path }) => path),
  );
  const newly = (after ?? []).filter(
    ({ type, path }) => type === 'Contended' && !wasContended.has(path),
  );
  return newly.map(({ path, changedBy = 'a writer whom the audit log has not named yet' }) => ({
    type: 'Warning',
    reason: 'Contended',
    action: 'Compare',
    note: `${path} was set back three times within an hour and changed again by ${changedBy}: it is left so`,
  }));
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

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

/** Conditions of any kind that wait for a person. */
const alarming = ['Stalled', 'MassChangeHeld'];

/** `before`: as stored when the pass began. `after`: as stored now. `findings`: further types that are told of, by their own name. */
export function readyEvents(
  before: readonly Condition[],
  after: readonly Condition[],
  findings: readonly string[] = [],
): readonly EventRecord[] {
  const events: EventRecord[] = [];
  const ready = find(after, 'Ready');
  if (find(before, 'Ready')?.status === 'False' && isTrue(ready)) {
    events.push({ type: 'Normal', reason: 'Ready', action: 'Reconcile', note: ready.message });
  }
  for (const type of [...alarming, ...findings]) {
    const now = find(after, type);
    const then = find(before, type);
    if (!isTrue(now) || (isTrue(then) && then.reason === now.reason)) continue;
    const reason = findings.includes(type) ? type : now.reason;
    events.push({ type: 'Warning', reason, action: 'Reconcile', note: now.message });
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

/** Fields that are left to their other writer from now on. */
export function newlyContended(
  before: DriftRecord['drift'],
  after: DriftRecord['drift'],
): readonly string[] {
  return (after ?? [])
    .filter(({ type, path }) => type === 'Contended' && contendedIn(before, path) === undefined)
    .map(({ path }) => path);
}

function contendedIn(drift: DriftRecord['drift'], path: string) {
  return drift?.find((entry) => entry.path === path && entry.type === 'Contended');
}

/**
 * Of each field that is left to its other writer from now on: who that is. The audit log tells some minutes later, or
 * names another than was thought at first: then it is told again.
 */
export function contendedEvents(
  before: DriftRecord['drift'],
  after: DriftRecord['drift'],
): readonly EventRecord[] {
  const events: EventRecord[] = [];
  for (const { type, path, changedBy } of after ?? []) {
    if (type !== 'Contended') continue;
    const then = contendedIn(before, path);
    if (then === undefined) events.push(contended(leftNow(path, changedBy ?? unnamed)));
    else if (changedBy !== undefined && changedBy !== then.changedBy) {
      events.push(contended(`the other writer of ${path}, which is left as it is: ${changedBy}`));
    }
  }
  return events;
}

const unnamed = 'a writer whom the audit log has not named yet';

function leftNow(path: string, by: string): string {
  return `${path} was set back three times within an hour and changed again by ${by}: it is left so`;
}

function contended(note: string): EventRecord {
  return { type: 'Warning', reason: 'Contended', action: 'Compare', note };
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

/** What people and dashboards are told of a pass: events, and the metrics of drift. */
import type { DriftRecord } from '../core/drift.ts';
import type { CommonStatus, Condition } from '../core/resource.ts';
import { conditionsOf } from './outcome.ts';
import type { Pass } from './pass.ts';
import {
  contendedEvents,
  type DriftChange,
  driftChange,
  driftEvent,
  newlyContended,
  readyEvents,
} from './transitions.ts';

/**
 * One event for a pass: people read what happened to an object, and each event is a write to the API server. What people
 * watch for by name has its own, which takes the steps on the way with it.
 */
export function tellWhatWasDone({ deps, looked, done }: Pass): void {
  const [first] = done;
  if (first === undefined) return;
  const named = [...new Set(done.filter(({ isNamed }) => isNamed).map(({ name }) => name))];
  const [main = done.length === 1 ? first.name : 'Reconciled', ...others] = named;
  for (const name of [main, ...others]) {
    const told = done.filter((one) => one.name === name || (name === main && !one.isNamed));
    const note = told.map((action) => action.note).join('; ');
    deps.events.record(looked, { type: 'Normal', reason: name, action: name, note });
  }
  done.length = 0;
}

/** After the last look, which is stored by now. */
export function tellEnd(pass: Pass, conditions: readonly Condition[]): void {
  const { deps, looked } = pass;
  if (isPlainStart(pass, conditions)) pass.done.length = 0;
  tellWhatWasDone(pass);
  const mended = pass.found?.filter((one) => !conditions.some(({ type }) => type === one.type));
  const told = [...conditions, ...(mended ?? [])];
  for (const event of readyEvents(conditionsOf(looked), told, pass.kind.findings)) {
    deps.events.record(looked, event);
  }
}

/**
 * A new object that was made as declared, in one go: its status says all there is to know. Ten thousand of them are ten
 * thousand writes less, and the events that are left are those worth reading. What people watch for by name is told all the
 * same. The audit log has every change.
 */
function isPlainStart({ looked, done }: Pass, conditions: readonly Condition[]): boolean {
  const isNew = (looked.status?.observedGeneration ?? -1) === -1;
  const isReady = conditions.some((c) => c.type === 'Ready' && c.status === 'True');
  return isNew && isReady && done.every((action) => action.isPlain && !action.isNamed);
}

export function tellDrift(pass: Pass, conditions: readonly Condition[], isBlocked: boolean): void {
  const { deps, kind, looked } = pass;
  const event = driftEvent(pass.seen, conditions);
  const change = driftChange(pass.seen, conditions);
  pass.seen = conditions;
  if (event !== undefined) {
    tellWhatWasDone(pass);
    deps.events.record(looked, event);
  }
  countDrift(pass, change, kind.kind);
  if (change === 'detected' && isBlocked) {
    deps.metrics.driftBlocked.inc({ kind: kind.kind, reason: 'ManagementPolicies' });
  }
}

/** Not of every kind's status. */
type WithDrift = CommonStatus & DriftRecord;

export function tellContended({ deps, kind, looked, resource }: Pass, status: WithDrift): void {
  const before: WithDrift = resource.status ?? {};
  for (const event of contendedEvents(before.drift, status.drift))
    deps.events.record(looked, event);
  const left = newlyContended(before.drift, status.drift).length;
  if (left > 0) deps.metrics.driftBlocked.inc({ kind: kind.kind, reason: 'Contended' }, left);
}

function countDrift({ deps, looked }: Pass, change: DriftChange, kind: string): void {
  const { metrics, clock } = deps;
  if (change === 'detected') metrics.driftDetected.inc({ kind });
  if (change !== 'corrected') return;
  metrics.driftCorrected.inc({ kind });
  const since = conditionsOf(looked).find((c) => c.type === 'Drifted')?.lastTransitionTime;
  // Found and repaired in one pass: it was never stored.
  const ageMs = since === undefined ? 0 : clock.nowMs() - Date.parse(since);
  metrics.driftAge.observe({ kind }, Math.max(0, ageMs) / 1000);
}

/**
 * The one reconcile, the same for every kind and free of Kubernetes:
 *
 *   gate → claim → up to 8 rounds of (observe → plan → permit → apply one by one) → save
 *
 * A round that finds nothing to do is the proof that the rounds before it worked: success is never reported on the word
 * of a write alone. What an action learned is stored before the next one, so that a crash between two loses nothing;
 * `recoverable` actions are found again by a natural key and need no write of their own.
 */
import type { DriftRecord } from '../core/drift.ts';
import { transient } from '../core/errors.ts';
import {
  type Action,
  type AnyKind,
  changesOutside,
  gate,
  type Learned,
  type Next,
  onChange,
  type Plan,
  permit,
} from '../core/plan.ts';
import type { AuditLog, EventRecorder, Store } from '../core/ports.ts';
import type { CommonStatus, Condition, ObjectKey, Resource } from '../core/resource.ts';
import { auditOf, outcomeOf } from './account.ts';
import type { Clock } from './clock.ts';
import type { FigureGauges } from './figure-gauges.ts';
import type { Metrics } from './metrics.ts';
import {
  conditionsOf,
  handled,
  isOvertaken,
  type Managed,
  pausedConditions,
  settledConditions,
  workingConditions,
} from './outcome.ts';
import {
  contendedEvents,
  type DriftChange,
  driftChange,
  driftEvent,
  newlyContended,
  readyEvents,
} from './transitions.ts';

/** More than any kind needs: a plan that still has actions after so many rounds is undone by something. */
const roundsMax = 8;

export interface ReconcileDeps {
  readonly store: Store;
  readonly events: EventRecorder;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly metrics: Pick<
    Metrics,
    'actions' | 'driftDetected' | 'driftCorrected' | 'driftBlocked' | 'driftAge'
  >;
  readonly figures: Pick<FigureGauges, 'count' | 'looked'>;
  /** Leadership holds at this very moment. */
  readonly mayWrite: () => boolean;
  /** False: the object is seen, and another shard works on it. */
  readonly isOurs: (resource: Resource) => boolean;
  /** All of the operator is paused: deletions too. */
  readonly isPaused: boolean;
  /**
   * What a pass that failed had seen and learned: whoever stores the failure stores this with it, and where even that
   * fails the next pass goes on from it.
   */
  readonly unsaved: Map<ObjectKey, Unsaved>;
  /** The last failed change of an object, as it stands in the audit log. */
  readonly failures: Map<ObjectKey, string>;
}

export interface Unsaved {
  readonly uid: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** Of the last plan: drift shows also where it could not be corrected. */
  readonly conditions: readonly Condition[];
}

interface Pass {
  readonly kind: AnyKind;
  readonly deps: ReconcileDeps;
  readonly key: ObjectKey;
  readonly signal: AbortSignal;
  /** As it stood when the pass began. */
  readonly looked: Managed;
  /** The same object with the status that is known by now. */
  resource: Managed;
  /** Fields of status as they are to be stored. */
  fields: Record<string, unknown>;
  /** Holds what an earlier pass learned and could not store: an intent in memory alone is none. */
  isBehind: boolean;
  /** The conditions of the last look, for telling when drift comes and goes. */
  seen: readonly Condition[];
  /** Of the first look: what others left. Some of it is put right before the pass ends, and is told of all the same. */
  found: readonly Condition[] | undefined;
  /** What was done and not yet told. */
  readonly done: {
    readonly name: string;
    readonly note: string;
    /** People know it by a name of its own. */
    readonly isNamed: boolean;
    readonly isPlain: boolean;
  }[];
}

type AnyPlan = Plan<Action, CommonStatus>;

interface Round {
  readonly plan: AnyPlan;
  readonly allowed: readonly Action[];
  readonly forbidden: readonly Action[];
}

/** Throws OperatorError (and the signal's reason); the controller alone catches, and alone turns it into conditions. */
export async function reconcile(
  kind: AnyKind,
  deps: ReconcileDeps,
  key: ObjectKey,
  signal: AbortSignal,
): Promise<Next> {
  const found = deps.store.get(key, kind.kind) as Managed | undefined;
  const step = gate(found);
  if (found === undefined || step === 'nothing' || !deps.isOurs(found)) {
    deps.unsaved.delete(key);
    return onChange;
  }
  if (!deps.mayWrite()) return notLeading;
  if (deps.isPaused || step === 'paused') {
    const pass = createPass(kind, deps, found, signal);
    const by = deps.isPaused ? 'PAUSED of the operator' : 'spec.suspend';
    await save(pass, pausedConditions(found, by), handled(found));
    deps.unsaved.delete(key);
    return onChange;
  }
  const claimed =
    step === 'claim' ? ((await deps.store.addFinalizer(found, signal)) as Managed) : found;
  // Deleted or paused while it was being claimed: the watch brings it back.
  if (gate(claimed) !== 'proceed') return { look: 'after', delayMs: 0, reason: 'Changed' };
  const next = await converge(createPass(kind, deps, claimed, signal));
  deps.unsaved.delete(key);
  return next;
}

const notLeading: Next = { look: 'after', delayMs: 1_000, reason: 'NotLeading' };

function createPass(
  kind: AnyKind,
  deps: ReconcileDeps,
  looked: Managed,
  signal: AbortSignal,
): Pass {
  const { kind: name, metadata } = looked;
  const key: ObjectKey = `${name}/${metadata.namespace}/${metadata.name}`;
  const unsaved = deps.unsaved.get(key);
  const fields = unsaved?.uid === metadata.uid ? { ...unsaved.fields } : {};
  if (unsaved?.uid !== metadata.uid) deps.unsaved.delete(key);
  const resource = { ...looked, status: { ...looked.status, ...fields } };
  return {
    kind,
    deps,
    key,
    signal,
    looked,
    resource,
    fields,
    isBehind: unsaved?.uid === metadata.uid,
    seen: conditionsOf(looked),
    found: undefined,
    done: [],
  };
}

async function converge(pass: Pass): Promise<Next> {
  try {
    return await runRounds(pass);
  } finally {
    tellWhatWasDone(pass);
  }
}

async function runRounds(pass: Pass): Promise<Next> {
  for (let number = 0; number < roundsMax; number++) {
    const round = await look(pass);
    if (round.allowed.length === 0) return settle(pass, round);
    const stop = await applyAll(pass, round);
    if (stop !== undefined) return stop;
  }
  throw transient(
    'the changes that were made do not show, or something else undoes them: they are tried again later',
    { reason: 'NotConverging' },
  );
}

async function look(pass: Pass): Promise<Round> {
  pass.signal.throwIfAborted();
  const observed: unknown = await pass.kind.observe(pass.resource, pass.signal);
  const nowMs = pass.deps.clock.nowMs();
  const plan = pass.kind.plan(pass.resource, observed, nowMs) as AnyPlan;
  const permitted = permit(plan.actions, pass.looked.spec.managementPolicies);
  pass.found ??= plan.conditions.filter(({ type }) => pass.kind.findings?.includes(type));
  announceDrift(pass, plan.conditions, permitted.forbidden.length > 0);
  announceContended(pass, plan.status);
  learn(pass, plan.status);
  return { plan, ...permitted };
}

/**
 * Undefined: all were applied. Otherwise the pass ends here, and what it says is when to look again. What failed is thrown
 * when the urgent ones that are left were tried.
 */
async function applyAll(pass: Pass, { plan, allowed }: Round): Promise<Next | undefined> {
  let failure: { readonly error: unknown } | undefined;
  for (const action of allowed) {
    if (failure !== undefined && action.isUrgent !== true) break;
    const stop = await prepare(pass, plan);
    if (stop !== undefined) return stop;
    try {
      await applyAndLearn(pass, plan, action);
    } catch (error) {
      if (action.isUrgent !== true) throw error;
      failure ??= { error };
    }
  }
  if (failure !== undefined) throw failure.error;
  return undefined;
}

/** Undefined: the next action may be done. */
async function prepare(pass: Pass, plan: AnyPlan): Promise<Next | undefined> {
  const { deps } = pass;
  if (!deps.mayWrite()) return notLeading;
  if (isOvertaken(pass.looked, deps.store.get(pass.key, pass.kind.kind))) {
    await save(pass, workingConditions(pass.looked, plan));
    return { look: 'after', delayMs: 0, reason: 'Changed' };
  }
  pass.signal.throwIfAborted();
  if (pass.isBehind) await save(pass, workingConditions(pass.looked, plan));
  pass.isBehind = false;
  return deps.mayWrite() ? undefined : notLeading;
}

async function applyAndLearn(pass: Pass, plan: AnyPlan, action: Action): Promise<void> {
  const learned = await applyOne(pass, action);
  pass.deps.figures.count(pass.kind, pass.resource, learned.counts ?? []);
  if (learned.status === undefined) return;
  learn(pass, learned.status);
  const isLater = action.recoverable === true && changesOutside(action);
  if (!isLater) await save(pass, workingConditions(pass.looked, plan));
}

async function applyOne(pass: Pass, action: Action): Promise<Learned<CommonStatus>> {
  const { kind, deps, resource, signal } = pass;
  if (!changesOutside(action)) return kind.apply(action, resource, signal);
  try {
    const learned: Learned<CommonStatus> = await kind.apply(action, resource, signal);
    const { refusal: reason } = learned;
    const result = reason === undefined ? 'succeeded' : 'failed';
    deps.metrics.actions.inc({ kind: kind.kind, action: action.name, result });
    deps.failures.delete(pass.key);
    const record = auditOf(resource, action, result, learned);
    deps.audit.write(reason === undefined ? record : { ...record, reason });
    if (reason !== undefined) return learned;
    const note = learned.summary ?? action.summary;
    pass.done.push({
      name: action.event ?? action.name,
      isNamed: action.event !== undefined,
      note,
      isPlain: action.recoverable === true,
    });
    return learned;
  } catch (error) {
    // Accounted for, not handled: that is the controller's.
    const { result, reason, requestId } = outcomeOf(error);
    deps.metrics.actions.inc({ kind: kind.kind, action: action.name, result });
    // The same failure of the same change comes again at every try: it is told once.
    const failure = `${action.name} ${reason}`;
    if (deps.failures.get(pass.key) !== failure) {
      deps.audit.write({ ...auditOf(resource, action, result, { audit: { requestId } }), reason });
    }
    deps.failures.set(pass.key, failure);
    throw error;
  }
}

/**
 * One event for a pass: people read what happened to an object, and each event is a write to the API server. What people
 * watch for by name has its own, which takes the steps on the way with it.
 */
function tellWhatWasDone({ deps, looked, done }: Pass): void {
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

async function settle(pass: Pass, { plan, forbidden }: Round): Promise<Next> {
  const { deps, looked, signal } = pass;
  if (!deps.mayWrite()) return notLeading;
  if (looked.metadata.deletionTimestamp !== undefined && plan.released) {
    await deps.store.removeFinalizer(looked, signal);
    return onChange;
  }
  const conditions = settledConditions(looked, plan, forbidden);
  const saved = await save(pass, conditions, handled(looked));
  if (saved === undefined) return onChange;
  deps.figures.looked(pass.key);
  if (isPlainStart(pass, conditions)) pass.done.length = 0;
  tellWhatWasDone(pass);
  const mended = pass.found?.filter((one) => !conditions.some(({ type }) => type === one.type));
  const told = [...conditions, ...(mended ?? [])];
  for (const event of readyEvents(conditionsOf(looked), told, pass.kind.findings)) {
    deps.events.record(looked, event);
  }
  return plan.next;
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

/** Not a kind's to set. */
const engineFields = new Set(['conditions', 'observedGeneration', 'lastHandledReconcileAt']);

function learn(pass: Pass, status: Partial<CommonStatus>): void {
  const known: Record<string, unknown> = { ...pass.resource.status };
  for (const name of Object.keys(status) as (keyof CommonStatus)[]) {
    if (engineFields.has(name)) continue;
    pass.fields[name] = status[name];
    known[name] = status[name];
  }
  pass.resource = { ...pass.resource, status: known };
  const { uid } = pass.looked.metadata;
  pass.deps.unsaved.set(pass.key, { uid, fields: pass.fields, conditions: pass.seen });
}

async function save(
  pass: Pass,
  conditions: readonly Condition[],
  more: Readonly<Record<string, unknown>> = {},
): Promise<Resource | undefined> {
  const { deps, looked, signal } = pass;
  if (!deps.mayWrite()) throw transient('another process leads', { reason: 'NotLeading' });
  const observedGeneration = looked.metadata.generation;
  const fields = { ...pass.fields, ...more };
  return deps.store.saveStatus(looked, { fields, conditions, observedGeneration }, signal);
}

function announceDrift(pass: Pass, conditions: readonly Condition[], isBlocked: boolean): void {
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

function announceContended({ deps, kind, looked, resource }: Pass, status: WithDrift): void {
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

/**
 * The one reconcile, the same for every kind and free of Kubernetes:
 *
 *   gate → claim → up to 8 rounds of (observe → plan → permit → apply one by one) → save
 *
 * A round that finds nothing to do is the proof that the rounds before it worked: success is never reported on the word
 * of a write alone. What an action learned is stored before the next one, so that a crash between two loses nothing;
 * `recoverable` actions are found again by a natural key and need no write of their own.
 */
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
import type { CommonStatus, ObjectKey } from '../core/resource.ts';
import { auditOf, outcomeOf } from './account.ts';
import {
  handled,
  isOvertaken,
  type Managed,
  pausedConditions,
  settledConditions,
  workingConditions,
} from './outcome.ts';
import { createPass, learn, type Pass, type ReconcileDeps, save } from './pass.ts';
import { tellContended, tellDrift, tellEnd, tellWhatWasDone } from './telling.ts';

/** More than any kind needs: a plan that still has actions after so many rounds is undone by something. */
const roundsMax = 8;

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
  tellDrift(pass, plan.conditions, permitted.forbidden.length > 0);
  tellContended(pass, plan.status);
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
  tellEnd(pass, conditions);
  return plan.next;
}

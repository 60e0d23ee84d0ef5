/** Here, and only here, a failure becomes a condition, an event, a metric and the next look. */
import { conditionsForError } from '../core/conditions.ts';
import { type OperatorError, toOperatorError } from '../core/errors.ts';
import type { ObjectKey } from '../core/resource.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import {
  conditionsBelow,
  conditionsOf,
  handled,
  hiccups,
  isBriefHold,
  isPassing,
  type Managed,
} from './outcome.ts';
import type { ReconcileDeps } from './pass.ts';
import type { Queue } from './queue.ts';
import { readyEvents } from './transitions.ts';

interface FailuresSetup {
  readonly kind: string;
  readonly deps: ReconcileDeps & { readonly metrics: Metrics };
  readonly queue: Queue;
  /** At the next resync, where nothing wakes it before. */
  readonly lookLater: (key: ObjectKey) => void;
}

interface Failed {
  readonly key: ObjectKey;
  /** As the pass found it; undefined: it was gone. */
  readonly looked: Managed | undefined;
  readonly log: Log;
}

/** How long a Wait without a time of its own lasts. */
const slowPollMs = 10 * 60_000;
/** First wait after a fault of ours: repeating it faster helps nobody. */
const bugBaseMs = 60_000;

/** Of one kind. */
export class Failures {
  readonly #setup: FailuresSetup;

  constructor(setup: FailuresSetup) {
    this.#setup = setup;
  }

  /** Shows the failure and schedules the next look. Never throws. Returns its reason. */
  async handle(
    { key, looked, log }: Failed,
    thrown: unknown,
    signal: AbortSignal,
  ): Promise<string> {
    const { kind, deps, queue } = this.#setup;
    const error = toOperatorError(thrown);
    this.#count(error, thrown, log);
    const now = deps.store.get(key, kind);
    if (looked === undefined || now?.metadata.uid !== looked.metadata.uid) {
      queue.forget(key);
      if (now !== undefined) queue.add(key, 'edit');
      return 'Gone';
    }
    try {
      const isShown = deps.unsaved.has(key) || !isPassing(error, now, this.#attempt(key));
      if (isShown) await this.#show(key, looked, error, signal);
    } catch (second) {
      // Kubernetes itself is what fails: nothing can be shown now, so try all of it again.
      log.warn({ error: second, reason: error.reason }, 'the failure could not be stored');
      queue.retry(key);
      return error.reason;
    }
    this.#schedule(key, error);
    return error.reason;
  }

  #count(error: OperatorError, thrown: unknown, log: Log): void {
    const { kind: controller, deps } = this.#setup;
    const { metrics } = deps;
    metrics.reconcileErrors.inc({ controller });
    if (error.class === 'Terminal') metrics.terminalErrors.inc({ controller });
    const fields = { reason: error.reason, class: error.class, requestId: error.requestId };
    if (error.class === 'Bug') {
      metrics.bugs.inc();
      metrics.reconcilePanics.inc({ controller });
      log.error({ ...fields, error: thrown }, 'an unexpected error');
      return;
    }
    log.debug({ ...fields, error }, 'the reconcile failed');
  }

  /** One write at most, and none where the same failure is shown already. */
  async #show(
    key: ObjectKey,
    looked: Managed,
    error: OperatorError,
    signal: AbortSignal,
  ): Promise<void> {
    const { store, events, unsaved, mayWrite } = this.#setup.deps;
    if (!mayWrite()) return;
    const before = conditionsOf(looked);
    const attempt = this.#attempt(key);
    const pass = unsaved.get(key);
    const conditions = conditionsForError(error, conditionsBelow(looked, pass?.conditions));
    const fields = { ...pass?.fields, ...handled(looked) };
    const observedGeneration = looked.metadata.generation;
    const change = { fields, conditions, observedGeneration };
    const saved = await store.saveStatus(looked, change, signal);
    unsaved.delete(key);
    if (saved === undefined) return;
    const shown = before.find((c) => c.type === 'Synced' && c.status === 'False');
    if (!isWorthAnEvent(error, attempt, shown?.reason)) return;
    const stalled = readyEvents(before, conditions);
    for (const event of stalled) events.record(looked, { ...event, note: told(event.note, error) });
    if (stalled.length > 0) return;
    const { reason, message } = error;
    // Waiting for something known is no fault.
    const type = error.class === 'Wait' ? 'Normal' : 'Warning';
    events.record(looked, { type, reason, action: 'Reconcile', note: told(message, error) });
  }

  #schedule(key: ObjectKey, error: OperatorError): void {
    const { queue, lookLater } = this.#setup;
    switch (error.class) {
      case 'Transient':
        queue.retry(key);
        return;
      case 'Bug':
        queue.retry(key, bugBaseMs);
        return;
      case 'Wait':
        this.#scheduleWait(key, error);
        return;
      case 'Terminal':
        queue.forget(key);
        lookLater(key);
        return;
      default:
        error.class satisfies never;
    }
  }

  #scheduleWait(key: ObjectKey, { holdsFlow, delayMs }: OperatorError): void {
    const { kind, deps, queue } = this.#setup;
    queue.forget(key);
    // Who is put off with all of its flow keeps its place in it.
    const lane = holdsFlow ? queue.laneOf(key) : undefined;
    queue.add(key, lane ?? 'retry', delayMs ?? slowPollMs);
    if (!holdsFlow || delayMs === undefined) return;
    queue.hold(key, delayMs);
    deps.metrics.throttledSeconds.inc({ kind }, delayMs / 1000);
  }

  /** Which failure in a row this one is. */
  #attempt(key: ObjectKey): number {
    return this.#setup.queue.failures(key) + 1;
  }
}

/** A hiccup is told of once it lasts; anything else when it is new. */
function isWorthAnEvent(error: OperatorError, attempt: number, shown: string | undefined): boolean {
  // Thousands of new objects that wait for a quota would be thousands of events: status says it.
  if (isBriefHold(error)) return false;
  const isNew = shown !== error.reason;
  if (error.class !== 'Transient') return isNew;
  return attempt === hiccups + 1 || (attempt > hiccups && isNew);
}

/** With the outside's own id of the request, for whoever asks Microsoft about it. */
function told(note: string, { requestId }: OperatorError): string {
  return requestId === undefined ? note : `${note} (request ${requestId})`;
}

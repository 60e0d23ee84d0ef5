/** Workers for one kind, and when each of its objects is looked at next. */
import { type OperatorError, transient } from '../core/errors.ts';
import { markLane } from '../core/lane.ts';
import type { AnyKind, Next } from '../core/plan.ts';
import type { Lane } from '../core/ports.ts';
import { type ObjectKey, parseKey } from '../core/resource.ts';
import { Failures } from './failures.ts';
import type { Taken } from './lanes.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Managed } from './outcome.ts';
import type { ReconcileDeps } from './pass.ts';
import { Queue } from './queue.ts';
import { queueObserver } from './queue-metrics.ts';
import { reconcile } from './reconcile.ts';

export interface ControllerOptions {
  /** Keys of one kind worked on at once. They mostly wait for answers: what bounds them is what those outside allow. */
  readonly concurrency: number;
  /** Beside those, by workers that take nothing else, keys that somebody edited. */
  readonly concurrencyOfEdits: number;
  /** Of those, keys of one flow (a customer): one that is slow or throttled leaves the others their workers. */
  readonly concurrencyOfFlow: number;
  /** A reconcile that takes longer is cut off and tried again. */
  readonly deadlineMs: number;
  /** Objects that nothing wakes are looked at again after this long, ±10 %. */
  readonly resyncMs: number;
}

interface ControllerDeps extends ReconcileDeps {
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Work of one turn of the event loop. */
const turnMaxMs = 10;

type Result = 'success' | 'requeue_after' | 'error' | 'aborted';

interface Outcome {
  readonly result: Result;
  readonly reason: string;
}

export class Controller {
  readonly queue: Queue;
  readonly #kind: AnyKind;
  readonly #deps: ControllerDeps;
  readonly #options: ControllerOptions;
  readonly #failures: Failures;
  readonly #stop = new AbortController();
  /** Monotonic: edits that status does not speak of yet. */
  readonly #editedMs = new Map<ObjectKey, number>();
  /** What is worked on, by what cuts it off. Not AbortSignal.any: its weak references cost more than a look. */
  readonly #passes = new Set<AbortController>();
  #workers: Promise<void>[] = [];
  /** Turns of the event loop that workers waited for, and when the last of them began. Monotonic. */
  #turn = 0;
  #turnedMs = 0;

  constructor(kind: AnyKind, deps: ControllerDeps, options: ControllerOptions) {
    this.#kind = kind;
    this.#deps = deps;
    this.#options = options;
    this.queue = new Queue(deps.clock, {
      observer: queueObserver(kind.kind, deps.metrics),
      flowOf: (key) => this.#flowOf(key),
      shareMax: options.concurrencyOfFlow,
    });
    const { queue } = this;
    const lookLater = (key: ObjectKey): void => this.#scheduleResync(key);
    this.#failures = new Failures({ kind: kind.kind, deps, queue, lookLater });
  }

  start(): void {
    const { concurrency, concurrencyOfEdits } = this.#options;
    const workers: readonly Taken[] = [
      ...Array<Taken>(concurrencyOfEdits).fill('edits'),
      ...Array<Taken>(concurrency).fill('all'),
    ];
    this.#deps.metrics.maxConcurrent.set({ controller: this.#kind.kind }, workers.length);
    this.#workers = workers.map((which) => this.#work(which));
  }

  /** Intake stops now; keys that are being worked on get `graceMs`, then they are cut off. */
  async stop(graceMs: number): Promise<void> {
    const cutOff = (): void => {
      this.#stop.abort(new DOMException('the operator stops', 'AbortError'));
      for (const pass of this.#passes) pass.abort(this.#stop.signal.reason);
    };
    const drained = this.queue.shutdown();
    if (graceMs <= 0) cutOff();
    const timer = this.#deps.clock.setTimer(graceMs, cutOff);
    await drained;
    timer.cancel();
    await Promise.all(this.#workers);
  }

  add(key: ObjectKey, lane: Lane, delayMs = 0): void {
    if (lane === 'edit' && !this.#editedMs.has(key)) {
      this.#editedMs.set(key, this.#deps.clock.monotonicMs());
    }
    this.queue.add(key, lane, delayMs);
  }

  /** Status speaks of the edit now. */
  #observeLag(key: ObjectKey): void {
    const editedMs = this.#editedMs.get(key);
    if (editedMs === undefined || !this.#editedMs.delete(key)) return;
    const lagSeconds = (this.#deps.clock.monotonicMs() - editedMs) / 1000;
    this.#deps.metrics.reconcileLag.observe({ kind: this.#kind.kind }, lagSeconds);
  }

  #flowOf(key: ObjectKey): string {
    const resource = this.#deps.store.get(key, this.#kind.kind);
    const flow = resource === undefined ? undefined : this.#kind.flow?.(resource);
    return flow ?? parseKey(key).namespace;
  }

  async #work(which: Taken): Promise<void> {
    for (;;) {
      while (this.#isTurnLong()) await this.#letOthersIn();
      const key = await this.queue.get(which);
      if (key === undefined) return;
      await this.#reconcileOne(key);
      this.queue.done(key);
    }
  }

  /**
   * Looks that wait for nothing outside follow one another as promises do. Thousands of them would be one turn of the event
   * loop, and answers, edits and the lease would wait for the last.
   */
  #isTurnLong(): boolean {
    return this.#deps.clock.monotonicMs() - this.#turnedMs > turnMaxMs;
  }

  /** Of all workers that wait the first begins the new turn's time: with a time for each, one turn would be forty of them. */
  async #letOthersIn(): Promise<void> {
    const turn = this.#turn;
    await this.#deps.clock.nextTurn();
    if (turn !== this.#turn) return;
    this.#turn += 1;
    this.#turnedMs = this.#deps.clock.monotonicMs();
  }

  async #reconcileOne(key: ObjectKey): Promise<void> {
    const { clock, metrics, log } = this.#deps;
    const controller = this.#kind.kind;
    const { namespace, name } = parseKey(key);
    const startedMs = clock.monotonicMs();
    const keyLog = log.child({ controller, namespace, name, reconcileID: clock.uuid() });
    const { result, reason } = await this.#outcome(key, keyLog);
    const durationMs = Math.round(clock.monotonicMs() - startedMs);
    metrics.reconcileSeconds.observe({ controller }, durationMs / 1000);
    if (result !== 'aborted') metrics.reconcileTotal.inc({ controller, result });
    this.#observeLag(key);
    keyLog[result === 'error' ? 'warn' : 'info']({ result, durationMs, reason }, 'reconciled');
  }

  async #outcome(key: ObjectKey, log: Log): Promise<Outcome> {
    const looked = this.#deps.store.get(key, this.#kind.kind) as Managed | undefined;
    try {
      const next = await this.#cutOff((signal) => {
        markLane(signal, this.queue.laneOf(key) ?? 'retry');
        return reconcile(this.#kind, this.#deps, key, signal);
      });
      return this.#schedule(key, next);
    } catch (thrown) {
      if (this.#stop.signal.aborted) return { result: 'aborted', reason: 'Stopping' };
      const reason = await this.#failures.handle({ key, looked, log }, thrown, this.#stop.signal);
      return { result: 'error', reason };
    }
  }

  async #cutOff(work: (signal: AbortSignal) => Promise<Next>): Promise<Next> {
    const { clock, metrics } = this.#deps;
    const pass = new AbortController();
    const timer = clock.setTimer(this.#options.deadlineMs, () => {
      metrics.reconcileTimeouts.inc({ controller: this.#kind.kind });
      pass.abort(tooLate());
    });
    if (this.#stop.signal.aborted) pass.abort(this.#stop.signal.reason);
    this.#passes.add(pass);
    try {
      return await work(pass.signal);
    } catch (thrown) {
      // Whatever a call throws that was cut off: the cause is what cut it off.
      throw pass.signal.aborted ? pass.signal.reason : thrown;
    } finally {
      timer.cancel();
      this.#passes.delete(pass);
    }
  }

  #schedule(key: ObjectKey, next: Next): Outcome {
    this.queue.forget(key);
    if (next.look === 'after') {
      this.queue.add(key, 'retry', next.delayMs);
      return { result: 'requeue_after', reason: next.reason };
    }
    this.#scheduleResync(key);
    return { result: 'success', reason: 'Settled' };
  }

  #scheduleResync(key: ObjectKey): void {
    const { store, clock } = this.#deps;
    if (store.get(key, this.#kind.kind) === undefined) return;
    const delayMs = this.#options.resyncMs * (0.9 + 0.2 * clock.random());
    this.queue.add(key, 'resync', Math.round(delayMs));
  }
}

function tooLate(): OperatorError {
  return transient('the work took too long and was cut off; it is tried again later', {
    reason: 'DeadlineExceeded',
  });
}

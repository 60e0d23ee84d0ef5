/** All controllers together: turns changes of the cache into keys of the right queues, and starts and stops them. */
import type { AnyKind, Figure } from '../core/plan.ts';
import type { AuditLog, EventRecorder, Lane, Store } from '../core/ports.ts';
import { isClaim, kindOf, type ObjectKey, type Resource } from '../core/resource.ts';
import { type Change, concernsDependants, ownLane } from './changes.ts';
import type { Clock } from './clock.ts';
import { Controller, type ControllerOptions } from './controller.ts';
import { FigureGauges } from './figure-gauges.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { observeQueue } from './queue-metrics.ts';
import { StateGauges } from './state-gauges.ts';

interface ManagerOptions extends Partial<ControllerOptions> {
  /** Concurrency by kind, where it differs from `concurrency`. */
  readonly concurrencyOf?: Readonly<Record<string, number>>;
}

interface ManagerSetup {
  readonly kinds: readonly AnyKind[];
  readonly store: Store;
  /** Calls back for every object that is there already (`initial`) and every change after. Returns how to end it. */
  readonly subscribe: (listener: (change: Change) => void) => () => void;
  /** Objects whose `Kind.references` hold this key, as of the change that is being told. */
  readonly referencing: (key: ObjectKey) => readonly ObjectKey[];
  readonly events: EventRecorder;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Leadership holds at this very moment. */
  readonly mayWrite: () => boolean;
  /** False: the object is seen, and another shard works on it. Default: all are ours. */
  readonly isOurs?: (resource: Resource) => boolean;
  /** Nothing is looked at or changed outside, and every object says so. Default: false. */
  readonly isPaused?: boolean;
  readonly options?: ManagerOptions;
}

export interface Manager {
  /** Caches are to be filled before; the queues fill from the moment the manager is created. */
  start(): void;
  /** For observers of the outside world (delta polls): look at this object again. */
  wake(key: ObjectKey, lane: Lane, delayMs?: number): void;
  /** Something happened to the object that is no action of ours: for the counters of its kind. */
  count(resource: Resource, figures: readonly Figure[]): void;
  /** Keys that wait, of all kinds, delayed ones too. */
  pending(): number;
  /** Keys that are being worked on get so long to finish (default 6 s), then they are cut off. 0: at once. */
  stop(graceMs?: number): Promise<void>;
}

const defaults = {
  concurrency: 32,
  concurrencyOfEdits: 8,
  concurrencyOfFlow: 16,
  deadlineMs: 2 * 60_000,
  resyncMs: 10 * 60 * 60_000,
} as const;

/** A stop takes less than ten seconds in all; after this there are events to write and the lease to give back. */
const graceDefaultMs = 6_000;

/** Of many that come together, as one applies them, all are counted at once. */
const countingDelayMs = 1_000;

export function createManager(setup: ManagerSetup): Manager {
  const { options = {}, metrics } = setup;
  const { isOurs = () => true, isPaused = false } = setup;
  const figures = new FigureGauges(setup.kinds, metrics, setup.clock);
  const deps = { ...setup, isOurs, isPaused, figures, unsaved: new Map(), failures: new Map() };
  const controllers = new Map<string, Controller>();
  const kinds = new Map(setup.kinds.map((kind) => [kind.kind, kind]));
  for (const kind of setup.kinds) {
    const concurrency = options.concurrencyOf?.[kind.kind] ?? options.concurrency;
    const merged = { ...defaults, ...options, concurrency: concurrency ?? defaults.concurrency };
    controllers.set(kind.kind, new Controller(kind, deps, merged));
  }
  const wake = (key: ObjectKey, lane: Lane, delayMs?: number): void => {
    controllers.get(kindOf(key))?.add(key, lane, delayMs);
  };
  const unsubscribe = setup.subscribe(listenerOf(kinds, { ...setup, isOurs, wake, figures }));
  return {
    start: () => {
      if (!isPaused) figures.start();
      for (const [name, controller] of controllers) {
        metrics.beforeScrape.add(() => observeQueue(name, metrics, controller.queue));
        controller.start();
        setup.log.info({ controller: name }, 'controller started');
      }
    },
    wake,
    count: (resource, counts) => {
      const kind = kinds.get(resource.kind);
      if (kind !== undefined) figures.count(kind, resource, counts);
    },
    pending: () => [...controllers.values()].reduce((sum, { queue }) => sum + queue.length, 0),
    stop: async (graceMs = graceDefaultMs) => {
      unsubscribe();
      await Promise.all([...controllers.values()].map((controller) => controller.stop(graceMs)));
    },
  };
}

interface Listening extends Pick<ManagerSetup, 'store' | 'referencing' | 'metrics'> {
  readonly isOurs: (resource: Resource) => boolean;
  readonly wake: (key: ObjectKey, lane: Lane, delayMs?: number) => void;
  readonly figures: FigureGauges;
}

function listenerOf(
  kinds: ReadonlyMap<string, AnyKind>,
  { store, referencing, metrics, isOurs, wake, figures }: Listening,
): (change: Change) => void {
  const gauges = new StateGauges(metrics);
  const ifOurs = (resource: Resource | undefined): Resource | undefined =>
    resource !== undefined && isOurs(resource) ? resource : undefined;
  /** Who is being deleted may have waited for the last that refers to it. */
  const wakeIfLastIsGone = (key: ObjectKey): void => {
    const isLeaving = store.get(key)?.metadata.deletionTimestamp !== undefined;
    if (isLeaving && referencing(key).length === 0) wake(key, 'dependant');
  };
  const wakeIfCounting = (key: ObjectKey, counted: string): void => {
    const counts = kinds.get(kindOf(key))?.counts ?? [];
    if (counts.includes(counted)) wake(key, 'dependant', countingDelayMs);
  };
  const followReferences = (kind: AnyKind, change: Change): void => {
    const { gone, come } = movedReferences(kind, change);
    for (const claim of gone.filter(isClaim)) {
      for (const other of referencing(claim)) wake(other, 'dependant');
    }
    gone.forEach(wakeIfLastIsGone);
    for (const key of [...gone, ...come]) wakeIfCounting(key, kind.kind);
  };
  const follow = (kind: AnyKind, change: Change): void => {
    const { key, old, new: now } = change;
    followReferences(kind, change);
    const ours = ifOurs(now);
    const before = ifOurs(old);
    gauges.update(before, ours);
    figures.update(kind, before, ours);
    const lane = ours === undefined ? undefined : laneOf(change, isOurs);
    if (lane !== undefined) wake(key, lane);
  };
  return (change) => {
    const { key, initial } = change;
    const kind = kinds.get(kindOf(key));
    if (kind !== undefined) follow(kind, change);
    // Objects of the first list are all looked at anyway.
    if (initial || !concernsDependants(change, kind?.statusForDependants)) return;
    for (const dependant of referencing(key)) wake(dependant, 'dependant');
  };
}

/** What the object no longer refers to, and what it refers to now. Of the first list nothing has moved. */
function movedReferences(
  kind: AnyKind,
  { old, new: now, initial }: Change,
): { readonly gone: readonly ObjectKey[]; readonly come: readonly ObjectKey[] } {
  if (initial) return { gone: [], come: [] };
  const before = old === undefined ? [] : kind.references(old);
  const after = now === undefined ? [] : kind.references(now);
  return {
    gone: before.filter((key) => !after.includes(key)),
    come: after.filter((key) => !before.includes(key)),
  };
}

/** An object whose labels now make it ours is as new. */
function laneOf(change: Change, isOurs: (resource: Resource) => boolean): Lane | undefined {
  const isNewlyOurs = change.old !== undefined && !isOurs(change.old);
  return isNewlyOurs ? 'edit' : ownLane(change);
}

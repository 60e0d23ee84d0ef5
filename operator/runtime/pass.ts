/** One pass over one object: what it began with, and what it has seen, done and learned by now. */
import { transient } from '../core/errors.ts';
import type { AnyKind } from '../core/plan.ts';
import type { AuditLog, EventRecorder, Store } from '../core/ports.ts';
import type { CommonStatus, Condition, ObjectKey, Resource } from '../core/resource.ts';
import type { Clock } from './clock.ts';
import type { FigureGauges } from './figure-gauges.ts';
import type { Metrics } from './metrics.ts';
import { conditionsOf, type Managed } from './outcome.ts';

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

export interface Pass {
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

export function createPass(
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

/** Not a kind's to set. */
const engineFields = new Set(['conditions', 'observedGeneration', 'lastHandledReconcileAt']);

export function learn(pass: Pass, status: Partial<CommonStatus>): void {
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

export async function save(
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

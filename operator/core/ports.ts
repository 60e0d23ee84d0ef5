/** What the engine asks of the Kubernetes side. Implemented in `kube/`, handed in by `main.ts`. */
import type { Condition, ObjectKey, Resource } from './resource.ts';

export interface StatusChange {
  /** Merged over the stored status; a key whose value is undefined is removed. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly conditions: readonly Condition[];
  readonly observedGeneration: number;
}

export interface Store {
  /**
   * Newest known version: the cache, or the answer to our own last write where the cache is older. `kind` is in the key; who
   * has it at hand saves its being cut out.
   */
  get(key: ObjectKey, kind?: string): Resource | undefined;
  addFinalizer(resource: Resource, signal: AbortSignal): Promise<Resource>;
  /** Ok also where the object is gone. */
  removeFinalizer(resource: Resource, signal: AbortSignal): Promise<void>;
  /**
   * Writes only where the meaning changes, under one field manager, with the uid as precondition; returns the object
   * as it is now. Undefined: the object is gone (or another of the same name), nothing was written.
   */
  saveStatus(
    resource: Resource,
    change: StatusChange,
    signal: AbortSignal,
  ): Promise<Resource | undefined>;
}

export interface EventRecord {
  readonly type: 'Normal' | 'Warning';
  /** CamelCase, constant. */
  readonly reason: string;
  /** What was done or tried, CamelCase: `CreateUser`. */
  readonly action: string;
  /** At most 1,000 characters, no secrets. */
  readonly note: string;
}

export interface EventRecorder {
  /** Never throws and never blocks a reconcile. */
  record(resource: Resource, event: EventRecord): void;
}

export interface AuditRecord {
  readonly resource: {
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
    readonly generation: number;
  };
  /** Who asked, as far as known: field managers, the `change-ref` annotation. */
  readonly requestedBy: {
    readonly managers: readonly string[];
    readonly changeRef?: string;
    /** Of a change by others. */
    readonly outside?: { readonly type: 'User' | 'Application'; readonly name: string };
  };
  readonly system: string;
  readonly operation: string;
  readonly result: 'succeeded' | 'failed' | 'unknown';
  readonly target?: string | undefined;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly requestId?: string | undefined;
  readonly money?: { readonly amount: number; readonly currency: string } | undefined;
  readonly reason?: string | undefined;
}

export interface AuditLog {
  /** Adds time and hash chain. Never blocks a reconcile. */
  write(record: AuditRecord): void;
}

/** Lanes of the queue: an edit by a person before a dependant, a retry, a resync. */
export type Lane = 'edit' | 'dependant' | 'retry' | 'resync';

/** An engine without Kubernetes: a store in memory that keeps the promises of `core/ports.ts`, and records of the rest. */
import { mergeConditions } from '../../operator/core/conditions.ts';
import { type AnyKind, finalizer } from '../../operator/core/plan.ts';
import type {
  AuditLog,
  AuditRecord,
  EventRecord,
  EventRecorder,
  StatusChange,
  Store,
} from '../../operator/core/ports.ts';
import { ReferenceIndex } from '../../operator/core/references.ts';
import {
  type CommonStatus,
  keyOf,
  type ObjectKey,
  type Resource,
} from '../../operator/core/resource.ts';
import type { Change } from '../../operator/runtime/changes.ts';
import type { Clock } from '../../operator/runtime/clock.ts';
import type { Log, LogFields } from '../../operator/runtime/log.ts';
import { expectStatusRules } from './expect-status.ts';

/** `{Ready: 'True Ready', …}`: what an object shows, short enough to compare. */
export function shownConditions(resource: Resource): Readonly<Record<string, string>> {
  const { conditions = [] } = (resource.status ?? {}) as CommonStatus;
  return Object.fromEntries(conditions.map((c) => [c.type, `${c.status} ${c.reason}`]));
}

interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields;
}

export class RecordedLog implements Log {
  readonly lines: LogLine[];
  readonly #fields: LogFields;

  constructor(lines: LogLine[] = [], fields: LogFields = {}) {
    this.lines = lines;
    this.#fields = fields;
  }

  debug(fields: LogFields, message: string): void {
    this.#add('debug', fields, message);
  }
  info(fields: LogFields, message: string): void {
    this.#add('info', fields, message);
  }
  warn(fields: LogFields, message: string): void {
    this.#add('warn', fields, message);
  }
  error(fields: LogFields, message: string): void {
    this.#add('error', fields, message);
  }
  child(fields: LogFields): Log {
    return new RecordedLog(this.lines, { ...this.#fields, ...fields });
  }

  #add(level: string, fields: LogFields, message: string): void {
    this.lines.push({ level, message, fields: { ...this.#fields, ...fields } });
  }
}

export class RecordedEvents implements EventRecorder {
  readonly records: EventRecord[] = [];

  record(_resource: Resource, event: EventRecord): void {
    this.records.push(event);
  }

  get reasons(): readonly string[] {
    return this.records.map((event) => event.reason);
  }
}

export class RecordedAudit implements AuditLog {
  readonly records: AuditRecord[] = [];

  write(record: AuditRecord): void {
    this.records.push(record);
  }
}

type WriteKind = 'addFinalizer' | 'removeFinalizer' | 'saveStatus';

/** Every status that is stored is checked against the rules of expect-status.ts. */
export class MemoryStore implements Store {
  readonly writes: WriteKind[] = [];
  /** Called before a write; may throw what the API server would. */
  beforeWrite: (kind: WriteKind) => void = () => undefined;
  readonly #clock: Clock;
  readonly #objects = new Map<ObjectKey, Resource>();
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #index = new ReferenceIndex();
  readonly #referencesOf: AnyKind['references'];
  #version = 100;

  /** `kind`: of all that will be in it. Default: one without references. */
  constructor(clock: Clock, kind?: Pick<AnyKind, 'references'>) {
    this.#clock = clock;
    this.#referencesOf = kind?.references ?? (() => []);
  }

  readonly subscribe = (listener: (change: Change) => void): (() => void) => {
    for (const [key, resource] of this.#objects) listener({ key, new: resource, initial: true });
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly referencing = (key: ObjectKey): readonly ObjectKey[] => this.#index.referencing(key);

  /** As kubectl would: a new object, or a new spec. */
  apply(resource: Resource): Resource {
    const old = this.get(keyOf(resource));
    const generation = (old?.metadata.generation ?? 0) + 1;
    const { uid } = old?.metadata ?? resource.metadata;
    const metadata = {
      ...resource.metadata,
      ...old?.metadata,
      ...resource.metadata,
      uid,
      generation,
    };
    return this.#put({ ...resource, ...(old?.status ? { status: old.status } : {}), metadata });
  }

  annotate(key: ObjectKey, annotations: Readonly<Record<string, string>>): void {
    const old = this.require(key);
    this.#put({ ...old, metadata: { ...old.metadata, annotations } });
  }

  /** As kubectl delete would. */
  delete(key: ObjectKey): void {
    const old = this.require(key);
    if ((old.metadata.finalizers ?? []).length === 0) this.#remove(old);
    else {
      const deletionTimestamp = new Date(this.#clock.nowMs()).toISOString();
      const generation = old.metadata.generation + 1;
      this.#put({ ...old, metadata: { ...old.metadata, deletionTimestamp, generation } });
    }
  }

  get(key: ObjectKey): Resource | undefined {
    return this.#objects.get(key);
  }

  require(key: ObjectKey): Resource {
    const resource = this.get(key);
    if (resource === undefined) throw new Error(`"${key}" is not in the store`);
    return resource;
  }

  async addFinalizer(resource: Resource): Promise<Resource> {
    this.#write('addFinalizer');
    const now = this.require(keyOf(resource));
    const finalizers = [...(now.metadata.finalizers ?? []), finalizer];
    return Promise.resolve(this.#put({ ...now, metadata: { ...now.metadata, finalizers } }));
  }

  async removeFinalizer(resource: Resource): Promise<void> {
    this.#write('removeFinalizer');
    const now = this.get(keyOf(resource));
    if (now === undefined) return;
    const finalizers = (now.metadata.finalizers ?? []).filter((name) => name !== finalizer);
    const left = { ...now, metadata: { ...now.metadata, finalizers } };
    const isGone = finalizers.length === 0 && now.metadata.deletionTimestamp !== undefined;
    if (isGone) this.#remove(left);
    else this.#put(left);
    await Promise.resolve();
  }

  async saveStatus(
    resource: Resource,
    change: StatusChange,
    signal?: AbortSignal,
  ): Promise<Resource | undefined> {
    signal?.throwIfAborted();
    const now = this.get(keyOf(resource));
    if (now?.metadata.uid !== resource.metadata.uid) return undefined;
    const status = this.#statusOf(now.status ?? {}, change);
    if (JSON.stringify(status) === JSON.stringify(now.status)) return now;
    this.#write('saveStatus');
    const saved = this.#put({ ...now, status });
    expectStatusRules(saved, now);
    return Promise.resolve(saved);
  }

  #statusOf(current: CommonStatus, change: StatusChange): unknown {
    const { fields, conditions, observedGeneration } = change;
    const time = new Date(this.#clock.nowMs()).toISOString();
    const merged = mergeConditions(current.conditions ?? [], conditions, observedGeneration, time);
    const all = { ...current, ...fields, conditions: merged, observedGeneration };
    const given = Object.entries(all).filter(([, value]) => value !== undefined);
    return Object.fromEntries(given.sort(([a], [b]) => a.localeCompare(b)));
  }

  #write(kind: WriteKind): void {
    this.beforeWrite(kind);
    this.writes.push(kind);
  }

  #put(resource: Resource): Resource {
    const key = keyOf(resource);
    this.#version += 1;
    const resourceVersion = String(this.#version);
    const now = { ...resource, metadata: { ...resource.metadata, resourceVersion } };
    const old = this.get(key);
    this.#objects.set(key, now);
    this.#tell({ key, old, new: now, initial: false });
    return now;
  }

  #remove(resource: Resource): void {
    const key = keyOf(resource);
    this.#objects.delete(key);
    this.#tell({ key, old: resource, initial: false });
  }

  #tell(change: Change): void {
    this.#index.set(change.key, change.new === undefined ? [] : this.#referencesOf(change.new));
    for (const listener of this.#listeners) listener(change);
  }
}

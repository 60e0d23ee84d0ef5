/** JSON merge patches (RFC 7386), and as much of JSON patches (RFC 6902) as the operator sends. Pure. */
import { isDeepStrictEqual } from 'node:util';

export interface RawMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly deletionTimestamp?: string;
  readonly finalizers?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An object as JSON has it. */
export interface Raw {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
  readonly metadata?: Partial<RawMetadata>;
  readonly spec?: unknown;
  readonly status?: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function mergePatched(before: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch;
  const merged = new Map(Object.entries(isFields(before) ? before : {}));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else merged.set(name, mergePatched(merged.get(name), value));
  }
  return Object.fromEntries(merged);
}

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

/** Undefined: a `test` failed, or a path does not exist. */
export function applyJsonPatch<T extends object>(before: T, operations: unknown): T | undefined {
  let patched: unknown = before;
  for (const operation of operations as readonly Operation[]) {
    patched = applyOne(patched, operation.path.split('/').slice(1), operation);
    if (patched === undefined) return undefined;
  }
  return patched as T;
}

function applyOne(at: unknown, path: readonly string[], operation: Operation): unknown {
  const [name = '', ...rest] = path;
  if (rest.length > 0) {
    const inner = applyOne(childOf(at, name), rest, operation);
    return inner === undefined ? undefined : withChild(at, name, inner);
  }
  switch (operation.op) {
    case 'test':
      return isDeepStrictEqual(childOf(at, name), operation.value) ? at : undefined;
    case 'add':
      return Array.isArray(at)
        ? added(at, name, operation.value)
        : withChild(at, name, operation.value);
    default:
      return without(at, name);
  }
}

function childOf(at: unknown, name: string): unknown {
  if (Array.isArray(at)) return at[Number(name)] as unknown;
  return isFields(at) ? at[name] : undefined;
}

function withChild(at: unknown, name: string, value: unknown): unknown {
  if (Array.isArray(at)) return at.with(Number(name), value);
  return isFields(at) ? { ...at, [name]: value } : undefined;
}

function added(at: readonly unknown[], name: string, value: unknown): unknown {
  return name === '-' ? [...at, value] : at.toSpliced(Number(name), 0, value);
}

function without(at: unknown, name: string): unknown {
  if (childOf(at, name) === undefined) return undefined;
  if (Array.isArray(at)) return at.toSpliced(Number(name), 1);
  return Object.fromEntries(Object.entries(at as Fields).filter(([key]) => key !== name));
}

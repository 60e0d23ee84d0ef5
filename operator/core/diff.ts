/** Field differences. Unset in `declared` means "not managed". Pure, sorted by path. */
import type { DriftEntry } from '../api/common.ts';

type Fields = Readonly<Record<string, unknown>>;

/** As status takes it (api/common.ts): what stands outside may be longer. */
const valueMax = 1024;

function shown(value: unknown): string {
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, valueMax);
}

/** Lists are compared as they stand: whoever hands over a set sorts it. */
function isSame(declared: unknown, actual: unknown): boolean {
  if (!Array.isArray(declared) || !Array.isArray(actual)) return declared === actual;
  return declared.length === actual.length && declared.every((item, n) => item === actual[n]);
}

/** Declared fields whose value differs: what a patch must hold. */
export function changedFields(declared: Fields, actual: Fields): Record<string, unknown> {
  const names = Object.keys(declared).filter((name) => {
    const value = declared[name];
    return value !== undefined && !isSame(value, actual[name]);
  });
  return Object.fromEntries(names.sort().map((name) => [name, declared[name]]));
}

/** Less those of these names. */
export function without(fields: Fields, names: ReadonlySet<string>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.has(name)));
}

/** The same, as entries of `status.drift`. `prefix` is the part of spec that the fields stand in. */
export function driftOf(prefix: string, changed: Fields, actual: Fields): DriftEntry[] {
  return Object.keys(changed)
    .sort()
    .map((key) => ({
      path: `${prefix}${key}`,
      type: actual[key] === undefined ? 'Missing' : 'Different',
      declared: shown(changed[key]),
      ...(actual[key] === undefined ? {} : { actual: shown(actual[key]) }),
    }));
}

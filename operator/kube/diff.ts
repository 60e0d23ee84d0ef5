/**
 * JSON merge patches (RFC 7386) between two values as they stand on the wire, where a field that is undefined is none.
 * Pure. By loops, and without a copy: every look of every object ends here, mostly with no difference.
 */

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What turns `current` into `wanted`; undefined where they are equal. Lists are replaced whole. */
export function mergePatchOf(current: Json, wanted: Json): Json | undefined {
  let patch: Record<string, unknown> | undefined;
  for (const name of Object.keys(current)) {
    if (wanted[name] === undefined && current[name] !== undefined) (patch ??= {})[name] = null;
  }
  for (const name of Object.keys(wanted)) {
    if (wanted[name] === undefined) continue;
    const change = changeOf(current[name], wanted[name]);
    if (change !== undefined) (patch ??= {})[name] = change;
  }
  return patch;
}

function changeOf(before: unknown, now: unknown): unknown {
  if (before === now) return undefined;
  if (isObject(before) && isObject(now)) return mergePatchOf(before, now);
  return isSame(before, now) ? undefined : now;
}

function isSame(before: unknown, now: unknown): boolean {
  if (before === now) return true;
  if (Array.isArray(before) && Array.isArray(now)) {
    return before.length === now.length && before.every((item, n) => isSame(item, now[n]));
  }
  return isObject(before) && isObject(now) && mergePatchOf(before, now) === undefined;
}

/** JSON merge patches (RFC 7386) between two values as they stand on the wire. Pure. */
import { isDeepStrictEqual } from 'node:util';

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Without undefined fields, which JSON does not have. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => (item === undefined ? null : plain(item)));
  return isObject(value) ? plainObject(value) : value;
}

function plainObject(value: Json): Json {
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    if (value[name] !== undefined) copy[name] = plain(value[name]);
  }
  return copy;
}

/** What turns `current` into `wanted`; undefined where they are equal. Lists are replaced whole. */
export function mergePatchOf(current: Json, wanted: Json): Json | undefined {
  return patchOf(current, plainObject(wanted));
}

function patchOf(current: Json, wanted: Json): Json | undefined {
  const patch: Record<string, unknown> = {};
  for (const name of Object.keys(current)) {
    if (wanted[name] === undefined) patch[name] = null;
  }
  for (const name of Object.keys(wanted)) {
    const change = changeOf(current[name], wanted[name]);
    if (change !== undefined) patch[name] = change;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function changeOf(before: unknown, now: unknown): unknown {
  if (isObject(before) && isObject(now)) return patchOf(before, now);
  return isDeepStrictEqual(before, now) ? undefined : now;
}

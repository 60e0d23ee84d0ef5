/** State as JSON and back. Beside what JSON has: maps, sets, infinite numbers. Members that are undefined are left out. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [name: string]: Json };

/** @throws Error for what could not be read back: functions, classes, symbols */
export function toJson(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') {
    return Number.isFinite(value) ? value : { $number: String(value) };
  }
  if (typeof value === 'object') return collectionToJson(value);
  throw new Error(`State that cannot be saved: ${typeof value}`);
}

function collectionToJson(value: object): Json {
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Map) return { $map: [...value].map((entry) => entry.map(toJson)) };
  if (value instanceof Set) return { $set: [...value].map(toJson) };
  if (Object.getPrototypeOf(value) === Object.prototype) return objectToJson(value);
  throw new Error(`State that cannot be saved: ${value.constructor.name}`);
}

function objectToJson(value: object): Json {
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  // Whoever names a member as we name ours keeps it.
  if (members.some(([name]) => name.startsWith('$'))) {
    return { $object: members.map(([name, member]) => [name, toJson(member)]) };
  }
  return Object.fromEntries(members.map(([name, member]) => [name, toJson(member)]));
}

const READERS: Readonly<Record<string, (content: Json) => unknown>> = {
  $number: Number,
  $map: (content) =>
    new Map(pairs(content).map(([key, value]) => [fromJson(key), fromJson(value)])),
  $set: (content) => new Set((content as readonly Json[]).map(fromJson)),
  $object: (content) =>
    Object.fromEntries(pairs(content).map(([key, value]) => [key, fromJson(value)])),
};

function pairs(content: Json): readonly (readonly [string, Json])[] {
  return content as unknown as readonly (readonly [string, Json])[];
}

export function fromJson(json: Json): unknown {
  if (json === null || typeof json !== 'object') return json;
  if (Array.isArray(json)) return json.map(fromJson);
  const members = Object.entries(json as { readonly [name: string]: Json });
  const [first] = members;
  const reader = first && READERS[first[0]];
  if (first && reader) return reader(first[1]);
  return Object.fromEntries(members.map(([name, member]) => [name, fromJson(member)]));
}

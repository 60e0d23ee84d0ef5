/**
 * Checks a request body against a model of the contract and brings it to the wire's camelCase
 * (partner-center.md 1.7: requests may be PascalCase, enums are compared without case).
 */
import { enumValues, modelFields } from './contract.ts';
import { invalidInput, invalidProperty } from './faults.ts';

export type Json = Readonly<Record<string, unknown>>;

/** Nesting of the deepest model (customer, profile, address) with room; a deeper body is refused. */
const DEPTH_MAX = 8;

/**
 * The body as the model names it. Null members count as absent.
 * @throws CommerceFault 400/3000 for an unknown member, 400/2000 for a wrong type or a missing body.
 */
export function readBody(body: unknown, model: string): Json {
  if (!isObject(body)) {
    throw invalidInput(`The request body must be a ${model} object.`);
  }
  return readModel(body, model, '', 0);
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readModel(value: Json, model: string, path: string, depth: number): Json {
  const fields = modelFields(model);
  if (fields === undefined) {
    throw new Error(`the contract has no model ${model}`);
  }
  if (depth > DEPTH_MAX) {
    throw invalidInput(`Member '${path}' is nested too deeply.`);
  }
  const read: Record<string, unknown> = {};
  for (const [sentName, member] of Object.entries(value)) {
    const name = wireName(sentName, fields);
    const memberPath = path === '' ? sentName : `${path}.${sentName}`;
    if (name === undefined) {
      throw invalidProperty(`Invalid property '${memberPath}': ${model} has no such member.`);
    }
    const type = fields[name]?.type ?? 'any';
    if (member !== null && member !== undefined) {
      read[name] = readValue(member, type, memberPath, depth);
    }
  }
  return read;
}

function wireName(sent: string, fields: Json): string | undefined {
  if (Object.hasOwn(fields, sent)) {
    return sent;
  }
  const camel = sent.charAt(0).toLowerCase() + sent.slice(1);
  return Object.hasOwn(fields, camel) ? camel : undefined;
}

function readValue(value: unknown, type: string, path: string, depth: number): unknown {
  const array = /^array<(.+)>$/.exec(type);
  if (array !== null) {
    if (!Array.isArray(value)) {
      throw wrongType(path, 'an array');
    }
    return value.map((item, index) =>
      readValue(item, array[1] ?? 'any', `${path}[${index}]`, depth + 1),
    );
  }
  const reference = /^(ref|enum):(\w+)$/.exec(type);
  if (reference !== null) {
    return reference[1] === 'enum'
      ? readEnum(value, reference[2] ?? '', path)
      : readReference(value, reference[2] ?? '', path, depth);
  }
  checkPrimitive(value, type, path);
  return value;
}

function readReference(value: unknown, model: string, path: string, depth: number): unknown {
  if (!isObject(value)) {
    throw wrongType(path, 'an object');
  }
  // Links are made by the service; what a client sends back of them has no meaning.
  return model.endsWith('Links') || model === 'Link'
    ? value
    : readModel(value, model, path, depth + 1);
}

/** Enum values without case and underscores: `OneTime`, `one_time` and `onetime` are the same. */
function readEnum(value: unknown, name: string, path: string): string {
  const sent = String(value).replaceAll('_', '').toLowerCase();
  const wire = enumValues(name).find((known) => known.replaceAll('_', '').toLowerCase() === sent);
  if (wire === undefined) {
    throw invalidInput(`Member '${path}': '${String(value)}' is not a value of ${name}.`);
  }
  return wire;
}

const PRIMITIVES: readonly {
  readonly of: RegExp;
  readonly words: string;
  readonly holds: (value: unknown) => boolean;
}[] = [
  {
    of: /^string\(date-time\)/,
    words: 'a date',
    holds: (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
  },
  { of: /^string/, words: 'a string', holds: (value) => typeof value === 'string' },
  { of: /^integer/, words: 'a whole number', holds: (value) => Number.isInteger(value) },
  { of: /^number/, words: 'a number', holds: (value) => typeof value === 'number' },
  { of: /^boolean/, words: 'a boolean', holds: (value) => typeof value === 'boolean' },
  { of: /^(object|map)/, words: 'an object', holds: isObject },
];

function checkPrimitive(value: unknown, type: string, path: string): void {
  const rule = PRIMITIVES.find((primitive) => primitive.of.test(type));
  if (rule !== undefined && !rule.holds(value)) {
    throw wrongType(path, rule.words);
  }
}

function wrongType(path: string, words: string): Error {
  return invalidInput(`Member '${path}' must be ${words}.`);
}

/** A text member; undefined where it is absent. */
export function text(body: Json, name: string): string | undefined {
  const value = body[name];
  return typeof value === 'string' ? value : undefined;
}

/** A text member that must be there. @throws CommerceFault 400/2000 */
export function requireText(body: Json, name: string, path = name): string {
  const value = text(body, name);
  if (value === undefined || value.trim() === '') {
    throw invalidInput(`Member '${path}' is required.`);
  }
  return value;
}

/** An object member that must be there. @throws CommerceFault 400/2000 */
export function requireObject(body: Json, name: string): Json {
  const value = body[name];
  if (!isObject(value)) {
    throw invalidInput(`Member '${name}' is required.`);
  }
  return value;
}

export function objects(body: Json, name: string): readonly Json[] {
  const value = body[name];
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/**
 * From zod to the structural schema that Kubernetes accepts: zod's OpenAPI output with what a CRD must not hold taken
 * out. Forms that cannot be said in a structural schema are refused, never dropped in silence.
 */
import { z } from 'zod';

export type Schema = { [key: string]: unknown };

export function structuralSchema(schema: z.ZodType): Schema {
  const json = z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    io: 'input',
    unrepresentable: 'throw',
    reused: 'inline',
  });
  return structural(json, '');
}

const refused = ['anyOf', 'oneOf', 'allOf', 'not', '$ref'];
const dropped = new Set(['$schema', 'propertyNames', 'id', 'readOnly']);

function structural(schema: Schema, path: string): Schema {
  for (const key of refused) {
    if (key in schema) throw new Error(`${path || 'the root'}: ${key} is not structural`);
  }
  const result: Schema = {};
  for (const [key, value] of Object.entries(schema)) {
    if (!dropped.has(key)) result[key] = nested(key, value, path);
  }
  if (result['type'] === 'integer') boundInteger(result);
  // Kubernetes knows the format; zod's own pattern for it is longer than RE2 likes.
  if (result['format'] === 'date-time') delete result['pattern'];
  if (result['type'] === 'object' && 'properties' in result) delete result['additionalProperties'];
  return result;
}

function nested(key: string, value: unknown, path: string): unknown {
  if (key === 'properties') {
    const entries = Object.entries(value as Record<string, Schema>);
    return Object.fromEntries(entries.map(([name, s]) => [name, structural(s, `${path}.${name}`)]));
  }
  if (key === 'items' || (key === 'additionalProperties' && typeof value === 'object')) {
    return structural(value as Schema, `${path}[]`);
  }
  return value;
}

/** zod bounds integers by what JavaScript can hold; those bounds say nothing to a reader. */
function boundInteger(schema: Schema): void {
  schema['format'] = 'int64';
  if (schema['minimum'] === Number.MIN_SAFE_INTEGER) delete schema['minimum'];
  if (schema['maximum'] === Number.MAX_SAFE_INTEGER) delete schema['maximum'];
}

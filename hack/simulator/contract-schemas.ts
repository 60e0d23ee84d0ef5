/** The types of the OpenAPI slice of Microsoft Graph: their properties, and whether a body is as they say. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import slice from './contract/graph-openapi-slice.json' with { type: 'json' };

export type Schema = Readonly<Record<string, unknown>>;

const SCHEMAS = slice.components.schemas as unknown as Readonly<Record<string, Schema>>;

/** Formats that the slice uses; numbers have their bounds beside. */
const FORMATS = {
  'date-time': (text: string) =>
    /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text) &&
    !Number.isNaN(Date.parse(text)),
  uri: (text: string) => URL.canParse(text),
  uuid: true,
  int32: true,
} as const;
const ajv = new Ajv2020({ strict: false, allErrors: false, formats: FORMATS });
ajv.addSchema({ $id: 'graph', components: slice.components });
const validators = new Map<Schema, ValidateFunction>();

export interface BodyError {
  /** JSON pointer; empty for the body itself. */
  readonly path: string;
  readonly message: string;
  /** The name of a required property that is not there. */
  readonly missing: string | undefined;
}

function validatorOf(schema: Schema): ValidateFunction {
  const validate = validators.get(schema) ?? ajv.compile(rebased(schema) as Schema);
  validators.set(schema, validate);
  return validate;
}

/** The first complaint about a body, or undefined. */
export function bodyError(schema: Schema, body: unknown): BodyError | undefined {
  const validate = validatorOf(schema);
  if (validate(body)) return undefined;
  const [error] = validate.errors ?? [];
  const params = (error?.params ?? {}) as { readonly missingProperty?: string };
  return {
    path: error?.instancePath ?? '',
    message: error?.message ?? 'is invalid',
    missing: params.missingProperty,
  };
}

/** Property names that a schema declares, `$ref` and `allOf` followed, with the schema of each. */
export function declaredProperties(schema: Schema): Record<string, Schema> {
  const properties = alternatives(schema).map((part) => part['properties'] ?? {});
  return Object.assign({}, ...properties.toReversed()) as Record<string, Schema>;
}

const declared = new Map<string, Record<string, Schema>>();

/** The response schema of a Graph type, e.g. `user`. */
function typeSchema(type: string): Schema {
  return resolve(`#/components/schemas/microsoft.graph.${type}`);
}

/** Relations of a Graph type, which `$expand` may name. */
export function navigationProperties(type: string): readonly string[] {
  return (typeSchema(type)['x-odata-navigationProperties'] ?? []) as readonly string[];
}

/** The same by the full name (`microsoft.graph.user`); undefined where the contract has no such type. */
export function namedSchema(name: string): Schema | undefined {
  return SCHEMAS[name];
}

/** The schema and, of a reference or a choice, what it stands for. */
export function alternatives(schema: Schema): readonly Schema[] {
  if (typeof schema['$ref'] === 'string') return alternatives(resolve(schema['$ref']));
  const parts = [
    ...((schema['allOf'] ?? []) as Schema[]),
    ...((schema['anyOf'] ?? []) as Schema[]),
  ];
  return [schema, ...parts.flatMap(alternatives)];
}

/** Structural properties of a Graph type with the schema of each. */
export function typeProperties(type: string): Readonly<Record<string, Schema>> {
  const known = declared.get(type) ?? declaredProperties(typeSchema(type));
  declared.set(type, known);
  return known;
}

function resolve(reference: string): Schema {
  const schema = SCHEMAS[reference.split('/').at(-1) ?? ''];
  if (!schema) throw new Error(`The Graph contract has no schema ${reference}`);
  return schema;
}

function rebased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rebased);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, content]) => [
      name,
      name === '$ref' && typeof content === 'string' && content.startsWith('#')
        ? `graph${content}`
        : rebased(content),
    ]),
  );
}

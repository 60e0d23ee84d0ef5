/** Rules of the CRDs: every field is described and bounded, every list has a type, nothing is free-form or a float. */

export interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-validations'?: readonly { readonly message?: string }[];
}

/** `path what-is-wrong`, one for each offence below `schema`. */
export function schemaOffences(schema: Schema, path: string): readonly string[] {
  const own = [...described(schema, path), ...ofType(schema), ...ruled(schema)];
  return [...own.map((what) => `${path} ${what}`), ...below(schema, path)];
}

function below(schema: Schema, path: string): readonly string[] {
  const fields = Object.entries(schema.properties ?? {});
  const inner = [
    ...fields.map(([name, field]) => [`${path}.${name}`, field] as const),
    ...(schema.items === undefined ? [] : [[`${path}[]`, schema.items] as const]),
    ...(typeof schema.additionalProperties === 'object'
      ? [[`${path}{}`, schema.additionalProperties] as const]
      : []),
  ];
  return inner.flatMap(([at, field]) => schemaOffences(field, at));
}

/** Items are described by their list. */
function described({ description = '' }: Schema, path: string): readonly string[] {
  if (/(\[\]|\{\})$/.test(path)) return [];
  if (description === '') return ['has no description'];
  return path.endsWith('.phase') ? ['is a phase: say it by conditions'] : [];
}

const checks: Readonly<Record<string, (schema: Schema) => readonly string[]>> = {
  string: (schema) => (isBoundedString(schema) ? [] : ['is a string without maxLength or enum']),
  array: ofList,
  object: ofObject,
  integer: () => [],
  boolean: () => [],
  number: () => ['is a float: use an integer of a smaller unit'],
};

function ofType(schema: Schema): readonly string[] {
  const type = String(schema.type);
  return checks[type]?.(schema) ?? [`has the type ${type}`];
}

function isBoundedString(schema: Schema): boolean {
  return schema.enum !== undefined || schema.maxLength !== undefined;
}

function ofList(schema: Schema): readonly string[] {
  const listType = schema['x-kubernetes-list-type'];
  const isKeyed = listType !== 'map' || (schema['x-kubernetes-list-map-keys'] ?? []).length > 0;
  return [
    ...(schema.maxItems === undefined ? ['is a list without maxItems'] : []),
    ...(listType === undefined ? ['is a list without a list type'] : []),
    ...(isKeyed ? [] : ['is a map list without keys']),
  ];
}

function ofObject(schema: Schema): readonly string[] {
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return ['is free-form'];
  if (schema.properties !== undefined) return [];
  if (typeof schema.additionalProperties !== 'object') return ['is an object without fields'];
  return schema.maxProperties === undefined ? ['is a map without maxProperties'] : [];
}

function ruled(schema: Schema): readonly string[] {
  const rules = schema['x-kubernetes-validations'] ?? [];
  return rules.some(({ message = '' }) => message === '') ? ['has a rule without a message'] : [];
}

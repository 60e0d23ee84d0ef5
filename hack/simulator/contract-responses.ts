/** Answers held against the slice: status, types, and no name that the slice has not. Tests ask this of every answer. */
import { type Operation } from './contract.ts';
import { alternatives, bodyError, namedSchema, type Schema } from './contract-schemas.ts';

/** @returns what is wrong with the answer, each with the place; empty where nothing is. */
export function responseProblems(operation: Operation, status: number, body: unknown): string[] {
  const name = `${operation.method} ${operation.template} ${status}`;
  const problems = status >= 400 ? errorProblems(body) : successProblems(operation, status, body);
  return problems.map((problem) => `${name}: ${problem}`);
}

/** The frame of graph.md 0.2. */
function errorProblems(body: unknown): string[] {
  const { error } = (body ?? {}) as { readonly error?: Readonly<Record<string, unknown>> };
  if (!error) return ['an error without its frame'];
  const inner = error['innerError'] as Readonly<Record<string, unknown>> | undefined;
  const missing = ['code', 'message'].filter((key) => typeof error[key] !== 'string');
  const missingInner = ['date', 'request-id'].filter((key) => typeof inner?.[key] !== 'string');
  return [...missing, ...missingInner].map((key) => `the error has no ${key}`);
}

function successProblems(operation: Operation, status: number, body: unknown): string[] {
  const { responses } = operation;
  if (!responses.has(String(status))) return [`the contract knows ${[...responses.keys()].join()}`];
  // The slice has no body for what is taken on for later; where there is one, it is that of a 200.
  const schema =
    responses.get(String(status)) ?? (status === 202 ? responses.get('200') : undefined);
  if (!schema) return isEmpty(body) || operation.template.endsWith('$count') ? [] : ['a body'];
  // Accepted for later: the operation to watch stands in the headers.
  if (isEmpty(body)) return status === 202 ? [] : ['no body'];
  const error = bodyError(schema, body);
  return [...(error ? [`${error.path} ${error.message}`] : []), ...nameProblems(schema, body, '')];
}

function isEmpty(body: unknown): boolean {
  return body === undefined || body === '';
}

function nameProblems(schema: Schema, value: unknown, path: string): string[] {
  if (Array.isArray(value)) {
    const items = alternatives(schema).find((part) => part['items'])?.['items'] as Schema;
    return items
      ? value.flatMap((item, index) => nameProblems(items, item, `${path}/${index}`))
      : [];
  }
  if (value === null || typeof value !== 'object') return [];
  const entity = value as Readonly<Record<string, unknown>>;
  const type = entity['@odata.type'];
  if (typeof type !== 'string') return objectProblems(schema, entity, path);
  const own = namedSchema(type.replace('#', ''));
  if (!own) return [`${path} is of the unknown type ${type}`];
  const error = bodyError(own, entity);
  return [
    ...(error ? [`${path}${error.path} ${error.message}`] : []),
    ...objectProblems(own, entity, path),
  ];
}

function objectProblems(
  schema: Schema,
  entity: Readonly<Record<string, unknown>>,
  path: string,
): string[] {
  const parts = alternatives(schema);
  const isClosed = parts.some((part) => part['properties'] !== undefined);
  return Object.entries(entity).flatMap(([name, content]) => {
    const place = `${path}/${name}`;
    const property = parts
      .map((part) => (part['properties'] as Record<string, Schema> | undefined)?.[name])
      .find(Boolean);
    if (property) return nameProblems(property, content, place);
    if (name.startsWith('@odata.') || parts.some((part) => isPatterned(part, name))) return [];
    if (SEEN.has(place.replaceAll(/\d+/g, '*'))) return [];
    // What is expanded tells its own type.
    if (parts.some((part) => navigationNames(part).includes(name))) {
      return nameProblems({}, content, place);
    }
    return isClosed ? [`${place} is not in the contract`] : [];
  });
}

/** Not in the CSDL from which the slice comes, but in answers (graph.md 9). */
const SEEN = new Set(
  ['userType', 'homeTenantId', 'homeTenantName'].flatMap((name) => [
    `/initiatedBy/user/${name}`,
    `/value/*/initiatedBy/user/${name}`,
  ]),
);

function isPatterned(schema: Schema, name: string): boolean {
  const patterns = Object.keys(schema['patternProperties'] ?? {});
  return patterns.some((pattern) => new RegExp(pattern).test(name));
}

function navigationNames(schema: Schema): readonly string[] {
  return (schema['x-odata-navigationProperties'] ?? []) as readonly string[];
}

/**
 * What is wrong with an answer by the published models: unknown members, types, enum values, the shape of collections
 * and errors. For tests, of the simulator and of anything that answers like Partner Center.
 */
import { enumNumbers, enumValues, modelFields, objectTypeOf } from './contract.ts';
import { isObject, type Json } from './request-body.ts';
import { ANSWERED, type Answered } from './response-models.ts';

/**
 * Nothing where the answer is as published. `endpoint` is `GET /v1/customers/{customerId}`, as the contract names it.
 */
export function responseProblems(endpoint: string, status: number, body: unknown): string[] {
  if (status >= 400) {
    return endpoint.startsWith('HEAD ') ? noBody(body) : faultProblems(body);
  }
  if (body === undefined || status === 202 || status === 204) {
    return noBody(body);
  }
  const answered = ANSWERED.get(endpoint);
  if (answered === undefined) {
    return [`${endpoint} answers a body that no table names`];
  }
  return bodyProblems(JSON.parse(JSON.stringify(body)), answered);
}

function noBody(body: unknown): string[] {
  return body === undefined ? [] : ['there must be no body'];
}

/** Three shapes (partner-center.md 1.9). */
function faultProblems(body: unknown): string[] {
  const classic = { code: 'number', description: 'string', data: 'object', source: 'string' };
  const newer = { code: 'number', message: 'string', description: 'string', errorName: 'string' };
  const throttled = { statusCode: 'number', message: 'string' };
  const isFault = [classic, newer, throttled].some(
    (shape) =>
      isObject(body) && Object.entries(shape).every(([name, type]) => typeof body[name] === type),
  );
  return isFault ? [] : [`no shape of an error: ${JSON.stringify(body)}`];
}

function bodyProblems(body: unknown, { model, as }: Answered): string[] {
  if (as === 'bare') {
    return isObject(body) ? [] : ['the body must be an object'];
  }
  if (as === 'one') {
    return [...valueProblems(body, `ref:${model}`, model), ...objectTypeProblems(body, model)];
  }
  if (as === 'array') {
    return valueProblems(body, model === '' ? 'array<any>' : `array<ref:${model}>`, model);
  }
  return collectionProblems(body, model);
}

function objectTypeProblems(body: unknown, model: string): string[] {
  const expected = objectTypeOf(model);
  const sent = isObject(body) && isObject(body.attributes) ? body.attributes.objectType : undefined;
  const isFitting = expected === undefined || sent === expected || RENAMED.get(model) === sent;
  return isFitting ? [] : [`${model}: objectType is ${String(sent)}, not ${expected}`];
}

/** Samples of the service name these otherwise than the SDK (partner-center.md 2.3, 3.5). */
const RENAMED = new Map([
  ['CountryValidationRules', 'CountryInformation'],
  ['CustomerRelationshipRequest', 'RelationshipRequest'],
]);

/** Its count is that of the page (partner-center.md 1.7). */
function collectionProblems(body: unknown, model: string): string[] {
  if (!isObject(body) || !Array.isArray(body.items)) {
    return [`the collection of ${model} has no items`];
  }
  const { items, totalCount } = body;
  const isNamed =
    isObject(body.attributes) && String(body.attributes.objectType).endsWith('Collection');
  const isLinked = isObject(body.links) && isObject(body.links.self);
  return [
    ...(totalCount === items.length
      ? []
      : [`totalCount is ${String(totalCount)}, not ${items.length}`]),
    ...(isNamed ? [] : ['attributes.objectType names no collection']),
    ...(isLinked ? [] : ['links.self is missing']),
    ...items.flatMap((item, index) =>
      model === '' ? [] : valueProblems(item, `ref:${model}`, `${model}[${index}]`),
    ),
  ];
}

const PRIMITIVES: readonly (readonly [of: RegExp, holds: (value: unknown) => boolean])[] = [
  [
    /^string\(date-time\)/,
    (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
  ],
  [/^string/, (value) => typeof value === 'string'],
  [/^integer/, (value) => Number.isInteger(value)],
  [/^number/, (value) => typeof value === 'number'],
  [/^boolean/, (value) => typeof value === 'boolean'],
  [/^(object|map)/, isObject],
];

/** `array<T>` (T may be an array too), `ref:Model`, `enum:Name`. */
const TYPE = /^(array|ref|enum)[<:](.+?)(?:(?<=^array<.+)>)?$/;

function valueProblems(value: unknown, type: string, path: string): string[] {
  const [, kind, of = 'any'] = TYPE.exec(type) ?? [];
  if (kind === 'array') {
    return Array.isArray(value)
      ? value.flatMap((item, index) => valueProblems(item, of, `${path}[${index}]`))
      : [`${path} must be an array`];
  }
  if (kind === 'enum') {
    return isEnumValue(value, of) ? [] : [`${path}: ${String(value)} is not of ${type}`];
  }
  return kind === 'ref' ? modelProblems(value, of, path) : primitiveProblems(value, type, path);
}

function primitiveProblems(value: unknown, type: string, path: string): string[] {
  const rule = PRIMITIVES.find(([of]) => of.test(type));
  return rule === undefined || rule[1](value)
    ? []
    : [`${path} must be ${type}: ${JSON.stringify(value)}`];
}

/** Of a line error only the number is on the wire; 400041 came later (partner-center.md 5.2). */
function isEnumValue(value: unknown, name: string): boolean {
  const numbers = name === 'CartErrorCode' ? [...enumNumbers(name), 400_041] : enumNumbers(name);
  return typeof value === 'number'
    ? numbers.includes(value)
    : enumValues(name).includes(String(value));
}

function modelProblems(value: unknown, model: string, path: string): string[] {
  const fields = modelFields(model);
  if (fields === undefined) {
    return [`${path}: the contract has no model ${model}`];
  }
  return isObject(value) ? memberProblems(value, fields, path) : [`${path} must be a ${model}`];
}

function memberProblems(
  value: Json,
  fields: NonNullable<ReturnType<typeof modelFields>>,
  path: string,
): string[] {
  return Object.entries(value).flatMap(([name, member]) => {
    const field = fields[name];
    if (field === undefined) {
      // Every resource may carry what kind it is.
      return name === 'attributes' ? [] : [`${path}.${name} is no member of the model`];
    }
    return member === null
      ? [`${path}.${name} is null: such members are left out`]
      : valueProblems(member, field.type, `${path}.${name}`);
  });
}

/** The OpenAPI slice of Microsoft Graph: which calls exist, what they take, which permissions they need. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import slice from './contract/graph-openapi-slice.json' with { type: 'json' };

interface Permissions {
  readonly application: readonly string[];
  /** Undefined: the slice does not say, then the application ones count. */
  readonly delegated: readonly string[] | undefined;
}

export interface Operation {
  readonly method: string;
  /** `/users/{user-id}/manager/$ref` */
  readonly template: string;
  readonly queryNames: ReadonlySet<string>;
  readonly requiresIfMatch: boolean;
  readonly bodyRequired: boolean;
  readonly bodySchema: Schema | undefined;
  /** Undefined: no permission check (the slice names none). */
  readonly permissions: Permissions | undefined;
  readonly throttle: {
    readonly resourceUnits: number;
    readonly write: number;
    readonly reports: boolean;
  };
}

export type Schema = Readonly<Record<string, unknown>>;

interface RawPermissionList {
  readonly leastPrivileged?: readonly string[];
  readonly other?: readonly string[];
}
interface RawOperation {
  readonly parameters?: readonly { readonly $ref?: string; readonly name?: string }[];
  readonly requestBody?: {
    readonly required?: boolean;
    readonly content: { readonly 'application/json': { readonly schema: Schema } };
  };
  readonly 'x-graph-permissions'?: {
    readonly application?: RawPermissionList;
    readonly delegatedWork?: RawPermissionList;
  };
  readonly 'x-graph-throttle'?: {
    readonly service: string;
    readonly resourceUnits?: number;
    readonly write?: number;
  };
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
const DOCUMENT = slice as unknown as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;
  readonly components: {
    readonly parameters: Readonly<Record<string, { readonly name: string; readonly in: string }>>;
    readonly schemas: Readonly<Record<string, Schema>>;
  };
};

const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: false });
ajv.addSchema({ $id: 'graph', components: DOCUMENT.components });
const validators = new Map<Schema, ValidateFunction>();

const SLICE_OPERATIONS: readonly Operation[] = Object.entries(DOCUMENT.paths).flatMap(
  ([template, item]) =>
    METHODS.flatMap((method) => {
      const raw = item[method];
      return raw ? [toOperation(method.toUpperCase(), template, raw)] : [];
    }),
);

/** Valid calls that the slice leaves out (graph.md 10.2, 17.9), each with the one whose rules it shares. */
const ALIASES: readonly (readonly [
  method: string,
  template: string,
  like: string,
  resourceUnits?: number,
])[] = [
  ['GET', "/groups(uniqueName='{uniqueName}')", 'GET /groups/{group-id}'],
  ['PATCH', "/groups(uniqueName='{uniqueName}')", 'PATCH /groups/{group-id}'],
  ['GET', '/groups/{group-id}/owners', 'GET /groups/{group-id}/members'],
  ['POST', '/groups/{group-id}/owners/$ref', 'POST /groups/{group-id}/members/$ref'],
  [
    'DELETE',
    '/groups/{group-id}/owners/{directoryObject-id}/$ref',
    'DELETE /groups/{group-id}/members/{directoryObject-id}/$ref',
  ],
  ['GET', '/groups/{group-id}/transitiveMembers', 'GET /groups/{group-id}/members', 5],
  [
    'GET',
    "/directory/subscriptions(commerceSubscriptionId='{commerceSubscriptionId}')",
    'GET /directory/subscriptions/{companySubscription-id}',
  ],
];

export const OPERATIONS: readonly Operation[] = [
  ...SLICE_OPERATIONS,
  ...ALIASES.map(([method, template, like, units]): Operation => {
    const model = SLICE_OPERATIONS.find((known) => `${known.method} ${known.template}` === like);
    if (!model) throw new Error(`The Graph contract has no operation ${like}`);
    const { throttle } = model;
    const resourceUnits = units ?? throttle.resourceUnits;
    return { ...model, method, template, throttle: { ...throttle, resourceUnits } };
  }),
];

/** Names of all application permissions that the slice mentions. */
export function contractPermissions(): string[] {
  return OPERATIONS.flatMap((operation) => [...(operation.permissions?.application ?? [])]);
}

export interface BodyError {
  /** JSON pointer; empty for the body itself. */
  readonly path: string;
  readonly message: string;
  /** The name of a required property that is not there. */
  readonly missing: string | undefined;
}

/** The first complaint about a body, or undefined. */
export function bodyError(schema: Schema, body: unknown): BodyError | undefined {
  const validate = validators.get(schema) ?? ajv.compile(rebased(schema) as Schema);
  validators.set(schema, validate);
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
  if (typeof schema['$ref'] === 'string') return declaredProperties(resolve(schema['$ref']));
  const own = (schema['properties'] ?? {}) as Record<string, Schema>;
  const parts = [
    ...((schema['allOf'] ?? []) as Schema[]),
    ...((schema['anyOf'] ?? []) as Schema[]),
  ];
  return Object.assign({}, ...parts.map(declaredProperties), own) as Record<string, Schema>;
}

const declared = new Map<string, Record<string, Schema>>();

/** The response schema of a Graph type, e.g. `user`. */
function typeSchema(type: string): Schema {
  return resolve(`#/components/schemas/microsoft.graph.${type}`);
}

/** Structural properties of a Graph type with the schema of each. */
export function typeProperties(type: string): Readonly<Record<string, Schema>> {
  const known = declared.get(type) ?? declaredProperties(typeSchema(type));
  declared.set(type, known);
  return known;
}

function resolve(reference: string): Schema {
  const schema = DOCUMENT.components.schemas[reference.split('/').at(-1) ?? ''];
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

function toOperation(method: string, template: string, raw: RawOperation): Operation {
  const parameters = (raw.parameters ?? []).flatMap((parameter) => {
    const found = DOCUMENT.components.parameters[parameter.$ref?.split('/').at(-1) ?? ''];
    return found ? [found] : [];
  });
  const named = namedPermissions(raw);
  return {
    method,
    template,
    queryNames: new Set(parameters.filter((p) => p.in === 'query').map((p) => p.name)),
    requiresIfMatch: parameters.some((parameter) => parameter.name === 'If-Match'),
    bodyRequired: raw.requestBody?.required ?? false,
    bodySchema: raw.requestBody?.content['application/json'].schema,
    permissions: named && {
      application: permissionNames(named.application),
      delegated: named.delegatedWork && permissionNames(named.delegatedWork),
    },
    throttle: throttleCost(method, raw['x-graph-throttle']),
  };
}

/** Undefined also where the slice has a sentence instead of names (change notifications). */
function namedPermissions(raw: RawOperation): RawOperation['x-graph-permissions'] {
  const named = raw['x-graph-permissions'];
  const isSentence = named?.application?.leastPrivileged?.some((name) => name.includes(' '));
  return isSentence === true ? undefined : named;
}

function throttleCost(
  method: string,
  raw: RawOperation['x-graph-throttle'],
): Operation['throttle'] {
  return {
    resourceUnits: raw?.resourceUnits ?? 1,
    write: raw?.write ?? (method === 'GET' ? 0 : 1),
    reports: raw?.service === 'identityAndAccessReports',
  };
}

function permissionNames(list: RawPermissionList | undefined): string[] {
  return [...(list?.leastPrivileged ?? []), ...(list?.other ?? [])];
}

/** The OpenAPI slice of Microsoft Graph: which calls exist, what they take, which permissions they need. */
import slice from './contract/graph-openapi-slice.json' with { type: 'json' };
import { EXTRA_OPERATIONS } from './contract-extra.ts';
import type { Schema } from './contract-schemas.ts';

interface Permissions {
  readonly application: readonly string[];
  /** Undefined: the slice does not say, then the application ones count. */
  readonly delegated: readonly string[] | undefined;
}

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: { readonly type: string; readonly enum?: readonly string[] };
}

export interface Operation {
  readonly method: string;
  /** `/users/{user-id}/manager/$ref` */
  readonly template: string;
  /** By name; those of headers in lower case. */
  readonly query: ReadonlyMap<string, Parameter>;
  readonly headers: ReadonlyMap<string, Parameter>;
  readonly bodyRequired: boolean;
  readonly bodySchema: Schema | undefined;
  /** By status (`200`, `4XX`); undefined: an answer without a body. */
  readonly responses: ReadonlyMap<string, Schema | undefined>;
  /** Undefined: no permission check (the slice names none). */
  readonly permissions: Permissions | undefined;
  readonly throttle: {
    readonly resourceUnits: number;
    readonly write: number;
    /** Whose limits count beside those of Graph as a whole. */
    readonly service: 'directory' | 'reports' | 'unpublished';
  };
}

interface RawPermissionList {
  readonly leastPrivileged?: readonly string[];
  readonly other?: readonly string[];
}
interface RawResponse {
  readonly content?: { readonly 'application/json'?: { readonly schema: Schema } };
}
interface RawOperation {
  readonly responses: Readonly<Record<string, RawResponse>>;
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

/** Of these no figures are published (graph.md 10.1, 11). */
const UNPUBLISHED =
  /^\/(tenantRelationships\/delegatedAdmin|subscriptions|users\/\{user-id\}\/mailboxSettings)/;
const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
const DOCUMENT = slice as unknown as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;
  readonly components: { readonly parameters: Readonly<Record<string, Parameter>> };
};

const SLICE_OPERATIONS: readonly Operation[] = Object.entries(DOCUMENT.paths).flatMap(
  ([template, item]) =>
    METHODS.flatMap((method) => {
      const raw = item[method];
      return raw ? [toOperation(method.toUpperCase(), template, raw)] : [];
    }),
);

interface Alias {
  readonly method: string;
  readonly template: string;
  /** The operation whose rules it shares. */
  readonly like: string;
  /** Another one, of which it may give the answers too. */
  readonly orLike?: string;
  readonly resourceUnits?: number;
}

/** Valid calls that the slice leaves out (graph.md 10.2, 17.9). */
const ALIASES: readonly Alias[] = [
  {
    method: 'GET',
    template: "/groups(uniqueName='{uniqueName}')",
    like: 'GET /groups/{group-id}',
  },
  {
    method: 'PATCH',
    template: "/groups(uniqueName='{uniqueName}')",
    like: 'PATCH /groups/{group-id}',
    orLike: 'POST /groups',
  },
  {
    method: 'GET',
    template: '/groups/{group-id}/owners',
    like: 'GET /groups/{group-id}/members',
    resourceUnits: 1,
  },
  {
    method: 'POST',
    template: '/groups/{group-id}/owners/$ref',
    like: 'POST /groups/{group-id}/members/$ref',
  },
  {
    method: 'DELETE',
    template: '/groups/{group-id}/owners/{directoryObject-id}/$ref',
    like: 'DELETE /groups/{group-id}/members/{directoryObject-id}/$ref',
  },
  {
    method: 'GET',
    template: '/groups/{group-id}/transitiveMembers',
    like: 'GET /groups/{group-id}/members',
    resourceUnits: 5,
  },
  {
    method: 'GET',
    template: '/groups/{group-id}/memberOf',
    like: 'GET /users/{user-id}/memberOf',
  },
  {
    method: 'GET',
    template: '/groups/{group-id}/transitiveMemberOf',
    like: 'GET /users/{user-id}/transitiveMemberOf',
  },
  {
    method: 'GET',
    template: "/directory/subscriptions(commerceSubscriptionId='{commerceSubscriptionId}')",
    like: 'GET /directory/subscriptions/{companySubscription-id}',
  },
];

export const OPERATIONS: readonly Operation[] = [
  ...SLICE_OPERATIONS,
  ...ALIASES.map(toAliased),
  ...EXTRA_OPERATIONS,
];

function toAliased({ method, template, like, orLike, resourceUnits }: Alias): Operation {
  const model = sliceOperation(like);
  const { throttle } = model;
  const more = orLike === undefined ? [] : sliceOperation(orLike).responses;
  return {
    ...model,
    method,
    template,
    responses: new Map([...more, ...model.responses]),
    throttle: { ...throttle, resourceUnits: resourceUnits ?? throttle.resourceUnits },
  };
}

function sliceOperation(name: string): Operation {
  const found = SLICE_OPERATIONS.find((known) => `${known.method} ${known.template}` === name);
  if (!found) throw new Error(`The Graph contract has no operation ${name}`);
  return found;
}

/** Names of all application permissions that the slice mentions. */
export function contractPermissions(): string[] {
  return OPERATIONS.flatMap((operation) => [...(operation.permissions?.application ?? [])]);
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
    query: new Map(parameters.filter((p) => p.in === 'query').map((p) => [p.name, p])),
    headers: new Map(
      parameters.filter((p) => p.in === 'header').map((p) => [p.name.toLowerCase(), p]),
    ),
    bodyRequired: raw.requestBody?.required ?? false,
    bodySchema: raw.requestBody?.content['application/json'].schema,
    responses: new Map(
      Object.entries(raw.responses).map(([status, { content }]) => [
        status,
        content?.['application/json']?.schema,
      ]),
    ),
    permissions: named && {
      application: permissionNames(named.application),
      delegated: named.delegatedWork && permissionNames(named.delegatedWork),
    },
    throttle: throttleCost(method, template, raw['x-graph-throttle']),
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
  template: string,
  raw: RawOperation['x-graph-throttle'],
): Operation['throttle'] {
  return {
    resourceUnits: raw?.resourceUnits ?? 1,
    write: raw?.write ?? (method === 'GET' ? 0 : 1),
    service: throttledService(template, raw?.service),
  };
}

function throttledService(
  template: string,
  service: string | undefined,
): Operation['throttle']['service'] {
  if (service === 'identityAndAccessReports') return 'reports';
  return UNPUBLISHED.test(template) ? 'unpublished' : 'directory';
}

function permissionNames(list: RawPermissionList | undefined): string[] {
  return [...(list?.leastPrivileged ?? []), ...(list?.other ?? [])];
}

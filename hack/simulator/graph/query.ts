/** $select, $filter, $top, $count, $orderby and paging, the same for every collection (graph.md 0.1, 2.4, 12.2). */
import { type Schema, typeProperties } from '../contract.ts';
import type { Properties } from '../directory/directory.ts';
import { asText } from '../directory/text.ts';
import type { ApiResponse } from '../world.ts';
import { type Call, contextUrl, isEventual } from './call.ts';
import { badRequest, GraphError, unsupportedQuery } from './errors.ts';
import { type Expression, matches, parseFilter } from './filter.ts';
import { checkFilter, type FilterRules } from './filter-rules.ts';
import { requireSignInActivity } from './premium.ts';
import { parseSearch } from './search.ts';

/** What Graph returns of a type without $select; other types return all they have. */
const DEFAULT_PROPERTIES: Readonly<Record<string, readonly string[]>> = {
  user: [
    'businessPhones',
    'displayName',
    'givenName',
    'id',
    'jobTitle',
    'mail',
    'mobilePhone',
    'officeLocation',
    'preferredLanguage',
    'surname',
    'userPrincipalName',
  ],
  group: [
    'id',
    'deletedDateTime',
    'classification',
    'createdDateTime',
    'description',
    'displayName',
    'expirationDateTime',
    'groupTypes',
    'isAssignableToRole',
    'mail',
    'mailEnabled',
    'mailNickname',
    'membershipRule',
    'membershipRuleProcessingState',
    'onPremisesDomainName',
    'onPremisesLastSyncDateTime',
    'onPremisesNetBiosName',
    'onPremisesSamAccountName',
    'onPremisesSecurityIdentifier',
    'onPremisesSyncEnabled',
    'preferredDataLocation',
    'preferredLanguage',
    'proxyAddresses',
    'renewedDateTime',
    'resourceBehaviorOptions',
    'resourceProvisioningOptions',
    'securityEnabled',
    'securityIdentifier',
    'theme',
    'uniqueName',
    'visibility',
  ],
};

const PAGE_SIZE_DEFAULT = 100;
/** Page tokens stop working after this; clients have to restart the listing. */
const CURSOR_LIFETIME_MS = 3_600_000;
/** Listings under way in one tenant; more than any client keeps open. */
const CURSORS_MAX = 2_000;

/** Names in $select, or undefined. @throws GraphError 400 for one that the type does not have. */
export function selected(call: Call, type: string): readonly string[] | undefined {
  return selectedNames(call, type, call.request.query.get('$select'));
}

/** The same for a list from elsewhere, e.g. inside $expand. */
export function selectedNames(
  call: Call,
  type: string,
  text: string | null,
): readonly string[] | undefined {
  if (text === null || text === '') return undefined;
  const known = selectable(type);
  const names = text.split(',').map((name) => name.trim().split('/')[0] ?? '');
  for (const name of names) {
    if (!(name in known) && !/^extension_|^manager$|^members$/.test(name)) {
      throw badRequest(
        `Could not find a property named '${name}' on type 'microsoft.graph.${type}'.`,
      );
    }
  }
  // Wherever a user is shown.
  if (known['signInActivity'] && names.includes('signInActivity')) requireSignInActivity(call);
  return names;
}

/** Kinds of objects that stand among each other in lists of directory objects; any of their properties can be selected. */
const OBJECT_TYPES = ['user', 'group', 'servicePrincipal', 'directoryRole'] as const;

function selectable(type: string): Readonly<Record<string, Schema>> {
  if (type !== 'directoryObject') return typeProperties(type);
  return Object.assign({}, ...OBJECT_TYPES.map(typeProperties)) as Record<string, Schema>;
}

/** The properties to show; those that were never set are null or empty. What says its own type is shown as that. */
export function project(
  listed: string,
  entity: Properties,
  select: readonly string[] | undefined,
): Record<string, unknown> {
  const annotation = entity['@odata.type'];
  if (typeof annotation !== 'string') return shownProperties(listed, entity, select);
  const type = annotation.replace('#microsoft.graph.', '');
  return { '@odata.type': annotation, ...shownProperties(type, entity, select) };
}

function shownProperties(
  type: string,
  entity: Properties,
  select: readonly string[] | undefined,
): Record<string, unknown> {
  const names = select ?? DEFAULT_PROPERTIES[type];
  if (!names) return { ...entity };
  // Selecting other properties never hides the id of a directory object.
  const wanted = select && typeof entity['id'] === 'string' ? [...names, 'id'] : names;
  const schemas = typeProperties(type);
  return Object.fromEntries(
    [...new Set(wanted)]
      .filter((name) => name in schemas || name in entity)
      .map((name) => [name, entity[name] ?? unset(schemas[name])]),
  );
}

function unset(schema: Schema | undefined): [] | null {
  return schema?.['type'] === 'array' ? [] : null;
}

export function single(
  call: Call,
  options: {
    readonly type: string;
    readonly entity: Properties;
    readonly set: string;
    readonly status?: number;
  },
): ApiResponse {
  const select = call.request.method === 'GET' ? selected(call, options.type) : undefined;
  const suffix = select ? `(${select.join(',')})` : '';
  return {
    status: options.status ?? 200,
    body: {
      '@odata.context': contextUrl(`${options.set}${suffix}/$entity`),
      ...project(options.type, options.entity, select),
    },
  };
}

export interface Listing {
  readonly type: string;
  readonly set: string;
  readonly filters?: FilterRules;
  /** Properties that $search may name; none: the collection is not searched. */
  readonly search?: readonly string[];
  /** Every item with all its properties; only those that match are projected. */
  readonly items: () => Iterable<Properties>;
  readonly pageSizeMax?: number;
  readonly pageSizeDefault?: number;
  /** Added to each shown item, e.g. `@odata.type` or an expanded property. */
  readonly decorate?: (entity: Properties) => Record<string, unknown>;
}

export function list(call: Call, listing: Listing): ApiResponse {
  const token = call.request.query.get('$skiptoken');
  if (token !== null) return nextPage(call, listing, token);
  const select = selected(call, listing.type);
  const isAdvanced = isEventual(call) && call.request.query.get('$count') === 'true';
  const filter = filterOf(call, listing, isAdvanced);
  const search = searchOf(call, listing);
  const found: Properties[] = [];
  for (const item of listing.items()) {
    if (filter && !matches(filter, item)) continue;
    if (search === undefined || search(item)) found.push(item);
  }
  const items = ordered(call, listing.type, found, filter !== undefined && !isAdvanced).map(
    (entity) => ({
      ...listing.decorate?.(entity),
      ...project(listing.type, entity, select),
    }),
  );
  const size = pageSize(call, listing);
  return page(call, listing, {
    items: items.slice(0, size),
    rest: items.slice(size),
    ...(isAdvanced ? { count: items.length } : {}),
  });
}

function filterOf(call: Call, listing: Listing, isAdvanced: boolean): Expression | undefined {
  const text = call.request.query.get('$filter');
  if (text === null) return undefined;
  if (!listing.filters) throw unsupportedQuery('Unsupported Query.');
  const expression = parseFilter(text);
  checkFilter(expression, listing.filters, isAdvanced);
  return expression;
}

/** Needs the header, but not $count. */
function searchOf(call: Call, listing: Listing): ((entity: Properties) => boolean) | undefined {
  const text = call.request.query.get('$search');
  if (text === null) return undefined;
  if (!isEventual(call)) {
    throw unsupportedQuery(
      "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
    );
  }
  if (!listing.search) throw unsupportedQuery('Unsupported Query.');
  return parseSearch(text, listing.search);
}

function ordered(
  call: Call,
  type: string,
  items: Properties[],
  isSimpleFilter: boolean,
): Properties[] {
  const text = call.request.query.get('$orderby');
  if (text === null) return items;
  if (
    isSimpleFilter &&
    call.operation.throttle.service !== 'reports' &&
    !isRelationshipPath(call)
  ) {
    throw unsupportedQuery(
      "$orderby with $filter needs the header 'ConsistencyLevel: eventual' and $count=true.",
    );
  }
  const keys = text.split(',').map((part) => sortKey(type, part));
  return items.sort((a, b) => {
    const first = keys.map((key) => key(a, b)).find((order) => order !== 0);
    return first ?? 0;
  });
}

/** One key of $orderby: `property`, `property asc` or `property desc`. */
function sortKey(type: string, text: string): (a: Properties, b: Properties) => number {
  const [path = '', direction = 'asc', ...more] = text.trim().split(/\s+/);
  if (!(path in typeProperties(type))) {
    throw badRequest(
      `Could not find a property named '${path}' on type 'microsoft.graph.${type}'.`,
    );
  }
  if ((direction !== 'asc' && direction !== 'desc') || more.length > 0) {
    throw badRequest(`Syntax error in the $orderby clause '${text.trim()}'.`);
  }
  const sign = direction === 'desc' ? -1 : 1;
  return (a, b) => {
    const [left, right] = [asText(a[path]), asText(b[path])];
    return left === right ? 0 : sign * (left < right ? -1 : 1);
  };
}

function isRelationshipPath(call: Call): boolean {
  return call.operation.template.startsWith('/tenantRelationships/');
}

/** 500 where the sign-in activity is read with it (graph.md 2.4). */
function pageSizeMax(call: Call, listing: Listing): number {
  const select = call.request.query.get('$select') ?? '';
  return /\bsignInActivity\b/.test(select) ? 500 : (listing.pageSizeMax ?? 999);
}

function pageSize(call: Call, listing: Listing): number {
  const text = call.request.query.get('$top');
  if (text === null) return listing.pageSizeDefault ?? PAGE_SIZE_DEFAULT;
  const top = Number(text);
  const max = pageSizeMax(call, listing);
  if (!Number.isInteger(top) || top < 1 || top > max) {
    throw badRequest(
      `Invalid page size specified: '${text}'. Must be between 1 and ${max} inclusive.`,
    );
  }
  return top;
}

function nextPage(call: Call, listing: Listing, token: string): ApiResponse {
  const [cursorId = ''] = token.split('.');
  const cursor = call.directory.cursors.get(cursorId);
  if (cursor?.template !== call.operation.template) {
    throw unsupportedQuery('Unable to execute query; invalid page token specified.');
  }
  if (cursor.expiresMs <= call.world.clock.nowMs()) {
    throw new GraphError(
      400,
      'Directory_ExpiredPageToken',
      'The specified page token value has expired and can no longer be included in your request.',
    );
  }
  if (cursor.eventual && !isEventual(call)) {
    throw unsupportedQuery('Unable to execute query; invalid page token specified.');
  }
  const size = pageSize(call, listing);
  const items = cursor.items as Record<string, unknown>[];
  return page(call, listing, { items: items.slice(0, size), rest: items.slice(size) });
}

function page(
  call: Call,
  listing: Listing,
  content: {
    readonly items: readonly Properties[];
    readonly rest: readonly Properties[];
    readonly count?: number;
  },
): ApiResponse {
  const select = call.request.query.get('$select');
  const context = contextUrl(select === null ? listing.set : `${listing.set}(${select})`);
  return {
    status: 200,
    body: {
      '@odata.context': context,
      ...(content.count === undefined ? {} : { '@odata.count': content.count }),
      ...(content.rest.length > 0 ? { '@odata.nextLink': nextLink(call, content.rest) } : {}),
      value: content.items,
    },
  };
}

function nextLink(call: Call, rest: readonly Properties[]): string {
  const { cursors } = call.directory;
  const now = call.world.clock.nowMs();
  for (const [id, cursor] of cursors)
    if (cursor.expiresMs + CURSOR_LIFETIME_MS < now) cursors.delete(id);
  // Where time stands still, nothing expires.
  for (const id of cursors.keys()) {
    if (cursors.size < CURSORS_MAX) break;
    cursors.delete(id);
  }
  const id = call.world.random.hex(64);
  cursors.set(id, {
    template: call.operation.template,
    items: rest,
    expiresMs: now + CURSOR_LIFETIME_MS,
    eventual: isEventual(call),
  });
  const url = new URL(call.baseUrl + call.request.path.replace(/^\/v1\.0/, ''));
  for (const [name, value] of call.request.query) {
    if (['$select', '$top', '$count', '$expand'].includes(name)) url.searchParams.set(name, value);
  }
  url.searchParams.set('$skiptoken', id);
  // Names of options keep their $, as in the links of the service.
  return url.href.replaceAll(/(?<=[?&])%24/g, '$');
}

/** $filter, $search, $count and $orderby, the same for every collection (graph.md 0.1, 2.4, 12.2). */
import { typeProperties } from '../contract-schemas.ts';
import type { Properties } from '../directory/directory.ts';
import { asText } from '../directory/text.ts';
import type { ApiResponse } from '../world.ts';
import { type Call, contextUrl, isEventual } from './call.ts';
import { badRequest, unsupportedQuery } from './errors.ts';
import { type Expression, matches, parseFilter } from './filter.ts';
import { checkFilter, type FilterRules } from './filter-rules.ts';
import { nextPage, type Paged, page, pageSize } from './paging.ts';
import { project, selected } from './projection.ts';
import { parseSearch } from './search.ts';

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

export interface Listing extends Paged {
  readonly type: string;
  readonly filters?: FilterRules;
  /** Properties that $search may name; none: the collection is not searched. */
  readonly search?: readonly string[];
  /** Every item with all its properties; only those that match are projected. */
  readonly items: () => Iterable<Properties>;
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

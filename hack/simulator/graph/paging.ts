/** Pages of a collection, and the links from one to the next (graph.md 0.1, 12.2). */
import type { Properties } from '../directory/directory.ts';
import type { ApiResponse } from '../world.ts';
import { type Call, contextUrl, isEventual } from './call.ts';
import { badRequest, GraphError, unsupportedQuery } from './errors.ts';

const PAGE_SIZE_DEFAULT = 100;
/** Page tokens stop working after this; clients have to restart the listing. */
const CURSOR_LIFETIME_MS = 3_600_000;
/** Listings under way in one tenant; more than any client keeps open. */
const CURSORS_MAX = 2_000;

export interface Paged {
  readonly set: string;
  readonly pageSizeMax?: number;
  readonly pageSizeDefault?: number;
}

/** 500 where the sign-in activity is read with it (graph.md 2.4). */
function pageSizeMax(call: Call, listing: Paged): number {
  const select = call.request.query.get('$select') ?? '';
  return /\bsignInActivity\b/.test(select) ? 500 : (listing.pageSizeMax ?? 999);
}

export function pageSize(call: Call, listing: Paged): number {
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

export function nextPage(call: Call, listing: Paged, token: string): ApiResponse {
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

export function page(
  call: Call,
  listing: Paged,
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

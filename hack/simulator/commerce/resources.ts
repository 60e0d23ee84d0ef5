/** How resources look on the wire: attributes, links, collections (partner-center.md 1.7, 1.8). */
import { Buffer } from 'node:buffer';
import { invalidInput } from './faults.ts';

export interface Link {
  readonly uri: string;
  readonly method: string;
  readonly headers: readonly { readonly key: string; readonly value: string }[];
}

export function link(uri: string, method = 'GET', headers: Link['headers'] = []): Link {
  return { uri, method, headers };
}

export function attributes(objectType: string, etag?: string): Readonly<Record<string, string>> {
  return etag === undefined ? { objectType } : { etag, objectType };
}

/** Leaves out members without value, as the service does. */
export function present(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined && value !== null),
  );
}

/** One whole collection; `totalCount` counts the items of the answer. */
export function collection(items: readonly unknown[], selfUri: string): Record<string, unknown> {
  return {
    totalCount: items.length,
    items,
    links: { self: link(selfUri) },
    attributes: attributes('Collection'),
  };
}

/** Customers, audit records; invoice line items have 2000 (partner-center.md 1.8). */
const PAGE_SIZE_MAX = 500;

interface PageRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * One page of a seekable collection: `?size=n`, then `?seekOperation=Next` with MS-ContinuationToken. The token holds
 * offset and size, so that a follow-up needs no size.
 * @throws CommerceFault 400/2000 for a wrong size or token.
 */
export function page(
  items: readonly unknown[],
  request: PageRequest,
  sizeMax = PAGE_SIZE_MAX,
): Record<string, unknown> {
  const { offset, size } = position(request, sizeMax);
  const shown = items.slice(offset, offset + size);
  const self = `${request.path.replace(/^\/v1/, '')}${queryText(request.query)}`;
  const body = collection(shown, self);
  if (offset + size >= items.length) {
    return body;
  }
  const token = Buffer.from(JSON.stringify({ offset: offset + size, size })).toString('base64url');
  const nextQuery = new URLSearchParams(request.query);
  nextQuery.set('seekOperation', 'Next');
  const next = link(`${request.path.replace(/^\/v1/, '')}?${nextQuery.toString()}`, 'GET', [
    { key: 'MS-ContinuationToken', value: token },
  ]);
  return { ...body, continuationToken: token, links: { self: link(self), next } };
}

function queryText(query: URLSearchParams): string {
  return query.size === 0 ? '' : `?${query.toString()}`;
}

function position(request: PageRequest, sizeMax: number): { offset: number; size: number } {
  if (request.query.get('seekOperation')?.toLowerCase() === 'next') {
    return readToken(request.headers['ms-continuationtoken']);
  }
  const asked = request.query.get('size');
  if (asked === null || asked === '0') {
    return { offset: 0, size: sizeMax };
  }
  const size = Number(asked);
  if (!Number.isInteger(size) || size < 1 || size > sizeMax) {
    throw invalidInput(`Query parameter 'size' must be from 1 to ${sizeMax}: '${asked}'.`);
  }
  return { offset: 0, size };
}

function readToken(token: string | undefined): { offset: number; size: number } {
  const refusal = invalidInput('Header MS-ContinuationToken is missing or not valid.');
  if (token === undefined) {
    throw refusal;
  }
  try {
    const read = JSON.parse(Buffer.from(token, 'base64url').toString()) as Record<string, unknown>;
    const [offset, size] = [Number(read.offset), Number(read.size)];
    if (Number.isInteger(offset) && Number.isInteger(size)) {
      return { offset, size };
    }
  } catch {
    throw refusal;
  }
  throw refusal;
}

/** `filter={"Field":..,"Value":..,"Operator":..}` with member names in any case; undefined where absent. */
export function readFilter(
  query: URLSearchParams,
): { readonly field: string; readonly value: string; readonly operator: string } | undefined {
  const sent = query.get('filter');
  if (sent === null) {
    return undefined;
  }
  try {
    const read = Object.entries(JSON.parse(sent) as Record<string, unknown>).map(
      ([name, value]) => [name.toLowerCase(), value] as const,
    );
    const { field, value, operator } = Object.fromEntries(read);
    if ([field, value, operator].every((part) => typeof part === 'string')) {
      return {
        field: String(field).toLowerCase(),
        value: String(value),
        operator: String(operator).replaceAll('_', '').toLowerCase(),
      };
    }
  } catch {
    throw invalidInput("Query parameter 'filter' is not JSON.");
  }
  throw invalidInput("Query parameter 'filter' must have Field, Value and Operator.");
}

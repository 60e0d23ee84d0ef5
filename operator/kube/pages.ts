/** A list, page by page. */
import type { ApiClient, Query } from './transport.ts';

const pageSizeMax = 500;
/** Pages of one list. */
const pagesMax = 10_000;

interface ListBody {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly unknown[];
}

export interface Page {
  readonly items: readonly unknown[];
  /** Of the whole list. */
  readonly version: string;
  readonly isLast: boolean;
}

interface Scope {
  readonly path: string;
  readonly query: Query;
  readonly accept?: string;
}

export async function* pagesOf(
  transport: ApiClient,
  { path, query, ...options }: Scope,
  signal: AbortSignal,
): AsyncGenerator<Page> {
  let next: string | undefined;
  for (let page = 0; page < pagesMax; page++) {
    const asked = { ...query, limit: pageSizeMax, continue: next };
    const body = await transport.request<ListBody>('GET', path, {
      ...options,
      query: asked,
      signal,
    });
    next = body.metadata?.continue;
    const isLast = next === undefined || next === '';
    yield { items: body.items ?? [], version: body.metadata?.resourceVersion ?? '', isLast };
    if (isLast) return;
  }
  throw new Error(`the list of ${path} has no end`);
}

/** $batch (graph.md 4). */
import { shuffle } from '../random.ts';
import type { ApiRequest, ApiResponse, Part, Service, World } from '../world.ts';
import { badRequest, GraphError, graphErrorResponse, notImplemented } from './errors.ts';

interface Item {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly dependsOn?: readonly string[];
}

interface Result {
  readonly id: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Runs the items through `service` and answers in any order but theirs. */
export function runBatch(
  world: World,
  service: Service,
  request: ApiRequest,
  body: Readonly<Record<string, unknown>>,
): ApiResponse {
  const items = body['requests'] as readonly Item[];
  checkShape(items);
  const results = new Map<string, Result>();
  const parts: Part[] = [];
  for (const item of items) {
    const part = runItem(world, service, request, { item, results });
    parts.push(part);
    results.set(item.id, toResult(item, part.answer));
  }
  const responses = shuffle([...results.values()], world.random);
  return { status: 200, body: { responses }, parts };
}

function failedDependency(world: World): ApiResponse {
  const message = 'A request that this one depends on has failed.';
  const ids = { requestId: world.random.uuid(), clientRequestId: world.random.uuid() };
  const { body } = graphErrorResponse(world, new GraphError(424, 'FailedDependency', message), ids);
  return { status: 424, body };
}

function runItem(
  world: World,
  service: Service,
  request: ApiRequest,
  options: { readonly item: Item; readonly results: ReadonlyMap<string, Result> },
): Part {
  const { item, results } = options;
  const url = new URL(
    `https://batch.invalid/v1.0${item.url.startsWith('/') ? '' : '/'}${item.url}`,
  );
  const { authorization = '' } = request.headers;
  const headers = Object.fromEntries(
    Object.entries(item.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const single: ApiRequest = {
    ...request,
    method: item.method,
    path: url.pathname,
    query: url.searchParams,
    headers: { ...headers, authorization },
    body: item.body,
  };
  const hasFailed = (item.dependsOn ?? []).some((id) => (results.get(id)?.status ?? 500) >= 400);
  return { request: single, answer: hasFailed ? failedDependency(world) : service(single) };
}

function toResult(item: Item, { status, headers, body }: ApiResponse): Result {
  return {
    id: item.id,
    status,
    headers: spelled(headers ?? {}),
    ...(body === undefined ? {} : { body }),
  };
}

/** HTTP forgets how names are spelled; in the JSON of a batch it shows. */
function spelled(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [SPELLING[name] ?? name, value]),
  );
}

const SPELLING: Readonly<Record<string, string>> = {
  'content-type': 'Content-Type',
  etag: 'ETag',
  location: 'Location',
  'retry-after': 'Retry-After',
  'odata-version': 'OData-Version',
};

function checkShape(items: readonly Item[]): void {
  const ids = new Set(items.map((item) => item.id));
  if (ids.size !== items.length) throw badRequest('Duplicate request id in the batch.');
  const seen = new Set<string>();
  for (const item of items) {
    checkItem(item, seen);
    seen.add(item.id);
  }
  if (!isParallel(items) && !isSerial(items) && !isFan(items)) {
    throw badRequest(
      'Requests must be independent, strictly one after the other, or all depend on the same one.',
    );
  }
}

function checkItem(item: Item, seen: ReadonlySet<string>): void {
  const unknown = (item.dependsOn ?? []).find((id) => !seen.has(id));
  if (unknown !== undefined) {
    throw badRequest(`dependsOn names '${unknown}', which does not come before '${item.id}'.`);
  }
  if (/^\/?\$batch/.test(item.url)) throw badRequest('Nested batches are not supported.');
  if (item.method === 'POST' && /^\/?subscriptions$/.test(item.url)) {
    throw notImplemented('a subscription within a batch');
  }
}

function isParallel(items: readonly Item[]): boolean {
  return items.every((item) => (item.dependsOn ?? []).length === 0);
}

function isSerial(items: readonly Item[]): boolean {
  return items.every((item, index) => {
    const on = item.dependsOn ?? [];
    return index === 0 ? on.length === 0 : on.length === 1 && on[0] === items[index - 1]?.id;
  });
}

function isFan(items: readonly Item[]): boolean {
  const [root, ...others] = items;
  return others.every((item) => item.dependsOn?.length === 1 && item.dependsOn[0] === root?.id);
}

/** What the two sides of an operator saw of it: the API server's own request metrics, and the simulator's journal. */

import type { ClusterClient } from '../control-plane/cluster-client.ts';
import type { Simulator } from '../simulator/index.ts';
import type { JournalEntry } from '../simulator/journal.ts';
import { samplesOf } from './metrics.ts';

/** Requests that write, by resource. Leases are left out: they are renewed whether there is work or not. */
export type ClusterWrites = ReadonlyMap<string, number>;

export async function clusterWrites(client: ClusterClient): Promise<ClusterWrites> {
  const body = await client.transport.stream('/metrics', { accept: 'text/plain' });
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk as Buffer);
  const counts = new Map<string, number>();
  for (const { name, labels, value } of samplesOf(Buffer.concat(chunks).toString('utf8'))) {
    const isWrite =
      name === 'apiserver_request_total' &&
      /verb="(POST|PUT|PATCH|APPLY|DELETE)"/.test(labels) &&
      /group="m365-operator\.io"|resource="events"/.test(labels);
    if (!isWrite) continue;
    const resource = resourceIn(labels);
    counts.set(resource, (counts.get(resource) ?? 0) + value);
  }
  return counts;
}

/** `m365users`, or `m365users/status`. */
function resourceIn(labels: string): string {
  const part = (label: string): string =>
    new RegExp(`(?:^|,)${label}="([^"]*)"`).exec(labels)?.[1] ?? '';
  return [part('resource'), part('subresource')].filter((text) => text !== '').join('/');
}

export function lessWrites(after: ClusterWrites, before: ClusterWrites): ClusterWrites {
  const grown = [...after].map(
    ([resource, count]) => [resource, count - (before.get(resource) ?? 0)] as const,
  );
  return new Map(grown.filter(([, count]) => count > 0));
}

export function totalOf(writes: ClusterWrites): number {
  return [...writes.values()].reduce((total, count) => total + count, 0);
}

/** What was written for the users themselves: the objects, their status, events. */
export function ofUsers(writes: ClusterWrites): number {
  const counted = [...writes].filter(([resource]) => /^(m365users|events)/.test(resource));
  return counted.reduce((total, [, count]) => total + count, 0);
}

/** For `of`: which resources they were. */
export function describeWrites(writes: ClusterWrites, of = 1): string {
  const parts = [...writes].map(([resource, count]) => `${resource} ${round(count / of)}`);
  return parts.length === 0 ? 'none' : parts.join(', ');
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Requests since an entry of the journal, as the simulated cloud answered them. */
export interface CloudRequests {
  readonly reads: number;
  readonly writes: number;
  readonly graphWrites: number;
  readonly throttled: number;
  readonly tokens: number;
  /** Which reads, the most frequent first. */
  readonly readsBy: string;
}

export function cloudRequests({ journal }: Simulator, since: number): CloudRequests {
  const { entries } = journal.since(since);
  const requests = entries.filter(({ kind, service }) => kind === 'request' && service !== 'login');
  const reads = requests.filter((entry) => !isWrite(entry));
  // A batch is one request: to read, but for those of its parts that write.
  const writes = entries.filter((entry) => entry.service !== 'login' && isWrite(entry));
  return {
    reads: reads.length,
    writes: writes.length,
    graphWrites: writes.filter(({ service }) => service === 'graph').length,
    throttled: requests.filter(({ status }) => status === 429).length,
    tokens: entries.filter(({ kind, service }) => kind === 'request' && service === 'login').length,
    readsBy: frequencies(reads),
  };
}

const identifier = /[0-9a-f]{8}-[0-9a-f-]{27,}|[^/]*(@|%40)[^/]*|[^/]+\.onmicrosoft\.com/gi;

function frequencies(entries: readonly { readonly path: string }[]): string {
  const counts = new Map<string, number>();
  for (const { path } of entries) {
    const kind = path.replaceAll(identifier, '*');
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return sorted.map(([kind, count]) => `${kind} ${count}`).join(', ');
}

export function isWrite({ kind, method, path }: JournalEntry): boolean {
  const isRead = method === 'GET' || method === 'HEAD' || path.endsWith('/$batch');
  return kind !== 'portal' && !isRead;
}

/** Where the journal ends now. */
export function journalEnd({ journal }: Simulator): number {
  return journal.since(Number.MAX_SAFE_INTEGER).next;
}

/** What the two sides of an operator saw of it: the API server's own request metrics, and the simulator's journal. */
import type { Simulator } from '../simulator/index.ts';
import type { ClusterClient } from './cluster-client.ts';
import { type Sample, samplesOf, sum } from './metrics.ts';

/** Requests that write, by what they wrote. Leases are left out: they are renewed whether there is work or not. */
export interface ClusterWrites {
  readonly users: number;
  readonly status: number;
  readonly events: number;
  readonly others: number;
}

export async function clusterWrites(client: ClusterClient): Promise<ClusterWrites> {
  const body = await client.transport.stream('/metrics', { accept: 'text/plain' });
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk as Buffer);
  const samples = samplesOf(Buffer.concat(chunks).toString('utf8'));
  const writes = samples.filter(
    ({ name, labels }) =>
      name === 'apiserver_request_total' &&
      /verb="(POST|PUT|PATCH|APPLY|DELETE)"/.test(labels) &&
      /group="m365-operator\.io"|resource="events"/.test(labels),
  );
  return countsOf(writes);
}

function countsOf(writes: readonly Sample[]): ClusterWrites {
  const name = 'apiserver_request_total';
  const users = sum(writes, name, /resource="m365users".*subresource=""/);
  const status = sum(writes, name, /resource="m365users".*subresource="status"/);
  const events = sum(writes, name, /resource="events"/);
  return { users, status, events, others: sum(writes, name) - users - status - events };
}

export function lessWrites(after: ClusterWrites, before: ClusterWrites): ClusterWrites {
  return {
    users: after.users - before.users,
    status: after.status - before.status,
    events: after.events - before.events,
    others: after.others - before.others,
  };
}

export function totalOf({ users, status, events, others }: ClusterWrites): number {
  return users + status + events + others;
}

/** Requests since an entry of the journal, as the simulated cloud answered them. */
export interface CloudRequests {
  readonly reads: number;
  readonly writes: number;
  readonly graphWrites: number;
  readonly throttled: number;
  readonly tokens: number;
}

export function cloudRequests({ journal }: Simulator, since: number): CloudRequests {
  const { entries } = journal.since(since);
  const count = (holds: (entry: (typeof entries)[number]) => boolean): number =>
    entries.filter(holds).length;
  return {
    reads: count((entry) => entry.service !== 'login' && !isWrite(entry)),
    writes: count((entry) => entry.service !== 'login' && isWrite(entry)),
    graphWrites: count((entry) => entry.service === 'graph' && isWrite(entry)),
    throttled: count((entry) => entry.status === 429),
    tokens: count((entry) => entry.service === 'login'),
  };
}

function isWrite({ method }: { readonly method: string }): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

/** Where the journal ends now. */
export function journalEnd({ journal }: Simulator): number {
  return journal.since(Number.MAX_SAFE_INTEGER).next;
}

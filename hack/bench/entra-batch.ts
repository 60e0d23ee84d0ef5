/** Whether reading many users by key in batches pays: beside one by one, over the same connection. */
import type { Graph } from '../../operator/clients/graph/port.ts';
import { adminConsent } from '../simulator/directory/consent.ts';
import { OPERATOR_PERMISSIONS } from '../simulator/directory/well-known.ts';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from '../simulator/seed.ts';
import { Cloud } from '../testing/cloud.ts';
import { atMost, type Row } from './row.ts';

const users = 400;
const latencyMs = 20;

export async function benchBatch(): Promise<readonly Row[]> {
  const cloud = await Cloud.start({
    settings: { latencyMs, throttleFactor: Number.POSITIVE_INFINITY },
  });
  try {
    const { world } = cloud.simulator;
    const directory = world.directories.get(DEFAULT_CUSTOMER.tenantId);
    if (directory === undefined) throw new Error('the customer is gone');
    adminConsent(world, directory, DEFAULT_PARTNER.clientId, OPERATOR_PERMISSIONS);
    const known = [...directory.users.all('live', directory.log.last)].map(({ value }) => value.id);
    const ids = Array.from({ length: users }, (_, n) => known[n % known.length] ?? '');
    const graph = cloud.clients().graph(DEFAULT_CUSTOMER.tenantId);
    const { signal } = new AbortController();
    const single = await timed(() => oneByOne(graph, ids, signal));
    const batched = await timed(() => graph.getUsers(ids, signal));
    return [
      atMost(0.25, {
        name: 'reading users by key in batches, beside one by one',
        value: batched / single,
        unit: 'x',
        of: `${users} users: ${batched.toFixed(2)} s beside ${single.toFixed(2)} s, 1 request for 20`,
      }),
    ];
  } finally {
    await cloud.stop();
  }
}

async function oneByOne(graph: Graph, ids: readonly string[], signal: AbortSignal): Promise<void> {
  for (const id of ids) await graph.getUser(id, signal);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return (performance.now() - startedMs) / 1000;
}

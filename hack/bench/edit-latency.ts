/** How long after an edit of an object the first request about it arrives at the simulated cloud. */
import type { M365User } from '../../operator/core/objects.ts';
import { api } from '../control-plane/cluster-client.ts';
import { until } from '../control-plane/processes.ts';
import { journalEnd } from './counts.ts';
import { each } from './each.ts';
import type { Fleet } from './fleet.ts';

const timeoutMs = 60_000;

export interface EditLatency {
  /** From the API server's answer to the edit: the operator's own, with the way of the watch and of the request. */
  readonly ownMs: number;
  /** From before the edit was sent. */
  readonly wholeMs: number;
}

/**
 * Edits each user and waits for its PATCH in the journal, whose times are milliseconds of the same clock: the simulator
 * runs in this process and its clock was not moved.
 */
export async function editLatencies(
  fleet: Fleet,
  users: readonly M365User[],
  { title, editors }: { readonly title: string; readonly editors: number },
): Promise<readonly EditLatency[]> {
  const { client, stage } = fleet;
  const latencies: EditLatency[] = [];
  await each(users, editors, async ({ metadata, status }) => {
    let from = journalEnd(stage.simulator);
    const sentAtMs = stage.simulator.world.clock.nowMs();
    const path = `${api}/namespaces/${metadata.namespace}/m365users/${metadata.name}`;
    await client.patch(path, { spec: { jobTitle: title } });
    const storedAtMs = stage.simulator.world.clock.nowMs();
    let arrivedAtMs = Number.NaN;
    await until(
      `the edit of ${metadata.name} to arrive`,
      () => {
        const { entries, next } = stage.simulator.journal.since(from);
        // Whoever looks through the same thousands again takes the time that is measured.
        from = next;
        const arrived = entries.find(
          ({ method, path: asked }) =>
            method === 'PATCH' && asked === `/v1.0/users/${status?.entraId ?? ''}`,
        );
        if (arrived !== undefined) arrivedAtMs = Date.parse(arrived.at);
        return arrived !== undefined;
      },
      { timeoutMs, everyMs: 10 },
    );
    // It may arrive before the answer does.
    const ownMs = Math.max(0, arrivedAtMs - storedAtMs);
    latencies.push({ ownMs, wholeMs: arrivedAtMs - sentAtMs });
  });
  return latencies;
}

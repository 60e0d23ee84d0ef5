/** One tenant and thousands of users, with the published limits: how much of the write quota is used, and how it is asked for. */
import type { M365User } from '../../operator/core/objects.ts';
import { isReady } from '../demo/objects.ts';
import type { JournalEntry } from '../simulator/journal.ts';
import { coldStart } from './cold-start.ts';
import { describeWrites, journalEnd, totalOf } from './counts.ts';
import { plainManifest } from './entra-manifests.ts';
import { describeFleet, type Fleet, startFleet } from './fleet.ts';
import { atLeast, atMost, type Row } from './row.ts';

type Progress = (line: string) => void;

/** graph.md 10.1: writes of an application in a tenant. */
const writesAtOnce = 3_000;
const writesPerSecond = 20;
/** Of every answer of the simulated cloud. */
const latencyMs = 20;

export async function benchQuota(progress: Progress): Promise<readonly Row[]> {
  const usersPerTenant = Number(process.env['BENCH_QUOTA_USERS'] ?? 5_000);
  const fleet = await startFleet(
    {
      tenants: 1,
      usersPerTenant,
      // None of them has a licence.
      waves: 0,
      settings: { latencyMs },
      userManifest: plainManifest,
    },
    progress,
  );
  try {
    await fleet.createUsers('quota');
    const { simulator } = fleet.stage;
    const journal = journalEnd(simulator);
    const start = () => fleet.startOperator();
    const { figures, operator } = await coldStart(fleet, { wave: 'quota', start }, progress);
    await operator.stop();
    const entries = simulator.journal.since(journal).entries;
    const graph = entries.filter((e) => e.kind === 'request' && e.service === 'graph');
    const early = simulator.violations.list().filter(({ rule }) => rule === 'retry-inside-wait');
    const users = await fleet.client.list<M365User>('m365users');
    const ready = users.filter(isReady).length;
    const asked = `${graph.length} requests of Graph, ${ready} users Ready after ${figures.seconds.toFixed(1)} s; API server ${totalOf(figures.cluster)}: ${describeWrites(figures.cluster)}`;
    return rowsOf(fleet, { graph, early: early.length, asked });
  } finally {
    await fleet.stop();
  }
}

interface Seen {
  readonly graph: readonly JournalEntry[];
  readonly early: number;
  readonly asked: string;
}

function rowsOf(fleet: Fleet, { graph, early, asked }: Seen): readonly Row[] {
  const throttled = graph.filter(({ status }) => status === 429).length;
  const writes = graph.filter(({ method, status }) => method !== 'GET' && status < 300);
  const times = writes.map(({ at }) => Date.parse(at));
  const seconds = (Math.max(...times) - Math.min(...times)) / 1000;
  const quota = writesAtOnce + writesPerSecond * seconds;
  const of = describeFleet(fleet, asked);
  return [
    atLeast(95, {
      name: 'write quota of one tenant that is used until done',
      value: (writes.length / quota) * 100,
      unit: '%',
      of: `${writes.length} writes in ${seconds.toFixed(1)} s, allowed ${quota.toFixed(0)}; ${of}`,
    }),
    atMost(0.1, {
      name: '429s of all requests, limits on',
      value: (throttled / graph.length) * 100,
      unit: '%',
      of: `${throttled}; ${of}`,
    }),
    atMost(0, { name: 'retries inside a Retry-After', value: early, unit: 'requests', of }),
  ];
}

/**
 * How long the cache takes to fill, beside one raw list of the same objects in the same pages, and what it holds in
 * memory: 10,000 and 50,000 users as kubectl would have applied them. BENCH_SYNC_COUNTS=1000,5000 makes it small.
 */
import { loadavg } from 'node:os';
import { api } from '../control-plane/cluster-client.ts';
import { type BareCluster, startBareCluster } from './bare-cluster.ts';
import { startChild } from './child.ts';
import { each, requestsInFlight } from './each.ts';
import { userManifest } from './manifests.ts';
import { atMost, type Row } from './row.ts';
import type { SyncJob, SyncResult } from './sync-child.ts';

type Progress = (line: string) => void;

/** Of each the fastest counts: what else the machine does makes it slower only. */
const tries = 3;
const folder = `${api}/namespaces/default/m365users`;

interface Measured {
  readonly count: number;
  readonly ours: SyncResult;
  readonly raw: SyncResult;
}

export async function benchSync(progress: Progress): Promise<readonly Row[]> {
  const counts = (process.env['BENCH_SYNC_COUNTS'] ?? '10000,50000').split(',').map(Number);
  const cluster = await startBareCluster(progress);
  try {
    const measured: Measured[] = [];
    for (const count of counts) {
      await fill(cluster, measured.at(-1)?.count ?? 0, count, progress);
      progress(`filling a cache with ${count} users`);
      measured.push({
        count,
        ours: await fastest(cluster, 'ours'),
        raw: await fastest(cluster, 'raw'),
      });
    }
    return [...measured.flatMap(rowsOf), ...linearity(measured)];
  } finally {
    await cluster.stop();
  }
}

async function fill(
  { client }: BareCluster,
  from: number,
  to: number,
  progress: Progress,
): Promise<void> {
  progress(`creating users ${from} to ${to}`);
  const places = Array.from({ length: to - from }, (_, index) => from + index);
  await each(places, requestsInFlight, async (place) => {
    await client.create(folder, applied(userManifest(0, `bench-${place}`)));
  });
}

/** With the annotation of `kubectl apply`, which is a good part of what is read. */
function applied(manifest: ReturnType<typeof userManifest>): object {
  const lastApplied = {
    'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(manifest),
  };
  return { ...manifest, metadata: { ...manifest.metadata, annotations: lastApplied } };
}

async function fastest({ kubeconfig }: BareCluster, how: SyncJob['how']): Promise<SyncResult> {
  const results: SyncResult[] = [];
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const job: SyncJob = { how, kubeconfig };
    const child = startChild<SyncResult>(new URL('sync-child.ts', import.meta.url), job);
    try {
      results.push(await child.answer);
    } finally {
      await child.stop();
    }
  }
  return results.reduce((best, result) => (result.seconds < best.seconds ? result : best));
}

function rowsOf({ count, ours, raw }: Measured): readonly Row[] {
  if (ours.objects !== count || raw.objects !== count) {
    throw new Error(`${ours.objects} and ${raw.objects} objects were read, not ${count}`);
  }
  const load = `load ${loadavg()[0]?.toFixed(1) ?? '?'}`;
  return [
    atMost(1.5, {
      name: `filling the cache with ${count} users`,
      value: ours.seconds / raw.seconds,
      unit: 'x',
      of: `${ours.seconds.toFixed(2)} s beside ${raw.seconds.toFixed(2)} s of a raw list of ${(raw.bytes / 1e6).toFixed(0)} MB; best of ${tries}; ${load}`,
    }),
    atMost(count <= 10_000 ? 250 : 600, {
      name: `memory with ${count} users in the cache, highest`,
      value: ours.peakMegabytes,
      unit: 'MB',
      of: `VmHWM of a process with the Kubernetes side only; raw list ${raw.peakMegabytes.toFixed(0)} MB`,
    }),
  ];
}

/**
 * The API server needs more than five times as long for five times as many: the time is held against that of the raw
 * list, and what is ours alone, the CPU of the process, against the number.
 */
function linearity(measured: readonly Measured[]): readonly Row[] {
  const [few, many] = [measured.at(0), measured.at(-1)];
  if (few === undefined || many === undefined || few === many) return [];
  const factor = many.count / few.count;
  const counts = `${many.count} users, of that for ${few.count}`;
  const ours = many.ours.seconds / few.ours.seconds;
  const raw = many.raw.seconds / few.raw.seconds;
  const cpu = [many, few].map((one) => one.ours.cpuSeconds.toFixed(2)).join(' s beside ');
  return [
    atMost(1.1, {
      name: `time for ${counts}, beside that of the raw list`,
      value: ours / raw,
      unit: 'x',
      of: `${factor} times as many in ${ours.toFixed(1)} times as long; the raw list: ${raw.toFixed(1)}`,
    }),
    atMost(factor * 1.1, {
      name: `CPU for ${counts}`,
      value: many.ours.cpuSeconds / few.ours.cpuSeconds,
      unit: 'x',
      of: `${cpu} s`,
    }),
  ];
}

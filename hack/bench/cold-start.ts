/** From the start of an operator, ours or another, until every user that was created beforehand is Ready. */
import { type Process, until } from '../control-plane/processes.ts';
import {
  type CloudRequests,
  type ClusterWrites,
  cloudRequests,
  clusterWrites,
  journalEnd,
  lessWrites,
} from './counts.ts';
import type { Fleet } from './fleet.ts';
import { cpuSeconds, memory, pidOf } from './process-usage.ts';
import { type ReadyWatch, watchReady } from './ready-watch.ts';

export interface ColdStart {
  readonly users: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
  readonly cluster: ClusterWrites;
  readonly cloud: CloudRequests;
  /** After which half, and nearly all, of the users were Ready. */
  readonly p50Seconds: number;
  readonly p99Seconds: number;
}

const timeoutMs = 30 * 60_000;
/** Events are written a moment after what they tell. */
const lateWritesMs = 5_000;

interface Contender<P> {
  readonly wave: string;
  /** Begins the process; it goes on running afterwards. */
  readonly start: () => Promise<P>;
  /** Runs from the first Ready on. */
  readonly meanwhile?: (watch: ReadyWatch) => Promise<void>;
}

export async function coldStart<P extends { readonly process: Process }>(
  fleet: Fleet,
  { wave, start, meanwhile }: Contender<P>,
  progress: (line: string) => void,
): Promise<{ readonly figures: ColdStart; readonly operator: P }> {
  const { client, stage, users } = fleet;
  const watch = await watchReady(client, 'm365users', `${wave}-`);
  const writesBefore = await clusterWrites(client);
  const journal = journalEnd(stage.simulator);
  const startedMs = performance.now();
  const operator = await start();
  await until(
    'the first user to be Ready',
    () => {
      requireAlive(operator.process);
      return watch.count > 0;
    },
    { timeoutMs },
  );
  await Promise.all([
    allReady(watch, { users, process: operator.process }, progress),
    meanwhile?.(watch),
  ]);
  const pid = pidOf(operator.process);
  const cpu = await cpuSeconds(pid);
  const { peakMegabytes } = await memory(pid);
  watch.close();
  await new Promise((resolve) => setTimeout(resolve, lateWritesMs));
  const seconds = watch.timesMs.map((readyAtMs) => (readyAtMs - startedMs) / 1000);
  return {
    operator,
    figures: {
      users,
      seconds: seconds.at(-1) ?? Number.NaN,
      cpuSeconds: cpu,
      peakMegabytes,
      cluster: lessWrites(await clusterWrites(client), writesBefore),
      cloud: cloudRequests(stage.simulator, journal),
      p50Seconds: percentile(seconds, 50),
      p99Seconds: percentile(seconds, 99),
    },
  };
}

async function allReady(
  watch: ReadyWatch,
  { users, process }: { readonly users: number; readonly process: Process },
  progress: (line: string) => void,
): Promise<void> {
  let told = 0;
  await until(
    'every user to be Ready',
    () => {
      requireAlive(process);
      const tenths = Math.floor((watch.count / users) * 10);
      if (tenths > told) progress(`${watch.count} of ${users} users are Ready`);
      told = Math.max(told, tenths);
      return watch.count >= users;
    },
    { timeoutMs },
  );
}

function requireAlive({ child }: Process): void {
  if (child.exitCode !== null) throw new Error('the operator ended');
}

/** Nearest rank. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? Number.NaN;
}

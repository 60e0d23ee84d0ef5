/** An operator that finds everything in sync: what its start costs, and what its rest costs. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { until } from '../control-plane/processes.ts';
import type { OperatorProcess } from '../stage/operator.ts';
import { type ColdStart, coldStart, percentile } from './cold-start.ts';
import {
  cloudRequests,
  clusterWrites,
  describeWrites,
  journalEnd,
  lessWrites,
  totalOf,
} from './counts.ts';
import { describeFleet, type Fleet, requireRunning } from './fleet.ts';
import { scrape, scrapeIfUp, sum } from './metrics.ts';
import { cpuSeconds, memory, pidOf } from './process-usage.ts';
import { atMost, type Row } from './row.ts';

type Progress = (line: string) => void;

const settlePollSeconds = 5;
const timeoutMs = 10 * 60_000;
const idleMinutesDefault = 2;
/** Memory of a process at rest still moves with its garbage collector. */
const memorySampleMs = 5_000;
/** As Prometheus does by default in most installations: its answers are garbage of a size. */
const scrapeEveryMs = 30_000;
/** Users, groups and SKUs of the directory; organization, domains and access of the tenant; subscriptions of its pool. */
const readsPerTenantGoal = 10;

/** The first users come, and all is in sync; the figures are those of the cold start. */
export async function coldStartToRest(fleet: Fleet, progress: Progress): Promise<ColdStart> {
  const wave = 'first';
  await fleet.createUsers(wave);
  const start = () => fleet.startOperator();
  const { figures, operator } = await coldStart(fleet, { wave, start }, progress);
  await operator.stop();
  await settle(fleet, progress);
  return figures;
}

/** Pools count their users at their next poll: in sync is when nothing was written for two polls. */
export async function settle(fleet: Fleet, progress: Progress): Promise<void> {
  progress('waiting until nothing is written any more');
  const operator = await fleet.startOperator(settlePollSeconds);
  let before = -1;
  await until(
    'the writes to end',
    async () => {
      requireRunning(operator);
      const now = totalOf(await clusterWrites(fleet.client));
      const isQuiet = now === before;
      before = now;
      return isQuiet && (await isAtRest(fleet, operator));
    },
    { timeoutMs, everyMs: 2_000 * settlePollSeconds },
  );
  await operator.stop();
}

/** Every object was looked at, and nothing is left to look at now. */
export async function isAtRest(
  { users, size }: Fleet,
  { metricsUrl }: OperatorProcess,
): Promise<boolean> {
  const samples = await scrapeIfUp(metricsUrl);
  const looks = (kind: string): number =>
    sum(samples, 'controller_runtime_reconcile_total', new RegExp(`controller="${kind}"`));
  return (
    looks('M365User') >= users &&
    looks('M365Tenant') >= size.tenants &&
    looks('LicensePool') >= size.tenants &&
    sum(samples, 'workqueue_depth') === 0 &&
    sum(samples, 'controller_runtime_active_workers') === 0
  );
}

interface Looks {
  readonly users: number;
  /** When the last one ended, of whatever kind: milliseconds since the epoch. */
  readonly lastMs: number;
}

/** As the operator's log tells of them from now on: without a scrape, which is work of what is measured. */
async function followLooks({ logFile }: OperatorProcess): Promise<() => Promise<Looks>> {
  let from = (await stat(logFile)).size;
  let looks: Looks = { users: 0, lastMs: Number.NaN };
  return async () => {
    const { size } = await stat(logFile);
    if (size === from) return looks;
    const chunks = createReadStream(logFile, { start: from, end: size, encoding: 'latin1' });
    const text = (await chunks.toArray()).join('');
    // What is cut in two is counted the next time.
    const whole = text.lastIndexOf('\n') + 1;
    from += whole;
    looks = withLines(looks, text.slice(0, whole).split('\n'));
    return looks;
  };
}

function withLines({ users, lastMs }: Looks, lines: readonly string[]): Looks {
  const ended = lines.filter((line) => line.includes('"message":"reconciled"'));
  const time = /"time":"([^"]+)"/.exec(ended.at(-1) ?? '')?.[1];
  return {
    users: users + ended.filter((line) => line.includes('"controller":"M365User"')).length,
    lastMs: time === undefined ? lastMs : Date.parse(time),
  };
}

/** Now and then the API server collects garbage, or compares its cache with etcd, for as long as one takes. */
export const restartsMeasured = 5;

/** Each lists the subscriptions of a hundred tenants, and Partner Center answers 500 of these a minute. */
export const restartPauseMs = 8_000;

/** Seldom, as it is work of the process that is the cloud too: when a look ended is told by its line. */
const lookEveryMs = 250;

/** The operator writes its log some lines at a time. */
const logDelayMs = 100;

/** From the start until every object was looked at and nothing is left to look at. */
async function startInSync(
  fleet: Fleet,
): Promise<{ readonly operator: OperatorProcess; readonly seconds: number }> {
  const startedMs = Date.now();
  const operator = await fleet.startOperator();
  const often = { timeoutMs, everyMs: lookEveryMs };
  const looks = await followLooks(operator);
  const areLooked = async () => {
    requireRunning(operator);
    return (await looks()).users >= fleet.users;
  };
  await until('every user to be looked at', areLooked, often);
  await until('every object to be reconciled', () => isAtRest(fleet, operator), often);
  await wait(logDelayMs);
  // Its line tells when the last look ended: neither when it was read, nor what a scrape costs, is part of it.
  return { operator, seconds: ((await looks()).lastMs - startedMs) / 1000 };
}

export async function restart(
  fleet: Fleet,
  progress: Progress,
): Promise<{ readonly rows: readonly Row[]; readonly operator: OperatorProcess }> {
  const { client, stage, size } = fleet;
  const restarts: number[] = [];
  const measure = async (): Promise<OperatorProcess> => {
    const { operator, seconds } = await startInSync(fleet);
    progress(`restart with everything in sync: ${seconds.toFixed(1)} s`);
    restarts.push(seconds);
    return operator;
  };
  for (let n = 1; n < restartsMeasured; n += 1) {
    await (await measure()).stop();
    await wait(restartPauseMs);
  }
  const before = await clusterWrites(client);
  const journal = journalEnd(stage.simulator);
  const operator = await measure();
  const cpu = await cpuSeconds(pidOf(operator.process));
  const { peakMegabytes } = await memory(pidOf(operator.process));
  const cloud = cloudRequests(stage.simulator, journal);
  const writes = lessWrites(await clusterWrites(client), before);
  progress(`outside reads: ${cloud.readsBy}`);
  const of = describeFleet(fleet);
  const requests = { unit: 'requests', of };
  const tokens = `${of}; and ${cloud.tokens} tokens in all`;
  const reads = cloud.reads / size.tenants;
  return {
    operator,
    rows: [
      atMost(5, {
        name: 'restart in sync to an empty queue',
        value: percentile(restarts, 50),
        unit: 's',
        of: `the middle of ${restarts.map((seconds) => seconds.toFixed(1)).join(', ')}; ${of}; CPU ${cpu} s`,
      }),
      atMost(0, {
        name: 'API server writes of a restart',
        value: totalOf(writes),
        unit: 'requests',
        of: `${of}; ${describeWrites(writes)}`,
      }),
      atMost(0, { name: 'outside writes of a restart', value: cloud.writes, ...requests }),
      atMost(readsPerTenantGoal, {
        name: 'outside reads of a restart per tenant',
        value: reads,
        unit: 'requests',
        of: tokens,
      }),
      atMost(250, {
        name: 'memory of the operator, restart, highest',
        value: peakMegabytes,
        unit: 'MB',
        of,
      }),
    ],
  };
}

export async function idle(
  fleet: Fleet,
  operator: OperatorProcess,
  progress: Progress,
): Promise<readonly Row[]> {
  const minutes = Number(process.env['BENCH_MINUTES'] ?? idleMinutesDefault);
  progress(`looking at an idle operator for ${minutes} min, with a scrape every 30 s`);
  const { client, stage } = fleet;
  const pid = pidOf(operator.process);
  const before = await clusterWrites(client);
  const journal = journalEnd(stage.simulator);
  const cpuBefore = await cpuSeconds(pid);
  const startedMs = performance.now();
  const samples = await memorySamples(operator, minutes);
  const seconds = (performance.now() - startedMs) / 1000;
  const share = ((await cpuSeconds(pid)) - cpuBefore) / seconds;
  const writes = lessWrites(await clusterWrites(client), before);
  const cloud = cloudRequests(stage.simulator, journal);
  const of = `${minutes} min, a scrape every 30 s; ${describeFleet(fleet)}`;
  const requests = { unit: 'requests', of };
  return [
    atMost(1, {
      name: 'CPU while idle',
      value: share * 100,
      unit: '% of a core',
      of: `${of}; ${cloud.reads} outside reads`,
    }),
    atMost(0.5, {
      name: 'memory growth while idle',
      value: slope(samples),
      unit: 'MB/min',
      of: `${of}; ${megabytesOf(samples)}`,
    }),
    atMost(0, {
      name: 'API server writes while idle',
      value: totalOf(writes),
      unit: 'requests',
      of: `${of}; ${describeWrites(writes)}`,
    }),
    atMost(0, { name: 'outside writes while idle', value: cloud.writes, ...requests }),
  ];
}

interface MemorySample {
  readonly minute: number;
  readonly megabytes: number;
}

async function memorySamples(
  { process, metricsUrl }: OperatorProcess,
  minutes: number,
): Promise<readonly MemorySample[]> {
  const startedMs = performance.now();
  const samples: MemorySample[] = [];
  let scrapes = 0;
  while (performance.now() - startedMs < minutes * 60_000) {
    await new Promise((resolve) => setTimeout(resolve, memorySampleMs));
    const passedMs = performance.now() - startedMs;
    const { nowMegabytes } = await memory(pidOf(process));
    samples.push({ minute: passedMs / 60_000, megabytes: nowMegabytes });
    if (passedMs < (scrapes + 1) * scrapeEveryMs) continue;
    await scrape(metricsUrl);
    scrapes += 1;
  }
  return samples;
}

/** Least squares. */
function slope(samples: readonly MemorySample[]): number {
  const middle = mean(samples.map(({ minute }) => minute));
  const average = mean(samples.map(({ megabytes }) => megabytes));
  const products = samples.map((s) => (s.minute - middle) * (s.megabytes - average));
  const squares = samples.map((s) => (s.minute - middle) ** 2);
  return mean(products) / mean(squares);
}

function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}

function megabytesOf(samples: readonly MemorySample[]): string {
  const at = (index: number): string => samples.at(index)?.megabytes.toFixed(0) ?? '?';
  return `${at(0)} to ${at(-1)} MB`;
}

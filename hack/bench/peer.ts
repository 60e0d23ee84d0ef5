/**
 * Ours beside an operator of controller-runtime (go-peer/): the same users on a fresh stage each, the same start. Ours
 * runs pools, tenants, events and an audit log besides; the other does users only.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { type Process, until } from '../control-plane/processes.ts';
import { type ColdStart, coldStart, percentile } from './cold-start.ts';
import { totalOf } from './counts.ts';
import { describeFleet, type Fleet, type FleetSize, fleetSize, startFleet } from './fleet.ts';
import { buildPeer, startPeer } from './go-peer.ts';
import { scrapeIfUp, sum } from './metrics.ts';
import { restartPauseMs, restartsMeasured, settle } from './rest.ts';
import { atMost, type Row } from './row.ts';

type Progress = (line: string) => void;

interface Run {
  readonly figures: ColdStart;
  /** From another start, which finds everything in sync, until each user was looked at: the middle one of several. */
  readonly restartSeconds: number;
  readonly of: string;
}

export async function benchPeer(progress: Progress): Promise<readonly Row[]> {
  const binary = await buildPeer(progress);
  const size = fleetSize(1);
  const peer = await runOn(
    { ...size, withoutAdmission: true },
    {
      start: (fleet) => startPeer(fleet.stage, binary),
      // It has users only, and has written all of them by the time they are Ready.
      settle: () => Promise.resolve(),
      progress: (line) => progress(`controller-runtime: ${line}`),
    },
  );
  const tellOurs = (line: string): void => progress(`ours: ${line}`);
  const ours = await runOn(size, {
    start: (fleet) => fleet.startOperator(),
    settle: (fleet) => settle(fleet, tellOurs),
    progress: tellOurs,
  });
  return rowsOf(ours, peer);
}

interface Contender {
  readonly start: (
    fleet: Fleet,
  ) => Promise<{ readonly process: Process; readonly metricsUrl: string }>;
  /** Until a start finds everything in sync. */
  readonly settle: (fleet: Fleet) => Promise<void>;
  readonly progress: Progress;
}

async function runOn(size: FleetSize, contender: Contender): Promise<Run> {
  const { start, progress } = contender;
  const fleet = await startFleet(size, progress);
  try {
    await fleet.createUsers('first');
    const { figures, operator } = await coldStart(
      fleet,
      { wave: 'first', start: () => start(fleet) },
      progress,
    );
    await operator.process.stop();
    await contender.settle(fleet);
    const restarts: number[] = [];
    for (let n = 1; n <= restartsMeasured; n += 1) {
      await wait(restartPauseMs);
      const seconds = await restart(fleet, () => start(fleet));
      progress(`restart with everything in sync: ${seconds.toFixed(1)} s`);
      restarts.push(seconds);
    }
    return { figures, restartSeconds: percentile(restarts, 50), of: describeFleet(fleet) };
  } finally {
    await fleet.stop();
  }
}

const restartTimeoutMs = 5 * 60_000;
/** Each scrape is work of what is measured. */
const scrapeEveryMs = 250;

async function restart(
  { users }: Fleet,
  start: () => ReturnType<Contender['start']>,
): Promise<number> {
  const startedMs = performance.now();
  const { process, metricsUrl } = await start();
  const areLooked = async (): Promise<boolean> => {
    const samples = await scrapeIfUp(metricsUrl);
    const looks = sum(samples, 'controller_runtime_reconcile_total', /controller="m365user"/i);
    return looks >= users;
  };
  const often = { timeoutMs: restartTimeoutMs, everyMs: scrapeEveryMs };
  await until('every user to be looked at', areLooked, often);
  const seconds = (performance.now() - startedMs) / 1000;
  await process.stop();
  return seconds;
}

function rowsOf(ours: Run, peer: Run): readonly Row[] {
  const { of } = ours;
  const compare = (unit: string, value: (figures: ColdStart, run: Run) => number) => {
    const [mine, other] = [value(ours.figures, ours), value(peer.figures, peer)];
    const raw = `ours ${mine.toFixed(2)} ${unit}, controller-runtime ${other.toFixed(2)} ${unit}`;
    return { mine, ratio: mine / other, of: `${raw}; ${of}` };
  };
  const seconds = compare('s', (figures) => figures.seconds);
  const cpu = compare('s', (figures) => figures.cpuSeconds);
  const megabytes = compare('MB', (figures) => figures.peakMegabytes);
  const writes = compare('', perUser);
  const restarts = compare('s', (_, { restartSeconds }) => restartSeconds);
  const graph = compare('', ({ cloud, users }) => cloud.graphWrites / users);
  return [
    atMost(0.8, {
      name: 'time to all Ready, of the peer',
      value: seconds.ratio,
      unit: 'x',
      of: seconds.of,
    }),
    atMost(2, { name: 'CPU, of the peer', value: cpu.ratio, unit: 'x', of: cpu.of }),
    atMost(200, { name: 'memory, highest', value: megabytes.mine, unit: 'MB', of: megabytes.of }),
    atMost(perUser(peer.figures), {
      name: 'API server writes per user',
      value: writes.mine,
      unit: 'requests',
      of: `${writes.of}; status, finalizers, events and other kinds; the goal is what the peer needs`,
    }),
    atMost(2, {
      name: 'restart in sync, of the peer',
      value: restarts.ratio,
      unit: 'x',
      of: `${restarts.of}; the goal is 5 s where a lean operator in Go takes 2.5`,
    }),
    atMost(2, { name: 'Graph writes per user', value: graph.mine, unit: 'requests', of: graph.of }),
  ];
}

function perUser({ cluster, users }: ColdStart): number {
  return totalOf(cluster) / users;
}

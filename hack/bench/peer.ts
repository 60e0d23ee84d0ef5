/**
 * Ours beside an operator of controller-runtime (go-peer/): the same users on a fresh stage each, the same start. Ours
 * runs pools, tenants, events and an audit log besides; the other does users only.
 */
import type { Process } from '../control-plane/processes.ts';
import { type ColdStart, coldStart } from './cold-start.ts';
import { totalOf } from './counts.ts';
import { describeFleet, type Fleet, fleetSize, startFleet } from './fleet.ts';
import { buildPeer, startPeer } from './go-peer.ts';
import { atMost, type Row } from './row.ts';

type Progress = (line: string) => void;

interface Run {
  readonly figures: ColdStart;
  readonly of: string;
}

export async function benchPeer(progress: Progress): Promise<readonly Row[]> {
  const binary = await buildPeer(progress);
  const peer = await runOn((fleet) => startPeer(fleet.stage, binary), progress, 'peer');
  const ours = await runOn((fleet) => fleet.startOperator(), progress, 'ours');
  return rowsOf(ours, peer);
}

async function runOn(
  start: (fleet: Fleet) => Promise<{ readonly process: Process }>,
  progress: Progress,
  name: string,
): Promise<Run> {
  const tell = (line: string): void => progress(`${name}: ${line}`);
  const fleet = await startFleet(fleetSize(1), tell);
  try {
    await fleet.createUsers('first');
    const { figures, operator } = await coldStart(
      fleet,
      { wave: 'first', start: () => start(fleet) },
      tell,
    );
    await operator.process.stop();
    return { figures, of: describeFleet(fleet) };
  } finally {
    await fleet.stop();
  }
}

function rowsOf(ours: Run, peer: Run): readonly Row[] {
  const { of } = ours;
  const compare = (unit: string, value: (figures: ColdStart) => number) => {
    const [mine, other] = [value(ours.figures), value(peer.figures)];
    const raw = `ours ${mine.toFixed(2)} ${unit}, controller-runtime ${other.toFixed(2)} ${unit}`;
    return { mine, ratio: mine / other, of: `${raw}; ${of}` };
  };
  const seconds = compare('s', (figures) => figures.seconds);
  const cpu = compare('s', (figures) => figures.cpuSeconds);
  const megabytes = compare('MB', (figures) => figures.peakMegabytes);
  const writes = compare('', perUser);
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
      of: `${writes.of}; ours with an event each, the goal is the peer`,
    }),
    atMost(2, { name: 'Graph writes per user', value: graph.mine, unit: 'requests', of: graph.of }),
  ];
}

function perUser({ cluster, users }: ColdStart): number {
  return totalOf(cluster) / users;
}

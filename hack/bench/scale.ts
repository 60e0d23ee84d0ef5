/**
 * 10,000 users of 100 tenants: what a start from nothing costs, what a restart costs, and what rest costs. BENCH_TENANTS and
 * BENCH_USERS make it smaller, BENCH_MINUTES the rest longer (30 for the record).
 */
import type { ColdStart } from './cold-start.ts';
import { describeWrites, ofUsers } from './counts.ts';
import { describeFleet, type Fleet, fleetSize, startFleet } from './fleet.ts';
import { coldStartToRest, idle, restart } from './rest.ts';
import { atMost, type Row } from './row.ts';

type Progress = (line: string) => void;

/** 10,000 in 100 s, on two cores that the API server and the simulated cloud share. */
const coldStartSecondsPerUser = 0.01;

export async function benchScale(progress: Progress): Promise<readonly Row[]> {
  const fleet = await startFleet(fleetSize(1), progress);
  try {
    const cold = await coldStartToRest(fleet, progress);
    const again = await restart(fleet, progress);
    const rest = await idle(fleet, again.operator, progress);
    await again.operator.stop();
    return [...coldRows(fleet, cold), ...again.rows, ...rest];
  } finally {
    await fleet.stop();
  }
}

function coldRows(fleet: Fleet, figures: ColdStart): readonly Row[] {
  const { users } = fleet;
  const { cluster, cloud } = figures;
  const per = (count: number): string => (count / users).toFixed(2);
  return [
    atMost(users * coldStartSecondsPerUser, {
      name: 'cold start to all Ready',
      value: figures.seconds,
      unit: 's',
      of: describeFleet(fleet, `half after ${figures.p50Seconds.toFixed(1)} s`),
    }),
    atMost(users * coldStartSecondsPerUser, {
      name: 'CPU of a cold start',
      value: figures.cpuSeconds,
      unit: 's',
      of: describeFleet(fleet),
    }),
    atMost(1, {
      name: 'API server writes per user, cold start',
      value: ofUsers(cluster) / users,
      unit: 'requests',
      of: `${describeWrites(cluster, users)}; as the API server counts`,
    }),
    atMost(2, {
      name: 'Graph writes per user, cold start',
      value: cloud.graphWrites / users,
      unit: 'requests',
      of: describeFleet(fleet, `429: ${cloud.throttled}, reads ${per(cloud.reads)} a user`),
    }),
    atMost(250, {
      name: 'memory of the operator, cold start, highest',
      value: figures.peakMegabytes,
      unit: 'MB',
      of: describeFleet(fleet, 'VmHWM'),
    }),
  ];
}

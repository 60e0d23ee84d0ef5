/**
 * 10,000 users of 100 tenants: what a start from nothing costs, what a restart costs, what rest costs, and how soon an
 * edit is acted on. BENCH_TENANTS and BENCH_USERS make it smaller, BENCH_MINUTES the rest longer (30 for the record).
 */
import type { M365User } from '../../operator/core/objects.ts';
import { type ColdStart, coldStart, percentile } from './cold-start.ts';
import { describeWrites, ofUsers } from './counts.ts';
import { type EditLatency, editLatencies } from './edits.ts';
import { describeFleet, type Fleet, fleetSize, startFleet } from './fleet.ts';
import { idle, restart, settle } from './rest.ts';
import { atMost, type Row } from './row.ts';

type Progress = (line: string) => void;

const edits = 100;
/** Of a hundred the second slowest would be the 99th percentile, and that is whoever met the garbage collector. */
const calmRounds = 10;
/** So many at once, that the last edit falls into the cold start as well. */
const busyEditors = 4;
/** 10,000 in 100 s, on two cores that the API server and the simulated cloud share. */
const coldStartSecondsPerUser = 0.01;

export async function benchScale(progress: Progress): Promise<readonly Row[]> {
  // The second wave is there to keep the operator busy while users of the first are edited.
  const fleet = await startFleet(fleetSize(2), progress);
  try {
    await fleet.createUsers('first');
    const start = () => fleet.startOperator();
    const cold = await coldStart(fleet, { wave: 'first', start }, progress);
    await cold.operator.stop();
    await settle(fleet, progress);
    const again = await restart(fleet, progress);
    const rest = await idle(fleet, again.operator, progress);
    const calm = await calmEdits(fleet, progress);
    await again.operator.stop();
    const busy = await busyEdits(fleet, progress);
    return [...coldRows(fleet, cold.figures), ...again.rows, ...rest, calm, busy];
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

/** Spread over the tenants. */
async function someUsers({ client }: Fleet): Promise<readonly M365User[]> {
  const all = await client.list<M365User>('m365users');
  const step = Math.max(1, Math.floor(all.length / edits));
  return all.filter((_, index) => index % step === 0).slice(0, edits);
}

async function calmEdits(fleet: Fleet, progress: Progress): Promise<Row> {
  progress('edits while nothing else happens');
  const users = await someUsers(fleet);
  const latencies: EditLatency[] = [];
  for (let round = 1; round <= calmRounds; round++) {
    const edit = { title: `Calm ${round}`, editors: 1 };
    latencies.push(...(await editLatencies(fleet, users, edit)));
  }
  return atMost(100, {
    name: 'edit to first outside request, idle, p99',
    value: percentile(ownMs(latencies), 99),
    unit: 'ms',
    of: describeFleet(fleet, spread(latencies)),
  });
}

async function busyEdits(fleet: Fleet, progress: Progress): Promise<Row> {
  const chosen = await someUsers(fleet);
  await fleet.createUsers('second');
  let latencies: readonly EditLatency[] = [];
  let readyAtEnd = Number.NaN;
  const { operator } = await coldStart(
    fleet,
    {
      wave: 'second',
      start: () => fleet.startOperator(),
      meanwhile: async (watch) => {
        latencies = await editLatencies(fleet, chosen, { title: 'Busy', editors: busyEditors });
        readyAtEnd = watch.count;
      },
    },
    progress,
  );
  await operator.stop();
  return atMost(500, {
    name: 'edit to first outside request, during a cold start, p99',
    value: percentile(ownMs(latencies), 99),
    unit: 'ms',
    of: describeFleet(
      fleet,
      `${spread(latencies)}; ${readyAtEnd} of the others were Ready at the last edit`,
    ),
  });
}

function ownMs(latencies: readonly EditLatency[]): readonly number[] {
  return latencies.map((latency) => latency.ownMs);
}

function spread(latencies: readonly EditLatency[]): string {
  const own = ownMs(latencies);
  const whole = latencies.map(({ wholeMs }) => wholeMs);
  const [p50, max, all] = [percentile(own, 50), percentile(own, 100), percentile(whole, 99)];
  return `${own.length} edits, p50 ${p50} ms, longest ${max} ms; with the API server's answer p99 ${all} ms`;
}

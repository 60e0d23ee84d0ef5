/**
 * How soon an edit is acted on among 10,000 users of 100 tenants: at rest, and while 10,000 others start from nothing.
 * BENCH_TENANTS and BENCH_USERS make it smaller.
 */
import type { M365User } from '../../operator/core/objects.ts';
import { coldStart, percentile } from './cold-start.ts';
import { type EditLatency, editLatencies } from './edit-latency.ts';
import { describeFleet, type Fleet, fleetSize, startFleet } from './fleet.ts';
import { coldStartToRest, restart } from './rest.ts';
import { atMost, type Row } from './row.ts';

type Progress = (line: string) => void;

const edits = 100;
/** Of a hundred the second slowest would be the 99th percentile, and that is whoever met the garbage collector. */
const rounds = 10;
/** So many at once, that the last edit falls into the cold start as well. */
const busyEditors = 4;

export async function benchEdits(progress: Progress): Promise<readonly Row[]> {
  // The second wave is there to keep the operator busy while users of the first are edited.
  const fleet = await startFleet(fleetSize(2), progress);
  try {
    await coldStartToRest(fleet, progress);
    const { operator } = await restart(fleet, progress);
    const calm = await calmEdits(fleet, progress);
    await operator.stop();
    return [calm, await busyEdits(fleet, progress)];
  } finally {
    await fleet.stop();
  }
}

/** Spread over the tenants. */
async function someUsers({ client }: Fleet): Promise<readonly M365User[]> {
  const all = await client.list<M365User>('m365users');
  const step = Math.max(1, Math.floor(all.length / edits));
  return all.filter((_, index) => index % step === 0).slice(0, edits);
}

/** The same people again and again, since each edit is a change. */
async function roundsOfEdits(
  fleet: Fleet,
  users: readonly M365User[],
  { title, editors }: { readonly title: string; readonly editors: number },
): Promise<readonly EditLatency[]> {
  const latencies: EditLatency[] = [];
  for (let round = 1; round <= rounds; round++) {
    const edit = { title: `${title} ${round}`, editors };
    latencies.push(...(await editLatencies(fleet, users, edit)));
  }
  return latencies;
}

async function calmEdits(fleet: Fleet, progress: Progress): Promise<Row> {
  progress('edits while nothing else happens');
  const users = await someUsers(fleet);
  const latencies = await roundsOfEdits(fleet, users, { title: 'Calm', editors: 1 });
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
        latencies = await roundsOfEdits(fleet, chosen, { title: 'Busy', editors: busyEditors });
        readyAtEnd = watch.count;
      },
    },
    progress,
  );
  await operator.stop();
  // The directories are read meanwhile, which is the worst moment of a start.
  const first = percentile(ownMs(latencies.slice(0, edits)), 99);
  return atMost(500, {
    name: 'edit to first outside request, during a cold start, p99',
    value: percentile(ownMs(latencies), 99),
    unit: 'ms',
    of: describeFleet(
      fleet,
      `${spread(latencies)}; of the first ${edits} p99 ${first} ms; ${readyAtEnd} of the others were Ready at the last edit`,
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

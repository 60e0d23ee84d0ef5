/**
 * The whole operator under faults, without sockets and without waiting: the real caches, queues, lease and writers, over an
 * API server, an outside and a time that are simulated. After each history the faults stop, and the outside must come to
 * be as the objects say; what may never happen on the way is in checks.ts.
 *
 * A failure prints its seed and path. To see it again:
 *   SIMULATION_SEED=… SIMULATION_PATH=… npx vitest run hack/simulation
 */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { testMetrics } from '../testing/metrics.ts';
import { History, names } from './history.ts';
import { type Setting, type Step, setting, step } from './steps.ts';
import type { Toy } from './things.ts';

const { SIMULATION_SEED, SIMULATION_PATH, SIMULATION_RUNS } = process.env;
const metrics = testMetrics();

/** About twenty seconds. */
const runsDefault = 2_000;
const timeoutMs = SIMULATION_RUNS === undefined ? 240_000 : 3_600_000;

/** Longer than any back-off that a history of this length can build up. */
const restMaxMs = 15 * 60_000;
const lookMs = 5_000;
/** Reflectors wait for up to 30 s after a failure. */
const settleMs = 40_000;
const calmMs = 60_000;

it(
  'converges, and never does what it must not, through any history',
  async () => {
    const steps = fc.array(step, { maxLength: 40, size: 'max' });
    await fc.assert(
      fc.asyncProperty(setting, steps, (how, what) => run(how, what)),
      {
        numRuns: Number(SIMULATION_RUNS ?? runsDefault),
        ...(SIMULATION_SEED === undefined ? {} : { seed: Number(SIMULATION_SEED) }),
        ...(SIMULATION_PATH === undefined ? {} : { path: SIMULATION_PATH }),
      },
    );
  },
  timeoutMs,
);

async function run(how: Setting, what: readonly Step[]): Promise<void> {
  const history = new History(how, metrics);
  try {
    await history.timeline.advance(how.warmUpMs);
    for (const one of what) {
      await history.take(one);
      expect(history.checks.violations).toEqual([]);
    }
    history.heal();
    await rest(history);
    expect(problemsOf(history)).toEqual([]);
    await expectCalm(history);
    expect(history.checks.violations).toEqual([]);
    expect(history.log.lines.filter(isBad)).toEqual([]);
    // Each step may cause some looks and a new start; more than this is a loop that runs hot.
    expect(history.requests).toBeLessThan(300 + 60 * what.length);
  } finally {
    history.end();
  }
}

async function rest(history: History): Promise<void> {
  for (let passedMs = 0; passedMs < restMaxMs; passedMs += lookMs) {
    await history.timeline.advance(lookMs);
    if (problemsOf(history).length === 0) return;
  }
}

/** Nothing is left to do: so nothing is asked, written or done. */
async function expectCalm(history: History): Promise<void> {
  // A watch that waits after a failure, the last event.
  await history.timeline.advance(settleMs);
  // One look of each object is to come, the one in ten hours.
  expect(history.leaders[0]?.pending).toBeGreaterThanOrEqual(history.toys().length);
  expect(history.leaders[0]?.pending).toBeLessThanOrEqual(names.length);
  const before = { all: history.requests, work: history.work };
  await history.timeline.advance(calmMs);
  expect(problemsOf(history)).toEqual([]);
  expect(history.work).toBe(before.work);
  // A watch that is due begins again, a process that waited for its list gets it.
  expect(history.requests - before.all).toBeLessThan(20);
}

function isBad({ level, message }: { readonly level: string; readonly message: string }): boolean {
  return level === 'error' && !message.startsWith('the lease is lost');
}

/** What is not yet as the objects say. */
function problemsOf(history: History): readonly string[] {
  const toys = history.toys();
  const things = [...history.world.things.values()];
  const orphans = things.filter(({ uid }) => !toys.some(({ metadata }) => metadata.uid === uid));
  const isServed = history.leaders.length === 1;
  return [
    ...(isServed ? [] : ['there is no leader']),
    ...history.replicas.filter((one) => !one.isHealthy).map(() => 'a replica is not healthy'),
    ...orphans.map(({ name }) => `a thing of ${name} without an object`),
    ...toys.flatMap((toy) => problemsOfOne(toy, history)),
  ];
}

function problemsOfOne(toy: Toy, history: History): readonly string[] {
  const { name, uid, deletionTimestamp } = toy.metadata;
  if (deletionTimestamp !== undefined) return [`${name} is not gone`];
  const things = [...history.world.things.values()].filter((thing) => thing.uid === uid);
  const isBlocked = toy.spec.after !== undefined && !isReady(history, toy.spec.after);
  const isWaiting = things.length === 0 && isBlocked;
  const { conditions = [] } = toy.status ?? {};
  const shown = conditions.map(({ type, status }) => `${type}=${status}`).join(' ');
  const sizes = things.map(({ size }) => size).join(' ');
  const found = `${name}: ${shown}, sizes ${sizes}`;
  const wanted = isWaiting
    ? `${name}: Ready=False Synced=True, sizes `
    : `${name}: Ready=True Synced=True, sizes ${String(toy.spec.size)}`;
  return [...(found === wanted ? [] : [found]), ...problemsOfLook(toy)];
}

function problemsOfLook({ metadata, status = {} }: Toy): readonly string[] {
  const requested = Object.values(metadata.annotations ?? {})[0];
  const isSeen = status.observedGeneration === metadata.generation;
  return isSeen && status.lastHandledReconcileAt === requested
    ? []
    : [`${metadata.name} was not seen`];
}

function isReady(history: History, name: string): boolean {
  const { conditions = [] } =
    history.toys().find((toy) => toy.metadata.name === name)?.status ?? {};
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

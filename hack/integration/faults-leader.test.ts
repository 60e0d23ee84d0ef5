/**
 * Two replicas, one leader. The leader is paused (SIGSTOP) beyond its lease with a purchase under way, or is told to
 * stop with work in flight: the other goes on from there, and nothing is done twice. Each replica has a way outside of
 * its own, so that what each sent is known.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../control-plane/processes.ts';
import type { Stage } from '../stage/index.ts';
import {
  customer,
  customerManifests,
  expectConverged,
  startCustomerStage,
  whileDnsFollows,
} from '../testing/customers.ts';
import { type Held, isOutsideWrite, isStatusWrite } from '../testing/gateway.ts';
import {
  auditLines,
  leaseHolder,
  type Replica,
  startReplica,
  untilDrained,
} from '../testing/replicas.ts';

let stage: Stage;
let one: Replica;
let two: Replica;

beforeEach(async () => {
  stage = await startCustomerStage();
  one = await startReplica(stage, 'one');
  await until('one to lead', async () => (await leaseHolder(stage)) === 'one');
  two = await startReplica(stage, 'two');
});

afterEach(async () => {
  one?.operator.process.child.kill('SIGCONT');
  await Promise.all([one?.stop(), two?.stop()]);
  await stage?.stop();
});

const customers = [customer('first'), customer('second'), customer('third')];

function applyAll(): Promise<string> {
  return stage.apply(customers.map((declared) => customerManifests(declared)).join('---\n'));
}

/** What was bought and made, told once by one of them; what a crash left untold is counted by the simulator. */
async function expectToldOnce(operation: string): Promise<void> {
  const lines = (await Promise.all([one, two].map(({ operator }) => auditLines(operator)))).flat();
  const told = lines.filter((line) => line.operation === operation && line.result === 'succeeded');
  const names = told.map(({ resource }) => resource.name);
  expect(names.length, `${operation} is told twice`).toBe(new Set(names).size);
}

describe('a leader that was paused', () => {
  it('writes nothing after it wakes, and ends; the other did its work once', async () => {
    const held = new Promise<Held>((resolve) => {
      one.gateway.hold(isPost('/v1/customers'), resolve);
    });
    await applyAll();
    const inFlight = await held;
    const { child, gone } = one.operator.process;
    child.kill('SIGSTOP');
    // It lies in the socket when the process wakes up.
    inFlight.release();
    await until('two to lead', async () => (await leaseHolder(stage)) === 'two', {
      timeoutMs: 30_000,
      everyMs: 200,
    });
    const isAtWork = () => two.gateway.requests.some(isOutsideWrite);
    await whileDnsFollows(stage, customers, isAtWork);
    const sentBefore = one.gateway.requests.length;
    child.kill('SIGCONT');
    await gone;
    expect(child.exitCode).toBe(1);
    const sentAfter = one.gateway.requests.slice(sentBefore);
    expect(sentAfter.filter((r) => isOutsideWrite(r) || isStatusWrite(r))).toEqual([]);
    expect(await leaseHolder(stage)).toBe('two');
    await expectConverged(stage, customers);
    await untilDrained(two);
    for (const operation of ['CreateCustomer', 'CheckoutCart', 'CreateEntraUser'])
      await expectToldOnce(operation);
  }, 180_000);
});

const stopMaxMs = 10_000;
const takeOverMaxMs = 3_000;

describe('a leader that is told to stop', () => {
  it('ends in time with all its work told, and the standby goes on at once', async () => {
    // Every answer comes late: whenever the signal arrives, there is work in flight.
    stage.simulator.world.settings.latencyMs = 700;
    await applyAll();
    const isInFlight = () => one.gateway.requests.some(isPost('/v1/customers'));
    await until('a purchase to be in flight', isInFlight, { everyMs: 5 });
    const { child, gone } = one.operator.process;
    const toldMs = performance.now();
    child.kill('SIGTERM');
    await gone;
    const goneMs = performance.now();
    expect(goneMs - toldMs).toBeLessThan(stopMaxMs);
    expect(child.exitCode).toBe(0);
    expect(await leaseHolder(stage)).not.toBe('one');
    await until('two to lead', async () => (await leaseHolder(stage)) === 'two');
    const takenMs = performance.now();
    expect(takenMs - goneMs).toBeLessThan(takeOverMaxMs);
    console.info(
      `stopped after ${Math.round(goneMs - toldMs)} ms, taken over after ${Math.round(takenMs - goneMs)} ms`,
    );
    const created = (await auditLines(one.operator)).filter(
      (l) => l.operation === 'CreateCustomer',
    );
    const sent = one.gateway.requests.filter(isPost('/v1/customers'));
    expect(created.map(({ result }) => result)).toEqual(sent.map(() => 'succeeded'));
    stage.simulator.world.settings.latencyMs = 0;
    await expectConverged(stage, customers);
    await untilDrained(two);
    for (const operation of ['CreateCustomer', 'CheckoutCart', 'CreateEntraUser'])
      await expectToldOnce(operation);
    await two.operator.stop();
    expect(await leaseHolder(stage)).toBe('');
  }, 180_000);
});

function isPost(path: string) {
  return (request: { readonly method: string; readonly path: string }): boolean =>
    request.method === 'POST' && request.path === path;
}

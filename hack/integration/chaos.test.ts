/** The quickstart while a fifth of all answers of the cloud are lost, refused or errors: slower, and true in the end. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { allObjects } from '../demo/objects.ts';
import { applyQuickstart, convergence, factsOf } from '../demo/story.ts';
import { commerceOf } from '../simulator/commerce/index.ts';
import { type Stage, startStage } from '../stage/index.ts';
import type { OperatorProcess } from '../stage/operator.ts';
import { expectStatusRules } from '../testing/expect-status.ts';

let stage: Stage;
let operator: OperatorProcess;

beforeAll(async () => {
  stage = await startStage({
    withoutDirectory: true,
    simulator: {
      seed: 7,
      settings: {
        replicationLagMs: 400,
        tenantDelayMs: 500,
        provisioningDelayMs: 500,
        deltaReplayRate: 0.2,
      },
    },
  });
  const { faults } = stage.simulator;
  faults.add({ kind: 'lostAnswer', probability: 0.05 });
  faults.add({ kind: 'reset', probability: 0.05 });
  faults.add({ kind: 'status', status: 503, probability: 0.05 });
  faults.add({ kind: 'status', status: 429, headers: { 'retry-after': '0.5' }, probability: 0.05 });
  operator = await stage.startOperator({ pollSeconds: 1 });
  await operator.ready();
});

afterAll(async () => {
  await operator?.stop();
  await stage?.stop();
});

it('converges, with one of everything', async () => {
  await applyQuickstart(stage);
  await convergence(stage);
  stage.simulator.faults.clear();
  expect((await factsOf(stage)).filter(({ isTrue }) => !isTrue)).toEqual([]);
  expect(commerceOf(stage.simulator.world).carts.size).toBeLessThanOrEqual(2);
  for (const object of await allObjects(stage)) expectStatusRules(object);
}, 240_000);

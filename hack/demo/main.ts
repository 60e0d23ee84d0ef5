/**
 * `npm run demo`: all the set-up, then the main job on a real API server, the simulated Microsoft cloud and a real
 * domain controller. `-- --keep` leaves it running to play with, until Ctrl-C.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { root, type Stage, startStage } from '../stage/index.ts';
import { allObjects, isReady, stateTable } from './objects.ts';
import {
  type Audience,
  applyQuickstart,
  changeOutside,
  convergence,
  factsOf,
  repair,
  seenByOperator,
} from './story.ts';
import { Screen, table } from './table.ts';

const folder = join(root, '.demo');
const keeps = process.argv.includes('--keep');
const started = performance.now();
const audience: Audience = { screen: new Screen(), elapsedMs: () => performance.now() - started };
const { screen } = audience;

function chapter(title: string): void {
  screen.say(`\n${title}  (${Math.round(audience.elapsedMs() / 1000)} s)`);
}

/** A cloud that takes its time, as Microsoft's does, but seconds instead of minutes. */
const settings = {
  tenantDelayMs: 1_500,
  accountReviewMs: 1_000,
  provisioningDelayMs: 1_500,
  delegationDelayMs: 1_000,
  replicationLagMs: 300,
  auditDelayMs: 2_000,
};

async function play(stage: Stage): Promise<boolean> {
  if (stage.directoryNote !== undefined) screen.say(`  ${stage.directoryNote}`);
  const operator = await stage.startOperator({ pollSeconds: 1 });
  try {
    await operator.ready();
    chapter('Applying examples/quickstart, users first: the order does not matter');
    await applyQuickstart(stage);
    await convergence(stage, audience);
    chapter('What Partner Center, Entra ID and Active Directory themselves say');
    const areTrue = await tellFacts(stage);
    chapter('Somebody at the portal disables Ella and takes the licence of Jonas away');
    await seenByOperator(stage);
    changeOutside(stage);
    const { events } = await repair(stage);
    screen.say(
      table(
        ['who', 'event', ''],
        events.map(({ person, reason, note }) => [person, reason, note.slice(0, 90)]),
      ),
    );
    chapter('And now');
    const isRepaired = await tellFacts(stage);
    screen.say(`\n${stateTable(await allObjects(stage), audience.elapsedMs() / 1000)}`);
    tellWhereToLook(stage, operator.auditFile, operator.metricsUrl);
    if (keeps) await untilInterrupted();
    return areTrue && isRepaired && (await allObjects(stage)).every(isReady);
  } finally {
    await operator.stop();
  }
}

async function tellFacts(stage: Stage): Promise<boolean> {
  const facts = await factsOf(stage);
  for (const { what, isTrue } of facts) screen.say(`  ${isTrue ? '✓' : '✗'} ${what}`);
  return facts.every(({ isTrue }) => isTrue);
}

function tellWhereToLook(stage: Stage, auditFile: string, metricsUrl: string): void {
  const { kubectlPath, kubeconfig } = stage.controlPlane;
  screen.say(`
Where to look${keeps ? '' : ' (with `npm run demo -- --keep`, which leaves all this running)'}
  export KUBECONFIG=${kubeconfig}
  alias kubectl=${kubectlPath}
  kubectl get m365 -A
  kubectl get events -n contoso
  kubectl describe m365user ella -n contoso
  kubectl edit m365user ella -n contoso        # change the job title and look at both directories
  curl -s ${metricsUrl} | grep m365_
  tail ${auditFile}                            # one line for each change outside, hash-chained`);
}

async function untilInterrupted(): Promise<void> {
  screen.say('\nIt all keeps running. Ctrl-C ends it.');
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}

chapter('Setting up: Kubernetes API server, simulated Microsoft cloud, domain controller');
await rm(folder, { recursive: true, force: true });
const stage = await startStage({
  folder,
  progress: (line) => screen.say(`  ${line}`),
  simulator: { settings },
});
try {
  const isFine = await play(stage);
  screen.say(
    `\n${isFine ? 'Done' : 'Not all of it came true'} in ${Math.round(audience.elapsedMs() / 1000)} s.`,
  );
  process.exitCode = isFine ? 0 : 1;
} finally {
  await stage.stop();
}

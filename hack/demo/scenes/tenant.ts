/** The main job: a tenant, its domain, seats and people from nothing, and what others change there put right. */

import type { Stage } from '../../stage/index.ts';
import type { OperatorProcess } from '../../stage/operator.ts';
import { allObjects, isReady, stateTable } from '../objects.ts';
import { type Audience, chapter, type Scene, tellFacts } from '../scene.ts';
import {
  applyQuickstart,
  changeOutside,
  convergence,
  factsOf,
  repair,
  seenByOperator,
} from '../story.ts';
import { table } from '../table.ts';

/** A cloud that takes its time, as Microsoft's does, but seconds instead of minutes. */
const settings = {
  tenantDelayMs: 1_500,
  accountReviewMs: 1_000,
  provisioningDelayMs: 1_500,
  delegationDelayMs: 1_000,
  replicationLagMs: 300,
  auditDelayMs: 2_000,
};

export const tenant: Scene = {
  tells: 'a tenant from nothing: domain, seats, ten people, and what others change put right',
  stage: { simulator: { settings } },
  play: async (stage, audience, atTheEnd) => {
    const operator = await stage.startOperator({ pollSeconds: 1 });
    try {
      await operator.ready();
      return await playTenant(stage, audience, async () => {
        tellWhereToLook(stage, audience, operator);
        await atTheEnd();
      });
    } finally {
      await operator.stop();
    }
  },
};

async function playTenant(
  stage: Stage,
  audience: Audience,
  atTheEnd: () => Promise<void>,
): Promise<boolean> {
  const { screen } = audience;
  chapter(audience, 'Applying examples/quickstart, users first: the order does not matter');
  await applyQuickstart(stage);
  await convergence(stage, audience);
  chapter(audience, 'What Partner Center, Entra ID and Active Directory themselves say');
  const areTrue = tellFacts(audience, await factsOf(stage));
  chapter(audience, 'Somebody at the portal disables Ella and takes the licence of Jonas away');
  await seenByOperator(stage);
  changeOutside(stage);
  const { events } = await repair(stage);
  const rows = events.map(({ person, reason, note }) => [person, reason, note.slice(0, 90)]);
  screen.say(table(['who', 'event', ''], rows));
  chapter(audience, 'And now');
  const isRepaired = tellFacts(audience, await factsOf(stage));
  screen.say(`\n${stateTable(await allObjects(stage), audience.elapsedMs() / 1000)}`);
  await atTheEnd();
  return areTrue && isRepaired && (await allObjects(stage)).every(isReady);
}

function tellWhereToLook(
  { controlPlane: { kubectlPath, kubeconfig } }: Stage,
  { screen }: Audience,
  { auditFile, metricsUrl }: OperatorProcess,
): void {
  screen.say(`
Where to look (\`npm run demo -- --keep\` leaves all this running)
  export KUBECONFIG=${kubeconfig}
  alias kubectl=${kubectlPath}
  kubectl get m365 -A
  kubectl get events -n contoso
  kubectl describe m365user ella -n contoso
  kubectl edit m365user ella -n contoso        # change the job title and look at both directories
  curl -s ${metricsUrl} | grep m365_
  tail ${auditFile}                            # one line for each change outside, hash-chained`);
}

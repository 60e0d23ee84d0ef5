/** The demo's whole path, judged by what the simulator and the domain controller themselves hold. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyAuditLog } from '../../operator/runtime/audit-verify.ts';
import { allObjects, conditionOf, isReady, usersIn } from '../demo/objects.ts';
import { playIdentity } from '../demo/scenes/identity.ts';
import {
  applyQuickstart,
  changeOutside,
  convergence,
  factsOf,
  repair,
  seenByOperator,
} from '../demo/story.ts';
import { cloudTenant, directoryAccounts, disableAccount } from '../demo/truth.ts';
import { type Stage, startStage } from '../stage/index.ts';
import type { OperatorProcess } from '../stage/operator.ts';
import { expectStatusRules } from '../testing/expect-status.ts';

let stage: Stage;
let operator: OperatorProcess;

beforeAll(async () => {
  stage = await startStage({
    directoryAddress: '127.0.0.33',
    simulator: {
      settings: {
        tenantDelayMs: 500,
        provisioningDelayMs: 500,
        replicationLagMs: 200,
        delegationDelayMs: 300,
      },
    },
  });
  operator = await stage.startOperator({ pollSeconds: 1 });
  await operator.ready();
});

afterAll(async () => {
  await operator?.stop();
  await stage?.stop();
});

describe('the quickstart, applied in the wrong order', () => {
  it('runs with Active Directory, which this test is about', () => {
    expect(stage.directory, stage.directoryNote).toBeDefined();
  });

  it('converges', async () => {
    await applyQuickstart(stage);
    await convergence(stage);
  }, 200_000);

  it('is true in Partner Center, Entra ID and Active Directory', async () => {
    expect((await factsOf(stage)).filter(({ isTrue }) => !isTrue)).toEqual([]);
  });

  it('shows a status that obeys the rules, on every object', async () => {
    for (const object of await allObjects(stage)) expectStatusRules(object);
  });

  it('reads as a table: names, state in words, counts and ids', async () => {
    // The pool counts its users at its next look, last of all: what follows needs a world at rest.
    await expect
      .poll(() => stage.controlPlane.kubectl(['get', 'm365', '-A']), { timeout: 20_000 })
      .toMatch(/business-premium +True +SeatsAvailable +contoso +business-premium +11 +10 +1 /);
    const shown = await stage.controlPlane.kubectl(['get', 'm365', '-A']);
    expect(shown).toMatch(/eu-prod +True +Connected +Europe +1 +1 /);
    expect(shown).toMatch(/contoso +True +Provisioned +\S+\.onmicrosoft\.com +11 +[-0-9a-f]{36} /);
    expect(shown).toMatch(/ella +True +Provisioned +ella@contoso\.example +True +True /);
    expect(shown).not.toMatch(/<unknown>|<none>|undefined/);
  });

  it('keeps the administrator and ten passwords in Secrets, and nowhere else', async () => {
    const secrets = await stage.list<{
      metadata: { name: string; namespace: string };
      data: Record<string, string>;
    }>('secrets');
    const ours = secrets.filter(({ metadata }) => metadata.namespace === 'contoso');
    expect(ours).toHaveLength(11);
    const passwords = ours.map(({ data }) =>
      Buffer.from(data['password'] ?? '', 'base64').toString(),
    );
    expect(passwords.every((password) => password.length >= 8)).toBe(true);
    const places = [
      await readFile(operator.logFile, 'utf8'),
      await readFile(operator.auditFile, 'utf8'),
      await (await fetch(operator.metricsUrl)).text(),
      await stage.controlPlane.kubectl(['get', 'm365,events', '-A', '-o', 'yaml']),
    ].join('\n');
    const canaries = [...passwords, 'simulator-secret-not-real', 'simulator-refresh-not-real'];
    expect(canaries.filter((canary) => places.includes(canary))).toEqual([]);
  });

  it('writes nothing while nothing changes', async () => {
    const before = await versions();
    const { next } = stage.simulator.journal.since(0);
    const requests = () =>
      stage.simulator.journal.since(next).entries.filter(({ kind }) => kind === 'request').length;
    // Three polls of the tenant later.
    await expect.poll(requests, { timeout: 20_000 }).toBeGreaterThan(9);
    expect(await versions()).toEqual(before);
  });

  async function versions(): Promise<readonly string[]> {
    return (await allObjects(stage)).map(
      ({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`,
    );
  }
});

describe("a change behind the operator's back", () => {
  it('is shown as drift and repaired, in this order', async () => {
    await seenByOperator(stage);
    changeOutside(stage);
    const { events } = await repair(stage);
    for (const person of ['ella', 'jonas']) {
      const reasons = events.filter((event) => event.person === person).map(({ reason }) => reason);
      expect(reasons.indexOf('DriftDetected')).toBeLessThan(reasons.indexOf('DriftCorrected'));
    }
    expect((await factsOf(stage)).filter(({ isTrue }) => !isTrue)).toEqual([]);
  }, 90_000);

  it('in Active Directory is repaired as well', async () => {
    const { directory } = stage;
    if (directory === undefined) throw new Error(stage.directoryNote);
    await disableAccount(directory, 'ida@contoso.example');
    await expect
      .poll(
        async () => {
          const ida = (await directoryAccounts(directory)).find(
            ({ userPrincipalName }) => userPrincipalName === 'ida@contoso.example',
          );
          return ida?.isEnabled;
        },
        { timeout: 30_000 },
      )
      .toBe(true);
  });

  it('is only shown where managementPolicies allow no more', async () => {
    await edit('clara', { managementPolicies: ['Observe'] });
    const tenant = cloudTenant(stage.simulator, 'contosode.onmicrosoft.com');
    const clara = tenant?.users.find(({ userPrincipalName }) =>
      userPrincipalName.startsWith('clara@'),
    );
    const [directory] = [...stage.simulator.world.directories.values()].filter((d) =>
      d.domains.has('contosode.onmicrosoft.com'),
    );
    await ready('clara');
    stage.simulator.asPerson({
      service: 'graph',
      tenantId: directory?.tenantId ?? '',
      userPrincipalName: 'admin@contosode.onmicrosoft.com',
      method: 'PATCH',
      path: `/v1.0/users/${clara?.id}`,
      body: { jobTitle: 'Somebody else' },
    });
    await expect
      .poll(async () => (await user('clara')).status?.drift, { timeout: 30_000 })
      // Who it was may be told by then, or not yet.
      .toMatchObject([
        { path: 'jobTitle', type: 'Different', declared: 'Accountant', actual: 'Somebody else' },
      ]);
    const shown = await user('clara');
    expect(conditionOf(shown, 'Drifted')?.status).toBe('True');
    expect(conditionOf(shown, 'Synced')?.reason).toBe('ActionsForbidden');
    expectStatusRules(shown);
  });
});

describe('an edit of a manifest', () => {
  it('reaches both directories', async () => {
    await edit('paul', { jobTitle: 'Head of Technology', surname: 'Richter-Wolf' });
    await expect.poll(async () => isReady(await user('paul')), { timeout: 30_000 }).toBe(true);
    const paul = cloudTenant(stage.simulator, 'contosode.onmicrosoft.com')?.users.find(
      ({ userPrincipalName }) => userPrincipalName.startsWith('paul@'),
    );
    expect(paul).toMatchObject({ jobTitle: 'Head of Technology', surname: 'Richter-Wolf' });
  });

  it('that deletes a user disables both accounts and deletes neither', async () => {
    await stage.controlPlane.kubectl([
      'delete',
      'm365user',
      'oskar',
      '-n',
      'contoso',
      '--timeout=60s',
    ]);
    const oskar = cloudTenant(stage.simulator, 'contosode.onmicrosoft.com')?.users.find(
      ({ userPrincipalName }) => userPrincipalName.startsWith('oskar@'),
    );
    expect(oskar?.accountEnabled).toBe(false);
    const { directory } = stage;
    if (directory === undefined) throw new Error(stage.directoryNote);
    const account = (await directoryAccounts(directory)).find(
      ({ userPrincipalName }) => userPrincipalName === 'oskar@contoso.example',
    );
    expect(account?.isEnabled).toBe(false);
  });

  it('leaves an audit log whose chain holds', async () => {
    const lines = (await readFile(operator.auditFile, 'utf8')).trim().split('\n');
    expect(lines.length).toBeGreaterThan(30);
    expect(await verifyAuditLog(lines)).toBeUndefined();
  });
});

async function user(name: string) {
  const found = usersIn(await allObjects(stage)).find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw new Error(`no M365User ${name}`);
  return found;
}

async function ready(name: string): Promise<void> {
  await expect.poll(async () => isReady(await user(name)), { timeout: 30_000 }).toBe(true);
}

async function edit(name: string, spec: Readonly<Record<string, unknown>>): Promise<void> {
  const patch = JSON.stringify({ spec });
  await stage.controlPlane.kubectl([
    'patch',
    'm365user',
    name,
    '-n',
    'contoso',
    '--type=merge',
    '-p',
    patch,
  ]);
}

describe('the scene of people', () => {
  const said: string[] = [];

  it('has a joiner, a mover and a leaver in both directories, in time', async () => {
    const say = (text: string) => void said.push(text);
    const screen = { say, show: say, keep: () => undefined };
    const facts = await playIdentity(stage, { screen, elapsedMs: () => 0 });
    expect(facts.filter(({ isTrue }) => !isTrue)).toEqual([]);
    expect(said.join('\n')).toMatch(/ s {2}both directories refuse Paul/);
    for (const object of await allObjects(stage)) expectStatusRules(object);
  }, 120_000);
});

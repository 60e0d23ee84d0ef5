/** What is wrong with one tenant is one red row and one request a poll; what is paused is not looked at. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { M365Tenant, M365User } from '../../operator/core/objects.ts';
import type { Condition } from '../../operator/core/resource.ts';
import { scrape, sum } from '../bench/metrics.ts';
import { until } from '../control-plane/processes.ts';
import { conditionOf, isReady } from '../demo/objects.ts';
import { adminConsent } from '../simulator/directory/consent.ts';
import { findServicePrincipal } from '../simulator/directory/create.ts';
import { OPERATOR_PERMISSIONS } from '../simulator/directory/well-known.ts';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from '../simulator/seed.ts';
import type { Stage } from '../stage/index.ts';
import type { OperatorProcess } from '../stage/operator.ts';
import { unfinishedWork } from '../testing/after-faults.ts';
import { createDesk, patience } from '../testing/desk.ts';
import { type Northwind, startNorthwind } from '../testing/northwind.ts';

let world: Northwind;
let stage: Stage;
let operator: OperatorProcess | undefined;
const desk = createDesk(() => stage);
const names = ['ada', 'bob', 'eve'];

beforeAll(async () => {
  world = await startNorthwind();
  stage = world.stage;
  for (const name of names) await desk.put('M365User', 'contoso', name, user(name));
  for (const name of names) await desk.ready('M365User', name);
  // The tenant counts with its next poll.
  const users = async (): Promise<number | undefined> =>
    (await desk.find<M365Tenant>('M365Tenant', 'northwind')).status?.users;
  await until('the tenant to count them', async () => (await users()) === 7 + names.length, {
    timeoutMs: patience.timeout,
  });
});

afterAll(async () => {
  await operator?.stop();
  await world?.stop();
});

function user(name: string, more: object = {}): object {
  return {
    tenantRef: { name: 'northwind' },
    userPrincipalName: `${name}@${DEFAULT_CUSTOMER.domain}`,
    displayName: name,
    usageLocation: 'DE',
    ...more,
  };
}

const directory = () => {
  const found = stage.simulator.world.directories.get(DEFAULT_CUSTOMER.tenantId);
  if (found === undefined) throw new Error('the customer is gone');
  return found;
};

function journalEnd(): number {
  return stage.simulator.journal.since(Number.MAX_SAFE_INTEGER).next;
}

const metadataPath = '/openid-configuration';

/** Requests of the operator to any service about this tenant. */
function allRequestsSince(next: number): readonly string[] {
  return stage.simulator.journal
    .since(next)
    .entries.filter(({ kind }) => kind === 'request')
    .filter(({ path, tenantId }) => `${path} ${tenantId}`.includes(DEFAULT_CUSTOMER.tenantId))
    .map(({ service, method, path }) => `${service} ${method} ${path}`);
}

/** With every token that is new MSAL reads where to ask for it. */
function requestsSince(next: number): readonly string[] {
  return allRequestsSince(next).filter((request) => !request.endsWith(metadataPath));
}

function reasonOf(object: { readonly status?: unknown }): string | undefined {
  const { conditions } = object.status as { readonly conditions: readonly Condition[] };
  return conditions.find(({ type }) => type === 'Ready')?.reason;
}

describe('a tenant whose administrator takes the consent back', () => {
  it('is one red row; its users stay as they are, and are not asked for', async () => {
    const principal = findServicePrincipal(directory(), DEFAULT_PARTNER.clientId);
    const assignments = directory().appRoleAssignments;
    for (const { id, principalId } of assignments.values())
      if (principalId === principal?.id) assignments.delete(id);
    stage.simulator.faults.add({ service: 'graph', kind: 'status', status: 401, times: 1 });
    await desk.reason('M365Tenant', 'northwind', 'ConsentWithdrawn');
    for (const name of names)
      expect(isReady(await desk.find<M365User>('M365User', name))).toBe(true);
    const since = journalEnd();
    const startedMs = performance.now();
    const asked = (): number => requestsSince(since).length;
    await expect.poll(asked, { ...patience, interval: 50 }).toBeGreaterThanOrEqual(5);
    // One a poll, which is a second here.
    expect((performance.now() - startedMs) / asked()).toBeGreaterThan(700);
    expect(new Set(requestsSince(since))).toEqual(
      new Set([`login POST /${DEFAULT_CUSTOMER.tenantId}/oauth2/v2.0/token`]),
    );
  });

  it('stays so for an operator that starts anew: the consent is not taken back', async () => {
    const since = journalEnd();
    const second = await stage.startOperator({ pollSeconds: 1 });
    await world.operator.stop();
    await second.ready();
    operator = second;
    const asked = (): number => requestsSince(since).length;
    await expect.poll(asked, patience).toBeGreaterThanOrEqual(5);
    expect(new Set(requestsSince(since))).toEqual(
      new Set([`login POST /${DEFAULT_CUSTOMER.tenantId}/oauth2/v2.0/token`]),
    );
    const shown = await desk.reason('M365Tenant', 'northwind', 'ConsentWithdrawn');
    expect((shown as M365Tenant).status).toMatchObject({ country: 'DE', users: 7 + names.length });
  });

  it('shows a user that is edited meanwhile as waiting', async () => {
    await desk.put('M365User', 'contoso', 'ada', user('ada', { displayName: 'Ada' }));
    await desk.reason('M365User', 'ada', 'WaitingForTenant');
  });

  it('goes on by itself, with all that waited, once the consent is there again', async () => {
    const { world: cloud } = stage.simulator;
    adminConsent(cloud, directory(), DEFAULT_PARTNER.clientId, OPERATOR_PERMISSIONS);
    await desk.ready('M365Tenant', 'northwind');
    await desk.ready('M365User', 'ada');
    const shown = await desk.find('M365Tenant', 'northwind');
    expect(conditionOf(shown, 'PermissionsComplete')).toMatchObject({
      status: 'True',
      message: 'every feature has its permission',
    });
  });
});

describe('a tenant that Microsoft has deleted', () => {
  it('is one red row and one request a poll, and goes on when it is back', async () => {
    const { directories } = stage.simulator.world;
    const kept = directory();
    directories.delete(DEFAULT_CUSTOMER.tenantId);
    await desk.reason('M365Tenant', 'northwind', 'TenantNotReady');
    for (const name of names)
      expect(isReady(await desk.find<M365User>('M365User', name))).toBe(true);
    const since = journalEnd();
    const startedMs = performance.now();
    // Microsoft's login does not even tell where such a tenant's tokens are.
    const asked = (): number => allRequestsSince(since).length;
    await expect.poll(asked, { ...patience, interval: 50 }).toBeGreaterThanOrEqual(4);
    expect((performance.now() - startedMs) / asked()).toBeGreaterThan(700);
    expect(allRequestsSince(since).every((request) => request.endsWith(metadataPath))).toBe(true);
    directories.set(DEFAULT_CUSTOMER.tenantId, kept);
    await desk.ready('M365Tenant', 'northwind');
  });
});

async function suspend(kind: string, namespace: string, name: string, value: boolean) {
  const patch = JSON.stringify({ spec: { suspend: value } });
  const change = ['--type=merge', '-p', patch];
  await stage.controlPlane.kubectl(['patch', kind, name, '-n', namespace, ...change]);
}

describe('a tenant that is suspended', () => {
  it('is asked for nothing, its users say so, and all goes on afterwards', async () => {
    await suspend('m365tenant', 'contoso', 'northwind', true);
    await expect
      .poll(
        async () => conditionOf(await desk.find('M365Tenant', 'northwind'), 'Paused')?.status,
        patience,
      )
      .toBe('True');
    for (const name of names) await desk.reason('M365User', name, 'TenantSuspended');
    const since = journalEnd();
    await desk.put('M365User', 'contoso', 'ada', user('ada', { displayName: 'Ada Suspended' }));
    await expect
      .poll(async () => {
        const { metadata, status } = await desk.find<M365User>('M365User', 'ada');
        return status?.observedGeneration === metadata.generation;
      }, patience)
      .toBe(true);
    await desk.reason('M365User', 'ada', 'TenantSuspended');
    expect(requestsSince(since)).toEqual([]);
    await suspend('m365tenant', 'contoso', 'northwind', false);
    await desk.ready('M365Tenant', 'northwind');
    for (const name of names) await desk.ready('M365User', name);
    expect(
      requestsSince(since).filter((request) => request.startsWith('graph PATCH')),
    ).toHaveLength(1);
  });
});

describe('a connection that is suspended', () => {
  it('stops all below it, says so there, and goes on afterwards', async () => {
    await suspend('partnerconnection', 'provider', 'eu-prod', true);
    await desk.reason('M365Tenant', 'northwind', 'ConnectionSuspended');
    for (const name of names) await desk.reason('M365User', name, 'ConnectionSuspended');
    const since = journalEnd();
    await stage.controlPlane.kubectl([
      'delete',
      'm365user',
      'eve',
      '-n',
      'contoso',
      '--timeout=30s',
    ]);
    // Its account is disabled (deletionPolicy): that much still works, and nothing else is asked.
    const asked = requestsSince(since).filter((request) => !request.startsWith('login'));
    expect(asked.filter((request) => !/^graph (PATCH|POST) .*\/users\//.test(request))).toEqual([]);
    expect(asked.length).toBeGreaterThan(0);
    await suspend('partnerconnection', 'provider', 'eu-prod', false);
    for (const name of ['ada', 'bob']) await desk.ready('M365User', name);
  });
});

describe('the operator started with PAUSED', () => {
  it('changes nothing outside, deletions included, and says so', async () => {
    await operator?.stop();
    const since = journalEnd();
    operator = await stage.startOperator({ pollSeconds: 1, env: { PAUSED: 'true' } });
    await operator.ready();
    await desk.put('M365User', 'contoso', 'ada', user('ada', { displayName: 'Ada Paused' }));
    await stage.controlPlane.kubectl([
      'delete',
      'm365user',
      'bob',
      '-n',
      'contoso',
      '--wait=false',
    ]);
    for (const name of ['ada', 'bob']) {
      await expect
        .poll(
          async () => conditionOf(await desk.find('M365User', name), 'Paused')?.status,
          patience,
        )
        .toBe('True');
    }
    await operator.stop();
    expect(requestsSince(since)).toEqual([]);
    operator = await stage.startOperator({ pollSeconds: 1 });
    await desk.ready('M365User', 'ada');
    await expect
      .poll(
        async () => (await stage.list<M365User>('m365users')).map((u) => u.metadata.name),
        patience,
      )
      .toEqual(['ada']);
    expect(reasonOf(await desk.find('M365User', 'ada'))).not.toBe('Paused');
    // Of the tenants that it was at work in, beside the list of their people.
    expect(await readFile(operator.logFile, 'utf8')).toMatch(
      /"tenants":[1-9]\d*,"message":"directories were read ahead"/,
    );
  });
});

describe('an operator that starts anew', () => {
  it('reads the directory once, for all who look into it', async () => {
    await operator?.stop();
    operator = await stage.startOperator({ pollSeconds: 60 });
    await operator.ready();
    const { metricsUrl } = operator;
    const looked = async (): Promise<boolean> => {
      const samples = await scrape(metricsUrl);
      const looks = (kind: string): number =>
        sum(samples, 'controller_runtime_reconcile_total', new RegExp(`"${kind}"`));
      return looks('M365Tenant') > 0 && looks('M365User') > 0 && unfinishedWork(samples) === 0;
    };
    await until('all to be looked at', looked, { timeoutMs: patience.timeout });
    const samples = await scrape(metricsUrl);
    for (const operation of [
      'UsersDelta',
      'GroupsDelta',
      'ListRoleAssignments',
      'GetOrganization',
    ]) {
      const how = new RegExp(`"(ReadTogether|${operation})"`);
      const requests = sum(samples, 'm365_external_requests_total', how);
      expect({ operation, requests }).toEqual({ operation, requests: 1 });
    }
  });
});

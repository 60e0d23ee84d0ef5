/**
 * Entra ID at the speed of the quota: the six figures of README, with 20 ms to every answer of the simulated cloud.
 * BENCH_TENANTS, BENCH_USERS (a tenant) and BENCH_QUOTA_USERS make it small; BENCH_ROWS=fleet, quota or batch runs a part.
 */
import type { M365Tenant, M365User } from '../../operator/core/objects.ts';
import { DEFAULT_PARTNER } from '../simulator/seed.ts';
import { startChild } from './child.ts';
import { coldStart } from './cold-start.ts';
import { describeWrites, ofUsers } from './counts.ts';
import { benchBatch } from './entra-batch.ts';
import type { IdealJob, IdealResult } from './entra-ideal.ts';
import { memberManifest } from './entra-manifests.ts';
import { benchQuota } from './entra-quota.ts';
import { idleRequests, outsideChange, restartPages } from './entra-rest.ts';
import { stormRow } from './entra-storm.ts';
import { describeFleet, type Fleet, fleetSize, startFleet } from './fleet.ts';
import { domainPrefixOf } from './manifests.ts';
import { settle } from './rest.ts';
import { atMost, type Row, toldRows } from './row.ts';

type Progress = (line: string) => void;

/** Of every answer of the simulated cloud. */
export const latencyMs = 20;

export async function benchEntra(progress: Progress): Promise<readonly Row[]> {
  const wanted = process.env['BENCH_ROWS'] ?? 'fleet,quota,batch';
  const fleet = wanted.includes('fleet') ? await benchFleet(progress) : [];
  const quota = wanted.includes('quota') ? await benchQuota(progress) : [];
  const batch = wanted.includes('batch') ? await benchBatch() : [];
  return [...fleet, ...quota, ...batch];
}

async function benchFleet(progress: Progress): Promise<readonly Row[]> {
  const fleet = await startFleet(
    {
      // The ideal client's, ours, and three small ones of the storm.
      ...fleetSize(2.7),
      settings: { latencyMs, throttleFactor: Number.POSITIVE_INFINITY },
      userManifest: memberManifest,
    },
    progress,
  );
  try {
    const { rows, add } = toldRows(progress);
    add([await beside(fleet, progress)]);
    await settle(fleet, progress);
    add(await restartPages(fleet, progress));
    add(await idleRequests(fleet, progress));
    add(await outsideChange(fleet, progress));
    add([await stormRow(fleet, progress)]);
    return rows;
  } finally {
    await fleet.stop();
  }
}

async function beside(fleet: Fleet, progress: Progress): Promise<Row> {
  progress('the ideal client');
  const ideal = await runIdeal(fleet);
  progress(`${ideal.requests} requests in ${ideal.seconds.toFixed(1)} s`);
  const storedMs = performance.now();
  await fleet.createUsers('first');
  const apiSeconds = (performance.now() - storedMs) / 1000;
  const start = () => fleet.startOperator();
  const { figures, operator } = await coldStart(fleet, { wave: 'first', start }, progress);
  await operator.stop();
  const { cloud, cluster, seconds, cpuSeconds } = figures;
  const asked = `${cloud.writes} outside writes, ${cloud.reads} reads, API server: ${describeWrites(cluster)}`;
  const parts = `ideal ${ideal.seconds.toFixed(1)} s for ${ideal.requests} requests, ${ofUsers(cluster)} API-server writes ${apiSeconds.toFixed(1)} s (as long as creating the ${fleet.users} objects took)`;
  return atMost(1.5, {
    name: 'empty to all Ready, beside an ideal client and the API-server writes',
    value: seconds / (ideal.seconds + apiSeconds),
    unit: 'x',
    of: describeFleet(
      fleet,
      `${seconds.toFixed(1)} s`,
      parts,
      asked,
      `CPU ${cpuSeconds.toFixed(0)} s`,
    ),
  });
}

async function runIdeal(fleet: Fleet): Promise<IdealResult> {
  const { simulator } = fleet.stage;
  const job: IdealJob = {
    caFile: simulator.caFile,
    loginUrl: simulator.urls.login,
    graphUrl: simulator.urls.graph,
    clientId: DEFAULT_PARTNER.clientId,
    clientSecret: DEFAULT_PARTNER.clientSecret,
    tenants: await tenantsOf(fleet),
    usersPerTenant: fleet.size.usersPerTenant,
    prefix: 'ideal',
  };
  const child = startChild<IdealResult>(new URL('entra-ideal.ts', import.meta.url), job);
  try {
    return await child.answer;
  } finally {
    await child.stop();
  }
}

async function tenantsOf({ client }: Fleet): Promise<IdealJob['tenants']> {
  const tenants = await client.list<M365Tenant>('m365tenants');
  return tenants.map(({ status }) => ({
    tenantId: status?.tenantId ?? '',
    domain: status?.initialDomain ?? '',
  }));
}

/** Of the given tenant of the fleet, by number. */
export async function tenantIdOf({ client }: Fleet, tenant: number): Promise<string> {
  const domain = `${domainPrefixOf(tenant)}.onmicrosoft.com`;
  const tenants = await client.list<M365Tenant>('m365tenants');
  const found = tenants.find(({ status }) => status?.initialDomain === domain)?.status?.tenantId;
  if (found === undefined) throw new Error(`there is no tenant ${domain}`);
  return found;
}

/** One of the users that are Ready, of this tenant. */
export async function someUser({ client }: Fleet, tenantId: string): Promise<M365User> {
  const users = await client.list<M365User>('m365users');
  const tenants = await client.list<M365Tenant>('m365tenants');
  const namespace = tenants.find(({ status }) => status?.tenantId === tenantId)?.metadata.namespace;
  const found = users.find(
    ({ metadata, status }) => metadata.namespace === namespace && status?.entraId !== undefined,
  );
  if (found === undefined) throw new Error('no user has an account');
  return found;
}

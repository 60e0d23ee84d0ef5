/**
 * People in Active Directory and Entra together, on a real Samba domain controller (`ldb:nosync`) and the simulated Entra.
 * BENCH_TENANTS and BENCH_USERS (a tenant) make it small; the idle row takes BENCH_IDLE_USERS.
 */
import type { M365Tenant } from '../../operator/core/objects.ts';
import { mergePatch } from '../../operator/kube/transport.ts';
import { until } from '../control-plane/processes.ts';
import { conditionOf } from '../demo/objects.ts';
import { startChild } from './child.ts';
import { coldStart, percentile } from './cold-start.ts';
import {
  cloudRequests,
  clusterWrites,
  describeWrites,
  journalEnd,
  lessWrites,
  totalOf,
} from './counts.ts';
import { each } from './each.ts';
import { describeFleet, type Fleet, folderOf, namespaceOf, startFleet } from './fleet.ts';
import type { RawJob, RawResult } from './identity-raw.ts';
import { domainPrefixOf, userManifest } from './manifests.ts';
import { type Sample, scrape } from './metrics.ts';
import { type ReadyWatch, watchReady } from './ready-watch.ts';
import { isAtRest, settle } from './rest.ts';
import { atMost, type Row, toldRows } from './row.ts';

type Progress = (line: string) => void;

const tenants = Number(process.env['BENCH_TENANTS'] ?? 20);
const usersPerTenant = Number(process.env['BENCH_USERS'] ?? 50);
/** In Active Directory and Entra together, while idle. */
const idleUsers = Number(process.env['BENCH_IDLE_USERS'] ?? 5_000);
const joiners = 153;
const joinersInFlight = 51;
const leavers = 40;
const pollSeconds = 10;
const idlePolls = 3;
const restOptions = { timeoutMs: 300_000, everyMs: 1_000 };

export async function benchIdentity(progress: Progress): Promise<readonly Row[]> {
  const fleet = await startFleet(
    {
      tenants,
      usersPerTenant,
      waves: (Math.max(tenants * usersPerTenant, idleUsers) + joiners) / (tenants * usersPerTenant),
      withDirectory: true,
      userManifest: personOf,
      settings: { throttleFactor: Number.POSITIVE_INFINITY },
    },
    progress,
  );
  try {
    const { rows, add } = toldRows(progress);
    add([await dualWritten(fleet, progress)]);
    await settle(fleet, progress);
    const operator = await fleet.startOperator(pollSeconds);
    await until('the first looks to end', () => isAtRest(fleet, operator), restOptions);
    add([await joined(fleet, progress)]);
    add(await left(fleet, progress));
    await operator.stop();
    add(await idle(fleet, progress));
    return rows;
  } finally {
    await fleet.stop();
  }
}

/** With a logon name that nobody else of the domain has, as those of the other contender have. */
function personOf(tenant: number, name: string) {
  const { spec, ...manifest } = userManifest(tenant, name);
  const userPrincipalName = `${name}-of-${tenant}@${domainPrefixOf(tenant)}.onmicrosoft.com`;
  return { ...manifest, spec: { ...spec, userPrincipalName } };
}

async function dualWritten(fleet: Fleet, progress: Progress): Promise<Row> {
  progress('the same accounts by ldapts alone');
  const raw = await runRaw(fleet);
  await fleet.createUsers('first');
  const start = () => fleet.startOperator();
  const { figures, operator } = await coldStart(fleet, { wave: 'first', start }, progress);
  const asked = directoryRequests(await scrape(operator.metricsUrl), []);
  await operator.stop();
  const parts = `${figures.seconds.toFixed(1)} s from the start of the process, ldapts alone ${raw.seconds.toFixed(1)} s`;
  return atMost(1.3, {
    name: 'users written in both directories, beside ldapts alone in Active Directory',
    value: figures.seconds / raw.seconds,
    unit: 'x',
    of: describeFleet(fleet, parts, `of a user: ${describeWrites(asked, figures.users)}`),
  });
}

async function runRaw({ stage, client, size }: Fleet): Promise<RawResult> {
  const { directory } = stage;
  if (directory === undefined) throw new Error(stage.directoryNote);
  const all = await client.list<M365Tenant>('m365tenants');
  const job: RawJob = {
    url: directory.url,
    caFile: directory.caFile,
    bindDN: directory.adminDN,
    bindPassword: directory.adminPassword,
    units: all.map(({ status }) => status?.organizationalUnit ?? ''),
    accountsPerUnit: size.usersPerTenant,
  };
  const child = startChild<RawResult>(new URL('identity-raw.ts', import.meta.url), job);
  try {
    return await child.answer;
  } finally {
    await child.stop();
  }
}

/** Each lane has its next person applied when the last one can work. */
async function joined(fleet: Fleet, progress: Progress): Promise<Row> {
  progress(`${joiners} people join, ${joinersInFlight} at once`);
  const { client, size } = fleet;
  const watch = await watchReady(client, 'm365users', 'joiner-');
  const seconds: number[] = [];
  const people = Array.from({ length: joiners }, (_, n) => n);
  await each(people, joinersInFlight, async (n) => {
    const tenant = n % size.tenants;
    const name = `joiner-${n}`;
    const appliedMs = performance.now();
    await client.create(folderOf(tenant, 'm365users'), personOf(tenant, name));
    seconds.push((await reached(watch, tenant, name)) - appliedMs);
  });
  watch.close();
  return atMost(5, {
    name: 'joiner: applied to usable in both directories and licensed, p95',
    value: percentile(seconds, 95) / 1000,
    unit: 's',
    of: describeFleet(
      fleet,
      `${joiners} joiners, ${joinersInFlight - 1} others in flight`,
      spread(seconds),
    ),
  });
}

async function reached(watch: ReadyWatch, tenant: number, name: string): Promise<number> {
  const at = (): number | undefined => watch.atMs(namespaceOf(tenant), name);
  await until(name, () => at() !== undefined, { timeoutMs: 120_000, everyMs: 10 });
  return at() ?? Number.NaN;
}

/** Half of them by an edit that blocks at once, half at a moment that was declared before. */
async function left(fleet: Fleet, progress: Progress): Promise<readonly Row[]> {
  progress(`${leavers} people leave`);
  const { client, size } = fleet;
  const watch = await watchReady(
    client,
    'm365users',
    'first-',
    (object) => conditionOf(object, 'SignInBlocked')?.status === 'True',
  );
  const byEdit: number[] = [];
  const byClock: number[] = [];
  for (let n = 0; n < leavers; n += 1) {
    const tenant = n % size.tenants;
    const name = `first-${Math.floor(n / size.tenants)}`;
    const isEdit = n % 2 === 0;
    const leaveMs = Date.now() + (isEdit ? 0 : 2_000);
    const path = `${folderOf(tenant, 'm365users')}/${name}`;
    const fromMs = leaveMs - performance.timeOrigin;
    await client.transport.request('PATCH', path, {
      body: { spec: { leaveAt: new Date(leaveMs).toISOString() } },
      contentType: mergePatch,
    });
    (isEdit ? byEdit : byClock).push((await reached(watch, tenant, name)) - fromMs);
  }
  watch.close();
  return [leaverRow('the edit', byEdit, fleet), leaverRow('leaveAt', byClock, fleet)];
}

function leaverRow(after: string, milliseconds: readonly number[], fleet: Fleet): Row {
  return atMost(3, {
    name: `leaver: blocked in both directories after ${after}, p95`,
    value: percentile(milliseconds, 95) / 1000,
    unit: 's',
    of: describeFleet(fleet, `${milliseconds.length} leavers`, spread(milliseconds)),
  });
}

function spread(milliseconds: readonly number[]): string {
  const at = (percent: number): string => (percentile(milliseconds, percent) / 1000).toFixed(2);
  return `p50 ${at(50)} s, p99 ${at(99)} s`;
}

async function idle(fleet: Fleet, progress: Progress): Promise<readonly Row[]> {
  const { client, stage, size } = fleet;
  const more = Math.max(0, Math.ceil((idleUsers - fleet.users) / size.tenants));
  if (more > 0) await fleet.createUsers('idle', { usersPerTenant: more });
  await settle(fleet, progress);
  const operator = await fleet.startOperator(pollSeconds);
  await until('the first looks to end', () => isAtRest(fleet, operator), restOptions);
  progress(`looking at ${idlePolls} polls`);
  const writesBefore = await clusterWrites(client);
  const journal = journalEnd(stage.simulator);
  const before = await scrape(operator.metricsUrl);
  const startedMs = performance.now();
  await new Promise((resolve) => setTimeout(resolve, idlePolls * pollSeconds * 1_000));
  const polls = (performance.now() - startedMs) / 1000 / pollSeconds;
  const after = await scrape(operator.metricsUrl);
  const cloud = cloudRequests(stage.simulator, journal);
  const writes = lessWrites(await clusterWrites(client), writesBefore);
  await operator.stop();
  const asked = directoryRequests(after, before);
  const of = `${idleUsers} users in ${size.tenants} tenants, ${idlePolls} polls; ${describeWrites(asked)}`;
  return [
    atMost(1, {
      name: 'idle: looks into Active Directory for a tenant and poll',
      value: totalOf(asked) / polls / size.tenants,
      unit: 'requests',
      of,
    }),
    atMost(0, {
      name: 'idle: writes, outside and to the API server',
      value: cloud.writes + totalOf(writes),
      unit: 'requests',
      of: `${of}; ${describeWrites(writes)}`,
    }),
  ];
}

/** By operation. */
function directoryRequests(
  after: readonly Sample[],
  before: readonly Sample[],
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const count = (samples: readonly Sample[], sign: 1 | -1): void => {
    for (const { name, labels, value } of samples) {
      if (name !== 'm365_external_requests_total' || !labels.includes('system="ActiveDirectory"'))
        continue;
      const operation = /operation="([^"]*)"/.exec(labels)?.[1] ?? '';
      counts.set(operation, (counts.get(operation) ?? 0) + sign * value);
    }
  };
  count(after, 1);
  count(before, -1);
  return counts;
}

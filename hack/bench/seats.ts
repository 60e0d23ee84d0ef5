/**
 * The nightly look of a provider: 1,000 tenants with three pools each, beside what Partner Center's published limit of
 * 500 requests a minute takes for the same requests; people edit meanwhile. BENCH_TENANTS makes it small.
 */
import { stringify } from 'yaml';
import type {
  LicensePool,
  M365Tenant,
  M365User,
  PartnerConnection,
} from '../../operator/core/objects.ts';
import { bundleOperator } from '../build/bundle.ts';
import { api, ClusterClient } from '../control-plane/cluster-client.ts';
import { until } from '../control-plane/processes.ts';
import { isReady } from '../demo/objects.ts';
import { applyCredentials, type Stage, startStage } from '../stage/index.ts';
import type { OperatorProcess } from '../stage/operator.ts';
import { percentile } from './cold-start.ts';
import { journalEnd } from './counts.ts';
import { each, requestsInFlight } from './each.ts';
import { editLatencies } from './edit-latency.ts';
import { type Fleet, folderOf, namespaceOf, requireRunning } from './fleet.ts';
import { connection, group, tenantManifest, userManifest } from './manifests.ts';
import { memory, pidOf } from './process-usage.ts';
import { atMost, type Row } from './row.ts';

type Progress = (line: string) => void;

const latencyMs = 20;
const perMinute = 500;
const editedUsers = 20;
const timeoutMs = 30 * 60_000;

const offers = [
  ['business-premium', 'CFQ7TTC0LCHC', '0002', 'SPB', 1600, 2000],
  ['business-standard', 'CFQ7TTC0LDPB', '0001', 'O365_BUSINESS_PREMIUM', 1000, 1250],
  ['business-basic', 'CFQ7TTC0LH18', '0001', 'O365_BUSINESS_ESSENTIALS', 500, 600],
] as const;

export async function benchSeats(progress: Progress): Promise<readonly Row[]> {
  const tenants = Number(process.env['BENCH_TENANTS'] ?? 1_000);
  const settings = { latencyMs, throttleFactor: Number.POSITIVE_INFINITY };
  const stage = await startStage({ withoutDirectory: true, progress, simulator: { settings } });
  try {
    const client = await ClusterClient.connect(stage.controlPlane.kubeconfig);
    const program = (await bundleOperator(stage.folder)).file;
    progress(`setting up ${tenants} tenants with ${offers.length} pools each`);
    const unlimited = { PARTNER_CENTER_REQUESTS_PER_MINUTE: '1000000' };
    await fill(stage, client, tenants);
    const setUp = await stage.startOperator({ pollSeconds: 60, program, env: unlimited });
    await allReady(client, tenants, { operator: setUp, progress });
    await setUp.stop();
    stage.simulator.world.settings.throttleFactor = 1;
    const operator = await stage.startOperator({ pollSeconds: 60, program });
    await operator.ready();
    return await night({ stage, client, tenants, operator }, progress);
  } finally {
    await stage.stop();
  }
}

async function fill(stage: Stage, client: ClusterClient, tenants: number): Promise<void> {
  await stage.controlPlane.kubectl(['create', 'namespace', 'provider']);
  await applyCredentials(stage);
  const plain = connection();
  const catalog = offers.map(([name, productId, skuId, skuPartNumber, cost, price]) => {
    const terms = { term: 'P1Y', billingCycle: 'Monthly' };
    return { name, productId, skuId, skuPartNumber, cost, price, ...terms };
  });
  const manifest = { ...plain, spec: { ...plain.spec, catalog } };
  await stage.controlPlane.kubectl(['apply', '-f', '-'], stringify(manifest));
  await each(
    Array.from({ length: tenants }, (_, tenant) => tenant),
    requestsInFlight,
    async (tenant) => {
      await client.create('/api/v1/namespaces', {
        metadata: { name: namespaceOf(tenant), labels: { [`${group}/customer`]: 'true' } },
      });
      await client.create(folderOf(tenant, 'm365tenants'), tenantManifest(tenant));
      for (const [name] of offers)
        await client.create(folderOf(tenant, 'licensepools'), poolOf(name));
      if (tenant < editedUsers)
        await client.create(folderOf(tenant, 'm365users'), userManifest(tenant, 'editor'));
    },
  );
}

function poolOf(name: string) {
  return {
    apiVersion: `${group}/v1alpha1`,
    kind: 'LicensePool',
    metadata: { name },
    spec: {
      tenantRef: { name: 'tenant' },
      offer: name,
      seats: { min: 3, max: 100 },
      increase: 'Auto',
      decrease: 'Auto',
      endOfTerm: 'Renew',
    },
  };
}

async function allReady(
  client: ClusterClient,
  tenants: number,
  { operator, progress }: { readonly operator: OperatorProcess; readonly progress: Progress },
): Promise<void> {
  let told = 0;
  await until(
    'all pools to be Ready',
    async () => {
      requireRunning(operator);
      const pools = (await client.list<LicensePool>('licensepools')).filter(isReady).length;
      const ready = (await client.list<M365Tenant>('m365tenants')).filter(isReady).length;
      const users = (await client.list<M365User>('m365users')).filter(isReady).length;
      if (pools - told >= tenants / 2) progress(`${pools} pools are Ready`);
      if (pools - told >= tenants / 2) told = pools;
      const wanted = Math.min(editedUsers, tenants);
      return pools === tenants * offers.length && ready === tenants && users === wanted;
    },
    { timeoutMs, everyMs: 3_000 },
  );
}

interface World {
  readonly stage: Stage;
  readonly client: ClusterClient;
  readonly tenants: number;
  readonly operator: OperatorProcess;
}

/** The first looks after a start are the same as those of a night, and come before it. */
async function night(world: World, progress: Progress): Promise<readonly Row[]> {
  const { stage, client, tenants, operator } = world;
  progress('the looks after the start');
  const started = journalEnd(stage.simulator);
  await listed(world, started);
  // The window of the limit is empty then.
  await new Promise((resolve) => setTimeout(resolve, 70_000));
  progress('the night');
  const from = journalEnd(stage.simulator);
  const startedMs = await beginNight(client);
  const users = await client.list<M365User>('m365users');
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, startedMs + 20_000 - Date.now())));
  const fleet = { client, stage } as unknown as Fleet;
  const edits = await editLatencies(fleet, users, { title: 'Night owl', editors: 2 });
  await listed(world, from);
  const seconds = (Date.now() - startedMs) / 1000;
  const entries = stage.simulator.journal.since(from).entries;
  const asked = entries.filter(({ service }) => service === 'partnerCenter');
  const counts = ['customers', 'subscriptions'].map((name) => {
    const path = name === 'customers' ? /^\/v1\/customers(\/[^/]+)?$/ : /\/subscriptions(\/|$)/;
    return asked.filter((entry) => path.test(entry.path)).length;
  });
  const limitSeconds = (Math.max(...counts) / perMinute) * 60;
  const refused = asked.filter(({ status }) => status === 429).length;
  const { peakMegabytes } = await memory(pidOf(operator.process));
  await operator.stop();
  const of = `${tenants} tenants, ${tenants * offers.length} pools; ${seconds.toFixed(0)} s for ${counts.join(' + ')} requests of customers and subscriptions`;
  const own = edits.map(({ ownMs }) => ownMs);
  return [
    atMost(1.1, {
      name: 'the nightly look, beside what the published limit takes',
      value: seconds / limitSeconds,
      unit: 'x',
      of,
    }),
    atMost(0, {
      name: 'requests that Partner Center refused',
      value: refused,
      unit: 'requests',
      of,
    }),
    atMost(500, {
      name: 'an edit meanwhile until its first request (p99)',
      value: percentile(own, 99),
      unit: 'ms',
      of: `${own.length} edits; ${of}`,
    }),
    atMost(400, { name: 'memory', value: peakMegabytes, unit: 'MB', of }),
  ];
}

/** Until the subscriptions of every tenant were read since then. */
async function listed({ stage, tenants, operator }: World, from: number): Promise<void> {
  await until(
    'the subscriptions of every tenant to be read',
    () => {
      requireRunning(operator);
      const entries = stage.simulator.journal.since(from).entries;
      const read = entries.filter(
        ({ path, status }) => status === 200 && path.endsWith('/subscriptions'),
      );
      return new Set(read.map(({ path }) => path)).size >= tenants;
    },
    { timeoutMs, everyMs: 1_000 },
  );
}

/** The schedule becomes the next minute; resolves at its beginning. */
async function beginNight(client: ClusterClient): Promise<number> {
  const path = `${api}/namespaces/provider/partnerconnections/eu-prod`;
  const startMs = (Math.floor(Date.now() / 60_000) + 2) * 60_000;
  const hour = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const [connected] = await client.list<PartnerConnection>('partnerconnections');
  const timeZone = connected?.spec.timeZone ?? 'UTC';
  const [hours, minutes] = new Intl.DateTimeFormat('en-GB', { ...hour, timeZone })
    .format(startMs)
    .split(':');
  const schedule = `${Number(minutes)} ${Number(hours)} * * *`;
  await client.patch(path, { spec: { rightSizing: { schedule } } });
  await new Promise((resolve) => setTimeout(resolve, startMs - Date.now()));
  return startMs;
}

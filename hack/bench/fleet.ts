/**
 * Many tenants with many users, cloud accounts only. The operator sets the tenants up and is stopped; then the users are
 * created while no operator runs, so that a start finds them all. Business Premium takes 300 seats a tenant at most.
 */
import { loadavg } from 'node:os';
import { stringify } from 'yaml';
import type { LicensePool, M365Tenant } from '../../operator/core/objects.ts';
import { bundleOperator } from '../build/bundle.ts';
import { api, ClusterClient } from '../control-plane/cluster-client.ts';
import { until } from '../control-plane/processes.ts';
import { isReady } from '../demo/objects.ts';
import type { Settings } from '../simulator/world.ts';
import { applyCredentials, type Stage, startStage } from '../stage/index.ts';
import type { OperatorProcess } from '../stage/operator.ts';
import { installAdmissionFinalizer } from './admission.ts';
import { each, requestsInFlight } from './each.ts';
import { connection, group, poolManifest, tenantManifest, userManifest } from './manifests.ts';

export interface FleetSize {
  readonly tenants: number;
  readonly usersPerTenant: number;
  /** Seats are bought for so many lots of `usersPerTenant`. */
  readonly waves: number;
  /** Accounts are written into Active Directory too. */
  readonly withDirectory?: boolean;
  /** The MutatingAdmissionPolicy of the chart, which sets our finalizer, is left out. Default: installed. */
  readonly withoutAdmission?: boolean;
  /** Of the simulated cloud. */
  readonly settings?: Partial<Settings>;
  /** Default: with a plan, without groups and manager. */
  readonly userManifest?: (tenant: number, name: string) => object;
}

/** A wave that is not one of `usersPerTenant` users in each tenant. */
export interface Wave {
  readonly tenants?: readonly number[];
  readonly usersPerTenant?: number;
}

export interface Fleet {
  readonly stage: Stage;
  readonly client: ClusterClient;
  readonly size: FleetSize;
  /** Users of one wave, over all tenants. */
  readonly users: number;
  /** The operator as the image has it. Default: polls as often as an installation does. */
  startOperator(pollSeconds?: number): Promise<OperatorProcess>;
  /** Creates one user more for each tenant and place of a wave; resolves when all are stored. */
  createUsers(name: string, wave?: Wave): Promise<void>;
  stop(): Promise<void>;
}

const pollDefaultSeconds = 60;
const setUpPollSeconds = 5;
/** Seats beyond those of the users, so that none waits for the pool. */
const seatsSpare = 15;
const setUpTimeoutMs = 15 * 60_000;

/** BENCH_TENANTS and BENCH_USERS (a tenant) make a small one for trying. */
export function fleetSize(waves: number): FleetSize {
  return {
    tenants: Number(process.env['BENCH_TENANTS'] ?? 100),
    usersPerTenant: Number(process.env['BENCH_USERS'] ?? 100),
    waves,
  };
}

/** For `of`: what a figure was taken on, and how busy the machine was. */
export function describeFleet({ users, size }: Fleet, ...more: readonly string[]): string {
  const load = `load ${loadavg()[0]?.toFixed(1) ?? '?'}`;
  return [`${users} users, ${size.tenants} tenants`, ...more, load].join('; ');
}

export async function startFleet(
  size: FleetSize,
  progress: (line: string) => void,
): Promise<Fleet> {
  const { settings = {} } = size;
  const withoutDirectory = size.withDirectory !== true;
  const stage = await startStage({ withoutDirectory, progress, simulator: { settings } });
  try {
    const program = (await bundleOperator(stage.folder)).file;
    const client = await ClusterClient.connect(stage.controlPlane.kubeconfig);
    if (size.withoutAdmission !== true) await installAdmissionFinalizer(stage.controlPlane, client);
    const startOperator = (pollSeconds = pollDefaultSeconds): Promise<OperatorProcess> =>
      stage.startOperator({ pollSeconds, program, env: limitsOf(settings) });
    progress(`setting up ${size.tenants} tenants`);
    await setUp(stage, client, size, startOperator);
    const users = size.tenants * size.usersPerTenant;
    return {
      stage,
      client,
      size,
      users,
      startOperator,
      createUsers: async (name, wave = {}) => {
        progress(`creating users (${name}) while no operator runs`);
        await createUsers(client, size, name, wave);
      },
      stop: async () => {
        await client.transport.close();
        await stage.stop();
      },
    };
  } catch (error) {
    await stage.stop();
    throw error;
  }
}

/** Where the simulated cloud has no limits, ours of Partner Center's would be what is measured. */
function limitsOf({ throttleFactor = 1 }: Partial<Settings>): Readonly<Record<string, string>> {
  return Number.isFinite(throttleFactor) ? {} : { PARTNER_CENTER_REQUESTS_PER_MINUTE: '1000000' };
}

export function namespaceOf(tenant: number): string {
  return `bench-${tenant}`;
}

async function setUp(
  stage: Stage,
  client: ClusterClient,
  size: FleetSize,
  startOperator: (pollSeconds: number) => Promise<OperatorProcess>,
): Promise<void> {
  await stage.controlPlane.kubectl(['create', 'namespace', 'provider']);
  await applyCredentials(stage);
  await stage.controlPlane.kubectl(['apply', '-f', '-'], stringify(connection(stage.directory)));
  const tenants = Array.from({ length: size.tenants }, (_, tenant) => tenant);
  await each(tenants, requestsInFlight, async (tenant) => {
    await client.create('/api/v1/namespaces', {
      metadata: { name: namespaceOf(tenant), labels: { [`${group}/customer`]: 'true' } },
    });
    const manifest = tenantManifest(tenant, size.withDirectory === true ? 'Managed' : 'None');
    await client.create(folderOf(tenant, 'm365tenants'), manifest);
    await client.create(folderOf(tenant, 'licensepools'), poolManifest(seatsOf(size)));
  });
  const operator = await startOperator(setUpPollSeconds);
  await operator.ready();
  await tenantsReady(client, size, operator);
  await operator.stop();
}

function seatsOf({ usersPerTenant, waves }: FleetSize): number {
  return Math.ceil(usersPerTenant * waves) + seatsSpare;
}

/** On a machine that is too busy a lease is lost, and with it the process: a benchmark of nothing is none. */
export function requireRunning({ process, logFile }: OperatorProcess): void {
  if (process.child.exitCode !== null) throw new Error(`the operator ended; see ${logFile}`);
}

async function tenantsReady(
  client: ClusterClient,
  size: FleetSize,
  operator: OperatorProcess,
): Promise<void> {
  await until(
    'the tenants and their seats',
    async () => {
      requireRunning(operator);
      const tenants = await client.list<M365Tenant>('m365tenants');
      const pools = await client.list<LicensePool>('licensepools');
      const filled = pools.filter(
        (pool) => isReady(pool) && (pool.status?.seats?.available ?? 0) >= seatsOf(size),
      );
      return tenants.filter(isReady).length === size.tenants && filled.length === size.tenants;
    },
    { timeoutMs: setUpTimeoutMs, everyMs: 500 },
  );
}

async function createUsers(
  client: ClusterClient,
  size: FleetSize,
  name: string,
  wave: Wave,
): Promise<void> {
  const manifest = size.userManifest ?? userManifest;
  const tenants = wave.tenants ?? Array.from({ length: size.tenants }, (_, tenant) => tenant);
  const ofEach = Array.from({ length: wave.usersPerTenant ?? size.usersPerTenant }, (_, n) => n);
  // One of each tenant after the other: many teams work at once.
  const places = ofEach.flatMap((n) => tenants.map((tenant) => ({ tenant, user: `${name}-${n}` })));
  await each(places, requestsInFlight, async ({ tenant, user }) => {
    await client.create(folderOf(tenant, 'm365users'), manifest(tenant, user));
  });
}

export function folderOf(tenant: number, plural: string): string {
  return `${api}/namespaces/${namespaceOf(tenant)}/${plural}`;
}

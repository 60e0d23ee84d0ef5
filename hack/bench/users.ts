/** What one user costs, and what nothing costs: counted on a tenant that is set up, with cloud accounts and a licence. */
import { stringify } from 'yaml';
import type { M365User } from '../../operator/core/objects.ts';
import { bundleOperator } from '../build/bundle.ts';
import { until } from '../control-plane/processes.ts';
import { isReady } from '../demo/objects.ts';
import { applyQuickstart, convergence } from '../demo/story.ts';
import { type Stage, startStage } from '../stage/index.ts';
import { apiServerWrites, type Sample, scrape, sum } from './metrics.ts';
import { type Row, row } from './row.ts';

const users = 40;
const pollSeconds = 5;
const idleMs = 60_000;

export async function benchUsers(progress: (line: string) => void): Promise<readonly Row[]> {
  const stage = await startStage({ withoutDirectory: true, progress });
  try {
    const { file } = await bundleOperator(stage.folder);
    const started = performance.now();
    const operator = await stage.startOperator({ pollSeconds, program: file });
    await operator.ready();
    const startSeconds = (performance.now() - started) / 1000;
    await applyQuickstart(stage);
    await convergence(stage);
    await reserveSeats(stage);
    progress(`applying ${users} users`);
    const before = await scrape(operator.metricsUrl);
    await stage.controlPlane.kubectl(['apply', '-f', '-'], manifests());
    await allReady(stage);
    const after = await scrape(operator.metricsUrl);
    await settled(operator.metricsUrl);
    const quiet = await scrape(operator.metricsUrl);
    progress(`looking at an idle operator for ${idleMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, idleMs));
    const idle = await scrape(operator.metricsUrl);
    await operator.stop();
    return [...costs(before, after), ...idleness(quiet, idle), ...footprint(idle, startSeconds)];
  } finally {
    await stage.stop();
  }
}

/** Seats are bought beforehand: what is counted is the users. */
async function reserveSeats({ controlPlane }: Stage): Promise<void> {
  const patch = JSON.stringify({
    spec: { seats: { min: users + 15, max: users + 20 }, increase: 'Auto' },
  });
  await controlPlane.kubectl([
    'patch',
    'partnerconnection',
    'eu-prod',
    '-n',
    'provider',
    '--type=merge',
    '-p',
    '{"spec":{"limits":{"maxSeatsPerChange":1000}}}',
  ]);
  await controlPlane.kubectl([
    'patch',
    'licensepool',
    'business-premium',
    '-n',
    'contoso',
    '--type=merge',
    '-p',
    patch,
  ]);
  await controlPlane.kubectl([
    'wait',
    'licensepool/business-premium',
    '-n',
    'contoso',
    `--for=jsonpath={.status.seats.available}=${users + 15}`,
    '--timeout=60s',
  ]);
}

function manifests(): string {
  return Array.from({ length: users }, (_, index) =>
    stringify({
      apiVersion: 'm365-operator.io/v1alpha1',
      kind: 'M365User',
      metadata: { name: `bench-${index}`, namespace: 'contoso' },
      spec: {
        tenantRef: { name: 'contoso' },
        userPrincipalName: `bench-${index}@contoso.example`,
        displayName: `Bench ${index}`,
        usageLocation: 'DE',
        plan: 'standard',
      },
    }),
  ).join('---\n');
}

async function allReady(stage: Stage): Promise<void> {
  await until(
    'the users to be Ready',
    async () => {
      const found = await stage.list<M365User>('m365users');
      return (
        found.filter(({ metadata }) => metadata.name.startsWith('bench-')).filter(isReady)
          .length === users
      );
    },
    { timeoutMs: 180_000, everyMs: 1_000 },
  );
}

/** The pool counts its users at its next poll, last of all: idle begins when nothing was written for two polls. */
async function settled(metricsUrl: string): Promise<void> {
  let writes = -1;
  await until(
    'the writes to end',
    async () => {
      const before = writes;
      writes = apiServerWrites(await scrape(metricsUrl));
      return writes === before;
    },
    { timeoutMs: 60_000, everyMs: 2_000 * pollSeconds },
  );
}

function costs(before: readonly Sample[], after: readonly Sample[]): readonly Row[] {
  const counted = (operations: string): number => {
    const labels = new RegExp(`system="Graph",operation="(${operations})"`);
    const name = 'm365_external_requests_total';
    return (sum(after, name, labels) - sum(before, name, labels)) / users;
  };
  const of = `${users} users`;
  return [
    row({
      name: 'Graph writes per user',
      value: counted(
        'CreateUser|UpdateUser|AssignLicense|SetManager|AddMember|CreateGroup|RevokeSessions',
      ),
      unit: 'requests',
      goal: 2,
      better: 'lower',
      of,
    }),
    row({
      name: 'Graph reads per user',
      value: counted('GetUser|UsersDelta|GroupsDelta|ListSubscribedSkus|ReadTogether'),
      unit: 'requests',
      goal: 1,
      better: 'lower',
      of: `${of}; polls of the tenant meanwhile included`,
    }),
    row({
      name: 'API server writes per user, apply to Ready',
      value: (apiServerWrites(after) - apiServerWrites(before)) / users,
      unit: 'requests',
      goal: 2,
      better: 'lower',
      of: `${of}; finalizer and status; one where the chart's admission policy sets the finalizer (bench scale)`,
    }),
  ];
}

function idleness(before: readonly Sample[], after: readonly Sample[]): readonly Row[] {
  const writes =
    /operation="(Create|Update|Delete|Assign|Set|Add|Remove|Verify|Revoke|Grant|Consent|Confirm|Checkout)/;
  const name = 'm365_external_requests_total';
  return [
    row({
      name: 'API server writes while idle',
      value: apiServerWrites(after) - apiServerWrites(before),
      unit: 'requests',
      goal: 0,
      better: 'lower',
      of: `${idleMs / 1000} s, ${users + 10} users`,
    }),
    row({
      name: 'outside writes while idle',
      value: sum(after, name, writes) - sum(before, name, writes),
      unit: 'requests',
      goal: 0,
      better: 'lower',
      of: `${idleMs / 1000} s, ${users + 10} users`,
    }),
  ];
}

function footprint(samples: readonly Sample[], startSeconds: number): readonly Row[] {
  const megabytes = sum(samples, 'process_resident_memory_bytes') / 1024 ** 2;
  return [
    row({
      name: 'memory of the operator',
      value: megabytes,
      unit: 'MB',
      goal: 250,
      better: 'lower',
      of: `${users + 10} users, as in the image`,
    }),
    row({
      name: 'start of the operator to /readyz',
      value: startSeconds,
      unit: 's',
      goal: 5,
      better: 'lower',
      of: 'as in the image',
    }),
  ];
}

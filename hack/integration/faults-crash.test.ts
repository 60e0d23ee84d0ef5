/**
 * The operator is killed (SIGKILL) at every call outside, reads and tokens among them, and at every write of its own
 * objects, on the whole way of a customer: from nothing to a licensed user, and until all is deleted. Each time the call
 * took effect and its answer did not arrive. The points are those that a history without a crash shows. After a restart
 * the history goes on, and there is one of everything.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Resource } from '../../operator/core/resource.ts';
import { scrape } from '../bench/metrics.ts';
import { api } from '../control-plane/cluster-client.ts';
import { isReady } from '../demo/objects.ts';
import type { Stage } from '../stage/index.ts';
import type { OperatorProcess } from '../stage/operator.ts';
import {
  type DeclaredCustomer,
  directoryOf,
  expectAllReady,
  expectOneOfEverything,
  peopleIn,
  unfinishedWork,
} from '../testing/after-faults.ts';
import { type CrashPoint, crashPointsOf, matcherOf } from '../testing/crash-points.ts';
import {
  connectionManifestOf,
  createAll,
  customer,
  customerManifests,
  namespace,
  objectsOf,
  startCustomerStage,
  whileDnsFollows,
} from '../testing/customers.ts';
import { Gateway } from '../testing/gateway.ts';
import { killWithLease } from '../testing/replicas.ts';

type Policy = 'Disable' | 'SoftDelete';

let stage: Stage;
let gateway: Gateway;
let operator: OperatorProcess;

beforeAll(async () => {
  stage = await startCustomerStage();
  // Each history has a connection of its own.
  await kubectl('delete', 'partnerconnection', 'eu-prod', '-n', 'provider');
  gateway = await Gateway.start(stage, 'operator');
});

afterAll(async () => {
  await operator?.stop();
  await gateway?.stop();
  await stage?.stop();
});

function kubectl(...args: readonly string[]): Promise<string> {
  return stage.controlPlane.kubectl(args);
}

async function start(): Promise<void> {
  operator = await stage.startOperator({
    ...gateway.operatorOptions,
    pollSeconds: 1,
  });
  await operator.ready();
}

const killOperator = (): Promise<void> => killWithLease(stage, operator);

function remove(kind: string, at: string, name: string): Promise<void> {
  return stage.controlPlane.client.delete(`${api}/namespaces/${at}/${kind}/${name}`);
}

interface History {
  readonly declared: DeclaredCustomer;
  readonly policy: Policy;
  /** Undefined: nobody is killed. */
  readonly point?: CrashPoint;
}

/** From nothing to a licensed user, and until all is deleted. Returns whether it was killed at the point. */
async function live({ declared, policy, point }: History): Promise<boolean> {
  let isHit = false;
  if (point !== undefined) {
    gateway.hold(matcherOf(point, declared.name), () => {
      isHit = true;
    });
  }
  let isCrashed = false;
  await start();
  const phase = async (holds: () => Promise<boolean>): Promise<void> => {
    await whileDnsFollows(stage, [declared], async () => {
      if (isHit && !isCrashed) {
        isCrashed = true;
        await killOperator();
        await start();
      }
      return holds();
    });
  };
  // Alone first: that it counts its tenant is a write of its own in every history then, not where milliseconds have it so.
  await createAll(stage, connectionManifestOf(declared.name));
  await phase(() => isSettled(declared));
  await createAll(stage, customerManifestsOf(declared, policy));
  await phase(() => isSettled(declared));
  expectAllReady(await objectsOf(stage, declared));
  expectOneOfEverything(stage.simulator, declared);
  expect(await secretsOf(declared)).toEqual([`${declared.name}-admin`]);
  for (const [kind, at] of deletionOrder) {
    await remove(kind, at, declared.name);
    await phase(async () => (await stage.list(kind)).length === 0);
  }
  // The last answers may be held still: a worker that waits for one is killed here.
  await phase(async () => unfinishedWork(await scrape(operator.metricsUrl)) === 0);
  expectDeleted(declared, policy);
  gateway.passAll();
  await killOperator();
  return isCrashed;
}

/** All are Ready, and the connection counts its tenants. */
async function isSettled(declared: DeclaredCustomer): Promise<boolean> {
  const objects = await objectsOf(stage, declared);
  const ofKind = (kind: string) => objects.filter((object) => object.kind === kind);
  const status = ofKind('PartnerConnection')[0]?.status as { tenants?: number } | undefined;
  return objects.every(isReady) && status?.tenants === ofKind('M365Tenant').length;
}

const deletionOrder = [
  ['m365users', namespace],
  ['licensepools', namespace],
  ['m365tenants', namespace],
  ['partnerconnections', 'provider'],
] as const;

async function secretsOf({ name }: DeclaredCustomer): Promise<readonly string[]> {
  const all = await stage.list<Resource>('secrets');
  const names = all.map(({ metadata }) => metadata.name);
  return names.filter((secret) => secret.startsWith(`${name}-`));
}

function customerManifestsOf(declared: DeclaredCustomer, deletionPolicy: Policy): string {
  const manifests = customerManifests(declared, { deletionPolicy });
  return manifests.replaceAll('name: eu-prod', `name: ${declared.name}`);
}

/** The account cannot be used; the customer and what was bought are kept. */
function expectDeleted({ name, domain }: DeclaredCustomer, policy: Policy): void {
  const people = peopleIn(directoryOf(stage.simulator, name), domain);
  const enabled = people.map(({ properties }) => properties.accountEnabled);
  expect(enabled).toEqual(policy === 'SoftDelete' ? [] : [false]);
}

async function recorded(name: string, policy: Policy): Promise<readonly CrashPoint[]> {
  const before = gateway.requests.length;
  await live({ declared: customer(name), policy });
  return crashPointsOf(gateway.requests.slice(before), name);
}

function without(points: readonly CrashPoint[], known: readonly CrashPoint[]) {
  const names = new Set(known.map((point) => labelOf(point)));
  return points.filter((point) => !names.has(labelOf(point)));
}

function labelOf({ template, occurrence }: CrashPoint): string {
  return `${template} #${String(occurrence)}`;
}

it('killed at every call, there is one of everything', async () => {
  const disabling = await recorded('recorded', 'Disable');
  const deleting = without(await recorded('recordeddel', 'SoftDelete'), disabling);
  const all = [
    ...disabling.map((point) => ({ point, policy: 'Disable' as const })),
    ...deleting.map((point) => ({ point, policy: 'SoftDelete' as const })),
  ];
  const problems: string[] = [];
  console.info(`${String(all.length)} points`);
  for (const [i, { point, policy }] of all.entries()) {
    const startedMs = performance.now();
    const problem = await problemAt(point, policy, `crash${String(i)}`);
    if (problem !== undefined) problems.push(`${labelOf(point)}: ${problem}`);
    console.info(`${labelOf(point)}: ${Math.round(performance.now() - startedMs)} ms`);
  }
  expect(problems).toEqual([]);
}, 1_800_000);

/** A history may go without a point, where looks that are due together become one. Then it is lived again, by another customer. */
async function problemAt(
  point: CrashPoint,
  policy: Policy,
  name: string,
): Promise<string | undefined> {
  for (const attempt of ['x', 'y', 'z']) {
    const declared = customer(`${name}${attempt}`);
    try {
      if (await live({ declared, policy, point })) return undefined;
    } catch (error) {
      await clearAfterFailure(declared);
      return String(error);
    }
  }
  return 'not reached';
}

/** What a failed history left must not disturb the next. */
async function clearAfterFailure({ name }: DeclaredCustomer): Promise<void> {
  gateway.passAll();
  await killOperator();
  for (const [kind, at] of deletionOrder) {
    const none = '{"metadata":{"finalizers":null}}';
    await remove(kind, at, name);
    const left = await kubectl('get', kind, '-n', at, '-o', 'name');
    if (left.trim() !== '')
      await kubectl('patch', kind, name, '-n', at, '--type=merge', '-p', none);
  }
}

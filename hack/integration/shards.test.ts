/**
 * Three operators side by side, split by a label: two shards of their own and one for all the rest. They share one
 * connection, which belongs to the third, because it has no label. Each has a way outside of its own, so that what each
 * sent is known.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { fingerprint } from '../../operator/core/hash.ts';
import type { PartnerConnection } from '../../operator/core/objects.ts';
import { until } from '../control-plane/processes.ts';
import type { Stage } from '../stage/index.ts';
import {
  customer,
  customerManifests,
  expectConverged,
  startCustomerStage,
} from '../testing/customers.ts';
import { type GatewayRequest, isOutsideWrite } from '../testing/gateway.ts';
import {
  auditLines,
  leaseHolder,
  type Replica,
  startReplica,
  untilDrained,
} from '../testing/replicas.ts';
import { within } from '../testing/toy-cluster.ts';

const label = 'm365-operator.io/shard';
const shards = [
  { name: 'shard-a', selector: `${label}=a`, labels: { [label]: 'a' } },
  { name: 'shard-b', selector: `${label}=b`, labels: { [label]: 'b' } },
  { name: 'the-rest', selector: `${label} notin (a,b)`, labels: {} },
] as const;
/** Two customers each: `shard-a-1`, … */
const customersOf = ({ name }: (typeof shards)[number]) =>
  ['1', '2'].map((number) => customer(`${name.replaceAll('-', '')}${number}`));
const customers = shards.flatMap(customersOf);

let stage: Stage;
let replicas: readonly Replica[] = [];

beforeAll(async () => {
  stage = await startCustomerStage();
  replicas = await Promise.all(
    shards.map(({ name, selector }) => startReplica(stage, name, { SHARD_SELECTOR: selector })),
  );
  const manifests = shards.flatMap((shard) =>
    customersOf(shard).map((declared) => customerManifests(declared, { labels: shard.labels })),
  );
  await stage.apply(manifests.join('---\n'));
});

afterAll(async () => {
  await Promise.all(replicas.map((replica) => replica.stop()));
  await stage?.stop();
});

describe('three shards with one connection', () => {
  it('each has a lease of its own', async () => {
    for (const { name, selector } of shards) {
      const lease = `m365-operator-${fingerprint(selector)}`;
      await vi.waitFor(async () => expect(await leaseHolder(stage, lease)).toBe(name), within);
    }
  });

  it('all converge, with one of everything', async () => {
    await expectConverged(stage, customers);
    for (const replica of replicas) await untilDrained(replica);
  }, 180_000);

  it('each changed what belongs to its own customers, and nothing else', async () => {
    for (const [i, { operator, gateway }] of replicas.entries()) {
      const own = customersOf(shards[i] ?? shards[0]).map(({ name }) => name);
      const touched = (await auditLines(operator)).map(({ resource }) => resource.name);
      expect([...new Set(touched)].sort()).toEqual(own);
      const created = gateway.requests.filter(
        (request) => isOutsideWrite(request) && request.path === '/v1/customers',
      );
      expect(created).toHaveLength(own.length);
    }
  });

  it('the shared connection is looked after by one, and counts the customers of all', async () => {
    // Customers of the third shard are applied last and wake it; those of others alone are counted at its next probe.
    const tenantsShown = async (): Promise<number | undefined> => {
      const [connection] = await stage.list<PartnerConnection>('partnerconnections');
      return connection?.status?.tenants;
    };
    await until('them to be counted', async () => (await tenantsShown()) === customers.length);
    const whoWrote = replicas.filter(({ gateway }) => gateway.requests.some(isConnectionWrite));
    expect(whoWrote.map(({ name }) => name)).toEqual(['the-rest']);
  });
});

function isConnectionWrite({ method, path }: GatewayRequest): boolean {
  return method === 'PATCH' && path.includes('/partnerconnections/');
}

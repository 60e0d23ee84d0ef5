/** Events, Secrets, the lease and the whole engine on a real API server. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { OwnedSecret } from '../../operator/core/cluster.ts';
import { systemClock } from '../../operator/runtime/clock.ts';
import { createManager } from '../../operator/runtime/manager.ts';
import { RecordedAudit } from '../testing/engine.ts';
import { expectStatusRules } from '../testing/expect-status.ts';
import { testMetrics } from '../testing/metrics.ts';
import { ToyWorld, toyKind } from '../testing/toy.ts';
import { ToyCluster, toyManifest, within } from '../testing/toy-cluster.ts';

const signal = new AbortController().signal;
let toys: ToyCluster;

beforeAll(async () => {
  toys = await ToyCluster.start();
}, 600_000);

afterAll(async () => {
  await toys.stop();
}, 60_000);

function text(data: Uint8Array | undefined): string {
  return Buffer.from(data ?? []).toString('utf8');
}

describe('events', () => {
  it('are shown by kubectl, equal ones as a series', async () => {
    const resource = await toys.created('eventful');
    const event = { type: 'Normal', reason: 'Made', action: 'Make', note: 'it was made' } as const;
    for (let i = 0; i < 2; i++) toys.kubernetes.events.record(resource, event);
    await vi.waitFor(async () => {
      const args = ['get', 'events.events.k8s.io', '--field-selector=reason=Made', '-o', 'json'];
      const { items } = JSON.parse(await toys.kubectl(...args)) as { items: object[] };
      expect(items).toHaveLength(1);
      expect(items[0]).toMatchObject({ note: 'it was made', series: { count: 2 } });
    }, within);
    expect(await toys.kubectl('describe', 'toy', 'eventful')).toContain('it was made');
  });
});

describe('Secrets', () => {
  const secret: OwnedSecret = {
    namespace: 'default',
    name: 'initial',
    type: 'Opaque',
    data: { password: 'grüße' },
    owner: undefined,
    tenant: 'contoso',
  };

  it('are made once: what is there already wins', async () => {
    const owner = await toys.created('owner');
    const first = await toys.kubernetes.cluster.ensureSecret({ ...secret, owner }, signal);
    expect(text(first['password'])).toBe('grüße');
    const again = { ...secret, data: { password: 'other' } };
    const second = await toys.kubernetes.cluster.ensureSecret(again, signal);
    expect(text(second['password'])).toBe('grüße');
    const raw = JSON.parse(await toys.kubectl('get', 'secret', 'initial', '-o', 'json')) as {
      metadata: { labels: unknown; ownerReferences: unknown };
    };
    expect(raw.metadata.labels).toEqual({
      'app.kubernetes.io/managed-by': 'm365-operator',
      'm365-operator.io/tenant': 'contoso',
    });
    expect(raw.metadata.ownerReferences).toMatchObject([
      { kind: 'Toy', name: 'owner', uid: owner.metadata.uid },
    ]);
  });

  it('of others are not touched', async () => {
    await toys.kubectl('create', 'secret', 'generic', 'foreign', '--from-literal=a=b');
    const foreign = { ...secret, name: 'foreign' };
    await expect(toys.kubernetes.cluster.ensureSecret(foreign, signal)).rejects.toMatchObject({
      class: 'Terminal',
      reason: 'SecretNotOwned',
    });
    const otherTenant = { ...secret, tenant: 'fabrikam' };
    await expect(toys.kubernetes.cluster.ensureSecret(otherTenant, signal)).rejects.toMatchObject({
      reason: 'SecretNotOwned',
    });
  });

  it('are read as they are now, and changed key by key', async () => {
    expect(await toys.kubernetes.cluster.readSecret('default', 'missing', signal)).toBe(undefined);
    await toys.kubernetes.cluster.patchSecret('default', 'foreign', { token: 'new' }, signal);
    const data = await toys.kubernetes.cluster.readSecret('default', 'foreign', signal);
    expect([text(data?.['a']), text(data?.['token'])]).toEqual(['b', 'new']);
  });
});

describe('the lease', () => {
  it('has one leader; the other takes over when it is given back', async () => {
    const name = { namespace: 'default', name: 'two-candidates' };
    const two = await toys.another({ lease: name, identity: 'two' });
    const one = await toys.another({ lease: name, identity: 'one' });
    await one.lease.acquire(signal);
    const stop = new AbortController();
    const kept = one.lease.keep(stop.signal);
    let isTaken = false;
    const take = async () => {
      await two.lease.acquire(signal);
      isTaken = true;
    };
    const taken = take();
    const seen = () =>
      toys.kubectl('get', 'lease', name.name, '-o', 'jsonpath={.spec.holderIdentity}');
    expect([one.lease.isLeading(), isTaken, await seen()]).toEqual([true, false, 'one']);
    stop.abort();
    await kept;
    await one.stop();
    await taken;
    expect([one.lease.isLeading(), two.lease.isLeading(), await seen()]).toEqual([
      false,
      true,
      'two',
    ]);
    await two.stop();
  }, 30_000);
});

describe('the engine on a real API server', () => {
  it('converges with two writes per object, repairs, and lets go', async () => {
    await toys.kubectl('create', 'namespace', 'engine');
    const ownMetrics = testMetrics();
    const own = await toys.another({ watchNamespaces: ['engine'], metrics: ownMetrics });
    const world = new ToyWorld();
    own.start();
    await own.synced;
    const manager = createManager({
      kinds: [toyKind(world, { isRecoverable: true })],
      store: own.store,
      subscribe: own.subscribe,
      referencing: own.referencing,
      events: own.events,
      audit: new RecordedAudit(),
      clock: systemClock,
      log: toys.log,
      metrics: ownMetrics,
      mayWrite: () => true,
    });
    manager.start();
    const names = Array.from({ length: 20 }, (_, i) => `toy-${String(i)}`);
    await toys.create(
      ...names.map((name) => toyManifest(name, { size: 1 }, { namespace: 'engine' })),
    );
    await toys.kubectl(
      'wait',
      '--for=condition=Ready',
      'toy',
      '--all',
      '-n',
      'engine',
      '--timeout=30s',
    );
    expect(world.things.size).toBe(20);
    const { values } = await ownMetrics.restRequests.get();
    const patches = values.filter(({ labels }) => labels.method === 'PATCH');
    expect(patches.map(({ labels, value }) => [labels.code, value])).toEqual([['200', 40]]);
    for (const resource of own.cluster.list('Toy')) expectStatusRules(resource);
    await toys.kubectl('delete', 'toy', '--all', '-n', 'engine', '--timeout=30s');
    expect(world.things.size).toBe(0);
    await manager.stop();
    await own.stop();
  }, 120_000);
});

/** Watching and writing on a real API server, through a proxy that cuts connections. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { condition, notReady } from '../../operator/core/conditions.ts';
import { finalizer } from '../../operator/core/plan.ts';
import type { StatusChange } from '../../operator/core/ports.ts';
import type { Resource } from '../../operator/core/resource.ts';
import { ObjectCache } from '../../operator/kube/cache.ts';
import { loadEndpoint } from '../../operator/kube/endpoint.ts';
import { createStore } from '../../operator/kube/status-writer.ts';
import { KubeTransport } from '../../operator/kube/transport.ts';
import { systemClock } from '../../operator/runtime/clock.ts';
import { expectStatusRules } from '../testing/expect-status.ts';
import { ToyCluster, toyInfo, toyKey, toyManifest, within } from '../testing/toy-cluster.ts';

const signal = new AbortController().signal;
let toys: ToyCluster;

beforeAll(async () => {
  toys = await ToyCluster.start();
}, 600_000);

afterAll(async () => {
  await toys.stop();
}, 60_000);

function change(fields: Record<string, unknown>): StatusChange {
  const synced = condition('Synced', 'True', 'Synced', 'fine');
  return { fields, conditions: [notReady('Waiting', 'not yet'), synced], observedGeneration: 1 };
}

describe('list and watch', () => {
  it('tells of objects as they come, change and go, without what nobody reads', async () => {
    const told: string[] = [];
    const end = toys.kubernetes.subscribe((c) => {
      if (c.key !== toyKey('seen')) return;
      told.push(c.new === undefined ? 'gone' : JSON.stringify(c.new.spec));
    });
    const resource = await toys.created('seen');
    expect(resource.metadata).not.toHaveProperty('managedFields');
    expect(Object.keys(resource.metadata.annotations ?? {})).toEqual([]);
    expect(resource.metadata.managers).toEqual(['kubectl-client-side-apply']);
    expect(resource.status).toEqual({ observedGeneration: -1 });
    await toys.apply('seen', { size: 2 });
    await toys.kubectl('delete', 'toy', 'seen');
    await vi.waitFor(() => expect(told).toEqual(['{"size":1}', '{"size":2}', 'gone']), within);
    end();
  });

  it('survives cut connections: nothing is lost, nothing stays that is gone', async () => {
    await toys.created('cut-gone');
    const names = Array.from({ length: 12 }, (_, i) => `cut-${String(i)}`);
    for (const name of names) {
      toys.proxy.cut();
      await toys.apply(name, { size: 1 });
    }
    toys.proxy.cut();
    await toys.kubectl('delete', 'toy', 'cut-gone');
    toys.proxy.cut();
    await vi.waitFor(() => {
      const there = toys.kubernetes.cluster.list('Toy').map((r) => r.metadata.name);
      expect(there).toEqual(expect.arrayContaining(names));
      expect(there).not.toContain('cut-gone');
    }, within);
    expect(toys.proxy.cuts).toBeGreaterThan(12);
    expect(toys.kubernetes.healthy()).toBe(true);
  }, 60_000);

  it('reads more than one page', async () => {
    const list = Array.from({ length: 600 }, (_, n) =>
      toyManifest(`page-${String(n)}`, { size: n }, { namespace: 'pages' }),
    );
    await toys.kubectl('create', 'namespace', 'pages');
    await toys.create(...list);
    const other = await toys.another({ watchNamespaces: ['pages'] });
    other.start();
    await other.synced;
    expect(other.cluster.list('Toy')).toHaveLength(600);
    expect(other.ready()).toBe(true);
    await other.stop();
  }, 120_000);

  it('knows namespaces by their labels', async () => {
    await toys.kubectl('create', 'namespace', 'labelled');
    await toys.kubectl('label', 'namespace', 'labelled', 'tier=gold');
    await vi.waitFor(() => {
      expect(toys.kubernetes.cluster.namespaceLabels('labelled')).toHaveProperty('tier', 'gold');
    }, within);
    expect(toys.kubernetes.cluster.namespaceLabels('missing')).toBe(undefined);
  });
});

describe('status', () => {
  it('is written by one manager, is seen at once, and leaves the spec alone', async () => {
    const resource = await toys.created('status');
    const items = [{ n: 1 }, { n: 2 }];
    const saved = await toys.kubernetes.store.saveStatus(
      resource,
      change({ externalId: 'x', items }),
      signal,
    );
    expect(saved?.status).toMatchObject({ externalId: 'x' });
    expect(toys.kubernetes.store.get(toyKey('status'))).toEqual(saved);
    const now = await toys.stored('status');
    expect(now.status).toMatchObject({ externalId: 'x', items, observedGeneration: 1 });
    expect(now.metadata.generation).toBe(1);
    const ours = now.metadata.managedFields.filter((f) => f.subresource === 'status');
    expect(ours.map((f) => f.manager)).toEqual(['m365-operator']);
    expectStatusRules(now, resource);
  });

  it('that says nothing new is not written', async () => {
    const resource = await toys.created('same');
    await toys.kubernetes.store.saveStatus(resource, change({ externalId: 'x' }), signal);
    const before = await toys.stored('same');
    await toys.kubernetes.store.saveStatus(resource, change({ externalId: 'x' }), signal);
    expect((await toys.stored('same')).metadata.resourceVersion).toBe(
      before.metadata.resourceVersion,
    );
  });

  it('loses the fields that are undefined, and replaces lists whole', async () => {
    const resource = await toys.created('fields');
    const first = change({ externalId: 'x', items: [{ n: 1 }, { n: 2 }] });
    await toys.kubernetes.store.saveStatus(resource, first, signal);
    const second = change({ externalId: undefined, items: [{ n: 2 }] });
    await toys.kubernetes.store.saveStatus(resource, second, signal);
    const { status } = await toys.stored('fields');
    expect(status).not.toHaveProperty('externalId');
    expect(status).toHaveProperty('items', [{ n: 2 }]);
  });

  it('does not conflict with an edit that happened meanwhile, and does not undo it', async () => {
    const resource = await toys.created('edited');
    await toys.apply('edited', { size: 7 });
    await toys.kubernetes.store.saveStatus(resource, change({ externalId: 'x' }), signal);
    const now = await toys.stored('edited');
    expect([now.spec.size, now.status?.externalId, now.status?.observedGeneration]).toEqual([
      7,
      'x',
      1,
    ]);
  });

  it('of an object that is gone, or another of the same name, is not written', async () => {
    const resource = await toys.created('twice');
    await toys.kubectl('delete', 'toy', 'twice');
    expect(await toys.kubernetes.store.saveStatus(resource, change({}), signal)).toBe(undefined);
    await toys.apply('twice', { size: 1 });
    expect(await toys.kubernetes.store.saveStatus(resource, change({}), signal)).toBe(undefined);
    expect((await toys.stored('twice')).status).toEqual({ observedGeneration: -1 });
  });

  it('that the CRD does not know is noticed', async () => {
    const resource = await toys.created('unknown');
    await toys.kubernetes.store.saveStatus(resource, change({ surprise: 1 }), signal);
    const warning = toys.log.lines.find((line) => line.message.includes('dropped fields'));
    expect(warning?.fields).toMatchObject({ kind: 'Toy', fields: ['surprise'] });
  });
});

describe('the finalizer', () => {
  it('is added to those of others and removed from among them', async () => {
    const others = ['example.com/one', 'example.com/two'];
    const resource = await toys.created('finalized', { size: 1 }, { finalizers: others });
    const claimed = await toys.kubernetes.store.addFinalizer(resource, signal);
    expect(claimed.metadata.finalizers).toEqual([...others, finalizer]);
    expect(await toys.kubernetes.store.addFinalizer(resource, signal)).toEqual(claimed);
    await toys.kubernetes.store.removeFinalizer(claimed, signal);
    const now = await toys.stored('finalized');
    expect(now.metadata.finalizers).toEqual(others);
    expect(now.metadata.generation).toBe(1);
  });

  it('survives that others change the list behind a cache that stands still', async () => {
    const cache = new ObjectCache();
    cache.sink('Toy', undefined).replace([await toys.created('raced')], '1');
    const transport = new KubeTransport(await loadEndpoint(toys.plane.kubeconfig), {
      clock: systemClock,
      metrics: toys.metrics,
    });
    const kinds = new Map([['Toy', toyInfo]]);
    const { log } = toys;
    const store = createStore({ transport, cache, kinds, clock: systemClock, log });
    const stale = store.get(toyKey('raced')) as Resource;
    const others = async (...names: string[]) => {
      const patch = JSON.stringify({ metadata: { finalizers: names } });
      await toys.kubectl('patch', 'toy', 'raced', '--type=merge', '-p', patch);
    };
    await others('example.com/x');
    const claimed = await store.addFinalizer(stale, signal);
    expect(claimed.metadata.finalizers).toEqual(['example.com/x', finalizer]);
    await others('example.com/y', finalizer, 'example.com/z');
    await others(finalizer, 'example.com/z');
    await store.removeFinalizer(stale, signal);
    expect((await toys.stored('raced')).metadata.finalizers).toEqual(['example.com/z']);
    await transport.close();
  });

  it('is not forced onto an object that is going, and its removal lets it go', async () => {
    const resource = await toys.created('going');
    const claimed = await toys.kubernetes.store.addFinalizer(resource, signal);
    await toys.kubectl('delete', 'toy', 'going', '--wait=false');
    await toys.kubernetes.store.removeFinalizer(claimed, signal);
    await vi.waitFor(
      () => expect(toys.kubernetes.store.get(toyKey('going'))).toBe(undefined),
      within,
    );
    await expect(toys.kubernetes.store.addFinalizer(resource, signal)).rejects.toMatchObject({
      reason: 'Deleted',
    });
    await toys.kubernetes.store.removeFinalizer(claimed, signal);
  });
});

describe('the transport', () => {
  it('acts as whom the kubeconfig names', async () => {
    const endpoint = await loadEndpoint(toys.plane.kubeconfig);
    const credentials = async () => {
      const { headers, tls } = await endpoint.credentials();
      const acting = { 'Impersonate-User': 'ops', 'Impersonate-Group': ['a', 'b'] };
      return { headers: { ...headers, ...acting }, tls };
    };
    const transport = new KubeTransport(
      { ...endpoint, credentials },
      { clock: systemClock, metrics: toys.metrics },
    );
    const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
    const { status } = await transport.request<{ status: { userInfo: object } }>('POST', path, {
      body,
    });
    expect(status.userInfo).toMatchObject({
      username: 'ops',
      groups: ['a', 'b', 'system:authenticated'],
    });
    await transport.close();
  });
});

/**
 * What a watch must survive: every connection cut again and again, and the API server and its etcd killed (SIGKILL) and
 * brought back, while objects come, change and go. Nothing is missed, nothing is done twice.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadEndpoint } from '../../operator/kube/endpoint.ts';
import type { Kubernetes } from '../../operator/kube/kubernetes.ts';
import { type ApiClient, KubeTransport, type Query } from '../../operator/kube/transport.ts';
import { systemClock } from '../../operator/runtime/clock.ts';
import { createManager } from '../../operator/runtime/manager.ts';
import type { Metrics } from '../../operator/runtime/metrics.ts';
import { samplesOf, sum } from '../bench/metrics.ts';
import { until } from '../control-plane/processes.ts';
import { isReady } from '../demo/objects.ts';
import type { SeededRandom } from '../simulator/random.ts';
import { expectAllReady, expectDrained } from '../testing/after-faults.ts';
import { RecordedAudit } from '../testing/engine.ts';
import { testMetrics } from '../testing/metrics.ts';
import { chosen, seededRandom } from '../testing/seed.ts';
import { ToyWorld, toyKind } from '../testing/toy.ts';
import { ToyCluster } from '../testing/toy-cluster.ts';
import { ToyWriter } from '../testing/toy-writer.ts';

let toys: ToyCluster;

beforeAll(async () => {
  toys = await ToyCluster.start();
}, 600_000);

afterAll(async () => {
  await toys?.stop();
}, 60_000);

/** A Kubernetes side that sees one namespace only, and what it was told. */
async function watching(namespace: string) {
  await toys.kubectl('create', 'namespace', namespace);
  const metrics = testMetrics();
  const { transport, lists } = await countingTransport(metrics);
  const own = await toys.another({ watchNamespaces: [namespace], metrics, transport });
  const told = { versions: new Set<string>(), gone: new Set<string>() };
  own.subscribe(({ old, new: now }) => {
    if (now === undefined) told.gone.add(old?.metadata.name ?? '');
    else told.versions.add(now.metadata.resourceVersion);
  });
  own.start();
  await own.synced;
  return { own, metrics, told, lists };
}

/** Through the proxy, and counts the requests for all toys there are: pages, and streams that begin with a list. */
async function countingTransport(metrics: Metrics) {
  const { kubeconfig } = toys.options;
  const endpoint = typeof kubeconfig === 'object' ? kubeconfig : await loadEndpoint(kubeconfig);
  const real = new KubeTransport(endpoint, { clock: systemClock, metrics });
  let count = 0;
  const isList = (path: string, query: Query = {}): boolean =>
    path.endsWith('/toys') && query['resourceVersion'] === undefined;
  const transport: ApiClient = {
    request: (method, path, options) => {
      if (method === 'GET' && isList(path, options?.query)) count += 1;
      return real.request(method, path, options);
    },
    stream: (path, options) => {
      if (isList(path, options.query)) count += 1;
      return real.stream(path, options);
    },
    close: () => real.close(),
  };
  return { transport, lists: () => count };
}

function cached({ cluster }: Kubernetes): ReadonlyMap<string, string> {
  return new Map(cluster.list('Toy').map((r) => [r.metadata.name, r.metadata.resourceVersion]));
}

async function settled(own: Kubernetes, writer: ToyWriter): Promise<void> {
  await until(
    'the cache to equal what the API server holds',
    async () => {
      const [here, there] = [cached(own), await writer.stored()];
      return here.size === there.size && [...there].every(([name, v]) => here.get(name) === v);
    },
    { timeoutMs: 60_000, everyMs: 200 },
  );
}

async function total(metrics: Metrics, name: string, labels: RegExp): Promise<number> {
  return sum(samplesOf(await metrics.registry.metrics()), name, labels);
}

const cuts = 60;

/** One toy comes, one changes and sometimes one goes, none of them twice in one round. */
async function editOnce(writer: ToyWriter, names: string[], random: SeededRandom, round: number) {
  const created = `cut-${String(round)}`;
  await writer.create(created, 1);
  names.push(created);
  await writer.resize(names[chosen(random, names.length)] ?? created, round + 2);
  if (chosen(random, 3) > 0) return undefined;
  const [gone = created] = names.splice(chosen(random, names.length), 1);
  await writer.delete(gone);
  return gone;
}

describe('every connection is cut', () => {
  it('60 times within a minute: each change is seen, and nothing is listed again', async () => {
    const random = seededRandom('cuts', 4);
    const { own, metrics, told, lists } = await watching('cuts');
    const writer = await ToyWriter.in('cuts', toys.plane);
    const listsBefore = lists();
    const deleted: string[] = [];
    const names: string[] = [];
    const startedMs = performance.now();
    for (let round = 0; round < cuts; round++) {
      const gone = await editOnce(writer, names, random, round);
      if (gone !== undefined) deleted.push(gone);
      // Two of three cuts hit a watch that is at work, the third whatever there is: also one that is being set up.
      const last = chosen(random, 3) > 0 ? writer.versions.at(-1) : undefined;
      const isAtWork = () => last === undefined || told.versions.has(last);
      await until('a watch to cut', () => isAtWork() && toys.proxy.sockets > 0, { everyMs: 5 });
      toys.proxy.cut();
    }
    expect(performance.now() - startedMs).toBeLessThan(60_000);
    await settled(own, writer);
    expect(toys.proxy.cuts).toBe(cuts);
    expect(writer.versions.filter((version) => !told.versions.has(version))).toEqual([]);
    expect(deleted.length).toBeGreaterThan(0);
    expect([...told.gone].sort()).toEqual(deleted.sort());
    expect(lists()).toBe(listsBefore);
    // A watch that could not even connect counts too, as `watch`; it goes on where it stopped.
    expect(await total(metrics, 'm365_watch_restarts_total', /cause="(?!watch")/)).toBe(0);
    expect([own.healthy(), own.ready()]).toEqual([true, true]);
    await writer.close();
    await own.stop();
  }, 120_000);
});

const creations = 1_000;
const writers = 8;

/** Creates them all, several at a time; calls back when the n-th is there. */
async function createAll(writer: ToyWriter, onCreated: (count: number) => void): Promise<void> {
  let next = 0;
  let count = 0;
  const work = async (): Promise<void> => {
    while (next < creations) {
      const name = `toy-${String(next)}`;
      next += 1;
      await writer.create(name, 1);
      count += 1;
      onCreated(count);
    }
  };
  await Promise.all(Array.from({ length: writers }, work));
}

function engineOn(own: Kubernetes, world: ToyWorld, metrics: Metrics) {
  return createManager({
    kinds: [toyKind(world, { isRecoverable: true })],
    store: own.store,
    subscribe: own.subscribe,
    referencing: own.referencing,
    events: own.events,
    audit: new RecordedAudit(),
    clock: systemClock,
    log: toys.log,
    metrics,
    mayWrite: () => true,
  });
}

describe.each(['apiServer', 'etcd'] as const)('%s is killed', (victim) => {
  it(`during ${String(creations)} creations: all converge, one thing each`, async () => {
    const namespace = `kill-${victim.toLowerCase()}`;
    const atCreation = 200 + chosen(seededRandom(namespace, 4), 600);
    const { own, metrics } = await watching(namespace);
    const writer = await ToyWriter.in(namespace, toys.plane);
    const world = new ToyWorld();
    const manager = engineOn(own, world, metrics);
    manager.start();
    let isBack: Promise<void> | undefined;
    await createAll(writer, (count) => {
      if (count === atCreation) isBack = killAndRestart(victim, writer);
    });
    await isBack;
    await until(
      'every toy to be Ready',
      () => own.cluster.list('Toy').filter(isReady).length === creations,
      {
        timeoutMs: 120_000,
        everyMs: 200,
      },
    );
    await settled(own, writer);
    expect(world.calls).toHaveLength(creations);
    expect(world.things.size).toBe(creations);
    expectAllReady(own.cluster.list('Toy'));
    await expectDrained(metrics);
    await manager.stop();
    await writer.close();
    await own.stop();
  }, 420_000);
});

/** It stays away until a write has found nobody: a short absence of etcd is hidden by the API server. */
async function killAndRestart(victim: 'apiServer' | 'etcd', writer: ToyWriter): Promise<void> {
  await toys.plane[victim].kill();
  // The API server holds a write for as long as a minute in the hope that etcd comes back.
  await until('a write to fail', () => writer.outages > 0, { timeoutMs: 90_000 });
  toys.plane[victim].startAgain();
  await toys.plane.ready();
}

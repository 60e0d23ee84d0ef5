/** The chart's roles on a real API server: enough for what the operator does, and for nothing else. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { kinds } from '../../operator/api/index.ts';
import { condition, ready } from '../../operator/core/conditions.ts';
import { finalizer } from '../../operator/core/plan.ts';
import { objectKey } from '../../operator/core/resource.ts';
import { createKubernetes, type Kubernetes } from '../../operator/kube/kubernetes.ts';
import { systemClock } from '../../operator/runtime/clock.ts';
import { type ControlPlane, startControlPlane } from '../control-plane/index.ts';
import { until } from '../control-plane/processes.ts';
import { helmBinary } from '../helm/index.ts';
import { chart, helm, type Manifest } from '../helm/rendered.ts';
import { RecordedLog } from '../testing/engine.ts';
import { metricValue, testMetrics } from '../testing/metrics.ts';

const group = 'm365-operator.io';
const signal = new AbortController().signal;
let api: ControlPlane;

async function install(release: string, namespace: string, values: object): Promise<void> {
  const where = ['--kubeconfig', api.kubeconfig, '--namespace', namespace, '--create-namespace'];
  await helm(['install', release, chart, ...where, '--values', '-'], stringify(values));
}

beforeAll(async () => {
  await helmBinary((line) => console.log(line));
  api = await startControlPlane();
  for (const name of ['provider', 'contoso', 'elsewhere']) {
    await api.kubectl(['create', 'namespace', name]);
  }
  await install('m365-operator', 'ops', { secretNamespaces: ['provider', 'contoso'] });
  await install('shard-a', 'shards', {
    fullnameOverride: 'shard-a',
    watchNamespaces: ['contoso', 'provider'],
    secretsClusterWide: true,
  });
  await api.kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
}, 600_000);

afterAll(async () => {
  await api.stop();
}, 60_000);

type Question = readonly [verb: string, resource: string, namespace: string];

async function may(user: string, [verb, resource, namespace]: Question): Promise<boolean> {
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: { user, resourceAttributes: { verb, namespace, ...attributesOf(resource) } },
  };
  const reviews = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
  const answer: { readonly status?: unknown } = await api.client.create(reviews, review);
  return (answer.status as { readonly allowed: boolean }).allowed;
}

/** `deployments.apps`, `m365users.m365-operator.io/status`, `secrets` */
function attributesOf(name: string): object {
  const [resource = '', rest = ''] = name.split(/\.(.*)/);
  const [apiGroup = '', subresource = ''] = rest.split('/');
  return { resource, group: apiGroup, subresource };
}

const account = 'system:serviceaccount:ops:m365-operator';
const own = kinds.map(({ plural }) => `${plural}.${group}`);

describe('the operator may do what it must', () => {
  it.each<Question>([
    ...own.flatMap((resource): Question[] => [
      ['list', resource, ''],
      ['watch', resource, ''],
      ['get', resource, 'elsewhere'],
      ['patch', resource, 'elsewhere'],
      ['patch', `${resource}/status`, 'elsewhere'],
    ]),
    ['list', 'namespaces', ''],
    ['watch', 'namespaces', ''],
    ['create', 'events.events.k8s.io', 'elsewhere'],
    ['patch', 'events.events.k8s.io', 'elsewhere'],
    ['get', 'leases.coordination.k8s.io', 'ops'],
    ['create', 'leases.coordination.k8s.io', 'ops'],
    ['update', 'leases.coordination.k8s.io', 'ops'],
    ['get', 'secrets', 'provider'],
    ['watch', 'secrets', 'provider'],
    ['create', 'secrets', 'contoso'],
    ['patch', 'secrets', 'provider'],
  ])('%s %s %s', async (...question) => {
    expect(await may(account, question)).toBe(true);
  });
});

describe('the operator may do nothing else', () => {
  it.each<Question>([
    ...own.flatMap((resource): Question[] => [
      ['create', resource, 'contoso'],
      ['update', resource, 'contoso'],
      ['delete', resource, 'contoso'],
      ['deletecollection', resource, 'contoso'],
      ['update', `${resource}/status`, 'contoso'],
    ]),
    ['list', 'secrets', 'provider'],
    ['watch', 'secrets', 'elsewhere'],
    ['delete', 'secrets', 'provider'],
    ['update', 'secrets', 'provider'],
    ['get', 'secrets', 'elsewhere'],
    ['get', 'secrets', 'ops'],
    ['list', 'secrets', ''],
    ['patch', 'namespaces', ''],
    ['create', 'namespaces', ''],
    ['get', 'leases.coordination.k8s.io', 'elsewhere'],
    ['delete', 'leases.coordination.k8s.io', 'ops'],
    ['list', 'pods', 'ops'],
    ['get', 'configmaps', 'ops'],
    ['create', 'pods.', 'contoso'],
    ['list', 'events.events.k8s.io', 'contoso'],
    ['create', 'serviceaccounts./token', 'ops'],
    ['impersonate', 'users', ''],
    ['bind', 'clusterroles.rbac.authorization.k8s.io', ''],
    ['escalate', 'clusterroles.rbac.authorization.k8s.io', ''],
    ['create', 'rolebindings.rbac.authorization.k8s.io', 'contoso'],
    ['get', 'customresourcedefinitions.apiextensions.k8s.io', ''],
    ['get', 'validatingwebhookconfigurations.admissionregistration.k8s.io', ''],
  ])('not %s %s %s', async (...question) => {
    expect(await may(account, question)).toBe(false);
  });
});

describe('with watchNamespaces', () => {
  const shard = 'system:serviceaccount:shards:shard-a';

  it('the rights end with the list', async () => {
    expect(await may(shard, ['patch', `m365users.${group}`, 'contoso'])).toBe(true);
    expect(await may(shard, ['create', 'events.events.k8s.io', 'contoso'])).toBe(true);
    expect(await may(shard, ['get', `m365users.${group}`, 'elsewhere'])).toBe(false);
    expect(await may(shard, ['list', `m365users.${group}`, ''])).toBe(false);
    expect(await may(shard, ['list', 'namespaces', ''])).toBe(true);
  });

  it('secretsClusterWide reaches everywhere by name, and lists nowhere', async () => {
    expect(await may(shard, ['get', 'secrets', 'elsewhere'])).toBe(true);
    expect(await may(shard, ['list', 'secrets', 'elsewhere'])).toBe(false);
  });
});

describe('people', () => {
  const roles = {
    'connection-editor': 'partnerconnections',
    'tenant-editor': 'm365tenants',
    'pool-editor': 'licensepools',
    'user-editor': 'm365users',
  };

  it('hold an editor role for each kind only where it is bound', async () => {
    expect(Object.values(roles).sort()).toEqual(kinds.map(({ plural }) => plural).sort());
    for (const [role, plural] of Object.entries(roles)) {
      const binding = ['create', 'rolebinding', role, '--namespace', 'contoso'];
      const name = `ops:m365-operator:${role}`;
      await api.kubectl([...binding, `--clusterrole=${name}`, `--user=${role}`]);
      await until(`the binding of ${role}`, () =>
        may(role, ['create', `${plural}.${group}`, 'contoso']),
      );
      expect(await may(role, ['create', `${plural}.${group}`, 'elsewhere'])).toBe(false);
      const others = own.filter((resource) => resource !== `${plural}.${group}`);
      for (const other of others) expect(await may(role, ['get', other, 'contoso'])).toBe(false);
      expect(await may(role, ['patch', `${plural}.${group}/status`, 'contoso'])).toBe(false);
    }
  });

  it('who may view see our kinds through a role that Kubernetes aggregates', async () => {
    const label = '--selector=rbac.authorization.k8s.io/aggregate-to-view=true';
    const json = await api.kubectl(['get', 'clusterrole', label, '--output=json']);
    const { items } = JSON.parse(json) as { items: readonly Manifest[] };
    const ours = items.find(({ metadata }) => metadata.name === 'ops:m365-operator:view');
    expect(ours?.['rules']).toEqual([
      {
        apiGroups: [group],
        resources: kinds.map(({ plural }) => plural),
        verbs: ['get', 'list', 'watch'],
      },
    ]);
  });
});

/** The service account's token, as the pod has it. */
async function kubeconfigOf(name: string): Promise<string> {
  const token = (await api.kubectl(['create', 'token', name, '--namespace', 'ops'])).trim();
  const cluster = { server: api.url, 'insecure-skip-tls-verify': true };
  const file = join(api.kubeconfig, '..', 'service-account.yaml');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'here', cluster }],
    users: [{ name: 'operator', user: { token } }],
    contexts: [{ name: 'here', context: { cluster: 'here', user: 'operator' } }],
    'current-context': 'here',
  };
  await writeFile(file, stringify(config), { mode: 0o600 });
  return file;
}

describe('the operator with the rights of the chart', () => {
  let kubernetes: Kubernetes;
  const metrics = testMetrics();
  const log = new RecordedLog();

  beforeAll(async () => {
    kubernetes = await createKubernetes({
      kubeconfig: await kubeconfigOf('m365-operator'),
      kinds: kinds.map(({ kind, plural }) => ({ group, version: 'v1alpha1', kind, plural })),
      identity: 'one',
      lease: { namespace: 'ops', name: 'm365-operator' },
      clock: systemClock,
      log,
      metrics,
    });
    kubernetes.start();
    await kubernetes.synced;
  }, 60_000);

  afterAll(async () => {
    await kubernetes.stop();
  });

  it('leads, and writes finalizer, status, events and Secrets', async () => {
    await kubernetes.lease.acquire(signal);
    const manifest = {
      apiVersion: `${group}/v1alpha1`,
      kind: 'LicensePool',
      metadata: { name: 'rights', namespace: 'contoso' },
      spec: {
        tenantRef: { name: 'contoso' },
        offer: 'business-premium',
        seats: { max: 1 },
        endOfTerm: 'Renew',
      },
    };
    await api.kubectl(['apply', '--filename', '-'], JSON.stringify(manifest));
    const key = objectKey('LicensePool', 'contoso', 'rights');
    await until('the pool in the cache', () => kubernetes.store.get(key) !== undefined);
    const pool = kubernetes.store.get(key)!;
    const claimed = await kubernetes.store.addFinalizer(pool, signal);
    expect(claimed.metadata.finalizers).toContain(finalizer);
    const conditions = [ready('Ready', 'fine'), condition('Synced', 'True', 'Synced', 'fine')];
    const change = { fields: {}, conditions, observedGeneration: 1 };
    const saved = await kubernetes.store.saveStatus(claimed, change, signal);
    expect(saved?.status).toMatchObject({ observedGeneration: 1 });
    const event = { type: 'Normal', reason: 'Tried', action: 'Try', note: 'rights' } as const;
    kubernetes.events.record(claimed, event);
    kubernetes.events.record(claimed, event);
    await until('the event', async () => {
      const events = ['get', 'events.events.k8s.io', '--namespace', 'contoso'];
      return (await api.kubectl([...events, '--output=jsonpath={..series.count}'])) === '2';
    });
    expect(await metricValue(metrics, 'm365_events_dropped_total')).toBe(0);
    const secret = { namespace: 'contoso', name: 'rights', type: 'Opaque', tenant: 'contoso' };
    const owned = { ...secret, data: { password: 'a' }, owner: saved };
    await kubernetes.cluster.ensureSecret(owned, signal);
    await kubernetes.cluster.patchSecret('contoso', 'rights', { password: 'b' }, signal);
    const data = await kubernetes.cluster.readSecret('contoso', 'rights', signal);
    expect(Buffer.from(data?.['password'] ?? []).toString()).toBe('b');
    await kubernetes.store.removeFinalizer(claimed, signal);
    expect(kubernetes.cluster.namespaceLabels('contoso')).toBeDefined();
    expect(log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('is told what lacks where it may not read a Secret', async () => {
    const reading = kubernetes.cluster.readSecret('elsewhere', 'any', signal);
    await expect(reading).rejects.toThrow(/do not allow reading a Secret/);
  });
});

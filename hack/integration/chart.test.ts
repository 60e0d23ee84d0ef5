/** The chart on a real API server: it installs and upgrades, each option is taken, wrong values are refused. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { readConfig } from '../../operator/config.ts';
import { type ControlPlane, startControlPlane } from '../control-plane/index.ts';
import { helmBinary } from '../helm/index.ts';
import { chart, helm, type Manifest, render } from '../helm/rendered.ts';

let api: ControlPlane;

const installed = ['--namespace', 'ops', '--values', '-'];
const installedValues = stringify({ secretNamespaces: ['provider', 'contoso'] });

/** Each option that adds something, on. */
const everything = {
  replicas: 3,
  image: { repository: 'registry.example/m365-operator', digest: `sha256:${'a'.repeat(64)}` },
  imagePullSecrets: [{ name: 'registry' }],
  fullnameOverride: 'shard-a',
  watchNamespaces: ['contoso', 'provider'],
  secretsClusterWide: true,
  shardSelector: 'm365-operator.io/shard=a',
  shardCount: 3,
  pollSeconds: 30,
  resyncHours: 4,
  paused: true,
  logLevel: 'debug',
  auditLog: { existingClaim: 'audit' },
  endpoints: {
    login: 'https://login.example',
    graph: 'https://graph.example',
    partnerCenter: 'https://partner.example',
  },
  extraCACerts: { configMap: 'company-ca', key: 'root.pem' },
  workloadIdentity: {
    enabled: true,
    clientId: '7b0f8a52-5b1c-4d0a-8f0e-2a4c6d8e0f11',
    tenantId: '5f1d3c2b-8a7e-4c6d-9b0f-1e2d3c4b5a69',
  },
  serviceAccount: { name: 'shard-a', annotations: { 'example.com/team': 'cloud' } },
  ports: { metrics: 9090, health: 9091 },
  // Alerts and the monitor need kinds of the Prometheus operator: chart-monitoring.test.ts.
  metrics: {
    service: { annotations: { 'prometheus.io/scrape': 'true' } },
    dashboards: { enabled: true },
  },
  podAnnotations: { 'example.com/a': 'b' },
  podLabels: { 'example.com/c': 'd' },
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  tolerations: [{ key: 'cloud', operator: 'Exists' }],
  affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: 'topology.kubernetes.io/zone',
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: { 'app.kubernetes.io/name': 'm365-operator' } },
    },
  ],
  priorityClassName: 'system-cluster-critical',
  podDisruptionBudget: { enabled: true },
  networkPolicy: {
    enabled: true,
    metricsFrom: [{ namespaceSelector: { matchLabels: { 'example.com/monitoring': 'true' } } }],
  },
};

beforeAll(async () => {
  await helmBinary((line) => console.log(line));
  api = await startControlPlane();
  for (const name of ['ops', 'shards', 'provider', 'contoso', 'restricted']) {
    await api.kubectl(['create', 'namespace', name]);
  }
  const connection = ['--kubeconfig', api.kubeconfig];
  await helm(['install', 'm365-operator', chart, ...connection, ...installed], installedValues);
  await api.kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
}, 600_000);

afterAll(async () => {
  await api.stop();
}, 60_000);

interface PodSpec {
  readonly containers: readonly {
    readonly env: readonly { readonly name: string; readonly value?: string }[];
    readonly securityContext: object;
  }[];
}

interface Deployment extends Manifest {
  readonly spec: { readonly template: { readonly metadata: object; readonly spec: PodSpec } };
}

function deploymentOf(manifests: readonly Manifest[]): Deployment {
  const found = manifests.find(({ kind }) => kind === 'Deployment');
  if (found === undefined) throw new Error('no Deployment');
  return found as Deployment;
}

function environmentOf(manifests: readonly Manifest[]): Record<string, string | undefined> {
  const [container] = deploymentOf(manifests).spec.template.spec.containers;
  return Object.fromEntries((container?.env ?? []).map(({ name, value }) => [name, value]));
}

describe('the chart', () => {
  it('is found by helm as a release, and upgrades to itself', async () => {
    const connection = ['--kubeconfig', api.kubeconfig];
    const args = ['upgrade', 'm365-operator', chart, ...connection, ...installed];
    expect(await helm(args, installedValues)).toContain('STATUS: deployed');
    expect(await api.kubectl(['get', 'deployment', '--namespace', 'ops'])).toContain('0/2');
  });

  it('has nothing that helm lint warns of', async () => {
    expect(await helm(['lint', '--strict', chart])).toContain('0 chart(s) failed');
  });

  it.each([
    ['defaults', 'other', {}],
    ['every option on', 'a', everything],
  ])('renders with %s what the API server takes', async (_, release, values) => {
    const manifests = await render(release, 'shards', values);
    const yaml = manifests.map((manifest) => JSON.stringify(manifest)).join('\n---\n');
    const said = await api.kubectl(['apply', '--server-side', '--filename', '-'], yaml);
    expect(said.trim().split('\n')).toHaveLength(manifests.length);
  });

  it('adds nothing of the options that are off', async () => {
    const names = (await render('x', 'shards', {})).map(({ kind }) => kind);
    expect(names).not.toContain('NetworkPolicy');
    expect(names).not.toContain('PodDisruptionBudget');
    const few = { rbac: { create: false, aggregateView: false, editorRoles: false } };
    const without = {
      ...few,
      metrics: { service: { enabled: false } },
      admission: { finalizer: false, approver: false },
    };
    const left = (await render('x', 'shards', without)).map(({ kind }) => kind);
    expect(left.sort((a, b) => a.localeCompare(b))).toEqual(['Deployment', 'ServiceAccount']);
  });

  it('has no admission policy for a shard, and one for the watched namespaces only', async () => {
    const policies = async (values: object) =>
      (await render('x', 'shards', values)).filter(({ kind }) =>
        kind.startsWith('MutatingAdmission'),
      );
    const ofShard = await policies({ shardSelector: 'a=b' });
    expect(ofShard.filter(({ metadata }) => metadata.name.endsWith('finalizer'))).toEqual([]);
    const [policy] = await policies({ watchNamespaces: ['contoso'] });
    expect(JSON.stringify(policy)).toContain('"values":["contoso"]');
  });

  it('gives the operator an environment that it understands: defaults', async () => {
    const config = readConfig(environmentOf(await render('x', 'shards', {})));
    expect(config).toMatchObject({
      watchNamespaces: undefined,
      shardSelector: undefined,
      metricsAddress: ':8080',
      healthAddress: ':8081',
      pollMs: 60_000,
      resyncMs: 36_000_000,
      isPaused: false,
      logLevel: 'info',
      auditLog: undefined,
      overrides: {},
    });
  });

  it('gives the operator an environment that it understands: everything', async () => {
    const environment = environmentOf(await render('x', 'shards', everything));
    expect(environment['NODE_EXTRA_CA_CERTS']).toBe('/etc/m365-operator/ca/root.pem');
    expect(readConfig(environment)).toMatchObject({
      watchNamespaces: ['contoso', 'provider'],
      shardSelector: 'm365-operator.io/shard=a',
      shardCount: 3,
      metricsAddress: ':9090',
      healthAddress: ':9091',
      pollMs: 30_000,
      resyncMs: 14_400_000,
      isPaused: true,
      logLevel: 'debug',
      auditLog: '/var/log/m365-operator/$(POD_NAME).ndjson',
      overrides: {
        login: 'https://login.example',
        graph: 'https://graph.example',
        partnerCenter: 'https://partner.example',
      },
    });
  });
});

function podOf({ spec }: Deployment, change: object = {}): string {
  const { metadata, spec: pod } = spec.template;
  const named = { ...metadata, name: 'operator' };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: named,
    spec: { ...pod, ...change },
  });
}

describe('Pod Security "restricted"', () => {
  const dryRun = ['create', '--namespace', 'restricted', '--dry-run=server', '--filename', '-'];

  beforeAll(async () => {
    const label = 'pod-security.kubernetes.io/enforce=restricted';
    await api.kubectl(['label', 'namespace', 'restricted', label]);
  });

  it.each([
    ['defaults', {}],
    ['every option on', everything],
  ])('takes the pod with %s', async (_, values) => {
    const deployment = deploymentOf(await render('x', 'restricted', values));
    expect(await api.kubectl(dryRun, podOf(deployment))).toContain('created');
  });

  it('would not take one that may be root', async () => {
    const deployment = deploymentOf(await render('x', 'restricted', {}));
    const root = podOf(deployment, { securityContext: {} });
    await expect(api.kubectl(dryRun, root)).rejects.toThrow(/runAsNonRoot/);
  });
});

describe('values that are wrong are refused', () => {
  it.each<readonly [says: string, values: object]>([
    ["additional properties 'watchNamespace' not allowed", { watchNamespace: ['a'] }],
    ["additional properties 'secrets' not allowed", { rbac: { secrets: true } }],
    ["at '/watchNamespaces': got string, want array", { watchNamespaces: 'contoso' }],
    ["at '/secretNamespaces/0'", { secretNamespaces: ['Contoso'] }],
    ["at '/logLevel': value must be one of", { logLevel: 'verbose' }],
    ["at '/pollSeconds': minimum: got 0, want 1", { pollSeconds: 0 }],
    ["at '/resyncHours': maximum: got 200, want 168", { resyncHours: 200 }],
    ["at '/replicas': got string, want integer", { replicas: '2' }],
    ["at '/endpoints/graph'", { endpoints: { graph: 'http://graph.example' } }],
    ["at '/workloadIdentity/clientId'", { workloadIdentity: { enabled: true } }],
    ["at '/image/digest'", { image: { digest: 'sha256:abc' } }],
    ["at '/ports/metrics': minimum", { ports: { metrics: 80 } }],
    [
      "at '/metrics/serviceMonitor/interval'",
      { metrics: { serviceMonitor: { interval: 'often' } } },
    ],
    ['serviceAccount.name is required', { serviceAccount: { create: false } }],
  ])('%s', async (says, values) => {
    await expect(render('x', 'ops', values)).rejects.toThrow(says);
  });
});

describe('the admission policy', () => {
  const userOf = (displayName: string) =>
    JSON.stringify({
      apiVersion: 'm365-operator.io/v1alpha1',
      kind: 'M365User',
      metadata: { name: 'ella', namespace: 'contoso', finalizers: ['example.com/other'] },
      spec: {
        tenantRef: { name: 'contoso' },
        userPrincipalName: 'ella@contoso.example',
        displayName,
        usageLocation: 'DE',
      },
    });
  const user = async (path: string): Promise<string> =>
    api.kubectl(['get', 'm365user', 'ella', '-n', 'contoso', '-o', `jsonpath={${path}}`]);

  it('puts our finalizer on beside those of others; applying again changes nothing', async () => {
    // A new policy takes effect a few seconds after it is created.
    await expect
      .poll(
        async () => {
          await api.kubectl([
            'delete',
            'm365user',
            'ella',
            '-n',
            'contoso',
            '--ignore-not-found',
            '--wait=false',
          ]);
          await api.kubectl(
            ['apply', '--server-side', '-f', '-'],
            userOf('Ella').replace('"example.com/other"', ''),
          );
          return user('.metadata.finalizers');
        },
        { timeout: 30_000, interval: 500 },
      )
      .toBe('["m365-operator.io/finalizer"]');
    await api.kubectl(['apply', '--server-side', '-f', '-'], userOf('Ella'));
    const finalizers = JSON.parse(await user('.metadata.finalizers')) as string[];
    expect(finalizers.sort()).toEqual(['example.com/other', 'm365-operator.io/finalizer']);
    const before = await user('.metadata.resourceVersion');
    await api.kubectl(['apply', '--server-side', '-f', '-'], userOf('Ella'));
    expect(await user('.metadata.resourceVersion')).toBe(before);
  });

  it('does not put it back on an object that is going', async () => {
    await api.kubectl(['delete', 'm365user', 'ella', '-n', 'contoso', '--wait=false']);
    const patch = JSON.stringify({ metadata: { finalizers: ['example.com/other'] } });
    await api.kubectl(['patch', 'm365user', 'ella', '-n', 'contoso', '--type=merge', '-p', patch]);
    expect(await user('.metadata.finalizers')).toBe('["example.com/other"]');
    const none = JSON.stringify({ metadata: { finalizers: [] } });
    await api.kubectl(['patch', 'm365user', 'ella', '-n', 'contoso', '--type=merge', '-p', none]);
    await expect(user('.metadata.name')).rejects.toThrow('not found');
  });
});

/** A real API server with a toy CRD, reached through a proxy that can be cut, and the Kubernetes side running on it. */
import { vi } from 'vitest';
import { type ObjectKey, objectKey, type Resource } from '../../operator/core/resource.ts';
import { type Endpoint, loadEndpoint } from '../../operator/kube/endpoint.ts';
import {
  createKubernetes,
  type Kubernetes,
  type KubernetesOptions,
} from '../../operator/kube/kubernetes.ts';
import { systemClock } from '../../operator/runtime/clock.ts';
import type { Metrics } from '../../operator/runtime/metrics.ts';
import { type ControlPlane, startControlPlane } from '../control-plane/index.ts';
import { RecordedLog } from './engine.ts';
import { testMetrics } from './metrics.ts';
import { TcpProxy } from './tcp-proxy.ts';
import type { Toy } from './toy.ts';

const group = 'testing.m365-operator.io';
export const toyInfo = { group, version: 'v1', kind: 'Toy', plural: 'toys' };
/** For `vi.waitFor`: the API server is on this machine, but the machine may be busy. */
export const within = { timeout: 30_000, interval: 20 };

const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `toys.${group}` },
  spec: {
    group,
    scope: 'Namespaced',
    names: { kind: 'Toy', plural: 'toys', singular: 'toy' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: anything,
              status: {
                type: 'object',
                default: { observedGeneration: -1 },
                properties: {
                  observedGeneration: { type: 'integer' },
                  lastHandledReconcileAt: { type: 'string' },
                  externalId: { type: 'string' },
                  creating: { type: 'boolean' },
                  size: { type: 'integer' },
                  applied: { type: 'integer' },
                  items: { type: 'array', items: anything },
                  conditions: { type: 'array', items: anything },
                },
              },
            },
          },
        },
      },
    ],
  },
};

interface StoredToy extends Toy {
  readonly metadata: Toy['metadata'] & {
    readonly managedFields: readonly { manager: string; subresource?: string }[];
  };
}

export function toyKey(name: string, namespace = 'default'): ObjectKey {
  return objectKey('Toy', namespace, name);
}

export function toyManifest(name: string, spec: object, metadata: object = {}): object {
  const named = { name, namespace: 'default', ...metadata };
  return { apiVersion: `${group}/v1`, kind: 'Toy', metadata: named, spec };
}

export class ToyCluster {
  readonly plane: ControlPlane;
  readonly proxy: TcpProxy;
  readonly kubernetes: Kubernetes;
  readonly log: RecordedLog;
  readonly options: KubernetesOptions;

  private constructor(
    parts: Pick<ToyCluster, 'plane' | 'proxy' | 'kubernetes' | 'log' | 'options'>,
  ) {
    this.plane = parts.plane;
    this.proxy = parts.proxy;
    this.kubernetes = parts.kubernetes;
    this.log = parts.log;
    this.options = parts.options;
  }

  /** Caches are filled when it resolves. */
  static async start(): Promise<ToyCluster> {
    const plane = await startControlPlane();
    await plane.kubectl(['apply', '-f', '-'], JSON.stringify(definition));
    await plane.kubectl(['wait', '--for=condition=Established', `crd/toys.${group}`]);
    const proxy = new TcpProxy(Number(new URL(plane.url).port));
    const port = await proxy.start();
    const log = new RecordedLog();
    const options: KubernetesOptions = {
      kubeconfig: await through(plane, port),
      kinds: [toyInfo],
      identity: 'one',
      lease: { namespace: 'default', name: 'm365-operator' },
      clock: systemClock,
      log,
      metrics: testMetrics(),
    };
    const kubernetes = await createKubernetes(options);
    kubernetes.start();
    await kubernetes.synced;
    return new ToyCluster({ plane, proxy, kubernetes, log, options });
  }

  async stop(): Promise<void> {
    await this.kubernetes.stop();
    await this.proxy.stop();
    await this.plane.stop();
  }

  /** Another process on the same cluster. */
  another(more: Partial<KubernetesOptions>): Promise<Kubernetes> {
    return createKubernetes({ ...this.options, ...more });
  }

  get metrics(): Metrics {
    return this.options.metrics;
  }

  kubectl(...args: readonly string[]): Promise<string> {
    return this.plane.kubectl(args);
  }

  async create(...manifests: readonly object[]): Promise<void> {
    const list = { apiVersion: 'v1', kind: 'List', items: manifests };
    await this.plane.kubectl(['create', '-f', '-'], JSON.stringify(list));
  }

  async apply(name: string, spec: object, metadata: object = {}): Promise<void> {
    const manifest = JSON.stringify(toyManifest(name, spec, metadata));
    await this.plane.kubectl(['apply', '-f', '-'], manifest);
  }

  /** Applied, and in the cache. */
  async created(
    name: string,
    spec: object = { size: 1 },
    metadata: object = {},
  ): Promise<Resource> {
    await this.apply(name, spec, metadata);
    return vi.waitFor(() => {
      const resource = this.kubernetes.store.get(toyKey(name));
      if (resource === undefined) throw new Error(`"${name}" is not in the cache`);
      return resource;
    }, within);
  }

  /** As kubectl shows it. */
  async stored(name: string): Promise<StoredToy> {
    const shown = await this.kubectl('get', 'toy', name, '-o', 'json', '--show-managed-fields');
    return JSON.parse(shown) as StoredToy;
  }
}

async function through(plane: ControlPlane, port: number): Promise<Endpoint> {
  const endpoint = await loadEndpoint(plane.kubeconfig);
  const server = new URL(endpoint.server);
  server.port = String(port);
  return { ...endpoint, server: server.href };
}

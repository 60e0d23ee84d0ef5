/**
 * The clusters that are up in this process, and what every object in them must be like at any time. The set-up file of
 * the integration tests asks after each test, so that no test has to think of it.
 */
import type { Resource } from '../../operator/core/resource.ts';
import type { ClusterClient } from '../control-plane/cluster-client.ts';
import { brokenStoredRules } from './expect-status.ts';

const live = new Set<ClusterClient>();

/** Returns how to take it out again, when it stops. */
export function isLive(cluster: ClusterClient): () => void {
  live.add(cluster);
  return () => live.delete(cluster);
}

interface ApiGroups {
  readonly groups: readonly {
    readonly name: string;
    readonly preferredVersion: { readonly groupVersion: string };
  }[];
}

interface ApiResources {
  readonly resources: readonly { readonly name: string }[];
}

/** Broken rules of expect-status.ts, with the object's name before each. Empty: all is well. */
export async function brokenInLiveClusters(): Promise<readonly string[]> {
  const broken: string[] = [];
  for (const cluster of live) {
    for (const resource of await customResources(cluster)) {
      const { namespace, name } = resource.metadata;
      const problems = brokenStoredRules(resource);
      broken.push(...problems.map((p) => `${resource.kind} ${namespace}/${name}: ${p}`));
    }
  }
  return broken;
}

/** Of every group of ours that discovery names, those of tests too. */
async function customResources(cluster: ClusterClient): Promise<readonly Resource[]> {
  const { groups }: ApiGroups = await cluster.transport.request('GET', '/apis');
  const ours = groups.filter(({ name }) => name.endsWith('m365-operator.io'));
  const found: Resource[] = [];
  for (const { preferredVersion } of ours) {
    const path = `/apis/${preferredVersion.groupVersion}`;
    const { resources }: ApiResources = await cluster.transport.request('GET', path);
    const collections = resources.filter(({ name }) => !name.includes('/'));
    for (const { name } of collections)
      found.push(...(await cluster.list<Resource>(`${path}/${name}`)));
  }
  return found;
}

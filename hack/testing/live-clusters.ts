/**
 * The clusters that are up in this process, and what every object in them must be like at any time. The set-up file of
 * the integration tests asks after each test, so that no test has to think of it.
 */
import type { Resource } from '../../operator/core/resource.ts';
import { brokenStoredRules } from './expect-status.ts';

/** What is needed of a control plane. */
interface LiveCluster {
  kubectl(args: readonly string[]): Promise<string>;
}

const live = new Set<LiveCluster>();

/** Returns how to take it out again, when it stops. */
export function isLive(cluster: LiveCluster): () => void {
  live.add(cluster);
  return () => live.delete(cluster);
}

interface Definition {
  readonly metadata: { readonly name: string };
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

async function customResources(cluster: LiveCluster): Promise<readonly Resource[]> {
  const definitions = await list<Definition>(cluster, 'crd');
  const kinds = definitions
    .map(({ metadata }) => metadata.name)
    .filter((name) => name.endsWith('m365-operator.io'));
  return kinds.length === 0 ? [] : list<Resource>(cluster, kinds.join(','));
}

async function list<T>(cluster: LiveCluster, kinds: string): Promise<readonly T[]> {
  const answer = await cluster.kubectl(['get', kinds, '-A', '-o', 'json']);
  return (JSON.parse(answer) as { readonly items: readonly T[] }).items;
}

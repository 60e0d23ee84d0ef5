/** Child of transport.ts: reads one object again and again, over our transport or over client-node as it is shipped. */
import { CustomObjectsApi, KubeConfig } from '@kubernetes/client-node';
import { ClusterClient } from '../control-plane/cluster-client.ts';
import { answer, jobOf } from './child.ts';

export interface ClientJob {
  readonly client: 'ours' | 'shipped';
  readonly kubeconfig: string;
  readonly namespace: string;
  readonly name: string;
  readonly concurrency: number;
  readonly seconds: number;
}

export interface ClientResult {
  readonly requests: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
}

const [group, version, plural] = ['m365-operator.io', 'v1alpha1', 'm365users'];
/** Code is compiled and connections are open before the count begins. */
const warmUpSeconds = 1;

async function readerOf(job: ClientJob): Promise<() => Promise<unknown>> {
  const { kubeconfig, namespace, name } = job;
  if (job.client === 'ours') {
    const { transport } = await ClusterClient.connect(kubeconfig);
    const path = `/apis/${group}/${version}/namespaces/${namespace}/${plural}/${name}`;
    return () => transport.request('GET', path);
  }
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const client = config.makeApiClient(CustomObjectsApi);
  return () => client.getNamespacedCustomObject({ group, version, namespace, plural, name });
}

/** @returns requests that were answered. */
async function readFor(
  read: () => Promise<unknown>,
  concurrency: number,
  seconds: number,
): Promise<number> {
  const endMs = performance.now() + seconds * 1000;
  let requests = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() < endMs) {
      await read();
      requests += 1;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return requests;
}

const job = await jobOf<ClientJob>();
const read = await readerOf(job);
await readFor(read, job.concurrency, warmUpSeconds);
const cpuBefore = process.cpuUsage();
const startedMs = performance.now();
const requests = await readFor(read, job.concurrency, job.seconds);
const wallSeconds = (performance.now() - startedMs) / 1000;
const { user, system } = process.cpuUsage(cpuBefore);
answer({ requests, wallSeconds, cpuSeconds: (user + system) / 1e6 } satisfies ClientResult);

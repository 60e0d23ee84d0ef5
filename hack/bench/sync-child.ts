/** Child of sync.ts: reads all users of a cluster, into our cache or only over the wire. */
import { Agent, request } from 'undici';
import { loadEndpoint } from '../../operator/kube/endpoint.ts';
import { createKubernetes } from '../../operator/kube/kubernetes.ts';
import { systemClock } from '../../operator/runtime/clock.ts';
import { createLog } from '../../operator/runtime/log.ts';
import { createMetrics } from '../../operator/runtime/metrics.ts';
import { api } from '../control-plane/cluster-client.ts';
import { answer, jobOf } from './child.ts';
import { memory } from './process-usage.ts';

export interface SyncJob {
  readonly how: 'ours' | 'raw';
  readonly kubeconfig: string;
}

export interface SyncResult {
  readonly objects: number;
  readonly seconds: number;
  /** Of this process, which shares its cores with the API server. */
  readonly cpuSeconds: number;
  readonly bytes: number;
  readonly peakMegabytes: number;
}

/** As the reflector has it. */
const pageSize = 500;

type Read = Omit<SyncResult, 'peakMegabytes'>;

async function ours(kubeconfig: string): Promise<Read> {
  const kubernetes = await createKubernetes({
    kubeconfig: await loadEndpoint(kubeconfig),
    kinds: [
      { group: 'm365-operator.io', version: 'v1alpha1', kind: 'M365User', plural: 'm365users' },
    ],
    identity: 'bench',
    lease: { namespace: 'default', name: 'bench' },
    clock: systemClock,
    log: createLog('warn'),
    metrics: createMetrics({ processMetrics: false }),
  });
  const spent = startSpending();
  kubernetes.start();
  await kubernetes.synced;
  return { ...spent(), objects: kubernetes.cluster.list('M365User').length, bytes: 0 };
}

async function raw(kubeconfig: string): Promise<Read> {
  const endpoint = await loadEndpoint(kubeconfig);
  const { tls, headers } = await endpoint.credentials();
  // The types of undici ask for lists that can be changed.
  const sent = Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
  const dispatcher = new Agent({ connect: tls });
  // Kept, as a cache keeps them.
  const items: unknown[] = [];
  let bytes = 0;
  let next = '';
  const spent = startSpending();
  do {
    const query = next === '' ? '' : `&continue=${encodeURIComponent(next)}`;
    const url = `${endpoint.server}${api}/m365users?limit=${pageSize}${query}`;
    const response = await request(url, { headers: Object.fromEntries(sent), dispatcher });
    const text = await response.body.text();
    bytes += text.length;
    const page = JSON.parse(text) as { items: unknown[]; metadata: { continue?: string } };
    items.push(...page.items);
    next = page.metadata.continue ?? '';
  } while (next !== '');
  return { ...spent(), objects: items.length, bytes };
}

/** What has been spent since, each time it is called. */
function startSpending(): () => Pick<SyncResult, 'seconds' | 'cpuSeconds'> {
  const startedMs = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    const seconds = (performance.now() - startedMs) / 1000;
    return { seconds, cpuSeconds: (user + system) / 1e6 };
  };
}

const { how, kubeconfig } = await jobOf<SyncJob>();
const result = how === 'ours' ? await ours(kubeconfig) : await raw(kubeconfig);
const { peakMegabytes } = await memory(process.pid);
answer({ ...result, peakMegabytes } satisfies SyncResult);

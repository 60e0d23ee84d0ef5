/**
 * Our transport beside @kubernetes/client-node as shipped: how many requests a second, and what CPU each costs. Every
 * client and the bare server are processes of their own, so that their CPU is their own.
 */
import { rm, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { api } from '../control-plane/cluster-client.ts';
import { issueServerCertificate } from '../simulator/certificates.ts';
import { startBareCluster } from './bare-cluster.ts';
import { startChild } from './child.ts';
import { userManifest } from './manifests.ts';
import { atLeast, atMost, type Row } from './row.ts';
import type { ClientJob, ClientResult } from './transport-client.ts';
import type { ServerJob, ServerReady } from './transport-server.ts';

type Progress = (line: string) => void;

const concurrency = 16;
const seconds = 5;
const target = { namespace: 'default', name: 'bench-0' };

interface Pair {
  readonly ours: ClientResult;
  readonly shipped: ClientResult;
}

export async function benchTransport(progress: Progress): Promise<readonly Row[]> {
  const cluster = await startBareCluster(progress);
  try {
    const folder = `${api}/namespaces/${target.namespace}/m365users`;
    const stored = await cluster.client.create(folder, userManifest(0, target.name));
    const bare = await onBareServer(JSON.stringify(stored), progress);
    progress('the real API server');
    const real = await pairOf(cluster.kubeconfig);
    return [...rowsOf(bare, 'a bare TLS server', 10), ...rowsOf(real, 'the API server', 3)];
  } finally {
    await cluster.stop();
  }
}

/** The same object, answered by a server that does nothing else: what is left is the client. */
async function onBareServer(body: string, progress: Progress): Promise<Pair> {
  progress('a bare TLS server');
  const certificate = await issueServerCertificate(undefined, ['127.0.0.1']);
  const job: ServerJob = { certificate: certificate.certificate, key: certificate.key, body };
  const server = startChild<ServerReady>(new URL('transport-server.ts', import.meta.url), job);
  const kubeconfig = join(certificate.caFile, '..', `bench-kubeconfig-${process.pid}`);
  try {
    const { port } = await server.answer;
    await writeFile(kubeconfig, stringify(kubeconfigOf(port, certificate.caFile)), { mode: 0o600 });
    return await pairOf(kubeconfig);
  } finally {
    await server.stop();
    await rm(kubeconfig, { force: true });
  }
}

async function pairOf(kubeconfig: string): Promise<Pair> {
  const run = async (client: 'ours' | 'shipped'): Promise<ClientResult> => {
    const job: ClientJob = { client, kubeconfig, ...target, concurrency, seconds };
    const child = startChild<ClientResult>(new URL('transport-client.ts', import.meta.url), job);
    try {
      return await child.answer;
    } finally {
      await child.stop();
    }
  };
  return { shipped: await run('shipped'), ours: await run('ours') };
}

function kubeconfigOf(port: number, caFile: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'bare',
        cluster: { server: `https://127.0.0.1:${port}`, 'certificate-authority': caFile },
      },
    ],
    users: [{ name: 'bench', user: { token: 'not-a-secret' } }],
    contexts: [{ name: 'bare', context: { cluster: 'bare', user: 'bench' } }],
    'current-context': 'bare',
  };
}

function rowsOf({ ours, shipped }: Pair, server: string, rateGoal: number): readonly Row[] {
  const load = `${concurrency} at once; load ${loadavg()[0]?.toFixed(1) ?? '?'}`;
  return [
    atLeast(rateGoal, {
      name: `requests a second against ${server}`,
      value: rate(ours) / rate(shipped),
      unit: 'x',
      of: `${rate(ours).toFixed(0)} beside ${rate(shipped).toFixed(0)} of client-node; ${load}`,
    }),
    atMost(1 / 8, {
      name: `CPU a request against ${server}`,
      value: cpuMicros(ours) / cpuMicros(shipped),
      unit: 'x',
      of: `${cpuMicros(ours).toFixed(0)} µs beside ${cpuMicros(shipped).toFixed(0)} µs of client-node; ${load}`,
    }),
  ];
}

function rate({ requests, wallSeconds }: ClientResult): number {
  return requests / wallSeconds;
}

function cpuMicros({ requests, cpuSeconds }: ClientResult): number {
  return (cpuSeconds / requests) * 1e6;
}

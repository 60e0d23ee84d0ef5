/** A real API server with our CRDs, and nothing else: for what needs neither the simulated cloud nor the operator. */
import { join } from 'node:path';
import { ClusterClient } from '../control-plane/cluster-client.ts';
import { startControlPlane } from '../control-plane/index.ts';
import { until } from '../control-plane/processes.ts';
import { root } from '../stage/index.ts';

export interface BareCluster {
  readonly kubeconfig: string;
  readonly client: ClusterClient;
  stop(): Promise<void>;
}

export async function startBareCluster(progress: (line: string) => void): Promise<BareCluster> {
  const controlPlane = await startControlPlane({ progress });
  const client = await ClusterClient.connect(controlPlane.kubeconfig);
  const stop = async (): Promise<void> => {
    await client.transport.close();
    await controlPlane.stop();
  };
  try {
    await controlPlane.kubectl(['apply', '--server-side', '-f', join(root, 'crds')]);
    await until('the kind to be served', async () => isServed(client));
    return { kubeconfig: controlPlane.kubeconfig, client, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function isServed(client: ClusterClient): Promise<boolean> {
  try {
    await client.list('m365users');
    return true;
  } catch {
    return false;
  }
}

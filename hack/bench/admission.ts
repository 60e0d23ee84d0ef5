/** The part of the chart that sets our finalizer at creation, so that the operator need not write it. */
import { stringify } from 'yaml';
import { finalizer } from '../../operator/core/plan.ts';
import type { Resource } from '../../operator/core/resource.ts';
import { KubeError } from '../../operator/kube/errors.ts';
import { api, type ClusterClient } from '../control-plane/cluster-client.ts';
import type { ControlPlane } from '../control-plane/index.ts';
import { until } from '../control-plane/processes.ts';
import { render } from '../helm/rendered.ts';
import { userManifest } from './manifests.ts';

/** Resolves when it is in force: the API server answers 503 until it knows the schema of kinds that are new. */
export async function installAdmissionFinalizer(
  controlPlane: ControlPlane,
  client: ClusterClient,
): Promise<void> {
  const manifests = await render('m365-operator', 'm365-operator', {});
  const policies = manifests.filter(({ kind }) => kind.startsWith('MutatingAdmissionPolicy'));
  if (policies.length === 0) throw new Error('the chart renders no MutatingAdmissionPolicy');
  const yaml = policies.map((policy) => stringify(policy)).join('---\n');
  await controlPlane.kubectl(['apply', '-f', '-'], yaml);
  await until('the admission policy', () => isInForce(client));
}

async function isInForce(client: ClusterClient): Promise<boolean> {
  const path = `${api}/namespaces/default/m365users`;
  const options = { query: { dryRun: 'All' }, body: userManifest(0, 'policy') };
  try {
    const { metadata } = await client.transport.request<Resource>('POST', path, options);
    return metadata.finalizers?.includes(finalizer) === true;
  } catch (error) {
    if (error instanceof KubeError && error.status === 503) return false;
    throw error;
  }
}

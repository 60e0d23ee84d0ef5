/** The part of the chart that sets our finalizer at creation, so that the operator need not write it. */
import { stringify } from 'yaml';
import type { ControlPlane } from '../control-plane/index.ts';
import { render } from '../helm/rendered.ts';

export async function installAdmissionFinalizer(controlPlane: ControlPlane): Promise<void> {
  const manifests = await render('m365-operator', 'm365-operator', {});
  const policies = manifests.filter(({ kind }) => kind.startsWith('MutatingAdmissionPolicy'));
  if (policies.length === 0) throw new Error('the chart renders no MutatingAdmissionPolicy');
  const yaml = policies.map((policy) => stringify(policy)).join('---\n');
  await controlPlane.kubectl(['apply', '-f', '-'], yaml);
}

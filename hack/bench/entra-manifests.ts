/** People for the Entra benchmarks: each with a manager and a group, and a licence where the tenant has a pool. */
import { userManifest } from './manifests.ts';

export const groupName = 'Everybody';

/** The first of a wave is the manager of all others. */
export function memberManifest(tenant: number, name: string): object {
  const manifest = userManifest(tenant, name);
  const [wave, place] = name.split('-');
  const managerRef = place === '0' ? {} : { managerRef: { name: `${wave}-0` } };
  return { ...manifest, spec: { ...manifest.spec, groups: [groupName], ...managerRef } };
}

/** Two writes each: the account and its manager. Seats of Business Premium end at 300. */
export function plainManifest(tenant: number, name: string): object {
  const manifest = memberManifest(tenant, name) as { readonly spec: Record<string, unknown> };
  const { plan: _plan, groups: _groups, ...spec } = manifest.spec;
  return { ...manifest, spec };
}

/** What a change in a tenant's directory wakes: the users it is about, and the pools that count them. */
import type { Cluster } from '../core/cluster.ts';
import type { M365Tenant, M365User } from '../core/objects.ts';
import type { Lane } from '../core/ports.ts';
import { keyOf, type ObjectKey } from '../core/resource.ts';

export function wakeForDirectoryChange(
  {
    cluster,
    wake,
  }: { readonly cluster: Cluster; readonly wake: (key: ObjectKey, lane: Lane) => void },
  tenantId: string,
  userIds: ReadonlySet<string>,
): void {
  const tenants = cluster
    .list<M365Tenant>('M365Tenant')
    .filter((tenant) => tenant.status?.tenantId === tenantId);
  for (const tenant of tenants) {
    for (const user of cluster.referencing<M365User>(keyOf(tenant), 'M365User')) {
      if (isAbout(user, userIds)) wake(keyOf(user), 'dependant');
    }
    for (const pool of cluster.referencing(keyOf(tenant), 'LicensePool'))
      wake(keyOf(pool), 'dependant');
  }
}

/** Also a user that has no account yet: the one it waits for may have appeared. */
function isAbout(user: M365User, userIds: ReadonlySet<string>): boolean {
  const id = user.status?.entraId;
  return id === undefined || userIds.has(id);
}

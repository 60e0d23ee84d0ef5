/** What a change in a tenant's directories wakes: the users it is about, and the pools that count them. */
import type { AdChanges } from '../clients/active-directory/port.ts';
import type { Cluster } from '../core/cluster.ts';
import type { M365Tenant, M365User } from '../core/objects.ts';
import type { Lane } from '../core/ports.ts';
import { keyOf, type ObjectKey } from '../core/resource.ts';

interface WakeDeps {
  readonly cluster: Pick<Cluster, 'list' | 'referencing'>;
  readonly wake: (key: ObjectKey, lane: Lane) => void;
}

export function wakeForDirectoryChange(
  { cluster, wake }: WakeDeps,
  tenantId: string,
  { userIds, isFirst }: { readonly userIds: ReadonlySet<string>; readonly isFirst: boolean },
): void {
  // What a first read tells is no news of anybody: all are looked at after a start, who is new before the others.
  const lane = isFirst ? 'resync' : 'dependant';
  const tenants = cluster
    .list<M365Tenant>('M365Tenant')
    .filter((tenant) => tenant.status?.tenantId === tenantId);
  for (const tenant of tenants) {
    for (const user of cluster.referencing<M365User>(keyOf(tenant), 'M365User')) {
      if (isAbout(user, userIds)) wake(keyOf(user), lane);
    }
    for (const pool of cluster.referencing(keyOf(tenant), 'LicensePool')) wake(keyOf(pool), lane);
  }
}

/** Also a user that has no account yet: the one it waits for may have appeared. */
function isAbout(user: M365User, userIds: ReadonlySet<string>): boolean {
  const id = user.status?.entraId;
  return id === undefined || userIds.has(id);
}

/**
 * Of changes below the tenant's OU: whom the record or the mark on the account names, and who has no account yet. Of any
 * change in the domain: who waits for a name that another account has. `before`: the cookie of the last look.
 */
export function wakeForAdChanges(
  { cluster, wake }: WakeDeps,
  tenant: M365Tenant,
  changes: AdChanges,
  before: string | undefined,
): void {
  if (changes.cookie === before) return;
  const concerns = concernedBy(changes);
  for (const user of cluster.referencing<M365User>(keyOf(tenant), 'M365User')) {
    if (waitsForName(user) || concerns(user)) wake(keyOf(user), 'dependant');
  }
}

function concernedBy({ accounts, deletedGuids, regroupedGuids = [], unchangedGuids }: AdChanges) {
  const changed = accounts.filter(({ objectGuid }) => unchangedGuids?.has(objectGuid) !== true);
  const guids = new Set([
    ...changed.map(({ objectGuid }) => objectGuid),
    ...deletedGuids,
    ...regroupedGuids,
  ]);
  const owners = new Set(changed.map(({ ownerUid }) => ownerUid));
  return ({ metadata, spec, status }: M365User): boolean => {
    const guid = status?.objectGuid;
    if (owners.has(metadata.uid)) return true;
    // The account that it waits for may be there, or its name be free.
    return guid === undefined ? spec.type !== 'Guest' && guids.size > 0 : guids.has(guid);
  };
}

const takenNames = new Set(['NameTaken', 'SamAccountNameTaken']);

function waitsForName({ status }: M365User): boolean {
  return (
    status?.conditions?.some(({ type, reason }) => type === 'Stalled' && takenNames.has(reason)) ===
    true
  );
}

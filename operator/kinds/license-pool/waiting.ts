/** Who waits for a seat of a pool. Pure. */
import type { EntraUser } from '../../clients/graph/port.ts';
import { policyOf } from '../../core/drift.ts';
import type { M365Tenant, M365User } from '../../core/objects.ts';
import { poolsOf, unverifiedDomainOf } from '../plans.ts';

interface Seat {
  /** Name of the LicensePool. */
  readonly pool: string;
  readonly tenant: M365Tenant;
  readonly skuId: string | undefined;
  /** Undefined: there is none yet. */
  readonly account: EntraUser | undefined;
}

export function isWaiting(user: M365User, { pool, tenant, skuId, account }: Seat): boolean {
  if (user.metadata.deletionTimestamp !== undefined || user.spec.suspend === true) return false;
  if (!poolsOf(user, tenant).includes(pool) || goesWithout(user, tenant, pool)) return false;
  // No seat is bought for somebody who cannot have an account yet.
  if (unverifiedDomainOf(user, tenant) !== undefined) return false;
  return account?.assignedLicenses.some((license) => license.skuId === skuId) !== true;
}

/** Others took the licence, and the drift rules leave it so: in order as it is, and waiting for nothing. */
function goesWithout(user: M365User, tenant: M365Tenant, pool: string): boolean {
  if (!mayGoWithout(user, tenant, `licenses[${pool}]`)) return false;
  const { waitingFor = [], licenses = [] } = user.status ?? {};
  return isInOrder(user) && !waitingFor.includes(pool) && !licenses.includes(pool);
}

function mayGoWithout({ kind, spec }: M365User, tenant: M365Tenant, path: string): boolean {
  const isAccepted = spec.acceptedDrift?.some(({ field }) => field === path) === true;
  return isAccepted || (spec.driftPolicy ?? policyOf(tenant.spec.drift, kind, path)) !== 'Correct';
}

function isInOrder({ metadata, status }: M365User): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'True' && ready.observedGeneration === metadata.generation;
}

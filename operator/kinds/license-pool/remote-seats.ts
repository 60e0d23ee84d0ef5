/** Who holds a seat of a pool, who waits for one, and who gives one back. */
import type { Offer } from '../../api/partner-connection.ts';
import type { DirectoryView } from '../../clients/graph/directory-view-port.ts';
import type { SubscribedSku } from '../../clients/graph/port.ts';
import type { LicensePool, M365Tenant, M365User } from '../../core/objects.ts';
import { keyOf } from '../../core/resource.ts';
import type { Deps, TenantAccess } from '../access.ts';
import { freesSeatsAtMs, poolsOf, startsLater } from '../plans.ts';
import type { ObservedPool } from './observed.ts';
import { isWaiting } from './waiting.ts';

/** Seats as the directory and the declared users have them. */
export function seatsOf(
  deps: Deps,
  pool: LicensePool,
  {
    tenant,
    view,
    offer,
  }: { readonly tenant: M365Tenant; readonly view: DirectoryView; readonly offer: Offer },
): Pick<
  ObservedPool,
  'skuId' | 'available' | 'assigned' | 'consumed' | 'reserved' | 'leavingMs' | 'startingMs'
> {
  const sku = view.skus.find(({ skuPartNumber }) => skuPartNumber === offer.skuPartNumber);
  const users = deps.cluster.referencing<M365User>(keyOf(tenant), 'M365User');
  const of: SeatsOf = { pool: pool.metadata.name, users, tenant, view, sku, nowMs: deps.nowMs() };
  const waiting = waitingUsers(of);
  const available = sku?.units ?? 0;
  // Counted by person in one view, each as holding or as waiting: a seat assigned at this very moment counts once.
  const assigned = sku === undefined ? 0 : view.assignedUsers(sku.skuId);
  const consumed = sku?.consumedUnits ?? 0;
  wakeWaiting(deps, waiting, available - Math.max(assigned, consumed));
  const leavingMs = leavingOf(of);
  const startingMs = startingOf(of);
  const reserved = waiting.length;
  return { skuId: sku?.skuId, available, assigned, consumed, reserved, leavingMs, startingMs };
}

/** Counts that say less than was bought, or people on seats who hold none any more, may be from before. */
export function areCountsBehind(
  view: Pick<DirectoryView, 'skus' | 'assignedUsers'>,
  { skuPartNumber: wanted }: Pick<Offer, 'skuPartNumber'>,
  bought: number,
): boolean {
  const sku = view.skus.find(({ skuPartNumber }) => skuPartNumber === wanted);
  if (sku === undefined) return bought > 0;
  return sku.units !== bought || sku.consumedUnits > view.assignedUsers(sku.skuId);
}

interface SeatsOf {
  /** Name of the LicensePool. */
  readonly pool: string;
  /** All that are declared for the tenant. */
  readonly users: readonly M365User[];
  readonly tenant: M365Tenant;
  readonly view: DirectoryView;
  /** Undefined: it has not arrived in the directory. */
  readonly sku: SubscribedSku | undefined;
  readonly nowMs: number;
}

/** When each of those who give the seat back on a day that is known does so. */
function leavingOf({ pool, users, tenant, view, sku }: SeatsOf): readonly number[] {
  const isHeldBy = (user: M365User): boolean =>
    view
      .user(user.status?.entraId ?? '')
      ?.assignedLicenses.some((license) => license.skuId === sku?.skuId) === true;
  return users.flatMap((user) => {
    // Most people leave on no day that is known.
    const leavesMs = freesSeatsAtMs(user);
    if (leavesMs === undefined) return [];
    return poolsOf(user, tenant).includes(pool) && isHeldBy(user) ? [leavesMs] : [];
  });
}

/** Counted now: seats that have arrived, and people who hold or wait for one. */
export function seatsInUse(
  deps: Deps,
  pool: LicensePool,
  { connection, clients, tenant, tenantId }: TenantAccess,
): { readonly units: number; readonly inUse: number } {
  const offer = connection.spec.catalog?.find(({ name }) => name === pool.spec.offer);
  if (offer === undefined) return { units: 0, inUse: 0 };
  const view = clients.directory(tenantId);
  const { available, assigned, consumed, reserved } = seatsOf(deps, pool, { tenant, view, offer });
  return { units: available, inUse: Math.max(assigned, consumed) + reserved };
}

/** Declared users of this pool that do not hold its licence yet. */
function waitingUsers({ users, view, ...of }: SeatsOf): readonly M365User[] {
  return users.filter((user) => isWaiting(user, { ...of, account: accountOf(user, view) }));
}

/** Who is to have the licence from a day on that is known. */
function startingOf({ users, view, ...of }: SeatsOf): readonly number[] {
  return users.flatMap((user) => {
    if (!startsLater(user, of.nowMs)) return [];
    const startMs = Date.parse(user.spec.startAt ?? '');
    const account = accountOf(user, view);
    return isWaiting(user, { ...of, account, nowMs: startMs }) ? [startMs] : [];
  });
}

/** By name as well: an account made a moment ago does not stand in status yet. */
function accountOf({ spec, status }: M365User, view: DirectoryView) {
  return view.user(status?.entraId ?? '') ?? view.userByPrincipalName(spec.userPrincipalName);
}

/** The users that wait for a seat get it in the order of their names. */
function wakeWaiting(deps: Deps, waiting: readonly M365User[], free: number): void {
  const known = waiting.filter((user) => user.status?.entraId !== undefined);
  const sorted = [...known].sort((a, b) => a.metadata.name.localeCompare(b.metadata.name));
  for (const user of sorted.slice(0, Math.max(0, free))) deps.wake(keyOf(user), 'dependant');
}

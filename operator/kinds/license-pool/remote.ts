/** What is looked at for a LicensePool. */
import type { Offer } from '../../api/partner-connection.ts';
import type { DirectoryView } from '../../clients/graph/directory-view-port.ts';
import type { Subscription } from '../../clients/partner-center/port.ts';
import type { LicensePool, M365Tenant, PartnerConnection } from '../../core/objects.ts';
import { annotations } from '../../core/plan.ts';
import { keyOf, objectKey } from '../../core/resource.ts';
import { type Deps, refuseSecondClaim, type TenantAccess, tenantAccess } from '../access.ts';
import { costOfMonth } from './money.ts';
import type { ObservedPool, OwnedSubscription } from './observed.ts';
import { catalogFacts, sameSeats } from './remote-catalog.ts';
import { harvestSight } from './remote-harvest.ts';
import { areCountsBehind, seatsOf } from './remote-seats.ts';
import { boughtIn, foreignSubscriptions, matching } from './subscriptions.ts';

/** Seats that one subscription may have in the integration sandbox (partner-center.md 1.5). */
const sandboxSeats = 25;

export async function observePool(
  deps: Deps,
  pool: LicensePool,
  signal: AbortSignal,
): Promise<ObservedPool> {
  const isKept = pool.spec.deletionPolicy === 'Retain';
  if (pool.metadata.deletionTimestamp !== undefined && isKept) return nothingObserved;
  const access = await tenantAccess(deps, pool, signal);
  const { connection, clients, tenantId, tenant } = access;
  const offer = connection.spec.catalog?.find(({ name }) => name === pool.spec.offer);
  const offers = (connection.spec.catalog ?? []).map(({ name }) => name);
  if (offer === undefined) return { ...nothingObserved, offers };
  refuseSecondClaim(pool, claimants(deps, pool, connection), 'the product of this tenant');
  const view = clients.directory(tenantId);
  // The tenant reads it at every poll. Seats that were just bought are looked for until they have arrived.
  await view.refreshIfOlder(deps.pollMs, signal);
  const sinceMs = listedSinceMs(pool, view.lastFullReadMs, deps.nowMs());
  const { all, own } = await subscriptionsOf(access, { offer, view, sinceMs }, signal);
  const bought = boughtIn(own);
  if (areCountsBehind(view, offer, bought)) await view.refreshIfOlder(0, signal);
  // More seats than Partner Center sold: others have bought some.
  const found =
    unitsOf(view, offer) > bought
      ? await clients.graph(tenantId).listCompanySubscriptions(signal)
      : [];
  const seats = seatsOf(deps, pool, { tenant, view, offer });
  const subscriptions = [...own, ...foreignSubscriptions(found, { offer, own: all, tenantId })];
  const sold = soldAs(connection, offer);
  return {
    offer,
    offers,
    sold,
    currency: connection.spec.currency,
    connection: `${connection.metadata.namespace}/${connection.metadata.name}`,
    clockOffsetMs: clients.partnerCenter.clockOffsetMs,
    subscriptions,
    ...seats,
    harvest: await harvestSight(deps, pool, { access, skuId: seats.skuId }, signal),
    ...(await catalogFacts(deps, { pool, access, offer, all }, signal)),
    outsideChange: deps.seatChanges.newestOf(pool, subscriptions, {
      currency: connection.spec.currency,
      costOf: (seat) => costOfMonth(sold, seat, deps.nowMs()),
    }),
    isReseller: connection.spec.partnerType === 'IndirectReseller',
    isAccountUnderReview:
      tenant.status?.conditions?.some((c) => c.reason === 'AccountUnderReview') === true,
    limits: limitsOf(deps, pool, connection),
  };
}

/** Those of the customer, and of them those of the offer. */
async function subscriptionsOf(
  access: TenantAccess,
  of: {
    readonly offer: Offer;
    readonly view: DirectoryView;
    readonly sinceMs: number | undefined;
  },
  signal: AbortSignal,
): Promise<{ readonly all: readonly Subscription[]; readonly own: readonly OwnedSubscription[] }> {
  const { offer, view, sinceMs } = of;
  const { clients, tenantId } = access;
  const all = await clients.partnerCenter.listSubscriptions(tenantId, signal, sinceMs);
  const own = matching(all, offer, await sameSeats(access, { offer, all }, signal));
  // A list from before serves as long as the directory agrees: others may have bought or given back since.
  if (sinceMs === undefined || unitsOf(view, offer) === boughtIn(own)) return { all, own };
  return subscriptionsOf(access, { ...of, sinceMs: undefined }, signal);
}

/** After a restart and at night all pools of a tenant are looked at; a change goes over what it reads itself. */
const sharedMs = 15 * 60_000;

/** In order, and nobody asks for a look: a list serves that was read since the tenant's directory was read in full. */
function listedSinceMs(pool: LicensePool, fullReadMs: number, nowMs: number): number | undefined {
  const { status } = pool;
  if (isLookRequested(pool)) return undefined;
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const isCalm = ready?.status === 'True' && status?.intent === undefined;
  return isCalm && nowMs - fullReadMs < sharedMs ? fullReadMs : undefined;
}

function isLookRequested({ metadata, status }: LicensePool): boolean {
  const requested = metadata.annotations?.[annotations.reconcileRequestedAt];
  return requested !== undefined && requested !== status?.lastHandledReconcileAt;
}

/** Offers of the same product, whatever their term. */
function soldAs({ spec }: PartnerConnection, { productId, skuId }: Offer): readonly Offer[] {
  return (spec.catalog ?? []).filter((one) => one.productId === productId && one.skuId === skuId);
}

function unitsOf(view: DirectoryView, offer: Offer): number {
  return view.skus.find(({ skuPartNumber }) => skuPartNumber === offer.skuPartNumber)?.units ?? 0;
}

const nothingObserved: ObservedPool = {
  offer: undefined,
  offers: [],
  sold: [],
  currency: '',
  connection: '',
  clockOffsetMs: 0,
  skuId: undefined,
  subscriptions: [],
  available: 0,
  assigned: 0,
  consumed: 0,
  reserved: 0,
  leavingMs: [],
  startingMs: [],
  minimumQuantity: 1,
  maximumQuantity: 0,
  hasPrerequisites: true,
  base: undefined,
  addOn: undefined,
  isAccountUnderReview: false,
  limits: {
    seatCeiling: undefined,
    maxSeatsPerChange: undefined,
    maxSpendPerMonth: undefined,
    spentElsewhere: 0,
  },
};

/** Pools of one SKU count the same people: only one may buy for them, whatever the term. */
function claimants(
  deps: Deps,
  pool: LicensePool,
  connection: PartnerConnection,
): readonly LicensePool[] {
  const skuOf = ({ spec }: LicensePool): string | undefined =>
    connection.spec.catalog?.find(({ name }) => name === spec.offer)?.skuPartNumber;
  return deps.cluster
    .referencing<LicensePool>(tenantKeyOf(pool), 'LicensePool')
    .filter((other) => skuOf(other) === skuOf(pool));
}

function limitsOf(
  deps: Deps,
  pool: LicensePool,
  connection: PartnerConnection,
): ObservedPool['limits'] {
  const { maxSeatsPerChange, maxSpendPerMonth } = connection.spec.limits ?? {};
  const seatCeiling = connection.spec.environment === 'Sandbox' ? sandboxSeats : undefined;
  return {
    seatCeiling,
    maxSeatsPerChange,
    maxSpendPerMonth,
    // All pools of the connection are gone over, so only where somebody asks: a look that buys nothing does not.
    get spentElsewhere() {
      return costOfOthers(deps, pool, connection);
    },
  };
}

/** A month of all other pools of the connection. */
function costOfOthers(deps: Deps, pool: LicensePool, connection: PartnerConnection): number {
  return deps.cluster
    .referencing<M365Tenant>(keyOf(connection), 'M365Tenant')
    .flatMap((tenant) => deps.cluster.referencing<LicensePool>(keyOf(tenant), 'LicensePool'))
    .filter((other) => other.metadata.uid !== pool.metadata.uid)
    .reduce((sum, other) => sum + (other.status?.money?.cost ?? 0), 0);
}

export function tenantKeyOf(pool: LicensePool) {
  return objectKey('M365Tenant', pool.metadata.namespace, pool.spec.tenantRef.name);
}

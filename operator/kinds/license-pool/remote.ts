/** What is looked at for a LicensePool, and its actions at Partner Center. */

import type { LicensePoolStatus } from '../../api/license-pool.ts';
import type { Offer } from '../../api/partner-connection.ts';
import type { DirectoryView, SubscribedSku } from '../../clients/graph/port.ts';
import type { Cart, Subscription } from '../../clients/partner-center/port.ts';
import { bug, terminal, toOperatorError } from '../../core/errors.ts';
import type { LicensePool, M365Tenant, M365User, PartnerConnection } from '../../core/objects.ts';
import type { Learned } from '../../core/plan.ts';
import { quotable } from '../../core/quote.ts';
import { keyOf, objectKey } from '../../core/resource.ts';
import {
  connectionKeyOf,
  type Deps,
  refuseSecondClaim,
  type TenantAccess,
  tenantAccess,
} from '../access.ts';
import { sendOnce } from '../request-id.ts';
import type { PoolAction } from './actions.ts';
import type { ObservedPool } from './observed.ts';
import { isWaiting } from './waiting.ts';

/** Seats that one subscription may have in the integration sandbox (partner-center.md 1.5). */
const sandboxSeats = 25;

export async function observePool(
  deps: Deps,
  pool: LicensePool,
  signal: AbortSignal,
): Promise<ObservedPool> {
  if (pool.metadata.deletionTimestamp !== undefined) return nothingObserved;
  const access = await tenantAccess(deps, pool, signal);
  const { connection, clients, tenantId, tenant } = access;
  const offer = connection.spec.catalog?.find(({ name }) => name === pool.spec.offer);
  const offers = (connection.spec.catalog ?? []).map(({ name }) => name);
  if (offer === undefined) return { ...nothingObserved, offers };
  refuseSecondClaim(pool, claimants(deps, pool, connection), 'the product of this tenant');
  const view = clients.directory(tenantId);
  const all = await clients.partnerCenter.listSubscriptions(tenantId, signal);
  const subscriptions = matching(all, offer);
  const bought = boughtIn(subscriptions);
  // The tenant reads it at every poll. Seats that were just bought are looked for until they have arrived.
  await view.refreshIfOlder(deps.pollMs, signal);
  if (unitsOf(view, offer) !== bought) await view.refreshIfOlder(0, signal);
  const subscription = primary(pool, subscriptions, offer);
  return {
    offer,
    offers,
    currency: connection.spec.currency,
    clockOffsetMs: clients.partnerCenter.clockOffsetMs,
    subscription,
    bought,
    purchasing: pool.status?.intent !== undefined,
    ...seatsOf(deps, pool, { tenant, view, offer }),
    minimumQuantity: subscription === undefined ? await minimumQuantity(access, offer, signal) : 1,
    isAccountUnderReview:
      tenant.status?.conditions?.some((c) => c.reason === 'AccountUnderReview') === true,
    limits: limitsOf(deps, pool, connection),
  };
}

function boughtIn(subscriptions: readonly Subscription[]): number {
  const active = subscriptions.filter(({ status }) => status === 'active');
  return active.reduce((sum, { quantity }) => sum + quantity, 0);
}

function unitsOf(view: DirectoryView, offer: Offer): number {
  return view.skus.find(({ skuPartNumber }) => skuPartNumber === offer.skuPartNumber)?.units ?? 0;
}

/** Seats as the directory and the declared users have them. */
function seatsOf(
  deps: Deps,
  pool: LicensePool,
  {
    tenant,
    view,
    offer,
  }: { readonly tenant: M365Tenant; readonly view: DirectoryView; readonly offer: Offer },
): Pick<ObservedPool, 'skuId' | 'available' | 'assigned' | 'consumed' | 'reserved'> {
  const sku = view.skus.find(({ skuPartNumber }) => skuPartNumber === offer.skuPartNumber);
  const waiting = waitingUsers(deps, pool, { tenant, view, sku });
  const available = sku?.units ?? 0;
  // Counted by person in one view, each as holding or as waiting: a seat assigned at this very moment counts once.
  const assigned = sku === undefined ? 0 : view.assignedUsers(sku.skuId);
  const consumed = sku?.consumedUnits ?? 0;
  wakeWaiting(deps, waiting, available - Math.max(assigned, consumed));
  return { skuId: sku?.skuId, available, assigned, consumed, reserved: waiting.length };
}

const nothingObserved: ObservedPool = {
  offer: undefined,
  offers: [],
  currency: '',
  clockOffsetMs: 0,
  skuId: undefined,
  subscription: undefined,
  bought: 0,
  purchasing: false,
  available: 0,
  assigned: 0,
  consumed: 0,
  reserved: 0,
  minimumQuantity: 1,
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
    .list<LicensePool>('LicensePool')
    .filter(
      (other) =>
        other.metadata.namespace === pool.metadata.namespace &&
        other.spec.tenantRef.name === pool.spec.tenantRef.name &&
        skuOf(other) === skuOf(pool),
    );
}

const live = new Set(['active', 'pending', 'suspended']);

function matching(subscriptions: readonly Subscription[], offer: Offer): readonly Subscription[] {
  return subscriptions.filter(
    (item) =>
      item.productId === offer.productId && item.skuId === offer.skuId && live.has(item.status),
  );
}

/** Ours by id, else by its name or order (a purchase without an answer), else the first of the offer's term. */
function primary(
  pool: LicensePool,
  candidates: readonly Subscription[],
  offer: Offer,
): Subscription | undefined {
  const { subscriptionId, intent } = pool.status ?? {};
  return (
    candidates.find(({ id }) => id === subscriptionId) ??
    candidates.find(({ friendlyName }) => friendlyName === friendlyNameOf(pool)) ??
    candidates.find(({ orderId }) => orderId !== undefined && orderId === intent?.orderId) ??
    [...candidates]
      .filter(({ isTrial, term }) => !isTrial && term === offer.term)
      .sort((a, b) => a.id.localeCompare(b.id))[0]
  );
}

/** The deterministic name by which a purchase is found again. */
function friendlyNameOf(pool: LicensePool): string {
  return `${pool.metadata.namespace}/${pool.metadata.name}`;
}

/** Declared users of this pool that do not hold its licence yet. */
function waitingUsers(
  deps: Deps,
  pool: LicensePool,
  of: {
    readonly tenant: M365Tenant;
    readonly view: DirectoryView;
    readonly sku: SubscribedSku | undefined;
  },
): readonly M365User[] {
  const users = deps.cluster.referencing<M365User>(keyOf(of.tenant), 'M365User');
  const nowMs = deps.nowMs();
  return users.filter((user) => {
    // By name as well: an account made a moment ago does not stand in status yet.
    const account =
      of.view.user(user.status?.entraId ?? '') ??
      of.view.userByPrincipalName(user.spec.userPrincipalName);
    return isWaiting(user, { ...of, pool: pool.metadata.name, account, nowMs });
  });
}

/** The users that wait for a seat get it in the order of their names. */
function wakeWaiting(deps: Deps, waiting: readonly M365User[], free: number): void {
  const known = waiting.filter((user) => user.status?.entraId !== undefined);
  const sorted = [...known].sort((a, b) => a.metadata.name.localeCompare(b.metadata.name));
  for (const user of sorted.slice(0, Math.max(0, free))) deps.wake(keyOf(user), 'dependant');
}

async function minimumQuantity(
  { clients, tenant, connection }: TenantAccess,
  offer: Offer,
  signal: AbortSignal,
): Promise<number> {
  const country =
    tenant.spec.create?.country ?? tenant.status?.country ?? connection.spec.markets?.[0];
  if (country === undefined) return 1;
  const { productId, skuId } = offer;
  const item = await clients.partnerCenter.getCatalogItem(productId, skuId, country, signal);
  if (item !== undefined) return item.minimumQuantity;
  throw terminal(`offer "${offer.name}" is not sold in ${country}`, {
    reason: 'OfferNotInCountry',
  });
}

function limitsOf(
  deps: Deps,
  pool: LicensePool,
  connection: PartnerConnection,
): ObservedPool['limits'] {
  const { maxSeatsPerChange, maxSpendPerMonth } = connection.spec.limits ?? {};
  const key = keyOf(connection);
  const spentElsewhere = deps.cluster
    .list<LicensePool>('LicensePool')
    .filter((other) => other.metadata.uid !== pool.metadata.uid)
    .filter((other) => {
      const tenant = deps.cluster.get<M365Tenant>(
        'M365Tenant',
        other.metadata.namespace,
        other.spec.tenantRef.name,
      );
      return tenant !== undefined && connectionKeyOf(tenant) === key;
    })
    .reduce((sum, other) => sum + (other.status?.money?.cost ?? 0), 0);
  const seatCeiling = connection.spec.environment === 'Sandbox' ? sandboxSeats : undefined;
  return { seatCeiling, maxSeatsPerChange, maxSpendPerMonth, spentElsewhere };
}

export async function applyPool(
  deps: Deps,
  action: PoolAction,
  pool: LicensePool,
  signal: AbortSignal,
): Promise<Learned<LicensePoolStatus>> {
  if (action.name === 'RecordPurchase') {
    return { status: { intent: { requestId: deps.uuid(), quantity: action.quantity } } };
  }
  const access = await tenantAccess(deps, pool, signal);
  const { partnerCenter } = access.clients;
  switch (action.name) {
    case 'CreateCart':
      return createCart(deps, { pool, access }, signal);
    case 'CheckoutCart':
      return checkoutCart(deps, { pool, access, money: action.money }, signal);
    case 'IncreaseSeats':
    case 'DecreaseSeats': {
      const { quantity, subscriptionId, money } = action;
      const { requestId, before } = await partnerCenter.changeSubscription(
        access.tenantId,
        subscriptionId,
        { what: 'Seats', quantity },
        signal,
      );
      return {
        audit: {
          requestId,
          target: subscriptionId,
          before: before.quantity,
          after: quantity,
          money,
        },
      };
    }
    case 'SetEndOfTerm': {
      const { endOfTerm, subscriptionId } = action;
      const { requestId } = await partnerCenter.changeSubscription(
        access.tenantId,
        subscriptionId,
        { what: 'EndOfTerm', endOfTerm },
        signal,
      );
      return { audit: { requestId, target: subscriptionId, after: endOfTerm } };
    }
  }
}

type Intent = NonNullable<LicensePoolStatus['intent']>;

function requireIntent(pool: LicensePool): Intent {
  const intent = pool.status?.intent;
  if (intent === undefined) throw bug('nothing must be bought before the purchase is stored');
  return intent;
}

async function createCart(
  deps: Deps,
  { pool, access }: { readonly pool: LicensePool; readonly access: TenantAccess },
  signal: AbortSignal,
): Promise<Learned<LicensePoolStatus>> {
  const { clients, tenantId, connection } = access;
  const intent = requireIntent(pool);
  const offer = connection.spec.catalog?.find(({ name }) => name === pool.spec.offer);
  if (offer === undefined) throw bug('an unknown offer is not bought');
  const { term, billingCycle } = offer;
  const available = await clients.partnerCenter.listAvailabilities(
    tenantId,
    offer.productId,
    offer.skuId,
    signal,
  );
  const match = available.find(
    (item) => item.term === term && item.billingCycle === billingCycle.toLowerCase(),
  );
  if (match === undefined) {
    throw terminal(
      `offer "${offer.name}" is not sold to this customer with term ${term} billed ${billingCycle}`,
      {
        reason: 'OfferUnavailable',
      },
    );
  }
  const line = {
    catalogItemId: match.catalogItemId,
    friendlyName: friendlyNameOf(pool),
    quantity: intent.quantity,
    term,
    billingCycle: match.billingCycle,
  };
  const cart = await sendOnce(intent.requestId, deps.uuid, async (requestId) => {
    const answer = await clients.partnerCenter.createCart(tenantId, line, requestId, signal);
    refuseLineErrors(answer);
    return answer;
  });
  return {
    status: { intent: { ...intent, cartId: cart.id } },
    audit: { requestId: cart.requestId, target: cart.id, after: line },
  };
}

function refuseLineErrors({ lineErrors }: Cart): void {
  const first = lineErrors[0];
  if (first === undefined) return;
  throw terminal(`Partner Center refuses the cart (${first.code}): ${quotable(first.message)}`, {
    reason: 'CartRefused',
  });
}

async function checkoutCart(
  deps: Deps,
  work: {
    readonly pool: LicensePool;
    readonly access: TenantAccess;
    readonly money: { amount: number; currency: string };
  },
  signal: AbortSignal,
): Promise<Learned<LicensePoolStatus>> {
  const { access, money } = work;
  const intent = requireIntent(work.pool);
  if (intent.cartId === undefined) throw bug('a cart is checked out by its id');
  try {
    const { orderId, errors, requestId } = await access.clients.partnerCenter.checkoutCart(
      access.tenantId,
      intent.cartId,
      intent.requestId,
      signal,
    );
    const failed = errors[0];
    if (failed !== undefined) {
      throw terminal(
        `Partner Center refuses the order (${failed.code}): ${quotable(failed.message)}`,
        {
          reason: 'OrderRefused',
        },
      );
    }
    return {
      status: { intent: { ...intent, orderId } },
      audit: { requestId, target: orderId, after: { quantity: intent.quantity }, money },
    };
  } catch (error) {
    // The cart is gone or stale, and nothing was bought with it: the next look makes a new one under a new id.
    if (!['CartExpired', 'AvailabilityChanged'].includes(toOperatorError(error).reason))
      throw error;
    return { status: { intent: { requestId: deps.uuid(), quantity: intent.quantity } } };
  }
}

export function tenantKeyOf(pool: LicensePool) {
  return objectKey('M365Tenant', pool.metadata.namespace, pool.spec.tenantRef.name);
}

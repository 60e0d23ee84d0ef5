/** What is done for a LicensePool at Partner Center. */
import type { LicensePoolStatus } from '../../api/license-pool.ts';
import type { Cart, SubscriptionChange } from '../../clients/partner-center/port.ts';
import { bug, terminal, toOperatorError, transient, wait } from '../../core/errors.ts';
import type { LicensePool } from '../../core/objects.ts';
import type { Learned } from '../../core/plan.ts';
import { quotable } from '../../core/quote.ts';
import { termEndMsOf } from '../../core/seats/commerce.ts';
import { type Deps, type TenantAccess, tenantAccess } from '../access.ts';
import { sendOnce } from '../request-id.ts';
import { moneySaved, seatsChanged } from '../seat-counts.ts';
import type { Money, PoolAction } from './actions.ts';
import { takeLicense } from './apply-harvest.ts';
import { availabilityOf } from './availability.ts';
import { seatsInUse } from './remote-seats.ts';
import { changesWith } from './seat-status.ts';
import { iso } from './time.ts';

interface Work {
  readonly deps: Deps;
  readonly pool: LicensePool;
  readonly access: TenantAccess;
  readonly signal: AbortSignal;
}

type PoolLearned = Learned<LicensePoolStatus>;

export async function applyPool(
  deps: Deps,
  action: PoolAction,
  pool: LicensePool,
  signal: AbortSignal,
): Promise<PoolLearned> {
  if (action.name === 'RecordPurchase') {
    const { quantity, offer, endsOn } = action;
    return { status: { intent: { requestId: deps.uuid(), quantity, offer, endsOn } } };
  }
  if (action.name === 'CountRenewal') return { status: {}, counts: action.counts };
  const access = await tenantAccess(deps, pool, signal);
  return applyOutside(action, { deps, pool, access, signal });
}

type Outside = Exclude<PoolAction, { readonly name: 'RecordPurchase' | 'CountRenewal' }>;

async function applyOutside(action: Outside, work: Work): Promise<PoolLearned> {
  const { deps, pool, access, signal } = work;
  switch (action.name) {
    case 'CreateCart':
      return createCart(deps, { pool, access }, signal);
    case 'CheckoutCart':
      return checkoutCart(deps, { pool, access, money: action.money }, signal);
    case 'IncreaseSeats':
    case 'DecreaseSeats':
      return changeSeats(action, work);
    case 'CancelSubscription':
      await requireIdle(action.from, work);
      return change({ what: 'Cancel' }, action, { work, seats: -action.from });
    case 'ScheduleRenewal':
      return scheduleRenewal(action, work);
    case 'TakeLicense':
      return takeLicense(action, work);
    case 'SetEndOfTerm': {
      const { endOfTerm, subscriptionId } = action;
      const { requestId } = await access.clients.partnerCenter.changeSubscription(
        access.tenantId,
        subscriptionId,
        { what: 'EndOfTerm', endOfTerm },
        signal,
      );
      return { audit: { requestId, target: subscriptionId, after: endOfTerm } };
    }
  }
}

type OfSubscription = Extract<PoolAction, { readonly from: number }>;

async function changeSeats(
  action: Extract<PoolAction, { name: 'IncreaseSeats' | 'DecreaseSeats' }>,
  work: Work,
): Promise<PoolLearned> {
  const { quantity, from } = action;
  if (action.name === 'DecreaseSeats') await requireIdle(from - quantity, work);
  return change({ what: 'Seats', quantity }, action, { work, seats: quantity - from });
}

/** Goes only over what the plan was made of; every change of seats counts against the guardrails. */
async function change(
  what: SubscriptionChange,
  { subscriptionId, from, money }: OfSubscription,
  { work, seats }: { readonly work: Work; readonly seats: number },
): Promise<PoolLearned> {
  const { deps, pool, access, signal } = work;
  const { requestId, before, isPending } = await access.clients.partnerCenter.changeSubscription(
    access.tenantId,
    subscriptionId,
    { ...what, from },
    signal,
  );
  const since = iso(deps.nowMs());
  return {
    status: {
      changes: changesWith(pool, seats, commerceNowMs(deps, access)),
      ...(isPending ? { pending: { subscriptionId, quantity: from + seats, since } } : {}),
    },
    audit: {
      requestId,
      target: subscriptionId,
      before: before.quantity,
      after: from + seats,
      ...moneyOf(money),
    },
    counts: [...seatsChanged(seats, 'us'), ...moneySaved(money.saved, money.currency)],
  };
}

/** People join while a plan is made: counted once more right before seats are given back. */
async function requireIdle(seats: number, { deps, pool, access, signal }: Work): Promise<void> {
  const view = access.clients.directory(access.tenantId);
  await view.refreshIfOlder(0, signal);
  const { units, inUse } = seatsInUse(deps, pool, access);
  if (units - seats >= inUse) return;
  throw transient('seats that were idle are in use or waited for by now; all is planned anew', {
    reason: 'SeatsTaken',
  });
}

async function scheduleRenewal(
  action: Extract<PoolAction, { name: 'ScheduleRenewal' }>,
  { pool, access, signal }: Work,
): Promise<PoolLearned> {
  const { clients, tenantId } = access;
  const { subscriptionId, quantity, from, money } = action;
  const all = await clients.partnerCenter.listSubscriptions(tenantId, signal);
  const one = all.find(({ id }) => id === subscriptionId);
  if (one === undefined) {
    throw transient('the subscription is gone', { reason: 'ConcurrentChange' });
  }
  const { productId, skuId, term, billingCycle } = one;
  const available = await clients.partnerCenter.listAvailabilities(
    tenantId,
    productId,
    skuId,
    signal,
  );
  const match = available.find((item) => item.term === term && item.billingCycle === billingCycle);
  if (match === undefined) {
    throw wait(`"${pool.spec.offer}" is not sold with term ${term} billed ${billingCycle} today`, {
      reason: 'OfferUnavailable',
      delayMs: 60 * 60_000,
    });
  }
  const availabilityId = match.catalogItemId.split(':')[2] ?? '';
  const product = { productId, skuId, availabilityId, termDuration: term, billingCycle };
  const { requestId } = await clients.partnerCenter.changeSubscription(
    tenantId,
    subscriptionId,
    { what: 'NextTerm', nextTerm: { ...product, quantity }, from },
    signal,
  );
  return {
    audit: { requestId, target: subscriptionId, after: { nextTerm: quantity }, ...moneyOf(money) },
  };
}

function moneyOf({ amount, currency }: Money): {
  readonly money?: { readonly amount: number; readonly currency: string };
} {
  return amount === undefined ? {} : { money: { amount, currency } };
}

function commerceNowMs(deps: Deps, { clients }: TenantAccess): number {
  return deps.nowMs() + clients.partnerCenter.clockOffsetMs;
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
  const wanted = intent.offer ?? pool.spec.offer;
  const offer = connection.spec.catalog?.find(({ name }) => name === wanted);
  if (offer === undefined) throw bug('an unknown offer is not bought');
  const { term } = offer;
  const available = await clients.partnerCenter.listAvailabilities(
    tenantId,
    offer.productId,
    offer.skuId,
    signal,
  );
  const match = availabilityOf(available, offer);
  const line = {
    catalogItemId: match.catalogItemId,
    friendlyName: friendlyNameOf(pool),
    quantity: intent.quantity,
    term,
    billingCycle: match.billingCycle,
    customTermEndDate: await termEndDate(access, { endsOn: intent.endsOn, term }, signal),
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

/** The allowed day that is the wanted one; none: a whole term, whose end is aligned at its renewal. */
async function termEndDate(
  { clients, tenantId }: TenantAccess,
  { endsOn, term }: { readonly endsOn: string | undefined; readonly term: string },
  signal: AbortSignal,
): Promise<string | undefined> {
  if (endsOn === undefined) return undefined;
  const allowed = await clients.partnerCenter.listTermEndDates(tenantId, term, signal);
  return allowed.find((date) => iso(termEndMsOf(date)) === endsOn);
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
    readonly money: Money;
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
      status: {
        intent: { ...intent, orderId },
        changes: changesWith(work.pool, intent.quantity, commerceNowMs(deps, access)),
      },
      audit: {
        requestId,
        target: orderId,
        after: { quantity: intent.quantity },
        ...moneyOf(money),
      },
      counts: seatsChanged(intent.quantity, 'us'),
    };
  } catch (error) {
    // The cart is gone or stale, and nothing was bought with it: the next look makes a new one under a new id.
    if (!['CartExpired', 'AvailabilityChanged'].includes(toOperatorError(error).reason))
      throw error;
    const { quantity, offer, endsOn } = intent;
    return { status: { intent: { requestId: deps.uuid(), quantity, offer, endsOn } } };
  }
}

/** By which people know a purchase in Partner Center. */
function friendlyNameOf(pool: LicensePool): string {
  return `${pool.metadata.namespace}/${pool.metadata.name}`;
}

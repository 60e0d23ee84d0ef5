/** The subscriptions that a pool is about. Pure. */
import type { Offer } from '../../api/partner-connection.ts';
import type { CompanySubscription } from '../../clients/graph/port.ts';
import type { Subscription } from '../../clients/partner-center/port.ts';
import { termEndMsOf } from '../../core/seats/commerce.ts';
import type { RelatedSeats } from '../../core/seats/input.ts';
import type { OwnedSubscription } from './observed.ts';

/** `sameSeats`: other SKUs of the product that give the same seats. */
export function matching(
  subscriptions: readonly Subscription[],
  { productId, skuId }: Pick<Offer, 'productId' | 'skuId'>,
  sameSeats: ReadonlySet<string> = new Set(),
): readonly OwnedSubscription[] {
  return subscriptions
    .filter((one) => one.productId === productId)
    .filter((one) => one.skuId === skuId || sameSeats.has(one.skuId))
    .map((one) => {
      const isExtended = one.skuId !== skuId && !one.isTrial;
      return { ...one, owner: 'Partner', ...(isExtended ? { isExtended } : {}) };
    });
}

/** Now, and once each term that ends has been followed by what it was told. */
export function relatedSeats(subscriptions: readonly Subscription[]): RelatedSeats {
  const active = subscriptions.filter(({ status }) => status === 'active');
  let quantity = boughtIn(active);
  const now = quantity;
  const changes = active
    .flatMap((one) => {
      const atMs = one.commitmentEndDate && termEndMsOf(one.commitmentEndDate);
      return atMs ? [{ atMs, change: nextQuantity(one) - one.quantity }] : [];
    })
    .toSorted((a, b) => a.atMs - b.atMs)
    .map(({ atMs, change }) => {
      quantity += change;
      return { atMs, quantity };
    });
  return { now, changes };
}

function nextQuantity({ scheduledActions, nextTerm, quantity }: Subscription): number {
  return scheduledActions.includes('TermEnd/Cancel') ? 0 : (nextTerm?.quantity ?? quantity);
}

export function boughtIn(subscriptions: readonly Subscription[]): number {
  const active = subscriptions.filter(({ status }) => status === 'active');
  return active.reduce((sum, { quantity }) => sum + quantity, 0);
}

/** What the customer or another partner bought of the same SKU, as far as Graph tells. */
export function foreignSubscriptions(
  found: readonly CompanySubscription[],
  {
    offer,
    own,
    tenantId,
  }: {
    readonly offer: Offer;
    /** All that Partner Center shows us of the customer. */
    readonly own: readonly Subscription[];
    readonly tenantId: string;
  },
): readonly OwnedSubscription[] {
  const known = new Set(own.map(({ id }) => id));
  return found
    .filter(({ skuPartNumber }) => skuPartNumber === offer.skuPartNumber)
    .filter(({ commerceSubscriptionId }) => !known.has(commerceSubscriptionId))
    .map((one) => ({
      ...unknownOfOthers,
      id: one.commerceSubscriptionId,
      owner: isCustomers(one, tenantId) ? 'Customer' : 'Distributor',
      productId: offer.productId,
      skuId: offer.skuId,
      quantity: one.totalLicenses,
      status: one.status === 'Enabled' ? 'active' : 'suspended',
      term: offer.term,
      billingCycle: offer.billingCycle.toLowerCase(),
      isTrial: one.isTrial,
      commitmentEndDate: one.nextLifecycleDateTime,
    }));
}

function isCustomers({ ownerTenantId }: CompanySubscription, tenantId: string): boolean {
  return ownerTenantId === undefined || ownerTenantId === tenantId;
}

const unknownOfOthers = {
  friendlyName: '',
  autoRenewEnabled: true,
  scheduledActions: [],
  nextTerm: undefined,
  orderId: undefined,
  isSoftware: false,
  cancellableUntil: undefined,
  effectiveStart: undefined,
  refundable: [],
} as const;

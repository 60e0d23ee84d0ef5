/** The ledger of charges: what Microsoft bills the partner for every change (partner-center.md 7.2). */
import { findOffer } from '../catalogue/offers.ts';
import { convertMinor, currencyOf, prorate, unitPriceMinor } from '../catalogue/prices.ts';
import type { Scope } from '../routing.ts';
import { type ChargeType, commerceOf, requirePartner, type Subscription } from '../state.ts';
import { DAY_MS, startOfDay } from '../terms.ts';

interface Charge {
  readonly chargeType: ChargeType;
  readonly quantity: number;
  /** From this day to the end of the billing cycle, prorated by day. */
  readonly fromMs: number;
  readonly isCredit?: boolean;
}

/** Enters one line for the running billing cycle of the subscription. */
export function charge(scope: Scope, subscription: Subscription, line: Charge): void {
  const { world } = scope;
  const commerce = commerceOf(world);
  const offer = findOffer(subscription.productId, subscription.skuId);
  const customer = commerce.customers.get(subscription.customerId);
  if (offer === undefined || customer === undefined) {
    throw new Error(`subscription ${subscription.id} has no offer or no customer`);
  }
  const { termDuration, billingCycle, cycleStartMs, cycleEndMs } = subscription;
  const pricingCurrency = currencyOf(customer.billingProfile.defaultAddress.country);
  const { currency } = requirePartner(world, subscription.partnerTenantId);
  const unitPrice = unitPriceMinor(offer, termDuration, billingCycle, pricingCurrency);
  const chargeStartMs = Math.max(cycleStartMs, startOfDay(line.fromMs));
  const days = Math.max(0, (cycleEndMs - chargeStartMs) / DAY_MS);
  const cycle = { startMs: cycleStartMs, billingCycle };
  const amount = convertMinor(
    prorate(unitPrice * line.quantity, cycle, days),
    pricingCurrency,
    currency,
  );
  commerce.ledger.push({
    atMs: world.clock.nowMs(),
    partnerTenantId: subscription.partnerTenantId,
    customerId: subscription.customerId,
    subscriptionId: subscription.id,
    orderId: subscription.orderId,
    productId: subscription.productId,
    skuId: subscription.skuId,
    availabilityId: subscription.availabilityId,
    chargeType: line.chargeType,
    termDuration,
    billingCycle,
    quantity: line.quantity,
    unitPriceMinor: unitPrice,
    pricingCurrency,
    amountMinor: line.isCredit === true ? -amount : amount,
    currency,
    chargeStartMs,
    chargeEndMs: cycleEndMs,
  });
}

/** A change of seats is a pair: credit of the old quantity, charge of the new one (partner-center.md 7.2). */
export function chargeQuantityChange(
  scope: Scope,
  subscription: Subscription,
  change: { readonly from: number; readonly to: number },
): void {
  const chargeType = change.to > change.from ? 'addQuantity' : 'removeQuantity';
  const fromMs = scope.world.clock.nowMs();
  charge(scope, subscription, { chargeType, quantity: change.from, fromMs, isCredit: true });
  charge(scope, subscription, { chargeType, quantity: change.to, fromMs });
}

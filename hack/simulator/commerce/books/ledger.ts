/** The ledger of charges: what Microsoft bills the partner for every change (partner-center.md 7.2). */
import { findOffer } from '../catalogue/offers.ts';
import { currencyOf, exchangeRate, perSeatMinor, unitPriceMinor } from '../catalogue/prices.ts';
import type { Scope } from '../routing.ts';
import { commerceOf, customerOf, requirePartner } from '../state.ts';
import type { Subscription } from '../subscriptions/subscription.ts';
import { DAY_MS, startOfDay } from '../terms.ts';
import type { ChargeType, LedgerEntry } from './entry.ts';
import { expectInvoice } from './invoices.ts';

interface Charge {
  readonly chargeType: ChargeType;
  /** Below 0: a credit. */
  readonly quantity: number;
  /** From this day to the end of the billing cycle, prorated by day. */
  readonly fromMs: number;
}

/** Enters one line for the running billing cycle of the subscription. */
export function charge(scope: Scope, subscription: Subscription, line: Charge): void {
  const { cycleStartMs, cycleEndMs } = subscription;
  const chargeStartMs = Math.min(cycleEndMs, Math.max(cycleStartMs, startOfDay(line.fromMs)));
  enter(scope, {
    ...whatWasBought(subscription),
    ...priceOf(scope, subscription, line.quantity, (cycleEndMs - chargeStartMs) / DAY_MS),
    atMs: scope.world.clock.nowMs(),
    chargeType: line.chargeType,
    quantity: line.quantity,
    chargeStartMs,
    chargeEndMs: cycleEndMs,
    creditReason: undefined,
  });
}

function enter({ world }: Scope, entry: LedgerEntry): void {
  commerceOf(world).ledger.push(entry);
  expectInvoice(world, entry.partnerTenantId);
}

function whatWasBought(subscription: Subscription) {
  return {
    partnerTenantId: subscription.partnerTenantId,
    customerId: subscription.customerId,
    subscriptionId: subscription.id,
    orderId: subscription.orderId,
    productId: subscription.productId,
    skuId: subscription.skuId,
    availabilityId: subscription.availabilityId,
    termDuration: subscription.termDuration,
    billingCycle: subscription.billingCycle,
    termStartMs: subscription.termStartMs,
    termEndMs: subscription.termEndMs,
    promotion: subscription.promotion,
    isTrial: subscription.isTrial,
    partnerId: subscription.partnerId,
  };
}

/** What `days` of the running cycle cost. A cycle that the end of the term cuts short is a part of a whole one. */
function priceOf({ world }: Scope, subscription: Subscription, quantity: number, days: number) {
  const offer = findOffer(subscription.productId, subscription.skuId);
  if (offer === undefined) {
    throw new Error(`subscription ${subscription.id} has an offer that the price list lacks`);
  }
  const { termDuration, billingCycle, promotion, cycleStartMs, wholeCycleEndMs } = subscription;
  const { country } = customerOf(world, subscription).billingProfile.defaultAddress;
  const pricingCurrency = currencyOf(country);
  const { currency } = requirePartner(world, subscription.partnerTenantId);
  const unitPrice = unitPriceMinor(offer, termDuration, billingCycle, pricingCurrency);
  const wholeDays = (wholeCycleEndMs - cycleStartMs) / DAY_MS;
  const effectiveUnitMinor =
    (unitPrice * (100 - (promotion?.percent ?? 0)) * days) / 100 / wholeDays;
  const rate = exchangeRate(pricingCurrency, currency);
  return {
    unitPriceMinor: unitPrice,
    effectiveUnitMinor,
    pricingCurrency,
    exchangeRate: rate,
    currency,
    amountMinor:
      perSeatMinor(effectiveUnitMinor, { from: pricingCurrency, to: currency, rate }) * quantity,
  };
}

/** A change of seats is a pair: credit of the old quantity, charge of the new one (partner-center.md 7.2). */
export function chargeQuantityChange(
  scope: Scope,
  subscription: Subscription,
  change: { readonly chargeType: ChargeType; readonly from: number; readonly to: number },
): void {
  const { chargeType, from, to } = change;
  const fromMs = scope.world.clock.nowMs();
  charge(scope, subscription, { chargeType, quantity: -from, fromMs });
  charge(scope, subscription, { chargeType, quantity: to, fromMs });
}

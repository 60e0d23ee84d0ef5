/** Lines of the ledger, and the invoices that they add up to (partner-center.md 7). */
import type { BillingCycle, Term } from '../terms.ts';

/** What a line is for (partner-center.md 7.2). */
export type ChargeType =
  | 'new'
  | 'renew'
  | 'cycleCharge'
  | 'addQuantity'
  | 'removeQuantity'
  | 'moveQuantity'
  | 'cancelImmediate'
  | 'convert'
  | 'changeBillingPlan'
  | 'customerCredit'
  | 'extendTerm';

/** One line of what Microsoft charges the partner. Credits have negative quantities and amounts. */
export interface LedgerEntry {
  readonly atMs: number;
  readonly partnerTenantId: string;
  readonly customerId: string;
  readonly subscriptionId: string;
  readonly orderId: string;
  readonly productId: string;
  readonly skuId: string;
  readonly availabilityId: string;
  readonly chargeType: ChargeType;
  readonly termDuration: Term;
  readonly billingCycle: BillingCycle;
  /** The running term when it was charged. */
  readonly termStartMs: number;
  readonly termEndMs: number;
  readonly quantity: number;
  /** List price of one seat for one whole billing cycle, in `pricingCurrency`. */
  readonly unitPriceMinor: number;
  /** The same after promotion and proration by day, not rounded. */
  readonly effectiveUnitMinor: number;
  readonly pricingCurrency: string;
  /** Units of `currency` for one of `pricingCurrency`, six decimals. */
  readonly exchangeRate: number;
  /** In `currency`: whole minor units of one seat, times the seats. */
  readonly amountMinor: number;
  /** Billing currency of the partner. */
  readonly currency: string;
  readonly chargeStartMs: number;
  readonly chargeEndMs: number;
  readonly promotion: Promotion | undefined;
  readonly isTrial: boolean;
  readonly creditReason: string | undefined;
  /** PartnerID of who sold it: of the partner, or of an indirect reseller. */
  readonly partnerId: string;
}

/** A promotion that a subscription was bought with; for its first term. */
export interface Promotion {
  readonly id: string;
  readonly percent: number;
}

/** The charges of one partner and calendar month: the ledger entries `from` up to but not `to` that are his. */
export interface Invoice {
  /** `G` marks modern invoices. */
  readonly id: string;
  readonly partnerTenantId: string;
  readonly startMs: number;
  /** Exclusive. */
  readonly endMs: number;
  readonly invoicedMs: number;
  readonly currency: string;
  readonly totalMinor: number;
  readonly from: number;
  readonly to: number;
}

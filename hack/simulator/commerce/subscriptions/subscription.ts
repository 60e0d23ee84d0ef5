/** A licence-based subscription of new commerce (partner-center.md 6). */
import type { Promotion } from '../books/entry.ts';
import type { BillingCycle, Term } from '../terms.ts';

export interface RefundBatch {
  quantity: number;
  readonly allowedUntilMs: number;
}

export interface NextTermInstructions {
  readonly product: {
    readonly productId: string;
    readonly skuId: string;
    readonly availabilityId?: string;
    readonly billingCycle: BillingCycle;
    readonly termDuration: Term;
    readonly promotionId?: string;
  };
  readonly quantity: number;
  readonly customTermEndDate?: string;
}

export type EndOfTermAction =
  | 'Cancel'
  | 'RenewToNewTerm'
  | 'RenewToExtendedServiceTerm'
  | 'Transition';

export interface ScheduledAction {
  readonly scheduleType: 'TermEnd' | 'CustomDate';
  readonly actionType: EndOfTermAction;
  readonly effectiveDate?: string;
  readonly instructions?: NextTermInstructions;
}

export interface SupportContact {
  readonly supportTenantId: string;
  readonly supportMpnId: string;
  readonly name: string;
}

export type SubscriptionStatus = 'active' | 'suspended' | 'expired' | 'disabled' | 'deleted';

export interface Subscription {
  readonly id: string;
  readonly customerId: string;
  /** Tenant id of the partner that sold it. */
  readonly partnerTenantId: string;
  readonly orderId: string;
  readonly createdMs: number;
  productId: string;
  skuId: string;
  availabilityId: string;
  friendlyName: string;
  /** PartnerID of the reseller of record. */
  partnerId: string;
  quantity: number;
  status: SubscriptionStatus;
  termDuration: Term;
  billingCycle: BillingCycle;
  /** 00:00 UTC of the first day of the running term. */
  termStartMs: number;
  /** 00:00 UTC of the day after the last day of the running term. */
  termEndMs: number;
  /** From where billing cycles are counted: the term's start, or the last change of the cycle. */
  cycleAnchorMs: number;
  cycleStartMs: number;
  cycleEndMs: number;
  /** Where the running cycle would end if the term did not end before. */
  wholeCycleEndMs: number;
  customTermEndDate: string | undefined;
  cancellationAllowedUntilMs: number | undefined;
  refundBatches: RefundBatch[];
  autoRenewEnabled: boolean;
  nextTerm: NextTermInstructions | undefined;
  scheduledActions: ScheduledAction[];
  nextCharge: { readonly billingCycle: BillingCycle } | undefined;
  isTrial: boolean;
  /** Of the running term. */
  promotion: Promotion | undefined;
  /** In the extended service term (partner-center.md 6.6). */
  extended: boolean;
  /** Purchase or last renewal: decides whether the extended service term applies. */
  boughtMs: number;
  /** Every change of the running term makes tasks that were scheduled for an older one void. */
  generation: number;
  updateCount: number;
  /** When the status changes by itself: the end of the term, or of the way to deletion. */
  nextLifecycleMs: number | undefined;
  /** When the directory has the seats of the last change. */
  seatsDueMs: number;
  /** The partner himself unless set. */
  supportContact: SupportContact | undefined;
  /** An operation runs: updates answer 409 with this code. */
  busy: { readonly code: number; readonly reason: string; readonly sinceMs: number } | undefined;
}

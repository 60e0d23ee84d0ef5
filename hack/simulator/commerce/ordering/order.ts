/** Carts and orders (partner-center.md 5). */
import type { BillingCycle, Term } from '../terms.ts';

/** `errorCode` is the number of partner-center.md 5.2. */
export interface CartLineError {
  readonly errorCode: number;
  readonly errorDescription: string;
  readonly additionalInformation?: Readonly<Record<string, unknown>>;
}

export interface CartLine {
  readonly id: number;
  readonly catalogItemId: string;
  readonly friendlyName: string | undefined;
  readonly quantity: number;
  readonly termDuration: Term;
  readonly billingCycle: BillingCycle;
  readonly customTermEndDate: string | undefined;
  readonly promotionId: string | undefined;
  /** PartnerID of the indirect reseller. */
  readonly partnerIdOnRecord: string | undefined;
  readonly attestationAccepted: boolean | undefined;
  orderGroup: string;
  error: CartLineError | undefined;
}

export interface Cart {
  readonly id: string;
  readonly customerId: string;
  readonly partnerTenantId: string;
  readonly createdMs: number;
  modifiedMs: number;
  readonly expiresMs: number;
  modifiedBy: string;
  lines: CartLine[];
  status: 'Active' | 'Ordered';
  /** Orders made by checkout, by order group: a repeated checkout returns these. */
  readonly orderIds: Map<string, string>;
}

export interface OrderLine {
  readonly number: number;
  readonly productId: string;
  readonly skuId: string;
  readonly availabilityId: string;
  readonly quantity: number;
  readonly termDuration: Term;
  readonly billingCycle: BillingCycle;
  readonly friendlyName: string | undefined;
  readonly customTermEndDate: string | undefined;
  readonly promotionId: string | undefined;
  /** PartnerID of the indirect reseller. */
  readonly partnerIdOnRecord: string | undefined;
  readonly transactionType: 'New' | 'Convert';
  /** Set when provisioning has finished. */
  subscriptionId: string | undefined;
}

export interface Order {
  readonly id: string;
  readonly customerId: string;
  readonly partnerTenantId: string;
  readonly referenceCustomerId: string;
  readonly billingCycle: BillingCycle;
  readonly currency: string;
  readonly createdMs: number;
  /** From when the order stands in lists (partner-center.md 5.4: up to 15 minutes). */
  readonly listedFromMs: number;
  status: 'pending' | 'completed' | 'cancelled';
  readonly lines: OrderLine[];
}

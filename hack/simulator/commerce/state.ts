/**
 * What the commerce side remembers of one simulated world. Times are milliseconds since the epoch, money is whole
 * minor units (cents). Tests read it through `commerceOf`; only the files of this folder change it.
 */
import { fromJson, type Json, toJson } from '../json.ts';
import type { Room } from '../rooms.ts';
import type { ApiResponse, Partner, World } from '../world.ts';
import type { BillingCycle, Term } from './terms.ts';

export interface Address {
  country: string;
  region?: string;
  city?: string;
  state?: string;
  addressLine1?: string;
  addressLine2?: string;
  postalCode?: string;
  firstName?: string;
  lastName?: string;
  phoneNumber?: string;
}

export interface BillingProfile {
  id: string;
  firstName?: string;
  lastName?: string;
  email: string;
  culture: string;
  language: string;
  companyName: string;
  defaultAddress: Address;
  etag: string;
}

type AccountState = 'Unknown' | 'UnderReview' | 'Allowed' | 'NotAllowed' | 'Not Ready';

/** The reseller relationship of one partner with one customer. */
export interface Relationship {
  readonly partnerTenantId: string;
  readonly sinceMs: number;
  /** From when the customer stands in the partner's list. */
  readonly listedFromMs: number;
  ended: boolean;
}

export interface Customer {
  /** Tenant id of the customer. */
  readonly id: string;
  readonly commerceId: string;
  /** `contoso.onmicrosoft.com` */
  readonly domain: string;
  readonly organizationRegistrationNumber: string | undefined;
  billingProfile: BillingProfile;
  allowDelegatedAccess: boolean;
  readonly enableGdapByDefault: boolean;
  /** By tenant id of the partner. */
  readonly relationships: Map<string, Relationship>;
  account: { state: AccountState; changedMs: number };
  /** Purchases made earlier than this are provisioned when the tenant is there. */
  readonly tenantReadyMs: number;
  qualifications: { qualification: string; vettingStatus: string; createdMs: number }[];
}

export interface Agreement {
  readonly customerId: string;
  readonly partnerTenantId: string;
  readonly userId: string;
  readonly templateId: string;
  readonly type: string;
  readonly dateAgreed: string;
  readonly primaryContact: {
    readonly firstName: string;
    readonly lastName: string;
    readonly email: string;
    readonly phoneNumber?: string;
  };
}

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
  readonly transactionType: 'New';
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

interface RefundBatch {
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
  customTermEndDate: string | undefined;
  cancellationAllowedUntilMs: number | undefined;
  refundBatches: RefundBatch[];
  autoRenewEnabled: boolean;
  nextTerm: NextTermInstructions | undefined;
  scheduledActions: ScheduledAction[];
  nextCharge: { readonly billingCycle: BillingCycle } | undefined;
  isTrial: boolean;
  /** In the extended service term (partner-center.md 6.6). */
  extended: boolean;
  /** Purchase or last renewal: decides whether the extended service term applies. */
  boughtMs: number;
  /** Every change of the running term makes tasks that were scheduled for an older one void. */
  generation: number;
  updateCount: number;
  /** An operation runs: updates answer 409 with this code. */
  busy: { readonly code: number; readonly reason: string; readonly sinceMs: number } | undefined;
}

export type ChargeType =
  | 'new'
  | 'renew'
  | 'cycleCharge'
  | 'addQuantity'
  | 'removeQuantity'
  | 'cancelImmediate'
  | 'convert'
  | 'extendTerm';

/** One line of what Microsoft charges the partner; `amountMinor` is negative for credits. */
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
  readonly quantity: number;
  /** For one seat and one whole billing cycle, in `pricingCurrency`. */
  readonly unitPriceMinor: number;
  readonly pricingCurrency: string;
  /** In `currency`, prorated by day. */
  readonly amountMinor: number;
  /** Billing currency of the partner. */
  readonly currency: string;
  readonly chargeStartMs: number;
  readonly chargeEndMs: number;
}

export interface AuditRecord {
  readonly id: string;
  readonly partnerId: string;
  readonly customerId: string;
  readonly customerName: string;
  readonly userPrincipalName: string | undefined;
  readonly applicationId: string;
  readonly resourceType: string;
  readonly resourceOldValue: string | undefined;
  readonly resourceNewValue: string | undefined;
  readonly operationType: string;
  readonly operationStatus: 'succeeded' | 'failed' | 'progress';
  readonly originalCorrelationId: string;
  readonly operationMs: number;
  readonly customizedData: readonly { readonly key: string; readonly value: string }[];
}

export interface Commerce {
  readonly customers: Map<string, Customer>;
  readonly agreements: Agreement[];
  readonly carts: Map<string, Cart>;
  readonly orders: Map<string, Order>;
  readonly subscriptions: Map<string, Subscription>;
  readonly ledger: LedgerEntry[];
  readonly auditRecords: AuditRecord[];
  /** Answers by tenant, method, path and MS-RequestId. */
  readonly replays: Map<string, ApiResponse>;
  /** Requests in the running window, by resource and counting key. */
  readonly windows: Map<string, { startMs: number; count: number }>;
  /** Above 0, a PATCH of a subscription answers 202 and takes effect after this time. Tests set it. */
  slowUpdateMs: number;
}

export class CommerceRoom implements Room {
  state: Commerce = {
    customers: new Map(),
    agreements: [],
    carts: new Map(),
    orders: new Map(),
    subscriptions: new Map(),
    ledger: [],
    auditRecords: [],
    replays: new Map(),
    windows: new Map(),
    slowUpdateMs: 0,
  };

  dump(): Json {
    return toJson(this.state);
  }

  load(state: Json): void {
    this.state = fromJson(state) as Commerce;
  }
}

/** The commerce state of this world. Not to be kept: loading a world replaces it. */
export function commerceOf(world: World): Commerce {
  return world.rooms.commerce.state;
}

/** The partner of this tenant. Throws where the world has none: the world was built wrongly. */
export function requirePartner(world: World, tenantId: string): Partner {
  const partner = world.partners.get(tenantId);
  if (partner === undefined) {
    throw new Error(`partner tenant ${tenantId} is not in world.partners`);
  }
  return partner;
}

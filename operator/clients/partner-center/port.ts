/**
 * What the operator asks of Partner Center, in its own types. One `PartnerCenter` speaks for one partner tenant.
 * Every method throws OperatorError only (`errors.ts` has the table). Reads return undefined for what is absent.
 * A `requestId` is the MS-RequestId: the same value while the outcome of a write is unknown (partner-center.md 15.2).
 */

export interface Written {
  readonly requestId?: string | undefined;
}

export interface Customer {
  /** Customer id = tenant id. */
  readonly id: string;
  /** `contoso.onmicrosoft.com` */
  readonly domain: string;
  readonly companyName: string;
  /** `reseller`, `none`, … */
  readonly relationship: string;
}

export interface Address {
  readonly country: string;
  readonly city: string;
  readonly line1: string;
  readonly line2?: string | undefined;
  readonly state?: string | undefined;
  readonly postalCode?: string | undefined;
  readonly phone?: string | undefined;
}

export interface NewCustomer {
  /** `contoso.onmicrosoft.com` */
  readonly domain: string;
  readonly companyName: string;
  readonly registrationNumber?: string | undefined;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly language: string;
  readonly culture: string;
  readonly address: Address;
}

export interface CreatedCustomer extends Written {
  readonly id: string;
  readonly admin: { readonly userName: string; readonly password: string } | undefined;
}

export interface CountryRules {
  readonly isStateRequired: boolean;
  readonly states: readonly string[];
  readonly isPostalCodeRequired: boolean;
  readonly postalCodePattern: string | undefined;
  readonly isCityRequired: boolean;
  readonly languages: readonly string[];
  readonly cultures: readonly string[];
}

export interface AddressCheck {
  /** `Verified…` and `InteractionRequired` … as Partner Center words them. */
  readonly status: string;
  readonly message: string | undefined;
  readonly suggestions: readonly string[];
}

export interface Agreement {
  readonly primaryContact: {
    readonly firstName: string;
    readonly lastName: string;
    readonly email: string;
    readonly phone?: string | undefined;
  };
  /** ISO 8601 day or instant. */
  readonly dateAgreed: string;
  readonly templateId: string;
}

export interface CatalogItem {
  readonly productId: string;
  readonly skuId: string;
  /** SKU id in Entra (`provisioningId`). */
  readonly provisioningId: string | undefined;
  readonly minimumQuantity: number;
  /** Over all subscriptions of the customer, whoever sold them. */
  readonly maximumQuantity: number;
  readonly isTrial: boolean;
  readonly isAddOn: boolean;
  /** `productId:skuId` of the products of which the customer must have one. */
  readonly bases: readonly string[];
}

/** One term and billing cycle that can be bought now; its id changes over time and is never stored. */
export interface Availability {
  /** `productId:skuId:availabilityId` */
  readonly catalogItemId: string;
  readonly term: string;
  readonly billingCycle: string;
}

export interface CartLine {
  readonly catalogItemId: string;
  readonly friendlyName: string;
  readonly quantity: number;
  readonly term: string;
  readonly billingCycle: string;
  /** One of `listTermEndDates`; undefined: a whole term. */
  readonly customTermEndDate?: string | undefined;
}

export interface Cart extends Written {
  readonly id: string;
  /** What Partner Center has against a line, even on 201. */
  readonly lineErrors: readonly { readonly code: string; readonly message: string }[];
}

export interface Checkout extends Written {
  readonly orderId: string | undefined;
  readonly errors: readonly { readonly code: string; readonly message: string }[];
}

export interface NextTerm {
  /** Empty where Partner Center does not tell: the same. */
  readonly productId: string;
  readonly skuId: string;
  readonly quantity: number;
  readonly term: string;
  readonly billingCycle: string;
}

export interface Subscription {
  readonly id: string;
  readonly productId: string;
  readonly skuId: string;
  readonly friendlyName: string;
  readonly quantity: number;
  readonly status: string;
  readonly term: string;
  readonly billingCycle: string;
  readonly isTrial: boolean;
  readonly autoRenewEnabled: boolean;
  /** `TermEnd/Cancel`, `TermEnd/RenewToNewTerm`, …; sorted. */
  readonly scheduledActions: readonly string[];
  /** What the renewal is told to be; undefined: as it is now. Every change of seats deletes it. */
  readonly nextTerm: NextTerm | undefined;
  readonly orderId: string | undefined;
  /** Its seats cannot be reduced within the term. */
  readonly isSoftware: boolean;
  /** ISO 8601; undefined: it cannot be cancelled before the end of its term. */
  readonly cancellableUntil: string | undefined;
  /** First day of the first term, ISO 8601. */
  readonly effectiveStart: string | undefined;
  /** Inclusive: the whole last second. */
  readonly commitmentEndDate: string | undefined;
  /** Seats that Microsoft takes back, each batch until its time (ISO 8601). */
  readonly refundable: readonly { readonly quantity: number; readonly until: string }[];
}

/** One of these in one request. */
export type SubscriptionChange = {
  /** Seats over which it goes: Transient `ConcurrentChange` where others have changed them since. */
  readonly from?: number;
} & (
  | { readonly what: 'Seats'; readonly quantity: number }
  | { readonly what: 'EndOfTerm'; readonly endOfTerm: 'Renew' | 'Cancel' | 'Extend' }
  /** The renewal with other seats; replaces an action at the end of the term. */
  | { readonly what: 'NextTerm'; readonly nextTerm: NextTermOrder }
  /** At once, within the window, with everybody's access. */
  | { readonly what: 'Cancel' }
);

export interface NextTermOrder {
  readonly productId: string;
  readonly skuId: string;
  /** Of today: it changes over time. */
  readonly availabilityId: string;
  readonly termDuration: string;
  readonly billingCycle: string;
  readonly quantity: number;
}

/** Seats of a subscription as the activity log has them. */
export interface LoggedSeats {
  /** 0: it is cancelled. */
  readonly quantity: number;
  /** As in Subscription; undefined: the log does not say. */
  readonly term: string | undefined;
  readonly billingCycle: string | undefined;
}

/** One change as Partner Center's activity log has it. */
export interface AuditRecord {
  readonly id: string;
  readonly customerId: string;
  /** `subscription`, `order`, … */
  readonly resourceType: string;
  /** `update_subscription`, `create_order`, … */
  readonly operationType: string;
  readonly at: string;
  readonly isSuccess: boolean;
  /** Our application did it. */
  readonly isOwn: boolean;
  /** A service of Microsoft did it: a renewal, or what was scheduled. */
  readonly isMicrosoft: boolean;
  /** A person; undefined: an application, or Microsoft itself. */
  readonly userPrincipalName: string | undefined;
  /** Client id, or the name of a service of Microsoft such as `FulfillmentService`. */
  readonly applicationId: string | undefined;
  readonly subscriptionIds: readonly string[];
  /** Of a purchase, which may be logged before there is a subscription. */
  readonly orderId: string | undefined;
  /** Of a subscription; of an order: what was bought. Undefined: not told. */
  readonly before: LoggedSeats | undefined;
  readonly after: LoggedSeats | undefined;
}

/** What the partner's tokens can do, as probed. */
export interface PartnerProfile {
  /** The app + user token carries a completed MFA. */
  readonly isMfaCompliant: boolean;
}

export interface PartnerCenter {
  readonly partnerTenantId: string;
  /** Milliseconds that Microsoft's commerce clock (the `Date` header) is ahead of ours; 0 before the first answer. */
  readonly clockOffsetMs: number;

  /** Gets both tokens. Wait/Terminal errors name what is wrong with the credentials. */
  verifyAppToken(signal: AbortSignal): Promise<void>;
  verifyUserToken(signal: AbortSignal): Promise<PartnerProfile>;

  /** `domain` is the whole `prefix.onmicrosoft.com`. */
  isDomainTaken(domain: string, signal: AbortSignal): Promise<boolean>;
  getCountryRules(country: string, signal: AbortSignal): Promise<CountryRules>;
  checkAddress(address: Address, signal: AbortSignal): Promise<AddressCheck>;
  listCustomers(signal: AbortSignal): Promise<readonly Customer[]>;
  getCustomer(id: string, signal: AbortSignal): Promise<Customer | undefined>;
  /** Finds by `prefix.onmicrosoft.com`: how a create with an unknown outcome is looked up. */
  findCustomerByDomain(domain: string, signal: AbortSignal): Promise<Customer | undefined>;
  createCustomer(
    customer: NewCustomer,
    requestId: string,
    signal: AbortSignal,
  ): Promise<CreatedCustomer>;
  /** `Allowed`, `UnderReview`, `NotAllowed`, …; undefined where nothing blocks (600074). */
  getAccountStatus(customerId: string, signal: AbortSignal): Promise<string | undefined>;

  getAgreementTemplateId(signal: AbortSignal): Promise<string>;
  getAgreement(customerId: string, signal: AbortSignal): Promise<Agreement | undefined>;
  /** An identical one that is there already (600061) is success. */
  confirmAgreement(customerId: string, agreement: Agreement, signal: AbortSignal): Promise<Written>;

  /** Consent of our application in the customer tenant (delegated, CPV); there already (409) is success. */
  consentApplication(
    customerId: string,
    scopes: readonly string[],
    signal: AbortSignal,
  ): Promise<Written>;

  /** undefined: the catalogue of this country does not have it. */
  getCatalogItem(
    productId: string,
    skuId: string,
    country: string,
    signal: AbortSignal,
  ): Promise<CatalogItem | undefined>;
  /** What this customer may buy now of one SKU. */
  listAvailabilities(
    customerId: string,
    productId: string,
    skuId: string,
    signal: AbortSignal,
  ): Promise<readonly Availability[]>;

  /** Days with which a new subscription of this term may end, as `customTermEndDate` takes them. */
  listTermEndDates(
    customerId: string,
    term: string,
    signal: AbortSignal,
  ): Promise<readonly string[]>;
  createCart(
    customerId: string,
    line: CartLine,
    requestId: string,
    signal: AbortSignal,
  ): Promise<Cart>;
  /** Replay-safe on the same cart. */
  checkoutCart(
    customerId: string,
    cartId: string,
    requestId: string,
    signal: AbortSignal,
  ): Promise<Checkout>;

  /** Changes of subscriptions, and orders, of all customers since then. Reaches back 90 days at most. */
  listSubscriptionChanges(sinceMs: number, signal: AbortSignal): Promise<readonly AuditRecord[]>;

  /** `sinceMs`: an answer that was asked for from then on serves as well, if we have changed nothing since. Default: none does. */
  listSubscriptions(
    customerId: string,
    signal: AbortSignal,
    sinceMs?: number,
  ): Promise<readonly Subscription[]>;
  /** Others have changed them: no answer from before serves any more. */
  forgetSubscriptions(customerId: string): void;
  /** Reads, changes and sends back the whole resource. Returns what was before; `isPending`: it takes a while (202). */
  changeSubscription(
    customerId: string,
    subscriptionId: string,
    change: SubscriptionChange,
    signal: AbortSignal,
  ): Promise<Written & { readonly before: Subscription; readonly isPending: boolean }>;
}

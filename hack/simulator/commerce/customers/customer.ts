/** Customers of partners, and what they agreed to (partner-center.md 3). */

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
  /** The indirect reseller whose customer it is; undefined: the partner's own. */
  readonly resellerTenantId: string | undefined;
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
  /** The oldest first. */
  readonly subscriptionIds: string[];
  readonly orderIds: string[];
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

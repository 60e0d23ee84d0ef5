/**
 * What the commerce side (Partner Center) asks of the directory side (Entra). Implemented in this folder; Partner
 * Center imports nothing else of it.
 */
import type { Caller, World } from '../world.ts';

export interface NewTenant {
  readonly tenantId: string;
  /** `contoso.onmicrosoft.com` */
  readonly initialDomain: string;
  readonly displayName: string;
  /** ISO 3166-1 alpha-2 */
  readonly country: string;
  readonly admin: { readonly userName: string };
}

/** One commercial subscription as the directory sees it; `subscribedSkus` and `directory/subscriptions` come from these. */
export interface DirectorySubscription {
  readonly commerceSubscriptionId: string;
  readonly skuId: string;
  readonly skuPartNumber: string;
  readonly servicePlans: readonly {
    readonly servicePlanId: string;
    readonly servicePlanName: string;
  }[];
  readonly seats: number;
  readonly status: 'Enabled' | 'Warning' | 'Suspended' | 'Deleted' | 'LockedOut';
  readonly isTrial: boolean;
  /** Tenant id of the partner that sold it. */
  readonly ownerTenantId: string;
  readonly nextLifecycleMs: number | undefined;
}

/** A user as Partner Center shows him; without lag. */
export interface DirectoryUser {
  readonly id: string;
  readonly userPrincipalName: string;
  readonly displayName: string | undefined;
  readonly givenName: string | undefined;
  readonly surname: string | undefined;
  readonly usageLocation: string | undefined;
  readonly isFederated: boolean;
  /** In the recycle bin. */
  readonly isDeleted: boolean;
  readonly deletedAt: string | undefined;
  readonly licenses: readonly {
    readonly skuId: string;
    readonly disabledPlans: readonly string[];
  }[];
}

export interface LicenseChange {
  readonly caller: Caller;
  readonly userId: string;
  readonly add: readonly { readonly skuId: string; readonly disabledPlans: readonly string[] }[];
  readonly remove: readonly string[];
}

/** `done`, or why nothing was changed. */
export type LicenseOutcome =
  | 'done'
  | 'noUser'
  | 'noLocation'
  | 'noSku'
  | 'noSeats'
  | 'notHeld'
  | 'conflict';

export interface DirectoryApi {
  /** Is `prefix.onmicrosoft.com` or any verified domain taken, by any tenant? */
  isDomainTaken(world: World, domain: string): boolean;
  /** A new Entra tenant with its first admin (Global Administrator). Visible to login and Graph at once. */
  createTenant(world: World, tenant: NewTenant): void;
  /** Creates or replaces the subscription of this commerce id. */
  putSubscription(world: World, tenantId: string, subscription: DirectorySubscription): void;
  /** Licences in use (users, direct and by group), for `subscribedskus` and over-assignment. */
  consumedUnits(world: World, tenantId: string, skuId: string): number;
  /** Users of a tenant, those of the recycle bin too. */
  users(world: World, tenantId: string): readonly DirectoryUser[];
  /** Gives and takes direct licences of one user. */
  changeLicenses(world: World, tenantId: string, change: LicenseChange): LicenseOutcome;
  /** Gives all who hold the one SKU directly the other one instead. */
  transferLicenses(
    world: World,
    tenantId: string,
    skus: { readonly fromSkuId: string; readonly toSkuId: string },
  ): void;
  /** The default GDAP relationship that a new customer comes with: active, no access assignment yet. */
  createDefaultRelationship(
    world: World,
    options: {
      readonly partnerTenantId: string;
      readonly customerTenantId: string;
      readonly customerName: string;
      readonly roleTemplateIds: readonly string[];
    },
  ): void;
  /** Entra roles (template ids) that this partner user holds in the customer tenant now, through active GDAP access assignments. */
  delegatedRoles(
    world: World,
    options: {
      readonly partnerTenantId: string;
      readonly customerTenantId: string;
      readonly userId: string;
    },
  ): ReadonlySet<string>;
  /** Names of the partner tenant's security groups of which the user is a member, e.g. `AdminAgents`. */
  partnerGroups(world: World, partnerTenantId: string, userId: string): ReadonlySet<string>;
  /** Application consent (CPV): makes the service principal and a delegated grant. False: it was there already. */
  consentApplication(
    world: World,
    customerTenantId: string,
    consent: {
      readonly appId: string;
      readonly displayName: string;
      readonly resourceAppId: string;
      readonly scope: string;
    },
  ): boolean;
}

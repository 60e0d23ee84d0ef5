/** Builders for tests: what is found outside, as it is where nothing is to do. */
import type { AdAccount } from '../../operator/clients/active-directory/port.ts';
import type { EntraUser } from '../../operator/clients/graph/port.ts';
import type { Subscription } from '../../operator/clients/partner-center/port.ts';
import type {
  ObservedPool,
  OwnedSubscription,
} from '../../operator/kinds/license-pool/observed.ts';
import type { Access, ObservedTenant } from '../../operator/kinds/m365-tenant/observed.ts';
import { setupRoleIds } from '../../operator/kinds/m365-tenant/permissions.ts';
import type { ObservedUser } from '../../operator/kinds/m365-user/observed.ts';
import type { MassChangeCounts } from '../../operator/kinds/mass-change.ts';
import { ids, offer } from './build.ts';

export function access(overrides: Partial<Access> = {}): Access {
  return {
    isTenantKnown: true,
    hasServicePrincipal: true,
    missing: [],
    missingOptional: [],
    relationship: undefined,
    assignment: undefined,
    securityGroupId: undefined,
    ...overrides,
  };
}

export const relationship = { id: 'relationship', status: 'active' } as const;
export const assignment = {
  id: 'assignment',
  status: 'active',
  securityGroupId: ids.group,
  roleIds: setupRoleIds,
} as const;

export const noMassChanges: MassChangeCounts = {
  deletions: 0,
  disabled: 0,
  unlicensed: 0,
  marked: 0,
  done: 0,
  underWay: 0,
  managed: 0,
};

/** A tenant that is set up as the default of `tenant()` declares it. */
export function observedTenant(overrides: Partial<ObservedTenant> = {}): ObservedTenant {
  return {
    pollMs: 60_000,
    partnerTenantId: ids.partner,
    managedUsers: 0,
    managedPools: 0,
    massChanges: noMassChanges,
    customer: {
      id: ids.tenant,
      domain: 'contoso.onmicrosoft.com',
    },
    agreement: { dateAgreed: '2026-01-15T00:00:00Z' },
    accountStatus: 'Allowed',
    access: access(),
    organization: {
      id: ids.tenant,
      displayName: 'Contoso GmbH',
      countryLetterCode: 'DE',
      onPremisesSyncEnabled: false,
      initialDomain: 'contoso.onmicrosoft.com',
      verifiedDomains: ['contoso.onmicrosoft.com'],
    },
    directory: {
      protectedAccounts: undefined,
      withoutAnchor: {},
      syncedAccounts: 0,
      users: 3,
      lastFullRead: '2026-03-02T02:00:00Z',
    },
    ...overrides,
  };
}

export function subscription(overrides: Partial<Subscription> = {}): Subscription {
  return {
    id: ids.subscription,
    productId: offer.productId,
    skuId: offer.skuId,
    friendlyName: 'acme/premium',
    quantity: 10,
    status: 'active',
    term: offer.term,
    billingCycle: 'monthly',
    isTrial: false,
    autoRenewEnabled: true,
    scheduledActions: [],
    nextTerm: undefined,
    orderId: 'order',
    isSoftware: false,
    cancellableUntil: undefined,
    effectiveStart: '2026-01-02T00:00:00Z',
    commitmentEndDate: '2027-01-01T00:00:00Z',
    refundable: [],
    ...overrides,
  };
}

/** Ten seats bought, arrived and assigned: nothing to do. */
export function observedPool(overrides: Partial<ObservedPool> = {}): ObservedPool {
  return {
    offer,
    offers: [offer.name],
    sold: [offer],
    currency: 'EUR',
    connection: 'acme/eu',
    clockOffsetMs: 0,
    skuId: ids.sku,
    subscriptions: [ownSubscription()],
    available: 10,
    assigned: 10,
    consumed: overrides.assigned ?? 10,
    reserved: 0,
    leavingMs: [],
    startingMs: [],
    minimumQuantity: 1,
    maximumQuantity: 300,
    hasPrerequisites: true,
    base: undefined,
    addOn: undefined,
    isAccountUnderReview: false,
    ...overrides,
    limits: {
      seatCeiling: undefined,
      maxSeatsPerChange: undefined,
      maxSpendPerMonth: undefined,
      spentElsewhere: 0,
      ...overrides.limits,
    },
  };
}

/** Of the offer's product, bought by the partner, active for a year. */
export function ownSubscription(overrides: Partial<OwnedSubscription> = {}): OwnedSubscription {
  return { ...subscription(), owner: 'Partner', ...overrides };
}

export function entraUser(overrides: Partial<EntraUser> = {}): EntraUser {
  return {
    id: ids.user,
    userPrincipalName: 'mia@contoso.example',
    displayName: 'Mia Muster',
    accountEnabled: true,
    assignedLicenses: [],
    ...overrides,
  };
}

export function adAccount(overrides: Partial<AdAccount> = {}): AdAccount {
  return {
    objectGuid: ids.account,
    distinguishedName: 'CN=Mia Muster,OU=contoso,OU=Customers,DC=corp,DC=example',
    userPrincipalName: 'mia@contoso.example',
    samAccountName: 'mia',
    enabled: true,
    anchor: 'VVVVVVVVVUGVVVVVVVVVVQ==',
    ownerUid: 'uid-mia',
    attributes: { displayName: 'Mia Muster' },
    groupGuids: [],
    managerGuid: undefined,
    ...overrides,
  };
}

/** A cloud-only account, as the default of `user()` declares it. */
export function observedUser(overrides: Partial<ObservedUser> = {}): ObservedUser {
  return {
    driftRules: undefined,
    hold: undefined,
    isReadBack: true,
    viewAgeMs: 0,
    pollMs: 60_000,
    protection: undefined,
    directoryMode: 'None',
    passwords: 'Both',
    federatedDomains: [],
    initialDomain: 'contoso.onmicrosoft.com',
    unverifiedDomain: undefined,
    entra: entraUser(),
    activeDirectory: undefined,
    isOutside: false,
    organizationalUnit: undefined,
    samAccountName: undefined,
    hasPasswordSecret: undefined,
    licenses: [],
    surplus: [],
    unknownPools: [],
    outsideChanges: [],
    licenseFindings: [],
    groups: [],
    formerGroups: [],
    extraGroups: [],
    memberships: [],
    lostMemberships: [],
    directoryGroups: [],
    manager: undefined,
    ...overrides,
  };
}

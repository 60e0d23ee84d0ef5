/** Builders for tests: a whole object with sensible defaults, and what the test is about as override. */
import { LicensePoolSpec } from '../../operator/api/license-pool.ts';
import { M365TenantSpec } from '../../operator/api/m365-tenant.ts';
import { M365UserSpec } from '../../operator/api/m365-user.ts';
import { type Offer, PartnerConnectionSpec } from '../../operator/api/partner-connection.ts';
import type { AdAccount } from '../../operator/clients/active-directory/port.ts';
import type { EntraUser } from '../../operator/clients/graph/port.ts';
import type { Subscription } from '../../operator/clients/partner-center/port.ts';
import { mergeConditions } from '../../operator/core/conditions.ts';
import type {
  LicensePool,
  M365Tenant,
  M365User,
  PartnerConnection,
} from '../../operator/core/objects.ts';
import type { Condition, Metadata, Resource } from '../../operator/core/resource.ts';
import type {
  ObservedPool,
  OwnedSubscription,
} from '../../operator/kinds/license-pool/observed.ts';
import type { Access, ObservedTenant } from '../../operator/kinds/m365-tenant/observed.ts';
import { setupRoleIds } from '../../operator/kinds/m365-tenant/permissions.ts';
import type { ObservedUser } from '../../operator/kinds/m365-user/observed.ts';
import type { MassChangeCounts } from '../../operator/kinds/mass-change.ts';

/** The moment at which builders' objects are looked at. */
export const nowMs = Date.parse('2026-03-02T10:00:00Z');
export const hourMs = 60 * 60_000;

/** ISO 8601, so many hours from `nowMs`. */
export function inHours(hours: number): string {
  return new Date(nowMs + hours * hourMs).toISOString();
}

export const ids = {
  tenant: '11111111-1111-4111-8111-111111111111',
  partner: '22222222-2222-4222-8222-222222222222',
  user: '33333333-3333-4333-8333-333333333333',
  manager: '44444444-4444-4444-8444-444444444444',
  account: '55555555-5555-4555-8555-555555555555',
  sku: '66666666-6666-4666-8666-666666666666',
  otherSku: '77777777-7777-4777-8777-777777777777',
  group: '88888888-8888-4888-8888-888888888888',
  subscription: '99999999-9999-4999-8999-999999999999',
  servicePlan: 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa',
} as const;

interface Parts<Spec, Status> {
  readonly metadata?: Partial<Metadata>;
  readonly spec?: Spec;
  readonly status?: Status;
}

function object<Spec, Status>(
  kind: string,
  name: string,
  spec: Spec,
  { metadata, status }: Parts<unknown, Status>,
): Resource<Spec, Status> {
  return {
    apiVersion: 'm365-operator.io/v1alpha1',
    kind,
    metadata: {
      name,
      namespace: 'acme',
      uid: `uid-${name}`,
      resourceVersion: '1',
      generation: 2,
      creationTimestamp: '2026-01-01T00:00:00Z',
      finalizers: ['m365-operator.io/finalizer'],
      ...metadata,
    },
    spec,
    ...(status === undefined ? {} : { status }),
  };
}

/** As the API server would hand it back: with a deletion time. */
export function deleted<R extends Resource>(resource: R): R {
  const metadata = { ...resource.metadata, deletionTimestamp: inHours(-1) };
  return { ...resource, metadata };
}

/** The object after its conditions were stored at its present generation. */
export function withConditions<R extends Resource>(resource: R, wanted: readonly Condition[]): R {
  const { generation } = resource.metadata;
  const conditions = mergeConditions([], wanted, generation, inHours(-1));
  const status = {
    ...(resource.status as object | undefined),
    conditions,
    observedGeneration: generation,
  };
  return { ...resource, status };
}

export function readyCondition(reason = 'Provisioned'): Condition {
  return { type: 'Ready', status: 'True', reason, message: 'all is well' };
}

export const offer: Offer = {
  name: 'business-premium',
  productId: 'CFQ7TTC0LCHC',
  skuId: '0002',
  skuPartNumber: 'SPB',
  term: 'P1Y',
  billingCycle: 'Monthly',
  cost: 1600,
  price: 2000,
};

export function connection(
  parts: Parts<Partial<PartnerConnectionSpec>, NonNullable<PartnerConnection['status']>> = {},
): PartnerConnection {
  const spec = PartnerConnectionSpec.parse({
    partnerTenantId: ids.partner,
    environment: 'Production',
    region: 'Europe',
    timeZone: 'Europe/Berlin',
    currency: 'EUR',
    credentialsSecretRef: { name: 'credentials' },
    catalog: [offer],
    ...parts.spec,
  });
  return object('PartnerConnection', 'eu', spec, parts);
}

const person = { firstName: 'Ada', lastName: 'Admin', email: 'ada@contoso.example' };

export const createSpec: NonNullable<M365TenantSpec['create']> = {
  domainPrefix: 'contoso',
  companyName: 'Contoso GmbH',
  country: 'DE',
  language: 'de',
  address: { line1: 'Marktplatz 1', city: 'Köln', postalCode: '50667' },
  contact: { ...person, phone: '+49 221 123456' },
  agreement: { ...person, acceptedOn: '2026-01-15' },
};

export function tenant(
  parts: Parts<Partial<M365TenantSpec>, NonNullable<M365Tenant['status']>> = {},
): M365Tenant {
  const isConnect = parts.spec?.connect !== undefined;
  const spec = M365TenantSpec.parse({
    connectionRef: { name: 'eu' },
    ...(isConnect ? {} : { create: createSpec }),
    ...parts.spec,
  });
  return object('M365Tenant', 'contoso', spec, parts);
}

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

type PoolSpec = Partial<Omit<LicensePoolSpec, 'seats'>> & {
  readonly seats?: Partial<LicensePoolSpec['seats']>;
};

export function pool(parts: Parts<PoolSpec, NonNullable<LicensePool['status']>> = {}): LicensePool {
  const spec = LicensePoolSpec.parse({
    tenantRef: { name: 'contoso' },
    offer: offer.name,
    endOfTerm: 'Renew',
    ...parts.spec,
    seats: { min: 0, max: 100, ...parts.spec?.seats },
  });
  return object('LicensePool', 'premium', spec, parts);
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

export function user(
  parts: Parts<Partial<M365UserSpec>, NonNullable<M365User['status']>> = {},
): M365User {
  const spec = M365UserSpec.parse({
    tenantRef: { name: 'contoso' },
    userPrincipalName: 'mia@contoso.example',
    displayName: 'Mia Muster',
    ...parts.spec,
  });
  return object('M365User', 'mia', spec, parts);
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

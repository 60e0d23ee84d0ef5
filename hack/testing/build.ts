/** Builders for tests: a whole object with sensible defaults, and what the test is about as override. */
import { LicensePoolSpec } from '../../operator/api/license-pool.ts';
import { M365TenantSpec } from '../../operator/api/m365-tenant.ts';
import { M365UserSpec } from '../../operator/api/m365-user.ts';
import { type Offer, PartnerConnectionSpec } from '../../operator/api/partner-connection.ts';
import { mergeConditions } from '../../operator/core/conditions.ts';
import type {
  LicensePool,
  M365Tenant,
  M365User,
  PartnerConnection,
} from '../../operator/core/objects.ts';
import type { Condition, Metadata, Resource } from '../../operator/core/resource.ts';

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

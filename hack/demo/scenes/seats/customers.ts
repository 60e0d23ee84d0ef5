/** Two customers that are the same in all things but one: the operator looks after the seats of the first only. */
import { stringify } from 'yaml';
import { DEFAULT_PARTNER } from '../../../simulator/seed.ts';

/** In this world a seat is charged to the partner at 16.00 a month, and he sells it at 20.00. */
export const offer = {
  name: 'business-premium',
  productId: 'CFQ7TTC0LCHC',
  skuId: '0002',
  skuPartNumber: 'SPB',
  term: 'P1Y',
  billingCycle: 'Monthly',
  cost: 1600,
  price: 2000,
} as const;

export const managed = {
  companyName: 'Adatum GmbH',
  tenantId: '2f6f1d0a-71c4-4c58-9d3e-0a1b2c3d4e5f',
  domainPrefix: 'adatumde',
} as const;

/** The same people and the same purchases by others, and nobody who gives a seat back. */
export const untouched = {
  companyName: 'Bellows GmbH',
  tenantId: '3a7b2e1c-82d5-4d69-8e4f-1b2c3d4e5f60',
  domainPrefix: 'bellowsde',
} as const;

export const start = '2027-01-04T10:00:00Z';

export const worldFile = {
  name: 'scene of the seats',
  text: stringify({ startAt: start, tenants: [managed, untouched] }),
};

const apiVersion = 'm365-operator.io/v1alpha1';
export const namespace = 'contoso';

function manifest(kind: string, metadata: object, spec: object): string {
  return stringify({ apiVersion, kind, metadata, spec });
}

export const connection = manifest(
  'PartnerConnection',
  { name: 'eu-prod', namespace: 'provider' },
  {
    partnerTenantId: DEFAULT_PARTNER.tenantId,
    environment: 'Production',
    region: 'Europe',
    timeZone: 'Europe/Berlin',
    currency: 'EUR',
    credentialsSecretRef: { name: 'eu-prod-credentials' },
    allowedNamespaces: { from: 'All' },
    catalog: [offer],
  },
);

export const tenant = manifest(
  'M365Tenant',
  { name: 'adatum', namespace },
  {
    connectionRef: { name: 'eu-prod', namespace: 'provider' },
    connect: { domain: `${managed.domainPrefix}.onmicrosoft.com` },
  },
);

export function pool(decrease: 'Plan' | 'Auto'): string {
  const seats = { max: 50, buffer: { count: 0, marginFloorPercent: 10 } };
  const spec = { tenantRef: { name: 'adatum' }, offer: offer.name, seats, decrease };
  return manifest(
    'LicensePool',
    { name: offer.name, namespace },
    { ...spec, increase: 'Auto', endOfTerm: 'Reduce' },
  );
}

/** `leaveAt`: ISO 8601; the seat is handed on to whoever comes next. */
export function person(name: string, leaveAt?: string): string {
  const leaving = leaveAt === undefined ? {} : { leaveAt, seatsOnLeave: 'Free' };
  return manifest(
    'M365User',
    { name, namespace },
    {
      tenantRef: { name: 'adatum' },
      userPrincipalName: `${name}@${managed.domainPrefix}.onmicrosoft.com`,
      displayName: name,
      usageLocation: 'DE',
      pools: [offer.name],
      ...leaving,
    },
  );
}

/** The objects of a fleet: one connection, and for each tenant its pool and its users. */
import type { M365User } from '../../operator/core/objects.ts';
import type { DomainController } from '../samba/index.ts';
import { DEFAULT_PARTNER } from '../simulator/seed.ts';
import { directorySpec } from '../stage/index.ts';

export const group = 'm365-operator.io';
const apiVersion = `${group}/v1alpha1`;
const poolName = 'business-premium';

export function connection(directory?: DomainController) {
  return {
    apiVersion,
    kind: 'PartnerConnection',
    metadata: { name: 'eu-prod', namespace: 'provider' },
    spec: {
      partnerTenantId: DEFAULT_PARTNER.tenantId,
      environment: 'Production',
      region: 'Europe',
      timeZone: 'Europe/Berlin',
      currency: 'EUR',
      credentialsSecretRef: { name: 'eu-prod-credentials' },
      allowedNamespaces: {
        from: 'Selector',
        selector: { matchLabels: { [`${group}/customer`]: 'true' } },
      },
      limits: { maxSeatsPerChange: 1_000, maxSpendPerMonth: 1_000_000_000 },
      catalog: [
        {
          name: poolName,
          productId: 'CFQ7TTC0LCHC',
          skuId: '0002',
          skuPartNumber: 'SPB',
          term: 'P1Y',
          billingCycle: 'Monthly',
          cost: 1600,
          price: 2000,
        },
      ],
      ...(directory === undefined ? {} : { activeDirectory: directorySpec(directory) }),
    },
  };
}

export function domainPrefixOf(tenant: number): string {
  return `benchtenant${tenant}`;
}

export function tenantManifest(tenant: number, activeDirectory: 'None' | 'Managed' = 'None') {
  const person = { firstName: 'Mia', lastName: 'Weber', email: 'mia@contoso.example' };
  return {
    apiVersion,
    kind: 'M365Tenant',
    metadata: { name: 'tenant' },
    spec: {
      connectionRef: { name: 'eu-prod', namespace: 'provider' },
      create: {
        domainPrefix: domainPrefixOf(tenant),
        companyName: `Bench ${tenant} GmbH`,
        country: 'DE',
        language: 'de',
        address: { line1: 'Hauptstrasse 1', city: 'Berlin', postalCode: '10115' },
        contact: { ...person, phone: '+49301234567' },
        agreement: { ...person, acceptedOn: '2026-11-20' },
      },
      ...(activeDirectory === 'None' ? {} : { identity: { activeDirectory } }),
      plans: [{ name: 'standard', pools: [poolName], disabledServicePlans: ['YAMMER_ENTERPRISE'] }],
    },
  };
}

export function poolManifest(seats: number) {
  return {
    apiVersion,
    kind: 'LicensePool',
    metadata: { name: poolName },
    spec: {
      tenantRef: { name: 'tenant' },
      offer: poolName,
      seats: { min: seats, max: seats },
      increase: 'Auto',
      endOfTerm: 'Renew',
    },
  };
}

export function userManifest(tenant: number, name: string) {
  const spec = {
    tenantRef: { name: 'tenant' },
    userPrincipalName: `${name}@${domainPrefixOf(tenant)}.onmicrosoft.com`,
    displayName: `Bench ${name}`,
    givenName: 'Bench',
    surname: name,
    jobTitle: 'Engineer',
    department: 'Engineering',
    usageLocation: 'DE',
    plan: 'standard',
  } satisfies Partial<M365User['spec']>;
  return { apiVersion, kind: 'M365User', metadata: { name }, spec };
}

/** Declared domains against those of Entra. Pure. */

import type { DriftEntry } from '../../api/common.ts';
import type { M365TenantStatus } from '../../api/m365-tenant.ts';
import type { M365Tenant } from '../../core/objects.ts';
import type { ObservedTenant } from './observed.ts';

type DomainStatus = NonNullable<M365TenantStatus['domains']>[number];

export function domainStatus(
  tenant: M365Tenant,
  { domains, records }: ObservedTenant,
): M365TenantStatus['domains'] {
  const declared = tenant.spec.domains ?? [];
  if (declared.length === 0) return undefined;
  if (domains === undefined) return tenant.status?.domains;
  return declared.map(({ name }): DomainStatus => {
    const found = domains.find((domain) => domain.name === name);
    if (found === undefined) return { name, state: 'Missing' };
    const authentication = found.authentication;
    if (found.isVerified) return { name, state: 'Verified', authentication };
    return { name, state: 'Unverified', authentication, records: [...(records?.[name] ?? [])] };
  });
}

/** How people of a verified domain sign in is declared, compared and reported; it is not changed. */
export function domainDrift(tenant: M365Tenant, { domains }: ObservedTenant): DriftEntry[] {
  return (tenant.spec.domains ?? []).flatMap((declared): DriftEntry[] => {
    const found = domains?.find((domain) => domain.name === declared.name && domain.isVerified);
    const wanted = declared.authentication;
    if (found === undefined || wanted === undefined || wanted === found.authentication) return [];
    return [
      {
        path: `domains[${declared.name}].authentication`,
        type: 'Different',
        declared: wanted,
        actual: found.authentication,
      },
    ];
  });
}

/** Declared domains against those of Entra. Pure. */

import type { DriftEntry } from '../../api/common.ts';
import type { DeclaredDomain } from '../../api/domains.ts';
import type { M365TenantStatus } from '../../api/m365-tenant-status.ts';
import type { M365Tenant } from '../../core/objects.ts';
import { federationDrift, wantedFederation } from './federation.ts';
import { serverStatus } from './federation-server.ts';
import type { ObservedTenant } from './observed.ts';

type DomainStatus = NonNullable<M365TenantStatus['domains']>[number];

export function domainStatus(
  tenant: M365Tenant,
  { domains, records, federations }: ObservedTenant,
): M365TenantStatus['domains'] {
  const declared = tenant.spec.domains ?? [];
  if (declared.length === 0) return undefined;
  if (domains === undefined) return tenant.status?.domains;
  return declared.map(({ name, federation: isDeclared }): DomainStatus => {
    const found = domains.find((domain) => domain.name === name);
    if (found === undefined) return { name, state: 'Missing' };
    const authentication = found.authentication;
    const federation = isDeclared === undefined ? undefined : federations?.[name];
    const server = federation === undefined ? {} : serverStatus(name, federation);
    if (found.isVerified) return { name, state: 'Verified', authentication, ...server };
    return { name, state: 'Unverified', authentication, records: [...(records?.[name] ?? [])] };
  });
}

/**
 * How people of a verified domain sign in is compared and reported. It is changed only where the federation is declared:
 * a domain that others made Federated may be somebody's way in.
 */
export function domainDrift(tenant: M365Tenant, observed: ObservedTenant): DriftEntry[] {
  return (tenant.spec.domains ?? []).flatMap((declared): DriftEntry[] => [
    ...authenticationDrift(declared, observed),
    ...settingsDrift(declared, tenant, observed),
  ]);
}

function authenticationDrift(
  declared: DeclaredDomain,
  { domains }: ObservedTenant,
): readonly DriftEntry[] {
  const found = domains?.find((domain) => domain.name === declared.name && domain.isVerified);
  const wanted = declared.authentication;
  if (found === undefined || wanted === undefined || wanted === found.authentication) return [];
  // What is about to be set has not been changed by anybody.
  if (declared.federation !== undefined) return [];
  const path = `domains[${declared.name}].authentication`;
  return [{ path, type: 'Different', declared: wanted, actual: found.authentication }];
}

/** Of a federation that was as declared at an earlier look. */
function settingsDrift(
  declared: DeclaredDomain,
  { status }: M365Tenant,
  { federations }: ObservedTenant,
): readonly DriftEntry[] {
  const wanted = wantedFederation(declared);
  const found = federations?.[declared.name];
  const isOurs = status?.domains?.some(
    ({ name, issuerUri }) => name === declared.name && issuerUri !== undefined,
  );
  if (wanted === undefined || found === undefined || isOurs !== true) return [];
  return federationDrift(declared.name, wanted, found);
}

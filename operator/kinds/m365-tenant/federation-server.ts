/** What the federation server has to do for a domain, and for how long its certificates are good. Pure. */
import type { M365TenantStatus } from '../../api/m365-tenant-status.ts';
import type { FoundFederation } from '../../clients/graph/federation-port.ts';
import { condition } from '../../core/conditions.ts';
import type { Condition } from '../../core/resource.ts';
import type { ObservedTenant } from './observed.ts';

type DomainStatus = NonNullable<M365TenantStatus['domains']>[number];

const upn = 'http://schemas.xmlsoap.org/claims/UPN';
const issuerId = 'http://schemas.microsoft.com/ws/2008/06/identity/claims/issuerid';

/**
 * In the claim rule language of ADFS, for the relying party "Microsoft Office 365 Identity Platform": who has a name in
 * the domain, or in one below it, comes with exactly the issuer that Entra holds (active-directory.md B6). Undefined
 * where the language cannot say the issuer.
 */
export function claimRuleOf(domain: string, issuerUri: string): string | undefined {
  if (/["\\\p{Cc}]/u.test(issuerUri)) return undefined;
  const names = `(?i)^[^@]+@([^@]+\\.)?${domain.replaceAll('.', '\\.')}$`;
  return [
    `@RuleName = "Issuer of ${domain}"`,
    `c:[Type == "${upn}", Value =~ "${names}"]`,
    ` => issue(Type = "${issuerId}", Value = "${issuerUri}");`,
  ].join('\n');
}

export function serverStatus(
  domain: string,
  { issuerUri, certificateExpires, nextCertificateExpires }: FoundFederation,
): Pick<DomainStatus, 'issuerUri' | 'claimRule' | 'certificateExpires' | 'nextCertificateExpires'> {
  const claimRule = claimRuleOf(domain, issuerUri);
  return {
    issuerUri,
    ...(claimRule === undefined ? {} : { claimRule }),
    ...(certificateExpires === undefined ? {} : { certificateExpires }),
    ...(nextCertificateExpires === undefined ? {} : { nextCertificateExpires }),
  };
}

/** Entra looks for a new one in the metadata 30 days before the end. */
const expiringMs = 30 * 86_400_000;

/** While a certificate ends soon and none that is good for longer is known. */
export function expiringCertificates(
  { federations }: Pick<ObservedTenant, 'federations'>,
  nowMs: number,
): readonly Condition[] {
  const type = 'FederationCertificateExpiring';
  const ends = Object.entries(federations ?? {}).map(([domain, federation]) => ({
    domain,
    endMs: lastEndMs(federation),
  }));
  const names = (withinMs: number): string =>
    ends
      .filter(({ endMs }) => endMs - nowMs <= withinMs)
      .map(({ domain }) => domain)
      .sort()
      .join(', ');
  const expired = names(0);
  if (expired !== '') {
    const message = `nobody can sign in with a name in ${expired}: the signing certificate has expired; declare the new one of the federation server`;
    return [condition(type, 'True', 'Expired', message)];
  }
  const expiring = names(expiringMs);
  if (expiring === '') return [];
  const message = `the signing certificate of ${expiring} ends within 30 days, and Entra knows no other: declare federation.nextSigningCertificate, or metadataExchangeUri`;
  return [condition(type, 'True', 'EndsSoon', message)];
}

function lastEndMs({ certificateExpires, nextCertificateExpires }: FoundFederation): number {
  const ends = [certificateExpires, nextCertificateExpires].filter((end) => end !== undefined);
  return ends.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...ends.map(Date.parse));
}

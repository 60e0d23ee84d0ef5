/** What is declared of a domain's federation, in Graph's words. Pure. */

import type { DriftEntry } from '../../api/common.ts';
import type { DeclaredDomain } from '../../api/domains.ts';
import type { Federation } from '../../clients/graph/federation-port.ts';
import { changedFields, driftOf } from '../../core/diff.ts';

const protocols = { WsFed: 'wsFed', Saml: 'saml' } as const;

const secondFactors = {
  AcceptIfDoneByFederatedIdp: 'acceptIfMfaDoneByFederatedIdp',
  EnforceByFederatedIdp: 'enforceMfaByFederatedIdp',
  RejectByFederatedIdp: 'rejectMfaByFederatedIdp',
} as const;

/** One issuer for each domain, as the shared relying party of ADFS makes it of the sign-in name (active-directory.md B6). */
function issuerOf(domain: string): string {
  return `http://${domain}/adfs/services/trust/`;
}

export function wantedFederation({ name, federation }: DeclaredDomain): Federation | undefined {
  if (federation === undefined) return undefined;
  const { protocol, multiFactorAuthentication, issuerUri, ...same } = federation;
  return {
    ...same,
    issuerUri: issuerUri ?? issuerOf(name),
    preferredAuthenticationProtocol: protocols[protocol],
    federatedIdpMfaBehavior: secondFactors[multiFactorAuthentication],
  };
}

export function federationPatch(wanted: Federation, found: Federation): Partial<Federation> {
  return changedFields({ ...compared(wanted) }, { ...found });
}

export function federationDrift(
  domain: string,
  wanted: Federation,
  found: Federation,
): DriftEntry[] {
  const patch = federationPatch(wanted, found);
  return driftOf(`domains[${domain}].federation.`, { ...patch }, { ...found });
}

/** Entra rolls the certificate over by itself where it knows the metadata. */
function compared(wanted: Federation): Partial<Federation> {
  if (wanted.metadataExchangeUri === undefined) return wanted;
  const { signingCertificate: _, nextSigningCertificate: __, ...others } = wanted;
  return others;
}

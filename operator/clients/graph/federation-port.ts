/** The part of the Graph port that concerns how a domain's people sign in at a federation server. */
import type { Written } from './port.ts';

/** internalDomainFederation: how a domain's people sign in at a federation server. */
export interface Federation {
  readonly issuerUri: string;
  readonly passiveSignInUri: string;
  readonly activeSignInUri?: string | undefined;
  readonly signOutUri?: string | undefined;
  readonly metadataExchangeUri?: string | undefined;
  /** Base64, no PEM header. */
  readonly signingCertificate: string;
  /** The one that follows, as far as Entra knows it. */
  readonly nextSigningCertificate?: string | undefined;
  readonly preferredAuthenticationProtocol: string;
  readonly federatedIdpMfaBehavior: string;
}

export interface FoundFederation extends Federation {
  readonly id: string;
  /** ISO 8601, to the second, in UTC; undefined: there is no such certificate, or it cannot be read. */
  readonly certificateExpires?: string | undefined;
  readonly nextCertificateExpires?: string | undefined;
}

export interface DomainFederation {
  /** undefined: the domain is Managed. */
  getFederation(domain: string, signal: AbortSignal): Promise<FoundFederation | undefined>;
  /** Makes the domain Federated. Terminal `NameConflict` where another domain of Entra has the issuer. */
  createFederation(
    domain: string,
    federation: Federation & { readonly displayName: string },
    signal: AbortSignal,
  ): Promise<{ readonly id: string } & Written>;
  updateFederation(
    domain: string,
    id: string,
    patch: Partial<Federation>,
    signal: AbortSignal,
  ): Promise<Written>;
  /** Makes the domain Managed: its people need a password in Entra then. Absent is success. */
  deleteFederation(domain: string, id: string, signal: AbortSignal): Promise<Written>;
}

/** How our application proves itself for app-only tokens, as @azure/identity has it: by secret, certificate or federated token. */
import {
  ClientCertificateCredential,
  ClientSecretCredential,
  type TokenCredential,
  WorkloadIdentityCredential,
} from '@azure/identity';
import { nothingToProve } from './client-authentication.ts';
import type { TokensOptions } from './tokens.ts';

/** Good for other tenants too. Throws Terminal `CredentialsIncomplete` where there is neither of the three. */
export function createCredential(
  tenantId: string,
  {
    loginUrl,
    credentials,
    federatedTokenFile,
  }: Pick<TokensOptions, 'loginUrl' | 'credentials' | 'federatedTokenFile'>,
): TokenCredential {
  const { clientId, clientSecret, clientCertificate } = credentials;
  const options = {
    authorityHost: loginUrl,
    disableInstanceDiscovery: true,
    additionallyAllowedTenants: ['*'],
    // As quick as ours (retry.ts); every longer wait is the queue's.
    retryOptions: { maxRetries: 2, retryDelayInMs: 200, maxRetryDelayInMs: 1_000 },
  };
  if (clientSecret !== undefined)
    return new ClientSecretCredential(tenantId, clientId, clientSecret, options);
  if (clientCertificate !== undefined) {
    const proof = { certificate: clientCertificate };
    return new ClientCertificateCredential(tenantId, clientId, proof, options);
  }
  if (federatedTokenFile === undefined) throw nothingToProve();
  const tokenFilePath = federatedTokenFile;
  return new WorkloadIdentityCredential({ ...options, tenantId, clientId, tokenFilePath });
}

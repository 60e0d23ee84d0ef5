/** How our application proves itself for app-only tokens, as @azure/identity has it: by secret, certificate or federated token. */
import { createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline';
import {
  ClientCertificateCredential,
  ClientSecretCredential,
  type TokenCredential,
  WorkloadIdentityCredential,
} from '@azure/identity';
import type { HttpRequest, Transport } from '../http.ts';
import { nothingToProve } from './client-authentication.ts';
import type { TokensOptions } from './tokens.ts';

/** Good for other tenants too. Throws Terminal `CredentialsIncomplete` where there is neither of the three. */
export function createCredential(
  tenantId: string,
  {
    loginUrl,
    credentials,
    federatedTokenFile,
    transport,
  }: Pick<TokensOptions, 'loginUrl' | 'credentials' | 'federatedTokenFile' | 'transport'>,
): TokenCredential {
  const { clientId, clientSecret, clientCertificate } = credentials;
  const options = {
    authorityHost: loginUrl,
    disableInstanceDiscovery: true,
    additionallyAllowedTenants: ['*'],
    httpClient: httpClientOver(transport),
    // Ours repeats already; every longer wait is the queue's.
    retryOptions: { maxRetries: 0 },
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

/** Over the connections of everything else: logins are counted, timed and repeated as other requests are. */
function httpClientOver(transport: Transport): HttpClient {
  return {
    sendRequest: async (request) => {
      const { method, url, abortSignal, body } = request;
      const headers = request.headers.toJSON();
      // Ours takes answers as they come.
      delete headers['accept-encoding'];
      const response = await transport({
        method: method as HttpRequest['method'],
        url,
        headers,
        body: typeof body === 'string' ? body : undefined,
        // Of @azure/identity's own making.
        signal: abortSignal as AbortSignal,
        operation: method === 'GET' ? 'DiscoverLogin' : 'AcquireToken',
        isSafeToRepeat: true,
      });
      return {
        request,
        status: response.status,
        headers: createHttpHeaders(response.headers),
        bodyAsText: response.text,
      };
    },
  };
}

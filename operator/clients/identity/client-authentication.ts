/** How our application proves itself when it redeems a refresh token: by secret, certificate or federated token. */
import { createHash, createPrivateKey, randomUUID, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { SignJWT } from 'jose';
import { type OperatorError, terminal } from '../../core/errors.ts';
import type { PartnerCredentials } from './credentials.ts';

export interface ClientAuthenticationOptions {
  readonly credentials: PartnerCredentials;
  /** The token endpoint of the tenant: an assertion is good for this one only. */
  readonly tokenUrl: string;
  readonly nowMs: number;
  /** Projected service account token (workload identity); read anew each time, because it is rotated. */
  readonly federatedTokenFile: string | undefined;
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const assertionLifetimeSeconds = 10 * 60;

/** Fields of the token request. Terminal `CredentialsIncomplete` where there is neither of the three. */
export async function clientAuthentication(
  options: ClientAuthenticationOptions,
): Promise<Readonly<Record<string, string>>> {
  const { clientSecret, clientCertificate } = options.credentials;
  if (clientSecret !== undefined) return { client_secret: clientSecret };
  const assertion =
    clientCertificate === undefined
      ? await federatedToken(options.federatedTokenFile)
      : await signedAssertion(options, clientCertificate);
  return { client_assertion_type: assertionType, client_assertion: assertion };
}

async function federatedToken(file: string | undefined): Promise<string> {
  if (file !== undefined) return (await readFile(file, 'utf8')).trim();
  throw nothingToProve();
}

export function nothingToProve(): OperatorError {
  return terminal(
    'the credentials have neither clientSecret nor clientCertificate, and there is no workload identity (AZURE_FEDERATED_TOKEN_FILE)',
    { reason: 'CredentialsIncomplete' },
  );
}

/** PS256 with the certificate's SHA-256 thumbprint. Source: graph.md 1.2 (certificate credentials page, 2025-01-04). */
async function signedAssertion(options: ClientAuthenticationOptions, pem: string): Promise<string> {
  const { clientId } = options.credentials;
  const seconds = Math.floor(options.nowMs / 1000);
  const thumbprint = createHash('sha256').update(new X509Certificate(pem).raw).digest('base64url');
  return new SignJWT({})
    .setProtectedHeader({ alg: 'PS256', typ: 'JWT', 'x5t#S256': thumbprint })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(options.tokenUrl)
    .setJti(randomUUID())
    .setIssuedAt(seconds)
    .setNotBefore(seconds)
    .setExpirationTime(seconds + assertionLifetimeSeconds)
    .sign(createPrivateKey(pem));
}

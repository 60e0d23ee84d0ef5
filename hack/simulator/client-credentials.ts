/** How an app proves who it is: secret, certificate assertion, federated token (graph.md 1.1 to 1.3). */
import { createPublicKey, X509Certificate } from 'node:crypto';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose';
import { request } from 'undici';
import type { Application } from './directory/directory.ts';
import { asText } from './directory/text.ts';
import { LoginError } from './login-errors.ts';
import type { World } from './world.ts';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** Clocks differ; MSAL rounds its own to the next second. */
const CLOCK_SKEW_SECONDS = 300;
/** Real time: the issuer is somebody else's program. */
const ISSUER_MS = 5_000;
const FEDERATED_AUDIENCE = 'api://AzureADTokenExchange';

export interface ClientProof {
  readonly application: Application;
  readonly form: URLSearchParams;
  /** Token endpoint URLs under which this request could have been made. */
  readonly audiences: readonly string[];
}

/** @throws LoginError where the proof is missing or wrong. */
export async function authenticateClient(world: World, proof: ClientProof): Promise<void> {
  const assertion = proof.form.get('client_assertion');
  const secret = proof.form.get('client_secret');
  if (assertion !== null && proof.form.get('client_assertion_type') === ASSERTION_TYPE) {
    await checkAssertion(world, proof, assertion);
  } else if (secret === null) {
    throw new LoginError(7000218);
  } else {
    checkSecret(world, proof.application, secret);
  }
}

function checkSecret(world: World, application: Application, secret: string): void {
  const known = application.secrets.find((candidate) => candidate.value === secret);
  if (!known) throw new LoginError(7000215);
  if (known.expiresMs <= world.clock.nowMs()) throw new LoginError(7000222);
}

async function checkAssertion(world: World, proof: ClientProof, assertion: string): Promise<void> {
  let issuer: string | undefined;
  try {
    issuer = decodeJwt(assertion).iss;
  } catch {
    throw new LoginError(700027);
  }
  if (issuer === proof.application.appId) await checkCertificate(world, proof, assertion);
  else await checkFederated(proof, assertion);
}

async function checkCertificate(
  world: World,
  proof: ClientProof,
  assertion: string,
): Promise<void> {
  const header = decodeProtectedHeader(assertion);
  const thumbprint = header['x5t#S256'] ?? header['x5t'];
  const certificate = proof.application.certificates
    .map((pem) => new X509Certificate(pem))
    .find((candidate) => thumbprints(candidate).includes(asText(thumbprint)));
  if (!certificate || Date.parse(certificate.validTo) <= world.clock.nowMs()) {
    throw new LoginError(700027);
  }
  const key = createPublicKey(certificate.publicKey.export({ type: 'spki', format: 'pem' }));
  await verifyAssertion(() =>
    jwtVerify(assertion, key, {
      algorithms: ['PS256', 'RS256'],
      audience: [...proof.audiences],
      issuer: proof.application.appId,
      subject: proof.application.appId,
      requiredClaims: ['exp'],
      clockTolerance: CLOCK_SKEW_SECONDS,
    }),
  );
}

async function checkFederated(proof: ClientProof, assertion: string): Promise<void> {
  const { iss, sub } = decodeJwt(assertion);
  const credential = proof.application.federatedCredentials.find(
    (candidate) => candidate.issuer === iss && candidate.subject === sub,
  );
  if (!credential) throw new LoginError(70021);
  const keys = credential.jwks ?? (await publishedKeys(credential.issuer));
  const jwks = createLocalJWKSet({ keys: keys.keys.map((key) => ({ kty: 'RSA', ...key })) });
  await verifyAssertion(() =>
    jwtVerify(assertion, jwks, {
      audience: credential.audiences.length > 0 ? [...credential.audiences] : FEDERATED_AUDIENCE,
      requiredClaims: ['exp'],
      clockTolerance: CLOCK_SKEW_SECONDS,
    }),
  );
}

/** By the discovery document of the issuer. @throws LoginError where it does not tell */
async function publishedKeys(
  issuer: string,
): Promise<{ readonly keys: readonly Readonly<Record<string, unknown>>[] }> {
  const document = await read(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const { keys } = await read(asText(document['jwks_uri']));
  if (!Array.isArray(keys)) throw new LoginError(700211);
  return { keys: keys as readonly Readonly<Record<string, unknown>>[] };
}

async function read(url: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const answer = await request(url, { signal: AbortSignal.timeout(ISSUER_MS) });
    return (await answer.body.json()) as Readonly<Record<string, unknown>>;
  } catch {
    throw new LoginError(700211);
  }
}

async function verifyAssertion(verify: () => Promise<unknown>): Promise<void> {
  try {
    await verify();
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw new LoginError(700024);
    if (!(error instanceof errors.JWTClaimValidationFailed)) throw new LoginError(700027);
    if (error.claim === 'aud') throw new LoginError(700023);
    throw new LoginError(error.claim === 'nbf' ? 700024 : 700027);
  }
}

function thumbprints(certificate: X509Certificate): string[] {
  return [certificate.fingerprint256, certificate.fingerprint].map((hex) =>
    Buffer.from(hex.replaceAll(':', ''), 'hex').toString('base64url'),
  );
}

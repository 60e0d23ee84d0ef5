/** Signs events as the service does: RSA-SHA256 over the raw bytes, with a certificate to check it by (partner-center.md 10.3). */
// oxlint-disable-next-line import/no-unassigned-import -- x509 needs this polyfill for its side effect
import 'reflect-metadata';
import { Buffer } from 'node:buffer';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

const ALGORITHM = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 2048,
} as const;
const VALIDITY_MS = 10 * 365 * 86_400_000;

interface Signer {
  /** Base64. */
  sign(text: string): Promise<string>;
}

let made: Promise<Signer> | undefined;
let certificate: string | undefined;

/** One for this process, made when the first event is sent. */
export function signer(): Promise<Signer> {
  made ??= makeSigner();
  return made;
}

/** PEM; undefined while nothing was signed. */
export function signerCertificate(): string | undefined {
  return certificate;
}

async function makeSigner(): Promise<Signer> {
  x509.cryptoProvider.set(webcrypto as never);
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);
  // Its organization is the one that clients look for; it is its own root.
  const selfSigned = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=webhooks of the m365-operator simulator, O=Microsoft Corporation',
    notBefore: new Date(Date.now() - 86_400_000),
    notAfter: new Date(Date.now() + VALIDITY_MS),
    keys,
    signingAlgorithm: ALGORITHM,
  });
  certificate = selfSigned.toString('pem');
  return {
    async sign(text) {
      const bytes = await webcrypto.subtle.sign(ALGORITHM.name, keys.privateKey, Buffer.from(text));
      return Buffer.from(bytes).toString('base64');
    },
  };
}

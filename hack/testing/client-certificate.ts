// oxlint-disable-next-line import/no-unassigned-import -- x509 needs this polyfill for its side effect
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { PemConverter, X509CertificateGenerator } from '@peculiar/x509';

/** Self-signed, for RS256 and PS256. `withKey`: as `clientCertificate` of a connection's Secret holds it. Both PEM. */
export async function clientCertificate(): Promise<{
  readonly certificate: string;
  readonly withKey: string;
}> {
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const made = await X509CertificateGenerator.createSelfSigned({ name: 'CN=test', keys });
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  const certificate = made.toString('pem');
  return { certificate, withKey: `${certificate}\n${PemConverter.encode(key, 'PRIVATE KEY')}\n` };
}

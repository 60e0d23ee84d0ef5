/** The domain controller's certificate and the authority that signed it. */
// oxlint-disable-next-line import/no-unassigned-import -- x509 needs this polyfill for its side effect
import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { hostName } from './domain.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const validityMs = 365 * 86_400_000;

/**
 * Writes ca.crt, dc.crt and dc.key (mode 0600: Samba refuses others) into the folder; returns the path of ca.crt.
 * The certificate is for the controller's name, localhost, and the IP address where there is one.
 */
export async function issueCertificate(
  folder: string,
  address: string | undefined,
): Promise<string> {
  x509.cryptoProvider.set(webcrypto as never);
  await mkdir(folder, { recursive: true });
  const authority = await createKeys();
  const authorityCertificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(),
    name: 'CN=corp.example test CA',
    keys: authority,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
    ],
  });
  const server = await createKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    ...validity(),
    subject: `CN=${hostName}`,
    issuer: authorityCertificate.subject,
    publicKey: server.publicKey,
    signingKey: authority.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: hostName },
        { type: 'dns', value: 'localhost' },
        ...(address === undefined ? [] : [{ type: 'ip', value: address } as const]),
      ]),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    ],
  });
  const caFile = join(folder, 'ca.crt');
  await writeFile(caFile, authorityCertificate.toString('pem'));
  await writeFile(join(folder, 'dc.crt'), certificate.toString('pem'));
  const key = await webcrypto.subtle.exportKey('pkcs8', server.privateKey);
  await writeFile(join(folder, 'dc.key'), x509.PemConverter.encode(key, 'PRIVATE KEY'), {
    mode: 0o600,
  });
  return caFile;
}

function createKeys() {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

function validity(): { notBefore: Date; notAfter: Date; serialNumber: string } {
  return {
    notBefore: new Date(Date.now() - 86_400_000),
    notAfter: new Date(Date.now() + validityMs),
    // A leading 01 keeps the DER integer positive.
    serialNumber: `01${randomBytes(15).toString('hex')}`,
  };
}

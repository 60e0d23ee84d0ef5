/** The simulator's own certificate authority and one server certificate for all its names. */
// oxlint-disable-next-line import/no-unassigned-import -- x509 needs this polyfill for its side effect
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

/** Names under which Microsoft's services are known, so that they can be redirected here by DNS or hosts file. */
const PUBLIC_NAMES = [
  'login.microsoftonline.com',
  'graph.microsoft.com',
  'api.partnercenter.microsoft.com',
  'api.partner.microsoft.com',
] as const;

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const USAGES: KeyUsage[] = ['sign', 'verify'];
type KeyUsage = 'sign' | 'verify';
/** Ten years: a rehearsal moves the simulated clock, never this one. */
const VALIDITY_MS = 10 * 365 * 86_400_000;

export interface ServerCertificate {
  readonly caFile: string;
  readonly certificate: string;
  readonly key: string;
}

interface Authority {
  readonly certificate: x509.X509Certificate;
  readonly keys: CryptoKeyPairLike;
}
type CryptoKeyPairLike = Awaited<ReturnType<typeof createKeys>>;

/**
 * @param folder where `ca.crt` and `ca.key` are reused or written; a new temporary folder if undefined.
 */
export async function issueServerCertificate(
  folder: string | undefined,
  hosts: readonly string[],
): Promise<ServerCertificate> {
  const place = folder ?? mkdtempSync(join(tmpdir(), 'm365-simulator-'));
  mkdirSync(place, { recursive: true });
  const authority = await loadOrCreateAuthority(place);
  const keys = await createKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: 'CN=m365-operator simulator',
    issuer: authority.certificate.subject,
    ...validity(),
    publicKey: keys.publicKey,
    signingKey: authority.keys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.SubjectAlternativeNameExtension(alternativeNames(hosts)),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    ],
  });
  return {
    caFile: join(place, 'ca.crt'),
    certificate: `${certificate.toString('pem')}\n${authority.certificate.toString('pem')}`,
    key: await exportKey(keys.privateKey),
  };
}

async function loadOrCreateAuthority(folder: string): Promise<Authority> {
  x509.cryptoProvider.set(webcrypto as never);
  const certificateFile = join(folder, 'ca.crt');
  const keyFile = join(folder, 'ca.key');
  if (existsSync(certificateFile) && existsSync(keyFile)) {
    const certificate = new x509.X509Certificate(readFileSync(certificateFile, 'utf8'));
    const key = x509.PemConverter.decodeFirst(readFileSync(keyFile, 'utf8'));
    const privateKey = await webcrypto.subtle.importKey('pkcs8', key, ALGORITHM, true, ['sign']);
    return { certificate, keys: { privateKey, publicKey: await certificate.publicKey.export() } };
  }
  const keys = await createKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: 'CN=m365-operator simulator CA',
    ...validity(),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
    ],
  });
  writeFileSync(certificateFile, certificate.toString('pem'));
  writeFileSync(keyFile, await exportKey(keys.privateKey), { mode: 0o600 });
  return { certificate, keys };
}

function createKeys() {
  return webcrypto.subtle.generateKey(ALGORITHM, true, USAGES);
}

async function exportKey(key: Parameters<typeof webcrypto.subtle.exportKey>[1]): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

function validity(): { notBefore: Date; notAfter: Date } {
  return {
    notBefore: new Date(Date.now() - 86_400_000),
    notAfter: new Date(Date.now() + VALIDITY_MS),
  };
}

function serialNumber(): string {
  // A leading 01 keeps the DER integer positive.
  return `01${Buffer.from(webcrypto.getRandomValues(new Uint8Array(15))).toString('hex')}`;
}

function alternativeNames(hosts: readonly string[]): x509.JsonGeneralName[] {
  const names = new Set(['localhost', '127.0.0.1', ...PUBLIC_NAMES, ...hosts]);
  return [...names].map((value) => ({
    type: /^[\d.]+$|:/.test(value) ? ('ip' as const) : ('dns' as const),
    value,
  }));
}

/** The credentials of a PartnerConnection, as its Secret holds them (fixed keys, DESIGN.md section 8). */
import { X509Certificate } from 'node:crypto';
import { terminal } from '../../core/errors.ts';

export interface PartnerCredentials {
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  /** PEM: certificate and private key. */
  readonly clientCertificate: string | undefined;
  /** For what Partner Center grants only to app + user. Rotates: each use may bring a new one. */
  readonly refreshToken: string | undefined;
}

export interface DirectoryCredentials {
  readonly bindDN: string;
  readonly bindPassword: string;
  /** PEM of the authority that signed the controllers' certificates. */
  readonly ca: string;
}

type SecretData = Readonly<Record<string, Uint8Array>>;

/** Throws Terminal `SecretKeyMissing` naming the key. */
export function partnerCredentials(secretName: string, data: SecretData): PartnerCredentials {
  return {
    clientId: requireKey(secretName, data, 'clientId'),
    clientSecret: optionalKey(data, 'clientSecret'),
    clientCertificate: optionalKey(data, 'clientCertificate'),
    refreshToken: optionalKey(data, 'refreshToken'),
  };
}

/** Throws Terminal `SecretKeyMissing` naming the key. */
export function directoryCredentials(secretName: string, data: SecretData): DirectoryCredentials {
  return {
    bindDN: requireKey(secretName, data, 'bindDN'),
    bindPassword: requireKey(secretName, data, 'bindPassword'),
    ca: requireKey(secretName, data, 'ca.crt'),
  };
}

/** Day (YYYY-MM-DD) on which the client certificate ends; undefined where there is none. */
export function certificateExpiry(credentials: PartnerCredentials): string | undefined {
  if (credentials.clientCertificate === undefined) return undefined;
  try {
    const { validToDate } = new X509Certificate(credentials.clientCertificate);
    return validToDate.toISOString().slice(0, 10);
  } catch (error) {
    throw terminal('clientCertificate is not a PEM certificate with its private key', {
      reason: 'CertificateInvalid',
      cause: error,
    });
  }
}

function optionalKey(data: SecretData, key: string): string | undefined {
  const value = data[key];
  if (value === undefined) return undefined;
  const decoded = Buffer.from(value).toString('utf8').trim();
  return decoded === '' ? undefined : decoded;
}

function requireKey(secretName: string, data: SecretData, key: string): string {
  const value = optionalKey(data, key);
  if (value !== undefined) return value;
  throw terminal(`Secret "${secretName}" has no key "${key}"`, { reason: 'SecretKeyMissing' });
}

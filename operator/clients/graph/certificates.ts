import { X509Certificate } from 'node:crypto';

/** When the certificate ends: ISO 8601, to the second, in UTC. Of base64 without a header; undefined: none, or no certificate. */
export function certificateEnd(base64: string | null | undefined): string | undefined {
  if (!base64) return undefined;
  try {
    const { validToDate } = new X509Certificate(Buffer.from(base64, 'base64'));
    return `${validToDate.toISOString().slice(0, 19)}Z`;
  } catch {
    // Not ours to judge: Entra took it.
    return undefined;
  }
}

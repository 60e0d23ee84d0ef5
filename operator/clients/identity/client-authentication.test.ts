// oxlint-disable-next-line import/no-unassigned-import -- x509 needs this polyfill for its side effect
import 'reflect-metadata';
import { createPublicKey, webcrypto } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PemConverter, X509CertificateGenerator } from '@peculiar/x509';
import { jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { clientAuthentication } from './client-authentication.ts';

const tokenUrl = 'https://login.example/tenant/oauth2/v2.0/token';
const clientId = '0f6a7c1e-9d53-4a7b-8a24-5c1e2b3d4f60';
const nowMs = Date.parse('2026-11-24T12:00:00Z');
const none = { clientId, clientSecret: undefined, clientCertificate: undefined, refreshToken: 'r' };

async function certificate(): Promise<string> {
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const made = await X509CertificateGenerator.createSelfSigned({ name: 'CN=test', keys });
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return `${made.toString('pem')}\n${PemConverter.encode(key, 'PRIVATE KEY')}\n`;
}

describe('an application proves itself', () => {
  it('by its secret', async () => {
    const credentials = { ...none, clientSecret: 'not-real' };
    const fields = await clientAuthentication({
      credentials,
      tokenUrl,
      nowMs,
      federatedTokenFile: undefined,
    });
    expect(fields).toEqual({ client_secret: 'not-real' });
  });

  it('by an assertion signed with its certificate, for this token endpoint and ten minutes', async () => {
    const pem = await certificate();
    const credentials = { ...none, clientCertificate: pem };
    const fields = await clientAuthentication({
      credentials,
      tokenUrl,
      nowMs,
      federatedTokenFile: undefined,
    });
    expect(fields['client_assertion_type']).toContain('jwt-bearer');
    const { payload, protectedHeader } = await jwtVerify(
      fields['client_assertion'] ?? '',
      createPublicKey(pem),
      {
        audience: tokenUrl,
        issuer: clientId,
        subject: clientId,
        currentDate: new Date(nowMs),
      },
    );
    expect(protectedHeader).toMatchObject({ alg: 'PS256', typ: 'JWT' });
    expect((payload.exp ?? 0) - (payload.nbf ?? 0)).toBe(600);
    expect(payload.jti).toBeDefined();
  });

  it('by the token of its service account, read anew each time', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'm365-federated-'));
    const file = join(folder, 'token');
    for (const token of ['first', 'second']) {
      await writeFile(file, `${token}\n`);
      const fields = await clientAuthentication({
        credentials: none,
        tokenUrl,
        nowMs,
        federatedTokenFile: file,
      });
      expect(fields['client_assertion']).toBe(token);
    }
    await rm(folder, { recursive: true });
  });

  it('not at all where there is nothing to prove it with, and says what is missing', async () => {
    const proof = clientAuthentication({
      credentials: none,
      tokenUrl,
      nowMs,
      federatedTokenFile: undefined,
    });
    await expect(proof).rejects.toMatchObject({
      class: 'Terminal',
      reason: 'CredentialsIncomplete',
    });
  });
});

import { createPublicKey } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { clientCertificate } from '../../../hack/testing/client-certificate.ts';
import { clientAuthentication } from './client-authentication.ts';

const tokenUrl = 'https://login.example/tenant/oauth2/v2.0/token';
const clientId = '0f6a7c1e-9d53-4a7b-8a24-5c1e2b3d4f60';
const nowMs = Date.parse('2026-11-24T12:00:00Z');
const none = { clientId, clientSecret: undefined, clientCertificate: undefined, refreshToken: 'r' };

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
    const { withKey: pem } = await clientCertificate();
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

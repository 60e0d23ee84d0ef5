/** By each of its proofs the application gets tokens in every tenant that has let it in, for itself and for the service user. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CreatedPartner } from '../../../hack/simulator/partners.ts';
import { clientCertificate } from '../../../hack/testing/client-certificate.ts';
import { Cloud, failureOf, signal } from '../../../hack/testing/cloud.ts';
import { Tokens } from './tokens.ts';

const graph = 'https://graph.microsoft.com';
const issuer = 'https://cluster.example';
const subject = 'system:serviceaccount:m365-operator:m365-operator';
let cloud: Cloud;
let folder: string;
let federatedTokenFile: string;
let withKey: string;
let partner: CreatedPartner;
let customers: readonly string[];

beforeAll(async () => {
  cloud = await Cloud.start();
  folder = await mkdtemp(join(tmpdir(), 'm365-proofs-'));
  federatedTokenFile = join(folder, 'token');
  const made = await clientCertificate();
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const keys = [await exportJWK(publicKey)];
  ({ withKey } = made);
  partner = cloud.simulator.addPartner({
    name: 'Proofs',
    app: {
      certificates: [made.certificate],
      federatedCredentials: [{ issuer, subject, jwks: { keys } }],
    },
  });
  const token = new SignJWT({ iss: issuer, sub: subject, aud: 'api://AzureADTokenExchange' });
  const signed = token.setProtectedHeader({ alg: 'RS256' }).setExpirationTime('10m');
  await writeFile(federatedTokenFile, await signed.sign(privateKey));
  customers = ['One', 'Another'].map((name) => cloud.simulator.addPartner({ name }).tenantId);
  for (const id of customers)
    await fetch(`${cloud.simulator.urls.login}/${id}/adminconsent?client_id=${partner.clientId}`);
});
afterAll(async () => {
  await cloud.stop();
  await rm(folder, { recursive: true });
});

type Proof = 'secret' | 'certificate' | 'federated' | 'none';

function tokensBy(proof: Proof): Tokens {
  const { clientId, clientSecret, refreshToken } = partner;
  return new Tokens({
    loginUrl: cloud.simulator.urls.login,
    credentials: {
      clientId,
      clientSecret: proof === 'secret' ? clientSecret : undefined,
      clientCertificate: proof === 'certificate' ? withKey : undefined,
      refreshToken,
    },
    federatedTokenFile: proof === 'federated' ? federatedTokenFile : undefined,
    nowMs: () => Date.now(),
    transport: async ({ url, method, headers, body }) => {
      const response = await fetch(url, { method, headers, body: body ?? null });
      return { status: response.status, headers: {}, text: await response.text() };
    },
    onRefreshToken: () => Promise.resolve(),
  });
}

describe('an application proves itself', () => {
  it.each(['secret', 'certificate', 'federated'] as const)('by its %s', async (proof) => {
    const tokens = tokensBy(proof);
    for (const tenantId of [partner.tenantId, ...customers]) {
      const token = await tokens.app(tenantId, graph, signal);
      expect(decodeJwt(token)).toMatchObject({ tid: tenantId, idtyp: 'app' });
    }
    const scope = 'https://api.partnercenter.microsoft.com/user_impersonation';
    const token = await tokens.user(partner.tenantId, scope, signal);
    expect(decodeJwt(token)).toMatchObject({ tid: partner.tenantId, idtyp: 'user' });
  });

  it('not at all where there is nothing to prove it with, and says what is missing', async () => {
    const tokens = tokensBy('none');
    const expected = { class: 'Terminal', reason: 'CredentialsIncomplete' };
    expect(await failureOf(tokens.app(partner.tenantId, graph, signal))).toMatchObject(expected);
    const redeemed = tokens.user(partner.tenantId, `${graph}/.default`, signal);
    expect(await failureOf(redeemed)).toMatchObject(expected);
  });
});

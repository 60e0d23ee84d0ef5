import { decodeJwt, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
// oxlint-disable-next-line import/no-unassigned-import -- x509 needs this polyfill for its side effect
import 'reflect-metadata';
import { createHash, randomUUID, webcrypto } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as x509 from '@peculiar/x509';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminConsent } from './directory/consent.ts';
import type { CreatedPartner } from './partners.ts';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from './seed.ts';
import { Kit, PASSWORD } from './test-kit.ts';

const ISSUER = 'https://oidc.cluster.example';
const SUBJECT = 'system:serviceaccount:m365:operator';
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
let kit: Kit;
let partner: CreatedPartner;
let federated: Awaited<ReturnType<typeof generateKeyPair>>;
let certified: Awaited<ReturnType<typeof createKeys>>;
let certificate: x509.X509Certificate;

beforeAll(async () => {
  kit = await Kit.start({ frozen: true, startAt: '2026-11-24T00:00:00Z' });
  federated = await generateKeyPair('RS256');
  certified = await createKeys();
  certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=operator',
    keys: certified,
    signingAlgorithm: { name: 'RSA-PSS', saltLength: 32 } as never,
    notAfter: new Date('2027-11-24'),
  });
  const jwk: JWK = { ...(await exportJWK(federated.publicKey)), kid: 'k', alg: 'RS256' };
  partner = kit.simulator.addPartner({
    name: 'Proof',
    app: {
      secret: 'short',
      secretExpires: '2026-12-01T00:00:00Z',
      certificates: [certificate.toString('pem')],
      federatedCredentials: [{ issuer: ISSUER, subject: SUBJECT, jwks: { keys: [jwk] } }],
    },
  });
});
afterAll(() => kit.stop());

function createKeys() {
  return webcrypto.subtle.generateKey(
    {
      name: 'RSA-PSS',
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
      hash: 'SHA-256',
    },
    true,
    ['sign', 'verify'],
  );
}

async function failure(tenantId: string, form: Record<string, string>) {
  const { status, body } = await kit.tokenRequest(tenantId, form);
  return { status, error: body.error as string, code: (body.error_codes as number[])[0] };
}

describe('errors', () => {
  const own = DEFAULT_PARTNER.tenantId;
  it.each([
    [
      'wrong secret',
      own,
      { client_secret: 'wrong' },
      { status: 401, error: 'invalid_client', code: 7000215 },
    ],
    [
      'unknown app',
      own,
      { client_id: randomUUID() },
      { status: 400, error: 'unauthorized_client', code: 700016 },
    ],
    ['unknown tenant', randomUUID(), {}, { status: 400, error: 'invalid_request', code: 90002 }],
    ['no tenant', 'common', {}, { status: 400, error: 'invalid_request', code: 50059 }],
    [
      'no service principal',
      DEFAULT_CUSTOMER.tenantId,
      {},
      { status: 401, error: 'unauthorized_client', code: 7000229 },
    ],
    ['no scope', own, { scope: '' }, { status: 400, error: 'invalid_scope', code: 70011 }],
    [
      'unknown resource',
      own,
      { scope: 'https://elsewhere.example/.default' },
      { status: 400, error: 'invalid_resource', code: 500011 },
    ],
    [
      'unknown grant',
      own,
      { grant_type: 'password' },
      { status: 400, error: 'unsupported_grant_type', code: 70003 },
    ],
    [
      'unknown refresh token',
      own,
      { grant_type: 'refresh_token', refresh_token: 'no' },
      { status: 400, error: 'invalid_grant', code: 700082 },
    ],
  ])('%s', async (_, tenantId, form, expected) => {
    expect(await failure(tenantId, form)).toEqual(expected);
  });

  it('say their code first, with trace and correlation ids', async () => {
    const { body } = await kit.tokenRequest(DEFAULT_PARTNER.tenantId, { client_secret: 'wrong' });
    expect(body.error_description).toMatch(/^AADSTS7000215: .* Trace ID: /);
    expect(body).toMatchObject({
      trace_id: expect.any(String) as string,
      correlation_id: expect.any(String) as string,
    });
  });
});

describe('app-only tokens', () => {
  it('carry the roles granted in that tenant, and none before consent', async () => {
    const claims = decodeJwt(await kit.token(DEFAULT_PARTNER.tenantId));
    expect(claims).toMatchObject({
      aud: 'https://graph.microsoft.com',
      tid: DEFAULT_PARTNER.tenantId,
      appid: DEFAULT_PARTNER.clientId,
      app_displayname: 'm365-operator',
      roles: ['DelegatedAdminRelationship.ReadWrite.All'],
    });
    const partnerCenter = decodeJwt(
      await kit.token(DEFAULT_PARTNER.tenantId, {
        scope: 'https://api.partnercenter.microsoft.com/.default',
      }),
    );
    expect(partnerCenter.aud).toBe('https://api.partnercenter.microsoft.com');
    expect(partnerCenter).not.toHaveProperty('roles');
  });

  it('come from a verified domain as well as from the id, and from the v1 endpoint with text numbers', async () => {
    await kit.customerToken(DEFAULT_CUSTOMER.tenantId);
    expect(decodeJwt(await kit.token(DEFAULT_CUSTOMER.domain))['tid']).toBe(
      DEFAULT_CUSTOMER.tenantId,
    );
    const answer = await kit.send(
      'POST',
      `${kit.simulator.urls.login}/${DEFAULT_PARTNER.tenantId}/oauth2/token`,
      {
        body: new URLSearchParams({
          client_id: DEFAULT_PARTNER.clientId,
          client_secret: DEFAULT_PARTNER.clientSecret,
          grant_type: 'client_credentials',
          resource: 'https://api.partnercenter.microsoft.com',
        }),
      },
    );
    expect(answer.body).toMatchObject({
      expires_in: '3599',
      resource: 'https://api.partnercenter.microsoft.com',
    });
  });

  it('keep their claims until they expire', async () => {
    const tenantId = kit.simulator.addPartner({ name: 'Later' }).tenantId;
    const old = kit.simulator.world.directories.get(tenantId)!;
    const clientId = [...old.applications.keys()][0]!;
    const secret = old.applications.get(clientId)!.secrets[0]!.value;
    const form = { client_id: clientId, client_secret: secret };
    const before = await kit.token(tenantId, form);
    await kit.send(
      'GET',
      `${kit.simulator.urls.login}/${tenantId}/adminconsent?client_id=${clientId}`,
    );
    expect((await kit.graph('GET', '/users', { token: before })).status).toBe(403);
    const after = await kit.token(tenantId, form);
    expect((await kit.graph('GET', '/users', { token: after })).status).toBe(200);
  });
});

const proofForm = (assertion: string) => ({
  client_id: partner.clientId,
  client_secret: '',
  client_assertion_type: ASSERTION_TYPE,
  client_assertion: assertion,
});
const assertion = async (audience: string, expires = '5m') =>
  new SignJWT({})
    .setProtectedHeader({
      alg: 'PS256',
      typ: 'JWT',
      'x5t#S256': createHash('sha256').update(Buffer.from(certificate.rawData)).digest('base64url'),
    })
    .setIssuer(partner.clientId)
    .setSubject(partner.clientId)
    .setAudience(audience)
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime(expires)
    .sign(certified.privateKey);
const audience = () => `https://login.microsoftonline.com/${partner.tenantId}/oauth2/v2.0/token`;

const federatedToken = (subject: string) =>
  new SignJWT({})
    .setProtectedHeader({ alg: 'RS256', kid: 'k' })
    .setIssuer(ISSUER)
    .setSubject(subject)
    .setAudience('api://AzureADTokenExchange')
    .setExpirationTime('10m')
    .sign(federated.privateKey);

describe('credentials registered over Graph', () => {
  it('are believed by the keys that their issuer publishes', async () => {
    const { world } = kit.simulator;
    const directory = world.directories.get(partner.tenantId)!;
    adminConsent(world, directory, partner.clientId, ['Application.ReadWrite.All']);
    const keys = await generateKeyPair('RS256');
    const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'published', alg: 'RS256' };
    const server = createServer((message, response) => {
      const isDocument = message.url === '/.well-known/openid-configuration';
      response.end(JSON.stringify(isDocument ? { jwks_uri: `${issuer}/keys` } : { keys: [jwk] }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const form = { client_id: partner.clientId, client_secret: partner.clientSecret };
    const token = await kit.token(partner.tenantId, form);
    const path = `/applications(appId='${partner.clientId}')/federatedIdentityCredentials`;
    const audiences = ['api://AzureADTokenExchange'];
    const body = { name: 'cluster', issuer, subject: SUBJECT, audiences };
    const made = await kit.graph('POST', path, { token, body });
    expect(made).toMatchObject({ status: 201, body: { name: 'cluster', issuer } });
    expect((await kit.graph('POST', path, { token, body })).status).toBe(409);
    const bad = { ...body, name: 'x y' };
    expect((await kit.graph('POST', path, { token, body: bad })).status).toBe(400);

    const proof = () =>
      new SignJWT({})
        .setProtectedHeader({ alg: 'RS256', kid: 'published' })
        .setIssuer(issuer)
        .setSubject(SUBJECT)
        .setAudience('api://AzureADTokenExchange')
        .setExpirationTime('10m')
        .sign(keys.privateKey);
    const asked = async () => kit.tokenRequest(partner.tenantId, proofForm(await proof()));
    expect((await asked()).status).toBe(200);
    server.close();
    server.closeAllConnections();
    expect((await asked()).body.error_codes).toEqual([700211]);
    const item = `${path}/${made.body.id}`;
    expect((await kit.graph('PATCH', item, { token, body: { subject: 'else' } })).status).toBe(204);
    expect((await asked()).body.error_codes).toEqual([70021]);
    expect((await kit.graph('DELETE', item, { token })).status).toBe(204);
    expect((await kit.graph('GET', item, { token })).status).toBe(404);
  });
});

describe('discovery', () => {
  it.each(['common', 'organizations'])('has metadata for %s, which is no tenant', async (name) => {
    const { login } = kit.simulator.urls;
    const answer = await kit.send('GET', `${login}/${name}/v2.0/.well-known/openid-configuration`);
    expect(answer).toMatchObject({
      status: 200,
      body: {
        issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0',
        token_endpoint: `${login}/${name}/oauth2/v2.0/token`,
      },
    });
  });
});

describe('proofs', () => {
  it('accepts a certificate for its own tenant, until the assertion expires', async () => {
    expect(
      (await kit.tokenRequest(partner.tenantId, proofForm(await assertion(audience())))).status,
    ).toBe(200);
    const foreign = await assertion(audience().replace(partner.tenantId, DEFAULT_PARTNER.tenantId));
    expect((await failure(partner.tenantId, proofForm(foreign))).code).toBe(700023);
    expect(
      (await failure(partner.tenantId, proofForm(await assertion(audience(), '-6m')))).code,
    ).toBe(700024);
  });

  it('accepts a federated token of the registered issuer and subject only', async () => {
    expect(
      (await kit.tokenRequest(partner.tenantId, proofForm(await federatedToken(SUBJECT)))).status,
    ).toBe(200);
    expect((await failure(partner.tenantId, proofForm(await federatedToken('someone')))).code).toBe(
      70021,
    );
  });

  it('refuses a secret and a refresh token that the clock has outrun', async () => {
    const form = { client_id: partner.clientId, client_secret: 'short' };
    const refresh = { grant_type: 'refresh_token', refresh_token: DEFAULT_PARTNER.refreshToken };
    expect((await kit.tokenRequest(partner.tenantId, form)).status).toBe(200);
    const { body } = await kit.tokenRequest(DEFAULT_PARTNER.tenantId, refresh);
    expect(decodeJwt(body.access_token)).toMatchObject({
      upn: 'svc-operator@fabrikamcloud.onmicrosoft.com',
      amr: ['pwd', 'mfa'],
    });
    const moved = await kit.send('POST', `${kit.simulator.urls.control}/clock`, {
      body: { advance: 'P89D' },
    });
    expect(moved.body.now).toBe('2027-02-21T00:00:00.000Z');
    expect((await failure(partner.tenantId, form)).code).toBe(7000222);
    const rotated: string = (await kit.tokenRequest(DEFAULT_PARTNER.tenantId, refresh)).body[
      'refresh_token'
    ];
    await kit.send('POST', `${kit.simulator.urls.control}/clock`, { body: { advance: 'P2D' } });
    expect((await failure(DEFAULT_PARTNER.tenantId, refresh)).code).toBe(700082);
    expect(
      (await kit.tokenRequest(DEFAULT_PARTNER.tenantId, { ...refresh, refresh_token: rotated }))
        .status,
    ).toBe(200);
    kit.simulator.asPerson({
      service: 'graph',
      tenantId: DEFAULT_PARTNER.tenantId,
      userPrincipalName: 'admin@fabrikamcloud.onmicrosoft.com',
      method: 'PATCH',
      path: '/v1.0/users/svc-operator@fabrikamcloud.onmicrosoft.com',
      body: { passwordProfile: { password: PASSWORD } },
    });
    kit.simulator.world.clock.advance(1000);
    expect(
      (await failure(DEFAULT_PARTNER.tenantId, { ...refresh, refresh_token: rotated })).code,
    ).toBe(700082);
  });

  it('puts the simulated time into the Date header', async () => {
    const answer = await kit.graph('GET', '/organization');
    expect(answer.status).toBe(401);
    expect(new Date(String(answer.headers['date'])).getTime()).toBe(
      Math.floor(kit.simulator.world.clock.nowMs() / 1000) * 1000,
    );
  });
});

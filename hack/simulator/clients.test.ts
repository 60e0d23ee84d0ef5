/**
 * Released clients, as they are: they ask for Microsoft's own hosts, and only the network (what a hosts file and a
 * certificate authority are to a machine) leads them here.
 */
// oxlint-disable-next-line import/no-unassigned-import -- x509 needs this polyfill for its side effect
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import {
  ClientCertificateCredential,
  ClientSecretCredential,
  type TokenCredential,
  WorkloadIdentityCredential,
} from '@azure/identity';
import {
  BatchRequestContent,
  BatchResponseContent,
  Client,
  type GraphError,
  PageIterator,
} from '@microsoft/microsoft-graph-client';
import { TokenCredentialAuthenticationProvider } from '@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js';
import * as x509 from '@peculiar/x509';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { Agent, buildConnector, fetch } from 'undici';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CreatedPartner } from './partners.ts';
import { DEFAULT_CUSTOMER } from './seed.ts';
import { Kit, newUser } from './test-kit.ts';

const { tenantId, domain } = DEFAULT_CUSTOMER;
const SCOPE = 'https://graph.microsoft.com/.default';
const ISSUER = 'https://oidc.cluster.example';
const SUBJECT = 'system:serviceaccount:m365:operator';
const FOLDER = mkdtempSync(join(tmpdir(), 'm365-clients-'));
const certificatePath = join(FOLDER, 'app.pem');
const tokenFilePath = join(FOLDER, 'token');
let kit: Kit;
let partner: CreatedPartner;
let dispatcher: Agent;

beforeAll(async () => {
  kit = await Kit.start();
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  partner = kit.simulator.addPartner({
    name: 'Released Clients',
    app: {
      certificates: [await writeCertificate()],
      federatedCredentials: [
        { issuer: ISSUER, subject: SUBJECT, jwks: { keys: [await exportJWK(publicKey)] } },
      ],
    },
  });
  const token = new SignJWT({ iss: ISSUER, sub: SUBJECT, aud: 'api://AzureADTokenExchange' });
  const signed = token.setProtectedHeader({ alg: 'RS256' }).setExpirationTime('10m');
  writeFileSync(tokenFilePath, await signed.sign(privateKey));
  leadHere(new URL(kit.simulator.urls.graph).port);
  const consent = `${kit.simulator.urls.login}/${tenantId}/adminconsent?client_id=${partner.clientId}`;
  await kit.send('GET', consent);
});
afterAll(async () => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  await dispatcher.close();
  await kit.stop();
});

/** A certificate with its key in one PEM file. @returns the certificate alone */
async function writeCertificate(): Promise<string> {
  const algorithm = { name: 'RSA-PSS', hash: 'SHA-256' } as const;
  const keys = await webcrypto.subtle.generateKey(
    { ...algorithm, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ['sign', 'verify'],
  );
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=released',
    keys,
    signingAlgorithm: { name: 'RSA-PSS', saltLength: 32 } as never,
  });
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  const pem = certificate.toString('pem');
  writeFileSync(certificatePath, `${pem}\n${x509.PemConverter.encode(key, 'PRIVATE KEY')}\n`);
  return pem;
}

/** What a hosts file does: whatever the name, the connection goes to this port. The name is still verified by TLS. */
function leadHere(port: string): void {
  const ca = readFileSync(kit.simulator.caFile, 'utf8');
  const connect = buildConnector({ ca });
  dispatcher = new Agent({
    connect: (options, callback) => {
      const servername = options.servername ?? options.hostname;
      connect({ ...options, servername, hostname: '127.0.0.1', port }, callback);
    },
  });
  vi.stubGlobal('fetch', (url: string, init: object) => fetch(url, { ...init, dispatcher }));
  vi.spyOn(https.Agent.prototype, 'createConnection').mockImplementation((options) => {
    const here = { ...options, ca, host: '127.0.0.1', port: Number(port) };
    return connectTls(here as ConnectionOptions);
  });
}

const credentials: readonly (readonly [string, () => TokenCredential])[] = [
  ['a secret', () => new ClientSecretCredential(tenantId, partner.clientId, partner.clientSecret)],
  [
    'a certificate',
    () => new ClientCertificateCredential(tenantId, partner.clientId, { certificatePath }),
  ],
  [
    'a federated token of a pod',
    () => new WorkloadIdentityCredential({ tenantId, clientId: partner.clientId, tokenFilePath }),
  ],
];

function graphClient(): Client {
  const [[, makeCredential] = []] = credentials;
  const authProvider = new TokenCredentialAuthenticationProvider(makeCredential!(), {
    scopes: [SCOPE],
  });
  return Client.initWithMiddleware({ authProvider });
}

describe('@azure/identity', () => {
  it.each(credentials)('gets a token that Graph takes, with %s', async (_, makeCredential) => {
    const token = await makeCredential().getToken(SCOPE);
    expect(token?.expiresOnTimestamp).toBeGreaterThan(Date.now() + 3_000_000);
    const answer = await kit.graph('GET', '/organization', { token: token!.token });
    expect(answer.body.value).toMatchObject([{ id: tenantId }]);
  });

  it('tells why where there is none', async () => {
    const wrong = new ClientSecretCredential(tenantId, partner.clientId, 'wrong');
    await expect(wrong.getToken(SCOPE)).rejects.toThrow(/AADSTS7000215/);
  });
});

describe('@microsoft/microsoft-graph-client with its default middleware', () => {
  it('creates, changes, reads and deletes a user, and says who it is', async () => {
    const client = graphClient();
    const made = (await client.api('/users').post(newUser('released', domain))) as { id: string };
    await client.api(`/users/${made.id}`).patch({ department: 'IT' });
    const read: unknown = await client.api(`/users/${made.id}`).select('department').get();
    expect(read).toMatchObject({ department: 'IT' });
    await client.api(`/users/${made.id}`).delete();
    const failed = client.api(`/users/${made.id}`).get();
    await expect(failed).rejects.toMatchObject({
      statusCode: 404,
      code: 'Request_ResourceNotFound',
    } satisfies Partial<GraphError>);
    const { entries } = kit.simulator.journal.since(0);
    expect(entries.at(-1)?.clientRequestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('sends again by itself what was throttled, after the time it was told', async () => {
    await kit.send('POST', `${kit.simulator.urls.control}/faults`, {
      body: { service: 'graph', kind: 'status', status: 429, times: 1 },
    });
    const started = Date.now();
    expect(await graphClient().api('/organization').get()).toMatchObject({
      value: [{ id: tenantId }],
    });
    expect(Date.now() - started).toBeGreaterThan(1_900);
  });

  it('pages by its iterator and follows delta', async () => {
    const client = graphClient();
    const first = (await client.api('/users').top(3).select('id').get()) as never;
    const seen: string[] = [];
    const iterator = new PageIterator(client, first, ({ id }: { id: string }) => {
      seen.push(id);
      return true;
    });
    await iterator.iterate();
    const { users } = kit.simulator.world.directories.get(tenantId)!;
    expect(seen).toHaveLength(users.liveCount);
    const delta = new PageIterator(
      client,
      (await client.api('/users/delta').select('id').get()) as never,
      () => true,
    );
    await delta.iterate();
    expect(delta.getDeltaLink()).toMatch(/^https:\/\/graph\.microsoft\.com\/v1\.0\/users\/delta\?/);
  });

  it('sends batches', async () => {
    // The client takes off the host and leaves the version out.
    const requests = ['anna.becker', 'nobody'].map((name) => ({
      id: name,
      request: new Request(`https://graph.microsoft.com/users/${name}@${domain}`),
    }));
    const content = await new BatchRequestContent(requests).getContent();
    const answer = (await graphClient().api('/$batch').post(content)) as never;
    const responses = new BatchResponseContent(answer).getResponses();
    expect(responses.get('anna.becker')?.status).toBe(200);
    expect(responses.get('nobody')?.status).toBe(404);
  });
});

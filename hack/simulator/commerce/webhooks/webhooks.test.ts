import { Buffer } from 'node:buffer';
import { createVerify, X509Certificate } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { commerceOf } from '../state.ts';
import { buyer, subscribe, type TestCloud, testCloud, update } from '../test-world.ts';
import { CERTIFICATE_PATH } from './outbox.ts';

const REGISTRATION = '/webhooks/v1/registration';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

let cloud: TestCloud;
let server: Server;
let url: string;
let answerWith: number;
const received: Received[] = [];

beforeEach(async () => {
  cloud = testCloud();
  received.length = 0;
  answerWith = 200;
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, text: Buffer.concat(chunks).toString() });
      response.writeHead(answerWith).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
});

afterEach(() => new Promise((resolve) => server.close(resolve)));

function register(events: readonly string[], more: Readonly<Record<string, unknown>> = {}): void {
  const body = { WebhookUrl: url, WebhookEvents: events, ...more };
  expect(cloud.send('POST', REGISTRATION, body).status).toBe(200);
}

it('keeps one registration for a partner', () => {
  expect(cloud.send('GET', REGISTRATION)).toMatchObject({ status: 404 });
  expect(cloud.send('PUT', REGISTRATION, { WebhookUrl: url }).status).toBe(404);
  register(['test-created']);
  const { json } = cloud.send('GET', REGISTRATION);
  expect(json).toMatchObject({ WebhookUrl: url, WebhookEvents: ['test-created'] });
  expect(cloud.send('POST', REGISTRATION, { WebhookUrl: url }).status).toBe(409);
  const { SubscriberId } = { ...json } as { readonly SubscriberId?: string };
  const replaced = cloud.send('PUT', REGISTRATION, { WebhookUrl: 'https://hooks.example/x' });
  expect(replaced.json).toMatchObject({ SubscriberId, WebhookEvents: [] });
  expect(cloud.send('PUT', REGISTRATION, { WebhookUrl: 'http://hooks.example' }).status).toBe(400);
  const unknown = { WebhookUrl: url, WebhookEvents: ['moon-full'] };
  expect(cloud.send('PUT', REGISTRATION, unknown).status).toBe(400);
  expect(cloud.send('GET', `${REGISTRATION}/events`).body).toContain('invoice-ready');
});

it('delivers what was asked for, signed over the raw bytes', async () => {
  const id = buyer(cloud);
  const subscription = subscribe(cloud, id);
  update(cloud, subscription, { quantity: 11 });
  register(['subscription-updated']);
  update(cloud, subscription, { quantity: 12 });
  await vi.waitFor(() => expect(received).toHaveLength(1));
  const [{ headers, text } = { headers: {}, text: '' }] = received;
  expect(JSON.parse(text)).toEqual({
    EventName: 'subscription-updated',
    ResourceUri: `https://api.partnercenter.microsoft.com/webhooks${subscription}`,
    ResourceName: 'subscription',
    AuditUri: expect.stringContaining('/auditactivity/v1/auditrecords/'),
    ResourceChangeUtcDate: '2026-09-01T09:00:00.000Z',
  });
  expect(headers).toMatchObject({
    authorization: expect.stringMatching(/^Signature /),
    'x-ms-signature-algorithm': 'rsa-sha256',
    'x-ms-certificate-url': `https://api.partnercenter.microsoft.com${CERTIFICATE_PATH}`,
  });
  const pem = String(cloud.send('GET', CERTIFICATE_PATH, undefined, { caller: undefined }).body);
  const certificate = new X509Certificate(pem);
  expect(certificate.subject).toContain('O=Microsoft Corporation');
  const signature = String(headers.authorization).replace('Signature ', '');
  const isRight = (signed: string) =>
    createVerify('RSA-SHA256').update(signed).verify(certificate.publicKey, signature, 'base64');
  expect([isRight(text), isRight(`${text} `)]).toEqual([true, false]);
});

it('puts the signature into its own header where that is asked for, and tells of invoices', async () => {
  register(['invoice-ready'], { SignatureTokenToMsSignatureHeader: true });
  subscribe(cloud, buyer(cloud));
  cloud.world.clock.advance(40 * 86_400_000);
  await vi.waitFor(() => expect(received).toHaveLength(1));
  expect(received[0]?.headers).toHaveProperty('x-ms-signature');
  expect(received[0]?.headers).not.toHaveProperty('authorization');
  expect(received[0]?.text).toContain('/webhooks/v1/invoices/G');
});

it('tries ten times, then parks for good', async () => {
  answerWith = 500;
  register(['test-created']);
  const { correlationId } = {
    ...cloud.send('POST', `${REGISTRATION}/validationEvents`).json,
  } as { readonly correlationId?: string };
  const read = () => cloud.send('GET', `${REGISTRATION}/validationEvents/${correlationId}`).json;
  for (let attempt = 1; attempt <= 10; attempt += 1) {
    await vi.waitFor(() =>
      expect(commerceOf(cloud.world).deliveries.values().next().value?.results).toHaveLength(
        attempt,
      ),
    );
    expect(read().status).toBe(attempt < 10 ? 'pending' : 'completed');
    cloud.world.clock.advance(60_000 * 2 ** (attempt - 1));
  }
  cloud.world.clock.advance(86_400_000);
  expect(received).toHaveLength(10);
  expect(read()).toMatchObject({
    callbackUrl: url,
    results: Array.from({ length: 10 }, () => ({ responseCode: '500' })),
  });
  cloud.world.clock.advance(7 * 86_400_000);
  expect(read()).toMatchObject({ code: 20000 });
});

it('counts an endpoint that does not answer as a failure, and allows two test events a minute', async () => {
  register(['test-created'], { WebhookUrl: 'http://127.0.0.1:1/nobody' });
  const statuses = [1, 2, 3].map(
    () => cloud.send('POST', `${REGISTRATION}/validationEvents`).status,
  );
  expect(statuses).toEqual([200, 200, 429]);
  const { deliveries } = commerceOf(cloud.world);
  await vi.waitFor(() => {
    expect([...deliveries.values()].map(({ results }) => results[0]?.systemError)).toEqual([
      true,
      true,
    ]);
  });
});

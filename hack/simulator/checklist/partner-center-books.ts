/** Rows 12 to 15 of partner-center.md 13: licences, audit, invoices, throttle, webhooks. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, vi } from 'vitest';
import { createPartnerCenter } from '../commerce/index.ts';
import { commerceOf } from '../commerce/state.ts';
import { subscribe, testCloudOf, USER_CALLER, update } from '../commerce/test-world.ts';
import { createWorld } from '../create-world.ts';
import { addUser } from '../directory/create.ts';
import { directoryApi } from '../directory/index.ts';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER, seedDefaultWorld } from '../seed.ts';
import { moveTo, type Row, shop } from './partner-center-row.ts';

const DAY_MS = 86_400_000;
const MONTHLY = { termDuration: 'P1M' };

/** The default world with its true directory and one more user, seen by a person with every right. */
function northwind(): (method: string, path: string, body?: unknown) => Record<string, unknown> {
  const world = createWorld({ frozen: true, startAt: '2026-09-01T09:00:00Z' });
  seedDefaultWorld(world);
  const { tenantId, domain } = DEFAULT_CUSTOMER;
  const userPrincipalName = `one.more@${domain}`;
  const more = { userPrincipalName, displayName: 'One More', usageLocation: 'DE' };
  addUser(world, world.directories.get(tenantId)!, more);
  const send = testCloudOf(world, createPartnerCenter(world, directoryApi));
  const caller = { ...USER_CALLER, tenantId: DEFAULT_PARTNER.tenantId, portal: true };
  return (method, path, body) => ({
    ...send(method, `/v1/customers/${tenantId}${path}`, body, { caller }).json,
  });
}

const BOOKS: readonly Row[] = [
  {
    row: 12,
    words: 'subscribedskus from active subscriptions; no licences left: 60012',
    source: '3.7',
    proof: () => {
      const ask = northwind();
      const users = ask('GET', '/users')['items'] as readonly { readonly id: string }[];
      const licensesToAssign = [{ skuId: 'cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46' }];
      const codes = users.map(
        ({ id }) => ask('POST', `/users/${id}/licenseupdates`, { licensesToAssign })['code'],
      );
      // Seven seats for eight users.
      expect(codes.filter((code) => code !== undefined)).toEqual([60012]);
      expect(ask('GET', '/subscribedskus')['items']).toMatchObject([
        { totalUnits: 7, consumedUnits: 7, availableUnits: 0 },
      ]);
    },
  },
  {
    row: 13,
    words: 'an audit record for each mutation, 90 days, filters',
    source: '8',
    proof: () => {
      const { cloud, customer, subscription } = shop();
      update(cloud, subscription, { quantity: 11 });
      const types = (query = '') =>
        cloud.send('GET', `/v1/auditrecords?${query}`).json.items.map((item) => item.operationType);
      expect(types()).toEqual([
        'add_customer',
        'create_agreement',
        'create_order',
        'update_subscription',
      ]);
      const filter = (condition: object) =>
        `filter=${encodeURIComponent(JSON.stringify(condition))}`;
      const ofType = { Field: 'ResourceType', Value: 'order', Operator: 'equals' };
      expect(types(filter(ofType))).toEqual(['create_order']);
      const ofCustomer = { Field: 'CustomerId', Value: customer, Operator: 'equals' };
      expect(types(filter(ofCustomer))).toHaveLength(4);
      const ofCompany = { Field: 'CompanyName', Value: 'toso', Operator: 'substring' };
      expect(types(filter(ofCompany))).toHaveLength(4);
      expect(cloud.send('GET', '/v1/auditrecords?startDate=2026-01-01').status).toBe(400);
    },
  },
  {
    row: 13,
    words: 'foreign actors injectable, with their names',
    source: '8',
    proof: () => {
      const { cloud, subscription } = shop();
      const caller = { ...USER_CALLER, portal: true, userPrincipalName: 'eve@contoso.example' };
      const whole = cloud.send('GET', subscription).json;
      cloud.send('PATCH', subscription, { ...whole, quantity: 12 }, { caller });
      expect(cloud.send('GET', '/v1/auditrecords').json.items.at(-1)).toMatchObject({
        userPrincipalName: 'eve@contoso.example',
        operationType: 'update_subscription',
      });
    },
  },
  {
    row: 14,
    words:
      'invoices from the ledger: new, cycleCharge, addQuantity, removeQuantity, renew, cancelImmediate',
    source: '7.1, 7.2',
    proof: () => {
      const { cloud, customer, subscription } = shop();
      update(cloud, subscription, { quantity: 12 });
      update(cloud, subscription, { quantity: 11 });
      update(cloud, subscribe(cloud, customer, { quantity: 1 }), { status: 'deleted' });
      subscribe(cloud, customer, { ...MONTHLY, sku: 'CFQ7TTC0LH18:0001' });
      moveTo(cloud, '2026-11-06T00:00:00Z');
      const query = 'provider=onetime&invoicelineitemtype=billinglineitems';
      const lines = cloud
        .send('GET', '/v1/invoices')
        .json.items.flatMap(
          ({ id }) => cloud.send('GET', `/v1/invoices/${id}/lineitems?${query}`).json.items,
        );
      const types = new Set(lines.map(({ chargeType }) => chargeType));
      expect([...types].toSorted()).toEqual([
        'addQuantity',
        'cancelImmediate',
        'cycleCharge',
        'new',
        'removeQuantity',
        'renew',
      ]);
    },
  },
  {
    row: 15,
    words: 'throttle per 10.1: 500 a minute and tenant, 429 with Retry-After and body',
    source: '10.1',
    proof: () => {
      const { cloud, subscription } = shop();
      const statuses = Array.from({ length: 501 }, () => cloud.send('GET', subscription).status);
      expect(statuses.indexOf(429)).toBeGreaterThanOrEqual(499);
      const refused = cloud.send('GET', subscription);
      expect(refused).toMatchObject({ status: 429, headers: { 'Retry-After': '60' } });
      expect(refused.body).toEqual({
        statusCode: 429,
        message: 'Rate limit is exceeded. Try again in 60 seconds.',
      });
      cloud.world.clock.advance(60_000);
      expect(cloud.send('GET', subscription).status).toBe(200);
    },
  },
];

/** Takes one event and refuses it. */
async function refusingHook(): Promise<{
  url: string;
  first: Promise<IncomingMessage>;
  server: Server;
}> {
  const { promise: first, resolve } = Promise.withResolvers<IncomingMessage>();
  const server = createServer((request, response) => {
    resolve(request);
    response.writeHead(500).end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, first, server };
}

const WEBHOOKS: readonly Row[] = [
  {
    row: 15,
    words: 'webhook delivery with signed body and 10 attempts',
    source: '10.3',
    proof: async () => {
      const { cloud, subscription } = shop();
      const { url: WebhookUrl, first, server } = await refusingHook();
      const registration = { WebhookUrl, WebhookEvents: ['subscription-updated'] };
      cloud.send('POST', '/webhooks/v1/registration', registration);
      update(cloud, subscription, { quantity: 11 });
      expect((await first).headers).toMatchObject({
        authorization: expect.stringMatching(/^Signature .{300,}/),
        'x-ms-signature-algorithm': 'rsa-sha256',
      });
      const [delivery] = commerceOf(cloud.world).deliveries.values();
      for (let attempt = 1; attempt <= 10; attempt += 1) {
        await vi.waitFor(() => expect(delivery!.results).toHaveLength(attempt));
        cloud.world.clock.advance(DAY_MS);
      }
      expect(delivery).toMatchObject({ state: 'parked', results: { length: 10 } });
      server.close();
    },
  },
];

export const BOOK_ROWS: readonly Row[] = [...BOOKS, ...WEBHOOKS];

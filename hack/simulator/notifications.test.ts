import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_CUSTOMER } from './seed.ts';
import { Kit, newGroup, newUser } from './test-kit.ts';

const { tenantId, domain } = DEFAULT_CUSTOMER;
const DAY_MS = 86_400_000;
let kit: Kit;
let token: string;
let receiver: Server;
let url: string;
/** What the receiver does with the next messages; the last one stays. */
let behaviour: ('confirm' | 'mumble' | 'fail')[];
let heard: { readonly value: readonly Record<string, unknown>[] }[];

beforeEach(async () => {
  kit = await Kit.start({ frozen: true });
  token = await kit.customerToken(tenantId);
  behaviour = ['confirm'];
  heard = [];
  receiver = createServer((message, response) => void receive(message, response));
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook?key=1`;
});
afterEach(async () => {
  receiver.close();
  receiver.closeAllConnections();
  await kit.stop();
});

async function receive(message: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const act = behaviour.length > 1 ? behaviour.shift() : behaviour[0];
  const asked = new URL(message.url ?? '/', url).searchParams.get('validationToken');
  if (asked !== null) {
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.end(act === 'confirm' ? asked : 'what?');
    return;
  }
  if (act !== 'fail') heard.push(JSON.parse(text) as (typeof heard)[number]);
  response.writeHead(act === 'fail' ? 503 : 202);
  response.end();
}

const inDays = (days: number) =>
  new Date(kit.simulator.world.clock.nowMs() + days * DAY_MS).toISOString();
const call = (method: string, path: string, body?: unknown) =>
  kit.graph(method, path, { token, ...(body === undefined ? {} : { body }) });
const subscribe = (more: object = {}) =>
  call('POST', '/subscriptions', {
    changeType: 'updated,deleted',
    resource: '/users',
    notificationUrl: url,
    expirationDateTime: inDays(28),
    clientState: 'secret',
    ...more,
  });
const made = async (name: string) => (await call('POST', '/users', newUser(name, domain))).body.id;

describe('change notifications', () => {
  it('come after a handshake, for creations, changes and deletions of what was asked for', async () => {
    const subscription = await subscribe();
    expect(subscription).toMatchObject({
      status: 201,
      headers: { 'request-id': expect.any(String) as string },
      body: { resource: 'users', changeType: 'updated,deleted' },
    });
    const id = await made('noticed');
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    expect(heard[0]?.value).toMatchObject([
      {
        subscriptionId: subscription.body.id,
        clientState: 'secret',
        changeType: 'updated',
        tenantId,
        resource: `users/${id}`,
        resourceData: { id, '@odata.type': '#microsoft.graph.user' },
      },
    ]);
    await call('DELETE', `/users/${id}`);
    await call('DELETE', `/directory/deletedItems/${id}`);
    await vi.waitFor(() => expect(heard).toHaveLength(3));
    const kinds = heard.map(({ value }) => value[0]?.['changeType']);
    expect(kinds.filter((kind) => kind === 'updated')).toHaveLength(2);
    expect(kinds).toContain('deleted');
  });

  it('are for one object where only that was asked for', async () => {
    const id = await made('single');
    await subscribe({ resource: `users/${id}`, changeType: 'deleted' });
    await made('other');
    await call('DELETE', `/users/${id}`);
    await call('DELETE', `/directory/deletedItems/${id}`);
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    expect(heard[0]?.value).toMatchObject([{ resource: `users/${id}`, changeType: 'deleted' }]);
  });

  it('of a group come when its members change', async () => {
    const group = await call('POST', '/groups', newGroup('watched'));
    await subscribe({ resource: 'groups', changeType: 'updated' });
    const reference = {
      '@odata.id': `https://graph.microsoft.com/v1.0/users/anna.becker@${domain}`,
    };
    await call('POST', `/groups/${group.body.id}/members/$ref`, reference);
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    expect(heard[0]?.value).toMatchObject([
      {
        resource: `groups/${group.body.id}`,
        resourceData: { '@odata.type': '#microsoft.graph.group' },
      },
    ]);
  });

  it('come again until the receiver takes them', async () => {
    await subscribe();
    behaviour = ['fail', 'fail', 'confirm'];
    await made('again');
    // Each retry is put on the clock once the refusal before it has come in.
    await vi.waitFor(() => {
      kit.simulator.world.clock.advance(60_000);
      expect(heard).toHaveLength(1);
    });
    expect(behaviour).toEqual(['confirm']);
  });

  it('are not begun where the receiver does not say the token back', async () => {
    behaviour = ['mumble'];
    const refused = await subscribe();
    expect(refused).toMatchObject({ status: 400, body: { error: { code: 'ValidationError' } } });
    expect((await call('GET', '/subscriptions')).body.value).toEqual([]);
  });

  it.each([
    ['a month and more', () => ({ expirationDateTime: inDays(30) }), 400],
    ['the past', () => ({ expirationDateTime: inDays(-1) }), 400],
    ['a change that is none', () => ({ changeType: 'created' }), 400],
    ['a receiver without TLS', () => ({ notificationUrl: 'http://hook.example/' }), 400],
    [
      'another host for its life cycle',
      () => ({ lifecycleNotificationUrl: 'https://x.example/' }),
      400,
    ],
    ['a state too long', () => ({ clientState: 'x'.repeat(129) }), 400],
    ['what is not modelled', () => ({ resource: '/me/messages' }), 501],
  ])('are refused for %s', async (_, more, status) => {
    expect((await subscribe(more())).status).toBe(status);
  });

  it('are renewed, and end by themselves', async () => {
    const { id } = (await subscribe()).body;
    const item = `/subscriptions/${id}`;
    const { clock } = kit.simulator.world;
    clock.advance(20 * DAY_MS);
    const renewed = await call('PATCH', item, { expirationDateTime: inDays(28) });
    expect(renewed).toMatchObject({ status: 200, body: { id } });
    expect((await call('PATCH', item, { resource: 'groups' })).status).toBe(400);
    expect((await call('POST', `${item}/reauthorize`)).status).toBe(204);
    clock.advance(27 * DAY_MS);
    expect((await call('GET', item)).status).toBe(200);
    clock.advance(2 * DAY_MS);
    expect((await call('GET', item)).status).toBe(404);
    const other = await subscribe();
    expect((await call('DELETE', `/subscriptions/${other.body.id}`)).status).toBe(204);
    expect((await call('GET', '/subscriptions')).body.value).toEqual([]);
  });
});

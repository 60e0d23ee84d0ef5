/** Controllers that are no controllers. Against a real one: hack/integration/active-directory-connection.test.ts. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Connection } from './connection.ts';

const signal = new AbortController().signal;
const nothing = () => Promise.resolve();
let server: Server;
let sockets: Socket[];
let accepted: () => void;

/** Accepts connections and never says a word: what a firewall or a hung machine does. */
beforeEach(async () => {
  sockets = [];
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.resume();
    accepted();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
});

afterEach(async () => {
  vi.useRealTimers();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => {
    server.close(resolve);
  });
});

function silentUrl(): string {
  return `ldaps://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function connectionTo(...domainControllers: readonly string[]): Connection {
  return new Connection({
    domainControllers,
    customersOU: 'OU=Customers,DC=corp,DC=example',
    credentials: { bindDN: 'cn=x', bindPassword: 'never-sent', ca: '' },
    nowMs: () => 0,
    observe: () => undefined,
    mayWrite: () => true,
  });
}

describe('a controller that never answers', () => {
  it('is given up after its deadline, socket and all, and the next one is tried', async () => {
    const acceptances = [0, 1].map(() => Promise.withResolvers<void>());
    let count = 0;
    accepted = () => {
      acceptances[count]?.resolve();
      count += 1;
    };
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const url = silentUrl();
    const failed = connectionTo(url, url.replace('127.0.0.1', 'localhost'))
      .use(signal, nothing)
      .catch((error: unknown) => error);
    for (const { promise } of acceptances) {
      await promise;
      await vi.advanceTimersByTimeAsync(10_000);
    }
    expect(await failed).toMatchObject({
      class: 'Transient',
      reason: 'ConnectionFailed',
      message: `${url}: no answer from Active Directory came in time; ${url.replace('127.0.0.1', 'localhost')}: no answer from Active Directory came in time`,
    });
    vi.useRealTimers();
    await vi.waitFor(() => {
      expect(sockets.map((socket) => socket.closed)).toEqual([true, true]);
    });
  });

  it('does not hold up a caller that stops waiting', async () => {
    const acceptance = Promise.withResolvers<void>();
    accepted = () => {
      acceptance.resolve();
    };
    const controller = new AbortController();
    const call = connectionTo(silentUrl()).use(controller.signal, nothing);
    await acceptance.promise;
    controller.abort(new Error('shutting down'));
    await expect(call).rejects.toThrow('shutting down');
  });
});

describe('a controller without TLS', () => {
  it('is not spoken to', async () => {
    accepted = () => undefined;
    const plain = connectionTo(silentUrl().replace('ldaps:', 'ldap:'));
    await expect(plain.use(signal, nothing)).rejects.toMatchObject({ class: 'Terminal' });
    expect(sockets).toEqual([]);
  });
});

describe('a global catalog', () => {
  it.each(['3268', '3269'])('is not taken for a directory: port %s', async (port) => {
    const url = `ldaps://127.0.0.1:${port}`;
    await expect(connectionTo(url).use(signal, nothing)).rejects.toMatchObject({
      class: 'Terminal',
      message: `${url}: this is the port of the global catalog, which is for reading only: use 636`,
    });
  });
});

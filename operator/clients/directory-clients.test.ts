import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connection } from '../../hack/testing/build.ts';
import { FakeController } from '../../hack/testing/fake-controller.ts';
import type { PartnerConnection } from '../core/objects.ts';
import { keyOf } from '../core/resource.ts';
import { DirectoryClients } from './directory-clients.ts';

const signal = new AbortController().signal;
let controller: FakeController;
let options: Awaited<ReturnType<typeof FakeController.options>>;
let directories: DirectoryClients;
let watched: string[];
let ours: PartnerConnection;

beforeEach(async () => {
  controller = await new FakeController('dc1').start();
  options = await FakeController.options(controller);
  watched = [];
  directories = new DirectoryClients({
    nowMs: () => 0,
    observe: () => undefined,
    mayWrite: () => true,
    watchControllers: (name) => ({
      tried: (_, isUp) => watched.push(`${name} ${isUp}`),
      took: () => undefined,
      forgotten: () => watched.push(`${name} forgotten`),
    }),
  });
  ours = connection({
    spec: {
      activeDirectory: {
        domainControllers: options.domainControllers,
        customersOU: options.customersOU,
        credentialsSecretRef: { name: 'directory' },
        tenantIsolation: 'None',
      },
    },
  });
});

afterEach(async () => {
  await directories.close();
  await controller.stop();
});

function secret(bindPassword: string): Record<string, Uint8Array> {
  const { bindDN, ca } = options.credentials;
  const data = { bindDN, bindPassword, 'ca.crt': ca };
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value)]));
}

function update(directorySecret = secret('y'), partnerSecret = {}, of = ours): void {
  const onRefreshToken = () => Promise.resolve();
  directories.update({ connection: of, partnerSecret, directorySecret, onRefreshToken });
}

const client = () => directories.of(keyOf(ours));

describe('the client of a connection', () => {
  it('is the same while its settings and its Secret are', async () => {
    update();
    const before = client();
    await before?.verify(signal);
    update(secret('y'), { clientSecret: Buffer.from('rotated') });
    expect(client()).toBe(before);
    expect(watched).toEqual([`${ours.metadata.namespace}/${ours.metadata.name} true`]);
  });

  it('works at once when the password in the Secret is right again', async () => {
    controller.password = 'new';
    update();
    await expect(client()?.verify(signal)).rejects.toMatchObject({ reason: 'CredentialsRefused' });
    update(secret('new'));
    expect(await client()?.verify(signal)).toMatchObject({ controller: controller.url });
    expect(controller.binds).toBe(2);
  });

  it('lets calls end that are under way when the password is rotated', async () => {
    update();
    const answer = Promise.withResolvers<readonly []>();
    controller.answer = () => answer.promise;
    const underWay = client()?.findPerson(
      { ownerUid: 'uid', userPrincipalName: 'mia@contoso.example' },
      signal,
    );
    await vi.waitFor(() => expect(controller.searches).toHaveLength(1));
    controller.password = 'new';
    update(secret('new'));
    await client()?.verify(signal);
    answer.resolve([]);
    expect(await underWay).toEqual({ byOwner: undefined, byName: [] });
    await vi.waitFor(() => expect(controller.open).toBe(1));
  });

  it('is none where the connection names no directory (any more), and closed then', async () => {
    update();
    await client()?.verify(signal);
    update(secret('y'), {}, connection());
    expect(client()).toBeUndefined();
    await vi.waitFor(() => expect(controller.open).toBe(0));
    expect(watched.at(-1)).toContain('forgotten');
  });

  it('needs every key of the Secret', () => {
    const { bindPassword: _, ...incomplete } = secret('y');
    expect(() => update(incomplete)).toThrow('Secret "directory" has no key "bindPassword"');
  });

  it('is closed when the connection is gone', async () => {
    update();
    await client()?.verify(signal);
    await directories.forget(keyOf(ours));
    await vi.waitFor(() => expect(controller.open).toBe(0));
    expect(client()).toBeUndefined();
  });
});

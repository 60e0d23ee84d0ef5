/** When accounts were made and last used, against the simulator. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { recordSignIn } from '../../../hack/simulator/directory/sign-ins.ts';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from '../../../hack/simulator/seed.ts';
import { Cloud, failureOf, signal } from '../../../hack/testing/cloud.ts';
import type { ConnectionClients } from '../port.ts';

const { tenantId, domain } = DEFAULT_CUSTOMER;

let cloud: Cloud;
let clients: ConnectionClients;

beforeAll(async () => {
  cloud = await Cloud.start();
  await consent();
  clients = cloud.clients();
});

afterAll(() => cloud.stop());

async function consent(): Promise<void> {
  const url = `${cloud.simulator.urls.login}/${tenantId}/adminconsent?client_id=${DEFAULT_PARTNER.clientId}`;
  await (await fetch(url)).text();
}

const graph = () => clients.graph(tenantId);

function directory() {
  const found = cloud.simulator.world.directories.get(tenantId);
  if (found === undefined) throw new Error('no directory');
  return found;
}

async function create(name: string): Promise<string> {
  const user = {
    userPrincipalName: `${name}@${domain}`,
    displayName: name,
    mailNickname: name,
    accountEnabled: true,
    password: 'Str0ng-enough!',
    forceChangePasswordNextSignIn: true,
    owner: 'acme/uid',
  };
  return (await graph().createUser(user, signal)).id;
}

function signIn(id: string, isInteractive: boolean): void {
  const { world } = cloud.simulator;
  const user = directory().users.live(id);
  if (user === undefined) throw new Error('no user');
  const app = { appId: id, appDisplayName: 'Outlook', resourceId: id };
  recordSignIn(world, directory(), user, { ...app, isInteractive });
}

const all = async (withSignIns: boolean) =>
  (await graph().listActivity({ withSignIns, link: undefined }, signal)).accounts;

it('tells who made an account and when, and its last sign-in of either kind', async () => {
  const { clock } = cloud.simulator.world;
  const [never, mia] = [await create('never'), await create('mia')];
  const createdMs = clock.nowMs();
  signIn(mia, true);
  clock.advance(60_000);
  signIn(mia, false);
  const lastSignInMs = clock.nowMs();
  const found = await all(true);
  const of = (id: string) => found.find((one) => one.id === id);
  const lastSuccessMs = lastSignInMs;
  expect(of(mia)).toEqual({ id: mia, createdMs, owner: 'acme/uid', lastSignInMs, lastSuccessMs });
  expect(of(never)).toEqual({ id: never, createdMs, owner: 'acme/uid', lastSignInMs: undefined });
  expect(found.some(({ owner }) => owner === undefined)).toBe(true);
  expect((await all(false)).find(({ id }) => id === mia)?.lastSignInMs).toBeUndefined();
  expect(await graph().getActivity(mia, true, signal)).toEqual(of(mia));
  expect(await graph().getActivity(tenantId, true, signal)).toBeUndefined();
});

it('reads all of a tenant in one request for each 500, and no more', async () => {
  const id = await create('ben');
  const view = clients.activity(tenantId);
  const asked = () =>
    cloud.simulator.journal
      .since(0)
      .entries.filter(({ path }) => path.endsWith('/v1.0/users') || path.includes('/users?'))
      .filter(({ method }) => method === 'GET').length;
  const before = asked();
  await view.refresh({ sinceMs: 0, withSignIns: true }, signal);
  await view.refresh({ sinceMs: view.readMs, withSignIns: true }, signal);
  expect([view.signIns, view.account(id)?.owner, asked() - before]).toEqual([
    'Available',
    'acme/uid',
    1,
  ]);
});

it('says that the tenant lacks Entra ID P1, and tells the rest', async () => {
  const id = await create('zoe');
  const { subscriptions } = directory();
  const premium = [...subscriptions];
  subscriptions.clear();
  expect(await failureOf(all(true))).toMatchObject({ reason: 'PremiumLicenseMissing' });
  const view = clients.activity(tenantId);
  await view.refresh({ sinceMs: view.readMs + 1, withSignIns: true }, signal);
  for (const [key, subscription] of premium) subscriptions.set(key, subscription);
  expect([view.signIns, view.account(id)?.owner]).toEqual(['PremiumLicenseMissing', 'acme/uid']);
});

it('says which permission the application lacks', async () => {
  directory().appRoleAssignments.clear();
  await clients.graph(tenantId).permissions({ fresh: true }, signal);
  const failure = await failureOf(all(true));
  expect(failure).toMatchObject({ reason: 'PermissionDenied' });
  expect(failure.message).toContain('AuditLog.Read.All');
});

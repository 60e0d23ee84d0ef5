/** Whose a user is, and the recycle bin, against the simulator. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from '../../../hack/simulator/seed.ts';
import { Cloud, failureOf, signal } from '../../../hack/testing/cloud.ts';
import { guestName } from '../../core/names.ts';
import type { Graph } from './port.ts';

const { tenantId, domain } = DEFAULT_CUSTOMER;

let cloud: Cloud;
let graph: Graph;

beforeAll(async () => {
  cloud = await Cloud.start({ settings: { throttleFactor: Infinity } });
  const consent = `${cloud.simulator.urls.login}/${tenantId}/adminconsent?client_id=${DEFAULT_PARTNER.clientId}`;
  await (await fetch(consent)).text();
  graph = cloud.clients().graph(tenantId);
});

afterAll(() => cloud.stop());

async function create(name: string, owner = 'acme/mia'): Promise<string> {
  const user = {
    userPrincipalName: `${name}@${domain}`,
    displayName: name,
    mailNickname: name,
    accountEnabled: true,
    password: 'Str0ng-enough!',
    forceChangePasswordNextSignIn: true,
    owner,
  };
  return (await graph.createUser(user, signal)).id;
}

const deleted = async (id: string) =>
  (await graph.listDeletedUsers(signal)).find(({ user }) => user.id === id);

it('a user tells for whom it was made, and one of others tells nothing', async () => {
  const id = await create('owned', 'acme/owned');
  expect(await graph.ownerOf(id, signal)).toBe('acme/owned');
  expect(await graph.ownerOf(`anna.becker@${domain}`, signal)).toBeUndefined();
  expect(await graph.ownerOf('00000000-0000-4000-8000-00000000dead', signal)).toBeUndefined();
});

it('a deleted user is restored under its object id, with what it had', async () => {
  const id = await create('restored');
  await graph.updateUser(id, { department: 'Sales' }, signal);
  await graph.deleteUser(id, signal);
  const found = await deleted(id);
  expect(found).toMatchObject({
    user: { id, userPrincipalName: `restored@${domain}`, department: 'Sales' },
    owner: 'acme/mia',
  });
  expect(found?.deletedAtMs).toBeGreaterThan(0);
  await graph.restoreUser(id, signal);
  expect(await graph.getUser(id, signal)).toMatchObject({ id, department: 'Sales' });
  expect(await deleted(id)).toBeUndefined();
});

it('a profile is read as it was written, sets in one order', async () => {
  const id = await create('profile');
  const profile = {
    businessPhones: ['+49 221 1'],
    otherMails: ['a@private.example', 'z@private.example'],
    streetAddress: 'Marktplatz 1',
    city: 'Köln',
    state: 'NRW',
    postalCode: '50667',
    country: 'Germany',
    employeeType: 'Contractor',
    mailNickname: 'profile.p',
    passwordPolicies: 'DisablePasswordExpiration, DisableStrongPassword',
  };
  const otherMails = profile.otherMails.toReversed();
  const passwordPolicies = 'DisableStrongPassword,DisablePasswordExpiration';
  await graph.updateUser(id, { ...profile, otherMails, passwordPolicies }, signal);
  expect(await graph.getUser(id, signal)).toMatchObject(profile);
  await graph.updateUser(id, { otherMails: [], passwordPolicies: 'None' }, signal);
  expect((await graph.getUser(id, signal))?.otherMails).toBeUndefined();
});

it.each(['bob@partner.example', 'bob+projects@partner.example'])(
  'the guest %s is invited once, and known by the name that Entra derives',
  async (mail) => {
    const guest = {
      mail,
      displayName: 'Bob',
      redirectUrl: 'https://myapplications.microsoft.com',
      sendMessage: false,
    };
    const { id } = await graph.inviteGuest(guest, signal);
    expect((await graph.inviteGuest(guest, signal)).id).toBe(id);
    const name = guestName(guest.mail, DEFAULT_CUSTOMER.initialDomain);
    expect(await graph.getUser(name, signal)).toMatchObject({ id, userPrincipalName: name });
  },
);

it('a new first address is one more: the one before stays as an alias', async () => {
  const id = await create('aliases', 'acme/aliases');
  const [before, now] = [`first.${id}@contoso.example`, `second.${id}@contoso.example`];
  await graph.updateUser(id, { mail: before }, signal);
  await graph.updateUser(id, { mail: now }, signal);
  expect((await graph.getUser(id, signal))?.mail).toBe(now);
  const directory = cloud.simulator.world.directories.get(DEFAULT_CUSTOMER.tenantId);
  expect(directory?.users.live(id)?.properties['proxyAddresses']).toEqual([
    `SMTP:${now}`,
    `smtp:${before}`,
  ]);
});

it('an empty change with a new password sets that alone', async () => {
  const id = await create('renewed');
  const before = await graph.getUser(id, signal);
  const newPassword = { password: 'Anoth3r-strong!', forceChangePasswordNextSignIn: true };
  await graph.updateUser(id, {}, signal, newPassword);
  expect(await graph.getUser(id, signal)).toEqual(before);
  const weak = { password: 'canary12', forceChangePasswordNextSignIn: true };
  expect(await failureOf(graph.updateUser(id, {}, signal, weak))).toMatchObject({
    reason: 'PasswordNotAccepted',
  });
});

it('is not restored over another user of its name', async () => {
  const id = await create('twin');
  await graph.deleteUser(id, signal);
  await create('twin');
  expect(await failureOf(graph.restoreUser(id, signal))).toMatchObject({
    class: 'Terminal',
    reason: 'UserPrincipalNameTaken',
  });
});

it('a user is deleted for good out of the recycle bin only', async () => {
  const id = await create('purged');
  expect(await graph.purgeUser(id, signal)).toMatchObject({ isAbsent: true });
  await graph.deleteUser(id, signal);
  expect(await graph.purgeUser(id, signal)).toMatchObject({ isAbsent: false });
  expect(await deleted(id)).toBeUndefined();
  expect(await graph.purgeUser(id, signal)).toMatchObject({ isAbsent: true });
});

/** Who is an administrator, against the simulator. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addRoleAssignment } from '../../../hack/simulator/directory/create.ts';
import { roleId } from '../../../hack/simulator/directory/well-known.ts';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from '../../../hack/simulator/seed.ts';
import { Cloud, signal } from '../../../hack/testing/cloud.ts';
import type { ConnectionClients } from '../port.ts';

const { tenantId, domain } = DEFAULT_CUSTOMER;

let cloud: Cloud;
let clients: ConnectionClients;

beforeAll(async () => {
  cloud = await Cloud.start({ settings: { throttleFactor: Infinity } });
  const consent = `${cloud.simulator.urls.login}/${tenantId}/adminconsent?client_id=${DEFAULT_PARTNER.clientId}`;
  await (await fetch(consent)).text();
  clients = cloud.clients();
});

afterAll(() => cloud.stop());

async function create(name: string): Promise<string> {
  const user = {
    userPrincipalName: `${name}@${domain}`,
    displayName: name,
    mailNickname: name,
    accountEnabled: true,
    password: 'Str0ng-enough!',
    forceChangePasswordNextSignIn: true,
    owner: 'acme/mia',
  };
  return (await clients.graph(tenantId).createUser(user, signal)).id;
}

function give(role: string, principalId: string): void {
  const { world } = cloud.simulator;
  const directory = world.directories.get(tenantId);
  if (directory === undefined) throw new Error('no directory');
  addRoleAssignment(world, directory, principalId, roleId(role));
}

it('a role makes an administrator with the next full read, a harmless one does not', async () => {
  const [admin, reader, plain] = [
    await create('admin'),
    await create('reader'),
    await create('plain'),
  ];
  give('Helpdesk Administrator', admin);
  give('Directory Readers', reader);
  const view = clients.directory(tenantId);
  await view.refresh(signal);
  expect([admin, reader, plain].map((id) => view.isPrivileged(id))).toEqual([true, false, false]);
  give('Exchange Administrator', plain);
  await view.refresh(signal);
  expect(view.isPrivileged(plain)).toBe(false);
  view.invalidate();
  await view.refresh(signal);
  expect(view.isPrivileged(plain)).toBe(true);
});

/** Who is an administrator, against the simulator. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addRoleAssignment, addSecurityGroup } from '../../../hack/simulator/directory/create.ts';
import { addMember, saveGroup } from '../../../hack/simulator/directory/records.ts';
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
  // Whom it concerns is told: what was refused may be done now, and the other way round.
  expect(cloud.told.at(-1)).toEqual([plain]);
});

it('members and owners of a group that may be given a role are administrators (graph.md 2.9)', async () => {
  const [member, owner, plain] = [
    await create('member'),
    await create('owner'),
    await create('bystander'),
  ];
  const { world } = cloud.simulator;
  const directory = world.directories.get(tenantId);
  if (directory === undefined) throw new Error('no directory');
  const ordinary = addSecurityGroup(world, directory, 'Readers');
  const admins = addSecurityGroup(world, directory, 'Admins');
  const own = (id: string, ownerIds: readonly string[]): void => {
    const group = directory.groups.live(id);
    if (group === undefined) throw new Error('no group');
    const isAssignableToRole = id === admins;
    saveGroup(directory, {
      ...group,
      ownerIds: [...ownerIds],
      properties: { ...group.properties, isAssignableToRole },
    });
  };
  own(ordinary, [plain]);
  own(admins, [owner]);
  addMember(directory, admins, member);
  const view = clients.directory(tenantId);
  view.invalidate();
  await view.refresh(signal);
  expect([member, owner, plain].map((id) => view.isPrivileged(id))).toEqual([true, true, false]);
  own(admins, []);
  view.invalidate();
  await view.refresh(signal);
  expect(view.isPrivileged(owner)).toBe(false);
});

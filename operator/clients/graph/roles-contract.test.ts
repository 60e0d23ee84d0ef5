/** Who is an administrator, against the simulator. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { adminConsent } from '../../../hack/simulator/directory/consent.ts';
import { addRoleAssignment, addSecurityGroup } from '../../../hack/simulator/directory/create.ts';
import { addMember, saveGroup } from '../../../hack/simulator/directory/records.ts';
import { OPERATOR_PERMISSIONS, roleId } from '../../../hack/simulator/directory/well-known.ts';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from '../../../hack/simulator/seed.ts';
import { Cloud, failureOf, signal } from '../../../hack/testing/cloud.ts';
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
  expect(view.roleGroupsOf(member)).toEqual(['Admins']);
  expect([owner, plain].flatMap((id) => view.roleGroupsOf(id))).toEqual([]);
  own(admins, []);
  view.invalidate();
  await view.refresh(signal);
  expect(view.isPrivileged(owner)).toBe(false);
});

const express = 'RoleManagement.ReadWrite.Directory';

/** The administrator of the tenant consents to these, no more and no less. */
async function consented(permissions: readonly string[]) {
  const { world } = cloud.simulator;
  const directory = world.directories.get(tenantId);
  if (directory === undefined) throw new Error('no directory');
  directory.appRoleAssignments.clear();
  adminConsent(world, directory, DEFAULT_PARTNER.clientId, permissions);
  await clients.graph(tenantId).permissions({ fresh: true }, signal);
}

it('roles of an account are told by name, and taken away where that is consented to', async () => {
  const leaver = await create('leaver');
  give('Exchange Administrator', leaver);
  give('Directory Readers', leaver);
  const [graph, view] = [clients.graph(tenantId), clients.directory(tenantId)];
  view.invalidate();
  await view.refresh(signal);
  const held = (await view.readRoles(leaver, signal)) ?? [];
  expect(held.map(({ name, isProtecting, isLast }) => [name, isProtecting, isLast])).toEqual([
    ['Exchange Administrator', true, false],
    ['Directory Readers', false, false],
  ]);
  const [first] = held;
  expect(await failureOf(graph.removeRole(first?.id ?? '', signal))).toMatchObject({
    reason: 'PermissionDenied',
    message: expect.stringContaining(`it needs the permission ${express}`),
  });
  await consented([...OPERATOR_PERMISSIONS, express]);
  await graph.removeRole(first?.id ?? '', signal);
  await graph.removeRole(first?.id ?? '', signal);
  expect(view.isPrivileged(leaver)).toBe(true);
  expect((await view.readRoles(leaver, signal))?.map(({ name }) => name)).toEqual([
    'Directory Readers',
  ]);
  expect(view.isPrivileged(leaver)).toBe(false);
});

it('what we took away is gone, also where a replica still shows it', async () => {
  const one = await create('lagging');
  give('Exchange Administrator', one);
  const view = clients.directory(tenantId);
  const [role] = (await view.readRoles(one, signal)) ?? [];
  view.recordRoleRemoved(role?.id ?? '');
  expect(await view.readRoles(one, signal)).toEqual([]);
});

it('the only Global Administrator is told as such', async () => {
  const { world } = cloud.simulator;
  const assignments = world.directories.get(tenantId)?.roleAssignments;
  const global = roleId('Global Administrator');
  const others = [...(assignments?.values() ?? [])].filter((a) => a.roleDefinitionId === global);
  const one = await create('global');
  give('Global Administrator', one);
  const isLast = async () =>
    (await clients.directory(tenantId).readRoles(one, signal))?.map((role) => role.isLast);
  expect(others.length).toBeGreaterThan(0);
  expect(await isLast()).toEqual([false]);
  for (const { id } of others) assignments?.delete(id);
  expect(await isLast()).toEqual([true]);
});

it('without the permission to read roles nothing is told', async () => {
  await consented(OPERATOR_PERMISSIONS.filter((name) => !name.startsWith('RoleManagement')));
  const someone = await create('someone');
  expect(await clients.directory(tenantId).readRoles(someone, signal)).toBeUndefined();
});

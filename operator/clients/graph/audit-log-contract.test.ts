/** Who changed what, against the simulator. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { roleId } from '../../../hack/simulator/directory/well-known.ts';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from '../../../hack/simulator/seed.ts';
import { Cloud, signal } from '../../../hack/testing/cloud.ts';

const { tenantId, domain, initialDomain } = DEFAULT_CUSTOMER;
const auditDelayMs = 120_000;

let cloud: Cloud;

beforeAll(async () => {
  cloud = await Cloud.start({ settings: { throttleFactor: Infinity, auditDelayMs } });
  const consent = `${cloud.simulator.urls.login}/${tenantId}/adminconsent?client_id=${DEFAULT_PARTNER.clientId}`;
  await (await fetch(consent)).text();
});

afterAll(() => cloud.stop());

function pass(ms: number): void {
  cloud.simulator.world.clock.advance(ms);
  cloud.aheadMs += ms;
}

it('an administrator who changes a job title is named minutes later; what we did is not told', async () => {
  const clients = cloud.clients();
  const view = clients.directory(tenantId);
  const outside = clients.outsideChanges(tenantId);
  await view.refresh(signal);
  const anna = view.userByPrincipalName(`anna.becker@${domain}`);
  const id = anna?.id ?? '';
  await clients.graph(tenantId).updateUser(id, { department: 'Ours' }, signal);
  view.recordUser(id, { department: 'Ours' });
  const admin = `admin@${initialDomain}`;
  cloud.simulator.asPerson({
    service: 'graph',
    tenantId,
    userPrincipalName: admin,
    method: 'PATCH',
    path: `/v1.0/users/${id}`,
    body: { jobTitle: 'Boss' },
  });
  await view.refresh(signal);
  pass(60_000);
  await outside.read(signal);
  expect(cloud.outside).toEqual([]);
  pass(60_000);
  await outside.read(signal);
  expect(cloud.outside).toMatchObject([
    { id, activity: 'Update user', author: { type: 'User', name: admin }, fields: ['JobTitle'] },
  ]);
  expect(outside.of(id)).toEqual(cloud.outside);
});

it('a new password and a role of a watched account are told, which the directory does not show', async () => {
  const clients = cloud.clients();
  const view = clients.directory(tenantId);
  const outside = clients.outsideChanges(tenantId);
  await view.refresh(signal);
  const id = view.userByPrincipalName(`anna.becker@${domain}`)?.id ?? '';
  const asAdmin = (method: string, path: string, body: object) =>
    cloud.simulator.asPerson({
      service: 'graph',
      tenantId,
      userPrincipalName: `admin@${initialDomain}`,
      method,
      path: `/v1.0${path}`,
      body,
    });
  asAdmin('PATCH', `/users/${id}`, { passwordProfile: { password: 'N3w-and-long!' } });
  asAdmin('POST', '/roleManagement/directory/roleAssignments', {
    principalId: id,
    roleDefinitionId: roleId('Global Administrator'),
    directoryScopeId: '/',
  });
  const before = view.user(id);
  pass(auditDelayMs);
  await view.refresh(signal);
  expect(view.user(id)).toEqual(before);
  outside.watch([id]);
  await outside.read(signal);
  expect(outside.of(id).map(({ activity }) => activity)).toEqual(
    expect.arrayContaining(['Reset user password', 'Add member to role']),
  );
});

it('the log is read over its pages', async () => {
  const graph = cloud.clients().graph(tenantId);
  const view = cloud.clients().directory(tenantId);
  await view.refresh(signal);
  const id = view.userByPrincipalName(`anna.becker@${domain}`)?.id ?? '';
  const since = cloud.simulator.world.clock.nowMs();
  for (let n = 0; n < 1_050; n += 1) {
    cloud.simulator.asPerson({
      service: 'graph',
      tenantId,
      userPrincipalName: `admin@${initialDomain}`,
      method: 'PATCH',
      path: `/v1.0/users/${id}`,
      body: { jobTitle: `Boss ${n}` },
    });
  }
  pass(auditDelayMs);
  expect(await graph.listDirectoryAudits(since, signal)).toHaveLength(1_050);
});

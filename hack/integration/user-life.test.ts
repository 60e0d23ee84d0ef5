/** A person's account from adoption to purge, on a tenant that existed before. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guestName } from '../../operator/core/names.ts';
import type { M365Tenant, M365User } from '../../operator/core/objects.ts';
import { conditionOf } from '../demo/objects.ts';
import { roleId } from '../simulator/directory/well-known.ts';
import { DEFAULT_CUSTOMER } from '../simulator/seed.ts';
import type { OperatorProcess } from '../stage/operator.ts';
import { patience } from '../testing/desk.ts';
import { liveUsers, type Northwind, northwind, startNorthwind } from '../testing/northwind.ts';
import { administrator, type Others, othersIn } from '../testing/others.ts';
import { killWithLease } from '../testing/replicas.ts';

let world: Northwind;
let operator: OperatorProcess;
let others: Others;

beforeAll(async () => {
  world = await startNorthwind();
  operator = world.operator;
  others = await othersIn(world.stage);
});

afterAll(async () => {
  await operator?.stop();
  await world?.stop();
});

const upnOf = (name: string): string => `${name}@${DEFAULT_CUSTOMER.domain}`;
const kubectl = (...args: readonly string[]) => world.stage.controlPlane.kubectl(args);

async function put(name: string, more: object = {}): Promise<void> {
  await world.desk.put('M365User', 'contoso', name, {
    tenantRef: { name: 'northwind' },
    userPrincipalName: upnOf(name),
    displayName: name,
    ...more,
  });
}

async function ready(name: string): Promise<string> {
  await world.desk.ready('M365User', name);
  const { status } = await world.desk.find<M365User>('M365User', name);
  return status?.entraId ?? '';
}

async function remove(name: string): Promise<void> {
  await kubectl('delete', 'm365user', name, '-n', 'contoso', '--timeout=30s');
}

const live = (name: string) =>
  liveUsers(world.stage).find(({ userPrincipalName }) => userPrincipalName === upnOf(name));

function stateOf(id: string): string | undefined {
  const { directories } = world.stage.simulator.world;
  return directories.get(DEFAULT_CUSTOMER.tenantId)?.users.latest(id)?.state;
}

describe('an account that was there before', () => {
  it('is not taken over where the policy forbids it, and is where it is named', async () => {
    const name = 'anna.becker';
    const before = live(name);
    await put(name, { adoptionPolicy: 'Never', jobTitle: 'Owner' });
    await world.desk.reason('M365User', name, 'UserPrincipalNameTaken', 'Stalled');
    const { status } = await world.desk.find<M365User>('M365User', name);
    expect(status?.candidates).toEqual([{ id: before?.id, userPrincipalName: upnOf(name) }]);
    expect(live(name)).toEqual(before);
    await put(name, { adoptionPolicy: 'Never', jobTitle: 'Owner', entraId: before?.id });
    expect(await ready(name)).toBe(before?.id);
    const adopted = await world.desk.find<M365User>('M365User', name);
    expect(adopted.status).toMatchObject({ adopted: true });
    expect(adopted.status?.candidates).toBeUndefined();
    expect(live(name)?.properties['jobTitle']).toBe('Owner');
  });
});

describe('an account of ours', () => {
  it('stays the same one through a new name, a deletion by others, and a new declaration', async () => {
    await put('mia', { deletionPolicy: 'SoftDelete' });
    const id = await ready('mia');
    await put('mia', { deletionPolicy: 'SoftDelete', userPrincipalName: upnOf('mia.new') });
    await expect.poll(() => live('mia.new')?.id, patience).toBe(id);
    await ready('mia');
    await others.change('User', 'DELETE', `/users/${id}`);
    expect(stateOf(id)).toBe('deleted');
    await expect.poll(() => stateOf(id), patience).toBe('live');
    await expect.poll(() => ready('mia'), patience).toBe(id);
    await remove('mia');
    expect(stateOf(id)).toBe('deleted');
    await put('mia', { deletionPolicy: 'SoftDelete', userPrincipalName: upnOf('mia.new') });
    expect(await ready('mia')).toBe(id);
    const again = await world.desk.find<M365User>('M365User', 'mia');
    expect(again.status?.createdByOperator?.entra).toBe(true);
  });

  it('is gone for good where it is to be purged', async () => {
    await put('purged', { deletionPolicy: 'Purge' });
    const id = await ready('purged');
    await remove('purged');
    expect(stateOf(id)).toBe('purged');
  });

  it('that was never recorded is not forgotten when its M365User is deleted', async () => {
    await put('orphan', { deletionPolicy: 'SoftDelete' });
    const id = await ready('orphan');
    await killWithLease(world.stage, operator);
    const patch = '{"status":null}';
    await kubectl(
      'patch',
      'm365user',
      'orphan',
      '-n',
      'contoso',
      '--subresource=status',
      '--type=merge',
      '-p',
      patch,
    );
    await kubectl('delete', 'm365user', 'orphan', '-n', 'contoso', '--wait=false');
    operator = await world.stage.startOperator({ pollSeconds: 1 });
    await operator.ready();
    await expect.poll(() => stateOf(id), patience).toBe('deleted');
  });

  it('loses its sessions when it is blocked', async () => {
    await put('leaver');
    const id = await ready('leaver');
    const before = live('leaver')?.properties['signInSessionsValidFromDateTime'];
    await put('leaver', { enabled: false });
    await world.desk.reason('M365User', 'leaver', 'Disabled');
    const { status } = await world.desk.find<M365User>('M365User', 'leaver');
    expect([status?.entraId, status?.sessionsRevoked]).toEqual([id, true]);
    expect(live('leaver')?.properties).toMatchObject({ accountEnabled: false });
    expect(live('leaver')?.properties['signInSessionsValidFromDateTime']).not.toBe(before);
  });

  it('gets a new password on request, which stands in its Secret', async () => {
    await put('rotated', { initialPassword: { secretName: 'rotated' } });
    await ready('rotated');
    const password = () =>
      kubectl('get', 'secret', 'rotated', '-n', 'contoso', '-o', 'jsonpath={.data.password}');
    const first = await password();
    const changedAt = live('rotated')?.properties['lastPasswordChangeDateTime'];
    const annotation = 'm365-operator.io/rotate-password-at=first';
    await kubectl('annotate', 'm365user', 'rotated', '-n', 'contoso', annotation);
    const handled = async () =>
      (await world.desk.find<M365User>('M365User', 'rotated')).status?.lastHandledPasswordRotation;
    await expect.poll(handled, patience).toBe('first');
    expect(await password()).not.toBe(first);
    expect(live('rotated')?.properties['lastPasswordChangeDateTime']).not.toBe(changedAt);
  });
});

it('a guest is invited once and deleted as what we made', async () => {
  const spec = { type: 'Guest', userPrincipalName: 'bob@partner.example', deletionPolicy: 'Purge' };
  await put('bob', { ...spec, companyName: 'Partner' });
  const id = await ready('bob');
  const guest = liveUsers(world.stage).find((user) => user.id === id);
  expect(guest?.userPrincipalName).toBe(
    guestName('bob@partner.example', DEFAULT_CUSTOMER.initialDomain),
  );
  expect(guest?.properties).toMatchObject({ userType: 'Guest', companyName: 'Partner' });
  await remove('bob');
  expect(stateOf(id)).toBe('purged');
});

it('a room is blocked from the start', async () => {
  await put('room', { type: 'Room' });
  await ready('room');
  expect(live('room')?.properties['accountEnabled']).toBe(false);
});

describe('accounts that are protected', () => {
  it('break-glass: not touched, and any change is told on the tenant', async () => {
    await world.desk.put('M365Tenant', 'contoso', 'northwind', {
      ...northwind,
      protectedUsers: [upnOf('ben.carter'), administrator],
    });
    await put('admin', { userPrincipalName: administrator, jobTitle: 'Changed' });
    await world.desk.reason('M365User', 'admin', 'ProtectedAccount', 'Stalled');
    const admin = liveUsers(world.stage).find(
      ({ userPrincipalName }) => userPrincipalName === administrator,
    );
    expect(admin?.properties['jobTitle']).not.toBe('Changed');
    await others.change('Application', 'PATCH', `/users/${admin?.id ?? ''}`, {
      officeLocation: '1',
    });
    const events = () =>
      kubectl(
        'get',
        'events',
        '-n',
        'contoso',
        '--field-selector',
        'reason=ProtectedAccountChanged',
        '-o',
        'name',
      );
    await expect.poll(async () => (await events()).trim(), patience).not.toBe('');
    await remove('admin');
    expect(admin && stateOf(admin.id)).toBe('live');
  });

  it('break-glass: what others change while the operator is down is told when it is back', async () => {
    const name = 'claudia.richter';
    const id = live(name)?.id ?? '';
    await world.desk.put('M365Tenant', 'contoso', 'northwind', {
      ...northwind,
      protectedUsers: [upnOf(name), administrator],
    });
    const remembered = async () => {
      const { status } = await world.desk.find<M365Tenant>('M365Tenant', 'northwind');
      return status?.protectedAccounts?.map((account) => account.id);
    };
    await expect.poll(remembered, patience).toContain(id);
    await operator.stop();
    await others.change('User', 'DELETE', `/users/${id}`);
    operator = await world.stage.startOperator({ pollSeconds: 1 });
    await operator.ready();
    const notes = () => kubectl('get', 'events', '-n', 'contoso', '-o', 'jsonpath={..message}');
    await expect.poll(notes, patience).toContain(`changed in Entra ID: ${upnOf(name)};`);
    const gone = { account: upnOf(name), id };
    const status = async () =>
      (await world.desk.find<M365Tenant>('M365Tenant', 'northwind')).status?.protectedAccounts;
    await expect.poll(status, patience).toContainEqual(gone);
  });

  it('an administrator: blocked by nobody from here', async () => {
    await put('helper');
    const id = await ready('helper');
    await others.change('User', 'POST', '/roleManagement/directory/roleAssignments', {
      principalId: id,
      roleDefinitionId: roleId('Helpdesk Administrator'),
      directoryScopeId: '/',
    });
    await world.desk.lookNow('m365tenant', 'contoso', 'northwind');
    await world.desk.ready('M365Tenant', 'northwind');
    await put('helper', { enabled: false, department: 'IT' });
    await world.desk.reason('M365User', 'helper', 'PrivilegedAccount', 'Stalled');
    const helper = await world.desk.find('M365User', 'helper');
    expect(conditionOf(helper, 'Ready')?.reason).toBe('PrivilegedAccount');
    expect(live('helper')?.properties).toMatchObject({ accountEnabled: true, department: 'IT' });
  });
});

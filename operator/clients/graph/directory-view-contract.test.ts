import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from '../../../hack/simulator/seed.ts';
import { Cloud, signal } from '../../../hack/testing/cloud.ts';
import type { ConnectionClients } from '../port.ts';
import type { Graph, NewUser } from './port.ts';
import { groupProperties } from './wire.ts';
import { userProperties } from './wire-users.ts';

const { tenantId, domain } = DEFAULT_CUSTOMER;

const premium = 'cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46';

const lagMs = 60_000;

let cloud: Cloud;

let clients: ConnectionClients;

let graph: Graph;

let people = 0;

beforeAll(async () => {
  cloud = await Cloud.start({ settings: { throttleFactor: Infinity } });
  const consent = `${cloud.simulator.urls.login}/${tenantId}/adminconsent?client_id=${DEFAULT_PARTNER.clientId}`;
  await (await fetch(consent)).text();
  clients = cloud.clients();
  graph = clients.graph(tenantId);
});

afterAll(() => cloud.stop());

beforeEach(() => {
  cloud.simulator.faults.clear();
  cloud.simulator.world.settings.replicationLagMs = 0;
  cloud.told.length = 0;
});

const advance = (ms: number) => {
  cloud.simulator.world.clock.advance(ms);
};

const admin = (method: string, path: string, body?: unknown) =>
  cloud.simulator.asPerson({
    service: 'graph',
    tenantId,
    userPrincipalName: `admin@${DEFAULT_CUSTOMER.initialDomain}`,
    method,
    path: `/v1.0${path}`,
    body,
  });

function newUser(overrides: Partial<NewUser> = {}): NewUser {
  people += 1;
  return {
    userPrincipalName: `person${people}@${domain}`,
    displayName: `Person ${people}`,
    mailNickname: `person${people}`,
    accountEnabled: true,
    usageLocation: 'DE',
    password: 'Str0ng-enough!',
    forceChangePasswordNextSignIn: true,
    owner: 'acme/person',
    ...overrides,
  };
}

const create = async (overrides: Partial<NewUser> = {}) => {
  const user = newUser(overrides);
  return { ...user, ...(await graph.createUser(user, signal)) };
};

async function group(displayName: string): Promise<string> {
  const { id } = await graph.createGroup(
    { displayName, mailNickname: displayName, type: 'Security' },
    signal,
  );
  return id;
}

describe('the view of a tenant', () => {
  const view = () => clients.directory(tenantId);
  const refresh = () => view().refresh(signal);

  it('shows all, over pages, then what changed outside', async () => {
    for (let i = 0; i < 210; i += 1)
      admin('POST', '/groups', {
        displayName: `G${i}`,
        mailNickname: `g${i}`,
        mailEnabled: false,
        securityEnabled: true,
      });
    await refresh();
    expect(view().groupsByName('G209')).toHaveLength(1);
    const anna = view().userByPrincipalName(`anna.becker@${domain}`)!;
    expect(view().assignedUsers(premium)).toBe(5);
    expect(view().skus).toMatchObject([{ skuPartNumber: 'SPB', units: 7 }]);
    cloud.told.length = 0;
    expect(admin('PATCH', `/users/${anna.id}`, { jobTitle: 'Changed outside' }).status).toBe(204);
    await refresh();
    expect(view().user(anna.id)?.jobTitle).toBe('Changed outside');
    expect(cloud.told).toEqual([[anna.id]]);
    await refresh();
    expect(cloud.told).toHaveLength(1);
  });

  it('tells nothing of an account that it was told of when we made it', async () => {
    await refresh();
    const { id, userPrincipalName, displayName, mailNickname } = await create();
    const shown = { userPrincipalName, displayName, mailNickname, accountEnabled: true };
    view().recordUser(id, { ...shown, usageLocation: 'DE', assignedLicenses: [] });
    const license = { skuId: premium, disabledPlans: [] };
    await graph.assignLicenses(id, { add: [license], remove: [] }, signal);
    view().recordUser(id, { assignedLicenses: [license] });
    cloud.told.length = 0;
    await refresh();
    expect(view().isReadBack(id)).toBe(true);
    expect(cloud.told).toEqual([]);
  });

  it('shows cleared fields, another manager, removals', async () => {
    const { id } = await create({ department: 'Sales' });
    const manager = await create();
    await graph.setManager(id, manager.id, signal);
    await refresh();
    expect(view().user(id)).toMatchObject({ department: 'Sales', managerId: manager.id });
    const other = await create();
    admin('PATCH', `/users/${id}`, { department: null });
    await graph.setManager(id, other.id, signal);
    await refresh();
    expect(view().user(id)?.department).toBeUndefined();
    expect(view().user(id)?.managerId).toBe(other.id);
    admin('DELETE', `/users/${id}`);
    await refresh();
    expect(view().user(id)).toBeUndefined();
  });

  it('shows memberships', async () => {
    const { id } = await create();
    const groupId = await group('Shown');
    await graph.addMember(groupId, id, signal);
    await refresh();
    expect([...view().groupsByName('shown')[0]!.memberIds]).toEqual([id]);
    cloud.told.length = 0;
    admin('DELETE', `/groups/${groupId}/members/${id}/$ref`);
    await refresh();
    expect([...view().groupsByName('shown')[0]!.memberIds]).toEqual([]);
    expect(cloud.told).toEqual([[id]]);
  });

  it('asks one thing of users and one of groups at rest, and no field that is not managed', async () => {
    const { journal } = cloud.simulator;
    view().invalidate();
    await refresh();
    const before = journal.since(Number.MAX_SAFE_INTEGER).next;
    view().invalidate();
    await refresh();
    const full = journal.since(before).entries;
    const selects = full
      .map(({ path, query }) => [path, new URLSearchParams(query).get('$select')] as const)
      .filter(([, select]) => select !== null);
    expect(selects).toContainEqual(['/v1.0/users/delta', [...userProperties, 'manager'].join()]);
    expect(selects).toContainEqual(['/v1.0/groups/delta', [...groupProperties, 'members'].join()]);
    const rest = journal.since(Number.MAX_SAFE_INTEGER).next;
    advance(24 * 60 * lagMs);
    cloud.aheadMs += 60 * 60_000;
    await refresh();
    cloud.aheadMs = 0;
    const sent = journal.since(rest).entries.map(({ method, path }) => `${method} ${path}`);
    expect(sent.filter((line) => !line.endsWith('/token'))).toEqual([
      'GET /v1.0/users/delta',
      'GET /v1.0/groups/delta',
    ]);
  });

  it('finds a membership of ours that somebody undid, and groups as they stand', async () => {
    const { id } = await create();
    const one = await group('One');
    const other = await group('Other');
    await refresh();
    await graph.addMember(one, id, signal);
    await graph.addMember(other, id, signal);
    view().recordMember(one, id, true);
    view().recordMember(other, id, true);
    expect(await graph.readGroups([one, other], signal)).toMatchObject([
      { id: one, addedMemberIds: [id] },
      { id: other, addedMemberIds: [id] },
    ]);
    admin('DELETE', `/groups/${other}/members/${id}/$ref`);
    view().invalidate();
    await refresh();
    expect([...view().groupsByName('One')[0]!.memberIds]).toEqual([id]);
    cloud.aheadMs += 6 * 60_000;
    await refresh();
    expect([...view().groupsByName('Other')[0]!.memberIds]).toEqual([]);
    cloud.aheadMs = 0;
  });

  it('does not show any more what was cleared while its token was lost', async () => {
    const { id } = await create({ department: 'Sales' });
    await refresh();
    admin('PATCH', `/users/${id}`, { department: null });
    view().invalidate();
    await refresh();
    expect(view().user(id)?.department).toBeUndefined();
  });

  it('reads all again where its link is eight days old', async () => {
    await refresh();
    const { id } = await create();
    advance(8 * 86_400_000);
    await refresh();
    expect(view().user(id)).toBeDefined();
  });

  it('shows our own writes while the directory lags, and tells nobody', async () => {
    const { id } = await create({ jobTitle: 'Clerk' });
    await refresh();
    advance(2 * lagMs + 1);
    cloud.told.length = 0;
    cloud.simulator.world.settings.replicationLagMs = lagMs;
    await graph.updateUser(id, { jobTitle: 'Lead' }, signal);
    view().recordUser(id, { jobTitle: 'Lead' });
    await refresh();
    expect(view().user(id)?.jobTitle).toBe('Lead');
    view().invalidate();
    await refresh();
    expect(view().user(id)?.jobTitle).toBe('Lead');
    advance(2 * lagMs + 1);
    await refresh();
    expect(view().user(id)?.jobTitle).toBe('Lead');
    expect(cloud.told.flat()).not.toContain(id);
    admin('PATCH', `/users/${id}`, { jobTitle: 'Clerk' });
    advance(2 * lagMs + 1);
    await refresh();
    expect(view().user(id)?.jobTitle).toBe('Clerk');
  });

  it('keeps a user and a group that we just made through a full read that lags', async () => {
    cloud.simulator.world.settings.replicationLagMs = lagMs;
    const user = await create();
    view().recordUser(user.id, { userPrincipalName: user.userPrincipalName });
    const fresh = { displayName: 'Fresh', mailNickname: 'fresh', type: 'Security' } as const;
    const { id } = await view().createGroupOnce(fresh, () => graph.createGroup(fresh, signal));
    view().recordMember(id, user.id, true);
    view().invalidate();
    await refresh();
    expect(view().userByPrincipalName(user.userPrincipalName)?.id).toBe(user.id);
    expect([...view().groupsByName('Fresh')[0]!.memberIds]).toEqual([user.id]);
  });

  it('tells a licence of a group from an own one, and what has both', async () => {
    const { id } = await create();
    const groupId = await group('Licensed');
    const body = { addLicenses: [{ skuId: premium, disabledPlans: [] }], removeLicenses: [] };
    expect(admin('POST', `/groups/${groupId}/assignLicense`, body)).toMatchObject({ status: 202 });
    await graph.addMember(groupId, id, signal);
    advance(lagMs);
    await refresh();
    const inherited = { skuId: premium, groupId, isDirectToo: false };
    expect(view().user(id)).toMatchObject({ inheritedLicenses: [inherited] });
    await graph.assignLicenses(
      id,
      { add: [{ skuId: premium, disabledPlans: [] }], remove: [] },
      signal,
    );
    await refresh();
    expect(view().user(id)?.inheritedLicenses).toEqual([{ ...inherited, isDirectToo: true }]);
    await graph.removeMember(groupId, id, signal);
    advance(lagMs);
    await refresh();
    expect(view().user(id)?.inheritedLicenses).toBeUndefined();
    expect(view().user(id)?.assignedLicenses).toHaveLength(1);
  });
});

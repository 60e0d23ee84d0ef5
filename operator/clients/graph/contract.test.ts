import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from '../../../hack/simulator/seed.ts';
import { Cloud, failureOf, signal } from '../../../hack/testing/cloud.ts';
import type { ConnectionClients } from '../port.ts';
import type { Graph, NewUser } from './port.ts';

const { tenantId, domain } = DEFAULT_CUSTOMER;

const premium = 'cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46';

const nobody = '00000000-0000-4000-8000-00000000dead';

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

const read = (id: string) => graph.getUser(id, signal);

async function group(displayName: string): Promise<string> {
  const { id } = await graph.createGroup(
    { displayName, mailNickname: displayName, type: 'Security' },
    signal,
  );
  return id;
}

describe('a user', () => {
  it('is created, read by id and by name, changed and deleted', async () => {
    const { id, userPrincipalName, requestId } = await create({
      department: 'Sales',
      onPremisesImmutableId: 'YW5jaG9yLW9uZS0xMjM0NQ==',
    });
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
    const user = await read(id);
    expect(user).toMatchObject({
      id,
      userPrincipalName,
      department: 'Sales',
      accountEnabled: true,
      onPremisesImmutableId: 'YW5jaG9yLW9uZS0xMjM0NQ==',
      assignedLicenses: [],
    });
    expect(await read(userPrincipalName)).toEqual(user);
    await graph.updateUser(id, { jobTitle: 'Lead', accountEnabled: false }, signal);
    expect(await read(id)).toMatchObject({
      jobTitle: 'Lead',
      accountEnabled: false,
      department: 'Sales',
    });
    await graph.deleteUser(id, signal);
    expect(await read(id)).toBeUndefined();
    await graph.deleteUser(id, signal);
  });

  it('is absent where there is none, of whatever name', async () => {
    expect(await read(nobody)).toBeUndefined();
    expect(await read(`no#one'here@${domain}`)).toBeUndefined();
  });

  it('is not made a second time: after a lost answer it is found by its name', async () => {
    const user = newUser();
    cloud.fault({ service: 'graph', method: 'POST', path: '/users$', kind: 'lostAnswer' });
    const lost = await failureOf(graph.createUser(user, signal));
    expect(lost).toMatchObject({ class: 'Transient', reason: 'ConnectionFailed' });
    expect(await read(user.userPrincipalName)).toMatchObject({ displayName: user.displayName });
    expect(await failureOf(graph.createUser(user, signal))).toMatchObject({
      class: 'Terminal',
      reason: 'UserPrincipalNameTaken',
    });
  });

  it.each([
    [
      'an unverified domain',
      { userPrincipalName: 'mia@nowhere.example' },
      'Wait',
      'DomainNotVerified',
    ],
    ['a weak password', { password: 'canary12' }, 'Terminal', 'PasswordNotAccepted'],
  ] as const)('is refused with %s', async (_, overrides, errorClass, reason) => {
    const error = await failureOf(create(overrides));
    expect(error).toMatchObject({ class: errorClass, reason });
    expect(`${error.message} ${String(error.cause)}`).not.toContain('canary');
  });

  it('gets a manager, whoever it is', async () => {
    const { id } = await create();
    const manager = await create();
    await graph.setManager(id, manager.id, signal);
    await graph.setManager(id, manager.id, signal);
    const { changes } = await graph.usersDelta(undefined, signal);
    expect(changes.find((change) => change.id === id)?.user.managerId).toBe(manager.id);
  });

  it('loses its sessions', async () => {
    const { id } = await create();
    await graph.revokeSessions(id, signal);
    expect(await failureOf(graph.revokeSessions(nobody, signal))).toMatchObject({
      class: 'Transient',
      reason: 'ObjectNotFound',
    });
  });
});

describe('licences', () => {
  const add = (disabledPlans: string[] = []) => ({
    add: [{ skuId: premium, disabledPlans }],
    remove: [],
  });
  const seats = async () => (await graph.listSubscribedSkus(signal))[0]!;

  it('are assigned, changed, assigned again and taken away', async () => {
    const { id } = await create();
    const { servicePlans, consumedUnits } = await seats();
    await graph.assignLicenses(id, add(), signal);
    expect((await seats()).consumedUnits).toBe(consumedUnits + 1);
    const plan = servicePlans[0]!.servicePlanId;
    await graph.assignLicenses(id, add([plan]), signal);
    expect((await read(id))?.assignedLicenses).toEqual([{ skuId: premium, disabledPlans: [plan] }]);
    await graph.assignLicenses(id, { add: [], remove: [premium] }, signal);
    expect((await read(id))?.assignedLicenses).toEqual([]);
    await graph.deleteUser(id, signal);
  });

  it('wait for a seat where none is free', async () => {
    expect(await seats()).toMatchObject({ skuPartNumber: 'SPB', units: 7, consumedUnits: 5 });
    const users = await Promise.all([create(), create(), create()]);
    await graph.assignLicenses(users[0].id, add(), signal);
    await graph.assignLicenses(users[1].id, add(), signal);
    expect(await failureOf(graph.assignLicenses(users[2].id, add(), signal))).toMatchObject({
      class: 'Wait',
      reason: 'WaitingForSeat',
    });
    for (const { id } of users) await graph.deleteUser(id, signal);
  });

  it('that are exchanged stay as they are where somebody else was first', async () => {
    const directory = cloud.simulator.world.directories.get(tenantId);
    const other = '3b555118-da6a-4418-894f-7df1e2096870';
    const [bought] = directory?.subscriptions.values() ?? [];
    if (directory === undefined || bought === undefined) throw new Error('nothing bought');
    directory.subscriptions.set(other, { ...bought, id: other, skuId: other, seats: 1 });
    const [winner, loser] = await Promise.all([create(), create()]);
    await graph.assignLicenses(loser.id, add(), signal);
    const exchange = { add: [{ skuId: other, disabledPlans: [] }], remove: [premium] };
    await graph.assignLicenses(winner.id, { ...exchange, remove: [] }, signal);
    expect(await failureOf(graph.assignLicenses(loser.id, exchange, signal))).toMatchObject({
      reason: 'WaitingForSeat',
    });
    expect((await read(loser.id))?.assignedLicenses).toMatchObject([{ skuId: premium }]);
    for (const { id } of [winner, loser]) await graph.deleteUser(id, signal);
    directory.subscriptions.delete(other);
  });

  it('need a usage location', async () => {
    const { id } = await create({ usageLocation: undefined });
    expect(await failureOf(graph.assignLicenses(id, add(), signal))).toMatchObject({
      reason: 'UsageLocationNotSet',
    });
  });
});

describe('a group', () => {
  it('gets and loses members, twice each without harm', async () => {
    const { id } = await create();
    const groupId = await group('Twice');
    for (const _ of [1, 2]) await graph.addMember(groupId, id, signal);
    for (const _ of [1, 2]) await graph.removeMember(groupId, id, signal);
    expect(await failureOf(graph.addMember(nobody, id, signal))).toMatchObject({
      class: 'Transient',
    });
  });
});

describe('the tenant', () => {
  it('has a name, a country and domains', async () => {
    expect(await graph.getOrganization(signal)).toMatchObject({
      id: tenantId,
      countryLetterCode: 'DE',
      onPremisesSyncEnabled: false,
      initialDomain: DEFAULT_CUSTOMER.initialDomain,
      verifiedDomains: expect.arrayContaining([domain]) as string[],
    });
    expect(await graph.listDomains(signal)).toContainEqual({
      name: domain,
      isVerified: true,
      isRoot: true,
      isDefault: true,
      authentication: 'Managed',
    });
  });

  it('gets a domain: added, proved by DNS, verified, default', async () => {
    const name = 'new.northwind.test';
    await graph.addDomain(name, signal);
    expect(await graph.verifyDomain(name, signal)).toBe(false);
    const records = await graph.listVerificationRecords(name, signal);
    expect(records.map(({ type }) => type).sort()).toEqual(['MX', 'TXT']);
    const txt = records.find(({ type }) => type === 'TXT')!;
    cloud.simulator.world.dns.set(name, [txt.value]);
    expect(await graph.verifyDomain(name, signal)).toBe(true);
    await graph.setDefaultDomain(name, signal);
    expect(await graph.listDomains(signal)).toContainEqual(
      expect.objectContaining({ name, isVerified: true, isDefault: true }),
    );
    await graph.setDefaultDomain(domain, signal);
  });

  it('tells which permissions we have', async () => {
    expect(await graph.permissions({ fresh: false }, signal)).toContain('User.ReadWrite.All');
  });

  it.each([
    ['that login does not know', nobody, 'TenantNotReady'],
    ['without our application', DEFAULT_PARTNER.tenantId, undefined],
  ])('%s says so', async (_, id, reason) => {
    const asked = clients.graph(id).permissions({ fresh: true }, signal);
    if (reason === undefined) expect(await asked).not.toContain('User.ReadWrite.All');
    else expect(await failureOf(asked)).toMatchObject({ class: 'Wait', reason });
  });
});

describe('what goes wrong', () => {
  const calls: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['getOrganization', () => graph.getOrganization(signal)],
    ['usersDelta', () => graph.usersDelta(undefined, signal)],
    ['groupsDelta', () => graph.groupsDelta(undefined, signal)],
    ['getUser', () => read(nobody)],
    ['getUsers', () => graph.getUsers([nobody], signal)],
    ['createUser', () => create()],
    ['updateUser', () => graph.updateUser(nobody, { jobTitle: 'x' }, signal)],
    ['deleteUser', () => graph.deleteUser(nobody, signal)],
    ['revokeSessions', () => graph.revokeSessions(nobody, signal)],
    ['setManager', () => graph.setManager(nobody, nobody, signal)],
    ['assignLicenses', () => graph.assignLicenses(nobody, { add: [], remove: [premium] }, signal)],
    ['createGroup', () => group('Broken')],
    ['addMember', () => graph.addMember(nobody, nobody, signal)],
    ['removeMember', () => graph.removeMember(nobody, nobody, signal)],
    ['listSubscribedSkus', () => graph.listSubscribedSkus(signal)],
    ['listDomains', () => graph.listDomains(signal)],
    ['addDomain', () => graph.addDomain('broken.example', signal)],
    ['listVerificationRecords', () => graph.listVerificationRecords(domain, signal)],
    ['verifyDomain', () => graph.verifyDomain(domain, signal)],
    ['setDefaultDomain', () => graph.setDefaultDomain(domain, signal)],
    ['listRelationships', () => clients.delegation.listRelationships(tenantId, signal)],
    ['listServiceUserGroups', () => clients.delegation.listServiceUserGroups(signal)],
    [
      'assignAccess',
      () =>
        clients.delegation.assignAccess(nobody, { securityGroupId: nobody, roleIds: [] }, signal),
    ],
    [
      'requestRelationship',
      () =>
        clients.delegation.requestRelationship(
          { customerId: nobody, displayName: 'x', roleIds: [] },
          signal,
        ),
    ],
    [
      'grantPermissions',
      () =>
        clients.delegation.grantPermissions(DEFAULT_PARTNER.tenantId, ['User.Read.All'], signal),
    ],
    ['removeAccess', () => clients.delegation.removeAccess(nobody, nobody, signal)],
    ['findTenantByDomain', () => clients.delegation.findTenantByDomain(domain, signal)],
  ];

  /** In the partner's own tenant, or as the service user. */
  const ofPartner = new Set([
    'listRelationships',
    'listServiceUserGroups',
    'assignAccess',
    'requestRelationship',
    'grantPermissions',
    'removeAccess',
    'findTenantByDomain',
  ]);

  // Whatever one of them made us wait for is over at the next.
  afterEach(() => {
    cloud.aheadMs += 5 * 60_000;
  });

  it('keeps the reason that login gave', async () => {
    const error = await failureOf(clients.graph(nobody).getUser(nobody, signal));
    expect(error).toMatchObject({ class: 'Wait', reason: 'TenantNotReady' });
  });

  it('ends with the reason of the signal', async () => {
    const stopping = AbortSignal.abort(new Error('stopping'));
    await expect(graph.getUser(nobody, stopping)).rejects.toThrow('stopping');
  });

  it.each(calls)('%s waits as long as it is asked to, to the millisecond', async (_, call) => {
    cloud.provokes('retry-inside-wait');
    cloud.fault({ service: 'graph', kind: 'status', status: 429 });
    const error = await failureOf(call());
    expect(error).toMatchObject({
      class: 'Wait',
      reason: 'Throttled',
      requestId: expect.any(String) as string,
    });
    expect(error.delayMs).toBeCloseTo(2_128, 6);
  });

  it.each(calls)('%s is tried again where the connection breaks', async (_, call) => {
    cloud.fault({ service: 'graph', kind: 'reset' });
    expect(await failureOf(call())).toMatchObject({
      class: 'Transient',
      reason: 'ConnectionFailed',
    });
  });

  it.each(calls)('%s says that it is denied, and what it needs', async (name, call) => {
    cloud.fault({ service: 'graph', kind: 'status', status: 403 });
    const error = await failureOf(call());
    expect(error).toMatchObject({ class: 'Wait', reason: 'PermissionDenied' });
    if (!ofPartner.has(name)) expect(error.message).toMatch(/needs the permission [A-Z]\S+\.All/);
  });
});

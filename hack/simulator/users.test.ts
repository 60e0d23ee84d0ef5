import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_CUSTOMER } from './seed.ts';
import { Kit, newUser, PASSWORD } from './test-kit.ts';

const { tenantId, domain } = DEFAULT_CUSTOMER;
const BUSINESS_PREMIUM = 'cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46';
let kit: Kit;
let token: string;

beforeAll(async () => {
  kit = await Kit.start();
  token = await kit.customerToken(tenantId);
});
afterAll(() => kit.stop());

async function create(nickname: string, more: Record<string, unknown> = {}): Promise<string> {
  const answer = await kit.graph('POST', '/users', {
    token,
    body: { ...newUser(nickname, domain), ...more },
  });
  expect(answer).toMatchObject({ status: 201 });
  return answer.body.id;
}

const find = async (filter: string, headers = {}) =>
  kit.graph('GET', `/users?$select=displayName&$filter=${encodeURIComponent(filter)}&$count=true`, {
    token,
    headers,
  });

describe('users', () => {
  it('answers a create with the default properties only, and shows others on $select', async () => {
    const body = { ...newUser('create', domain), department: 'IT' };
    const created = await kit.graph('POST', '/users', { token, body });
    expect(created.status).toBe(201);
    expect(Object.keys(created.body).sort()).toEqual([
      '@odata.context',
      'businessPhones',
      'displayName',
      'givenName',
      'id',
      'jobTitle',
      'mail',
      'mobilePhone',
      'officeLocation',
      'preferredLanguage',
      'surname',
      'userPrincipalName',
    ]);
    const read = await kit.graph(
      'GET',
      `/users/create@${domain}?$select=id,department,accountEnabled`,
      { token },
    );
    expect(read.body).toMatchObject({ department: 'IT', accountEnabled: true });
    expect(read.headers).toMatchObject({ 'x-ms-resource-unit': '1', 'odata-version': '4.0' });
    expect(read.headers['request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each([
    [
      'a name in use',
      { userPrincipalName: `anna.becker@${domain}` },
      /userPrincipalName already exists/,
    ],
    ['an unverified domain', { userPrincipalName: 'x@elsewhere.example' }, /verified domain names/],
    ['a weak password', { passwordProfile: { password: 'weak' } }, /password complexity/],
    ['an unknown property', { shoeSize: 46 }, /invalid values/],
    ['a bad nickname', { mailNickname: 'a b' }, /mailNickname/],
    ['an empty string', { givenName: '' }, /givenName/],
    ['a read-only property', { assignedLicenses: [] }, /read-only/],
    [
      'a manager',
      { 'manager@odata.bind': 'https://graph.microsoft.com/v1.0/users/x' },
      /invalid values/,
    ],
    ['an accent in the name', { userPrincipalName: `é@${domain}` }, /userPrincipalName is invalid/],
  ])('refuses a create with %s', async (_, more, message) => {
    const body = { ...newUser('refused', domain), ...more };
    const answer = await kit.graph('POST', '/users', { token, body });
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatchObject({
      code: 'Request_BadRequest',
      message: expect.stringMatching(message) as string,
    });
    const read = await kit.graph('GET', `/users/refused@${domain}`, { token });
    expect(read.status).toBe(404);
  });

  it('names the missing property', async () => {
    const { displayName: _, ...body } = newUser('nameless', domain);
    const answer = await kit.graph('POST', '/users', { token, body });
    expect(answer.body.error['message']).toBe(
      "A value is required for property 'displayName' of resource 'User'.",
    );
  });

  it('changes only what a PATCH names, takes null as clear and any spelling of names', async () => {
    const id = await create('patch', { department: 'IT', jobTitle: 'Chief' });
    const patched = await kit.graph('PATCH', `/users/${id}`, {
      token,
      body: { JobTitle: null, mailNickName: 'patched', id },
    });
    expect(patched).toMatchObject({ status: 204, body: '' });
    expect(patched.headers['content-type']).toBeUndefined();
    const read = await kit.graph('GET', `/users/${id}?$select=department,jobTitle,mailNickname`, {
      token,
    });
    expect(read.body).toMatchObject({ department: 'IT', jobTitle: null, mailNickname: 'patched' });
    const foreign = await kit.graph('PATCH', `/users/${id}`, { token, body: { id: tenantId } });
    expect(foreign.status).toBe(400);
    const nameless = { userPrincipalName: null };
    expect((await kit.graph('PATCH', `/users/${id}`, { token, body: nameless })).status).toBe(400);
  });

  it('keeps deleted users in the recycle bin, where they block no name, and restores them under their id', async () => {
    const id = await create('recycled');
    expect((await kit.graph('DELETE', `/users/${id}`, { token })).status).toBe(204);
    expect((await kit.graph('GET', `/users/${id}`, { token })).status).toBe(404);
    const bin = await kit.graph(
      'GET',
      '/directory/deletedItems/microsoft.graph.user?$select=id,deletedDateTime',
      { token },
    );
    expect(bin.body.value).toContainEqual(
      expect.objectContaining({ id, deletedDateTime: expect.any(String) as string }),
    );
    expect((await kit.graph('GET', '/directory/deletedItems', { token })).status).toBe(400);
    const twin = await create('recycled');
    expect(
      (await kit.graph('POST', `/directory/deletedItems/${id}/restore`, { token })).status,
    ).toBe(400);
    await kit.graph('DELETE', `/users/${twin}`, { token });
    const restored = await kit.graph('POST', `/directory/deletedItems/${id}/restore`, { token });
    expect(restored.body).toMatchObject({ id, '@odata.type': '#microsoft.graph.user' });
    expect((await kit.graph('DELETE', `/directory/deletedItems/${twin}`, { token })).status).toBe(
      204,
    );
    expect((await kit.graph('GET', `/directory/deletedItems/${twin}`, { token })).status).toBe(404);
  });

  it('sets, shows and removes a manager', async () => {
    const [id, boss] = [await create('report'), await create('boss')];
    expect((await kit.graph('GET', `/users/${id}/manager`, { token })).status).toBe(404);
    const link = { '@odata.id': `https://graph.microsoft.com/v1.0/users/${boss}` };
    expect(
      (await kit.graph('PUT', `/users/${id}/manager/$ref`, { token, body: link })).status,
    ).toBe(204);
    const read = await kit.graph('GET', `/users/${id}?$select=id&$expand=manager($select=id)`, {
      token,
    });
    expect(read.body.manager).toMatchObject({ id: boss });
    expect((await kit.graph('DELETE', `/users/${id}/manager/$ref`, { token })).status).toBe(204);
    expect((await kit.graph('DELETE', `/users/${id}/manager/$ref`, { token })).status).toBe(404);
  });

  it('pages by opaque links that need the ConsistencyLevel header again', async () => {
    const headers = { consistencylevel: 'eventual' };
    const first = await kit.graph('GET', '/users?$top=3&$count=true&$select=id', {
      token,
      headers,
    });
    expect(first.body.value).toHaveLength(3);
    expect(first.body['@odata.count']).toBeGreaterThan(3);
    const next: string = first.body['@odata.nextLink'];
    const refused = await kit.graph('GET', next, { token });
    expect(refused.body.error).toMatchObject({ code: 'Request_UnsupportedQuery' });
    const second = await kit.graph('GET', next, { token, headers });
    expect(second.body.value).toHaveLength(3);
    expect(second.body['@odata.count']).toBeUndefined();
    expect((await kit.graph('GET', '/users?$top=1000', { token })).status).toBe(400);
    expect((await kit.graph('GET', '/users?$skip=1', { token })).status).toBe(400);
  });

  it('filters what is indexed, and the rest only by advanced queries', async () => {
    await create('filtered', {
      employeeId: "o'1",
      onPremisesImmutableId: 'AbCd==',
      companyName: 'Filtered GmbH',
    });
    const names = (answer: Awaited<ReturnType<typeof find>>) =>
      (answer.body.value as { displayName: string }[]).map((user) => user.displayName);
    expect(names(await find("employeeId eq 'o''1'"))).toEqual(['filtered']);
    expect(names(await find("onPremisesImmutableId eq 'AbCd=='"))).toEqual(['filtered']);
    expect(names(await find("onPremisesImmutableId eq 'abcd=='"))).toEqual([]);
    expect(names(await find("startsWith(displayName,'filt') and accountEnabled eq true"))).toEqual([
      'filtered',
    ]);
    expect(
      names(await find(`assignedLicenses/any(a:a/skuId eq ${BUSINESS_PREMIUM})`)),
    ).toHaveLength(5);
    expect((await find("companyName eq 'Filtered GmbH'")).status).toBe(400);
    expect(
      names(await find("companyName eq 'Filtered GmbH'", { consistencylevel: 'eventual' })),
    ).toEqual(['filtered']);
    expect((await find("shoeSize eq '1'")).status).toBe(400);
    expect((await find("displayName eq 'x' or")).status).toBe(400);
  });

  it('needs $count with the header on /$count', async () => {
    expect((await kit.graph('GET', '/users/$count', { token })).body.error['message']).toBe(
      '$count is not currently supported.',
    );
    const counted = await kit.graph('GET', '/users/$count', {
      token,
      headers: { consistencylevel: 'eventual' },
    });
    expect(Number(counted.body)).toBeGreaterThan(5);
  });

  it('refuses unknown paths and methods', async () => {
    expect((await kit.graph('GET', '/shoes', { token })).status).toBe(400);
    expect((await kit.graph('PUT', '/users', { token })).status).toBe(405);
  });

  it('lets nobody but a privileged role act on administrators', async () => {
    const admin = `/users/admin@${DEFAULT_CUSTOMER.initialDomain}`;
    expect(
      (await kit.graph('PATCH', admin, { token, body: { accountEnabled: false } })).status,
    ).toBe(403);
    expect((await kit.graph('DELETE', admin, { token })).status).toBe(403);
    expect((await kit.graph('PATCH', admin, { token, body: { department: 'Board' } })).status).toBe(
      204,
    );
  });

  it('refuses writes to synced users as a whole, except usageLocation', async () => {
    const id = await create('synced');
    const { users } = kit.simulator.world.directories.get(tenantId)!;
    const user = users.live(id)!;
    users.write({ ...user, properties: { ...user.properties, onPremisesSyncEnabled: true } });
    const refused = await kit.graph('PATCH', `/users/${id}`, {
      token,
      body: { usageLocation: 'DE', jobTitle: 'x' },
    });
    expect(refused.body.error['message']).toMatch(/on-premises mastered/);
    expect(
      (await kit.graph('PATCH', `/users/${id}`, { token, body: { usageLocation: 'DE' } })).status,
    ).toBe(204);
  });

  it('revokes sessions with the known deviation: 200 and true', async () => {
    const id = await create('revoked');
    const answer = await kit.graph('POST', `/users/${id}/revokeSignInSessions`, { token });
    expect(answer).toMatchObject({ status: 200, body: { value: true } });
  });

  it('never writes passwords to the journal', async () => {
    await create('secretive');
    const journal = JSON.stringify(kit.simulator.journal.since(0));
    expect(journal).toContain('secretive');
    expect(journal).not.toContain(PASSWORD);
    expect(journal).not.toContain('simulator-secret-not-real');
  });
});

const assign = (id: string, addLicenses: unknown[], removeLicenses: string[] = []) =>
  kit.graph('POST', `/users/${id}/assignLicense`, {
    token,
    body: { addLicenses, removeLicenses },
  });
const consumed = async () =>
  (
    (await kit.graph('GET', '/subscribedSkus', { token })).body.value as {
      consumedUnits: number;
    }[]
  )[0]?.consumedUnits;

describe('licences', () => {
  it('needs a usage location, a free seat, and frees seats on delete', async () => {
    const id = await create('licensed');
    const license = { skuId: BUSINESS_PREMIUM, disabledPlans: [] };
    expect((await assign(id, [license])).body.error['message']).toMatch(/invalid usage location/);
    await kit.graph('PATCH', `/users/${id}`, { token, body: { usageLocation: 'DE' } });
    expect((await assign(id, [license])).status).toBe(200);
    expect((await assign(id, [license])).status).toBe(200);
    expect(await consumed()).toBe(6);
    const [second, third] = [
      await create('second', { usageLocation: 'DE' }),
      await create('third', { usageLocation: 'DE' }),
    ];
    expect((await assign(second, [license])).status).toBe(200);
    expect((await assign(third, [license])).body.error['message']).toMatch(
      /does not have any available licenses/,
    );
    await kit.graph('DELETE', `/users/${second}`, { token });
    expect(await consumed()).toBe(6);
    expect((await assign(third, [license])).status).toBe(200);
    await kit.graph('POST', `/directory/deletedItems/${second}/restore`, { token });
    const restored = await kit.graph('GET', `/users/${second}?$select=assignedLicenses`, { token });
    expect(restored.body.assignedLicenses).toEqual([]);
    expect((await assign(third, [], [BUSINESS_PREMIUM])).status).toBe(200);
    expect((await assign(third, [], [BUSINESS_PREMIUM])).status).toBe(400);
    expect((await assign(third, [{ skuId: tenantId }])).status).toBe(400);
    const { status, body } = await kit.graph('POST', `/users/${third}/assignLicense`, {
      token,
      body: { addLicenses: [] },
    });
    expect({ status, code: body.error.code }).toEqual({
      status: 400,
      code: 'Request_BadRequest',
    });
  });

  it('answers 409 to an assignment while another for that user settles', async () => {
    const id = await create('raced', { usageLocation: 'DE' });
    const { settings, clock } = kit.simulator.world;
    settings.licenseSettleMs = 3_600_000;
    expect((await assign(id, [])).status).toBe(200);
    const refused = await assign(id, []);
    expect(refused.status).toBe(409);
    expect(refused.body.error.code).toBe('Directory_ConcurrencyViolation');
    clock.advance(3_600_000);
    expect((await assign(id, [])).status).toBe(200);
    settings.licenseSettleMs = 0;
  });

  it('assigns by group, marks who got no seat, and refuses to remove what is inherited', async () => {
    const group = await kit.graph('POST', '/groups', {
      token,
      body: {
        displayName: 'Licensed',
        mailNickname: 'licensed-group',
        mailEnabled: false,
        securityEnabled: true,
      },
    });
    const groupId: string = group.body.id;
    const ids = [await create('grouped1'), await create('grouped2')];
    for (const id of ids) {
      const body = { '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${id}` };
      expect(
        (await kit.graph('POST', `/groups/${groupId}/members/$ref`, { token, body })).status,
      ).toBe(204);
      expect(
        (await kit.graph('POST', `/groups/${groupId}/members/$ref`, { token, body })).status,
      ).toBe(400);
    }
    const body = { addLicenses: [{ skuId: BUSINESS_PREMIUM }], removeLicenses: [] };
    expect(
      (await kit.graph('POST', `/groups/${groupId}/assignLicense`, { token, body })).status,
    ).toBe(202);
    const errors = await kit.graph('GET', `/groups/${groupId}/membersWithLicenseErrors`, { token });
    expect((errors.body.value as { id: string }[]).map((user) => user.id)).toEqual([ids[1]]);
    const states = await kit.graph('GET', `/users/${ids[1]}?$select=licenseAssignmentStates`, {
      token,
    });
    expect(states.body.licenseAssignmentStates[0]).toMatchObject({
      assignedByGroup: groupId,
      error: 'CountViolation',
    });
    expect((await assign(ids[0] ?? '', [], [BUSINESS_PREMIUM])).body.error['message']).toMatch(
      /inherited/,
    );
    expect((await kit.graph('DELETE', `/groups/${groupId}`, { token })).status).toBe(400);
    expect(
      (await kit.graph('DELETE', `/groups/${groupId}/members/${ids[0]}/$ref`, { token })).status,
    ).toBe(204);
    const next = await kit.graph('GET', `/users/${ids[0]}?$select=assignedLicenses`, { token });
    expect(next.body.assignedLicenses).toEqual([]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Properties } from './directory/directory.ts';
import { saveGroup, saveUser } from './directory/records.ts';
import { DEFAULT_CUSTOMER } from './seed.ts';
import { Kit, newGroup, newUser } from './test-kit.ts';

const { tenantId, domain } = DEFAULT_CUSTOMER;
const DAY_MS = 86_400_000;
let kit: Kit;
let token: string;

beforeAll(async () => {
  kit = await Kit.start({ frozen: true });
  token = await kit.customerToken(tenantId);
});
afterAll(() => kit.stop());

async function made(path: string, body: unknown): Promise<string> {
  const answer = await kit.graph('POST', path, { token, body });
  expect(answer).toMatchObject({ status: 201 });
  return answer.body.id;
}
const user = (name: string) => made('/users', newUser(name, domain));
const group = (name: string) => made('/groups', newGroup(name));
const reference = (id: string) => ({
  '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${id}`,
});
const join = (groupId: string, id: string) =>
  kit.graph('POST', `/groups/${groupId}/members/$ref`, { token, body: reference(id) });
async function ids(path: string): Promise<string[]> {
  const answer = await kit.graph('GET', path, { token });
  return (answer.body.value as { id: string }[]).map(({ id }) => id);
}
const status = async (method: string, path: string, body?: unknown) =>
  (await kit.graph(method, path, { token, ...(body === undefined ? {} : { body }) })).status;

describe('nested groups', () => {
  it('are followed through by the transitive calls only, circles included', async () => {
    const anna = await user('nested');
    const [inner, middle, outer] = [
      await group('inner'),
      await group('middle'),
      await group('outer'),
    ];
    for (const [holder, member] of [
      [inner, anna],
      [middle, inner],
      [outer, middle],
      [inner, outer],
    ] as const) {
      expect((await join(holder, member)).status).toBe(204);
    }
    expect(await ids(`/users/${anna}/memberOf?$select=id`)).toEqual([inner]);
    expect(await ids(`/users/${anna}/transitiveMemberOf?$select=id`)).toEqual([
      inner,
      middle,
      outer,
    ]);
    expect(await ids(`/groups/${outer}/members?$select=id`)).toEqual([middle]);
    expect(await ids(`/groups/${outer}/transitiveMembers?$select=id`)).toContain(anna);
    const check = await kit.graph('POST', `/users/${anna}/checkMemberGroups`, {
      token,
      body: { groupIds: [outer, tenantId] },
    });
    expect(check.body.value).toEqual([outer]);
    const asked = async (name: string, body: object) =>
      (await kit.graph('POST', `/users/${anna}/${name}`, { token, body })).body.value;
    const body = { securityEnabledOnly: true };
    expect(await asked('getMemberGroups', body)).toEqual([inner, middle, outer]);
    expect(await asked('getMemberObjects', body)).toEqual([inner, middle, outer]);
    expect(await asked('checkMemberObjects', { ids: [middle, anna] })).toEqual([middle]);
    expect(await ids(`/groups/${inner}/memberOf?$select=id`)).toEqual([middle]);
    expect(await ids(`/groups/${inner}/transitiveMemberOf?$select=id`)).toContain(outer);
    const costly = await kit.graph('GET', `/groups/${outer}/transitiveMembers`, { token });
    expect(costly.headers['x-ms-resource-unit']).toBe('5');

    expect(await status('DELETE', `/groups/${middle}`)).toBe(204);
    expect(await ids(`/users/${anna}/transitiveMemberOf?$select=id`)).toEqual([inner]);
  });
});

describe('deleted groups', () => {
  it('can be restored for 30 days and are gone after that', async () => {
    const [kept, lost] = [await group('kept'), await group('lost')];
    for (const id of [kept, lost]) expect(await status('DELETE', `/groups/${id}`)).toBe(204);
    kit.simulator.world.clock.advance(29 * DAY_MS);
    token = await kit.token(tenantId);
    expect(await status('POST', `/directory/deletedItems/${kept}/restore`)).toBe(200);
    kit.simulator.world.clock.advance(2 * DAY_MS);
    expect(await status('GET', `/groups/${kept}`)).toBe(200);
    expect(await status('GET', `/directory/deletedItems/${lost}`)).toBe(404);
    expect(await status('POST', `/directory/deletedItems/${lost}/restore`)).toBe(404);
  });
});

describe('what is mastered in Active Directory', () => {
  const directory = () => kit.simulator.world.directories.get(tenantId)!;
  const synced = <T extends { readonly properties: Properties }>(value: T): T => ({
    ...value,
    properties: { ...value.properties, onPremisesSyncEnabled: true },
  });

  it('takes no property, member or manager from Graph', async () => {
    const [id, boss, groupId] = [await user('synced'), await user('syncboss'), await group('sync')];
    saveUser(directory(), synced(directory().users.live(id)!));
    saveGroup(directory(), synced(directory().groups.live(groupId)!));
    const refusals = [
      ['PUT', `/users/${id}/manager/$ref`, reference(boss)],
      ['DELETE', `/users/${id}/manager/$ref`, undefined],
      ['PATCH', `/users/${id}`, { usageLocation: 'DE', jobTitle: 'x' }],
      ['PATCH', `/users/${id}`, { passwordProfile: { password: 'An0ther-one!' } }],
      ['PATCH', `/groups/${groupId}`, { description: 'x' }],
      ['POST', `/groups/${groupId}/members/$ref`, reference(boss)],
      ['DELETE', `/groups/${groupId}/members/${boss}/$ref`, undefined],
    ] as const;
    for (const [method, path, body] of refusals) {
      const answer = await kit.graph(method, path, { token, ...(body && { body }) });
      expect(answer.status, `${method} ${path}`).toBe(400);
      expect(answer.body.error.message).toMatch(/on-premises mastered/);
    }
    expect(directory().users.live(id)?.properties['usageLocation']).toBeUndefined();
  });

  it('takes usage location, licences, cloud groups and an end of sessions', async () => {
    const id = await user('syncedtoo');
    saveUser(directory(), synced(directory().users.live(id)!));
    expect(await status('PATCH', `/users/${id}`, { usageLocation: 'DE' })).toBe(204);
    const licenses = { addLicenses: [], removeLicenses: [] };
    expect(await status('POST', `/users/${id}/assignLicense`, licenses)).toBe(200);
    expect((await join(await group('cloud'), id)).status).toBe(204);
    expect(await status('POST', `/users/${id}/revokeSignInSessions`)).toBe(200);
  });
});

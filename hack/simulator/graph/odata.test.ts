import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_CUSTOMER } from '../seed.ts';
import { type Answer, Kit, newGroup, newUser } from '../test-kit.ts';

const { tenantId, domain } = DEFAULT_CUSTOMER;
const EVENTUAL = { consistencylevel: 'eventual' };
let kit: Kit;
let token: string;

beforeAll(async () => {
  kit = await Kit.start();
  token = await kit.customerToken(tenantId);
});
afterAll(() => kit.stop());

const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  kit.graph('GET', path, { token, headers });
const names = (answer: Answer) =>
  (answer.body.value as { displayName: string }[]).map(({ displayName }) => displayName);
const search = (text: string, headers = EVENTUAL) =>
  get(`/users?$select=displayName&$search=${encodeURIComponent(text)}`, headers);

describe('$search', () => {
  it('finds words of names by their beginning, and other properties by theirs', async () => {
    expect(names(await search('"displayName:beck"'))).toEqual(['Anna Becker']);
    expect(names(await search('"mailNickname:anna"'))).toEqual(['Anna Becker']);
    expect(names(await search('"mailNickname:becker"'))).toEqual([]);
    expect(names(await search('"displayName:anna" OR "displayName:kurz"'))).toEqual([
      'Anna Becker',
      'David Kurz',
    ]);
    expect(names(await search('"displayName:anna" AND "displayName:kurz"'))).toEqual([]);
  });

  it('needs the header, its syntax and a property that is searched', async () => {
    const without = await get(`/users?$search="displayName:anna"`);
    expect(without.body.error).toMatchObject({ code: 'Request_UnsupportedQuery' });
    expect((await search('displayName:anna')).status).toBe(400);
    expect((await search('"usageLocation:DE"')).status).toBe(400);
    expect((await get('/groups?$search="displayName:sal"', EVENTUAL)).status).toBe(200);
  });
});

describe('$expand', () => {
  it('adds a relation of users and groups, twenty objects at most, for one unit more', async () => {
    const { body } = await kit.graph('POST', '/groups', { token, body: newGroup('expanded') });
    for (let n = 0; n < 21; n += 1) {
      const person = await kit.graph('POST', '/users', { token, body: newUser(`x${n}`, domain) });
      await kit.graph('POST', `/groups/${body.id}/members/$ref`, {
        token,
        body: { '@odata.id': `https://graph.microsoft.com/v1.0/users/${person.body.id}` },
      });
    }
    const group = await get(`/groups/${body.id}?$select=id&$expand=members($select=id)`);
    const { members } = group.body as unknown as { members: object[] };
    expect(members).toHaveLength(20);
    expect(Object.keys(members[0]!).sort()).toEqual(['@odata.type', 'id']);
    const user = await get(`/users/x0@${domain}?$expand=memberOf`);
    expect(user.body).toMatchObject({ memberOf: [{ id: body.id, displayName: 'expanded' }] });
    expect(user.headers['x-ms-resource-unit']).toBe('2');
  });

  it('counts what a collection holds, by advanced queries', async () => {
    const path = '/users?$select=displayName&$count=true&$filter=assignedLicenses/$count ge 1';
    expect((await get(path)).status).toBe(400);
    expect((await get(path, EVENTUAL)).body['@odata.count']).toBe(5);
  });

  it('says what it does not model, and refuses what does not exist', async () => {
    expect((await get('/users?$expand=calendars')).status).toBe(501);
    expect((await get('/users?$expand=manager($levels=max)')).status).toBe(501);
    expect((await get('/users?$expand=shoes')).status).toBe(400);
    expect((await get('/groups?$expand=members,owners')).status).toBe(400);
  });
});

describe('the contract of a request', () => {
  it.each([
    ['an option twice', '/users?$top=5&$top=6', {}],
    ['a count that is neither true nor false', '/users?$count=maybe', {}],
    ['an unknown consistency level', '/users', { consistencylevel: 'strong' }],
    ['a page of none', '/users?$top=0', {}],
    ['a page beyond the bound', '/auditLogs/directoryAudits?$top=1000', {}],
    ['an option that the call has not', '/subscribedSkus?$top=5', {}],
  ])('refuses %s', async (_, path, headers) => {
    expect((await get(path, headers)).status).toBe(400);
  });

  it('takes times only as times', async () => {
    const body = { ...newUser('hired', domain), employeeHireDate: 'yesterday' };
    expect((await kit.graph('POST', '/users', { token, body })).status).toBe(400);
    const right = { ...body, employeeHireDate: '2026-11-01T00:00:00Z' };
    expect((await kit.graph('POST', '/users', { token, body: right })).status).toBe(201);
  });

  it('takes bodies only as JSON', async () => {
    const headers = { 'content-type': 'text/plain' };
    const body = newUser('plain', domain);
    const answer = await kit.graph('POST', '/users', { token, headers, body });
    expect(answer.body.error.message).toMatch(/Content-Type/);
  });

  it('takes a page token only for the list that gave it', async () => {
    const users = await get('/users?$top=2');
    const token = new URL(users.body['@odata.nextLink']).searchParams.get('$skiptoken');
    expect((await get(`/groups?$skiptoken=${token}`)).body.error).toMatchObject({
      code: 'Request_UnsupportedQuery',
    });
  });
});

describe('what is not modelled', () => {
  it.each([
    ['GET', '/sites', 501],
    ['GET', `/users/anna.becker@${domain}/messages`, 501],
    ['GET', `/groups/${tenantId}/drive`, 501],
    ['DELETE', `/servicePrincipals/${tenantId}`, 501],
    ['POST', `/users/anna.becker@${domain}/sendMail`, 501],
    ['POST', `/users/anna.becker@${domain}`, 405],
    ['GET', '/shoes', 400],
    ['GET', `/users/anna.becker@${domain}/shoes`, 400],
    ['GET', '/directory/deletedItems', 400],
    ['PUT', '/users', 405],
  ])('is told from what does not exist: %s %s is %d', async (method, path, status) => {
    expect((await kit.graph(method, path, { token })).status).toBe(status);
  });

  it('includes groups that fill themselves', async () => {
    const body = {
      ...newGroup('dynamic'),
      groupTypes: ['DynamicMembership'],
      membershipRule: 'user.department -eq "Sales"',
      membershipRuleProcessingState: 'On',
    };
    expect((await kit.graph('POST', '/groups', { token, body })).status).toBe(501);
  });
});

describe('directory objects', () => {
  it('are shown as what they are, wherever they stand among each other', async () => {
    const inner = await kit.graph('POST', '/groups', { token, body: newGroup('inner') });
    const outer = await kit.graph('POST', '/groups', {
      token,
      body: {
        ...newGroup('outer'),
        'members@odata.bind': [
          `https://graph.microsoft.com/v1.0/groups/${inner.body.id}`,
          `https://graph.microsoft.com/v1.0/users/anna.becker@${domain}`,
        ],
      },
    });
    const members = await get(`/groups/${outer.body.id}/members`);
    expect(members.body.value).toMatchObject([
      { '@odata.type': '#microsoft.graph.group', mailEnabled: false },
      { '@odata.type': '#microsoft.graph.user', surname: 'Becker' },
    ]);
    expect((members.body.value as object[])[0]).not.toHaveProperty('userPrincipalName');
    const manager = { '@odata.id': `https://graph.microsoft.com/v1.0/users/bernd.vogel@${domain}` };
    const path = `/users/anna.becker@${domain}/manager`;
    await kit.graph('PUT', `${path}/$ref`, { token, body: manager });
    expect((await get(path)).body).toMatchObject({ '@odata.type': '#microsoft.graph.user' });
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_CUSTOMER } from '../seed.ts';
import { Kit } from '../test-kit.ts';

const { tenantId, domain } = DEFAULT_CUSTOMER;
let kit: Kit;
let token: string;

beforeAll(async () => {
  kit = await Kit.start();
  token = await kit.customerToken(tenantId);
});
afterAll(() => kit.stop());

describe('$select', () => {
  it.each([
    '/users?$select=id,signInActivity',
    `/users/anna.becker@${domain}?$select=signInActivity`,
    `/users/anna.becker@${domain}?$expand=manager($select=signInActivity)`,
    '/directory/deletedItems/graph.user?$select=signInActivity',
  ])('shows sign-in activity only to tenants with Entra ID P1: %s', async (path) => {
    const { subscriptions } = kit.simulator.world.directories.get(tenantId)!;
    const premium = [...subscriptions];
    expect((await kit.graph('GET', path, { token })).status).toBe(200);
    subscriptions.clear();
    const refused = await kit.graph('GET', path, { token });
    for (const [id, subscription] of premium) subscriptions.set(id, subscription);
    expect(refused.status).toBe(403);
    expect(refused.body.error.code).toBe('Authentication_RequestFromNonPremiumTenantOrB2CTenant');
  });

  it('does not know the settings of a mailbox', async () => {
    const path = `/users/anna.becker@${domain}?$select=mailboxSettings`;
    expect((await kit.graph('GET', path, { token })).status).toBe(501);
  });

  it('refuses an unknown property of an expanded manager', async () => {
    const path = `/users/anna.becker@${domain}?$expand=manager($select=shoeSize)`;
    expect((await kit.graph('GET', path, { token })).status).toBe(400);
  });
});

describe('$orderby', () => {
  const people = async (orderBy: string) => {
    const path = `/users?$select=department,displayName&$orderby=${encodeURIComponent(orderBy)}`;
    const answer = await kit.graph('GET', path, { token });
    return {
      status: answer.status,
      rows: ((answer.body.value ?? []) as { department?: string; displayName: string }[])
        .filter(({ department }) => department === 'Sales' || department === 'Warehouse')
        .map(({ displayName }) => displayName),
    };
  };

  it.each([
    [
      'department desc,displayName',
      ['David Kurz', 'Frank Lorenz', 'Bernd Vogel', 'Claudia Richter'],
    ],
    [
      'department desc, displayName desc',
      ['Frank Lorenz', 'David Kurz', 'Claudia Richter', 'Bernd Vogel'],
    ],
    [
      'department asc,displayName desc',
      ['Claudia Richter', 'Bernd Vogel', 'Frank Lorenz', 'David Kurz'],
    ],
  ])('sorts by each key in its direction: %s', async (orderBy, rows) => {
    expect(await people(orderBy)).toEqual({ status: 200, rows });
  });

  it.each(['displayName down', 'displayName desc asc', 'displayName,', 'shoeSize'])(
    'refuses %s',
    async (orderBy) => {
      expect((await people(orderBy)).status).toBe(400);
    },
  );
});

describe('query options', () => {
  it.each(['select=id', 'filter=id%20eq%20%27x%27', 'top=1', '$shoe=46'])(
    'refuses what it would have to ignore: %s',
    async (query) => {
      const answer = await kit.graph('GET', `/users?${query}`, { token });
      expect(answer.status).toBe(400);
      expect(answer.body.error.code).toBe('Request_BadRequest');
    },
  );
});

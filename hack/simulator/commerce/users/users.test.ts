import { expect, it } from 'vitest';
import { createWorld } from '../../create-world.ts';
import { directoryApi } from '../../directory/index.ts';
import { recycleUser } from '../../directory/recycle-bin.ts';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER, seedDefaultWorld } from '../../seed.ts';
import { ROLES } from '../access.ts';
import { createPartnerCenter } from '../index.ts';
import { type Answer, buyer, testCloud, testCloudOf, USER_CALLER } from '../test-world.ts';

const ROOT = `/v1/customers/${DEFAULT_CUSTOMER.tenantId}`;
const PREMIUM = 'cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46';

/** The default world with its true directory, seen by a person with every right. */
function defaultWorld() {
  const world = createWorld({ frozen: true, startAt: '2026-09-01T09:00:00Z' });
  seedDefaultWorld(world);
  const send = testCloudOf(world, createPartnerCenter(world, directoryApi));
  const caller = { ...USER_CALLER, tenantId: DEFAULT_PARTNER.tenantId, portal: true };
  const directory = world.directories.get(DEFAULT_CUSTOMER.tenantId)!;
  const idOf = (name: string): string => {
    const { items } = send('GET', `${ROOT}/users`, undefined, { caller }).json;
    return String(items.find((item) => JSON.stringify(item).includes(`${name}@`))?.id);
  };
  return {
    world,
    directory,
    idOf,
    ask: (method: string, path: string, body?: unknown): Answer =>
      send(method, `${ROOT}${path}`, body, { caller }),
  };
}

it('shows the users of a customer, the deleted ones with a filter', () => {
  const { world, directory, idOf, ask } = defaultWorld();
  const frank = idOf('frank.lorenz');
  expect(ask('GET', `/users/${frank}`).json).toMatchObject({
    firstName: 'Frank',
    lastName: 'Lorenz',
    usageLocation: 'DE',
    userDomainType: 'managed',
    state: 'active',
  });
  recycleUser(world, directory, directory.users.live(frank)!);
  expect(ask('GET', `/users/${frank}`)).toMatchObject({ status: 404, json: { code: 60002 } });
  const filter = encodeURIComponent('{"Field":"UserState","Value":"Inactive","Operator":"equals"}');
  expect(ask('GET', `/users?filter=${filter}`).json.items).toMatchObject([
    { id: frank, state: 'inactive', softDeletionTime: '2026-09-01T09:00:00.000Z' },
  ]);
  expect(ask('GET', '/users?size=2').json.items).toHaveLength(2);
  const sorted = ask('GET', '/users?sortField=DisplayName&sortDirection=Descending').json.items;
  expect(sorted[0]).toMatchObject({ displayName: 'Northwind administrator' });
  expect(ask('GET', '/users?sortField=ShoeSize').status).toBe(400);
  const wrong = encodeURIComponent('{"Field":"Name","Value":"x","Operator":"equals"}');
  expect(ask('GET', `/users?filter=${wrong}`).status).toBe(400);
});

it('assigns and removes licences until there are none left: 400/60012', () => {
  const { idOf, ask } = defaultWorld();
  const licensesToAssign = [{ skuId: PREMIUM, excludedPlans: [] }];
  const url = (name: string) => `/users/${idOf(name)}/licenseupdates`;
  const consumed = () => ({ ...ask('GET', '/subscribedskus').json.items[0] });
  expect(consumed()).toMatchObject({ totalUnits: 7, consumedUnits: 5, availableUnits: 2 });
  expect(ask('POST', url('frank.lorenz'), { licensesToAssign }).status).toBe(201);
  expect(ask('GET', `/users/${idOf('frank.lorenz')}/licenses`).json.items).toMatchObject([
    { productSku: { id: PREMIUM, skuPartNumber: 'SPB' } },
  ]);
  expect(ask('POST', url('admin'), { licensesToAssign }).status).toBe(201);
  expect(consumed()).toMatchObject({ consumedUnits: 7, availableUnits: 0 });
  const anna = url('anna.becker');
  expect(ask('POST', anna, { licensesToRemove: [PREMIUM] }).status).toBe(201);
  expect(ask('POST', anna, { licensesToRemove: [PREMIUM] })).toMatchObject({ status: 400 });
  expect(ask('POST', anna, { licensesToAssign }).status).toBe(201);
  expect(ask('POST', anna, { licensesToAssign: [{ skuId: 'x' }] })).toMatchObject({ status: 400 });
  expect(ask('POST', anna, {})).toMatchObject({ status: 400 });
});

it.each([
  ['noSeats', 400, 60012],
  ['noUser', 404, 60002],
  ['noLocation', 400, 2000],
  ['noSku', 400, 2000],
  ['notHeld', 400, 2000],
  ['conflict', 400, 2000],
] as const)('answers %s of the directory with %i/%i', (outcome, status, code) => {
  const cloud = testCloud();
  const customer = buyer(cloud);
  cloud.directory.roles.add(ROLES.licenseAdministrator);
  cloud.directory.people.push({
    id: 'u1',
    userPrincipalName: 'a@contoso.onmicrosoft.com',
    displayName: undefined,
    givenName: undefined,
    surname: undefined,
    usageLocation: undefined,
    isFederated: false,
    isDeleted: false,
    deletedAt: undefined,
    licenses: [],
  });
  cloud.directory.licenseOutcome = outcome;
  const url = `/v1/customers/${customer}/users/u1/licenseupdates`;
  const answer = cloud.send('POST', url, { licensesToAssign: [{ skuId: PREMIUM }] });
  expect(answer).toMatchObject({ status, json: { code } });
});

it('needs a role in the customer tenant', () => {
  const cloud = testCloud();
  const url = `/v1/customers/${buyer(cloud)}/users`;
  expect(cloud.send('GET', url)).toMatchObject({ status: 403, json: { code: 900308 } });
  cloud.directory.roles.add(ROLES.globalReader);
  expect(cloud.send('GET', url).status).toBe(200);
  expect(cloud.send('POST', `${url}/x/licenseupdates`, { licensesToRemove: ['x'] }).status).toBe(
    403,
  );
});

it('names the services that the customer has subscriptions of', () => {
  const { ask } = defaultWorld();
  const { items } = ask('GET', '/managedservices').json;
  expect(items.map(({ id }) => id)).toEqual(['exchange', 'sharepoint', 'teams', 'intune', 'entra']);
});

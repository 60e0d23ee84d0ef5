import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commerceOf } from '../commerce/state.ts';
import { adminConsent } from '../directory/consent.ts';
import { findServicePrincipal } from '../directory/create.ts';
import { findUser } from '../directory/records.ts';
import { dumpWorld, loadWorld } from '../rooms.ts';
import { DEFAULT_CUSTOMER, DEFAULT_PARTNER } from '../seed.ts';
import { type Answer, Kit } from '../test-kit.ts';
import { ACTION_NAMES, type ActionName } from './perform.ts';
import type { Done } from './room.ts';

const { tenantId, domain, initialDomain } = DEFAULT_CUSTOMER;
const ADMIN = `admin@${initialDomain}`;
const ANNA = `anna.becker@${domain}`;
const PREMIUM = 'cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46';
const START = '2026-09-01T09:00:00.000Z';

let kit: Kit;
beforeEach(async () => {
  kit = await Kit.start({ frozen: true, startAt: START });
});
afterEach(() => kit.stop());

const control = (method: string, path: string, body?: unknown): Promise<Answer> =>
  kit.send(method, `${kit.simulator.urls.control}${path}`, body === undefined ? {} : { body });
const plan = async (body: Readonly<Record<string, unknown>>): Promise<Done | undefined> => {
  const answer = await control('POST', '/actors', { tenantId, ...body });
  expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 201 });
  return (answer.body as unknown as { done: Done[] }).done[0];
};
const directory = () => kit.simulator.world.directories.get(tenantId)!;
const anna = () => findUser(directory(), ANNA, directory().log.last)?.value;
const frank = `frank.lorenz@${domain}`;
const subscription = () => [...commerceOf(kit.simulator.world).subscriptions.values()][0]!;
const audits = () => directory().audits.map(({ entry }) => entry);

describe('an action of a person', () => {
  it('takes effect at once, and the audit log names who it was', async () => {
    const done = await plan({ action: 'changeUser', user: ANNA, changes: { department: 'Legal' } });
    expect(done).toMatchObject({ as: ADMIN, status: 204, at: START });
    expect(anna()?.properties['department']).toBe('Legal');
    expect(audits().at(-1)).toMatchObject({
      activityDisplayName: 'Update user',
      initiatedBy: { user: { userPrincipalName: ADMIN } },
    });
    const { entries } = kit.simulator.journal.since(0);
    expect(entries.at(-1)).toMatchObject({ kind: 'portal', upn: ADMIN, method: 'PATCH' });
  });

  it('happens at its moment, as a person of choice', async () => {
    await plan({ action: 'disableUser', user: ANNA, after: 'P1D', as: frank });
    await plan({ action: 'enableUser', user: ANNA, at: '2026-09-03T09:00:00Z' });
    expect(anna()?.properties['accountEnabled']).toBe(true);
    kit.simulator.world.clock.advance(86_400_000);
    expect(anna()?.properties['accountEnabled']).toBe(false);
    kit.simulator.world.clock.advance(86_400_000);
    expect(anna()?.properties['accountEnabled']).toBe(true);
    const { body } = await control('GET', '/actors');
    expect(body).toMatchObject({
      plans: [],
      done: [
        { action: 'disableUser', as: frank, at: '2026-09-02T09:00:00.000Z' },
        { action: 'enableUser', as: ADMIN, at: '2026-09-03T09:00:00.000Z' },
      ],
    });
  });

  it.each<[ActionName, Readonly<Record<string, unknown>>, () => unknown, unknown]>([
    ['renameUser', { user: ANNA, userPrincipalName: `anna@${domain}` }, anna, undefined],
    ['deleteUser', { user: ANNA }, anna, undefined],
    ['removeLicense', { user: ANNA, skuId: PREMIUM }, () => anna()?.licenses, []],
    [
      'assignLicense',
      { user: frank, skuId: PREMIUM },
      () => directory().seatsInUse.get(PREMIUM),
      6,
    ],
    [
      'createGuest',
      { mail: 'ella@other.example' },
      () =>
        findUser(directory(), `ella_other.example#EXT#@${initialDomain}`, 1e9)?.value.properties[
          'userType'
        ],
      'Guest',
    ],
    [
      'createUser',
      { nickname: 'new', displayName: 'New' },
      () => findUser(directory(), `new@${domain}`, 1e9)?.value.properties['displayName'],
      'New',
    ],
    [
      'setDefaultDomain',
      { domain: initialDomain },
      () => directory().domains.get(initialDomain)?.isDefault,
      true,
    ],
  ])('%s', async (action, parameters, look, expected) => {
    const done = await plan({ action, ...parameters });
    expect(done?.status, done?.refusal).toBeLessThan(300);
    expect(look()).toEqual(expected);
  });

  it('sets and takes away managers', async () => {
    const manager = findUser(directory(), frank, directory().log.last)?.value.id;
    await plan({ action: 'setManager', user: ANNA, manager });
    expect(anna()?.managerId).toBe(manager);
    await plan({ action: 'removeManager', user: ANNA });
    expect(anna()?.managerId).toBeUndefined();
  });

  it('withdraws the consent of an app', async () => {
    const { world } = kit.simulator;
    const { clientId } = DEFAULT_PARTNER;
    adminConsent(world, directory(), clientId, ['User.Read.All', 'Organization.Read.All']);
    const { id } = findServicePrincipal(directory(), clientId)!;
    await plan({ action: 'withdrawConsent', appId: clientId });
    const left = [...directory().appRoleAssignments.values()].filter((a) => a.principalId === id);
    expect(left).toEqual([]);
  });

  it.each<[ActionName, object, object]>([
    ['addSeats', { seats: 3 }, { quantity: 10 }],
    ['switchAutoRenewOff', {}, { autoRenewEnabled: false }],
    ['suspend', {}, { status: 'suspended' }],
  ])('of the partner at a subscription: %s', async (action, parameters, expected) => {
    const { id: subscriptionId } = subscription();
    const done = await plan({ action, subscriptionId, ...parameters });
    expect(done).toMatchObject({ as: 'admin@fabrikamcloud.onmicrosoft.com', status: 200 });
    expect(subscription()).toMatchObject(expected);
    const record = commerceOf(kit.simulator.world).auditRecords.at(-1);
    expect(record).toMatchObject({ userPrincipalName: 'admin@fabrikamcloud.onmicrosoft.com' });
  });

  it('obeys the rules: what is refused is told with the answer', async () => {
    const { id: subscriptionId } = subscription();
    const done = await plan({ action: 'dropSeats', subscriptionId, seats: 1 });
    expect(done).toMatchObject({
      status: 400,
      refusal: expect.stringContaining('800090') as string,
    });
    expect(subscription().quantity).toBe(7);
    expect(kit.simulator.violations.list()).toEqual([]);
  });

  it('can be called off', async () => {
    await plan({ action: 'deleteUser', user: ANNA, after: 'P1D' });
    const { body } = await control('GET', '/actors');
    const [{ id }] = (body as unknown as { plans: [{ id: number }] }).plans;
    expect((await control('DELETE', `/actors/${id}`)).status).toBe(204);
    kit.simulator.world.clock.advance(2 * 86_400_000);
    expect(anna()).toBeDefined();
    expect((await control('DELETE', `/actors/${id}`)).status).toBe(404);
  });

  it('that has become impossible stops nothing', async () => {
    await plan({ action: 'disableUser', user: ANNA, after: 'PT2H', as: frank });
    await plan({ action: 'deleteUser', user: frank, after: 'PT1H' });
    kit.simulator.world.clock.advance(86_400_000);
    const [deed] = kit.simulator.world.rooms.actors.done.slice(-1);
    expect(deed).toMatchObject({ action: 'disableUser', status: undefined });
    expect(deed?.refusal).toContain(frank);
  });

  it.each([
    ['an unknown action', { action: 'nonsense' }, 'action'],
    ['a missing parameter', { action: 'disableUser' }, 'user'],
    ['another parameter', { action: 'disableUser', user: ANNA, colour: 1 }, 'colour'],
    [
      'an unknown tenant',
      { action: 'disableUser', user: ANNA, tenantId: DEFAULT_PARTNER.clientId },
      'No tenant',
    ],
    ['an unknown person', { action: 'disableUser', user: ANNA, as: 'nobody@x' }, 'No nobody@x in'],
    [
      'two moments',
      { action: 'disableUser', user: ANNA, after: 'P1D', at: '2026-09-03T09:00:00Z' },
      'not both',
    ],
    ['no duration', { action: 'disableUser', user: ANNA, after: 'soon' }, 'no ISO 8601 duration'],
  ])('%s is refused with the reason', async (_, body, reason) => {
    const answer = await control('POST', '/actors', { tenantId, ...body });
    expect(answer.status).toBe(400);
    expect(answer.body.error).toContain(reason);
    expect(kit.simulator.world.rooms.actors.plans.size).toBe(0);
  });
});

describe('actions by chance', () => {
  const random = (body: object) => control('POST', '/actors/random', body);
  const days = (count: number) => kit.simulator.world.clock.advance(count * 86_400_000);
  const deeds = () => kit.simulator.world.rooms.actors.done;

  it('come at the rate asked for, of all kinds, the same for the same seed', async () => {
    expect((await random({ seed: 5, perDay: 10 })).status).toBe(201);
    days(30);
    const first = deeds();
    expect(first.length).toBeGreaterThan(240);
    expect(first.length).toBeLessThan(360);
    expect(new Set(first.map(({ action }) => action)).size).toBe(ACTION_NAMES.length);
    const done = first.filter(({ status = 500 }) => status < 300);
    expect(done.length).toBeGreaterThan(first.length / 3);

    await kit.stop();
    kit = await Kit.start({ frozen: true, startAt: START });
    await random({ seed: 5, perDay: 10 });
    days(30);
    expect(deeds()).toEqual(first);
  });

  it('keep to the tenants and actions asked for, and end when told', async () => {
    const { body } = await random({
      seed: 1,
      perDay: 50,
      tenants: [tenantId],
      actions: ['changeUser'],
    });
    days(1);
    const count = deeds().length;
    expect(count).toBeGreaterThan(20);
    expect(new Set(deeds().map(({ action }) => action))).toEqual(new Set(['changeUser']));
    expect((await control('DELETE', `/actors/${body.id}`)).status).toBe(204);
    days(1);
    expect(deeds().length).toBe(count);
  });

  it('go on in a saved world', async () => {
    await random({ seed: 9, perDay: 20 });
    await plan({ action: 'disableUser', user: ANNA, after: 'P3D' });
    days(2);
    const other = await Kit.start({ frozen: true, world: 'empty' });
    loadWorld(other.simulator.world, dumpWorld(kit.simulator.world));
    for (const each of [kit, other]) each.simulator.world.clock.advance(5 * 86_400_000);
    const there = dumpWorld(other.simulator.world);
    await other.stop();
    expect(there).toEqual(dumpWorld(kit.simulator.world));
  });

  it.each([
    [{ seed: 1, perDay: 0 }, 'perDay'],
    [{ seed: 1, perDay: 1, actions: ['nonsense'] }, 'actions'],
    [{ seed: 1, perDay: 1, tenants: [DEFAULT_PARTNER.clientId] }, 'No tenant'],
  ])('%j is refused', async (body, reason) => {
    const answer = await random(body);
    expect(answer.status).toBe(400);
    expect(answer.body.error).toContain(reason);
  });
});

it('the two sides can be made to disagree, until Partner Center speaks again', async () => {
  const { id: subscriptionId } = subscription();
  const seats = () => directory().subscriptions.get(subscriptionId)?.seats;
  const answer = await control('POST', '/disagreements', { tenantId, subscriptionId, seats: 3 });
  expect(answer.body).toEqual({ subscriptionId, seats: 3, before: 7 });
  expect([seats(), subscription().quantity]).toEqual([3, 7]);
  await plan({ action: 'addSeats', subscriptionId, seats: 1 });
  expect([seats(), subscription().quantity]).toEqual([8, 8]);
  const unknown = { tenantId, subscriptionId: DEFAULT_PARTNER.clientId, seats: 3 };
  expect((await control('POST', '/disagreements', unknown)).status).toBe(400);
});

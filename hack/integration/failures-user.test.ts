/** The first failures of pools and users, on a tenant that existed before. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LicensePool, M365Tenant } from '../../operator/core/objects.ts';
import { conditionOf } from '../demo/objects.ts';
import { commerceOf } from '../simulator/commerce/index.ts';
import { DEFAULT_CUSTOMER } from '../simulator/seed.ts';
import type { Stage } from '../stage/index.ts';
import { createDesk, patience } from '../testing/desk.ts';
import { type Northwind, startNorthwind, liveUsers as usersOf } from '../testing/northwind.ts';

let world: Northwind;
let stage: Stage;
const desk = createDesk(() => stage);

beforeAll(async () => {
  world = await startNorthwind();
  stage = world.stage;
});

afterAll(() => world?.stop());

describe('a LicensePool', () => {
  it('names an offer that the catalogue lacks, and those that it has', async () => {
    await desk.put('LicensePool', 'contoso', 'odd', pool({ offer: 'gold' }));
    const shown = await desk.reason('LicensePool', 'odd', 'OfferUnknown');
    expect(conditionOf(shown, 'Ready')?.message).toContain('it has business-premium');
  });

  it('that may only plan shows what it would buy; its users wait and are no error', async () => {
    await desk.put(
      'LicensePool',
      'contoso',
      'premium',
      pool({ increase: 'Approve', seats: { max: 50 } }),
    );
    await desk.ready('LicensePool', 'premium');
    for (const name of ['ada', 'bob', 'eve'])
      await desk.put('M365User', 'contoso', name, user(name));
    const waiting = await desk.reason('M365User', 'eve', 'WaitingForSeat');
    expect(conditionOf(waiting, 'Stalled')).toBeUndefined();
    await desk.reason('LicensePool', 'premium', 'IncreaseHeld');
    const { plan } = (await desk.find<LicensePool>('LicensePool', 'premium')).status ?? {};
    expect(plan).toMatchObject({ action: 'Increase', quantity: 1, costPerMonth: 1600 });
    const annotation = `m365-operator.io/approve=${plan?.hash}`;
    await stage.controlPlane.kubectl([
      'annotate',
      'licensepool',
      'premium',
      '-n',
      'contoso',
      annotation,
    ]);
    for (const name of ['ada', 'bob', 'eve']) await desk.ready('M365User', name);
    const [subscription] = [...commerceOf(stage.simulator.world).subscriptions.values()].filter(
      ({ customerId }) => customerId === DEFAULT_CUSTOMER.tenantId,
    );
    expect(subscription?.quantity).toBe(8);
  });
});

function pool(more: object): object {
  return {
    tenantRef: { name: 'northwind' },
    offer: 'business-premium',
    seats: { max: 50 },
    endOfTerm: 'Renew',
    ...more,
  };
}

function user(name: string, more: object = {}): object {
  return {
    tenantRef: { name: 'northwind' },
    userPrincipalName: `${name}@${DEFAULT_CUSTOMER.domain}`,
    displayName: name,
    usageLocation: 'DE',
    pools: ['premium'],
    ...more,
  };
}

describe('an M365User', () => {
  it('takes over an account of exactly its name, and never deletes it', async () => {
    const name = `anna.becker@${DEFAULT_CUSTOMER.domain}`;
    await desk.put(
      'M365User',
      'contoso',
      'anna',
      user('anna', {
        userPrincipalName: name,
        displayName: 'Anna Becker',
        jobTitle: 'Owner',
        deletionPolicy: 'SoftDelete',
      }),
    );
    await desk.ready('M365User', 'anna');
    await stage.controlPlane.kubectl([
      'delete',
      'm365user',
      'anna',
      '-n',
      'contoso',
      '--timeout=30s',
    ]);
    const [anna] = liveUsers().filter(({ userPrincipalName }) => userPrincipalName === name);
    expect(anna?.properties).toMatchObject({
      jobTitle: 'Owner',
      department: 'Managing Director',
      accountEnabled: false,
    });
  });

  it('that we made is deleted where its policy says so', async () => {
    await stage.controlPlane.kubectl([
      'patch',
      'm365user',
      'bob',
      '-n',
      'contoso',
      '--type=merge',
      '-p',
      '{"spec":{"deletionPolicy":"SoftDelete"}}',
    ]);
    await stage.controlPlane.kubectl([
      'delete',
      'm365user',
      'bob',
      '-n',
      'contoso',
      '--timeout=30s',
    ]);
    expect(liveUsers().some(({ userPrincipalName }) => userPrincipalName.startsWith('bob@'))).toBe(
      false,
    );
  });

  it('of a name that another object has is refused to the younger', async () => {
    await desk.put('M365User', 'contoso', 'eve-again', user('eve'));
    await desk.reason('M365User', 'eve-again', 'AlreadyManaged');
  });

  it('whose pool is unknown says so', async () => {
    await desk.put('M365User', 'contoso', 'poolless', user('poolless', { pools: ['gold'] }));
    await desk.reason('M365User', 'poolless', 'PoolNotFound');
  });

  it('that leaves is blocked when its time comes, not before', async () => {
    const leaveAt = new Date(Date.now() + 4_000).toISOString();
    await desk.put('M365User', 'contoso', 'ada', user('ada', { leaveAt }));
    const isEnabled = (): unknown =>
      liveUsers().find(({ userPrincipalName }) => userPrincipalName.startsWith('ada@'))?.properties[
        'accountEnabled'
      ];
    expect(isEnabled()).toBe(true);
    await expect.poll(isEnabled, patience).toBe(false);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(leaveAt));
    await desk.reason('M365User', 'ada', 'Disabled');
  });

  it('that is suspended is left alone, and can be deleted', async () => {
    await desk.put(
      'M365User',
      'contoso',
      'eve',
      user('eve', { suspend: true, jobTitle: 'Changed' }),
    );
    await desk.reason('M365User', 'eve', 'Paused', 'Paused');
    const eve = liveUsers().find(({ userPrincipalName }) => userPrincipalName.startsWith('eve@'));
    expect(eve?.properties['jobTitle']).not.toBe('Changed');
    await stage.controlPlane.kubectl([
      'delete',
      'm365user',
      'eve',
      '-n',
      'contoso',
      '--timeout=30s',
    ]);
    const { status } = await desk.find<M365Tenant>('M365Tenant', 'northwind');
    expect(status?.tenantId).toBe(DEFAULT_CUSTOMER.tenantId);
  });
});

function liveUsers() {
  return usersOf(stage);
}

import { describe, expect, it } from 'vitest';
import { deleted, ids, nowMs, user } from '../../../hack/testing/build.ts';
import { adAccount, entraUser, observedUser } from '../../../hack/testing/observed.ts';
import { actionNames, expectSoundPlan, readyOf } from '../../../hack/testing/plan-checks.ts';
import type { M365User } from '../../core/objects.ts';
import type { ObservedUser } from './observed.ts';
import { planUser } from './plan.ts';

const organizationalUnit = 'OU=contoso,OU=Customers,DC=corp,DC=example';

const { anchor } = adAccount();

const managed = (overrides: Partial<ObservedUser> = {}) =>
  observedUser({
    directoryMode: 'Managed',
    organizationalUnit,
    samAccountName: 'mia',
    activeDirectory: adAccount(),
    entra: entraUser({ onPremisesImmutableId: anchor }),
    ...overrides,
  });

const nobody = { entra: undefined, activeDirectory: undefined };

describe('deleting an M365User', () => {
  const status = {
    entraId: ids.user,
    objectGuid: ids.account,
    createdByOperator: { entra: true, activeDirectory: true },
  };
  type Parts = NonNullable<Parameters<typeof user>[0]>;
  const leaving = (deletionPolicy: M365User['spec']['deletionPolicy'], more: Parts = {}) =>
    deleted(user({ status, ...more, spec: { deletionPolicy, ...more.spec } }));
  const adopted = { status: { ...status, createdByOperator: {} } };
  const disabled = managed({
    activeDirectory: adAccount({ enabled: false }),
    entra: entraUser({ accountEnabled: false }),
  });
  const blocking = ['UpdateAdAccount', 'UpdateEntraUser', 'RevokeSessions'];

  it.each([
    ['Retain: nothing', leaving('Retain'), managed(), [], true],
    ['Disable: both sides', leaving('Disable'), managed(), blocking, false],
    [
      'Disable: done',
      leaving('Disable', { status: { ...status, sessionsRevoked: true } }),
      disabled,
      [],
      true,
    ],
    [
      'Disable: sessions not ended, a crash came between',
      leaving('Disable'),
      disabled,
      ['RevokeSessions'],
      false,
    ],
    [
      'Disable: what a sync server owns is left to it',
      leaving('Disable'),
      observedUser({ entra: entraUser({ onPremisesSyncEnabled: true }) }),
      [],
      true,
    ],
    [
      'SoftDelete: what we made',
      leaving('SoftDelete'),
      managed(),
      ['DeleteAdAccount', 'DeleteEntraUser'],
      false,
    ],
    [
      'SoftDelete: what we did not make is disabled',
      leaving('SoftDelete', adopted),
      managed(),
      blocking,
      false,
    ],
    ['SoftDelete: done', leaving('SoftDelete'), managed(nobody), [], true],
    [
      'Purge: what we made is deleted first',
      leaving('Purge'),
      managed(),
      ['DeleteAdAccount', 'DeleteEntraUser'],
      false,
    ],
    ['Purge: then for good', leaving('Purge'), managed(nobody), ['PurgeEntraUser'], false],
    [
      'Purge: done',
      leaving('Purge', { status: { ...status, purged: true } }),
      managed(nobody),
      [],
      true,
    ],
    [
      'Purge: what we did not make is disabled',
      leaving('Purge', adopted),
      managed(),
      blocking,
      false,
    ],
    [
      'Purge: an account that was adopted and is gone stays where it is',
      leaving('Purge', adopted),
      managed(nobody),
      [],
      true,
    ],
    [
      'SoftDelete: an account that is expressly taken over',
      leaving('SoftDelete', { ...adopted, spec: { entraId: ids.user } }),
      observedUser({ entra: entraUser() }),
      ['DeleteEntraUser'],
      false,
    ],
    [
      'no record, but proved to be ours',
      leaving('SoftDelete', { status: {} }),
      managed({ origin: 'Made' }),
      ['DeleteAdAccount', 'DeleteEntraUser'],
      false,
    ],
    [
      'no record, proved to be ours, Disable',
      leaving('Disable', { status: {} }),
      observedUser({ origin: 'Made' }),
      ['UpdateEntraUser', 'RevokeSessions'],
      false,
    ],
    [
      'SoftDelete: accounts that our record does not name',
      leaving('SoftDelete', { status: {} }),
      managed({ activeDirectory: adAccount({ ownerUid: undefined }) }),
      [],
      true,
    ],
    [
      'SoftDelete: another account of the same name',
      leaving('SoftDelete'),
      managed({
        entra: entraUser({ id: ids.manager }),
        activeDirectory: adAccount({ objectGuid: ids.manager }),
      }),
      [],
      true,
    ],
    [
      'SoftDelete, but policies allow no delete: kept',
      leaving('SoftDelete', { spec: { managementPolicies: ['Observe', 'Update'] } }),
      managed(),
      ['DeleteAdAccount', 'DeleteEntraUser'],
      true,
    ],
    [
      'Disable, but policies only look: kept',
      leaving('Disable', { spec: { managementPolicies: ['Observe'] } }),
      managed(),
      blocking,
      true,
    ],
  ] as const)('%s', (_, resource, observed, actions, released) => {
    const plan = planUser(resource, observed, nowMs);
    expect(actionNames(plan)).toEqual(actions);
    expect(plan.released).toBe(released);
    expect(readyOf(plan)).toBe('False Deleting');
    expectSoundPlan(resource, plan);
  });
});

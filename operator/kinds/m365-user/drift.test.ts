import { describe, expect, it } from 'vitest';
import {
  ids,
  inHours,
  nowMs,
  readyCondition,
  user,
  withConditions,
} from '../../../hack/testing/build.ts';
import { adAccount, entraUser, observedUser } from '../../../hack/testing/observed.ts';
import { actionNames, expectSoundPlan, shown } from '../../../hack/testing/plan-checks.ts';
import type { NamedGroup, ObservedUser, WantedLicense } from './observed.ts';
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

const license = (overrides: Partial<WantedLicense> = {}): WantedLicense => ({
  pool: 'premium',
  skuId: ids.sku,
  disabledPlans: [],
  hasFreeSeat: true,
  ...overrides,
});

const group = (overrides: Partial<NamedGroup> = {}): NamedGroup => ({
  name: 'Sales',
  id: ids.group,
  isMember: false,
  ...overrides,
});

const manager = {
  field: 'managerRef' as const,
  name: 'boss',
  entraId: ids.manager,
  objectGuid: undefined,
};

describe('drift', () => {
  const asDeclared = (spec: Parameters<typeof user>[0] = {}, reason = 'Provisioned') =>
    withConditions(user(spec), [readyCondition(reason)]);
  const changedOutside = observedUser({ entra: entraUser({ displayName: 'Changed' }) });
  const drift = [
    { path: 'displayName', type: 'Different', declared: 'Mia Muster', actual: 'Changed' },
  ];

  it('is told before it is repaired', () => {
    const plan = planUser(asDeclared(), changedOutside, nowMs);
    expect(actionNames(plan)).toEqual(['ReportDrift', 'UpdateEntraUser']);
    expect(plan.status.drift).toEqual(drift);
    expect(shown(plan, 'Drifted')).toBe('True FieldsDiffer');
    expectSoundPlan(asDeclared(), plan);
  });

  it.each([
    [
      'managementPolicies',
      asDeclared({ spec: { managementPolicies: ['Observe'] } }),
      ['UpdateEntraUser'],
    ],
    ['driftPolicy', asDeclared({ spec: { driftPolicy: 'Report' } }), []],
  ] as const)('is not told first where %s allows no repair', (_, observing, actions) => {
    const plan = planUser(observing, changedOutside, nowMs);
    expect(actionNames(plan)).toEqual(actions);
    expect(plan.status.drift).toEqual(drift);
    expect(shown(plan, 'Drifted')).toBe('True FieldsDiffer');
  });

  it('is told once: while it stands in status it is only repaired', () => {
    const told = asDeclared({ status: planUser(asDeclared(), changedOutside, nowMs).status });
    const plan = planUser(told, changedOutside, nowMs);
    expect(actionNames(plan)).toEqual(['UpdateEntraUser']);
    expect(shown(plan, 'Drifted')).toBe('True FieldsDiffer');
  });

  it('is still told while the repair fails and Ready is False', () => {
    const failing = {
      type: 'Ready',
      status: 'False',
      reason: 'AccountDiffers',
      message: 'no',
    } as const;
    const told = withConditions(user({ status: { drift: [...drift] as never } }), [failing]);
    expect(planUser(told, changedOutside, nowMs).status.drift).toEqual(drift);
  });

  it('goes once it is repaired', () => {
    const told = asDeclared({ status: { drift: [...drift] as never } });
    const plan = planUser(told, observedUser(), nowMs);
    expect(plan.status.drift).toBeUndefined();
    expect('drift' in plan.status).toBe(true);
    expect(shown(plan, 'Drifted')).toBeUndefined();
  });

  it.each([
    ['the manifest was never looked at', user({ spec: { displayName: 'New' } })],
    [
      'the manifest has changed since',
      {
        ...asDeclared(),
        metadata: { ...asDeclared().metadata, generation: 3 },
      },
    ],
    [
      'it was not as declared before',
      withConditions(user(), [
        { type: 'Ready', status: 'False', reason: 'WaitingForSeat', message: 'waits' },
      ]),
    ],
  ])('is no drift where %s', (_, resource) => {
    const plan = planUser(resource, changedOutside, nowMs);
    expect(actionNames(plan)).toEqual(['UpdateEntraUser']);
    expect(plan.status.drift).toBeUndefined();
  });

  it('is not the day of leaving, which is declared', () => {
    const leaver = asDeclared({ spec: { leaveAt: inHours(-1) } });
    const plan = planUser(leaver, observedUser(), nowMs);
    expect(actionNames(plan)).toEqual([
      'UpdateEntraUser',
      'RevokeSessions',
      'RecordLeaver',
      'ReplaceEntraPassword',
    ]);
    expect(plan.status.drift).toBeUndefined();
  });

  it('is an account that somebody enables after the day of leaving', () => {
    const leaver = asDeclared({ spec: { leaveAt: inHours(-1) } }, 'Disabled');
    const plan = planUser(leaver, observedUser(), nowMs);
    expect(plan.status.drift).toMatchObject([{ path: 'accountEnabled' }]);
  });

  it('is not a licence that the plan of the tenant has got newly', () => {
    const plan = planUser(asDeclared(), observedUser({ licenses: [license()] }), nowMs);
    expect(actionNames(plan)).toEqual(['AssignLicenses']);
    expect(plan.status.drift).toBeUndefined();
  });

  it.each([
    [
      'a licence taken away',
      { status: { licenses: ['premium'] } },
      observedUser({ licenses: [license()] }),
      { path: 'licenses[premium]', type: 'Missing' },
    ],
    [
      'a membership taken away',
      {},
      observedUser({ groups: [group()] }),
      { path: 'groups[Sales]', type: 'Missing' },
    ],
    [
      'an AD membership taken away',
      {},
      managed({ directoryGroups: [group()] }),
      { path: 'activeDirectory.groups[Sales]', type: 'Missing' },
    ],
    [
      'another manager',
      {},
      observedUser({ manager, entra: entraUser({ managerId: ids.account }) }),
      { path: 'managerRef', type: 'Different', declared: 'boss' },
    ],
    [
      'an account deleted in Entra',
      { status: { entraId: ids.user } },
      observedUser(nobody),
      { path: 'userPrincipalName', type: 'Missing' },
    ],
    [
      'an account deleted in AD',
      { status: { objectGuid: ids.account } },
      managed({ activeDirectory: undefined, entra: undefined }),
      { path: 'activeDirectory', type: 'Missing' },
    ],
    [
      'an attribute changed in AD',
      {},
      managed({ activeDirectory: adAccount({ attributes: { displayName: 'Changed' } }) }),
      { path: 'activeDirectory.displayName', type: 'Different', actual: 'Changed' },
    ],
    [
      'enabled in AD',
      { spec: { enabled: false } },
      managed({ entra: entraUser({ accountEnabled: false, onPremisesImmutableId: anchor }) }),
      { path: 'activeDirectory.enabled', declared: 'false', actual: 'true' },
    ],
  ] as const)('is %s', (_, parts, observed, entry) => {
    const reason = 'spec' in parts ? 'Disabled' : 'Provisioned';
    const plan = planUser(asDeclared(parts as Parameters<typeof user>[0], reason), observed, nowMs);
    expect(plan.status.drift).toMatchObject([entry]);
    expect(actionNames(plan)[0]).toBe('ReportDrift');
  });

  it('of the telephone at work is left by the name that spec has for it', () => {
    const person = user({ spec: { businessPhone: '+49 30 1', driftPolicy: 'Ignore' } });
    const observed = observedUser({ entra: entraUser({ businessPhones: ['+49 30 2'] }) });
    expect(planUser(person, observed, nowMs).actions).toEqual([]);
  });

  it('fits into status, however much differs and however long values are', () => {
    const names = Array.from({ length: 30 }, (_, i) => `${'g'.repeat(250)}${i}`);
    const long = adAccount({ attributes: { displayName: 'x'.repeat(5_000) } });
    const observed = managed({
      activeDirectory: long,
      directoryGroups: names.map((name) => group({ name })),
    });
    const { drift: found = [] } = planUser(asDeclared(), observed, nowMs).status;
    expect(found).toHaveLength(20);
    expect(new Set(found.map(({ path }) => path)).size).toBe(20);
    for (const entry of found) {
      expect(entry.path.length).toBeLessThanOrEqual(253);
      expect((entry.actual ?? '').length).toBeLessThanOrEqual(1024);
      expect((entry.declared ?? '').length).toBeLessThanOrEqual(1024);
    }
  });
});

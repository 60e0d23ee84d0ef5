import { describe, expect, it } from 'vitest';
import {
  adAccount,
  deleted,
  entraUser,
  ids,
  inHours,
  nowMs,
  observedUser,
  readyCondition,
  user,
  withConditions,
} from '../../../hack/testing/build.ts';
import { actionNames, expectSoundPlan, readyOf, shown } from '../../../hack/testing/plan-checks.ts';
import type { M365User } from '../../core/objects.ts';
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
const holding = (disabledPlans: readonly string[] = []) =>
  entraUser({ assignedLicenses: [{ skuId: ids.sku, disabledPlans }] });
const manager = { name: 'boss', entraId: ids.manager, objectGuid: undefined };

type Row = readonly [
  name: string,
  resource: M365User,
  observed: ObservedUser,
  expected: {
    readonly ready: string;
    readonly actions: readonly string[];
    readonly conditions?: Readonly<Record<string, string>>;
    readonly look?: number;
  },
];

const soon = 5_000;
const rows: readonly Row[] = [
  [
    'no Entra account',
    user(),
    observedUser(nobody),
    { ready: 'False AccountMissing', actions: ['CreateEntraUser'], look: soon },
  ],
  [
    'password Secret declared, missing',
    user(),
    observedUser({ ...nobody, hasPasswordSecret: false }),
    {
      ready: 'False AccountMissing',
      actions: ['CreatePasswordSecret', 'CreateEntraUser'],
      look: soon,
    },
  ],
  [
    'password Secret declared, there',
    user(),
    observedUser({ ...nobody, hasPasswordSecret: true }),
    { ready: 'False AccountMissing', actions: ['CreateEntraUser'], look: soon },
  ],
  [
    'AD managed, no account: Entra waits for its anchor',
    user(),
    managed(nobody),
    {
      ready: 'False AccountMissing',
      actions: ['CreateAdAccount'],
      conditions: { EntraSynced: 'False WaitingForAnchor' },
      look: soon,
    },
  ],
  [
    'AD managed, no account, password Secret missing: made once',
    user(),
    managed({ ...nobody, hasPasswordSecret: false }),
    {
      ready: 'False AccountMissing',
      actions: ['CreatePasswordSecret', 'CreateAdAccount'],
      look: soon,
    },
  ],
  [
    'AD managed, the OU of the tenant is not there yet',
    user(),
    managed({ ...nobody, organizationalUnit: undefined, samAccountName: undefined }),
    { ready: 'False AccountMissing', actions: [], look: soon },
  ],
  [
    'AD account there, no Entra account: created with its anchor',
    user(),
    managed({ entra: undefined }),
    {
      ready: 'False AccountMissing',
      actions: ['CreateEntraUser'],
      conditions: { ActiveDirectorySynced: 'True AccountInSync' },
      look: soon,
    },
  ],
  [
    'the domain of the name is not verified: the account waits',
    user(),
    observedUser({ ...nobody, unverifiedDomain: 'contoso.example' }),
    { ready: 'False WaitingForDomain', actions: [] },
  ],
  [
    'the domain is not verified, AD managed: AD does not wait for it',
    user(),
    managed({ ...nobody, unverifiedDomain: 'contoso.example' }),
    { ready: 'False AccountMissing', actions: ['CreateAdAccount'] },
  ],
  [
    'the domain of a new name is not verified: the rest goes on',
    user({ spec: { jobTitle: 'Lead' } }),
    observedUser({
      unverifiedDomain: 'contoso.example',
      entra: entraUser({ userPrincipalName: 'mia@contoso.onmicrosoft.com' }),
    }),
    { ready: 'False AccountDiffers', actions: ['UpdateEntraUser'] },
  ],
  [
    'the domain of a new name is not verified: nothing else differs',
    user(),
    observedUser({
      unverifiedDomain: 'contoso.example',
      entra: entraUser({ userPrincipalName: 'mia@contoso.onmicrosoft.com' }),
    }),
    { ready: 'False WaitingForDomain', actions: [] },
  ],
  [
    'a sync server is to make the account',
    user(),
    observedUser({ ...nobody, directoryMode: 'EntraConnect' }),
    { ready: 'False WaitingForSync', actions: [] },
  ],
  [
    'a declared field differs in Entra',
    user({ spec: { department: 'Sales' } }),
    observedUser(),
    { ready: 'False AccountDiffers', actions: ['UpdateEntraUser'] },
  ],
  [
    'a declared field differs in both',
    user({ spec: { department: 'Sales' } }),
    managed(),
    { ready: 'False AccountDiffers', actions: ['UpdateAdAccount', 'UpdateEntraUser'] },
  ],
  [
    'the anchor is missing in Entra',
    user(),
    managed({ entra: entraUser() }),
    { ready: 'False AccountDiffers', actions: ['UpdateEntraUser'] },
  ],
  [
    'anchors differ: never changed',
    user({ spec: { department: 'Sales' } }),
    managed({ entra: entraUser({ onPremisesImmutableId: 'b3RoZXI=' }) }),
    {
      ready: 'False AccountDiffers',
      actions: ['UpdateAdAccount'],
      conditions: { EntraSynced: 'False AnchorDiffers' },
    },
  ],
  [
    'anchors differ, nothing else',
    user(),
    managed({ entra: entraUser({ onPremisesImmutableId: 'b3RoZXI=' }) }),
    { ready: 'False AnchorDiffers', actions: [] },
  ],
  [
    'should be blocked, is enabled',
    user({ spec: { enabled: false } }),
    observedUser(),
    { ready: 'False AccountDiffers', actions: ['UpdateEntraUser', 'RevokeSessions'] },
  ],
  [
    'should be blocked, is enabled in both',
    user({ spec: { enabled: false } }),
    managed(),
    {
      ready: 'False AccountDiffers',
      actions: ['UpdateAdAccount', 'UpdateEntraUser', 'RevokeSessions'],
    },
  ],
  [
    'is blocked as declared',
    user({ spec: { enabled: false } }),
    observedUser({ entra: entraUser({ accountEnabled: false }) }),
    { ready: 'True Disabled', actions: [] },
  ],
  [
    'should be enabled, is blocked: no session is ended',
    user(),
    observedUser({ entra: entraUser({ accountEnabled: false }) }),
    { ready: 'False AccountDiffers', actions: ['UpdateEntraUser'] },
  ],
  [
    'leaves in two hours',
    user({ spec: { leaveAt: inHours(2) } }),
    observedUser(),
    { ready: 'True Provisioned', actions: [], look: 2 * 60 * 60_000 },
  ],
  [
    'left an hour ago',
    user({ spec: { leaveAt: inHours(-1) } }),
    observedUser(),
    { ready: 'False AccountDiffers', actions: ['UpdateEntraUser', 'RevokeSessions'] },
  ],
  [
    'licence wanted, seat free',
    user(),
    observedUser({ licenses: [license(), license({ pool: 'phone', skuId: ids.otherSku })] }),
    { ready: 'False AccountDiffers', actions: ['AssignLicenses'] },
  ],
  [
    'licence wanted, no seat',
    user(),
    observedUser({ licenses: [license({ hasFreeSeat: false })] }),
    {
      ready: 'False WaitingForSeat',
      actions: [],
      conditions: { EntraSynced: 'False WaitingForSeat' },
    },
  ],
  [
    'licence wanted, its SKU has not arrived',
    user(),
    observedUser({ licenses: [license({ skuId: undefined, hasFreeSeat: false })] }),
    { ready: 'False WaitingForSeat', actions: [] },
  ],
  [
    'licence held',
    user(),
    observedUser({ licenses: [license()], entra: holding() }),
    { ready: 'True Provisioned', actions: [] },
  ],
  [
    'licence held, other service plans are off',
    user(),
    observedUser({
      licenses: [license({ disabledPlans: [ids.servicePlan] })],
      entra: holding(),
    }),
    { ready: 'False AccountDiffers', actions: ['AssignLicenses'] },
  ],
  [
    'licence of ours, not wanted any more',
    user(),
    observedUser({ entra: holding(), surplus: [{ pool: 'premium', skuId: ids.sku }] }),
    { ready: 'False AccountDiffers', actions: ['AssignLicenses'] },
  ],
  [
    'licence of somebody else',
    user(),
    observedUser({ entra: holding() }),
    { ready: 'True Provisioned', actions: [] },
  ],
  [
    'a pool that does not exist',
    user(),
    observedUser({ unknownPools: ['nowhere'] }),
    { ready: 'False PoolNotFound', actions: [] },
  ],
  [
    'group declared, missing',
    user(),
    observedUser({ groups: [group({ id: undefined })] }),
    { ready: 'False AccountDiffers', actions: ['CreateGroup'] },
  ],
  [
    'group declared, not a member',
    user(),
    observedUser({ groups: [group()] }),
    { ready: 'False AccountDiffers', actions: ['JoinGroup'] },
  ],
  [
    'group declared, member',
    user(),
    observedUser({ groups: [group({ isMember: true })] }),
    { ready: 'True Provisioned', actions: [] },
  ],
  [
    'AD group declared, not a member',
    user(),
    managed({ directoryGroups: [group({ id: undefined })] }),
    { ready: 'False AccountDiffers', actions: ['JoinAdGroup'] },
  ],
  [
    'group of ours, not declared any more',
    user(),
    observedUser({ formerGroups: [group({ isMember: true })] }),
    { ready: 'False AccountDiffers', actions: ['LeaveGroup'] },
  ],
  [
    'group of ours that somebody else took away already',
    user(),
    observedUser({ formerGroups: [group(), group({ name: 'Gone', id: undefined })] }),
    { ready: 'True Provisioned', actions: [] },
  ],
  [
    'manager declared, differs',
    user(),
    observedUser({ manager }),
    { ready: 'False AccountDiffers', actions: ['SetManager'] },
  ],
  [
    'manager declared, differs in both',
    user(),
    managed({ manager: { ...manager, objectGuid: ids.manager } }),
    { ready: 'False AccountDiffers', actions: ['UpdateAdAccount', 'SetManager'] },
  ],
  [
    'manager declared, as it is',
    user(),
    observedUser({ manager, entra: entraUser({ managerId: ids.manager }) }),
    { ready: 'True Provisioned', actions: [] },
  ],
  [
    'manager declared, has no account yet',
    user(),
    observedUser({ manager: { name: 'boss', entraId: undefined, objectGuid: undefined } }),
    { ready: 'False WaitingForManager', actions: [] },
  ],
  [
    'a sync server owns the account: licences and cloud groups only',
    user({ spec: { department: 'Sales', enabled: false } }),
    observedUser({
      directoryMode: 'EntraConnect',
      entra: entraUser({ onPremisesSyncEnabled: true, displayName: 'Other' }),
      licenses: [license()],
      groups: [group()],
      manager,
    }),
    { ready: 'False AccountDiffers', actions: ['AssignLicenses', 'JoinGroup'] },
  ],
  [
    'nothing differs, letter case of the name aside',
    user({ spec: { userPrincipalName: 'Mia@contoso.example' } }),
    managed(),
    { ready: 'True Provisioned', actions: [] },
  ],
];

describe('an M365User', () => {
  it.each(rows)('%s', (_, resource, observed, expected) => {
    const plan = planUser(resource, observed, nowMs);
    expect(readyOf(plan)).toBe(expected.ready);
    expect(actionNames(plan)).toEqual(expected.actions);
    for (const [type, wanted] of Object.entries(expected.conditions ?? {})) {
      expect(shown(plan, type)).toBe(wanted);
    }
    expect(plan.next).toMatchObject(
      expected.look === undefined
        ? { look: 'onChange' }
        : { look: 'after', delayMs: expected.look },
    );
    expect(plan.released).toBe(false);
    expectSoundPlan(resource, plan);
  });

  it('never touches what is not declared', () => {
    const entra = entraUser({
      givenName: 'Mia',
      jobTitle: 'Boss',
      department: 'Board',
      usageLocation: 'DE',
      managerId: ids.manager,
      assignedLicenses: [{ skuId: ids.otherSku, disabledPlans: [] }],
    });
    const account = adAccount({ attributes: { displayName: 'Mia Muster', title: 'Boss' } });
    const plan = planUser(
      user(),
      managed({ entra: { ...entra, onPremisesImmutableId: anchor }, activeDirectory: account }),
      nowMs,
    );
    expect(plan.actions).toEqual([]);
  });

  it('sends exactly the fields that differ', () => {
    const resource = user({ spec: { department: 'Sales', jobTitle: 'Lead', surname: 'Muster' } });
    const observed = managed({
      entra: entraUser({ onPremisesImmutableId: anchor, jobTitle: 'Lead', surname: 'Old' }),
    });
    const plan = planUser(resource, observed, nowMs);
    expect(plan.actions).toMatchObject([
      { patch: { attributes: { department: 'Sales', title: 'Lead', sn: 'Muster' } } },
      { id: ids.user, patch: { department: 'Sales', surname: 'Muster' } },
    ]);
    expect(Object.keys((plan.actions[1] as { patch: object }).patch)).toHaveLength(2);
  });

  it('assigns all licences in one call: what is free, what is ours to free', () => {
    const observed = observedUser({
      entra: entraUser({ assignedLicenses: [{ skuId: 'old-sku', disabledPlans: [] }] }),
      licenses: [
        license({ disabledPlans: [ids.servicePlan] }),
        license({ pool: 'phone', skuId: ids.otherSku, hasFreeSeat: false }),
      ],
      surplus: [
        { pool: 'old', skuId: 'old-sku' },
        { pool: 'older', skuId: 'not-held' },
      ],
    });
    const plan = planUser(user(), observed, nowMs);
    expect(plan.actions).toMatchObject([
      {
        name: 'AssignLicenses',
        add: [{ skuId: ids.sku, disabledPlans: [ids.servicePlan] }],
        remove: ['old-sku'],
        summary: 'assigned a seat of premium; freed the seat of old',
      },
    ]);
    expect(plan.status).toMatchObject({ licenses: ['old'], waitingFor: ['phone', 'premium'] });
  });

  it('takes the seat of a person who has it already, whoever gave it', () => {
    const observed = observedUser({
      entra: holding([ids.servicePlan]),
      licenses: [license({ hasFreeSeat: false })],
    });
    expect(planUser(user(), observed, nowMs).actions).toMatchObject([
      { name: 'AssignLicenses', add: [{ skuId: ids.sku, disabledPlans: [] }] },
    ]);
  });

  it('names only the pools whose seat is missing', () => {
    const observed = observedUser({
      entra: holding(),
      licenses: [license(), license({ pool: 'phone', skuId: ids.otherSku, hasFreeSeat: false })],
    });
    const { conditions } = planUser(user(), observed, nowMs);
    expect(conditions[0]?.message).toBe('waits for a seat of phone');
  });

  it('creates the Entra account with the anchor of the AD account', () => {
    const plan = planUser(user(), managed({ entra: undefined }), nowMs);
    expect(plan.actions).toMatchObject([{ name: 'CreateEntraUser', anchor }]);
  });

  it('remembers the ids, and whose work the AD account is', () => {
    expect(planUser(user(), managed(), nowMs).status).toMatchObject({
      entraId: ids.user,
      objectGuid: ids.account,
      anchor,
      samAccountName: 'mia',
      createdByOperator: { activeDirectory: true },
    });
    const adopted = managed({ activeDirectory: adAccount({ ownerUid: undefined }) });
    expect(planUser(user(), adopted, nowMs).status).toMatchObject({
      createdByOperator: { activeDirectory: false },
    });
  });

  it('keeps its record of an account that is not seen at the moment', () => {
    const { status } = planUser(user({ status: { anchor } }), observedUser(nobody), nowMs);
    expect(status.anchor).toBe(anchor);
    expect('entraId' in status).toBe(false);
  });
});

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
    expect(actionNames(plan)).toEqual(['UpdateEntraUser', 'RevokeSessions']);
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
    ['Disable: done', leaving('Disable'), disabled, [], true],
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
      'SoftDelete: accounts that our record does not name',
      leaving('SoftDelete', { status: {} }),
      managed(),
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

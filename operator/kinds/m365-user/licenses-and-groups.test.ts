import { describe, expect, it } from 'vitest';
import { ids, nowMs, user } from '../../../hack/testing/build.ts';
import { adAccount, entraUser, observedUser } from '../../../hack/testing/observed.ts';
import { actionNames, expectPlan, readyOf } from '../../../hack/testing/plan-checks.ts';
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

const manager = {
  field: 'managerRef' as const,
  name: 'boss',
  entraId: ids.manager,
  objectGuid: undefined,
};

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

const rows: readonly Row[] = [
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
    'AD group of ours, not declared any more',
    user(),
    managed({ formerDirectoryGroups: [group({ isMember: true })] }),
    { ready: 'False AccountDiffers', actions: ['LeaveAdGroup'] },
  ],
  [
    'AD group of ours that somebody else took away, or deleted',
    user(),
    managed({ formerDirectoryGroups: [group(), group({ name: 'Gone', id: undefined })] }),
    { ready: 'True Provisioned', actions: [] },
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
    observedUser({
      manager: {
        field: 'managerRef' as const,
        name: 'boss',
        entraId: undefined,
        objectGuid: undefined,
      },
    }),
    { ready: 'False WaitingForManager', actions: [] },
  ],
];

describe('licences, groups and the manager of an M365User', () => {
  it.each(rows)('%s', (_, resource, observed, expected) => {
    const plan = planUser(resource, observed, nowMs);
    expectPlan(resource, plan, { ...expected, look: expected.look ?? 'onChange' });
  });

  it('assigns all licences in one call: what is free, what is ours to free', () => {
    const observed = observedUser({
      entra: entraUser({ assignedLicenses: [{ skuId: 'old-sku', disabledPlans: [] }] }),
      licenses: [
        license({ disabledPlans: [ids.servicePlan] }),
        license({ pool: 'phone', skuId: ids.otherSku }),
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
        add: [
          { skuId: ids.sku, disabledPlans: [ids.servicePlan] },
          { skuId: ids.otherSku, disabledPlans: [] },
        ],
        remove: ['old-sku'],
        summary: 'assigned a seat of premium, phone; freed the seat of old',
      },
    ]);
    expect(plan.status).toMatchObject({ licenses: ['old'], waitingFor: ['phone', 'premium'] });
  });

  describe('a licence that another one replaces', () => {
    const held = {
      entra: entraUser({ assignedLicenses: [{ skuId: 'old-sku', disabledPlans: [] }] }),
      surplus: [{ pool: 'old', skuId: 'old-sku' }],
    };
    const withoutSeat = license({ hasFreeSeat: false });

    it.each([
      ['has no seat yet', { licenses: [withoutSeat] }, 'False WaitingForSeat'],
      [
        'has not arrived',
        { licenses: [license({ skuId: undefined, hasFreeSeat: false })] },
        'False WaitingForSeat',
      ],
      ['is of a pool that does not exist', { unknownPools: ['premum'] }, 'False PoolNotFound'],
    ])('is kept while that one %s', (_, more, ready) => {
      const plan = planUser(user(), observedUser({ ...held, ...more }), nowMs);
      expect([actionNames(plan), readyOf(plan)]).toEqual([[], ready]);
      expect(plan.status.licenses).toEqual(['old']);
    });

    it('is kept while a second one has no seat, and the first is given', () => {
      const licenses = [
        license(),
        license({ pool: 'phone', skuId: ids.otherSku, hasFreeSeat: false }),
      ];
      const plan = planUser(user(), observedUser({ ...held, licenses }), nowMs);
      expect(plan.actions).toMatchObject([{ add: [{ skuId: ids.sku }], remove: [] }]);
    });

    it('is still of the batch that was confirmed', () => {
      const marked = user({ status: { entraId: ids.user, heldBatch: '3f2a1c90' } });
      const waiting = planUser(marked, observedUser({ ...held, licenses: [withoutSeat] }), nowMs);
      expect(waiting.status).not.toHaveProperty('heldBatch');
      const settled = planUser(marked, observedUser(), nowMs);
      expect(settled.status).toHaveProperty('heldBatch', undefined);
    });

    it('goes in the call that gives that one', () => {
      const plan = planUser(user(), observedUser({ ...held, licenses: [license()] }), nowMs);
      expect(plan.actions).toMatchObject([{ add: [{ skuId: ids.sku }], remove: ['old-sku'] }]);
    });

    it('goes where nothing comes instead, or others took that and it is left so', () => {
      expect(planUser(user(), observedUser(held), nowMs).actions).toMatchObject([
        { add: [], remove: ['old-sku'] },
      ]);
      const left = user({
        spec: { driftPolicy: 'Ignore' },
        status: { entraId: ids.user, licenses: ['old', 'premium'] },
      });
      const plan = planUser(left, observedUser({ ...held, licenses: [withoutSeat] }), nowMs);
      expect(plan.actions).toMatchObject([{ add: [], remove: ['old-sku'] }]);
    });
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
});

describe('memberships in Active Directory that are ours to take away', () => {
  it('are those that are declared, or were; not that of the group of the tenant', () => {
    const person = user({ spec: { activeDirectory: { groups: ['desktops', 'later'] } } });
    const { status } = planUser(
      person,
      managed({
        directoryGroups: [
          group({ name: 'tenant', isMember: true }),
          group({ name: 'desktops', isMember: true }),
          group({ name: 'later' }),
        ],
        formerDirectoryGroups: [group({ name: 'before', isMember: true })],
      }),
      nowMs,
    );
    expect(status.activeDirectoryGroups).toEqual(['before', 'desktops']);
  });
});

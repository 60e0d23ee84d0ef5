/** The table of stalled.ts. */
import { describe, expect, it } from 'vitest';
import { deleted, ids, inHours, nowMs, user } from '../../../hack/testing/build.ts';
import { accountsRecord, blocked, done, leaver, type Spec } from '../../../hack/testing/leaver.ts';
import { adAccount, entraUser, observedUser } from '../../../hack/testing/observed.ts';
import { actionNames, expectPlan, shown } from '../../../hack/testing/plan-checks.ts';
import type { EntraUser } from '../../clients/graph/port.ts';
import type { ObservedUser } from './observed.ts';
import { planUser } from './plan.ts';

const other = 'b3RoZXI=';
const sales = { id: ids.group, name: 'Sales' };
const adGroup = 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb';

/** Much is to be done on either side. */
const differing = (entra: Partial<EntraUser> = {}, more: Partial<ObservedUser> = {}) =>
  observedUser({
    directoryMode: 'Managed',
    organizationalUnit: 'OU=elsewhere',
    activeDirectory: adAccount({ attributes: {}, groupGuids: [adGroup] }),
    entra: entraUser({ onPremisesImmutableId: other, ...entra }),
    directoryGroups: [{ name: 'desktop', id: undefined, isMember: false }],
    groups: [{ name: 'Sales', id: ids.group, isMember: false }],
    licenses: [{ pool: 'premium', skuId: ids.sku, disabledPlans: [], hasFreeSeat: true }],
    ...more,
  });
const declared = (spec: Spec = {}) =>
  user({ spec: { jobTitle: 'Engineer', ...spec }, status: accountsRecord });
const patches = (plan: ReturnType<typeof planUser>) =>
  plan.actions.flatMap((action) => ('patch' in action ? [action.patch] : []));

describe('a person whose accounts have different anchors', () => {
  it('is said so by both sides, and neither is written', () => {
    expectPlan(declared(), planUser(declared(), differing(), nowMs), {
      ready: 'False AnchorDiffers',
      actions: [],
      conditions: {
        ActiveDirectorySynced: 'False AnchorDiffers',
        EntraSynced: 'False AnchorDiffers',
        Stalled: 'True AnchorDiffers',
      },
      look: 'onChange',
    });
    const blockedInBoth = differing(
      { accountEnabled: false },
      { activeDirectory: adAccount({ enabled: false }) },
    );
    expect(actionNames(planUser(declared(), blockedInBoth, nowMs))).toEqual([]);
  });

  it.each<[string, Partial<EntraUser>, readonly string[]]>([
    ['open', {}, ['UpdateAdAccount', 'UpdateEntraUser', 'RevokeSessions']],
    ['blocked', { accountEnabled: false }, ['UpdateAdAccount', 'RevokeSessions']],
    ['synced', { onPremisesSyncEnabled: true }, ['UpdateAdAccount']],
  ])('and who must not sign in is blocked on both, and no more: %s in Entra', (_, entra, names) => {
    for (const spec of [
      { enabled: false },
      { leaveAt: inHours(-1), seatsOnLeave: 'Free' },
    ] as const) {
      const plan = planUser(declared(spec), differing(entra, { memberships: [sales] }), nowMs);
      expect(actionNames(plan)).toEqual(names);
      expect(patches(plan)).toEqual(
        names.includes('UpdateEntraUser')
          ? [{ enabled: false }, { accountEnabled: false }]
          : [{ enabled: false }],
      );
      expect(shown(plan, 'Ready')).toBe('False AnchorDiffers');
    }
  });

  it('and who leaves is seen as blocked, keeps groups, password and roles, and nobody else is recorded', () => {
    const gone = leaver(undefined);
    const open = planUser(gone, differing(), nowMs);
    expect(shown(open, 'SignInBlocked')).toBe('False Blocking');
    const shut = differing(
      { accountEnabled: false },
      { activeDirectory: adAccount({ enabled: false }), memberships: [sales] },
    );
    const plan = planUser(gone, shut, nowMs);
    expect([actionNames(plan), shown(plan, 'SignInBlocked')]).toEqual([[], 'True Blocked']);
    expect(shown(plan, 'AccessRemoved')).toBeUndefined();
    expect(plan.status.leaver).toBeUndefined();
  });

  it('is not deleted when the days of retention are over', () => {
    const over = leaver({ ...done, blockedAt: inHours(-48) }, { retentionDays: 1 });
    const pair = { entra: entraUser({ accountEnabled: false, onPremisesImmutableId: other }) };
    expect(actionNames(planUser(over, blocked(pair), nowMs))).toEqual([]);
    expect(actionNames(planUser(over, blocked(), nowMs))).toEqual([
      'DeleteAdAccount',
      'DeleteEntraUser',
    ]);
  });

  it.each(['Name', 'Mail'] as const)(
    'and was found by %s is not recorded: deleting the M365User touches neither',
    (origin) => {
      const fresh = user({ spec: { deletionPolicy: 'Disable' } });
      const strangers = differing(
        {},
        { origin, activeDirectory: adAccount({ ownerUid: undefined }) },
      );
      const { status } = planUser(fresh, strangers, nowMs);
      expect([status.entraId, status.objectGuid, status.anchor]).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
      const removal = planUser(deleted({ ...fresh, status }), strangers, nowMs);
      expect([removal.actions, removal.released]).toEqual([[], true]);
      // Of two with one anchor, or of what we made, there is a record.
      const { objectGuid } = planUser(fresh, differing({}, { origin }), nowMs).status;
      expect(objectGuid).toBe(ids.account);
      const same = { onPremisesImmutableId: adAccount().anchor };
      const one = { ...strangers, entra: entraUser(same) };
      const { status: record } = planUser(fresh, one, nowMs);
      expect(record).toMatchObject({ entraId: ids.user, objectGuid: ids.account });
    },
  );
});

describe('whoever must not sign in, while only a person can go on', () => {
  it.each<[string, Partial<ObservedUser>, string, readonly string[]]>([
    [
      'which account in Entra is meant is not clear',
      { entra: undefined, refusal: 'AmbiguousMatch' },
      'False AmbiguousMatch',
      ['UpdateAdAccount'],
    ],
    [
      'the new name is in a federated domain, and there is no anchor',
      {
        directoryMode: 'None',
        activeDirectory: undefined,
        entra: entraUser({ userPrincipalName: 'mia@old.example' }),
        federatedDomains: ['contoso.example'],
      },
      'False Blocking',
      ['UpdateEntraUser', 'RevokeSessions'],
    ],
  ])('is blocked in what is known to be theirs: %s', (_, more, isBlocked, names) => {
    const gone = leaver(undefined, {}, { sessionsRevoked: undefined });
    const plan = planUser(gone, differing({}, more), nowMs);
    expect(actionNames(plan)).toEqual(names);
    expect(patches(plan)).toHaveLength(1);
    expect(shown(plan, 'SignInBlocked')).toBe(isBlocked);
    expect(actionNames(planUser(declared(), differing({}, more), nowMs))).toEqual([]);
  });

  it('is looked at on the day', () => {
    const leaves = declared({ leaveAt: inHours(1) });
    expect(planUser(leaves, differing(), nowMs).next).toMatchObject({ delayMs: 3_600_000 });
  });
});

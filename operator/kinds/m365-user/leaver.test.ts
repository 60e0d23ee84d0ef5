/** The table of leaver.ts. */
import { describe, expect, it } from 'vitest';
import { ids, inHours, nowMs, user } from '../../../hack/testing/build.ts';
import {
  anchor,
  blocked,
  done,
  type Leaver,
  leaver,
  replaced as passwords,
  type Spec,
} from '../../../hack/testing/leaver.ts';
import { adAccount, entraUser, observedUser } from '../../../hack/testing/observed.ts';
import { actionNames, shown } from '../../../hack/testing/plan-checks.ts';
import { awaitsSeatProof } from './leaver-conditions.ts';
import { planUser } from './plan.ts';

const adGroup = 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb';
const sales = { id: ids.group, name: 'Sales' };

const open = blocked({
  entra: entraUser({ onPremisesImmutableId: anchor }),
  activeDirectory: adAccount({ groupGuids: [adGroup] }),
  memberships: [sales],
});

describe('a person who leaves', () => {
  it('is blocked in both directories first, then loses groups, and the password last', () => {
    const plan = planUser(leaver(undefined, {}, { sessionsRevoked: undefined }), open, nowMs);
    expect(actionNames(plan)).toEqual([
      'UpdateAdAccount',
      'UpdateEntraUser',
      'RevokeSessions',
      'RecordLeaver',
      'LeaveGroup',
      'LeaveAdGroup',
      'ReplaceAdPassword',
      'ReplaceEntraPassword',
    ]);
    expect(plan.status.leaver).toEqual({
      groups: [sales],
      activeDirectoryGroups: [{ id: adGroup }],
    });
    expect(shown(plan, 'SignInBlocked')).toBe('False Blocking');
    expect(shown(plan, 'AccessRemoved')).toBe('False BlockingFirst');
    expect(shown(plan, 'Retained')).toBeUndefined();
  });

  it('leaves at the moment that leaveAt names in its own time zone', () => {
    const berlin = user({ spec: { leaveAt: '2026-03-02T11:00:00+01:00' } });
    expect(shown(planUser(berlin, blocked(), nowMs - 1), 'SignInBlocked')).toBeUndefined();
    expect(shown(planUser(berlin, open, nowMs), 'SignInBlocked')).toBe('False Blocking');
    expect(planUser(berlin, observedUser(), nowMs - 5_000).next).toMatchObject({ delayMs: 5_000 });
  });

  it.each([
    [
      'all is done',
      leaver(done),
      blocked(),
      [],
      {
        SignInBlocked: 'True Blocked',
        AccessRemoved: 'True GroupsRemoved',
        SeatsFreed: 'False SeatsKept',
        Retained: 'True NoEnd',
      },
    ],
    [
      'the memberships of a crash are recorded: nothing is written twice',
      leaver({ ...done, groups: [sales] }),
      blocked({ memberships: [sales] }),
      ['LeaveGroup'],
      { AccessRemoved: 'False RemovingGroups' },
    ],
    [
      'a password was refused: blocked all the same',
      leaver({ ...done, passwords: { ...passwords, entra: 'Refused' } }),
      blocked(),
      [],
      { SignInBlocked: 'True PasswordKept' },
    ],
    [
      'a federated domain: the password is in Active Directory alone',
      leaver({ blockedAt: inHours(-1) }),
      blocked({ federatedDomains: ['contoso.example'] }),
      ['ReplaceAdPassword'],
      { SignInBlocked: 'False Blocking' },
    ],
    [
      'somebody opened the account again',
      leaver(done),
      blocked({ activeDirectory: adAccount() }),
      ['UpdateAdAccount'],
      { SignInBlocked: 'False Blocking', Retained: 'True NoEnd' },
    ],
    [
      'a sync server owns the account',
      leaver(undefined),
      observedUser({
        directoryMode: 'EntraConnect',
        entra: entraUser({ onPremisesSyncEnabled: true }),
      }),
      [],
      { SignInBlocked: 'False WaitingForSync' },
    ],
    [
      'groups that give licences stay with them',
      leaver(done),
      blocked({
        entra: entraUser({
          accountEnabled: false,
          onPremisesImmutableId: anchor,
          inheritedLicenses: [{ skuId: ids.sku, groupId: ids.group, isDirectToo: false }],
        }),
      }),
      [],
      { AccessRemoved: 'True LicenseGroupsKept' },
    ],
    [
      'legal hold',
      leaver(done, { legalHold: true, retentionDays: 0 }),
      blocked(),
      [],
      { Retained: 'True LegalHold', AccountsDeleted: undefined },
    ],
    [
      'a licence is still to be freed',
      leaver(done, { seatsOnLeave: 'Free' }),
      blocked({
        entra: entraUser({
          accountEnabled: false,
          onPremisesImmutableId: anchor,
          assignedLicenses: [{ skuId: ids.sku, disabledPlans: [] }],
        }),
        surplus: [{ pool: 'premium', skuId: ids.sku }],
      }),
      ['AssignLicenses'],
      { SeatsFreed: 'False FreeingSeats' },
    ],
    [
      'it is freed, and not read back',
      leaver(done, { seatsOnLeave: 'Free' }),
      blocked({ isReadBack: false }),
      [],
      { SeatsFreed: 'False ReadingBack' },
    ],
    [
      'it is freed for sure',
      leaver(done, { seatsOnLeave: 'Free' }),
      blocked(),
      [],
      { SeatsFreed: 'True SeatsFreed' },
    ],
  ] as const)('%s', (_, resource, observed, actions, conditions) => {
    const plan = planUser(resource, observed, nowMs);
    expect(actionNames(plan)).toEqual(actions);
    for (const [type, wanted] of Object.entries(conditions)) expect(shown(plan, type)).toBe(wanted);
  });

  it('is left in groups beyond what a return could give back', () => {
    const many = Array.from({ length: 501 }, (_, index) => ({ id: `id-${index}`, name: 'Sales' }));
    const plan = planUser(leaver(done), blocked({ memberships: many }), nowMs);
    expect(plan.actions.filter(({ name }) => name === 'LeaveGroup')).toHaveLength(500);
    expect(shown(plan, 'AccessRemoved')).toBe('False TooManyGroups');
  });

  it('keeps what was recorded when the groups are gone', () => {
    const groups = { groups: [sales], activeDirectoryGroups: [{ id: adGroup }] };
    const plan = planUser(leaver({ ...done, ...groups }), blocked(), nowMs);
    expect(plan.status.leaver).toMatchObject(groups);
    expect(plan.status.groups).toBeUndefined();
  });

  it('gets no new password on request before the return', () => {
    const asking = leaver(done, { initialPassword: { secretName: 'mia' } });
    const annotations = { 'm365-operator.io/rotate-password-at': 'now' };
    const asked = { ...asking, metadata: { ...asking.metadata, annotations } };
    expect(actionNames(planUser(asked, blocked(), nowMs))).toEqual([]);
  });

  it('as a guest keeps the password of elsewhere', () => {
    const guest = leaver(undefined, { type: 'Guest' });
    const seen = observedUser({ entra: entraUser({ accountEnabled: false }) });
    const plan = planUser(guest, seen, nowMs);
    expect([actionNames(plan), shown(plan, 'SignInBlocked')]).toEqual([[], 'True Blocked']);
  });

  it('is looked at with the next poll where Entra does not show the seat as free', () => {
    const freed = leaver(done, { seatsOnLeave: 'Free' });
    const plan = planUser(freed, blocked({ isReadBack: false, pollMs: 7_000 }), nowMs);
    expect(plan.next).toMatchObject({ look: 'after', delayMs: 7_000 });
  });

  it('needs a read of the seat once', () => {
    const waiting = leaver(done, { seatsOnLeave: 'Free' });
    expect(awaitsSeatProof(waiting, nowMs)).toBe(true);
    expect(awaitsSeatProof(leaver(done), nowMs)).toBe(false);
    const lastTransitionTime = inHours(-1);
    const proof = {
      type: 'SeatsFreed',
      status: 'True',
      reason: 'SeatsFreed',
      message: 'x',
    } as const;
    const conditions = [{ ...proof, lastTransitionTime }];
    const proved = leaver(done, { seatsOnLeave: 'Free' }, { conditions });
    expect(awaitsSeatProof(proved, nowMs)).toBe(false);
  });
});

describe('a person who is back', () => {
  const groups = { groups: [sales], activeDirectoryGroups: [{ id: adGroup }] };
  const back = (status: Leaver, spec: Spec = {}) => leaver(status, { leaveAt: undefined, ...spec });
  const lost = [{ ...sales, isMember: false }];
  const secret = { initialPassword: { secretName: 'mia' } };

  it('is opened, is in the groups of before, has a new password, and all is forgotten', () => {
    const plan = planUser(
      back({ ...done, ...groups }, secret),
      blocked({ lostMemberships: lost }),
      nowMs,
    );
    expect(actionNames(plan)).toEqual([
      'UpdateAdAccount',
      'UpdateEntraUser',
      'JoinGroup',
      'RejoinAdGroup',
      'RenewPasswordSecret',
      'SetAdPassword',
      'SetEntraPassword',
      'ForgetLeaver',
    ]);
    expect(plan.actions.at(-1)).toMatchObject({ left: undefined });
    expect(plan.status.leaver).toEqual({ ...done, ...groups });
  });

  it('has a licence and declared groups as anybody', () => {
    const plan = planUser(
      back(done, secret),
      blocked({
        licenses: [{ pool: 'premium', skuId: ids.sku, disabledPlans: [], hasFreeSeat: true }],
        groups: [{ ...sales, isMember: false }],
      }),
      nowMs,
    );
    expect(actionNames(plan)).toEqual(expect.arrayContaining(['AssignLicenses', 'JoinGroup']));
  });

  it('without a Secret is told that nobody knows the password, until one is declared', () => {
    const first = planUser(back(done), blocked(), nowMs);
    expect(first.actions.at(-1)).toMatchObject({ name: 'ForgetLeaver', left: { passwords } });
    const opened = observedUser({
      ...blocked(),
      entra: entraUser({ onPremisesImmutableId: anchor }),
      activeDirectory: adAccount(),
    });
    const then = planUser(back({ passwords }), opened, nowMs);
    expect([actionNames(then), shown(then, 'PasswordRotated')]).toEqual([
      [],
      'False PasswordSecretNotDeclared',
    ]);
    expect(actionNames(planUser(back({ passwords }, secret), opened, nowMs))).toEqual([
      'RenewPasswordSecret',
      'SetAdPassword',
      'SetEntraPassword',
      'ForgetLeaver',
    ]);
  });

  it('after the deletion is restored first; what is recorded waits for that', () => {
    const status = { ...done, ...groups, deletedAt: inHours(-1) };
    const plan = planUser(
      back(status, secret),
      observedUser({ entra: undefined, deleted: entraUser() }),
      nowMs,
    );
    expect(actionNames(plan)).toEqual(['RestoreEntraUser']);
    expect(plan.status.leaver).toEqual(status);
  });

  it('who never left has nothing of it', () => {
    const plan = planUser(user(), observedUser(), nowMs);
    expect([actionNames(plan), plan.status.leaver]).toEqual([[], undefined]);
  });
});

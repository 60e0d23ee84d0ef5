/** The days of retention (leaver-clock.ts), and the table of leaver-end.ts. */
import { describe, expect, it } from 'vitest';
import { deleted, hourMs, inHours, nowMs } from '../../../hack/testing/build.ts';
import {
  anchor,
  blocked,
  done,
  leaver,
  replaced as passwords,
  type Spec,
  type Status,
} from '../../../hack/testing/leaver.ts';
import { adAccount, entraUser, observedUser } from '../../../hack/testing/observed.ts';
import { actionNames, expectPlan, shown } from '../../../hack/testing/plan-checks.ts';
import { isGone } from '../leaver-clock.ts';
import { planUser } from './plan.ts';

const dayMs = 24 * hourMs;

const open = blocked({
  entra: entraUser({ onPremisesImmutableId: anchor }),
  activeDirectory: adAccount(),
});

describe('the days of retention', () => {
  it('run from the block, not from a leaveAt that was written late', () => {
    const late = leaver({ passwords }, { leaveAt: inHours(-24 * 400), retentionDays: 30 });
    const plan = planUser(late, blocked(), nowMs);
    expect(plan.status.leaver).toMatchObject({
      blockedAt: inHours(0),
      deleteAfter: inHours(30 * 24),
    });
    expect(shown(plan, 'Retained')).toBe('True RetentionRuns');
    expect(plan.next).toMatchObject({ look: 'after', delayMs: 30 * dayMs });
    const again = { ...late, status: { ...late.status, ...plan.status } };
    expect(planUser(again, blocked(), nowMs + hourMs).status.leaver).toEqual(plan.status.leaver);
  });

  it('stand still as long as legalHold lasts', () => {
    const begun = { ...done, blockedAt: inHours(-48) };
    const held = planUser(leaver(begun, { legalHold: true, retentionDays: 2 }), blocked(), nowMs);
    expect(held.status.leaver).toMatchObject({ heldSince: inHours(0), deleteAfter: undefined });
    const later = nowMs + 1000 * dayMs;
    const stays = planUser(
      leaver(held.status.leaver, { legalHold: true, retentionDays: 2 }),
      blocked(),
      later,
    );
    expect(stays.status.leaver).toEqual(held.status.leaver);
    // Two days of retention, of which two were over: one more is declared, and it is left.
    const lifted = planUser(leaver(held.status.leaver, { retentionDays: 3 }), blocked(), later);
    expect(lifted.status.leaver).toMatchObject({
      heldSince: undefined,
      heldSeconds: (1000 * dayMs) / 1000,
      deleteAfter: new Date(later + dayMs).toISOString(),
    });
    expect(actionNames(lifted)).toEqual([]);
  });

  const over = (spec: Spec = {}, status: Status = {}) =>
    leaver({ ...done, blockedAt: inHours(-49) }, { retentionDays: 2, ...spec }, status);
  const nobody = { entra: undefined, activeDirectory: undefined };

  it.each([
    [
      'over: both accounts of ours',
      over(),
      blocked(),
      ['DeleteAdAccount', 'DeleteEntraUser'],
      'False DeletingLeaver',
      'False Deleting',
    ],
    [
      'one is deleted: it is not made again',
      over(),
      blocked({ activeDirectory: undefined }),
      ['DeleteEntraUser'],
      'False DeletingLeaver',
      'False Deleting',
    ],
    [
      'both are deleted',
      over(),
      blocked({ ...nobody, deleted: entraUser() }),
      [],
      'True Left',
      'True Deleted',
    ],
    [
      'adopted accounts stay',
      over({}, { createdByOperator: {} }),
      blocked({ activeDirectory: adAccount({ enabled: false, ownerUid: undefined }) }),
      [],
      'True Left',
      'False AccountsNotOurs',
    ],
    [
      'adopted ones stay blocked',
      over({}, { createdByOperator: {} }),
      blocked({ activeDirectory: adAccount({ ownerUid: undefined }) }),
      ['UpdateAdAccount'],
      'False DeletingLeaver',
      'False Deleting',
    ],
    [
      'an administrator by now',
      over(),
      blocked({ protection: 'PrivilegedAccount' }),
      [],
      'False PrivilegedAccount',
      'False Deleting',
    ],
  ] as const)('%s', (_, resource, observed, actions, ready, AccountsDeleted) => {
    const plan = planUser(resource, observed, nowMs);
    expectPlan(resource, plan, { ready, actions, conditions: { AccountsDeleted } });
  });

  it('are over for good: nothing is looked at, and a legal hold that comes too late changes nothing', () => {
    const gone = leaver({ ...done, deletedAt: inHours(-1) }, { legalHold: true });
    expect(isGone(gone, nowMs)).toBe(true);
    const plan = planUser(gone, observedUser({ ...nobody }), nowMs);
    expectPlan(gone, plan, { ready: 'True Left', actions: [], look: 'onChange' });
    expect(plan.status.leaver).toEqual(gone.status?.leaver);
  });

  it('do not hold a manifest that is deleted, but legalHold keeps its accounts', () => {
    const removed = deleted(leaver(done, { deletionPolicy: 'SoftDelete' }));
    expect(actionNames(planUser(removed, blocked(), nowMs))).toContain('DeleteEntraUser');
    const held = deleted(leaver(done, { deletionPolicy: 'Purge', legalHold: true }));
    expect(actionNames(planUser(held, open, nowMs))).toEqual([
      'UpdateAdAccount',
      'UpdateEntraUser',
      'RevokeSessions',
    ]);
  });
});

/** People who are declared before their first day. */
import { describe, expect, it } from 'vitest';
import { inHours, nowMs, tenant, user } from '../../../hack/testing/build.ts';
import { entraUser, observedUser } from '../../../hack/testing/observed.ts';
import { actionNames, readyOf } from '../../../hack/testing/plan-checks.ts';
import { poolsAt } from '../plans.ts';
import { planUser } from './plan.ts';

const blocked = observedUser({ entra: entraUser({ accountEnabled: false, usageLocation: 'DE' }) });
const joiner = (startAt: string, more: object = {}) =>
  user({
    spec: { startAt, pools: ['premium'], usageLocation: 'DE', ...more },
    status: { sessionsRevoked: true },
  });

describe('a person who starts later', () => {
  it('has an account at once, which is blocked', () => {
    const plan = planUser(joiner(inHours(2)), observedUser({ entra: undefined }), nowMs);
    expect(actionNames(plan)).toContain('CreateEntraUser');
    const made = planUser(joiner(inHours(2)), blocked, nowMs);
    expect([actionNames(made), readyOf(made)]).toEqual([[], 'True Disabled']);
  });

  it('is looked at again when the first day comes, and then when the last one does', () => {
    const both = joiner(inHours(2), { leaveAt: inHours(9) });
    const hour = 60 * 60_000;
    expect(planUser(both, blocked, nowMs).next).toMatchObject({ delayMs: 2 * hour });
    expect(planUser(both, observedUser(), nowMs + 3 * hour).next).toMatchObject({
      delayMs: 6 * hour,
    });
  });

  it('is opened on the first day, and gets the licence', () => {
    const today = joiner(inHours(0));
    expect(planUser(today, blocked, nowMs).actions).toMatchObject([
      { name: 'UpdateEntraUser', patch: { accountEnabled: true } },
    ]);
    expect(poolsAt(joiner(inHours(1)), tenant(), nowMs)).toEqual([]);
    expect(poolsAt(today, tenant(), nowMs)).toEqual(['premium']);
  });
});

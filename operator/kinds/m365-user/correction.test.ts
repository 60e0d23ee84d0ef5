import { describe, expect, it } from 'vitest';
import { nowMs, user } from '../../../hack/testing/build.ts';
import { observedUser } from '../../../hack/testing/observed.ts';
import { readyOf, shown } from '../../../hack/testing/plan-checks.ts';
import { planUser } from './plan.ts';

const drift = [{ path: 'jobTitle', type: 'Different' as const, declared: 'Clerk', actual: 'Boss' }];

const planOf = (isReadBack: boolean, before: typeof drift = drift) =>
  planUser(user({ status: { drift: before } }), observedUser({ isReadBack }), nowMs);

describe('a correction', () => {
  it('that was not read back is drift still, and looked at a poll later', () => {
    const plan = planOf(false);
    expect(shown(plan, 'Drifted')).toBe('True Correcting');
    expect(plan.status.drift).toEqual(drift);
    expect(readyOf(plan)).toBe('True Provisioned');
    expect(plan.next).toEqual({ look: 'after', delayMs: 60_000, reason: 'Drift' });
  });

  it('that was read back counts', () => {
    const plan = planOf(true);
    expect(shown(plan, 'Drifted')).toBeUndefined();
    expect(plan.status.drift).toBeUndefined();
  });

  it('of nothing is none: our own first writes are no drift', () => {
    expect(shown(planOf(false, []), 'Drifted')).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { deleted, hourMs, nowMs, pool } from '../../../hack/testing/build.ts';
import { observedPool, ownSubscription } from '../../../hack/testing/observed.ts';
import { actionNames } from '../../../hack/testing/plan-checks.ts';
import { planPool } from './plan.ts';

const confirm = { annotations: { 'm365-operator.io/confirm': 'cancel-at-term-end' } };
const reduced = ownSubscription({
  nextTerm: { productId: '', skuId: '', quantity: 7, term: 'P1Y', billingCycle: 'monthly' },
});
const ending = ownSubscription({ autoRenewEnabled: false, scheduledActions: ['TermEnd/Cancel'] });

const inWindow = ownSubscription({
  refundable: [{ quantity: 3, until: new Date(nowMs + 24 * hourMs).toISOString() }],
});

describe('a pool that is deleted', () => {
  it.each([
    ['Retain', 'as it is', {}, observedPool({ assigned: 7 }), [], true],
    [
      'ReduceAtRenewal',
      'with idle seats',
      {},
      observedPool({ assigned: 7 }),
      ['ScheduleRenewal'],
      false,
    ],
    [
      'ReduceAtRenewal',
      'with idle seats that could be given back today',
      {},
      observedPool({ assigned: 7, subscriptions: [inWindow] }),
      ['ScheduleRenewal'],
      false,
    ],
    [
      'ReduceAtRenewal',
      'reduced',
      {},
      observedPool({ assigned: 7, subscriptions: [reduced] }),
      [],
      true,
    ],
    ['ReduceAtRenewal', 'without idle seats', {}, observedPool(), [], true],
    ['Cancel', 'in use', {}, observedPool(), [], false],
    ['Cancel', 'in use, confirmed', confirm, observedPool(), ['SetEndOfTerm'], false],
    ['Cancel', 'used by nobody', {}, observedPool({ assigned: 0 }), ['SetEndOfTerm'], false],
    ['Cancel', 'cancelled', confirm, observedPool({ subscriptions: [ending] }), [], true],
  ] as const)('%s, subscription %s', (deletionPolicy, _, metadata, observed, actions, released) => {
    const resource = deleted(pool({ metadata, spec: { deletionPolicy } }));
    const plan = planPool(resource, observed, nowMs);
    expect(actionNames(plan)).toEqual(actions);
    expect(plan.released).toBe(released);
  });
});

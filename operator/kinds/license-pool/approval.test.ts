import { describe, expect, it } from 'vitest';
import { hourMs, nowMs, offer, pool } from '../../../hack/testing/build.ts';
import { observedPool, ownSubscription } from '../../../hack/testing/observed.ts';
import { actionNames, readyOf } from '../../../hack/testing/plan-checks.ts';
import type { LicensePool } from '../../core/objects.ts';
import type { ObservedPool, OwnedSubscription } from './observed.ts';
import { planPool } from './plan.ts';

const bought = (quantity: number, more: Partial<OwnedSubscription> = {}) => ({
  subscriptions: [ownSubscription({ quantity, ...more })],
});
const short = (overrides: Partial<ObservedPool> = {}) =>
  observedPool({ reserved: 2, ...overrides });

describe('approval', () => {
  const spec = { increase: 'Approve' } as const;
  const approved = (hash: string | undefined, status?: LicensePool['status']) =>
    pool({
      metadata: { annotations: { 'm365-operator.io/approve': hash ?? '' } },
      spec,
      ...(status === undefined ? {} : { status }),
    });
  const hashOf = (observed: ObservedPool) =>
    planPool(pool({ spec }), observed, nowMs).status.plan?.hash;

  it('lets exactly the plan through that it names, and refuses another with both hashes', () => {
    const hash = hashOf(short());
    expect(actionNames(planPool(approved(hash), short(), nowMs))).toEqual(['IncreaseSeats']);
    const more = planPool(approved(hash), short({ reserved: 3 }), nowMs);
    expect(actionNames(more)).toEqual([]);
    expect(more.status.plan?.held).toContain(hash);
    expect(more.status.plan?.held).toContain(more.status.plan?.hash);
  });

  it('is stored with its time, and ends after a week', () => {
    const hash = hashOf(short());
    const { approval } = planPool(approved(hash), short(), nowMs).status;
    expect(approval).toMatchObject({
      hash,
      at: '2026-03-02T10:00:00Z',
      expires: '2026-03-09T10:00:00Z',
    });
    const late = planPool(approved(hash, { approval }), short(), nowMs + 7 * 24 * hourMs);
    expect(readyOf(late)).toBe('False IncreaseHeld');
  });

  it('is good once: the next increase by as many seats is another plan', () => {
    const hash = hashOf(short());
    const { approval } = planPool(approved(hash), short(), nowMs).status;
    const later = short({ ...bought(12), available: 12, assigned: 12 });
    expect(actionNames(planPool(approved(hash, { approval }), later, nowMs))).toEqual([]);
  });

  it('is good once: what was approved and done waits again when it is wanted again', () => {
    const hash = hashOf(short());
    const first = planPool(approved(hash), short(), nowMs).status;
    const served = observedPool({ ...bought(12), available: 12, assigned: 12 });
    const done = planPool(approved(hash, first), served, nowMs).status;
    const again = planPool(approved(hash, done), short(), nowMs);
    expect(actionNames(again)).toEqual([]);
    expect(again.status.plan?.held).toContain('take the annotation away');
    const withdrawn = planPool(pool({ spec, status: again.status }), short(), nowMs).status;
    expect(actionNames(planPool(approved(hash, withdrawn), short(), nowMs))).toEqual([
      'IncreaseSeats',
    ]);
  });

  it('does not pass a price that has changed meanwhile', () => {
    const dearer = { ...offer, cost: 1700 };
    const now = short({ offer: dearer, sold: [dearer] });
    expect(actionNames(planPool(approved(hashOf(short())), now, nowMs))).toEqual([]);
  });
});

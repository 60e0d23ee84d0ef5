import { describe, expect, it } from 'vitest';
import { nowMs, observedPool, offer, pool, subscription } from '../../../hack/testing/build.ts';
import { actionNames, expectSoundPlan, readyOf, shown } from '../../../hack/testing/plan-checks.ts';
import type { ObservedPool } from './observed.ts';
import { planPool } from './plan.ts';

const short = (overrides: Partial<ObservedPool> = {}) =>
  observedPool({ reserved: 2, ...overrides });

describe('approval', () => {
  const resource = pool({ spec: { increase: 'Approve' } });
  const approved = (hash: string | undefined) =>
    pool({
      metadata: { annotations: { 'm365-operator.io/approve': hash ?? '' } },
      spec: { increase: 'Approve' },
    });
  const hashOf = (observed: ObservedPool) => planPool(resource, observed, nowMs).status.plan?.hash;

  it('lets exactly the plan through that it names', () => {
    const plan = planPool(approved(hashOf(short())), short(), nowMs);
    expect(actionNames(plan)).toEqual(['IncreaseSeats']);
    const more = planPool(approved(hashOf(short())), short({ reserved: 3 }), nowMs);
    expect(actionNames(more)).toEqual([]);
  });

  it('is good once: the next increase by as many seats is another plan', () => {
    const later = short({
      bought: 12,
      available: 12,
      assigned: 12,
      subscription: subscription({ quantity: 12 }),
    });
    expect(later.reserved).toBe(short().reserved);
    expect(actionNames(planPool(approved(hashOf(short())), later, nowMs))).toEqual([]);
  });

  it('does not pass a price that has changed meanwhile', () => {
    const dearer = short({ offer: { ...offer, cost: 1700 } });
    expect(actionNames(planPool(approved(hashOf(short())), dearer, nowMs))).toEqual([]);
  });

  it('does not pass the guardrails', () => {
    const limited = short({ limits: { ...observedPool().limits, maxSeatsPerChange: 1 } });
    const plan = planPool(approved(hashOf(limited)), limited, nowMs);
    expect(readyOf(plan)).toBe('False IncreaseHeld');
  });
});

describe('the end of the term', () => {
  const confirm = { annotations: { 'm365-operator.io/confirm': 'cancel-at-term-end' } };
  const renews = subscription();
  const renewsInWords = subscription({ scheduledActions: ['TermEnd/RenewToNewTerm'] });
  const cancels = subscription({
    autoRenewEnabled: false,
    scheduledActions: ['TermEnd/Cancel'],
  });
  const extendsTerm = subscription({
    autoRenewEnabled: false,
    scheduledActions: ['TermEnd/RenewToExtendedServiceTerm'],
  });
  const silent = subscription({ autoRenewEnabled: false });

  it.each([
    ['Renew', renews, {}, 'True Renew', []],
    ['Renew', renewsInWords, {}, 'True Renew', []],
    ['Renew', cancels, {}, 'False EndOfTermDiffers', ['SetEndOfTerm']],
    ['Renew', silent, {}, 'False EndOfTermDiffers', ['SetEndOfTerm']],
    ['Cancel', cancels, {}, 'True Cancel', []],
    ['Cancel', renews, {}, 'False ConfirmationRequired', []],
    ['Cancel', renews, confirm, 'False EndOfTermDiffers', ['SetEndOfTerm']],
    ['Extend', extendsTerm, {}, 'True Extend', []],
    ['Extend', silent, {}, 'False EndOfTermDiffers', ['SetEndOfTerm']],
    ['Extend', renews, {}, 'False EndOfTermDiffers', ['SetEndOfTerm']],
  ] as const)('%s, Partner Center has %o', (endOfTerm, found, metadata, condition, actions) => {
    const resource = pool({ metadata, spec: { endOfTerm } });
    const plan = planPool(resource, observedPool({ subscription: found }), nowMs);
    expect(shown(plan, 'EndOfTermSet')).toBe(condition);
    expect(actionNames(plan)).toEqual(actions);
    expect(readyOf(plan)).toBe('True SeatsAvailable');
    expectSoundPlan(resource, plan);
  });

  it('Cancel needs no confirmation where nobody has a seat', () => {
    const resource = pool({ spec: { endOfTerm: 'Cancel' } });
    const observed = observedPool({ assigned: 0, subscription: subscription({ quantity: 10 }) });
    expect(actionNames(planPool(resource, observed, nowMs))).toEqual(['SetEndOfTerm']);
  });

  it.each([
    ['none', undefined],
    ['a trial', subscription({ isTrial: true })],
    ['a suspended one', subscription({ status: 'suspended' })],
  ])('is not asked for of %s', (_, found) => {
    const resource = pool({ spec: { endOfTerm: 'Cancel' } });
    const observed = observedPool({ subscription: found, assigned: 0, bought: 0 });
    const plan = planPool(resource, observed, nowMs);
    expect(shown(plan, 'EndOfTermSet')).toBeUndefined();
  });

  it('goes after a change of seats, which would lose it', () => {
    const plan = planPool(pool(), short({ subscription: silent }), nowMs);
    expect(actionNames(plan)).toEqual(['IncreaseSeats', 'SetEndOfTerm']);
  });
});

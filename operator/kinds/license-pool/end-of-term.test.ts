import { describe, expect, it } from 'vitest';
import { nowMs, pool } from '../../../hack/testing/build.ts';
import { observedPool, ownSubscription } from '../../../hack/testing/observed.ts';
import { actionNames, expectSoundPlan, readyOf, shown } from '../../../hack/testing/plan-checks.ts';
import { planPool } from './plan.ts';

describe('the end of the term', () => {
  const confirm = { annotations: { 'm365-operator.io/confirm': 'cancel-at-term-end' } };
  const renews = ownSubscription();
  const renewsInWords = ownSubscription({ scheduledActions: ['TermEnd/RenewToNewTerm'] });
  const cancels = ownSubscription({
    autoRenewEnabled: false,
    scheduledActions: ['TermEnd/Cancel'],
  });
  const extendsTerm = ownSubscription({
    autoRenewEnabled: false,
    scheduledActions: ['TermEnd/RenewToExtendedServiceTerm'],
  });
  const silent = ownSubscription({ autoRenewEnabled: false });

  it.each([
    ['Renew', renews, {}, 'True EndOfTermSet', []],
    ['Renew', renewsInWords, {}, 'True EndOfTermSet', []],
    ['Renew', cancels, {}, 'False EndOfTermDiffers', ['SetEndOfTerm']],
    ['Renew', silent, {}, 'False EndOfTermDiffers', ['SetEndOfTerm']],
    ['Cancel', cancels, {}, 'True EndOfTermSet', []],
    ['Cancel', renews, {}, 'False ConfirmationRequired', []],
    ['Cancel', renews, confirm, 'False EndOfTermDiffers', ['SetEndOfTerm']],
    ['Extend', extendsTerm, {}, 'True EndOfTermSet', []],
    ['Extend', silent, {}, 'False EndOfTermDiffers', ['SetEndOfTerm']],
    ['Extend', renews, {}, 'False EndOfTermDiffers', ['SetEndOfTerm']],
  ] as const)('%s, Partner Center has %o', (endOfTerm, found, metadata, condition, actions) => {
    const resource = pool({ metadata, spec: { endOfTerm } });
    const plan = planPool(resource, observedPool({ subscriptions: [found] }), nowMs);
    expect(shown(plan, 'EndOfTermSet')).toBe(condition);
    expect(actionNames(plan)).toEqual(actions);
    expect(readyOf(plan)).toBe('True SeatsAvailable');
    expectSoundPlan(resource, plan);
  });

  it('Cancel needs no confirmation where nobody has a seat', () => {
    const resource = pool({ spec: { endOfTerm: 'Cancel' } });
    const observed = observedPool({
      assigned: 0,
      subscriptions: [ownSubscription({ quantity: 10 })],
    });
    expect(actionNames(planPool(resource, observed, nowMs))).toEqual(['SetEndOfTerm']);
  });

  it.each([
    ['none', undefined],
    ['a trial', ownSubscription({ isTrial: true })],
    ['a suspended one', ownSubscription({ status: 'suspended' })],
  ])('is not asked for of %s', (_, found) => {
    const resource = pool({ spec: { endOfTerm: 'Cancel' } });
    const observed = observedPool({
      subscriptions: found === undefined ? [] : [found],
      assigned: 0,
    });
    const plan = planPool(resource, observed, nowMs);
    expect(shown(plan, 'EndOfTermSet')).toBeUndefined();
  });

  it('goes after a change of seats', () => {
    const observed = observedPool({ reserved: 2, subscriptions: [silent] });
    const plan = planPool(pool(), observed, nowMs);
    expect(actionNames(plan)).toEqual(['IncreaseSeats']);
    expect(plan.status.plan?.lines).toMatchObject([
      { action: 'Increase', state: 'Due' },
      { action: 'SetEndOfTerm', state: 'Due' },
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { nowMs, user } from '../../../hack/testing/build.ts';
import { entraUser, observedUser } from '../../../hack/testing/observed.ts';
import { readyOf, shown } from '../../../hack/testing/plan-checks.ts';
import { planUser } from './plan.ts';

const minute = 60_000;

const planAt = (viewAgeMs: number, more: Parameters<typeof observedUser>[0] = {}) =>
  planUser(user(), observedUser({ viewAgeMs, ...more }), nowMs);

describe('a view of the directory that was not read for a while', () => {
  it.each([
    [0, 'True Provisioned'],
    [9 * minute, 'True Provisioned'],
    [10 * minute, 'Unknown StaleObservation'],
  ])('%i ms old: %s', (age, ready) => {
    expect(readyOf(planAt(age))).toBe(ready);
  });

  it('is older with longer polls', () => {
    expect(readyOf(planAt(20 * minute, { pollMs: 5 * minute }))).toBe('True Provisioned');
    expect(readyOf(planAt(25 * minute, { pollMs: 5 * minute }))).toBe('Unknown StaleObservation');
  });

  it('still tells what is to be done', () => {
    const plan = planAt(60 * minute, { entra: entraUser({ displayName: 'Old' }) });
    expect(plan.actions).toHaveLength(1);
    expect(shown(plan, 'EntraSynced')).toBe('False AccountDiffers');
  });

  it('says nothing of Drifted either', () => {
    expect(shown(planAt(10 * minute), 'EntraSynced')).toBe('Unknown StaleObservation');
    expect(shown(planAt(10 * minute), 'Drifted')).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { nowMs, user } from '../../../hack/testing/build.ts';
import { adAccount, entraUser, observedUser } from '../../../hack/testing/observed.ts';
import { actionNames, readyOf, shown } from '../../../hack/testing/plan-checks.ts';
import { annotations } from '../../core/plan.ts';
import type { ObservedUser } from './observed.ts';
import { planUser } from './plan.ts';

const annotated = { annotations: { [annotations.rotatePasswordAt]: '2026-03-02' } };
const spec = { initialPassword: { secretName: 'mia' } };
const requested = user({ metadata: annotated, spec });

const managed = (overrides: Partial<ObservedUser> = {}) =>
  observedUser({
    directoryMode: 'Managed',
    activeDirectory: adAccount(),
    entra: entraUser({ onPremisesImmutableId: adAccount().anchor }),
    ...overrides,
  });

describe('a new password on request', () => {
  it.each([
    ['cloud only', observedUser(), ['RenewPasswordSecret', 'SetEntraPassword']],
    ['both', managed(), ['RenewPasswordSecret', 'SetAdPassword', 'SetEntraPassword']],
    [
      'AD alone',
      managed({ passwords: 'ActiveDirectory' }),
      ['RenewPasswordSecret', 'SetAdPassword'],
    ],
    [
      'the cloud alone',
      managed({ passwords: 'Cloud' }),
      ['RenewPasswordSecret', 'SetEntraPassword'],
    ],
    [
      'a federated domain: AD alone',
      managed({ federatedDomains: ['contoso.example'] }),
      ['RenewPasswordSecret', 'SetAdPassword'],
    ],
    [
      'an account that is still to be made',
      observedUser({ entra: undefined }),
      ['CreateEntraUser'],
    ],
  ] as const)('%s', (_, observed, expected) => {
    const plan = planUser(requested, observed, nowMs);
    expect(actionNames(plan)).toEqual(expected);
    const last = plan.actions.at(-1);
    const isFulfilled = last !== undefined && 'request' in last;
    if (isFulfilled) expect(last.request).toBe('2026-03-02');
    const others = plan.actions
      .slice(0, -1)
      .filter((action) => 'request' in action && action.request);
    expect(others).toEqual([]);
  });

  it('is made once', () => {
    const status = { lastHandledPasswordRotation: '2026-03-02' };
    const plan = planUser(user({ metadata: annotated, spec, status }), observedUser(), nowMs);
    expect(actionNames(plan)).toEqual([]);
    expect(shown(plan, 'PasswordRotated')).toBeUndefined();
  });

  it.each([
    [
      'nobody would learn it',
      user({ metadata: annotated }),
      observedUser(),
      'PasswordSecretNotDeclared',
    ],
    [
      'a sync server owns the account',
      requested,
      observedUser({ entra: entraUser({ onPremisesSyncEnabled: true }) }),
      'NoDirectoryTakesPassword',
    ],
  ] as const)('is not made where %s, and the rest goes on', (_, resource, observed, reason) => {
    const plan = planUser(resource, observed, nowMs);
    expect(actionNames(plan)).toEqual([]);
    expect(shown(plan, 'PasswordRotated')).toBe(`False ${reason}`);
    expect(readyOf(plan)).toBe('True Provisioned');
  });
});

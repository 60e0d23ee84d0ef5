import { describe, expect, it } from 'vitest';
import { nowMs, user } from '../../../hack/testing/build.ts';
import { entraUser, observedUser } from '../../../hack/testing/observed.ts';
import { actionNames, expectSoundPlan, shown } from '../../../hack/testing/plan-checks.ts';
import type { M365User } from '../../core/objects.ts';
import { planUser } from './plan.ts';

const secret = { initialPassword: { secretName: 'mia' } };

function change(from: string, to: string, more: Partial<M365User['spec']> = {}, anchor?: string) {
  const resource = user({ spec: { userPrincipalName: `mia@${to}`, ...more } });
  const observed = observedUser({
    entra: entraUser({ userPrincipalName: `mia@${from}`, onPremisesImmutableId: anchor }),
    federatedDomains: ['adfs.example', 'sts.example'],
  });
  const plan = planUser(resource, observed, nowMs);
  expectSoundPlan(resource, plan);
  return plan;
}

describe('what a new sign-in name means', () => {
  it.each([
    ['contoso.example', 'fabrikam.example', {}, undefined, 'True NameOnly'],
    ['contoso.example', 'adfs.example', {}, 'QQ==', 'True FederatedSignIn'],
    ['contoso.example', 'adfs.example', {}, undefined, 'True AnchorRequired'],
    ['adfs.example', 'contoso.example', secret, 'QQ==', 'True NewPassword'],
    ['adfs.example', 'contoso.example', {}, 'QQ==', 'True UnknownPassword'],
    ['adfs.example', 'sts.example', {}, 'QQ==', 'True ThroughInitialDomain'],
    ['CONTOSO.example', 'contoso.example', {}, undefined, undefined],
  ] as const)('from %s to %s (%j, anchor %s): %s', (from, to, more, anchor, expected) => {
    expect(shown(change(from, to, more, anchor), 'SignInNameChanging')).toBe(expected);
  });

  it('within a federated domain is another name, and nothing else', () => {
    const resource = user({ spec: { userPrincipalName: 'ella@adfs.example' } });
    const observed = observedUser({
      entra: entraUser({ userPrincipalName: 'mia@adfs.example', onPremisesImmutableId: 'QQ==' }),
      federatedDomains: ['adfs.example'],
    });
    const plan = planUser(resource, observed, nowMs);
    expect(shown(plan, 'SignInNameChanging')).toBe('True NameOnly');
    expect(actionNames(plan)).toEqual(['UpdateEntraUser']);
  });

  it('is said while the name waits for its domain, and of no new account', () => {
    const waiting = observedUser({
      entra: entraUser({ userPrincipalName: 'mia@old.example' }),
      unverifiedDomain: 'contoso.example',
    });
    expect(shown(planUser(user(), waiting, nowMs), 'SignInNameChanging')).toBe('True NameOnly');
    const missing = observedUser({ entra: undefined });
    expect(shown(planUser(user(), missing, nowMs), 'SignInNameChanging')).toBeUndefined();
  });
});

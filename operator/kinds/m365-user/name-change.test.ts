import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ids, nowMs, readyCondition, user, withConditions } from '../../../hack/testing/build.ts';
import { adAccount, entraUser, observedUser } from '../../../hack/testing/observed.ts';
import { actionNames, shown } from '../../../hack/testing/plan-checks.ts';
import { nameChange } from './name-change.ts';
import { planUser } from './plan.ts';

const domains = {
  federatedDomains: ['adfs.example', 'sts.example'],
  initialDomain: 'contoso.onmicrosoft.com',
};
const change = (from: string, to: string, hasAnchor = true) =>
  nameChange(`mia@${from}`, `ella@${to}`, { ...domains, hasAnchor });

describe('a sign-in name that changes', () => {
  it.each([
    ['contoso.example', 'fabrikam.example', 'ella@fabrikam.example', false],
    ['contoso.example', 'adfs.example', 'ella@adfs.example', false],
    ['adfs.example', 'contoso.example', 'ella@contoso.example', true],
    ['ADFS.example', 'adfs.example', 'ella@adfs.example', false],
    ['adfs.example', 'sts.example', 'ella@contoso.onmicrosoft.com', true],
    ['contoso.onmicrosoft.com', 'sts.example', 'ella@sts.example', false],
  ] as const)(
    'from %s to %s becomes %s, with a new password: %s',
    (from, to, userPrincipalName, needsPassword) => {
      expect(change(from, to)).toEqual({ userPrincipalName, needsPassword });
    },
  );

  it('has no way into a federated domain without an anchor, nor between two without the initial domain', () => {
    expect(change('contoso.example', 'adfs.example', false)).toBeUndefined();
    expect(change('contoso.example', 'fabrikam.example', false)).toBeDefined();
    const unknown = { ...domains, initialDomain: undefined, hasAnchor: true };
    expect(nameChange('a@adfs.example', 'a@sts.example', unknown)).toBeUndefined();
  });

  it('arrives after two steps at most, and never goes from one federated domain to another at once', () => {
    const domain = fc.constantFrom('contoso.example', 'adfs.example', 'sts.example');
    fc.assert(
      fc.property(domain, domain, (from, to) => {
        const target = `ella@${to}`;
        let name = `mia@${from}`;
        for (let step = 0; step < 2 && name !== target; step += 1) {
          const next = nameChange(name, target, { ...domains, hasAnchor: true });
          const [before, after] = [name, next?.userPrincipalName ?? ''].map(
            (n) => n.split('@')[1] ?? '',
          );
          const isDirect =
            before !== after &&
            [before, after].every((d) => domains.federatedDomains.includes(d ?? ''));
          expect(isDirect).toBe(false);
          name = next?.userPrincipalName ?? '';
        }
        expect(name).toBe(target);
      }),
    );
  });
});

it('a name that leaves a federated domain takes a new password with it', () => {
  const entra = entraUser({ userPrincipalName: 'mia@adfs.example', onPremisesImmutableId: 'YQ==' });
  const plan = planUser(user(), observedUser({ entra, federatedDomains: ['adfs.example'] }), nowMs);
  expect(plan.actions).toMatchObject([
    {
      name: 'UpdateEntraUser',
      id: ids.user,
      patch: { userPrincipalName: 'mia@contoso.example' },
      needsPassword: true,
    },
  ]);
});

describe('a new name in a domain that is not verified yet', () => {
  const { anchor } = adAccount();
  const both = observedUser({
    directoryMode: 'Managed',
    organizationalUnit: 'OU=contoso,OU=Customers,DC=corp,DC=example',
    activeDirectory: adAccount(),
    entra: entraUser({ onPremisesImmutableId: anchor }),
  });
  const waits = { ...both, unverifiedDomain: 'new.example' };
  const renamed = withConditions(user({ spec: { userPrincipalName: 'mia@new.example' } }), [
    readyCondition(),
  ]);

  it('waits in both directories: a person has one name, and signs in with the old one', () => {
    const plan = planUser(renamed, waits, nowMs);
    expect(actionNames(plan)).toEqual([]);
    const types = ['ActiveDirectorySynced', 'EntraSynced', 'Ready', 'SignInNameChanging'];
    expect(types.map((type) => shown(plan, type))).toEqual([
      'False WaitingForDomain',
      'False WaitingForDomain',
      'False WaitingForDomain',
      'True NameOnly',
    ]);
  });

  it('is no drift once it is verified, and then in both', () => {
    const first = planUser(user(), both, nowMs);
    const status = { ...renamed.status, lastApplied: first.status.lastApplied };
    const waited = planUser({ ...renamed, status }, waits, nowMs);
    const later = { ...status, lastApplied: waited.status.lastApplied };
    const plan = planUser({ ...renamed, status: later }, both, nowMs);
    expect(actionNames(plan)).toEqual(['UpdateAdAccount', 'UpdateEntraUser']);
    expect([waited.status.drift, plan.status.drift]).toEqual([undefined, undefined]);
  });

  it('keeps no account that is not in Entra yet from it', () => {
    const alone = { ...waits, entra: undefined };
    expect(actionNames(planUser(renamed, alone, nowMs))).toContain('UpdateAdAccount');
  });
});

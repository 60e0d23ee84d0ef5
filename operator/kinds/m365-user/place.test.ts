/** Where the account stands in Active Directory, and by which logon name. */
import { describe, expect, it } from 'vitest';
import { nowMs, readyCondition, user, withConditions } from '../../../hack/testing/build.ts';
import { adAccount, entraUser, observedUser } from '../../../hack/testing/observed.ts';
import { actionNames } from '../../../hack/testing/plan-checks.ts';
import { placePath } from './directory-fields.ts';
import { planUser } from './plan.ts';

const root = 'OU=contoso,OU=Customers,DC=corp,DC=example';
const { anchor } = adAccount();
const seen = (distinguishedName: string, below?: string) =>
  observedUser({
    directoryMode: 'Managed',
    organizationalUnit: below === undefined ? root : `${below},${root}`,
    samAccountName: 'mia',
    entra: entraUser({ onPremisesImmutableId: anchor }),
    activeDirectory: adAccount({ distinguishedName }),
  });
const inSales = user({ spec: { activeDirectory: { organizationalUnit: 'OU=Sales' } } });

describe('the OU of a person', () => {
  it('is where the account is moved, with its GUID, where it is declared', () => {
    const plan = planUser(inSales, seen(`CN=Mia,${root}`, 'OU=Sales'), nowMs);
    expect(plan.actions).toMatchObject([
      {
        name: 'MoveAdAccount',
        objectGuid: adAccount().objectGuid,
        organizationalUnit: `OU=Sales,${root}`,
      },
    ]);
    expect(plan.status.drift).toBeUndefined();
  });

  it.each([
    ['it stands there', inSales, seen(String.raw`CN=Muster\, Mia,OU=sales,${root}`, 'OU=Sales')],
    ['none is declared: an administrator sorts them', user(), seen(`CN=Mia,OU=Sales,${root}`)],
  ])('is left alone where %s', (_, resource, observed) => {
    expect(actionNames(planUser(resource, observed, nowMs))).toEqual([]);
  });

  it("is the tenant's where none is declared: another tenant's is left", () => {
    const settled = { ...user(), status: planUser(user(), seen(`CN=Mia,${root}`), nowMs).status };
    const elsewhere = seen('CN=Mia,OU=fabrikam,OU=Customers,DC=corp,DC=example');
    const plan = planUser(withConditions(settled, [readyCondition()]), elsewhere, nowMs);
    expect(plan.status.drift).toMatchObject([{ path: placePath, type: 'Different' }]);
    expect(JSON.stringify(plan.status.drift)).not.toContain('fabrikam');
    expect(plan.actions).toMatchObject([
      { name: 'ReportDrift' },
      { name: 'MoveAdAccount', organizationalUnit: root },
    ]);
  });

  it.each([
    ['declared', inSales, 'OU=Sales'],
    ['the one of the tenant', user(), "the tenant's OU"],
  ])(
    'out of the customers OU is out of reach: no second account is made (%s)',
    (_, of, declared) => {
      const before = planUser(of, seen(`CN=Mia,OU=Sales,${root}`, 'OU=Sales'), nowMs);
      const settled = { ...of, status: before.status };
      const away = { ...seen(''), activeDirectory: undefined, isOutside: true };
      const plan = planUser(withConditions(settled, [readyCondition()]), away, nowMs);
      expect(actionNames(plan)).toEqual([]);
      expect(plan.status.drift).toMatchObject([{ path: placePath, type: 'Different', declared }]);
      expect(plan.conditions).toContainEqual(
        expect.objectContaining({ type: 'Ready', status: 'False', reason: 'AccountMovedAway' }),
      );
      const { objectGuid, anchor } = before.status;
      expect(plan.status).toMatchObject({ anchor });
      expect(plan.status.objectGuid ?? objectGuid).toBe(objectGuid);
    },
  );

  it('is drift where somebody moves the account away', () => {
    const before = planUser(inSales, seen(`CN=Mia,OU=Sales,${root}`, 'OU=Sales'), nowMs);
    const settled = { ...inSales, status: before.status };
    const moved = seen(`CN=Mia,OU=West,OU=Sales,${root}`, 'OU=Sales');
    const plan = planUser(withConditions(settled, [readyCondition()]), moved, nowMs);
    expect(plan.status.drift).toMatchObject([
      { path: 'activeDirectory.organizationalUnit', type: 'Different', declared: 'OU=Sales' },
    ]);
    expect(actionNames(plan)).toEqual(['ReportDrift', 'MoveAdAccount']);
  });
});

describe('the logon name', () => {
  const named = (samAccountName: string) => user({ spec: { activeDirectory: { samAccountName } } });

  it('is changed on the same account where another one is declared', () => {
    expect(planUser(named('m.muster'), seen(`CN=Mia,${root}`), nowMs).actions).toMatchObject([
      { name: 'UpdateAdAccount', patch: { samAccountName: 'm.muster' } },
    ]);
  });

  it.each([
    ['in other letter case', named('MIA')],
    [
      'that nobody declares, whatever the sign-in name is',
      user({ spec: { userPrincipalName: 'mia.berg@contoso.example' } }),
    ],
  ])('%s stays', (_, resource) => {
    const { actions } = planUser(resource, seen(`CN=Mia,${root}`), nowMs);
    expect(JSON.stringify(actions)).not.toContain('samAccountName');
  });

  it('that somebody changes is drift where it is declared', () => {
    const before = planUser(named('mia'), seen(`CN=Mia,${root}`), nowMs);
    const settled = { ...named('mia'), status: before.status };
    const renamed = observedUser({
      ...seen(`CN=Mia,${root}`),
      activeDirectory: adAccount({ samAccountName: 'boss' }),
    });
    const plan = planUser(withConditions(settled, [readyCondition()]), renamed, nowMs);
    expect(plan.status.drift).toMatchObject([
      { path: 'activeDirectory.samAccountName', declared: 'mia', actual: 'boss' },
    ]);
  });
});

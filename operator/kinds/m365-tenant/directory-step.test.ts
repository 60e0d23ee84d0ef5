import { describe, expect, it } from 'vitest';
import { ids, nowMs, tenant } from '../../../hack/testing/build.ts';
import { observedTenant } from '../../../hack/testing/observed.ts';
import { actionNames, expectSoundPlan, readyOf, shown } from '../../../hack/testing/plan-checks.ts';
import type { Opening } from '../../clients/active-directory/layout-port.ts';
import type { M365Tenant } from '../../core/objects.ts';
import { planTenant } from './plan.ts';

const customersOU = 'OU=Customers,DC=corp,DC=example';
const group = { objectGuid: 'guid', name: 'People of contoso' };

const placed = (status: M365Tenant['status'] = {}): M365Tenant =>
  tenant({
    spec: { identity: { activeDirectory: 'Managed', passwords: 'Both' } },
    status: {
      tenantId: ids.tenant,
      organizationalUnit: `OU=contoso,${customersOU}`,
      upnSuffixes: ['contoso.onmicrosoft.com'],
      ...status,
    },
  });

const seen = (openings: readonly Opening[], found: typeof group | undefined = group) =>
  observedTenant({ customersOU, isolatesTenants: true, isolation: { group: found, openings } });

const isolated = placed({ isolationGroup: group.name });

describe('the place of a tenant in Active Directory', () => {
  it.each([
    ['nobody wants isolation', placed(), observedTenant({ customersOU }), undefined, []],
    ['not isolated yet', placed(), seen(['OrganizationalUnit']), undefined, ['EnsureIsolation']],
    ['isolated, and not recorded', placed(), seen([]), undefined, ['EnsureIsolation']],
    ['isolated', isolated, seen([]), undefined, []],
    [
      'opened again by others',
      isolated,
      seen(['OrganizationalUnit']),
      undefined,
      ['EnsureIsolation'],
    ],
    [
      'the group is gone',
      isolated,
      { ...seen([]), isolation: { group: undefined, openings: [] } },
      undefined,
      ['EnsureIsolation'],
    ],
    ['the forest shows it', isolated, seen(['ListObjectModeOff']), 'True ListObjectModeOff', []],
    [
      'the forest shows it in two ways',
      isolated,
      seen(['CompatibleAccess', 'CustomersOU']),
      'True CompatibleAccess',
      [],
    ],
  ] as const)('%s', (_, resource, observed, visible, actions) => {
    const plan = planTenant(resource, observed, nowMs);
    expect(actionNames(plan)).toEqual(actions);
    expect(readyOf(plan)).toBe(
      actions.length === 0 ? 'True Provisioned' : 'False IsolationMissing',
    );
    expect(shown(plan, 'TenantVisible')).toBe(visible);
    expectSoundPlan(resource, plan);
  });

  it('is followed where others rename or move it', () => {
    const unit = { objectGuid: 'guid', distinguishedName: `OU=renamed,${customersOU}` };
    const observed = { ...seen(['OrganizationalUnit']), unit };
    const { status, actions } = planTenant(isolated, observed, nowMs);
    expect(status).toMatchObject({
      organizationalUnit: unit.distinguishedName,
      organizationalUnitGuid: 'guid',
    });
    expect(actions).toMatchObject([{ organizationalUnit: unit.distinguishedName }]);
  });

  it('names all that an administrator of the forest has to do', () => {
    const plan = planTenant(isolated, seen(['CompatibleAccess', 'ListObjectModeOff']), nowMs);
    const { message } = plan.conditions.find(({ type }) => type === 'TenantVisible')!;
    expect(message).toContain('Pre-Windows 2000');
    expect(message).toContain('dSHeuristics');
  });
});

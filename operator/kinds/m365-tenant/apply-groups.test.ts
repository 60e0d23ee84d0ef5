/** What is written of groups of Active Directory. Those of Entra: hack/integration/entra-tenant.test.ts. */
import { describe, expect, it } from 'vitest';
import { connection, ids, tenant } from '../../../hack/testing/build.ts';
import { signal } from '../../../hack/testing/cloud.ts';
import type { Groups } from '../../clients/active-directory/groups-port.ts';
import type { ConnectionClients } from '../../clients/port.ts';
import type { Deps } from '../access.ts';
import { addGroupMember, createGroup, removeGroupMember, type TenantAction } from './actions.ts';
import { applyTenant } from './apply.ts';

const unit = 'OU=contoso,OU=Customers,DC=corp,DC=example';
const sales = { name: 'Sales', description: 'Who sells' };
const group = { name: 'Sales', id: ids.group };
const mia = { id: ids.account, name: 'mia@contoso.example' };

function world() {
  const calls: string[] = [];
  const told =
    (name: string) =>
    (...given: readonly unknown[]): Promise<{ readonly objectGuid: string }> => {
      calls.push([name, ...given.slice(0, 2).map((one) => JSON.stringify(one))].join(' '));
      return Promise.resolve({ objectGuid: ids.group });
    };
  const activeDirectory = {
    ensureGroup: told('ensure'),
    addMember: told('add'),
    removeMember: told('remove'),
  } as unknown as Groups;
  const clients = { activeDirectory } as unknown as ConnectionClients;
  const context = { connection: connection(), clients };
  const apply = (action: TenantAction, organizationalUnit: string | undefined = unit) => {
    const status = { tenantId: ids.tenant, ...(organizationalUnit && { organizationalUnit }) };
    const resource = tenant({
      spec: {
        identity: { activeDirectory: 'Managed', passwords: 'Both' },
        activeDirectoryGroups: [sales],
      },
      status,
    });
    return applyTenant(action, { deps: {} as Deps, tenant: resource, context, signal });
  };
  return { calls, apply };
}

describe('a group of Active Directory', () => {
  it.each<[string, TenantAction, string, object]>([
    [
      'is made in the OU as it is declared',
      createGroup('ActiveDirectory', 'Sales'),
      `ensure "${unit}" ${JSON.stringify(sales)}`,
      { target: ids.group, after: sales },
    ],
    [
      'takes a member in',
      addGroupMember('ActiveDirectory', group, mia),
      `add "${ids.group}" "${mia.id}"`,
      { target: mia.id, after: 'Sales' },
    ],
    [
      'gives a member up',
      removeGroupMember('ActiveDirectory', group, mia),
      `remove "${ids.group}" "${mia.id}"`,
      { target: mia.id, before: 'Sales' },
    ],
  ])('%s, and the audit log has it', async (_, action, call, audit) => {
    const { calls, apply } = world();
    expect(await apply(action)).toEqual({ audit });
    expect(calls).toEqual([call]);
  });

  it('is not written before the tenant has its place', async () => {
    const { calls, apply } = world();
    const failed = apply(createGroup('ActiveDirectory', 'Sales'), '');
    await expect(failed).rejects.toMatchObject({ class: 'Bug' });
    expect(calls).toEqual([]);
  });
});

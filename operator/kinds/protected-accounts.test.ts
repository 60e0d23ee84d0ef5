import { describe, expect, it } from 'vitest';
import { entraUser, ids, tenant } from '../../hack/testing/build.ts';
import type { OutsideChange } from '../clients/graph/audit-port.ts';
import type { EventRecord } from '../core/ports.ts';
import { ProtectedAccounts } from './protected-accounts.ts';

const breakGlass = 'break.glass@contoso.example';

function start(isTold = true) {
  const told: string[] = [];
  const counted: object[] = [];
  const resource = tenant({
    spec: { protectedUsers: [breakGlass, ids.manager] },
    status: { tenantId: ids.tenant },
  });
  const accounts = new ProtectedAccounts({
    cluster: { list: <R>() => [resource] as unknown as R[] },
    events: { record: (_: unknown, { note, type }: EventRecord) => told.push(`${type} ${note}`) },
    count: (labels) => counted.push(labels),
    isTold: () => isTold,
  });
  const named = new Map([[breakGlass, entraUser({ id: ids.user, userPrincipalName: breakGlass })]]);
  const view = { userByPrincipalName: (name: string) => named.get(name) };
  const changed = (ids: readonly string[], isFirst = false): void =>
    accounts.changed('11111111-1111-4111-8111-111111111111', new Set(ids), { view, isFirst });
  return { accounts, told, counted, named, changed };
}

const change: OutsideChange = {
  id: ids.user,
  auditId: 'audit',
  at: '2026-03-02T10:00:00Z',
  activity: 'Reset user password',
  author: { type: 'User', id: ids.account, name: 'eve@contoso.example' },
  fields: [],
};

describe('break-glass accounts', () => {
  it('that were there before we looked are no change', () => {
    const { told, counted, changed } = start();
    changed([ids.user], true);
    expect([told, counted]).toEqual([[], []]);
  });

  it('that change are told on the tenant, by name and by id, and counted', () => {
    const { told, counted, changed } = start();
    changed([ids.user, ids.manager, ids.account]);
    expect(told).toEqual([
      `Warning changed in Entra ID: ${breakGlass}, ${ids.manager}; the audit log tells who did it`,
    ]);
    const count = { namespace: 'acme', tenant: 'contoso' };
    expect(counted).toEqual([count, count]);
    changed([ids.account]);
    expect(told).toHaveLength(1);
  });

  it('that are deleted are told as well, though their name is gone', () => {
    const { told, changed, named } = start();
    changed([ids.account], true);
    named.clear();
    changed([ids.user]);
    expect(told).toHaveLength(1);
  });

  it('are told once more with who did it', () => {
    const { accounts, told, changed } = start();
    changed([ids.user]);
    accounts.attributed(ids.tenant, change);
    accounts.attributed(ids.tenant, { ...change, id: ids.account });
    accounts.attributed('other', change);
    expect(told.slice(1)).toEqual([
      'Warning one of protectedUsers: Reset user password by eve@contoso.example at 2026-03-02T10:00:00Z',
    ]);
  });

  it('are told by one process', () => {
    const { accounts, told, changed } = start(false);
    changed([ids.user]);
    accounts.attributed(ids.tenant, change);
    expect(told).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { ids, tenant } from '../../hack/testing/build.ts';
import { entraUser } from '../../hack/testing/observed.ts';
import type { OutsideChange } from '../clients/graph/audit-port.ts';
import type { EntraGroup, EntraUser } from '../clients/graph/port.ts';
import type { M365Tenant } from '../core/objects.ts';
import type { EventRecord } from '../core/ports.ts';
import { isProtected, ProtectedAccounts, protectedAccountsOf } from './protected-accounts.ts';

const breakGlass = 'break.glass@contoso.example';
const account = entraUser({ id: ids.user, userPrincipalName: breakGlass });
const other = entraUser({ id: ids.manager, userPrincipalName: 'second@contoso.example' });
const exclusions: EntraGroup = {
  id: ids.group,
  displayName: 'Without conditional access',
  type: 'Security',
  hasWritableMembers: true,
  memberIds: new Set([ids.user]),
};

/** A directory, and the operator's memory of it, which outlives the process. */
function start(isTold = true) {
  const told: string[] = [];
  const counted: object[] = [];
  const users = new Map<string, EntraUser>([account, other].map((user) => [user.id, user]));
  const groups: EntraGroup[] = [exclusions];
  let resource: M365Tenant = tenant({
    spec: { protectedUsers: [breakGlass, ids.manager] },
    status: { tenantId: ids.tenant },
  });
  const view = {
    isLoaded: true,
    user: (id: string) => users.get(id),
    userByPrincipalName: (name: string) =>
      [...users.values()].find(({ userPrincipalName }) => userPrincipalName === name),
    groupsOf: (id: string) => groups.filter(({ memberIds }) => memberIds.has(id)),
  };
  const restart = () =>
    new ProtectedAccounts({
      cluster: { list: <R>() => [resource] as unknown as R[] },
      events: { record: (_: unknown, { note, type }: EventRecord) => told.push(`${type} ${note}`) },
      count: (labels) => counted.push(labels),
      isTold: () => isTold,
    });
  const accounts = restart();
  /** What the tenant's look writes into its status. */
  const remember = (): void => {
    const protectedAccounts = protectedAccountsOf(resource, view);
    resource = tenant({
      spec: resource.spec,
      status: { tenantId: ids.tenant, protectedAccounts },
    });
  };
  const changed = (changedIds: readonly string[], isFirst = false): void =>
    (isFirst ? restart() : accounts).changed(ids.tenant, new Set(changedIds), { view, isFirst });
  return { accounts, told, counted, users, groups, view, remember, changed, read: () => resource };
}

const change: OutsideChange = {
  id: ids.user,
  auditId: 'audit',
  at: '2026-03-02T10:00:00Z',
  activity: 'Reset user password',
  author: { type: 'User', id: ids.account, name: 'eve@contoso.example' },
  fields: [],
};
const toldOf = (...names: readonly string[]) =>
  `Warning changed in Entra ID: ${names.join(', ')}; the audit log tells who did it`;

describe('break-glass accounts', () => {
  it('that were there before we looked are no change', () => {
    const { told, counted, changed } = start();
    changed([ids.user], true);
    expect([told, counted]).toEqual([[], []]);
  });

  it('that change are told on the tenant, by name and by id, and counted', () => {
    const { told, counted, changed } = start();
    changed([ids.user, ids.manager, ids.account]);
    expect(told).toEqual([toldOf(breakGlass, ids.manager)]);
    const count = { namespace: 'acme', tenant: 'contoso' };
    expect(counted).toEqual([count, count]);
    changed([ids.account]);
    expect(told).toHaveLength(1);
  });

  it.each<readonly [string, (world: ReturnType<typeof start>) => void]>([
    ['deleted', ({ users }) => users.delete(ids.user)],
    [
      'given another name',
      ({ users }) => users.set(ids.user, { ...account, userPrincipalName: 'x@contoso.example' }),
    ],
    ['blocked', ({ users }) => users.set(ids.user, { ...account, accountEnabled: false })],
    ['taken out of a group', ({ groups }) => groups.splice(0)],
  ])('that are %s are told, while we look and while we do not, once', (_, act) => {
    const watching = start();
    watching.remember();
    act(watching);
    watching.changed([ids.user]);
    expect(watching.told).toEqual([toldOf(breakGlass)]);

    const away = start();
    away.remember();
    act(away);
    away.changed([], true);
    expect(away.told).toEqual([toldOf(breakGlass)]);
    away.remember();
    away.changed([], true);
    expect(away.told).toHaveLength(1);
  });

  it('are no others because their directory was read in part only, or tells more than before', () => {
    const { told, changed, remember, groups, users, view } = start();
    remember();
    users.set(ids.user, { ...account, licenseErrors: [] });
    changed([ids.user], true);
    groups.splice(0);
    view.isLoaded = false;
    changed([ids.user], true);
    expect(told).toEqual([]);
  });

  it('that come back are told, and another one of the name as well', () => {
    const { told, changed, remember, users } = start();
    remember();
    users.delete(ids.user);
    remember();
    users.set(ids.user, account);
    changed([], true);
    users.delete(ids.user);
    users.set(ids.account, { ...account, id: ids.account });
    changed([ids.account]);
    expect(told).toEqual([toldOf(breakGlass), toldOf(breakGlass)]);
  });

  it('stay protected under a name that others gave them', () => {
    const { remember, read } = start();
    expect(isProtected(read(), ids.user)).toBe(false);
    remember();
    expect(isProtected(read(), ids.user)).toBe(true);
    expect(isProtected(read(), ids.account)).toBe(false);
    const delisted = { ...read(), spec: { ...read().spec, protectedUsers: [] } };
    expect(isProtected(delisted, ids.user)).toBe(false);
  });

  it('are told once more with who did it', () => {
    const { accounts, told, changed, remember } = start();
    remember();
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

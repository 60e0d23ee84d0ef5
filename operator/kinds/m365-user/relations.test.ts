import { describe, expect, it } from 'vitest';
import {
  ids,
  inHours,
  nowMs,
  readyCondition,
  user,
  withConditions,
} from '../../../hack/testing/build.ts';
import { entraUser, observedUser } from '../../../hack/testing/observed.ts';
import { actionNames, readyOf } from '../../../hack/testing/plan-checks.ts';
import type { EntraGroup, EntraUser } from '../../clients/graph/port.ts';
import type { M365User } from '../../core/objects.ts';
import type { Look } from './look.ts';
import { planUser } from './plan.ts';
import { groupsOf, managerOf } from './relations.ts';

const group = (id: string, displayName: string, more: Partial<EntraGroup> = {}): EntraGroup => ({
  id,
  displayName,
  type: 'Security',
  hasWritableMembers: true,
  memberIds: new Set(),
  ...more,
});
const members = { memberIds: new Set([ids.user]) };
const dynamic = { hasWritableMembers: false };

function look(
  resource: M365User,
  all: readonly EntraGroup[],
  people: readonly EntraUser[] = [],
): Look {
  const view = {
    groupsByName: (name: string) =>
      all.filter(({ id, displayName }) => id === name || displayName === name),
    groupsOf: (userId: string) => all.filter(({ memberIds }) => memberIds.has(userId)),
    userByPrincipalName: (name: string) =>
      people.find(({ userPrincipalName }) => userPrincipalName === name),
  };
  const deps = { cluster: { get: () => undefined }, nowMs: () => nowMs };
  return { user: resource, view, deps } as unknown as Look;
}

describe('groups of a person who leaves', () => {
  const all = [
    group('b', 'Board', members),
    group('a', 'Sales', members),
    group('c', 'Everybody', { ...members, ...dynamic }),
    group('d', 'Elsewhere'),
  ];
  const left = { leaveAt: inHours(-1), groups: ['Sales', 'Elsewhere'] };

  it('are all that the person is in and that we may write, declared or not', () => {
    expect(groupsOf(look(user({ spec: left }), all), entraUser())).toEqual({
      groups: [],
      formerGroups: [],
      extraGroups: [],
      memberships: [
        { id: 'a', name: 'Sales' },
        { id: 'b', name: 'Board' },
      ],
      lostMemberships: [],
    });
    const later = look(user({ spec: { ...left, leaveAt: inHours(1) } }), all);
    expect(groupsOf(later, entraUser())).toMatchObject({ memberships: [] });
  });

  it('that give a licence are kept as long as the licence is', () => {
    const giving = entraUser({
      inheritedLicenses: [{ skuId: ids.sku, groupId: 'b', isDirectToo: false }],
    });
    const kept = groupsOf(look(user({ spec: left }), all), giving).memberships;
    expect(kept.map(({ id }) => id)).toEqual(['a']);
    const freeing = look(user({ spec: { ...left, seatsOnLeave: 'Free' } }), all);
    expect(groupsOf(freeing, giving).memberships.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('come back with the person: those that are there still and that nobody else decides', () => {
    const groups = ['a', 'b', 'c', 'd', 'gone'].map((id) => ({ id }));
    const status = { leaver: { groups } };
    const seen = look(user({ spec: { groups: ['Elsewhere'] }, status }), [
      group('a', 'Sales'),
      group('b', 'Board', members),
      group('c', 'Everybody', dynamic),
      group('d', 'Elsewhere'),
    ]);
    expect(groupsOf(seen, entraUser()).lostMemberships).toEqual([
      { name: 'Sales', id: 'a', isMember: false },
    ]);
    const only = look(user({ spec: { groups: ['Sales'], groupsExclusive: true }, status }), all);
    expect(groupsOf(only, entraUser()).lostMemberships).toEqual([]);
  });
});

describe('groups of a person', () => {
  it('are named, or given by object id', () => {
    const resource = user({ spec: { groups: ['Sales', ids.group] } });
    const all = [group('a', 'Sales'), group(ids.group, 'Board', members)];
    expect(groupsOf(look(resource, all), entraUser()).groups).toEqual([
      { name: 'Sales', id: 'a', isMember: false },
      { name: ids.group, id: ids.group, isMember: true },
    ]);
    expect(() => groupsOf(look(resource, [group('a', 'Sales')]), entraUser())).toThrow(
      'no group has the object id',
    );
  });

  it('whose members others decide are not joined', () => {
    const resource = user({ spec: { groups: ['Admins'] } });
    const joining = () => groupsOf(look(resource, [group('a', 'Admins', dynamic)]), entraUser());
    expect(joining).toThrow('are decided by a rule');
    const member = look(resource, [group('a', 'Admins', { ...dynamic, ...members })]);
    expect(groupsOf(member, entraUser()).groups[0]?.isMember).toBe(true);
  });

  it('beside the declared ones are taken away where that is said, and only where we may', () => {
    const all = [
      group('a', 'Sales', members),
      group('b', 'Board', members),
      group('c', 'Everybody', { ...members, ...dynamic }),
      group('d', 'Others'),
    ];
    const extra = (groupsExclusive?: boolean) =>
      groupsOf(
        look(
          user({
            spec: {
              groups: ['Sales'],
              ...(groupsExclusive === undefined ? {} : { groupsExclusive }),
            },
          }),
          all,
        ),
        entraUser(),
      ).extraGroups;
    expect(extra(true)).toEqual([{ name: 'Board', id: 'b', isMember: true }]);
    expect(extra(false)).toEqual([]);
    expect(extra()).toEqual([]);
  });

  it('that nobody declared are drift where they come later', () => {
    const resource = withConditions(user({ spec: { groups: ['Sales'], groupsExclusive: true } }), [
      readyCondition(),
    ]);
    const extraGroups = [{ name: 'Board', id: 'b', isMember: true }];
    const plan = planUser(resource, observedUser({ extraGroups }), nowMs);
    expect(plan.actions.at(-1)).toMatchObject({ name: 'LeaveGroup', groupId: 'b', group: 'Board' });
    expect(plan.status.drift).toMatchObject([
      { path: 'groups[Board]', type: 'Extra', actual: 'Board' },
    ]);
  });
});

describe('a manager by name', () => {
  const resource = user({ spec: { manager: { userPrincipalName: 'boss@contoso.example' } } });
  const boss = entraUser({ id: ids.manager, userPrincipalName: 'boss@contoso.example' });

  it('need not be an M365User', () => {
    const manager = managerOf(look(resource, [], [boss]));
    expect(manager).toMatchObject({ field: 'manager', entraId: ids.manager });
    expect(actionNames(planUser(resource, observedUser({ manager }), nowMs))).toEqual([
      'SetManager',
    ]);
  });

  it('that the tenant lacks is looked for again', () => {
    const manager = managerOf(look(resource, []));
    const plan = planUser(resource, observedUser({ manager }), nowMs);
    expect(readyOf(plan)).toBe('False WaitingForManager');
    expect(plan.next).toMatchObject({ look: 'after', delayMs: 60_000 });
  });

  it('is left as it is where none is declared any more', () => {
    const entra = entraUser({ managerId: ids.manager });
    expect(actionNames(planUser(user(), observedUser({ entra }), nowMs))).toEqual([]);
  });
});

/** Roles of a person who leaves: the lines of leaver.ts's table about them, and what is looked at for them. */
import { describe, expect, it } from 'vitest';
import { ids, inHours, nowMs, user } from '../../../hack/testing/build.ts';
import {
  anchor,
  blocked,
  done,
  heldRole,
  type Leaver,
  leaver,
} from '../../../hack/testing/leaver.ts';
import { adAccount, entraUser } from '../../../hack/testing/observed.ts';
import { actionNames, readyOf, shown } from '../../../hack/testing/plan-checks.ts';
import type { M365User } from '../../core/objects.ts';
import { rolesOf } from './leaver-look.ts';
import type { Look } from './look.ts';
import type { ObservedUser } from './observed.ts';
import { planUser } from './plan.ts';

const dayMs = 24 * 60 * 60_000;
const exchange = heldRole('Exchange Administrator');
const readers = { ...heldRole('Directory Readers'), isProtecting: false };
const recorded = [{ id: exchange.id, name: exchange.name }];

/** Can sign in, and holds this. */
function admin(
  held: readonly ReturnType<typeof heldRole>[] | undefined,
  mayRemove: boolean,
  throughGroups: readonly string[] = [],
) {
  return blocked({
    entra: entraUser({ onPremisesImmutableId: anchor }),
    activeDirectory: adAccount(),
    protection: 'PrivilegedAccount',
    roles: { held, mayRemove, throughGroups },
  });
}

describe('an administrator who leaves', () => {
  it('loses the roles first, on record before, and is blocked when that is seen', () => {
    const plan = planUser(leaver(undefined), admin([exchange, readers], true), nowMs);
    expect(actionNames(plan)).toEqual(['RecordLeaver', 'RemoveRole', 'RemoveRole']);
    expect(plan.status.leaver?.roles?.map(({ name }) => name)).toEqual([
      'Exchange Administrator',
      'Directory Readers',
    ]);
    expect([shown(plan, 'AccessRemoved'), shown(plan, 'Stalled')]).toEqual([
      'False RemovingRoles',
      undefined,
    ]);
    const seen = { ...admin([], true), protection: undefined };
    const then = planUser(leaver(plan.status.leaver), seen, nowMs);
    expect(actionNames(then)).toEqual([
      'UpdateAdAccount',
      'UpdateEntraUser',
      'RevokeSessions',
      'ReplaceAdPassword',
      'ReplaceEntraPassword',
    ]);
    expect(then.status.leaver?.roles).toEqual(plan.status.leaver?.roles);
  });

  it.each<readonly [string, ObservedUser, string]>([
    ['the application may not take roles away', admin([exchange], false), 'RolesKept'],
    ['it may not read them', admin(undefined, false), 'RolesUnknown'],
    [
      'nobody else is Global Administrator',
      admin([{ ...exchange, isLast: true }], true),
      'LastAdministrator',
    ],
    ['through a group', admin([], true, ['Admins']), 'AdministratorRole'],
  ])('is not blocked from here, which says why: %s', (_, observed, reason) => {
    const plan = planUser(leaver(undefined), observed, nowMs);
    // What a return needs, which is nothing outside.
    expect(actionNames(plan)).toEqual(['RecordLeaver']);
    expect([readyOf(plan), shown(plan, 'AccessRemoved')]).toEqual([
      'False PrivilegedAccount',
      `False ${reason}`,
    ]);
    expect(shown(plan, 'SignInBlocked')).toBe('False AdministratorRole');
  });

  it.each<readonly [string, ObservedUser, readonly string[]]>([
    ['one group', admin([], true, ['Admins']), ['the group "Admins":']],
    ['several', admin([], true, ['A', 'B', 'C', 'D', 'E', 'F']), ['"D", "E" and 1 more:']],
    ['a group and roles', admin([exchange], false, ['Admins']), ['leaver.roles', '"Admins"']],
    ['a group and the last role', admin([{ ...exchange, isLast: true }], true, ['A']), ['"A"']],
    ['a group, and roles that cannot be seen', admin(undefined, false, ['A']), ['"A"']],
    ['a group that it owns', admin([], true), ['of which it is an owner']],
  ])('is told which roles stay, and who can take them: %s', (_, observed, texts) => {
    const { conditions } = planUser(leaver(undefined), observed, nowMs);
    const { message } = conditions.find(({ type }) => type === 'AccessRemoved')!;
    for (const text of [...texts, 'Privileged Role Administrator']) expect(message).toContain(text);
  });

  it('who holds the last of one role loses the others', () => {
    const held = [{ ...heldRole('Global Administrator'), isLast: true }, exchange];
    const plan = planUser(leaver(undefined), admin(held, true), nowMs);
    expect(plan.actions).toMatchObject([
      { name: 'RecordLeaver' },
      { name: 'RemoveRole', role: 'Exchange Administrator' },
    ]);
  });
});

describe('a person who leaves, and', () => {
  it.each<readonly [string, Partial<ObservedUser>, string]>([
    [
      'has no role',
      { roles: { held: [], mayRemove: false, throughGroups: [] } },
      'True GroupsRemoved',
    ],
    [
      'has one that makes no administrator, and stays',
      { roles: { held: [readers], mayRemove: false, throughGroups: [] } },
      'False RolesKept',
    ],
    [
      'roles cannot be seen',
      { roles: { held: undefined, mayRemove: false, throughGroups: [] } },
      'False RolesUnknown',
    ],
  ])('%s: the rest goes on', (_, roles, wanted) => {
    const plan = planUser(leaver(done, { retentionDays: 3 }), blocked(roles), nowMs);
    expect([actionNames(plan), shown(plan, 'AccessRemoved')]).toEqual([[], wanted]);
    expect(shown(plan, 'Retained')).toBe('True RetentionRuns');
  });
});

describe('a person who is back without the roles of before', () => {
  const back = (status: Leaver) => leaver(status, { leaveAt: undefined });
  const returned = { roles: recorded, returnedAt: inHours(-24) };
  const opened = blocked({
    entra: entraUser({ onPremisesImmutableId: anchor }),
    activeDirectory: adAccount(),
  });

  it('gets none from here: they are named, for 30 days', () => {
    const refused = { entra: 'Refused', activeDirectory: 'Refused' } as const;
    const first = planUser(back({ ...done, passwords: refused, roles: recorded }), opened, nowMs);
    expect(first.actions.at(-1)).toMatchObject({
      name: 'ForgetLeaver',
      left: { roles: recorded, returnedAt: inHours(0) },
    });
    const plan = planUser(back(returned), opened, nowMs);
    expect([actionNames(plan), shown(plan, 'RolesReturned')]).toEqual([[], 'False AssignByHand']);
    expect(plan.next).toMatchObject({ look: 'after', delayMs: 29 * dayMs });
    const over = planUser(back(returned), opened, nowMs + 29 * dayMs);
    expect(over.actions).toMatchObject([{ name: 'ForgetLeaver', left: undefined }]);
    expect(shown(over, 'RolesReturned')).toBeUndefined();
  });

  it('is not told so any more once somebody has given a role', () => {
    const given = { ...opened, protection: 'PrivilegedAccount' } as const;
    const plan = planUser(back(returned), given, nowMs);
    expect(actionNames(plan)).toEqual(['ForgetLeaver']);
  });

  it('and leaves once more begins anew', () => {
    const plan = planUser(
      leaver(returned),
      { ...opened, roles: { held: [], mayRemove: true, throughGroups: [] } },
      nowMs,
    );
    expect(plan.status.leaver).toMatchObject({ roles: undefined });
    expect(plan.status.leaver?.returnedAt).toBeUndefined();
    expect(actionNames(plan)).toContain('ReplaceEntraPassword');
  });
});

describe('what is looked at', () => {
  function look(person: M365User, isPrivileged = false, granted: readonly string[] = []) {
    const asked: string[] = [];
    const found = rolesOf(
      {
        user: person,
        deps: { nowMs: () => nowMs },
        view: {
          isPrivileged: () => isPrivileged,
          roleGroupsOf: () => ['Admins'],
          readRoles: (id: string) => {
            asked.push(id);
            return Promise.resolve([exchange]);
          },
        },
        access: {
          tenantId: 'tenant',
          clients: { graph: () => ({ permissions: () => Promise.resolve(granted) }) },
        },
      } as unknown as Look,
      entraUser(),
    );
    return found.then((roles) => ({ roles, asked }));
  }
  const read = 'RoleManagement.Read.Directory';
  const write = 'RoleManagement.ReadWrite.Directory';
  const without = {
    conditions: [
      {
        type: 'AccessRemoved',
        status: 'True',
        reason: 'GroupsRemoved',
        message: 'x',
        lastTransitionTime: inHours(-1),
      } as const,
    ],
  };

  it.each([
    ['nobody who stays', user(), false, [write], undefined, 0],
    ['nobody who was seen without', leaver(done, {}, without), false, [write], undefined, 0],
    ['… but who got one since', leaver(done, {}, without), true, [write], [[exchange], true], 1],
    ['a leaver', leaver(done), false, [write], [[exchange], true], 1],
    ['may be read only', leaver(done), false, [read], [[exchange], false], 1],
    ['may not be read: no request', leaver(done), false, [], [undefined, false], 0],
  ] as const)('%s', async (_, person, isPrivileged, granted, expected, requests) => {
    const { roles, asked } = await look(person, isPrivileged, granted);
    expect(roles && [roles.held, roles.mayRemove]).toEqual(expected);
    expect(roles?.throughGroups ?? ['Admins']).toEqual(['Admins']);
    expect(asked).toEqual(Array.from({ length: requests }, () => ids.user));
  });
});

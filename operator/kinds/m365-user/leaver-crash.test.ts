/** The operator is killed between any two steps of a person who leaves, comes back, or is deleted at the end. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inHours, nowMs, user } from '../../../hack/testing/build.ts';
import { accountsRecord, anchor, heldRole } from '../../../hack/testing/leaver.ts';
import { adAccount, entraUser, observedUser } from '../../../hack/testing/observed.ts';
import type { M365User } from '../../core/objects.ts';
import { changesOutside } from '../../core/plan.ts';
import type { UserAction } from './actions.ts';
import type { ObservedUser } from './observed.ts';
import { planUser } from './plan.ts';

type Spec = Partial<M365User['spec']>;
type Status = NonNullable<M365User['status']>;

/** What stands outside, and what of status is stored. */
interface World {
  readonly accounts: { entra: boolean | undefined; directory: boolean | undefined };
  readonly groups: Set<string>;
  readonly directoryGroups: Set<string>;
  /** Roles that make an administrator: who holds one is not blocked. */
  readonly roles: Set<string>;
  readonly passwords: string[];
  stored: Status;
}

function world(
  groups: readonly string[],
  directoryGroups: readonly string[],
  roles: readonly string[] = [],
): World {
  return {
    accounts: { entra: true, directory: true },
    groups: new Set(groups),
    directoryGroups: new Set(directoryGroups),
    roles: new Set(roles),
    passwords: [],
    stored: accountsRecord,
  };
}

function observed(
  { accounts, groups, directoryGroups, roles }: World,
  hasLeft: boolean,
  status: Status,
): ObservedUser {
  const named = (id: string) => ({ id, name: id });
  const lost = (status.leaver?.groups ?? []).filter(({ id }) => !groups.has(id));
  return observedUser({
    directoryMode: 'Managed',
    organizationalUnit: 'OU=contoso,OU=Customers,DC=corp,DC=example',
    samAccountName: 'mia',
    entra:
      accounts.entra === undefined
        ? undefined
        : entraUser({ accountEnabled: accounts.entra, onPremisesImmutableId: anchor }),
    activeDirectory:
      accounts.directory === undefined
        ? undefined
        : adAccount({ enabled: accounts.directory, groupGuids: [...directoryGroups].sort() }),
    protection: roles.size > 0 ? 'PrivilegedAccount' : undefined,
    roles: hasLeft
      ? { held: [...roles].map(heldRole), mayRemove: true, throughGroups: [] }
      : undefined,
    memberships: hasLeft ? [...groups].sort().map(named) : [],
    lostMemberships: hasLeft ? [] : lost.map(({ id }) => ({ ...named(id), isMember: false })),
  });
}

/** As both directories and apply.ts do it; what is learned. */
// oxlint-disable-next-line eslint/complexity -- one case for each action
function done(action: UserAction, now: World, status: Status): Status {
  const replaced = (side: 'entra' | 'activeDirectory'): Status => {
    now.passwords.push(`unknown ${side}`);
    const { leaver } = status;
    return { leaver: { ...leaver, passwords: { ...leaver?.passwords, [side]: 'Replaced' } } };
  };
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- the others are not for a person who leaves
  switch (action.name) {
    case 'UpdateEntraUser':
      now.accounts.entra = action.patch.accountEnabled ?? now.accounts.entra;
      return {};
    case 'UpdateAdAccount':
      now.accounts.directory = action.patch.enabled ?? now.accounts.directory;
      return {};
    case 'RevokeSessions':
      return { sessionsRevoked: true };
    case 'RecordLeaver':
    case 'RenewPasswordSecret':
      return {};
    case 'ForgetLeaver':
      return { leaver: action.left };
    case 'RemoveRole':
      now.roles.delete(action.assignmentId);
      return {};
    case 'LeaveGroup':
      now.groups.delete(action.groupId);
      return {};
    case 'JoinGroup':
      now.groups.add(action.groupId);
      return {};
    case 'LeaveAdGroup':
      now.directoryGroups.delete(action.groupGuid);
      return {};
    case 'RejoinAdGroup':
      now.directoryGroups.add(action.groupGuid);
      return {};
    case 'ReplaceEntraPassword':
      return replaced('entra');
    case 'ReplaceAdPassword':
      return replaced('activeDirectory');
    case 'SetEntraPassword':
    case 'SetAdPassword':
      now.passwords.push(`known ${action.name === 'SetAdPassword' ? 'activeDirectory' : 'entra'}`);
      return {};
    case 'DeleteEntraUser':
      now.accounts.entra = undefined;
      return {};
    case 'DeleteAdAccount':
      now.accounts.directory = undefined;
      return {};
    default:
      throw new Error(`${action.name} of a person who leaves`);
  }
}

/** One pass as runtime/reconcile.ts does it. `kills`: after so many actions of it the process ends; undefined: it does not. */
function pass(now: World, spec: Spec, { atMs, kills }: { atMs: number; kills?: number }): boolean {
  const hasLeft = spec.leaveAt !== undefined;
  let status = now.stored;
  let count = 0;
  for (let round = 0; round < 8; round += 1) {
    const person = user({ spec: { initialPassword: { secretName: 'mia' }, ...spec }, status });
    const plan = planUser(person, observed(now, hasLeft, status), atMs);
    status = { ...status, ...plan.status };
    if (plan.actions.length === 0) {
      now.stored = status;
      return true;
    }
    for (const action of plan.actions) {
      if (count === kills) return false;
      count += 1;
      const learned = done(action, now, status);
      status = { ...status, ...learned };
      if (!changesOutside(action)) now.stored = status;
    }
  }
  throw new Error('it did not converge in 8 rounds');
}

const names = fc.subarray(['a', 'b', 'c']);
const kill = fc.option(fc.nat(12), { nil: undefined });
/** However often it is killed, it starts again until it is through. */
function passes(now: World, spec: Spec, kills: readonly (number | undefined)[], atMs = nowMs) {
  for (const at of kills) pass(now, spec, at === undefined ? { atMs } : { atMs, kills: at });
  expect(pass(now, spec, { atMs })).toBe(true);
}

const leaves = { leaveAt: inHours(-1) };
const dayMs = 24 * 60 * 60_000;

describe('killed at any step', () => {
  it('a person who leaves is blocked, and comes back with the groups of before', () => {
    fc.assert(
      fc.property(
        names,
        names,
        fc.subarray(['Global', 'Exchange']),
        fc.array(kill),
        fc.array(kill),
        // oxlint-disable-next-line eslint/max-params -- one for each part of the history
        (groups, inDirectory, roles, out, back) => {
          const now = world(groups, inDirectory, roles);
          passes(now, leaves, out);
          expect(now.accounts).toEqual({ entra: false, directory: false });
          expect([now.groups.size, now.directoryGroups.size, now.roles.size]).toEqual([0, 0, 0]);
          expect(now.passwords).toEqual(
            expect.arrayContaining(['unknown activeDirectory', 'unknown entra']),
          );
          expect(now.stored.leaver?.blockedAt).toBeDefined();
          now.passwords.length = 0;
          passes(now, {}, back);
          expect(now.accounts).toEqual({ entra: true, directory: true });
          expect([[...now.groups].sort(), [...now.directoryGroups].sort()]).toEqual([
            groups,
            inDirectory,
          ]);
          expect(now.passwords.slice(-2)).toEqual(['known activeDirectory', 'known entra']);
          const { returnedAt, ...left } = now.stored.leaver ?? {};
          const named = roles.map((id) => ({ id, name: id }));
          expect(left).toEqual(roles.length === 0 ? {} : { roles: named });
          expect(returnedAt === undefined).toBe(roles.length === 0);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('one who changes their mind in the middle loses nothing', () => {
    fc.assert(
      fc.property(names, names, fc.nat(10), fc.array(kill), (groups, inDirectory, at, back) => {
        const now = world(groups, inDirectory);
        pass(now, leaves, { atMs: nowMs, kills: at });
        passes(now, {}, back);
        expect(now.accounts).toEqual({ entra: true, directory: true });
        expect([[...now.groups].sort(), [...now.directoryGroups].sort()]).toEqual([
          groups,
          inDirectory,
        ]);
        for (const side of ['activeDirectory', 'entra']) {
          const last = now.passwords.filter((password) => password.endsWith(side)).at(-1);
          expect(last?.startsWith('unknown')).not.toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('the end comes after the days of retention, once, and nothing is made again', () => {
    fc.assert(
      fc.property(names, fc.nat(3), fc.array(kill), (groups, days, kills) => {
        const now = world(groups, []);
        const spec = { ...leaves, retentionDays: days };
        passes(now, spec, []);
        if (days > 0) {
          passes(now, spec, kills, nowMs + days * dayMs - 1);
          expect(now.accounts).toEqual({ entra: false, directory: false });
        }
        passes(now, spec, kills, nowMs + days * dayMs);
        passes(now, spec, kills, nowMs + 1000 * dayMs);
        expect(now.accounts).toEqual({ entra: undefined, directory: undefined });
        expect(now.stored.leaver?.deletedAt).toBeDefined();
      }),
      { numRuns: 100 },
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { account, text } from '../../../hack/testing/arbitrary-account.ts';
import {
  deleted,
  ids,
  nowMs,
  readyCondition,
  user,
  withConditions,
} from '../../../hack/testing/build.ts';
import { adAccount, entraUser, observedUser } from '../../../hack/testing/observed.ts';
import { expectSoundPlan, readyOf, shown } from '../../../hack/testing/plan-checks.ts';
import type { M365User } from '../../core/objects.ts';
import type { UserAction } from './actions.ts';
import { directoryAttributes, entraProfile, isEnabled } from './desired.ts';
import { anchorsDiffer } from './directory-lost.ts';
import type { NamedGroup, ObservedUser } from './observed.ts';
import { planUser } from './plan.ts';

type World = readonly [M365User, ObservedUser];

const { anchor } = adAccount();
const skus = [ids.sku, ids.otherSku, 'foreign-sku', 'former-sku'];
const pools = { premium: ids.sku, phone: ids.otherSku };
const group = (name: string) =>
  fc
    .record({
      name: fc.constant(name),
      id: fc.constantFrom(undefined, `id-${name}`),
      isMember: fc.boolean(),
    })
    .map((g): NamedGroup => (g.id === undefined ? { ...g, isMember: false } : g));

const spec = fc.record({
  department: text,
  jobTitle: text,
  companyName: text,
  enabled: fc.boolean(),
  deletionPolicy: fc.constantFrom(
    'Retain' as const,
    'Disable' as const,
    'SoftDelete' as const,
    'Purge' as const,
  ),
});
const entra = fc
  .record({
    displayName: fc.constantFrom('Mia Muster', 'Other'),
    accountEnabled: fc.boolean(),
    department: text,
    jobTitle: text,
    managerId: fc.constantFrom(undefined, ids.manager, ids.account),
    assignedLicenses: fc
      .subarray(skus)
      .map((all) => all.map((skuId) => ({ skuId, disabledPlans: [] }))),
    onPremisesSyncEnabled: fc.constantFrom(undefined, true),
    onPremisesImmutableId: fc.constantFrom(undefined, anchor, 'b3RoZXI='),
  })
  .map((fields) => entraUser(fields));
const world: fc.Arbitrary<World> = fc
  .record({
    spec,
    wasReady: fc.boolean(),
    record: fc.constantFrom({}, { anchor, createdByOperator: { activeDirectory: true } }),
    mode: fc.constantFrom('None' as const, 'Managed' as const, 'EntraConnect' as const),
    entra: fc.option(entra, { nil: undefined }),
    isInBin: fc.boolean(),
    account: fc.option(account, { nil: undefined }),
    hasPasswordSecret: fc.constantFrom(undefined, true, false),
    wanted: fc.subarray(Object.entries(pools)),
    isSeatFree: fc.boolean(),
    isFormerOurs: fc.boolean(),
    groups: fc.tuple(group('A'), group('B')),
    former: fc.tuple(group('C')),
    extra: fc.subarray([{ name: 'D', id: 'id-D', isMember: true }]),
    manager: fc.option(
      fc.constant({
        field: 'managerRef' as const,
        name: 'boss',
        entraId: ids.manager,
        objectGuid: undefined,
      }),
      {
        nil: undefined,
      },
    ),
  })
  .map((given): World => {
    const plain = user({
      spec: given.spec,
      status: {
        entraId: ids.user,
        objectGuid: ids.account,
        ...given.record,
      },
    });
    const resource = given.wasReady ? withConditions(plain, [readyCondition()]) : plain;
    const isManaged = given.mode === 'Managed';
    return [
      resource,
      observedUser({
        directoryMode: given.mode,
        entra: given.entra,
        deleted: given.entra === undefined && given.isInBin ? entraUser() : undefined,
        activeDirectory: isManaged ? given.account : undefined,
        ...(isManaged ? { organizationalUnit: 'OU=contoso', samAccountName: 'mia' } : {}),
        hasPasswordSecret: given.entra === undefined ? given.hasPasswordSecret : undefined,
        licenses: given.wanted.map(([pool, skuId]) => ({
          pool,
          skuId,
          disabledPlans: [],
          hasFreeSeat: given.isSeatFree,
        })),
        surplus: given.isFormerOurs ? [{ pool: 'former', skuId: 'former-sku' }] : [],
        groups: given.groups,
        formerGroups: given.former,
        extraGroups: given.extra,
        directoryGroups:
          isManaged && given.account !== undefined
            ? [{ name: 'A', id: undefined, isMember: false }]
            : [],
        manager: given.manager,
      }),
    ];
  });

const joined = (groups: readonly NamedGroup[], name: string, change: Partial<NamedGroup>) =>
  groups.map((g) => (g.name === name ? { ...g, ...change } : g));

/** What both directories do: as little as the actions say. */
// oxlint-disable-next-line eslint/complexity -- one case for each action
function applied(action: UserAction, [resource, observed]: World): World {
  const seen = (more: Partial<ObservedUser>): World => [resource, { ...observed, ...more }];
  const found = observed.entra ?? entraUser();
  const account = observed.activeDirectory ?? adAccount();
  switch (action.name) {
    case 'ReportDrift':
    case 'RecordLeaver':
    case 'RecordPasswordSecret':
    case 'RenewPasswordSecret':
    case 'ExpirePasswordSecret':
      return [resource, observed];
    case 'ForgetLeaver':
    case 'RemoveRole':
    case 'LeaveAdGroup':
    case 'RejoinAdGroup':
    case 'ReplaceAdPassword':
    case 'ReplaceEntraPassword':
      throw new Error(`${action.name} for somebody who does not leave`);
    case 'RevokeSessions':
      return [{ ...resource, status: { ...resource.status, sessionsRevoked: true } }, observed];
    case 'SetAdPassword':
    case 'SetEntraPassword':
      return action.request === undefined
        ? [resource, observed]
        : [
            {
              ...resource,
              status: { ...resource.status, lastHandledPasswordRotation: action.request },
            },
            observed,
          ];
    case 'CreatePasswordSecret':
      return seen({ hasPasswordSecret: true });
    case 'CreateAdAccount':
      return seen({
        activeDirectory: adAccount({
          attributes: directoryAttributes(resource),
          enabled: isEnabled(resource, nowMs),
          anchor: action.anchor ?? anchor,
        }),
      });
    case 'RestoreAdAccount': {
      const { ownerUid = account.ownerUid, anchor: given = account.anchor } = action.lost;
      const lacksPassword = action.needsPassword ? undefined : account.lacksPassword;
      return seen({ activeDirectory: { ...account, ownerUid, anchor: given, lacksPassword } });
    }
    case 'UpdateAdAccount': {
      const { attributes = {}, ...state } = action.patch;
      return seen({
        activeDirectory: {
          ...account,
          ...state,
          attributes: { ...account.attributes, ...(attributes as Record<string, string>) },
        },
      });
    }
    case 'MoveAdAccount':
      return seen({
        activeDirectory: {
          ...account,
          distinguishedName: `CN=Mia Muster,${action.organizationalUnit}`,
        },
      });
    case 'JoinAdGroup':
      return seen({
        directoryGroups: joined(observed.directoryGroups, action.group, {
          id: 'ad',
          isMember: true,
        }),
      });
    case 'DeleteAdAccount':
      return seen({ activeDirectory: undefined });
    case 'CreateEntraUser': {
      const profile = Object.fromEntries(
        Object.entries(entraProfile(resource)).filter(([, value]) => value !== undefined),
      );
      return seen({
        entra: entraUser({
          ...profile,
          accountEnabled: isEnabled(resource, nowMs),
          onPremisesImmutableId: action.anchor,
        }),
      });
    }
    case 'UpdateEntraUser':
      return seen({ entra: { ...found, ...action.patch } });
    case 'AssignLicenses': {
      const changed = [...action.remove, ...action.add.map(({ skuId }) => skuId)];
      const kept = found.assignedLicenses.filter(({ skuId }) => !changed.includes(skuId));
      return seen({ entra: { ...found, assignedLicenses: [...kept, ...action.add] } });
    }
    case 'SetManager':
      return seen({ entra: { ...found, managerId: action.managerId } });
    case 'CreateGroup':
      return seen({ groups: joined(observed.groups, action.group, { id: `id-${action.group}` }) });
    case 'JoinGroup':
      return seen({ groups: joined(observed.groups, action.group, { isMember: true }) });
    case 'LeaveGroup':
      return seen({
        extraGroups: observed.extraGroups.filter(({ name }) => name !== action.group),
        formerGroups: joined(observed.formerGroups, action.group, { isMember: false }),
      });
    case 'InviteGuest':
      return seen({
        entra: entraUser({ userPrincipalName: 'mia_x#EXT#@contoso.onmicrosoft.com' }),
      });
    case 'RestoreEntraUser':
      return seen({ entra: action.account, origin: 'Recorded', deleted: undefined });
    case 'DeleteEntraUser':
      return seen({ entra: undefined });
    case 'PurgeEntraUser':
      return [{ ...resource, status: { ...resource.status, purged: true } }, observed];
  }
}

function converged(start: World, check: (action: UserAction) => void = () => undefined): World {
  let [resource, observed] = start;
  for (let round = 0; round < 10; round += 1) {
    const plan = planUser(resource, observed, nowMs);
    expectSoundPlan(resource, plan);
    resource = {
      ...resource,
      status: { ...resource.status, ...plan.status },
    };
    if (plan.actions.length === 0) return [resource, observed];
    for (const action of plan.actions) {
      check(action);
      [resource, observed] = applied(action, [resource, observed]);
    }
  }
  throw new Error('it did not converge in 10 rounds');
}

describe('the plan of a user', () => {
  it('converges, and then has nothing more to do', () => {
    fc.assert(
      fc.property(world, (start) => {
        const end = converged(start);
        const plan = planUser(...end, nowMs);
        expect(plan.actions).toEqual([]);
        expect(planUser(...end, nowMs)).toEqual(plan);
        if (!readyOf(plan).startsWith('True')) return;
        const sides = ['ActiveDirectorySynced', 'EntraSynced'].map((type) => shown(plan, type));
        expect(sides.filter((side) => side?.startsWith('True') === false)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('takes nothing away that is not ours', () => {
    fc.assert(
      fc.property(world, (start) => {
        const [, before] = start;
        const ours = before.surplus.map(({ skuId }) => skuId);
        converged(start, (action) => {
          expect(action.verb).not.toBe('delete');
          if (action.name === 'AssignLicenses') {
            // Nobody loses one while another that comes instead has no seat.
            const isAwaited = before.licenses.some(
              ({ skuId, hasFreeSeat }) =>
                !hasFreeSeat && !before.entra?.assignedLicenses.some((l) => l.skuId === skuId),
            );
            if (isAwaited) expect(action.remove).toEqual([]);
            expect(ours).toEqual(expect.arrayContaining([...action.remove]));
            expect(
              action.add.every(({ skuId }) => Object.values(pools).includes(skuId as never)),
            ).toBe(true);
          }
          if (action.name === 'LeaveGroup') expect(['C', 'D']).toContain(action.group);
        });
      }),
      { numRuns: 500 },
    );
  });

  it('touches no field that is not declared, and none of an account that a sync server owns', () => {
    fc.assert(
      fc.property(world, (start) => {
        const [resource, before] = start;
        const declared = Object.entries(entraProfile(resource)).flatMap(([name, value]) =>
          value === undefined ? [] : [name],
        );
        const allowed = [...declared, 'accountEnabled', 'onPremisesImmutableId'];
        const ldap = Object.keys(directoryAttributes(resource));
        converged(start, (action) => {
          if (action.name === 'UpdateEntraUser') {
            expect(before.entra?.onPremisesSyncEnabled).not.toBe(true);
            expect(allowed).toEqual(expect.arrayContaining(Object.keys(action.patch)));
            // An anchor is set once, and never changed.
            const isAnchorSet = 'onPremisesImmutableId' in action.patch;
            if (isAnchorSet) expect(before.entra?.onPremisesImmutableId).toBeUndefined();
          }
          if (action.name === 'UpdateAdAccount') {
            expect(ldap).toEqual(
              expect.arrayContaining(Object.keys(action.patch.attributes ?? {})),
            );
          }
        });
      }),
      { numRuns: 500 },
    );
  });

  it('does nothing where nothing differs', () => {
    fc.assert(
      fc.property(world, (start) => {
        const [resource, observed] = converged(start);
        const again = withConditions(resource, planUser(resource, observed, nowMs).conditions);
        const plan = planUser(again, observed, nowMs);
        expect(plan.actions).toEqual([]);
        // What differs between two people is said, and left.
        if (!anchorsDiffer(resource, observed)) expect(plan.status.drift).toBeUndefined();
        expect(plan.conditions).toEqual(planUser(resource, observed, nowMs).conditions);
      }),
      { numRuns: 300 },
    );
  });

  it('is as declared in both directories at the end, where nothing is waited for', () => {
    fc.assert(
      fc.property(world, (start) => {
        fc.pre(start[1].directoryMode !== 'EntraConnect' && !anchorsDiffer(...start));
        const [resource, { entra: found, activeDirectory }] = converged(start);
        fc.pre(
          found?.onPremisesSyncEnabled !== true && found?.onPremisesImmutableId !== 'b3RoZXI=',
        );
        const wanted = Object.entries(entraProfile(resource)).filter(
          ([, value]) => value !== undefined,
        );
        expect(found).toMatchObject({
          ...Object.fromEntries(wanted),
          accountEnabled: resource.spec.enabled,
        });
        if (start[1].directoryMode !== 'Managed') return;
        expect(found?.onPremisesImmutableId).toBe(activeDirectory?.anchor);
        expect(activeDirectory?.attributes).toMatchObject(directoryAttributes(resource));
        expect(activeDirectory?.enabled).toBe(resource.spec.enabled);
      }),
      { numRuns: 300 },
    );
  });

  it('ends a deletion, and deletes only accounts that we made', () => {
    fc.assert(
      fc.property(world, fc.boolean(), (start, isOurs) => {
        const [resource, observed] = start;
        const status = {
          ...resource.status,
          createdByOperator: { entra: isOurs, activeDirectory: isOurs },
        };
        const leaving = deleted({ ...resource, status });
        const [gone, end] = converged([leaving, observed], ({ verb }) => {
          if (verb === 'delete')
            expect([
              isOurs,
              ['SoftDelete', 'Purge'].includes(resource.spec.deletionPolicy),
            ]).toEqual([true, true]);
        });
        expect(planUser(gone, end, nowMs).released).toBe(true);
        if (resource.spec.deletionPolicy === 'Retain') expect(end).toEqual(observed);
      }),
      { numRuns: 300 },
    );
  });
});

import { describe, expect, it } from 'vitest';
import {
  inHours,
  nowMs,
  readyCondition,
  tenant,
  user,
  withConditions,
} from '../../../hack/testing/build.ts';
import { observedTenant } from '../../../hack/testing/observed.ts';
import { actionNames, readyOf, shown } from '../../../hack/testing/plan-checks.ts';
import type { DirectoryView } from '../../clients/graph/directory-view-port.ts';
import { groupTypeOf, hasWritableMembers } from '../../clients/graph/group-traits.ts';
import type { GroupTraits } from '../../clients/graph/port.ts';
import type { M365User } from '../../core/objects.ts';
import { newGroup } from '../new-group.ts';
import type { ObservedGroup } from './observed.ts';
import { planTenant } from './plan.ts';
import { readGroups } from './remote-groups.ts';

const declaring = (more: object = {}) =>
  tenant({ spec: { groups: [{ name: 'Sales', type: 'Security', ...more }] } });

const sales = (more: Partial<ObservedGroup> = {}): ObservedGroup => ({
  name: 'Sales',
  id: 'g1',
  found: 1,
  hasOtherType: false,
  hasWritableMembers: true,
  declaresMembers: true,
  missingMembers: [],
  surplusMembers: [],
  unknownMembers: [],
  ...more,
});

const ella = { id: 'u1', name: 'ella@contoso.example' };

describe('a declared group', () => {
  const rows: readonly (readonly [string, Partial<ObservedGroup>, string, readonly string[]])[] = [
    ['is not there', { id: undefined, found: 0 }, 'False GroupsDiffer', ['CreateGroup']],
    ['is there, as declared', {}, 'True Provisioned', []],
    ['lacks a member', { missingMembers: [ella] }, 'False GroupsDiffer', ['AddGroupMember']],
    ['has one too many', { surplusMembers: [ella] }, 'False GroupsDiffer', ['RemoveGroupMember']],
    ['names nobody yet', { unknownMembers: ['a@b.example'] }, 'False WaitingForMembers', []],
    ['is there twice', { found: 2, missingMembers: [ella] }, 'False AmbiguousMatch', []],
    ['is of another type', { hasOtherType: true }, 'False GroupTypeDiffers', []],
    [
      'has members by a rule',
      { hasWritableMembers: false, missingMembers: [ella] },
      'False GroupNotWritable',
      [],
    ],
    [
      'has members by a rule, and declares none',
      { hasWritableMembers: false, declaresMembers: false },
      'True Provisioned',
      [],
    ],
  ];
  it.each(rows)('%s', (_, group, ready, actions) => {
    const plan = planTenant(declaring(), observedTenant({ groups: [sales(group)] }), nowMs);
    expect([readyOf(plan), actionNames(plan)]).toEqual([ready, actions]);
  });

  it.each([
    [
      'over another',
      [
        ['Sales', ['Field']],
        ['Field', ['Sales']],
      ],
      'False GroupInItself',
    ],
    [
      'over two',
      [
        ['A', ['B']],
        ['B', ['C']],
        ['C', ['A']],
      ],
      'False GroupInItself',
    ],
    [
      'a diamond is none',
      [
        ['A', ['B', 'C']],
        ['B', ['D']],
        ['C', ['D']],
        ['D', []],
      ],
      'True Provisioned',
    ],
  ] as const)('cannot be in itself: %s', (_, nested, ready) => {
    const groups = nested.map(([name, memberGroups]) => ({
      name,
      type: 'Security' as const,
      memberGroups: [...memberGroups],
    }));
    const observed = observedTenant({ groups: groups.map(({ name }) => sales({ name })) });
    const plan = planTenant(tenant({ spec: { groups } }), observed, nowMs);
    expect([readyOf(plan), plan.actions]).toEqual([ready, []]);
  });

  it('that waits for an edit does not keep the people of the tenant from the news of its directory', () => {
    const plan = planTenant(declaring(), observedTenant({ groups: [sales({ found: 2 })] }), nowMs);
    expect(shown(plan, 'Stalled')).toBe('True AmbiguousMatch');
    expect(plan.next).toMatchObject({ look: 'after', delayMs: 60_000 });
  });

  it('is made though a domain is not verified yet', () => {
    const resource = tenant({
      spec: {
        domains: [{ name: 'contoso.example' }],
        groups: [{ name: 'Sales', type: 'Security' }],
      },
    });
    const observed = observedTenant({ domains: [], groups: [sales({ id: undefined })] });
    expect(actionNames(planTenant(resource, observed, nowMs))).toEqual([
      'AddDomain',
      'CreateGroup',
    ]);
  });

  it('is drift once it was as declared: who is gone, and who came', () => {
    const set = { ...readyCondition('GroupsSet'), type: 'GroupsReady' };
    const resource = withConditions(declaring(), [readyCondition(), set]);
    const groups = [sales({ missingMembers: [ella], surplusMembers: [{ id: 'x', name: 'x' }] })];
    const plan = planTenant(resource, observedTenant({ groups }), nowMs);
    expect(shown(plan, 'Drifted')).toBe('True FieldsDiffer');
    expect(plan.status.drift?.map(({ path, type }) => `${path} ${type}`)).toEqual([
      'groups[Sales].members Missing',
      'groups[Sales].exclusive Extra',
    ]);
  });
});

describe('a group that others changed', () => {
  const set = { ...readyCondition('GroupsSet'), type: 'GroupsReady' };
  const ruled = (policy: 'Report' | 'Adopt' | 'Ignore', field = 'groups.members') => {
    const resource = withConditions(declaring(), [readyCondition(), set]);
    const rules = [{ fields: [field], policy }];
    return {
      ...resource,
      spec: { ...resource.spec, drift: { default: 'Correct', rules } },
    } as const;
  };
  const changed = sales({ missingMembers: [ella], surplusMembers: [{ id: 'x', name: 'x' }] });

  it.each([
    ['Report', 'groups.members', ['groups[Sales].members', 'groups[Sales].exclusive']],
    ['Adopt', 'groups.members', ['groups[Sales].exclusive']],
    ['Ignore', 'groups', []],
  ] as const)('is done as the rule says: %s for %s', (policy, field, paths) => {
    const observed = observedTenant({ groups: [changed] });
    const plan = planTenant(ruled(policy, field), observed, nowMs);
    expect(actionNames(plan)).toEqual(field === 'groups' ? [] : ['RemoveGroupMember']);
    expect((plan.status.drift ?? []).map(({ path }) => path)).toEqual(paths);
  });

  it('and deleted stays so under Report, and the tenant is Ready', () => {
    const observed = observedTenant({ groups: [sales({ id: undefined })] });
    const plan = planTenant(ruled('Report', 'groups'), observed, nowMs);
    expect([readyOf(plan), shown(plan, 'Drifted')]).toEqual([
      'True Provisioned',
      'True FieldsDiffer',
    ]);
    expect(plan.actions).toEqual([]);
  });
});

describe('what the directory shows', () => {
  const view = (memberIds: readonly string[], traits: GroupTraits) =>
    ({
      groupsByName: () => [
        {
          id: 'g1',
          displayName: 'Sales',
          type: groupTypeOf(traits),
          hasWritableMembers: hasWritableMembers(traits),
          memberIds: new Set(memberIds),
        },
      ],
      userByPrincipalName: (name: string) => (name === ella.name ? { id: ella.id } : undefined),
      user: (id: string) =>
        id === 'u9' ? { userPrincipalName: 'nine@contoso.example' } : undefined,
    }) as unknown as DirectoryView;

  it('tells who lacks, who is too many, and who is named by an M365User', () => {
    const resource = declaring({ members: [ella.name, 'no@body.example'], exclusive: true });
    const named = user({ spec: { groups: ['sales'] }, status: { entraId: 'u2' } });
    const [group] = readGroups(resource, {
      view: view(['u2', 'u9'], { securityEnabled: true }),
      people: () => [named],
      nowMs,
    });
    expect(group).toMatchObject({
      missingMembers: [ella],
      surplusMembers: [{ id: 'u9', name: 'nine@contoso.example' }],
      unknownMembers: ['no@body.example'],
      hasOtherType: false,
      hasWritableMembers: true,
    });
  });

  it('asks for nobody back who has left: a leaver is taken out of all groups', () => {
    const leaveAt = inHours(-1);
    const left = user({ spec: { userPrincipalName: 'Ella@contoso.example', leaveAt } });
    const resource = declaring({ members: [ella.name], exclusive: true });
    const sight = { view: view([ella.id], { securityEnabled: true }), nowMs };
    const members = (people: readonly M365User[]) => {
      const [group] = readGroups(resource, { ...sight, people: () => people });
      return [group?.missingMembers, group?.surplusMembers, group?.unknownMembers];
    };
    expect(members([left])).toMatchObject([[], [{ id: ella.id }], []]);
    expect(members([user({ spec: { userPrincipalName: ella.name } })])).toEqual([[], [], []]);
  });

  it('tells which groups lack, which are too many, and which nobody can tell', () => {
    const groups = new Map([
      [
        'Sales',
        [
          {
            id: 'g1',
            displayName: 'Sales',
            type: 'Security',
            hasWritableMembers: true,
            memberIds: new Set(['g3']),
          },
        ],
      ],
      ['Field', [{ id: 'g2', displayName: 'Field' }]],
      ['g3', [{ id: 'g3', displayName: 'Others' }]],
      ['Twice', [{ id: 'g4' }, { id: 'g5' }]],
    ]);
    const shows = {
      ...view([], {}),
      groupsByName: (name: string) => groups.get(name) ?? [],
    } as unknown as DirectoryView;
    const nested = { members: [], memberGroups: ['Field', 'Twice', 'Nowhere'], exclusive: true };
    expect(readGroups(declaring(nested), { view: shows, people: () => [], nowMs })).toMatchObject([
      {
        declaresMembers: true,
        missingMembers: [{ id: 'g2', name: 'Field' }],
        surplusMembers: [{ id: 'g3', name: 'Others' }],
        unknownMembers: ['Twice', 'Nowhere'],
      },
    ]);
  });

  it.each([
    ['Microsoft 365', { groupTypes: ['Unified'], mailEnabled: true }, true, true],
    ['dynamic', { groupTypes: ['DynamicMembership'], securityEnabled: true }, false, false],
    ['role-assignable', { securityEnabled: true, isAssignableToRole: true }, false, false],
    ['synced', { securityEnabled: true, onPremisesSyncEnabled: true }, false, false],
    ['a distribution list', { mailEnabled: true, securityEnabled: false }, true, false],
  ])('of a group that is %s', (_, traits, hasOtherType, isWritable) => {
    const [group] = readGroups(declaring(), { view: view([], traits), people: () => [], nowMs });
    expect(group).toMatchObject({ hasOtherType, hasWritableMembers: isWritable });
  });

  it('a group that an M365User asks for is made as the tenant declares it', () => {
    expect(newGroup(declaring({ type: 'Microsoft365' }), 'sales').type).toBe('Microsoft365');
    expect(newGroup(tenant(), 'other').type).toBe('Security');
  });
});

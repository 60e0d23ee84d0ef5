/** Groups of Active Directory that a tenant declares. On a real one: hack/integration/active-directory-drift.test.ts. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ids,
  inHours,
  nowMs,
  readyCondition,
  tenant,
  user,
  withConditions,
} from '../../../hack/testing/build.ts';
import { observedTenant } from '../../../hack/testing/observed.ts';
import { actionNames, expectSoundPlan, readyOf, shown } from '../../../hack/testing/plan-checks.ts';
import type { AdGroupMembers, AdInventory } from '../../clients/active-directory/groups-port.ts';
import type { M365Tenant, M365User } from '../../core/objects.ts';
import { newAdGroup } from '../new-group.ts';
import type { TenantAction } from './actions.ts';
import type { ObservedDirectoryGroup, ObservedTenant } from './observed.ts';
import { planTenant } from './plan.ts';
import { readDirectoryGroups } from './remote-directory-groups.ts';

const customersOU = 'OU=Customers,DC=corp,DC=example';
const changedAt = '2026-03-02T09:00:00Z';

type Declared = NonNullable<M365Tenant['spec']['activeDirectoryGroups']>;

const declaring = (...groups: Declared): M365Tenant =>
  tenant({
    spec: {
      identity: { activeDirectory: 'Managed', passwords: 'Both' },
      activeDirectoryGroups: groups,
    },
    status: {
      tenantId: ids.tenant,
      organizationalUnit: `OU=contoso,${customersOU}`,
      upnSuffixes: ['contoso.onmicrosoft.com'],
    },
  });

const sales = (more: Partial<ObservedDirectoryGroup> = {}): ObservedDirectoryGroup => ({
  name: 'Sales',
  id: 'g1',
  isNameTaken: false,
  changedAt,
  missingMembers: [],
  surplusMembers: [],
  unknownMembers: [],
  unheldGroups: [],
  ...more,
});

const seen = (directoryGroups?: ObservedTenant['directoryGroups']): ObservedTenant =>
  observedTenant({ customersOU, directoryGroups });

const ella = { id: 'u1', name: 'ella@contoso.example' };
const type = 'ActiveDirectoryGroupsReady';

describe('a declared group of Active Directory', () => {
  const rows: readonly (readonly [
    string,
    Partial<ObservedDirectoryGroup>,
    string,
    readonly string[],
  ])[] = [
    ['is not there', { id: undefined }, 'False GroupsDiffer', ['CreateGroup']],
    ['is there, as declared', {}, 'True Provisioned', []],
    ['lacks a member', { missingMembers: [ella] }, 'False GroupsDiffer', ['AddGroupMember']],
    ['has one too many', { surplusMembers: [ella] }, 'False GroupsDiffer', ['RemoveGroupMember']],
    ['names nobody yet', { unknownMembers: ['a@b.example'] }, 'False WaitingForMembers', []],
    [
      'is not there, and its name is taken',
      { id: undefined, isNameTaken: true },
      'False NameTaken',
      [],
    ],
    ['cannot hold a group', { unheldGroups: ['Local'] }, 'False GroupScopeDiffers', []],
  ];
  it.each(rows)('%s', (_, group, ready, actions) => {
    const resource = declaring({ name: 'Sales' });
    const plan = planTenant(resource, seen([sales(group)]), nowMs);
    expect([readyOf(plan), actionNames(plan)]).toEqual([ready, actions]);
    expect(plan.actions.map(({ system }) => system)).toEqual(actions.map(() => 'ActiveDirectory'));
    expectSoundPlan(resource, plan);
  });

  it.each<[string, Declared, string]>([
    ['the group of all people', [{ name: 'people of Contoso' }], 'GroupReserved'],
    ['two of one name', [{ name: 'Ärzte' }, { name: 'ärzte' }], 'AmbiguousName'],
    [
      'one in itself over another',
      [
        { name: 'Sales', memberGroups: ['FIELD'] },
        { name: 'Field', memberGroups: ['sales'] },
      ],
      'GroupInItself',
    ],
  ])('is refused, and nothing is done: %s', (_, groups, reason) => {
    const observed = seen(groups.map(({ name }) => sales({ name, id: undefined })));
    const plan = planTenant(declaring(...groups), observed, nowMs);
    expect([shown(plan, type), plan.actions]).toEqual([`False ${reason}`, []]);
    expect(shown(plan, 'Stalled')).toBe(`True ${reason}`);
  });

  it('is looked at again with the next poll where somebody is waited for', () => {
    const waiting = sales({ unknownMembers: ['a@b.example'] });
    const plan = planTenant(declaring({ name: 'Sales' }), seen([waiting]), nowMs);
    expect(plan.next).toEqual({ look: 'after', delayMs: 60_000, reason: 'WaitingForMembers' });
  });

  it('waits for what stands below the OU to be read, and keeps what status shows', () => {
    const activeDirectoryGroups = [{ name: 'Sales', objectGuid: 'g1' }];
    const resource = declaring({ name: 'Sales' });
    const known = { ...resource, status: { ...resource.status, activeDirectoryGroups } };
    const plan = planTenant(known, seen(), nowMs);
    expect(shown(plan, type)).toBe('False ReadingGroups');
    expect(plan.status.activeDirectoryGroups).toEqual(activeDirectoryGroups);
    expect(planTenant(declaring(), seen([]), nowMs).status.activeDirectoryGroups).toBeUndefined();
  });

  it('is nothing while a sync server writes the tenant', () => {
    const observed = seen([sales({ id: undefined })]);
    const organization = { ...observed.organization!, onPremisesSyncEnabled: true };
    const plan = planTenant(declaring({ name: 'Sales' }), { ...observed, organization }, nowMs);
    expect([readyOf(plan), plan.actions]).toEqual(['False DirectorySyncActive', []]);
    expect(shown(plan, type)).toBeUndefined();
  });

  it('is made though a domain is not verified yet', () => {
    const resource = declaring({ name: 'Sales' });
    const domains = [{ name: 'contoso.example', authentication: 'Managed' as const }];
    const upnSuffixes = ['contoso.onmicrosoft.com', 'contoso.example'];
    const plan = planTenant(
      {
        ...resource,
        spec: { ...resource.spec, domains },
        status: { ...resource.status, upnSuffixes },
      },
      { ...seen([sales({ id: undefined })]), domains: [] },
      nowMs,
    );
    expect(actionNames(plan)).toEqual(['AddDomain', 'CreateGroup']);
  });

  it('is made as the tenant declares it, also where a person asks for it first', () => {
    const resource = declaring({ name: 'Sales', description: 'Who sells' });
    expect(newAdGroup(resource, 'sales')).toEqual({ name: 'Sales', description: 'Who sells' });
    expect(newAdGroup(resource, 'Field')).toEqual({ name: 'Field' });
  });
});

describe('a group of Active Directory that others changed', () => {
  const set = { ...readyCondition('GroupsSet'), type };
  const once = withConditions(declaring({ name: 'Sales' }), [readyCondition(), set]);
  const changed = sales({ missingMembers: [ella], surplusMembers: [{ id: 'x', name: 'x' }] });
  const ruled = (policy: 'Correct' | 'Report' | 'Adopt' | 'Ignore', field: string): M365Tenant => ({
    ...once,
    spec: { ...once.spec, drift: { default: 'Correct', rules: [{ fields: [field], policy }] } },
  });

  it('is drift with its time, put right, and by whom is not told', () => {
    const plan = planTenant(once, seen([changed]), nowMs);
    expect(shown(plan, 'Drifted')).toBe('True FieldsDiffer');
    expect(plan.status.drift).toEqual([
      {
        path: 'activeDirectoryGroups[Sales].members',
        type: 'Missing',
        declared: ella.name,
        changedBy: 'unknown',
        changedAt,
      },
      {
        path: 'activeDirectoryGroups[Sales].exclusive',
        type: 'Extra',
        actual: 'x',
        changedBy: 'unknown',
        changedAt,
      },
    ]);
    expect(actionNames(plan)).toEqual(['AddGroupMember', 'RemoveGroupMember']);
    const again = sales({ ...changed, changedAt: '2026-03-02T09:30:00Z' });
    const shownBefore = { ...once, status: { ...once.status, drift: [...plan.status.drift!] } };
    expect(planTenant(shownBefore, seen([again]), nowMs).status.drift).toEqual(plan.status.drift);
  });

  it('and deleted is drift without a time', () => {
    const gone = sales({ id: undefined, changedAt: undefined });
    const plan = planTenant(once, seen([gone]), nowMs);
    expect(plan.status.drift).toEqual([
      {
        path: 'activeDirectoryGroups[Sales]',
        type: 'Missing',
        declared: 'Sales',
        changedBy: 'unknown',
      },
    ]);
    expect(actionNames(plan)).toEqual(['CreateGroup']);
  });

  it.each([
    ['Report', 'activeDirectoryGroups.members', ['members', 'exclusive'], ['RemoveGroupMember']],
    ['Adopt', 'activeDirectoryGroups.members', ['exclusive'], ['RemoveGroupMember']],
    ['Ignore', 'activeDirectoryGroups', [], []],
    ['Ignore', 'groups', ['members', 'exclusive'], ['AddGroupMember', 'RemoveGroupMember']],
    [
      'Ignore',
      'activeDirectory',
      ['members', 'exclusive'],
      ['AddGroupMember', 'RemoveGroupMember'],
    ],
  ] as const)('is done as the rule says: %s for %s', (policy, field, drift, actions) => {
    const plan = planTenant(ruled(policy, field), seen([changed]), nowMs);
    expect(actionNames(plan)).toEqual(actions);
    const paths = (plan.status.drift ?? []).map(({ path }) => path);
    expect(paths).toEqual(drift.map((field) => `activeDirectoryGroups[Sales].${field}`));
  });
});

/** What the trail of changes has told. */
const inventory = (
  accounts: Readonly<Record<string, string>>,
  ...groups: readonly (Partial<AdGroupMembers> & { readonly name: string })[]
): AdInventory => ({
  accounts: new Map(Object.entries(accounts)),
  groups: new Map(
    groups.map((group) => {
      const objectGuid = group.objectGuid ?? `guid-${group.name}`;
      const rest = { isDirect: true, scope: 'Global', strangers: new Map() } as const;
      return [objectGuid, { ...rest, memberGuids: new Set<string>(), ...group, objectGuid }];
    }),
  ),
});

describe('what Active Directory shows of a declared group', () => {
  const read = (
    declared: Declared[number],
    found: AdInventory,
    people: readonly M365User[] = [],
  ): ObservedDirectoryGroup | undefined =>
    readDirectoryGroups(declaring(declared), found, () => people, nowMs)[0];

  it('is who lacks, who is too many by name, and whom nobody knows; letter case is nothing', () => {
    const found = inventory(
      { u1: 'Ella@contoso.example', u2: 'noah@contoso.example', u3: 'ada@contoso.example' },
      {
        name: 'SALES',
        memberGuids: new Set(['u2', 'u3', 'guid-Old', 'x', 'lost']),
        strangers: new Map([['x', 'CN=Eve,CN=Users']]),
        changedAt,
      },
      { name: 'Field' },
      { name: 'Old' },
      { name: 'Deep', isDirect: false },
    );
    const named = user({
      spec: { activeDirectory: { groups: ['sales'] } },
      status: { objectGuid: 'u2' },
    });
    const members = ['ella@contoso.example', 'no@body.example'];
    const memberGroups = ['field', 'Deep'];
    const declared = { name: 'Sales', members, memberGroups, exclusive: true };
    expect(read(declared, found, [named])).toEqual({
      name: 'Sales',
      id: 'guid-SALES',
      isNameTaken: false,
      changedAt,
      missingMembers: [
        { id: 'u1', name: 'ella@contoso.example' },
        { id: 'guid-Field', name: 'field' },
      ],
      surplusMembers: [
        { id: 'u3', name: 'ada@contoso.example' },
        { id: 'guid-Old', name: 'Old' },
        { id: 'x', name: 'CN=Eve,CN=Users' },
        { id: 'lost', name: 'lost' },
      ],
      unknownMembers: ['no@body.example', 'Deep'],
      unheldGroups: [],
    });
    expect(read({ ...declared, exclusive: false }, found)?.surplusMembers).toEqual([]);
  });

  it('is no group that stands deeper, and all members of one that is to be made', () => {
    const found = inventory({ u1: ella.name }, { name: 'Sales', isDirect: false });
    expect(read({ name: 'Sales', members: [ella.name] }, found)).toMatchObject({
      id: undefined,
      missingMembers: [ella],
    });
  });

  it('asks for nobody back who has left', () => {
    const left = user({ spec: { userPrincipalName: ella.name, leaveAt: inHours(-1) } });
    const found = inventory({ u1: ella.name }, { name: 'Sales' });
    const declared = { name: 'Sales', members: [ella.name] };
    expect(read(declared, found, [left])).toMatchObject({ missingMembers: [], unknownMembers: [] });
    expect(read(declared, found)).toMatchObject({ missingMembers: [ella] });
  });

  it.each([
    ['Global', 'Global', true],
    ['Global', 'Universal', false],
    ['Global', 'DomainLocal', false],
    ['Universal', 'Global', true],
    ['Universal', 'Universal', true],
    ['Universal', 'DomainLocal', false],
    ['DomainLocal', 'Global', true],
    ['DomainLocal', 'Universal', true],
    ['DomainLocal', 'DomainLocal', true],
    [undefined, 'Universal', false],
  ] as const)('is whether it may hold another: %s holds %s: %s', (outer, inner, holds) => {
    const made = outer === undefined ? [] : [{ name: 'Outer', scope: outer }];
    const found = inventory({}, ...made, { name: 'Inner', scope: inner });
    const group = read({ name: 'Outer', memberGroups: ['Inner'] }, found);
    expect(group?.unheldGroups).toEqual(holds ? [] : ['Inner']);
  });
});

/** Carried out on what stands below the OU. */
function applied(action: TenantAction, { accounts, groups }: AdInventory): AdInventory {
  const changed = new Map(groups);
  if (action.name === 'CreateGroup') {
    const [[guid, group] = []] = inventory({}, { name: action.group }).groups;
    changed.set(guid!, group!);
  }
  if (action.name === 'AddGroupMember' || action.name === 'RemoveGroupMember') {
    const group = changed.get(action.groupId)!;
    const memberGuids = new Set(group.memberGuids);
    if (action.name === 'AddGroupMember') memberGuids.add(action.member.id);
    else memberGuids.delete(action.member.id);
    changed.set(action.groupId, { ...group, memberGuids });
  }
  return { accounts, groups: changed };
}

it('ends with the members that are declared: others stay, but in exclusive groups; nothing is done twice', () => {
  const people = ['a', 'b', 'c', 'd'];
  const accounts = Object.fromEntries(people.map((one) => [one, `${one}@contoso.example`]));
  const names = ['One', 'Two', 'Three'];
  const anyGroup = fc.record({
    members: fc.subarray(people),
    isNested: fc.boolean(),
    exclusive: fc.boolean(),
    before: fc.option(fc.subarray([...people, 'stranger']), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.tuple(anyGroup, anyGroup, anyGroup), fc.subarray(names), (groups, named) => {
      const resource = declaring(
        ...groups.map(({ members, isNested, exclusive }, index) => ({
          name: names[index]!,
          members: members.map((one) => accounts[one]!),
          memberGroups: isNested ? names.slice(index + 1) : [],
          exclusive,
        })),
      );
      const d = user({
        spec: { activeDirectory: { groups: named } },
        status: { objectGuid: 'd' },
      });
      let found = inventory(
        accounts,
        ...groups.flatMap(({ before }, index) =>
          before === undefined ? [] : [{ name: names[index]!, memberGuids: new Set(before) }],
        ),
      );
      const look = () => {
        const directoryGroups = readDirectoryGroups(resource, found, () => [d], nowMs);
        return planTenant(resource, seen(directoryGroups), nowMs);
      };
      const done = new Set<string>();
      for (let round = 0; round < 3; round += 1) {
        for (const action of look().actions) {
          const key = JSON.stringify(action);
          expect(done.has(key)).toBe(false);
          done.add(key);
          found = applied(action, found);
        }
      }
      expect([readyOf(look()), look().actions]).toEqual(['True Provisioned', []]);
      for (const [index, { members, isNested, exclusive, before = [] }] of groups.entries()) {
        const name = names[index]!;
        const declared = new Set([
          ...members,
          ...(isNested ? names.slice(index + 1).map((one) => `guid-${one}`) : []),
        ]);
        const kept = before.filter((one) => !exclusive || (one === 'd' && named.includes(name)));
        const memberGuids = found.groups.get(`guid-${name}`)?.memberGuids;
        expect(memberGuids).toEqual(declared.union(new Set(kept)));
      }
    }),
  );
});

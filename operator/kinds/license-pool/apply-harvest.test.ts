/** The last look before a licence is taken, and what is taken: everything around is as it was planned, but for one thing. */
import { beforeEach, describe, expect, it } from 'vitest';
import { ids, nowMs, user as person, pool, tenant } from '../../../hack/testing/build.ts';
import type { AccountFacts, ActivityView } from '../../clients/graph/activity-port.ts';
import type { DirectoryView } from '../../clients/graph/directory-view-port.ts';
import type { EntraUser, Graph } from '../../clients/graph/port.ts';
import { terminal, wait } from '../../core/errors.ts';
import type { M365Tenant, M365User } from '../../core/objects.ts';
import type { Deps, TenantAccess } from '../access.ts';
import { takeLicense as action } from './actions.ts';
import { takeLicense } from './apply-harvest.ts';
import type { Proposal } from './harvest.ts';
import { harvestSight } from './remote-harvest.ts';

const { signal } = new AbortController();
const dayMs = 24 * 60 * 60_000;
const other = '00000000-0000-4000-8000-0000000000e5';
const ben = '00000000-0000-4000-8000-00000000be11';

const proposal: Proposal = {
  id: ben,
  user: 'ben@contoso.example',
  reason: 'Disabled',
  since: '2026-01-01',
  proposedOn: '2026-01-01',
};

const account: EntraUser = {
  id: ben,
  userPrincipalName: 'ben@contoso.example',
  displayName: 'Ben',
  accountEnabled: false,
  assignedLicenses: [
    { skuId: ids.sku, disabledPlans: [] },
    { skuId: other, disabledPlans: [] },
  ],
};

const spec = { harvest: { mode: 'Auto', inactiveDays: 90, graceDays: 0, maxPerDay: 5 } } as const;

class World {
  account: EntraUser | undefined = account;
  facts: AccountFacts | undefined = {
    id: ben,
    createdMs: nowMs - 200 * dayMs,
    owner: undefined,
    lastSignInMs: undefined,
  };
  tenant: M365Tenant = tenant({ status: { tenantId: ids.tenant } });
  users: M365User[] = [];
  isPrivileged = false;
  groups: { readonly memberIds: ReadonlySet<string> }[] = [];
  granted = ['RoleManagement.Read.Directory'];
  refusal: Error | undefined;
  readonly changes: unknown[] = [];
  readonly woken: unknown[] = [];
  readonly recorded: Partial<EntraUser>[] = [];
  readonly asked: boolean[] = [];

  get access(): TenantAccess {
    const graph = {
      getUser: () => Promise.resolve(this.account),
      getActivity: () => Promise.resolve(this.facts),
      permissions: () => Promise.resolve(this.granted),
      assignLicenses: (id: string, change: object) => {
        if (this.refusal !== undefined) return Promise.reject(this.refusal);
        this.changes.push({ id, ...change });
        return Promise.resolve({ requestId: 'request-1' });
      },
    } as unknown as Graph;
    const directory = {
      lastFullReadMs: 5,
      user: () => this.account,
      holdersOf: () => [this.account].filter((one) => one !== undefined),
      isPrivileged: () => this.isPrivileged,
      groupsByName: () => this.groups,
      recordUser: (_: string, change: Partial<EntraUser>) => this.recorded.push(change),
    } as unknown as DirectoryView;
    const activity: ActivityView = {
      readMs: 7,
      signIns: 'Available',
      goOnMs: undefined,
      account: () => this.facts,
      refresh: ({ withSignIns }) => {
        this.asked.push(withSignIns);
        return Promise.resolve();
      },
      record: () => undefined,
    };
    const clients = {
      graph: () => graph,
      directory: () => directory,
      activity: () => activity,
      partnerCenter: { clockOffsetMs: 0 },
    };
    return { tenant: this.tenant, tenantId: ids.tenant, clients } as unknown as TenantAccess;
  }

  get deps(): Deps {
    const cluster = {
      referencing: () => this.users,
      referencingInAllShards: () => Promise.resolve(this.users),
    };
    const wake = (key: string, _: string, delayMs: number) => this.woken.push([key, delayMs]);
    return { nowMs: () => nowMs, cluster, wake } as unknown as Deps;
  }
}

let world: World;

beforeEach(() => {
  world = new World();
});

const take = (more: Partial<Proposal> = {}) =>
  takeLicense(action(ids.sku, { ...proposal, ...more }) as never, {
    deps: world.deps,
    pool: pool({ spec }),
    access: world.access,
    signal,
  });

const see = (harvest: object = spec.harvest) =>
  harvestSight(
    world.deps,
    pool({ spec: { harvest: { ...spec.harvest, ...harvest } } }),
    { access: world.access, skuId: ids.sku },
    signal,
  );

describe('an unused licence', () => {
  it('is taken, alone, and stands in status and in the audit line', async () => {
    const learned = await take();
    expect(world.changes).toEqual([{ id: ben, add: [], remove: [ids.sku] }]);
    expect(world.recorded.at(-1)).toEqual({ assignedLicenses: [account.assignedLicenses[1]] });
    expect(learned.status?.harvest?.taken).toMatchObject([{ id: ben, reason: 'Disabled' }]);
    expect(learned.audit).toMatchObject({ requestId: 'request-1', target: ben });
    expect(learned.refusal).toBeUndefined();
    expect(world.woken).toEqual([['LicensePool/acme/premium', 10_000]]);
  });

  it.each<readonly [string, () => void]>([
    ['is open again', () => (world.account = { ...account, accountEnabled: true })],
    ['is gone', () => (world.account = undefined)],
    ['holds it no more', () => (world.account = { ...account, assignedLicenses: [] })],
    ['was made lately after all', () => (world.facts = { ...facts(), createdMs: nowMs })],
    [
      'is wanted in Git',
      () =>
        (world.users = [
          person({ spec: { entraId: ben, pools: ['premium'], usageLocation: 'DE' } }),
        ]),
    ],
    ['is an administrator now', () => (world.isPrivileged = true)],
    [
      'is protected now',
      () => (world.tenant = tenant({ spec: { protectedUsers: ['Ben@contoso.example'] } })),
    ],
    [
      'has it from a group now',
      () =>
        (world.account = {
          ...account,
          inheritedLicenses: [{ skuId: ids.sku, groupId: 'g', isDirectToo: true }],
        }),
    ],
  ])('is left where its holder %s', async (_, happens) => {
    happens();
    await expect(take()).rejects.toMatchObject({ class: 'Transient', reason: 'HarvestChanged' });
    expect(world.changes).toEqual([]);
  });

  it('is left where who was inactive has signed in', async () => {
    world.account = { ...account, accountEnabled: true };
    await take({ reason: 'Inactive' });
    world.facts = { ...facts(), lastSignInMs: nowMs };
    await expect(take({ reason: 'Inactive' })).rejects.toMatchObject({ reason: 'HarvestChanged' });
    expect(world.changes).toHaveLength(1);
  });

  it('that Microsoft refuses to have taken holds up nobody else; what passes is tried again', async () => {
    world.refusal = terminal('an add-on needs it', { reason: 'LicenseDependencyMissing' });
    const learned = await take();
    expect(learned).toMatchObject({ refusal: 'LicenseDependencyMissing', audit: { target: ben } });
    world.refusal = wait('quota', { reason: 'Throttled' });
    await expect(take()).rejects.toMatchObject({ reason: 'Throttled' });
  });
});

function facts(): AccountFacts {
  if (world.facts === undefined) throw new Error('no facts');
  return world.facts;
}

describe('who holds a licence', () => {
  const claims = async () =>
    (await see())?.holders.map(({ claim, isLeftBehind }) => [claim, isLeftBehind]);
  const licensed = { pools: ['premium'], usageLocation: 'DE' as const };

  it.each<readonly [string, () => void, readonly [string, boolean]]>([
    ['nobody declares', () => undefined, ['None', false]],
    ['the operator made', () => (world.facts = { ...facts(), owner: 'acme/mia' }), ['None', true]],
    [
      '… for another namespace, or another cluster',
      () => (world.facts = { ...facts(), owner: 'globex/mia' }),
      ['None', false],
    ],
    [
      '… for an M365User that is there',
      () => {
        world.facts = { ...facts(), owner: 'acme/mia' };
        world.users = [person({ spec: licensed })];
      },
      ['Wanted', false],
    ],
    [
      'is known by its name',
      () => (world.users = [person({ spec: { userPrincipalName: 'BEN@contoso.example' } })]),
      ['Unwanted', false],
    ],
    [
      'is paused',
      () => (world.users = [person({ spec: { entraId: ben, suspend: true } })]),
      ['Suspended', false],
    ],
    [
      'is a room',
      () => (world.users = [person({ spec: { ...licensed, entraId: ben, type: 'Room' } })]),
      ['Exempt', false],
    ],
    [
      'starts later',
      () => (world.users = [person({ spec: { entraId: ben, startAt: '2099-01-01T00:00:00Z' } })]),
      ['Exempt', false],
    ],
    [
      'has left and gives it back',
      () =>
        (world.users = [
          person({
            spec: {
              ...licensed,
              entraId: ben,
              leaveAt: '2020-01-01T00:00:00Z',
              seatsOnLeave: 'Free',
            },
          }),
        ]),
      ['Exempt', false],
    ],
  ])('that %s', async (_, happens, expected) => {
    happens();
    expect(await claims()).toEqual([expected]);
  });

  it('is spared where excluded by name, by id, by group; or protected', async () => {
    const spared = async (exclude?: object) =>
      (await see(exclude && { exclude }))?.holders.map(({ isSpared }) => isSpared);
    expect(await spared()).toEqual([false]);
    expect(await spared({ users: ['Ben@Contoso.example'] })).toEqual([true]);
    expect(await spared({ users: [ben] })).toEqual([true]);
    world.groups = [{ memberIds: new Set([ben]) }];
    expect(await spared({ groups: ['Leave'] })).toEqual([true]);
    expect(await spared()).toEqual([false]);
    world.tenant = tenant({ spec: { protectedUsers: [ben] } });
    expect(await spared()).toEqual([true]);
  });

  it('nobody is taken from while it is unknown who is excluded, or an administrator', async () => {
    const exclude = { groups: ['Leave'] };
    expect((await see({ exclude }))?.block).toBe('ExcludedGroupNotFound');
    expect((await see({ exclude, mode: 'Propose' }))?.block).toBeUndefined();
    world.granted = ['User.ReadWrite.All'];
    expect((await see())?.block).toBe('AdministratorsUnknown');
    world.granted = ['Directory.Read.All'];
    expect((await see())?.block).toBeUndefined();
  });

  it('sign-ins are read where they are asked for, accounts where anybody is looked for', async () => {
    await see();
    await see({ inactiveDays: undefined });
    expect(await see({ mode: 'Off' })).toBeUndefined();
    expect(world.asked).toEqual([true, false]);
  });
});

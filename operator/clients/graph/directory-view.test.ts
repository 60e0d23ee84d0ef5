import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ids } from '../../../hack/testing/build.ts';
import { settle } from '../../../hack/testing/clock.ts';
import {
  contoso,
  FakeGraph,
  groupChange as group,
  partOfUser as part,
  userChange as user,
} from '../../../hack/testing/fake-graph.ts';
import { transient, wait } from '../../core/errors.ts';
import { GraphDirectoryView } from './directory-view.ts';
import { FirstReads } from './first-reads.ts';
import type { Graph, UserChange } from './port.ts';

const signal = new AbortController().signal;

const minute = 60_000;

let graph: FakeGraph;

let view: GraphDirectoryView;

let nowMs: number;

let told: string[][];

beforeEach(() => {
  graph = new FakeGraph();
  nowMs = 1_000_000;
  told = [];
  view = new GraphDirectoryView({
    firstReads: new FirstReads(),
    graph: graph as unknown as Graph,
    nowMs: () => nowMs,
    onChange: (userIds) => told.push([...userIds].sort()),
  });
});

const refresh = () => view.refresh(signal);

const memberIds = () => view.groupsByName('sales').map((g) => [...g.memberIds].sort());

describe('reading', () => {
  it('shows users, groups and licences of the first round, and tells all of them', async () => {
    graph.users.push([
      user('a', { assignedLicenses: [{ skuId: ids.sku, disabledPlans: [] }] }),
      user('b', { onPremisesImmutableId: 'anchor' }),
    ]);
    graph.groups.push([group('g', ['a'])]);
    expect(view.isLoaded).toBe(false);
    await refresh();
    expect(view.isLoaded).toBe(true);
    expect(view.userCount).toBe(2);
    expect(view.userByPrincipalName('A@Contoso.Example')?.id).toBe('a');
    expect(view.usersByAnchor('anchor').map(({ id }) => id)).toEqual(['b']);
    expect(view.assignedUsers(ids.sku)).toBe(1);
    expect(view.holdersOf(ids.sku).map(({ id }) => id)).toEqual(['a']);
    expect(memberIds()).toEqual([['a']]);
    expect(told).toEqual([['a', 'b']]);
  });

  it('goes on where it ended, and merges what changed', async () => {
    graph.users.push(
      [user('a', { jobTitle: 'Clerk', department: 'Sales' })],
      [part('a', { jobTitle: 'Lead' }, ['department'])],
    );
    await refresh();
    await refresh();
    expect(graph.links).toEqual([undefined, 'link-1']);
    expect(view.user('a')).toMatchObject({
      jobTitle: 'Lead',
      userPrincipalName: 'a@contoso.example',
    });
    expect(view.user('a')?.department).toBeUndefined();
    expect(told).toEqual([['a'], ['a']]);
  });

  it('tells nothing where nothing changed, replays included', async () => {
    graph.users.push([user('a')], [], [user('a')]);
    graph.groups.push([group('g', ['a'])], [group('g', ['a'])]);
    await refresh();
    await refresh();
    await refresh();
    expect(told).toEqual([['a']]);
  });

  it('removes users and groups, and tells whom it concerns', async () => {
    graph.users.push([user('a'), user('b')], [{ id: 'a', removed: true, user: {}, cleared: [] }]);
    graph.groups.push([group('g', ['b'])], [{ ...group('g'), removed: true }]);
    await refresh();
    await refresh();
    expect(view.user('a')).toBeUndefined();
    expect(view.userByPrincipalName('a@contoso.example')).toBeUndefined();
    expect(view.groupsByName('Sales')).toEqual([]);
    expect(told[1]).toEqual(['a', 'b']);
  });

  it('follows memberships, of one group in several parts as well', async () => {
    graph.users.push([user('a'), user('b'), user('c')]);
    graph.groups.push([group('g', ['a']), group('g', ['b'])], [group('g', ['c'], ['a'])]);
    await refresh();
    expect(memberIds()).toEqual([['a', 'b']]);
    await refresh();
    expect(memberIds()).toEqual([['b', 'c']]);
    expect(told[1]).toEqual(['a', 'c']);
  });

  it('keeps a name that passes from one user to another, in whatever order it is told', async () => {
    graph.users.push(
      [user('a', { userPrincipalName: 'mia@contoso.example' })],
      [
        user('b', { userPrincipalName: 'mia@contoso.example' }),
        part('a', { userPrincipalName: 'old-mia@contoso.example' }),
      ],
    );
    await refresh();
    await refresh();
    expect(view.userByPrincipalName('mia@contoso.example')?.id).toBe('b');
    expect(view.userByPrincipalName('old-mia@contoso.example')?.id).toBe('a');
  });

  it('reads once for all who ask at the same time', async () => {
    await Promise.all([refresh(), refresh(), refresh()]);
    expect(graph.links).toEqual([undefined]);
  });
});

describe('a read that fails', () => {
  const failure = transient('no answer', { reason: 'ConnectionFailed' });

  it('is not loaded before groups and licences were read too', async () => {
    graph.users.push([user('a')]);
    graph.groups.push(failure);
    await expect(refresh()).rejects.toBe(failure);
    expect(view.isLoaded).toBe(false);
    graph.skus = failure;
    await expect(refresh()).rejects.toBe(failure);
    expect(view.isLoaded).toBe(false);
    graph.skus = [];
    await refresh();
    expect(view.isLoaded).toBe(true);
  });

  it('tells once that all was read for the first time, also where it was no news by then', async () => {
    graph.users.push([user('a')], [user('a')]);
    graph.groups.push(failure, []);
    await expect(refresh()).rejects.toBe(failure);
    await refresh();
    await refresh();
    expect(told).toEqual([['a'], []]);
  });

  it('still tells which users changed before it failed', async () => {
    graph.users.push([user('a'), user('b')], [part('a', { jobTitle: 'Lead' })]);
    graph.groups.push([], failure);
    await refresh();
    await expect(refresh()).rejects.toBe(failure);
    expect(told).toEqual([['a', 'b'], ['a']]);
  });

  it('starts again from the beginning where the link is too old', async () => {
    graph.users.push(
      [user('a'), user('b')],
      wait('too old', { reason: 'ResyncRequired', delayMs: 0 }),
      [user('b'), user('c')],
    );
    await refresh();
    nowMs += minute;
    await refresh();
    expect(graph.links).toEqual([undefined, 'link-1', undefined]);
    expect(view.user('a')).toBeUndefined();
    expect(view.user('c')).toBeDefined();
    expect(view.lastFullReadMs).toBe(nowMs);
    expect(told[1]).toEqual(['a', 'c']);
  });
});

describe('a full read', () => {
  it('asks for everything at once, and for owners when the groups are known', async () => {
    const users = Promise.withResolvers<Awaited<ReturnType<FakeGraph['usersDelta']>>>();
    const asked: string[] = [];
    const others = [
      'getOrganization',
      'groupsDelta',
      'listRoleHolders',
      'listSubscribedSkus',
    ] as const;
    graph.usersDelta = () => {
      asked.push('users');
      return users.promise;
    };
    for (const method of others) {
      const answer = graph[method].bind(graph);
      vi.spyOn(graph, method).mockImplementation((): Promise<never> => {
        asked.push(method);
        return answer() as Promise<never>;
      });
    }
    graph.groups.push([{ ...group('admins'), traits: { isAssignableToRole: true } }]);
    const owners = vi.spyOn(graph, 'listGroupOwners');
    const reading = refresh();
    await vi.waitFor(() => expect(owners).toHaveBeenCalledWith(['admins'], signal));
    expect(asked.sort()).toEqual([...others, 'users']);
    expect(view.isLoaded).toBe(false);
    users.resolve({ changes: [], deltaLink: 'link' });
    await reading;
    expect(view.isLoaded).toBe(true);
  });

  it('knows whose directory it is, and does without where that cannot be read', async () => {
    await refresh();
    expect(view.organization).toBe(contoso);
    graph.organization = transient('no answer', { reason: 'ConnectionFailed' });
    view.invalidate();
    await refresh();
    expect(view.organization).toBeUndefined();
    expect(view.lastFullReadMs).toBe(nowMs);
  });

  it('that fails in one part ends when the others have ended', async () => {
    const groups = Promise.withResolvers<Awaited<ReturnType<FakeGraph['groupsDelta']>>>();
    graph.groupsDelta = () => groups.promise;
    const failure = transient('no answer', { reason: 'ConnectionFailed' });
    graph.users.push(failure);
    let isEnded = false;
    const reading = refresh().finally(() => {
      isEnded = true;
    });
    reading.catch(() => undefined);
    await settle();
    expect(isEnded).toBe(false);
    groups.resolve({ changes: [], deltaLink: 'link' });
    await expect(reading).rejects.toBe(failure);
  });

  it('is made after invalidate, and drops what is gone', async () => {
    graph.users.push([user('a'), user('b')], [user('b')]);
    await refresh();
    view.invalidate();
    await refresh();
    expect(graph.links).toEqual([undefined, undefined]);
    expect(view.user('a')).toBeUndefined();
  });

  it('is not forgotten where a read is under way when it is asked for', async () => {
    await refresh();
    graph.meanwhile = () => {
      view.invalidate();
      graph.meanwhile = () => undefined;
    };
    await refresh();
    await refresh();
    expect(graph.links.map((link) => link === undefined)).toEqual([true, false, true]);
  });
});

describe('any order and any replay', () => {
  it('end at the same view', async () => {
    const changes = [
      part('a', { jobTitle: 'Lead' }),
      part('b', { department: 'Sales' }),
      part('c', {}, ['surname']),
      { id: 'd', removed: true, user: {}, cleared: [] },
    ];
    const start = ['a', 'b', 'c', 'd'].map((id) => user(id, { surname: 'Muster' }));
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(changes, { minLength: 4 }),
        fc.array(fc.constantFrom(...changes)),
        async (order, replays) => {
          const shown = async (rounds: UserChange[][]) => {
            const fake = new FakeGraph();
            fake.users.push(...rounds);
            const one = new GraphDirectoryView({
              firstReads: new FirstReads(),
              graph: fake as unknown as Graph,
              nowMs: () => nowMs,
              onChange: () => undefined,
            });
            for (const _ of rounds) await one.refresh(signal);
            return ['a', 'b', 'c', 'd'].map((id) => one.user(id));
          };
          expect(await shown([start, order, replays])).toEqual(await shown([start, changes]));
        },
      ),
    );
  });
});

describe('seats, which have no delta', () => {
  const reads = async (act: () => Promise<void>): Promise<number> => {
    const before = graph.skuReads;
    await act();
    return graph.skuReads - before;
  };

  it('are read with what changed, when somebody counts them, and every five minutes while one is lacking', async () => {
    expect(await reads(refresh)).toBe(1);
    expect(await reads(refresh)).toBe(0);
    graph.users.push([user('a')]);
    expect(await reads(refresh)).toBe(1);
    nowMs += 1_000;
    expect(await reads(() => view.refreshIfOlder(minute, signal))).toBe(0);
    expect(await reads(() => view.refreshIfOlder(0, signal))).toBe(1);
    nowMs += 5 * minute - 1;
    expect(await reads(refresh)).toBe(0);
    nowMs += 1;
    expect(await reads(refresh)).toBe(0);
    view.wantSeat();
    expect(await reads(refresh)).toBe(1);
    expect(await reads(refresh)).toBe(0);
  });
});

describe('refreshing what may be old', () => {
  it('asks nothing of Graph while it is young enough', async () => {
    await refresh();
    const rounds = graph.links.length;
    nowMs += minute;
    await view.refreshIfOlder(minute, signal);
    expect(graph.links.length).toBe(rounds);
    nowMs += 1;
    await view.refreshIfOlder(minute, signal);
    expect(graph.links.length).toBe(rounds + 1);
  });
});

it('tells groups by name, by object id and by member', async () => {
  graph.groups.push([group('g1', ['mia']), group('g2', ['ben'])]);
  await refresh();
  const named = (all: readonly { readonly id: string }[]) => all.map(({ id }) => id);
  expect(named(view.groupsByName('SALES'))).toEqual(['g1', 'g2']);
  expect(named(view.groupsByName('g2'))).toEqual(['g2']);
  expect(named(view.groupsOf('mia'))).toEqual(['g1']);
});

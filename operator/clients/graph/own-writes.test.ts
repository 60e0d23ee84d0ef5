import { beforeEach, describe, expect, it } from 'vitest';
import {
  FakeGraph,
  groupChange as group,
  partOfUser as part,
  userChange as user,
} from '../../../hack/testing/fake-graph.ts';
import { GraphDirectoryView } from './directory-view.ts';
import { FirstReads } from './first-reads.ts';
import type { Graph } from './port.ts';
import { wholeUser } from './wire-users.ts';

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

const named = (displayName: string) =>
  ({ displayName, mailNickname: 'sales', type: 'Security' }) as const;
const memberIds = () => view.groupsByName('sales').map((g) => [...g.memberIds].sort());

describe('our own writes', () => {
  const written = { jobTitle: 'Lead' };

  beforeEach(async () => {
    graph.users.push([user('a', { jobTitle: 'Clerk' })]);
    graph.groups.push([group('g')]);
    await refresh();
    told.length = 0;
  });

  it('show at once, and are told to nobody', () => {
    view.recordUser('a', written);
    expect(view.user('a')).toMatchObject({ ...written, userPrincipalName: 'a@contoso.example' });
    expect(told).toEqual([]);
  });

  it('stay while the directory shows what was before', async () => {
    view.recordUser('a', written);
    graph.users.push([part('a', { jobTitle: 'Clerk' })]);
    await refresh();
    expect(view.user('a')?.jobTitle).toBe('Lead');
    expect(told).toEqual([]);
  });

  it('stay while the directory shows what was before two of them', async () => {
    view.recordUser('a', { jobTitle: 'Deputy' });
    view.recordUser('a', written);
    graph.users.push([part('a', { jobTitle: 'Clerk' })], [part('a', { jobTitle: 'Deputy' })]);
    await refresh();
    await refresh();
    expect(view.user('a')?.jobTitle).toBe('Lead');
  });

  it('stay where a field was unset before', async () => {
    view.recordUser('a', { department: 'Sales' });
    graph.users.push([part('a', {}, ['department'])]);
    await refresh();
    expect(view.user('a')?.department).toBe('Sales');
  });

  it('give way at once to a third value: somebody else changed it', async () => {
    view.recordUser('a', written);
    graph.users.push([part('a', { jobTitle: 'Boss' })]);
    await refresh();
    expect(view.user('a')?.jobTitle).toBe('Boss');
    expect(told).toEqual([['a']]);
  });

  it('give way to the old value once the directory has shown them', async () => {
    view.recordUser('a', written);
    graph.users.push([part('a', written)], [part('a', { jobTitle: 'Clerk' })]);
    await refresh();
    await refresh();
    expect(view.user('a')?.jobTitle).toBe('Clerk');
  });

  it.each([
    ['another value', 'jobTitle', 'Clerk'],
    ['no value', 'department', undefined],
  ] as const)(
    'are read by key until it is sure that somebody set them back to %s',
    async (_, field, old) => {
      view.recordUser('a', { [field]: 'Lead' });
      graph.users.push([old === undefined ? part('a', {}, [field]) : part('a', { [field]: old })]);
      graph.byKey.set('a', wholeUser(user('a', { jobTitle: 'Clerk' })));
      for (let read = 0; read < 4; read += 1) {
        await refresh();
        expect(view.user('a')?.[field]).toBe('Lead');
      }
      await refresh();
      expect(view.user('a')?.[field]).toBe(old);
      expect(told).toEqual([['a']]);
    },
  );

  it('are shown by the replica that is read by key, and by a round: then a difference counts at once', async () => {
    view.recordUser('a', written);
    const old = part('a', { jobTitle: 'Clerk' });
    graph.users.push([old], [part('a', written)], [old]);
    graph.byKey.set('a', wholeUser(user('a', written)));
    await refresh();
    await refresh();
    expect(view.user('a')?.jobTitle).toBe('Lead');
    await refresh();
    expect(view.user('a')?.jobTitle).toBe('Clerk');
  });

  it('are looked for by key when no round shows them, and once more, and then no more', async () => {
    view.recordUser('a', { jobTitle: 'Lead', department: undefined, mobilePhone: undefined });
    graph.byKey.set('a', wholeUser(user('a', written)));
    nowMs += 10_000;
    for (let read = 0; read < 4; read += 1) await refresh();
    expect(graph.readByKey).toEqual(['a', 'a']);
    nowMs += 5 * minute;
    for (let read = 0; read < 4; read += 1) await refresh();
    expect(graph.readByKey).toEqual(['a', 'a', 'a']);
    expect(told).toEqual([]);
  });

  it('a value that we cleared is looked for as well', async () => {
    view.recordUser('a', { jobTitle: undefined });
    graph.byKey.set('a', wholeUser(user('a')));
    nowMs += 10_000;
    await refresh();
    expect(graph.readByKey).toEqual(['a']);
  });

  it('a manager is told by delta only: a read by key neither asks for it nor clears it', async () => {
    view.recordUser('a', { managerId: 'm' });
    nowMs += 10_000;
    await refresh();
    expect(graph.readByKey).toEqual([]);
    view.recordUser('a', written);
    graph.byKey.set('a', wholeUser(user('a', written)));
    nowMs += 10_000;
    await refresh();
    expect(graph.readByKey).toEqual(['a']);
    expect(view.user('a')?.managerId).toBe('m');
  });

  it('of an object that is gone are not looked for for ever', async () => {
    view.recordUser('a', written);
    nowMs += 5 * minute;
    for (let read = 0; read < 7; read += 1) await refresh();
    expect(graph.readByKey).toEqual(Array.from({ length: 5 }, () => 'a'));
    expect(view.user('a')).toBeUndefined();
  });

  it('a write is read back by key, and is open while the replica lags', async () => {
    view.recordUser('a', { jobTitle: 'Head' });
    expect(view.isReadBack('a')).toBe(false);
    const reads = () => graph.readByKey.length;
    const before = reads();
    graph.byKey.set('a', { ...view.user('a')!, jobTitle: 'Clerk' });
    await view.readBack('a', signal);
    expect([reads() - before, view.isReadBack('a'), view.user('a')?.jobTitle]).toEqual([
      1,
      false,
      'Head',
    ]);
    graph.byKey.set('a', { ...view.user('a')!, jobTitle: 'Head' });
    await view.readBack('a', signal);
    await view.readBack('a', signal);
    expect([reads() - before, view.isReadBack('a')]).toEqual([2, true]);
  });

  it('a user that we made stays through a full read that lags, for five minutes', async () => {
    view.recordUser('new', { userPrincipalName: 'new@contoso.example' });
    graph.users.push([user('a')], [user('a')]);
    view.invalidate();
    await refresh();
    expect(view.userByPrincipalName('new@contoso.example')).toBeDefined();
    nowMs += 5 * minute;
    view.invalidate();
    await refresh();
    expect(view.userByPrincipalName('new@contoso.example')).toBeUndefined();
  });

  it('the answer to a write that comes after a deletion by others brings nobody back', async () => {
    graph.users.push([{ id: 'a', removed: true, user: {}, cleared: [] }]);
    await refresh();
    view.recordUser('a', written);
    expect(view.user('a')).toBeUndefined();
    view.recordUserRestored({ ...wholeUser(user('a')), ...written });
    expect(view.user('a')).toMatchObject(written);
    expect(view.isRemovedLately('a')).toBe(false);
  });

  it('a user that others deleted before a round showed it is gone after five reads by key', async () => {
    view.recordUser('new', { userPrincipalName: 'new@contoso.example' });
    nowMs += 10_000;
    for (let read = 1; read < 5; read += 1) {
      await refresh();
      expect(view.user('new')).toBeDefined();
    }
    await refresh();
    expect([view.user('new'), told]).toEqual([undefined, [['new']]]);
    const reads = graph.readByKey.length;
    await refresh();
    expect(graph.readByKey).toHaveLength(reads);
  });

  it('a read back tells what others made of our fields since, for whoever asks has looked already', async () => {
    view.recordUser('a', written);
    graph.byKey.set('a', { ...view.user('a')!, jobTitle: 'Theirs' });
    await view.readBack('a', signal);
    expect([view.isReadBack('a'), told]).toEqual([true, [['a']]]);
  });

  it('a read back says nothing of other fields: its replica may be older than the last round', async () => {
    view.recordUser('a', written);
    graph.byKey.set('a', { ...view.user('a')!, department: 'Old' });
    await view.readBack('a', signal);
    expect([view.isReadBack('a'), view.user('a')?.department, told]).toEqual([true, undefined, []]);
  });

  it('what others set back between a read back and the next round, which tells nothing of it, is found', async () => {
    view.recordUser('a', written);
    graph.byKey.set('a', { ...view.user('a')! });
    await view.readBack('a', signal);
    expect(view.isReadBack('a')).toBe(true);
    graph.byKey.set('a', { ...view.user('a')!, jobTitle: 'Clerk' });
    for (let read = 1; read < 5; read += 1) await refresh();
    expect(told).toEqual([]);
    await refresh();
    expect([view.user('a')?.jobTitle, told]).toEqual(['Clerk', [['a']]]);
  });

  it('a write that was read back and that the next round shows is not read once more', async () => {
    view.recordUser('a', written);
    graph.byKey.set('a', { ...view.user('a')! });
    await view.readBack('a', signal);
    graph.users.push([part('a', written)]);
    await refresh();
    await refresh();
    expect(graph.readByKey).toEqual(['a']);
  });

  it('a round that began before a read back says nothing new after it', async () => {
    view.recordUser('a', written);
    graph.users.push([part('a', { jobTitle: 'Clerk' })]);
    graph.byKey.set('a', { ...view.user('a')!, ...written });
    const round = refresh();
    await view.readBack('a', signal);
    await round;
    expect([view.user('a')?.jobTitle, view.isReadBack('a'), told]).toEqual(['Lead', true, []]);
  });

  it('a user that we deleted is gone at once', () => {
    view.recordUserRemoved('a');
    expect(view.user('a')).toBeUndefined();
  });

  it('a membership shows at once, and through a full read that lags', async () => {
    view.recordMember('g', 'a', true);
    expect(memberIds()).toEqual([['a']]);
    graph.users.push([user('a')], [user('a')]);
    graph.groups.push([group('g')], [group('g')]);
    view.invalidate();
    await refresh();
    expect(memberIds()).toEqual([['a']]);
    nowMs += 5 * minute;
    view.invalidate();
    await refresh();
    expect(memberIds()).toEqual([[]]);
  });

  it('a membership that we ended does not come back with a full read that lags', async () => {
    view.recordMember('g', 'a', true);
    view.recordMember('g', 'a', false);
    graph.users.push([user('a')]);
    graph.groups.push([group('g', ['a'])]);
    view.invalidate();
    await refresh();
    expect(memberIds()).toEqual([[]]);
  });

  it('a membership that nothing shows is looked for in its group, and given up where that says so again and again', async () => {
    view.recordMember('g', 'a', true);
    nowMs += 10_000;
    for (let read = 1; read < 5; read += 1) {
      await refresh();
      expect(memberIds()).toEqual([['a']]);
    }
    expect(told).toEqual([]);
    await refresh();
    expect(memberIds()).toEqual([[]]);
    expect(told).toEqual([['a']]);
    await refresh();
    expect(graph.groupsRead).toEqual(Array.from({ length: 5 }, () => ['g']));
  });

  it('a membership that its group shows is not looked for again', async () => {
    view.recordMember('g', 'a', true);
    graph.groupsByKey = [group('g', ['a'])];
    nowMs += 10_000;
    await refresh();
    await refresh();
    expect(graph.groupsRead).toEqual([['g']]);
    expect(memberIds()).toEqual([['a']]);
  });

  it('a membership that somebody else ends gives way at once, and stays ended', async () => {
    view.recordMember('g', 'a', true);
    graph.groups.push([group('g', ['a'])], [group('g', [], ['a'])], [group('g')]);
    await refresh();
    await refresh();
    expect(memberIds()).toEqual([[]]);
    graph.users.push([user('a')]);
    view.invalidate();
    await refresh();
    expect(memberIds()).toEqual([[]]);
  });
});

describe('a group', () => {
  const creation = (id: string) => {
    let calls = 0;
    return {
      create: () => {
        calls += 1;
        return Promise.resolve({ id });
      },
      calls: () => calls,
    };
  };

  it('is made once, however many ask at the same time, in whatever letter case', async () => {
    const { create, calls } = creation('g');
    const all = await Promise.all([
      view.createGroupOnce(named('Sales'), create),
      view.createGroupOnce(named('sales'), create),
    ]);
    expect(all.map(({ id }) => id)).toEqual(['g', 'g']);
    await view.createGroupOnce(named('SALES'), create);
    expect(calls()).toBe(1);
  });

  it('is not made a second time after a full read that lags', async () => {
    const { create, calls } = creation('g');
    await view.createGroupOnce(named('Sales'), create);
    view.invalidate();
    await refresh();
    await view.createGroupOnce(named('Sales'), create);
    expect(calls()).toBe(1);
  });

  it('may be asked for again after a failure', async () => {
    const failure = new Error('no');
    await expect(view.createGroupOnce(named('Sales'), () => Promise.reject(failure))).rejects.toBe(
      failure,
    );
    const { create, calls } = creation('g');
    await view.createGroupOnce(named('Sales'), create);
    expect(calls()).toBe(1);
  });
});

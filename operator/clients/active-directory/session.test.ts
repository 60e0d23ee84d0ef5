/** What Windows does and Samba does not (active-directory.md B9), and ldapts' ways to lose an answer (B1). */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  FakeController,
  type FakeEntry,
  type FakeSearch,
} from '../../../hack/testing/fake-controller.ts';
import { readGroups } from './changed-objects.ts';
import { Connection } from './connection.ts';
import { textsOf } from './entries.ts';
import type { Session } from './session.ts';

const signal = new AbortController().signal;
const group = 'CN=Sales,OU=c1,OU=Customers,DC=corp,DC=example';
const guid = '855d8966-dcb3-4398-b90b-3be412e11327';
/** MaxValRange of Windows. */
const rangeSize = 1_500;
let controller: FakeController;
let connection: Connection;
let searches: FakeSearch[];

beforeEach(async () => {
  searches = [];
  controller = await new FakeController('dc1').start();
  connection = new Connection({
    ...(await FakeController.options(controller)),
    nowMs: () => 0,
    observe: () => undefined,
    mayWrite: () => true,
  });
});

afterEach(async () => {
  vi.useRealTimers();
  await connection.close();
  await controller.stop();
});

function answer(entriesOf: (search: FakeSearch) => readonly FakeEntry[]): void {
  controller.answer = (search) => {
    searches.push(search);
    return entriesOf(search);
  };
}

/** As Windows gives the values of an attribute: 1,500 at a time, under another name, beside an empty one. */
function inRanges(values: readonly string[]): (search: FakeSearch) => readonly FakeEntry[] {
  return ({ attributes }) => {
    const asked = attributes.find((name) => name.startsWith('member')) ?? '';
    const from = Number(/range=(\d+)-/.exec(asked)?.[1] ?? 0);
    const part = values.slice(from, from + rangeSize);
    const isLast = from + part.length >= values.length;
    const isWhole = isLast && from === 0;
    const name = `member;range=${from}-${isLast ? '*' : from + part.length - 1}`;
    const members = isWhole ? { member: part } : { member: [], [name]: part };
    return [{ dn: group, attributes: { cn: ['Sales'], uSNChanged: ['7'], ...members } }];
  };
}

const names = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `CN=p${index},OU=c1,DC=corp,DC=example`);

async function members(): Promise<readonly string[]> {
  const search = { operation: 'ReadGroup', base: group, attributes: ['member'] };
  const entry = await connection.use(signal, (session) => session.read(search, signal));
  return entry === undefined ? [] : textsOf(entry, 'member');
}

describe('the members of a group', () => {
  it.each([0, 1, rangeSize, rangeSize + 1, 3 * rangeSize, 3 * rangeSize + 200])(
    'are read whole, be they %i',
    async (count) => {
      answer(inRanges(names(count)));
      expect(await members()).toEqual(names(count));
      expect(searches).toHaveLength(Math.max(1, Math.ceil(count / rangeSize)));
    },
  );

  it('are those that were read, where the group is deleted in between', async () => {
    const all = inRanges(names(2 * rangeSize));
    answer((search) => (searches.length === 1 ? all(search) : []));
    expect(await members()).toHaveLength(rangeSize);
  });

  it('are read in ranges by the name that no rename changes', async () => {
    const dn = `<GUID=${guid}>;${group}`;
    const all = inRanges(names(rangeSize + 1));
    answer((search) => all(search).map((entry) => ({ ...entry, dn })));
    await members();
    expect(searches.map(({ base }) => base)).toEqual([group, `<GUID=${guid}>`]);
  });
});

it('a look at groups knows all members of a large one', async () => {
  const guidOf = (index: number) => `855d8966-dcb3-4398-b90b-${String(index).padStart(12, '0')}`;
  const extended = names(rangeSize + 5).map((name, index) => `<GUID=${guidOf(index)}>;${name}`);
  const all = inRanges(extended);
  // ASCII bytes: the fake sends text.
  const objectGUID = ['0123456789abcdef'];
  answer((search) =>
    all(search).map((entry) => ({
      dn: `<GUID=${guid}>;${entry.dn}`,
      attributes: { ...entry.attributes, objectGUID },
    })),
  );
  const unit = { dn: 'OU=c1,OU=Customers,DC=corp,DC=example', guid };
  const [found] = await connection.use(signal, (session) =>
    readGroups(session, unit, undefined, signal),
  );
  expect(found?.memberGuids.size).toBe(rangeSize + 5);
  expect(found).toMatchObject({ name: 'Sales', usn: 7n });
});

it('every search is paged, and has more time than the 10 s that ldapts would give it', async () => {
  answer(() => []);
  await connection.use(signal, async (session) => {
    for (const scope of ['base', 'one', 'sub'] as const) {
      await session.search({ operation: 'X', base: group, scope, attributes: ['cn'] }, signal);
    }
  });
  expect(searches.map(({ scope }) => scope)).toEqual([0, 1, 2]);
  for (const search of searches) expect(search).toMatchObject({ isPaged: true, timeLimit: 60 });
});

describe('a call that is never answered', () => {
  const read = (session: Session) =>
    session.read({ operation: 'X', base: group, attributes: ['cn'] }, signal);

  it('fails at its deadline, and the next one has a new connection', async () => {
    await connection.use(signal, () => Promise.resolve());
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    controller.answer = () => Promise.withResolvers<readonly []>().promise;
    const failed = connection.use(signal, read).catch((error: unknown) => error);
    await vi.waitFor(() => expect(controller.searches).toHaveLength(1));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await failed).toMatchObject({ class: 'Transient', reason: 'ConnectionFailed' });
    vi.useRealTimers();
    answer(() => [{ dn: group, attributes: {} }]);
    await vi.waitFor(async () =>
      expect(await connection.use(signal, read)).toMatchObject({ dn: group }),
    );
    expect(controller.binds).toBe(2);
  });

  it('ends at once with its signal, and leaves the connection to the others', async () => {
    const stop = new AbortController();
    controller.answer = () => Promise.withResolvers<readonly []>().promise;
    const search = { operation: 'X', base: group, attributes: ['cn'] };
    const ended = connection.use(stop.signal, (session) => session.read(search, stop.signal));
    await vi.waitFor(() => expect(controller.searches).toHaveLength(1));
    stop.abort(new Error('shutting down'));
    await expect(ended).rejects.toThrow('shutting down');
    answer(() => [{ dn: group, attributes: {} }]);
    expect(await connection.use(signal, read)).toMatchObject({ dn: group });
    expect(controller.binds).toBe(1);
  });
});

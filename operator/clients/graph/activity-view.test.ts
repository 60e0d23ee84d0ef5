import { beforeEach, describe, expect, it } from 'vitest';
import { bug, type OperatorError, transient, wait } from '../../core/errors.ts';
import type { AccountFacts } from './activity-port.ts';
import { GraphActivityView } from './activity-view.ts';

const { signal } = new AbortController();

type Page = OperatorError | readonly [ids: string, nextLink?: string];

let nowMs: number;
let pages: Page[];
let asked: string[];
let view: GraphActivityView;

beforeEach(() => {
  nowMs = 1_000_000;
  pages = [];
  asked = [];
  view = new GraphActivityView({
    graph: {
      listActivity: ({ withSignIns, link }) => {
        asked.push(`${withSignIns ? 'signIns' : 'plain'} ${link ?? 'first'}`);
        const page = pages.shift() ?? [''];
        if (page instanceof Error) return Promise.reject(page);
        return Promise.resolve({ accounts: page[0].split('').map(facts), nextLink: page[1] });
      },
    },
    nowMs: () => nowMs,
  });
});

function facts(id: string): AccountFacts {
  return { id, createdMs: 1, owner: undefined, lastSignInMs: undefined };
}

const refresh = (withSignIns = true, sinceMs = view.readMs) =>
  view.refresh({ sinceMs, withSignIns }, signal);
const shown = () => ['a', 'b', 'c'].filter((id) => view.account(id) !== undefined).join('');
const throttled = wait('quota', { reason: 'Throttled', delayMs: 6_000, holdsFlow: true });

describe('a look', () => {
  it('is shown as a whole, and not repeated', async () => {
    expect([view.readMs, view.signIns]).toEqual([0, 'NotRead']);
    pages = [['a', '1'], ['b']];
    await refresh();
    await refresh();
    expect(asked).toEqual(['signIns first', 'signIns 1']);
    expect([shown(), view.readMs, view.signIns]).toEqual(['ab', nowMs, 'Available']);
    expect(view.goOnMs).toBeUndefined();
  });

  it('is made anew where the last one is from before, and forgets who is gone', async () => {
    pages = [['ab'], ['bc']];
    await refresh();
    nowMs += 1;
    await refresh(true, nowMs);
    expect([shown(), asked.length]).toEqual(['bc', 2]);
  });

  it('is made once for all who ask', async () => {
    await Promise.all([refresh(), refresh(), refresh()]);
    expect(asked).toEqual(['signIns first']);
  });

  it('goes on where the quota ended it, at its time', async () => {
    pages = [['a', '1'], throttled, ['b']];
    await refresh();
    expect([view.goOnMs, shown(), view.readMs]).toEqual([nowMs + 6_000, '', 0]);
    await refresh();
    expect(asked.length).toBe(2);
    nowMs += 6_000;
    await refresh();
    expect(asked.slice(1)).toEqual(['signIns 1', 'signIns 1']);
    expect([shown(), view.readMs]).toEqual(['ab', nowMs - 6_000]);
  });

  it('begins again where its list is too old', async () => {
    pages = [['a', '1'], wait('old', { reason: 'ResyncRequired', delayMs: 0 }), ['b']];
    await refresh();
    nowMs = view.goOnMs ?? 0;
    await refresh();
    expect([asked.at(-1), shown()]).toEqual(['signIns first', 'b']);
  });

  it.each(['PremiumLicenseMissing', 'PermissionDenied'] as const)(
    'without sign-ins says why: %s',
    async (reason) => {
      pages = [wait('no', { reason }), ['a', '1'], ['b']];
      await refresh();
      expect(asked).toEqual(['signIns first', 'plain first', 'plain 1']);
      expect([shown(), view.signIns]).toEqual(['ab', reason]);
      await refresh();
      expect(asked.length).toBe(3);
    },
  );

  it('is put off where even accounts may not be read', async () => {
    const denied = wait('no', { reason: 'PermissionDenied', delayMs: 60_000 });
    pages = [denied, denied];
    await refresh();
    expect([asked.length, view.goOnMs, view.readMs]).toEqual([2, nowMs + 60_000, 0]);
  });

  it('with sign-ins follows one without, once somebody asks for them', async () => {
    await refresh(false);
    expect(view.signIns).toBe('NotRead');
    await refresh(true);
    expect(asked).toEqual(['plain first', 'signIns first']);
    expect(view.signIns).toBe('Available');
  });

  it('that was begun without sign-ins is not ended by one who wants them', async () => {
    pages = [['a', '1'], throttled, ['b']];
    await refresh(false);
    nowMs += 6_000;
    await refresh(true);
    expect([asked.at(-1), shown(), view.signIns]).toEqual(['signIns first', 'b', 'Available']);
  });
});

it('a failure costs nobody the last look, a mistake of ours is told', async () => {
  pages = [['a'], transient('hiccup', { reason: 'GraphUnavailable' })];
  await refresh();
  nowMs += 1;
  await refresh(true, nowMs);
  expect([shown(), view.goOnMs]).toEqual(['a', nowMs + 10 * 60_000]);
  nowMs = view.goOnMs ?? 0;
  pages = [bug('mistake')];
  await expect(refresh(true, nowMs)).rejects.toMatchObject({ class: 'Bug' });
});

it('a read by key is shown at once', () => {
  view.record({ ...facts('a'), lastSignInMs: 7 });
  expect(view.account('a')?.lastSignInMs).toBe(7);
});

import { describe, expect, it } from 'vitest';
import { nowMs, tenant } from '../../hack/testing/build.ts';
import { massChangeWindow } from '../api/mass-change.ts';
import { nextWindow, storedMarks } from './mass-change-window.ts';

const minute = 60_000;
const at = (minutes: number): string => new Date(nowMs + minutes * minute).toISOString();
const wave = (minutes: number, ...people: string[]) => ({ at: at(minutes), people });
const having = (...waves: ReturnType<typeof wave>[]) =>
  tenant({ status: { massChangeWindow: waves } });

describe('who was changed within the window', () => {
  it.each([
    ['nobody was', having(), [], []],
    ['an hour ago still counts', having(wave(-60, 'a')), ['a'], [wave(-60, 'a')]],
    ['before that does not', having(wave(-61, 'a')), [], undefined],
    [
      'stays as it is',
      having(wave(-61, 'a'), wave(-1, 'b')),
      ['b'],
      [wave(-61, 'a'), wave(-1, 'b')],
    ],
  ] as const)('%s', (_, resource, marks, window) => {
    expect(storedMarks(resource, nowMs)).toEqual(marks);
    const expected = window?.length === 0 ? undefined : window;
    expect(nextWindow(resource, [], nowMs)).toEqual(expected);
  });

  it('gets one wave more, and loses those that are over', () => {
    const resource = having(wave(-61, 'a'), wave(-1, 'b'));
    expect(nextWindow(resource, ['c'], nowMs)).toEqual([wave(-1, 'b'), wave(0, 'c')]);
  });

  it('fits into status, and counts none too short', () => {
    const waves = Array.from({ length: 50 }, (_, n) => wave(n - 50, `p${String(n)}`));
    const next = nextWindow(having(...waves), ['new'], nowMs) ?? [];
    expect(massChangeWindow.safeParse(next).success).toBe(true);
    expect(next).toHaveLength(50);
    expect(next[0]).toEqual(wave(-49, 'p1', 'p0'));
  });
});

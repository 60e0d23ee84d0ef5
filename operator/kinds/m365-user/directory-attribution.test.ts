import { describe, expect, it } from 'vitest';
import { adAccount } from '../../../hack/testing/observed.ts';
import type { DriftEntry } from '../../api/common.ts';
import { attributedInDirectory } from './directory-attribution.ts';
import type { NamedGroup } from './observed.ts';

const at = '2026-03-02T09:00:00Z';
const later = '2026-03-02T09:30:00Z';
const entry = (path: string, actual = 'x'): DriftEntry => ({ path, type: 'Different', actual });
const seen = (changedAt: string, directoryGroups: readonly NamedGroup[] = []) => ({
  activeDirectory: adAccount({ changedAt }),
  directoryGroups,
});
const attributed = (one: DriftEntry, before?: readonly DriftEntry[], changedAt: string = at) =>
  attributedInDirectory([one], seen(changedAt), before)[0];

describe('drift in Active Directory', () => {
  it('has the time of the last change of the account, and nobody who did it', () => {
    const told = { ...entry('activeDirectory.title'), changedBy: 'unknown', changedAt: at };
    expect(attributed(entry('activeDirectory.title'))).toEqual(told);
  });

  it('keeps the time that was told first, until the value is another one', () => {
    const title = entry('activeDirectory.title');
    const before = [attributed(title) ?? title];
    expect(attributed(title, before, later)?.changedAt).toBe(at);
    expect(attributed(entry('activeDirectory.title', 'y'), before, later)?.changedAt).toBe(later);
  });

  it('of a membership has the time of the last change of the group', () => {
    const path = 'activeDirectory.groups[Sales]';
    const group = (name: string, changedAt?: string) => ({
      name,
      id: name,
      isMember: false,
      changedAt,
    });
    const groups = [group('Other', at), group('Sales', later)];
    expect(attributedInDirectory([entry(path)], seen(at, groups), undefined)).toEqual([
      { ...entry(path), changedBy: 'unknown', changedAt: later },
    ]);
  });

  it.each(['activeDirectory.groups[Sales]', 'activeDirectory'])(
    'has no time where what would tell it is gone: %s',
    (path) => {
      const gone = { activeDirectory: undefined, directoryGroups: [] };
      expect(attributedInDirectory([entry(path)], gone, undefined)).toEqual([
        { ...entry(path), changedBy: 'unknown' },
      ]);
    },
  );

  it('is no matter of Entra, whose audit log tells more', () => {
    expect(attributed(entry('jobTitle'))).toEqual(entry('jobTitle'));
  });
});

import { describe, expect, it } from 'vitest';
import { adAccount } from '../../../hack/testing/build.ts';
import type { DriftEntry } from '../../api/common.ts';
import { attributedInDirectory } from './directory-attribution.ts';

const at = '2026-03-02T09:00:00Z';
const later = '2026-03-02T09:30:00Z';
const entry = (path: string, actual = 'x'): DriftEntry => ({ path, type: 'Different', actual });
const attributed = (one: DriftEntry, before?: readonly DriftEntry[], changedAt: string = at) =>
  attributedInDirectory([one], adAccount({ changedAt }), before)[0];

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

  it.each(['activeDirectory.groups[Sales]', 'activeDirectory'])('has no time: %s', (path) => {
    const account = path === 'activeDirectory' ? undefined : adAccount({ changedAt: at });
    expect(attributedInDirectory([entry(path)], account, undefined)).toEqual([
      { ...entry(path), changedBy: 'unknown' },
    ]);
  });

  it('is no matter of Entra, whose audit log tells more', () => {
    expect(attributed(entry('jobTitle'))).toEqual(entry('jobTitle'));
  });
});

import { describe, expect, it } from 'vitest';
import type { DriftEntry } from '../../api/common.ts';
import type { OutsideChange } from '../../clients/graph/audit-port.ts';
import { attributed, outsideChangesOf } from './outside-changes.ts';

const change = (at: string, more: Partial<OutsideChange> = {}): OutsideChange => ({
  id: 'ella',
  auditId: at,
  at,
  activity: 'Update user',
  author: { type: 'User', id: 'eve', name: 'eve@contoso.example' },
  fields: ['JobTitle'],
  ...more,
});

describe('changes by others', () => {
  it('are none where none were told', () => {
    expect(outsideChangesOf(undefined, [])).toBeUndefined();
  });

  it('stand newest first, each once, five at most, also after a restart', () => {
    const told = ['10:05', '10:04', '10:03'].map((at) => change(at));
    const shown = outsideChangesOf(undefined, told);
    const again = outsideChangesOf(shown, [change('10:09'), ...told]);
    expect(again?.map(({ at }) => at)).toEqual(['10:09', '10:05', '10:04', '10:03']);
    expect(outsideChangesOf(again, [])).toEqual(again);
  });
});

describe('drift', () => {
  const entry = (path: string): DriftEntry => ({ path, type: 'Different' });
  const shown = outsideChangesOf(undefined, [
    change('10:01'),
    change('10:02', { activity: 'Add member to group', fields: ['Group.ObjectID'] }),
    change('10:03', { activity: 'Change user license', fields: ['AssignedLicense'] }),
  ]);

  it.each([
    ['jobTitle', '10:01'],
    ['groups[Sales]', '10:02'],
    ['licenses[premium]', '10:03'],
    ['department', undefined],
  ])('of %s names who did it at %s', (path, at) => {
    expect(attributed([entry(path)], shown)[0]?.changedAt).toBe(at);
  });

  it('is as it was where nothing is told', () => {
    expect(attributed([entry('jobTitle')], undefined)).toEqual([entry('jobTitle')]);
  });
});

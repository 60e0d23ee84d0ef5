import { describe, expect, it } from 'vitest';
import type { DriftRecord } from '../core/drift.ts';
import { contendedEvents, newlyContended } from './transitions.ts';

type DriftEntry = NonNullable<DriftRecord['drift']>[number];

const entry = (type: DriftEntry['type'], more: Partial<DriftEntry> = {}): DriftEntry => ({
  path: 'jobTitle',
  type,
  ...more,
});

describe('a field that is fought over', () => {
  const named = entry('Contended', { changedBy: 'sync-app' });

  it.each([
    ['is told once it is left', [entry('Different')], [named], ['sync-app']],
    ['is told where nothing was known before', undefined, [named], ['sync-app']],
    ['is told with whoever is unknown', [], [entry('Contended')], ['a writer whom the audit log']],
    ['is not told again', [named], [named], []],
    ['is told again once the audit log names who', [entry('Contended')], [named], ['sync-app']],
    [
      'is told again where it was another than was thought',
      [entry('Contended', { changedBy: 'eve@contoso.example' })],
      [named],
      ['sync-app'],
    ],
    ['is not told again where the name is forgotten', [named], [entry('Contended')], []],
    ['is told by field', [named], [named, { ...named, path: 'department' }], ['department was']],
    ['is none before that', [], [entry('Different')], []],
    ['is none where nothing differs', [named], undefined, []],
  ] as const)('%s', (_, before, after, names) => {
    const events = contendedEvents(before, after);
    expect(events).toHaveLength(names.length);
    for (const [index, name] of names.entries()) {
      expect(events[index]).toMatchObject({ type: 'Warning', reason: 'Contended' });
      expect(events[index]?.note).toContain(name);
    }
  });

  it('is counted once, also where it is told again', () => {
    expect(newlyContended([entry('Different')], [named])).toEqual(['jobTitle']);
    expect(newlyContended([entry('Contended')], [named])).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { changedFields, driftOf } from './diff.ts';

describe('changed fields', () => {
  it('are those that are declared and differ', () => {
    const declared = { b: 'new', a: 'same', c: undefined, d: false, e: 'added' };
    const actual = { a: 'same', b: 'old', c: 'left alone', d: true, f: 'not ours' };
    expect(changedFields(declared, actual)).toEqual({ b: 'new', d: false, e: 'added' });
  });

  it('come in the same order, however they are declared', () => {
    expect(Object.keys(changedFields({ b: 1, a: 1 }, {}))).toEqual(['a', 'b']);
  });
});

describe('drift', () => {
  it('tells what is missing from what differs', () => {
    const changed = { b: 'new', d: false, e: 'added' };
    expect(driftOf('x.', changed, { b: 'old', d: true })).toEqual([
      { path: 'x.b', type: 'Different', declared: 'new', actual: 'old' },
      { path: 'x.d', type: 'Different', declared: 'false', actual: 'true' },
      { path: 'x.e', type: 'Missing', declared: 'added' },
    ]);
  });

  it('fits into status', () => {
    const [entry] = driftOf('', { a: 'y'.repeat(5_000) }, { a: 'x'.repeat(5_000) });
    expect(entry?.declared).toHaveLength(1024);
    expect(entry?.actual).toHaveLength(1024);
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appliedPaths, appliedRecord, nextRecord } from './applied-record.ts';

describe('what was applied', () => {
  const fields = [
    { path: 'jobTitle', value: 'Buyer' },
    { path: 'department', value: 'Sales' },
  ];
  it('is known by field and value', () => {
    const record = appliedRecord(fields) ?? '';
    expect(record).toMatch(/^[0-9a-f]{16}$/);
    const now = [{ path: 'jobTitle', value: 'Chief' }, ...fields.slice(1)];
    expect([...appliedPaths(record, now)]).toEqual(['department']);
    expect([...appliedPaths('', now)]).toEqual([]);
  });

  it('holds a value where one begins, not between two', () => {
    const field = { path: 'department', value: 'Sales' };
    const one = appliedRecord([field]) ?? '';
    const between = `0000${one}0000`;
    expect([...appliedPaths(between, [field])]).toEqual([]);
    expect([...appliedPaths(between + one, [field])]).toEqual(['department']);
  });

  it('is the same by whichever way, whatever is new, changed or gone', () => {
    const field = fc.record({
      path: fc.constantFrom('a', 'b', 'c', 'd'),
      value: fc.constantFrom('1', '2'),
    });
    const some = fc.uniqueArray(field, { selector: ({ path }) => path });
    fc.assert(
      fc.property(some, some, fc.func(fc.boolean()), (before, now, isSettled) => {
        const record = appliedRecord(before) ?? '';
        const applied = appliedPaths(record, now);
        const settled = now.filter(({ path }) => applied.has(path) || isSettled(path));
        expect(nextRecord(record, applied, settled)).toBe(appliedRecord(settled));
      }),
    );
  });

  it('fits into status', () => {
    const many = Array.from({ length: 2_000 }, (_, i) => ({ path: `f${String(i)}`, value: 'x' }));
    expect(appliedRecord(many)?.length).toBeLessThanOrEqual(4096);
    expect(appliedRecord([])).toBeUndefined();
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergePatchOf } from './diff.ts';

type Json = Record<string, unknown>;

/** RFC 7386, as the API server applies it. */
function apply(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const isObject = typeof target === 'object' && target !== null && !Array.isArray(target);
  const result: Json = isObject ? { ...(target as Json) } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = apply(result[name], value);
  }
  return result;
}

describe('mergePatchOf', () => {
  it.each<[string, Json, Json, Json | undefined]>([
    ['nothing', { a: 1 }, { a: 1 }, undefined],
    ['nothing, in another order', { a: 1, b: 2 }, { b: 2, a: 1 }, undefined],
    ['nothing, where undefined stands for absent', { a: 1 }, { a: 1, b: undefined }, undefined],
    ['a change', { a: 1 }, { a: 2 }, { a: 2 }],
    ['a removal', { a: 1, b: 2 }, { a: 1 }, { b: null }],
    ['a removal by undefined', { a: 1, b: 2 }, { a: 1, b: undefined }, { b: null }],
    ['a deep change only', { a: { b: 1, c: 2 } }, { a: { b: 1, c: 3 } }, { a: { c: 3 } }],
    ['a deep removal', { a: { b: 1, c: 2 } }, { a: { b: 1 } }, { a: { c: null } }],
    ['a list, whole', { a: [1, 2, 3] }, { a: [1, 3] }, { a: [1, 3] }],
    [
      'a list in an object',
      { a: { b: [{ x: 1 }] } },
      { a: { b: [{ x: 2 }] } },
      { a: { b: [{ x: 2 }] } },
    ],
    ['an object for a text', { a: 'x' }, { a: { b: 1 } }, { a: { b: 1 } }],
    ['an undefined field in a list', { a: [{ x: 1 }] }, { a: [{ x: 1, y: undefined }] }, undefined],
  ])('finds %s', (_, current, wanted, expected) => {
    expect(mergePatchOf(current, wanted)).toEqual(expected);
  });

  it('always leads from what is to what is wanted', () => {
    const leaf = fc.oneof(fc.integer({ max: 3, min: 0 }), fc.constantFrom('', 'x'), fc.boolean());
    const { value } = fc.letrec<{ value: unknown; object: Json }>((tie) => ({
      value: fc.oneof({ maxDepth: 3 }, leaf, tie('object'), fc.array(leaf, { maxLength: 3 })),
      object: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), {
        maxKeys: 3,
        noNullPrototype: true,
      }),
    }));
    const object = fc.dictionary(fc.constantFrom('a', 'b', 'c'), value, { noNullPrototype: true });
    fc.assert(
      fc.property(object, object, (current, wanted) => {
        const patch = mergePatchOf(current, wanted);
        expect(patch === undefined ? current : apply(current, patch)).toEqual(wanted);
      }),
      { numRuns: 2_000 },
    );
  });
});

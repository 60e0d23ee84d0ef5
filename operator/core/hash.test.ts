import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fingerprint } from './hash.ts';

// Vectors of the FNV reference (64 bits, FNV-1a).
it.each([
  ['', 'cbf29ce484222325'],
  ['a', 'af63dc4c8601ec8c'],
  ['foobar', '85944171f73967e8'],
])('is FNV-1a: "%s"', (text, wanted) => {
  expect(fingerprint(text)).toBe(wanted);
});

it('is 16 hex digits of any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(fingerprint(text)).toMatch(/^[0-9a-f]{16}$/);
    }),
  );
});

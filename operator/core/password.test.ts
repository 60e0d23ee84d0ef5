import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { passwordFor, passwordProblem } from './password.ts';

/** These bytes, one handful after the other, and the last one from then on. */
function drawing(...handfuls: readonly Uint8Array[]) {
  let count = 0;
  return (): Uint8Array => {
    count += 1;
    return handfuls[Math.min(count, handfuls.length) - 1] ?? new Uint8Array();
  };
}

describe('a made password', () => {
  const bytes = fc.uint8Array({ minLength: 20, maxLength: 20 });

  it('is taken by both directories, whatever the dice say', () => {
    fc.assert(
      fc.property(bytes, (random) => {
        const password = passwordFor(drawing(random), []);
        expect(password).toHaveLength(20);
        expect(passwordProblem(password, [])).toBeUndefined();
        for (const kind of [/[A-Z]/, /[a-z]/, /[0-9]/, /[^A-Za-z0-9]/])
          expect(password).toMatch(kind);
        expect(password).not.toMatch(/[0O1lI]/);
      }),
    );
  });

  it('differs where the dice differ', () => {
    const at = (byte: number) => passwordFor(drawing(new Uint8Array(20).fill(byte)), []);
    expect(at(1)).not.toBe(at(2));
  });

  it('holds no part of the name, though the dice say so', () => {
    const unlucky = new Uint8Array(20).fill(1);
    const other = new Uint8Array(20).fill(2);
    const name = passwordFor(drawing(unlucky), []).slice(5, 9);
    expect(passwordFor(drawing(unlucky, other), [`${name} Muster`])).toBe(
      passwordFor(drawing(other), []),
    );
    expect(passwordFor(drawing(unlucky), [name])).toHaveLength(20);
  });
});

describe('the rules of a domain', () => {
  it('make it longer, as long as Entra takes', () => {
    fc.assert(
      fc.property(
        fc.nat(300),
        fc.boolean(),
        fc.infiniteStream(fc.nat(255)),
        (minLength, isComplex, dice) => {
          const rules = { minLength, isComplex };
          const draw = (count: number) => Uint8Array.from(dice.take(count));
          const password = passwordFor(draw, [], rules);
          expect(password.length).toBe(Math.min(256, Math.max(20, minLength)));
          if (minLength <= 256) expect(passwordProblem(password, [], rules)).toBeUndefined();
        },
      ),
    );
  });

  it.each([
    ['Str0ng-enough!', { minLength: 14, isComplex: true }, undefined],
    ['Str0ng-enough!', { minLength: 15, isComplex: true }, 'it must have 15 to 256 characters'],
    ['Sh0rt-8!', { minLength: 0, isComplex: true }, undefined],
    ['Sh0rt-7', { minLength: 0, isComplex: false }, 'it must have 8 to 256 characters'],
    ['small letters 1', { minLength: 0, isComplex: false }, undefined],
    [
      'small letters 1',
      { minLength: 0, isComplex: true },
      'it must have three of: capital letters, small letters, digits, signs',
    ],
  ])('and refuse what is too weak for them: %s', (password, rules, wanted) => {
    expect(passwordProblem(password, [], rules)).toBe(wanted);
  });
});

describe('a given password', () => {
  const names = ['Mia Muster', 'mia.muster'];

  it.each([
    ['Str0ng-enough!', undefined],
    ['Sh0rt!', '8 to 256'],
    [`Aa1${'x'.repeat(254)}`, '8 to 256'],
    ['Pässwort-123', 'ASCII'],
    ['onlysmall123', 'three of'],
    ['ONLYCAPITALS-', 'three of'],
    ['Welcome-MUSTER1', 'part of the name'],
    ['Mia-has-1-dog', 'part of the name'],
    ['Mi-no-Must-1', undefined],
  ])('%s', (password, wanted) => {
    const problem = passwordProblem(password, names);
    expect(problem?.includes(wanted ?? '')).toBe(wanted === undefined ? undefined : true);
    expect(problem ?? '').not.toContain(password);
  });
});

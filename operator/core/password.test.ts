import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { passwordBytes, passwordFrom, passwordProblem } from './password.ts';

describe('a made password', () => {
  it('is taken by both directories, whatever the dice say', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: passwordBytes, maxLength: passwordBytes }),
        (random) => {
          const password = passwordFrom(random);
          expect(password).toHaveLength(20);
          expect(passwordProblem(password, [])).toBeUndefined();
          for (const kind of [/[A-Z]/, /[a-z]/, /[0-9]/, /[^A-Za-z0-9]/])
            expect(password).toMatch(kind);
          expect(password).not.toMatch(/[0O1lI]/);
        },
      ),
    );
  });

  it('differs where the dice differ', () => {
    const at = (byte: number) => passwordFrom(new Uint8Array(passwordBytes).fill(byte));
    expect(at(1)).not.toBe(at(2));
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

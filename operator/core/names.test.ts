import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  commonName,
  domainPart,
  localPart,
  mailNickname,
  samAccountNameCandidate,
} from './names.ts';

const upn = fc
  .stringMatching(/^[A-Za-z0-9'._!#^~-]{0,63}[A-Za-z0-9'_!#^~-]$/)
  .map((local) => `${local}@contoso.example`);

it('takes a sign-in name apart', () => {
  expect(localPart('Ella@Contoso.Example')).toBe('Ella');
  expect(domainPart('Ella@Contoso.Example')).toBe('contoso.example');
  expect([localPart('ella'), domainPart('ella')]).toEqual(['ella', '']);
});

describe('the logon name', () => {
  it('is the local part, then numbered', () => {
    const names = [0, 1, 2].map((attempt) => samAccountNameCandidate('ella@a.example', attempt));
    expect(names).toEqual(['ella', 'ella1', 'ella2']);
  });

  it('fits Active Directory, whatever the sign-in name, and never comes twice', () => {
    fc.assert(
      fc.property(upn, (name) => {
        const names = Array.from({ length: 12 }, (_, n) => samAccountNameCandidate(name, n));
        for (const candidate of names) {
          expect(candidate.length).toBeGreaterThan(0);
          expect(candidate.length).toBeLessThanOrEqual(20);
          expect(candidate).toMatch(/^[^"/\\[\]:;|=,+*?<>@\s]*[^".\s]$/);
        }
        expect(new Set(names).size).toBe(12);
      }),
    );
  });
});

describe('the mail nickname', () => {
  it('holds only what Entra takes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (name) => {
        const nickname = mailNickname(name);
        expect(nickname.length).toBeGreaterThan(0);
        expect(nickname.length).toBeLessThanOrEqual(64);
        expect(nickname).not.toMatch(/[@()\\[\]";:<>,\s]/);
      }),
    );
  });

  it('of nothing usable is still one', () => {
    expect(mailNickname('営業')).toBe('user');
  });
});

it.each([
  ['  Ella Muster ', 'Ella Muster'],
  [`${'x'.repeat(63)} y`, 'x'.repeat(63)],
  ['y'.repeat(80), 'y'.repeat(64)],
  [`${'y'.repeat(63)}🦊`, 'y'.repeat(63)],
  [`${'y'.repeat(62)}🦊`, `${'y'.repeat(62)}🦊`],
])('makes "%s" a common name', (name, wanted) => {
  expect(commonName(name)).toBe(wanted);
});

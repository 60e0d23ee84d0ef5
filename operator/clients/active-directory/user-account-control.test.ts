import { describe, expect, it } from 'vitest';
import { finishedAccount, withEnabled } from './user-account-control.ts';

describe('userAccountControl', () => {
  it('changes in one bit', () => {
    expect(withEnabled(66_050, true)).toBe(66_048);
    expect(withEnabled(66_048, false)).toBe(66_050);
    expect(withEnabled(512, true)).toBe(512);
  });

  it('of a finished account wants a password', () => {
    expect(finishedAccount(546)).toBe(512);
  });
});

/** Bits of userAccountControl (active-directory.md B8): whether somebody may sign in, and needs a password. Pure. */

const accountDisabled = 2;
const passwordNotRequired = 32;
const normalAccount = 512;
/** userAccountControl of an account that may not sign in yet. */
export const disabledAccount = normalAccount | accountDisabled;

/** userAccountControl with and without the right to sign in; every other bit stays. */
export function withEnabled(userAccountControl: number, enabled: boolean): number {
  return enabled ? userAccountControl & ~accountDisabled : userAccountControl | accountDisabled;
}

/** Of an account that may be used: never with a blank password, which 32 (PASSWD_NOTREQD) would allow. */
export function finishedAccount(userAccountControl: number): number {
  return (withEnabled(userAccountControl, true) | normalAccount) & ~passwordNotRequired;
}

export function maySignIn(userAccountControl: number): boolean {
  return (userAccountControl & accountDisabled) === 0;
}

export function needsNoPassword(userAccountControl: number): boolean {
  return (userAccountControl & passwordNotRequired) !== 0;
}

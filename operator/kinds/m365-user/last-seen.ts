/**
 * The account in Active Directory as it was last read in a pass, which is known by its signal. A pass looks after each
 * step that it takes: what none of its steps has touched is not read again.
 */
import type { AdAccount } from '../../clients/active-directory/port.ts';

const accounts = new WeakMap<AbortSignal, AdAccount>();

export function lastSeen(signal: AbortSignal, objectGuid: string): AdAccount | undefined {
  const account = accounts.get(signal);
  return account?.objectGuid === objectGuid ? account : undefined;
}

export function noteSeen(signal: AbortSignal, account: AdAccount): void {
  accounts.set(signal, account);
}

/** Before each step in Active Directory. */
export function forgetSeen(signal: AbortSignal): void {
  accounts.delete(signal);
}

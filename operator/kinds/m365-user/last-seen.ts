/**
 * The account in Active Directory as it was last read in a pass, which is known by its signal. A pass looks after each
 * step that it takes: what none of its steps has touched is not read again.
 */
import type { AdAccount } from '../../clients/active-directory/port.ts';

/** `none`: nobody's account has the mark of the person. */
const accounts = new WeakMap<AbortSignal, AdAccount | 'none'>();

export function lastSeen(signal: AbortSignal, objectGuid: string): AdAccount | undefined {
  const account = accounts.get(signal);
  return account !== 'none' && account?.objectGuid === objectGuid ? account : undefined;
}

export function wasSeenMissing(signal: AbortSignal): boolean {
  return accounts.get(signal) === 'none';
}

export function noteSeen(signal: AbortSignal, account: AdAccount | 'none'): void {
  accounts.set(signal, account);
}

/** Before each step in Active Directory; the creation says itself what it has made. */
export function forgetSeen(signal: AbortSignal): void {
  accounts.delete(signal);
}

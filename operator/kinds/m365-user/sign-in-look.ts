/** When a person last signed in, for the password in their Secret (password-expiry.ts). */
import type { AdAccount } from '../../clients/active-directory/port.ts';
import type { EntraUser } from '../../clients/graph/port.ts';
import type { Look } from './look.ts';
import type { ObservedSignIn } from './observed.ts';
import { awaitsFirstSignIn } from './password-expiry.ts';

/** All accounts of the tenant in one list, for everybody who waits; Microsoft tells sign-ins hours late anyway. */
const listEveryMs = 6 * 60 * 60_000;

/** No request of its own for a person: the account in Active Directory was read, and Entra is read for all at once. */
export async function signInOf(
  { user, deps, access, signal }: Look,
  entra: EntraUser | undefined,
  activeDirectory: AdAccount | undefined,
): Promise<ObservedSignIn | undefined> {
  if (!awaitsFirstSignIn(user)) return undefined;
  const activity = access.clients.activity(access.tenantId);
  const sinceMs = deps.nowMs() - listEveryMs;
  await activity.refresh({ sinceMs, withSignIns: true }, signal);
  const inCloud = entra === undefined ? undefined : activity.account(entra.id)?.lastSuccessMs;
  const isCloudTold = ['Available', 'NotRead'].includes(activity.signIns);
  return {
    lastMs: laterOf(inCloud, activeDirectory?.lastLogonMs),
    isTold: activeDirectory !== undefined || isCloudTold,
    nextMs: activity.goOnMs ?? activity.readMs + listEveryMs,
  };
}

function laterOf(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);
}

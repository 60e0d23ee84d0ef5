/** Who signed in when: the sign-in log and what a user shows of it (graph.md 2.3, 9). Both need Entra ID P1 or P2. */
import type { World } from '../world.ts';
import type { Directory, Properties, SignInTimes, User } from './directory.ts';
import { asText } from './text.ts';

export interface SignIn {
  readonly appId: string;
  readonly appDisplayName: string;
  readonly resourceId: string;
  /** With a person in front of it; false: by a refresh token. */
  readonly isInteractive: boolean;
}

/** P1 and P2 (graph.md 9, retention). */
const RETENTION_MS = 30 * 86_400_000;

/** In the tenant that holds the account. */
export function recordSignIn(world: World, directory: Directory, user: User, signIn: SignIn): void {
  const now = world.clock.nowMs();
  const time = new Date(now).toISOString();
  const id = world.random.uuid();
  const { signIns, signInTimes } = directory;
  const times: SignInTimes = signIn.isInteractive
    ? { lastSignInDateTime: time, lastSignInRequestId: id }
    : { lastNonInteractiveSignInDateTime: time, lastNonInteractiveSignInRequestId: id };
  signInTimes.set(user.id, {
    ...signInTimes.get(user.id),
    ...times,
    lastSuccessfulSignInDateTime: time,
    lastSuccessfulSignInRequestId: id,
  });
  while (signIns[0] && signIns[0].visibleMs + RETENTION_MS < now) signIns.shift();
  const visibleMs = now + world.settings.auditDelayMs;
  signIns.push({ visibleMs, entry: logEntry(directory, user, { ...signIn, id, time }) });
}

function logEntry(
  directory: Directory,
  user: User,
  signIn: SignIn & { readonly id: string; readonly time: string },
): Properties {
  return {
    id: signIn.id,
    createdDateTime: signIn.time,
    userDisplayName: asText(user.properties['displayName']),
    userPrincipalName: user.userPrincipalName,
    userId: user.id,
    appId: signIn.appId,
    appDisplayName: signIn.appDisplayName,
    resourceId: signIn.resourceId,
    ipAddress: '203.0.113.7',
    clientAppUsed: signIn.isInteractive ? 'Browser' : 'Mobile Apps and Desktop clients',
    conditionalAccessStatus: 'notApplied',
    isInteractive: signIn.isInteractive,
    homeTenantId: directory.tenantId,
    resourceTenantId: directory.tenantId,
    status: { errorCode: 0, failureReason: null, additionalDetails: null },
  };
}

/** Does the tenant hold a plan of Entra ID P1 or P2 that is still good? */
export function hasPremium(directory: Directory): boolean {
  return hasPlan(directory, 'AAD_PREMIUM');
}

/** By the beginning of its name. */
export function hasPlan(directory: Directory, prefix: string): boolean {
  return directory.subscriptions
    .values()
    .filter(({ status }) => status === 'Enabled' || status === 'Warning')
    .some(({ servicePlans }) =>
      servicePlans.some(({ servicePlanName }) => servicePlanName.startsWith(prefix)),
    );
}

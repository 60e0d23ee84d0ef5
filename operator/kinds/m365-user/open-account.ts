/** The account in Entra of a person who must not sign in, where Active Directory cannot be looked at (outage.ts). */
import type { EntraUser } from '../../clients/graph/port.ts';
import { toOperatorError } from '../../core/errors.ts';
import type { M365User } from '../../core/objects.ts';
import { type Deps, refuseSecondClaim, tenantAccess } from '../access.ts';
import { userClaim } from './claim.ts';
import { isEnabled } from './desired.ts';
import type { Look } from './look.ts';
import type { ObservedUser } from './observed.ts';
import { protectionOf } from './protection.ts';

/** Throws what was thrown, where nothing is to be blocked now. */
export async function openAccount(
  deps: Deps,
  user: M365User,
  { signal, thrown }: { readonly signal: AbortSignal; readonly thrown: unknown },
): Promise<Partial<ObservedUser>> {
  const { entraId } = user.status ?? {};
  const isLeftAlone = user.metadata.deletionTimestamp !== undefined || signal.aborted;
  if (entraId === undefined || isLeftAlone || isEnabled(user, deps.nowMs())) throw thrown;
  const access = await tenantAccess(deps, user, signal, 'Cloud');
  const view = access.clients.directory(access.tenantId);
  const entra = view.isLoaded ? view.user(entraId) : undefined;
  if (entra === undefined || entra.onPremisesSyncEnabled === true || isShut(user, entra))
    throw thrown;
  const claimants = deps.cluster.referencing(userClaim(user.spec.userPrincipalName), 'M365User');
  refuseSecondClaim(user, claimants, 'userPrincipalName');
  const look: Look = { deps, user, access, view, signal };
  const { reason, message } = toOperatorError(thrown);
  return {
    entra,
    origin: 'Recorded',
    outage: { reason, message },
    protection: protectionOf(look, entra),
    driftRules: access.tenant.spec.drift,
    hold: deps.massChanges.holdOf(user, access.tenant),
  };
}

function isShut({ status }: M365User, entra: EntraUser): boolean {
  return !entra.accountEnabled && status?.sessionsRevoked === true;
}

/** What status records of a person's accounts: ids, anchor, and which of them are ours to delete. Pure. */
import type { M365UserStatus } from '../../api/m365-user-status.ts';
import type { AdAccount } from '../../clients/active-directory/port.ts';
import type { EntraUser } from '../../clients/graph/port.ts';
import type { M365User } from '../../core/objects.ts';
import { anchorInForce, anchorsDiffer, lacksMark } from './directory-lost.ts';
import type { Finding } from './match.ts';
import type { ObservedUser } from './observed.ts';

/** As many as status takes (api/m365-user.ts). */
const candidatesMax = 10;

export function identityOf(user: M365User, observed: ObservedUser): Partial<M365UserStatus> {
  const known = withoutStrangers(user, observed);
  const { entra, activeDirectory } = known;
  return {
    ...recordOf(user, known),
    ...sessionsOf(user, observed),
    ...(activeDirectory === undefined
      ? { anchor: entra?.onPremisesImmutableId ?? user.status?.anchor }
      : {
          objectGuid: activeDirectory.objectGuid,
          anchor: anchorInForce(user, known),
          samAccountName: activeDirectory.samAccountName,
        }),
    createdByOperator: madeByUs(user, known),
    candidates: candidatesOf(observed),
  };
}

/** Of a pair with different anchors one may be somebody else's: what is not on record as the person's comes on none. */
function withoutStrangers(user: M365User, observed: ObservedUser): ObservedUser {
  if (!anchorsDiffer(user, observed)) return observed;
  const { entra, activeDirectory: account, origin } = observed;
  const isKnown = account?.objectGuid === user.status?.objectGuid;
  const isOurs = account !== undefined && (isKnown || isMarked(user, account));
  return {
    ...observed,
    entra: origin === 'Name' || origin === 'Mail' ? undefined : entra,
    activeDirectory: isOurs ? account : undefined,
  };
}

/** Of the account in Entra: its id, and whether we made it or took it over. */
export function recordOf(
  { status }: M365User,
  { entra, origin }: Finding,
): Partial<M365UserStatus> {
  if (entra === undefined) return {};
  if (origin === 'Recorded' || status?.entraId === entra.id) return { entraId: entra.id };
  return { entraId: entra.id, adopted: origin === 'Made' ? undefined : true };
}

function madeByUs(user: M365User, { origin, entra, activeDirectory }: ObservedUser) {
  const made = {
    ...user.status?.createdByOperator,
    ...(origin === 'Made' && entra !== undefined ? { entra: true } : {}),
    ...(activeDirectory === undefined
      ? {}
      : { activeDirectory: isMarked(user, activeDirectory) || lacksMark(user, activeDirectory) }),
  };
  return Object.keys(made).length === 0 ? undefined : made;
}

function isMarked({ metadata }: M365User, { ownerUid }: AdAccount): boolean {
  return ownerUid === metadata.uid;
}

/** An account that is open (again) has sessions to end when it is blocked. */
export function sessionsOf({ status }: M365User, { entra }: Finding): Partial<M365UserStatus> {
  const isBlocked = entra?.accountEnabled === false;
  return { sessionsRevoked: isBlocked ? status?.sessionsRevoked : undefined };
}

/** Made by us, or expressly taken over by its id: a name alone is no order to delete what was there before. */
export function isOursToDelete({ spec, status }: M365User, id: string): boolean {
  if (status?.entraId !== id) return false;
  return status.createdByOperator?.entra === true || spec.entraId === id;
}

function candidatesOf({ candidates = [] }: ObservedUser): M365UserStatus['candidates'] {
  if (candidates.length === 0) return undefined;
  return candidates.slice(0, candidatesMax).map(shortly);
}

function shortly({ id, userPrincipalName }: EntraUser) {
  return { id, userPrincipalName: userPrincipalName.slice(0, 256) };
}

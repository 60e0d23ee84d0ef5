/**
 * What others took from an account, and what no declaration holds. Pure.
 *
 * | found                                                        | then                                        |
 * | ------------------------------------------------------------ | ------------------------------------------- |
 * | we made it, and it has no mark of an owner any more: deleted and brought back, or the mark was cleared | the mark again |
 * | … and it lacks a password                                    | a password too, before it is enabled        |
 * | another anchor than on record, and Entra has that one or none | the anchor of the record: it never changes  |
 * | anything else                                                | nothing                                     |
 */
import type { AdAccount } from '../../clients/active-directory/port.ts';
import type { LostParts } from '../../clients/active-directory/restore-port.ts';
import type { M365User } from '../../core/objects.ts';
import type { UserAction } from './actions.ts';
import { anchorPath } from './directory-fields.ts';
import type { ObservedUser } from './observed.ts';
import type { Side, Sight } from './side.ts';

export function lostPart(
  user: M365User,
  account: AdAccount,
  { observed, sight }: { readonly observed: ObservedUser; readonly sight: Sight },
): Pick<Side, 'actions' | 'drift'> {
  const lostAnchor = lostAnchorOf(user, observed);
  const isUnmarked = lacksMark(user, account);
  const anchor = sight.leave.has(anchorPath) ? undefined : lostAnchor;
  const lost = { anchor, ownerUid: isUnmarked ? user.metadata.uid : undefined };
  const needsPassword = isUnmarked && account.lacksPassword === true;
  return {
    actions:
      anchor === undefined && !isUnmarked
        ? []
        : [restoration(account.objectGuid, lost, needsPassword)],
    drift:
      lostAnchor === undefined
        ? []
        : [{ path: anchorPath, type: 'Different', declared: lostAnchor, actual: account.anchor }],
  };
}

function restoration(objectGuid: string, lost: LostParts, needsPassword: boolean): UserAction {
  return {
    system: 'ActiveDirectory',
    recoverable: true,
    verb: 'update',
    name: 'RestoreAdAccount',
    summary: 'gave the account in Active Directory back what it had lost',
    objectGuid,
    lost,
    needsPassword,
  };
}

/** The record says that we made it. */
export function lacksMark({ status }: M365User, { objectGuid, ownerUid }: AdAccount): boolean {
  const isRecorded = status?.createdByOperator?.activeDirectory === true;
  return isRecorded && status?.objectGuid === objectGuid && ownerUid === undefined;
}

/** What both accounts should have; undefined: there is no account in Active Directory of ours. */
export function anchorInForce(
  user: M365User,
  observed: Pick<ObservedUser, 'activeDirectory' | 'entra'>,
): string | undefined {
  return lostAnchorOf(user, observed) ?? observed.activeDirectory?.anchor;
}

/** Two people may stand behind the pair: which of the accounts is meant only somebody who knows them can say (stalled.ts). */
export function anchorsDiffer(
  user: M365User,
  observed: Pick<ObservedUser, 'activeDirectory' | 'entra'>,
): boolean {
  const anchor = anchorInForce(user, observed);
  return anchor !== undefined && (observed.entra?.onPremisesImmutableId ?? anchor) !== anchor;
}

/** An anchor once set is never changed: people would lose their sign-in. */
export function otherAnchor(type: Side['type']): Omit<Side, 'actions'> {
  return {
    type,
    isSynced: false,
    isStalled: true,
    reason: 'AnchorDiffers',
    message:
      'the accounts in Entra ID and Active Directory have different anchors: they are not the same person to Microsoft, and neither is written: give both the same anchor, or rename the one that is not meant',
    drift: [],
  };
}

/** Undefined: the account has the anchor that it should have, or which one that is nobody knows. */
export function lostAnchorOf(
  { status }: M365User,
  { activeDirectory, entra }: Pick<ObservedUser, 'activeDirectory' | 'entra'>,
): string | undefined {
  const recorded = status?.anchor;
  if (recorded === undefined || activeDirectory === undefined) return undefined;
  const isInForce = (entra?.onPremisesImmutableId ?? recorded) === recorded;
  return isInForce && activeDirectory.anchor !== recorded ? recorded : undefined;
}

/** Accounts of ours that others have taken something from that only we know. */

/**
 * An account that was deleted and brought back without recycle bin has its GUID, its logon name, and little else
 * (active-directory.md A5): these parts no declaration holds.
 */
export interface LostParts {
  /** UID of the custom resource that made it. */
  readonly ownerUid?: string | undefined;
  /** Base64 of what ms-DS-ConsistencyGuid is to hold. */
  readonly anchor?: string | undefined;
  readonly password?: string | undefined;
}

export interface AccountRestoration {
  /** All that is given, the password first: what stops in between shows no owner yet, and is done again. Wait `ObjectMissing` where it is gone. */
  restoreAccount(objectGuid: string, lost: LostParts, signal: AbortSignal): Promise<void>;
}

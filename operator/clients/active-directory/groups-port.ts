/** The part of the port that is about groups of a tenant's OU and who is in them. */

export interface AdGroup {
  readonly objectGuid: string;
  readonly name: string;
  /** When it or its members last changed (whenChanged), ISO 8601. */
  readonly changedAt?: string | undefined;
}

export interface NewAdGroup {
  readonly name: string;
  /** Set when the group is made. */
  readonly description?: string;
}

/** Whom it may hold (MicrosoftDocs/win32, desktop-src/AD/common-errors). */
export type GroupScope = 'Global' | 'DomainLocal' | 'Universal';

export interface AdGroupMembers extends AdGroup {
  /** Right in the OU: not in one below it. */
  readonly isDirect: boolean;
  readonly scope: GroupScope;
  /** GUIDs of all direct members, of whatever kind. */
  readonly memberGuids: ReadonlySet<string>;
  /** Distinguished names of members that stood elsewhere than below the OU, by GUID. */
  readonly strangers: ReadonlyMap<string, string>;
}

/** What stands below an OU, by objectGUID, as all its changes so far have told it: no read of its own. */
export interface AdInventory {
  /** Sign-in names, where accounts have one. */
  readonly accounts: ReadonlyMap<string, string | undefined>;
  readonly groups: ReadonlyMap<string, AdGroupMembers>;
}

export interface Groups {
  /** Global security group of this name in the OU, made where missing. One that is there stays as it is. */
  ensureGroup(organizationalUnit: string, group: NewAdGroup, signal: AbortSignal): Promise<AdGroup>;
  findGroup(
    organizationalUnit: string,
    name: string,
    signal: AbortSignal,
  ): Promise<AdGroup | undefined>;
  /** Something right in the OU that is no group has this common name: `ensureGroup` would refuse with `NameTaken`. */
  isGroupNameTaken(organizationalUnit: string, name: string, signal: AbortSignal): Promise<boolean>;
  /** An account or a group, anywhere below the customers OU. Already a member is success. */
  addMember(groupGuid: string, memberGuid: string, signal: AbortSignal): Promise<void>;
  /** Whatever it is, and wherever it stands: only the group is written. Not a member is success. */
  removeMember(groupGuid: string, memberGuid: string, signal: AbortSignal): Promise<void>;
}

/**
 * What the operator asks of Active Directory, in its own types. One `ActiveDirectory` speaks to one forest through
 * verified LDAPS. Every method throws OperatorError only. Objects are addressed by objectGUID, never by comparing
 * names; reads return undefined for what is absent. All is kept below the customers OU of the connection.
 */

import type { AdInventory, Groups } from './groups-port.ts';
import type { TenantLayout } from './layout-port.ts';
import type { AccountMatching } from './matching-port.ts';
import type { AccountMoves } from './moves-port.ts';
import type { PasswordPolicies } from './password-policy-port.ts';
import type { AccountRestoration } from './restore-port.ts';
import type { Schema } from './schema-port.ts';

export interface AdAccount {
  /** 8-4-4-4-12 text form of objectGUID. */
  readonly objectGuid: string;
  readonly distinguishedName: string;
  readonly userPrincipalName: string | undefined;
  readonly samAccountName: string;
  readonly enabled: boolean;
  /** base64 of ms-DS-ConsistencyGuid, else of objectGUID: what Entra holds as onPremisesImmutableId. */
  readonly anchor: string;
  /** UID of the custom resource that made this account (msDS-cloudExtensionAttribute1). */
  readonly ownerUid: string | undefined;
  /** Managed attributes by LDAP name; absent where unset. Binary ones are left out. */
  readonly attributes: Readonly<Record<string, string>>;
  /** GUIDs of the groups below the customers OU of which the account is a direct member. */
  readonly groupGuids: readonly string[];
  /** objectGUID of the manager, where it can be read. */
  readonly managerGuid: string | undefined;
  /**
   * The last logon that this controller knows of: its own (lastLogon), and what controllers tell each other
   * (lastLogonTimestamp: of the first one at once, of later ones up to 14 days late). Undefined: none.
   */
  readonly lastLogonMs?: number | undefined;
  /** When it was last changed by anybody (whenChanged), ISO 8601; its memberships are changes of the groups. */
  readonly changedAt?: string | undefined;
  /** It has none, may be used without one (PASSWD_NOTREQD), or has one that nobody has used (pwdLastSet 0). */
  readonly lacksPassword?: true | undefined;
}

export interface NewAdAccount {
  /** OU in which it is made. */
  readonly organizationalUnit: string;
  readonly commonName: string;
  readonly userPrincipalName: string;
  readonly samAccountName: string;
  readonly ownerUid: string;
  /** true: a look a moment ago has found no account of this owner; it is not looked for again. */
  readonly isUnowned?: boolean;
  /** Base64 of what ms-DS-ConsistencyGuid is to hold; undefined: the anchor is the new objectGUID. */
  readonly anchor?: string | undefined;
  readonly password: string;
  readonly mustChangePassword: boolean;
  readonly enabled: boolean;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface AdAccountPatch {
  readonly enabled?: boolean;
  readonly userPrincipalName?: string;
  /** Terminal `NameTaken` where another object of the domain has it. */
  readonly samAccountName?: string;
  /** null clears. */
  readonly attributes?: Readonly<Record<string, string | null>>;
  readonly managerGuid?: string;
}

export interface PersonKeys {
  /** UID of the custom resource: how a create with an unknown outcome is found again. */
  readonly ownerUid: string;
  readonly userPrincipalName: string;
}

export interface FoundPerson {
  readonly byOwner: AdAccount | undefined;
  /** The same among them, where it has the name. */
  readonly byName: readonly AdAccount[];
}

/** Since the cookie; without one, or with one of another controller: everything. */
export interface AdChanges {
  /** Accounts below the OU that were made, changed, renamed or moved there. */
  readonly accounts: readonly AdAccount[];
  /** GUIDs of accounts that are gone, or were moved away. */
  readonly deletedGuids: readonly string[];
  /** GUIDs of those who joined or left a group below the OU, and of all in one that was renamed: it is no change of theirs. */
  readonly regroupedGuids?: readonly string[];
  /** Those of `accounts` that are as every read of this client showed them. */
  readonly unchangedGuids?: ReadonlySet<string>;
  /** All that is there now, not only what changed. */
  readonly inventory: AdInventory;
  readonly cookie: string;
}

export interface ActiveDirectory
  extends AccountMatching,
    AccountMoves,
    PasswordPolicies,
    AccountRestoration,
    Groups,
    Schema,
    TenantLayout {
  /** Connects, binds and reads the naming context; names which controller is wrong and how. */
  verify(
    signal: AbortSignal,
  ): Promise<{ readonly defaultNamingContext: string; readonly controller: string }>;
  /** The OU of this name right below `parent`, made where missing. */
  ensureOrganizationalUnit(
    parent: string,
    name: string,
    signal: AbortSignal,
  ): Promise<{ readonly distinguishedName: string; readonly created: boolean }>;
  /** A UPN suffix of the forest (uPNSuffixes); there already is success. */
  ensureUpnSuffix(suffix: string, signal: AbortSignal): Promise<{ readonly created: boolean }>;

  getAccount(objectGuid: string, signal: AbortSignal): Promise<AdAccount | undefined>;
  /** In one search. Terminal `AmbiguousMatch` where several accounts have the mark. */
  findPerson(person: PersonKeys, signal: AbortSignal): Promise<FoundPerson>;
  isSamAccountNameTaken(samAccountName: string, signal: AbortSignal): Promise<boolean>;
  /**
   * The first of these logon names that nobody in the domain has and that was not offered to another owner in the last
   * minute: accounts are made beside each other. Undefined: there is none.
   */
  freeSamAccountName(
    candidates: readonly string[],
    ownerUid: string,
    signal: AbortSignal,
  ): Promise<string | undefined>;
  /**
   * In three steps that are each safe to repeat: add disabled, set the password, enable and say whether it must be
   * changed. An account of the same ownerUid that is disabled is finished. Terminal `NameTaken` where another account has the name.
   */
  createAccount(account: NewAdAccount, signal: AbortSignal): Promise<AdAccount>;
  updateAccount(objectGuid: string, patch: AdAccountPatch, signal: AbortSignal): Promise<void>;
  setPassword(objectGuid: string, password: string, signal: AbortSignal): Promise<void>;
  /** Absent is success. */
  deleteAccount(objectGuid: string, signal: AbortSignal): Promise<void>;

  /**
   * What changed below `organizationalUnit` since the cookie (uSNChanged on the pinned controller). A cookie of another
   * controller gives everything. Without rights on the container of deleted objects, deletes show within ten minutes.
   */
  changedAccounts(
    organizationalUnit: string,
    cookie: string | undefined,
    signal: AbortSignal,
  ): Promise<AdChanges>;
  close(): Promise<void>;
}

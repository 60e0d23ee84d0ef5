import type { AuthorityRule } from '../../api/authority.ts';
import type { DriftRules } from '../../api/drift.ts';
import type { LicenseFinding } from '../../api/user-findings.ts';
import type { AdAccount } from '../../clients/active-directory/port.ts';
import type { OutsideChange } from '../../clients/graph/audit-port.ts';
import type { MailboxPurpose } from '../../clients/graph/mailbox-port.ts';
import type { HeldRole } from '../../clients/graph/roles-port.ts';
import type { Hold } from '../mass-change-guard.ts';
import type { Finding } from './match.ts';
import type { Protection } from './safeguards.ts';

/** Of whose password lies in the Secret until the first sign-in. */
export interface ObservedSignIn {
  /** The last that succeeded, in either directory. */
  readonly lastMs: number | undefined;
  /** False: no directory would tell of one. */
  readonly isTold: boolean;
  /** When Entra is asked again. */
  readonly nextMs: number;
}

/** Of who has left. */
export interface LeaverRoles {
  /** In the directory, of the account itself. Undefined: they may not be read. */
  readonly held: readonly HeldRole[] | undefined;
  /** The application has the permission to take them away. */
  readonly mayRemove: boolean;
  /** Names of groups that make the person an administrator: who is in them is no manifest's to decide. */
  readonly throughGroups: readonly string[];
}

/** None: the person has none. Unknown: the application may not see. */
export type ObservedMailbox = MailboxPurpose | 'None' | 'Unknown';

/** A licence that the user should have. */
export interface WantedLicense {
  readonly pool: string;
  /** Undefined: the SKU has not arrived in the tenant. */
  readonly skuId: string | undefined;
  readonly disabledPlans: readonly string[];
  /** A seat is free at the moment. */
  readonly hasFreeSeat: boolean;
}

export interface NamedGroup {
  readonly name: string;
  /** Undefined: there is none of this name. */
  readonly id: string | undefined;
  readonly isMember: boolean;
  /** Of a group of Active Directory: when it or its members last changed. */
  readonly changedAt?: string | undefined;
}

export interface ObservedUser extends Finding {
  /** `spec.drift` of the tenant. */
  readonly driftRules: DriftRules;
  /** The change waits, with those of many others. Undefined: it does not. */
  readonly hold: Hold | undefined;
  /** What we wrote of the account in Entra was read from there since. */
  readonly isReadBack: boolean;
  /** How old the view of the tenant's directory is. */
  readonly viewAgeMs: number;
  readonly pollMs: number;
  /** Undefined: an account like others. */
  readonly protection: Protection | undefined;
  /** Of `activeDirectory.attributes`: what the forest's schema lacks. */
  readonly missingAttributes?: readonly string[] | undefined;
  /** `identity.authority` of the tenant. */
  readonly authority?: readonly AuthorityRule[] | undefined;
  /** Active Directory is written for this tenant. */
  readonly directoryMode: 'None' | 'Managed' | 'EntraConnect';
  readonly passwords: 'Both' | 'ActiveDirectory' | 'Cloud';
  /** Domains of the tenant whose people sign in elsewhere (ADFS), in lower case. */
  readonly federatedDomains: readonly string[];
  /** The tenant's onmicrosoft.com domain, which is never federated. */
  readonly initialDomain: string | undefined;
  /** A declared domain of the tenant that is not verified yet and that the sign-in name is in. */
  readonly unverifiedDomain: string | undefined;
  readonly activeDirectory: AdAccount | undefined;
  /** The account is in Active Directory, out of the customers OU, where others moved it. */
  readonly isOutside: boolean;
  /** Why Active Directory could not be looked at, where the person has to be blocked in Entra all the same (outage.ts). */
  readonly outage?: { readonly reason: string; readonly message: string } | undefined;
  /** OU in which the account is (to be) made. */
  readonly organizationalUnit: string | undefined;
  /** Free logon name for a new account. */
  readonly samAccountName: string | undefined;
  /** The Secret of `initialPassword` exists. Undefined: none is declared. */
  readonly hasPasswordSecret: boolean | undefined;
  readonly licenses: readonly WantedLicense[];
  /** SKUs of pools that the operator gave and that are not wanted any more. */
  readonly surplus: readonly { readonly pool: string; readonly skuId: string }[];
  readonly unknownPools: readonly string[];
  /** By others, as far as the audit log has told since the start. */
  readonly outsideChanges: readonly OutsideChange[];
  readonly licenseFindings: readonly LicenseFinding[];
  readonly groups: readonly NamedGroup[];
  /** Groups that the operator gave and that are not declared any more. */
  readonly formerGroups: readonly NamedGroup[];
  /** Memberships that nobody declared, where `groupsExclusive` takes them away. */
  readonly extraGroups: readonly NamedGroup[];
  /** Of who has left: groups of Entra that the person is in, and that are ours to leave. */
  readonly memberships: readonly { readonly id: string; readonly name: string }[];
  /** Undefined: nobody waits for it. */
  readonly signIn?: ObservedSignIn | undefined;
  /** Of who has left, and was not without roles at the last look. Undefined: not looked at. */
  readonly roles?: LeaverRoles | undefined;
  /** Of who has left, and whose licences wait for it. Undefined: not looked at. */
  readonly mailbox?: ObservedMailbox | undefined;
  /** Of who is back: groups that were left, are there still, and that nobody declares. */
  readonly lostMemberships: readonly NamedGroup[];
  readonly directoryGroups: readonly NamedGroup[];
  /** Groups of Active Directory that the operator gave and that are not declared any more. */
  readonly formerDirectoryGroups?: readonly NamedGroup[] | undefined;
  /** Undefined: no manager is declared. */
  readonly manager: ObservedManager | undefined;
}

export interface ObservedManager {
  readonly field: 'manager' | 'managerRef';
  readonly name: string;
  readonly entraId: string | undefined;
  readonly objectGuid: string | undefined;
}

/** What is known of a tenant outside. A member is absent where it was not looked at (an earlier step is open). */

import type { M365TenantStatus } from '../../api/m365-tenant-status.ts';
import type { Isolation, OrganizationalUnit } from '../../clients/active-directory/layout-port.ts';
import type { OutsideChange } from '../../clients/graph/audit-port.ts';
import type { AccessAssignment } from '../../clients/graph/delegation-port.ts';
import type { FoundFederation } from '../../clients/graph/federation-port.ts';
import type { DomainRecord, EntraDomain, Organization } from '../../clients/graph/port.ts';
import type { AddressCheck, Agreement, Customer } from '../../clients/partner-center/port.ts';
import type { MissingPermission } from '../../core/permissions.ts';
import type { MassChangeCounts } from '../mass-change.ts';
import type { ObservedHandOver } from './hand-over.ts';

/** Checks of a tenant that is still to be created. */
export interface Precheck {
  /** The partner is an indirect reseller: its provider creates customers (partner-center.md 9). */
  readonly isReseller?: boolean;
  readonly isCountrySold: boolean;
  readonly isDomainTaken: boolean;
  /** What is wrong with state, postal code, language…; absent: nothing. */
  readonly addressProblem: string | undefined;
  readonly address: AddressCheck | undefined;
}

/** Why a tenant that was set up does not let the operator in any more. */
export interface Refusal {
  readonly reason: string;
  readonly message: string;
}

/** How far the operator is on its way into the tenant (partner-center.md 11.1). */
export interface Access {
  /** false: login does not know the tenant yet. */
  readonly isTenantKnown: boolean;
  /** false: our application has no service principal there. */
  readonly hasServicePrincipal: boolean;
  /** Permissions that are still missing, with the feature each blocks. */
  readonly missing: readonly MissingPermission[];
  /** The same for permissions without which the tenant works, less a feature. */
  readonly missingOptional: readonly MissingPermission[];
  /** It was set up, and refuses us now. */
  readonly refusal?: Refusal | undefined;
  /** An active relationship that has the roles needed, looked for only while permissions are missing or to tidy up. */
  readonly relationship: { readonly id: string; readonly status: string } | undefined;
  /** Our group's assignment of those roles. */
  readonly assignment: AccessAssignment | undefined;
  readonly securityGroupId: string | undefined;
}

export interface ObservedMember {
  readonly id: string;
  /** Sign-in name, where the view knows it. */
  readonly name: string;
}

/** A declared group as its directory shows it. */
export interface ObservedMembers {
  readonly name: string;
  readonly id: string | undefined;
  readonly missingMembers: readonly ObservedMember[];
  /** Only of exclusive groups. */
  readonly surplusMembers: readonly ObservedMember[];
  /** Declared, and there is no such account or group. */
  readonly unknownMembers: readonly string[];
}

export interface ObservedGroup extends ObservedMembers {
  /** How many groups have the name. */
  readonly found: number;
  readonly hasOtherType: boolean;
  readonly hasWritableMembers: boolean;
  readonly declaresMembers: boolean;
}

export interface ObservedDirectoryGroup extends ObservedMembers {
  /** Of a group that is not there: something else has its name in the OU. */
  readonly isNameTaken: boolean;
  /** When the group or its members last changed. */
  readonly changedAt: string | undefined;
  /** Names of groups that are to be members, and that Active Directory does not take as such. */
  readonly unheldGroups: readonly string[];
}

export interface ObservedDirectory {
  readonly users: number;
  readonly lastFullRead: string;
  /** Accounts without an anchor, by managed domain whose federation is declared. */
  readonly withoutAnchor: Readonly<Record<string, number>>;
  readonly protectedAccounts: M365TenantStatus['protectedAccounts'];
  /** Accounts that a sync server owns; looked for only where accounts are to be written into two directories. */
  readonly syncedAccounts: number;
}

export interface ObservedTenant {
  readonly pollMs: number;
  readonly partnerTenantId: string;
  readonly managedUsers: number;
  readonly managedPools: number;
  readonly massChanges: MassChangeCounts;
  /** As status is to have it. */
  readonly massChangeWindow?: M365TenantStatus['massChangeWindow'];
  /** By others, to members of declared groups and to what delta does not tell of. */
  readonly outsideChanges?: readonly OutsideChange[] | undefined;
  readonly customer: Pick<Customer, 'id' | 'domain'> | undefined;
  readonly precheck?: Precheck | undefined;
  readonly agreement?: Pick<Agreement, 'dateAgreed'> | undefined;
  readonly accountStatus?: string | undefined;
  readonly access?: Access | undefined;
  readonly approvalUrl?: string | undefined;
  readonly organization?: Organization | undefined;
  readonly domains?: readonly EntraDomain[] | undefined;
  /** DNS records of unverified domains, by domain. */
  readonly records?: Readonly<Record<string, readonly DomainRecord[]>> | undefined;
  /** Of federated domains whose federation is declared, or that are to be Managed, by domain. */
  readonly federations?: Readonly<Record<string, FoundFederation>> | undefined;
  /** Declared domains that an older M365Tenant declares as well. */
  readonly claimedDomains?: readonly string[] | undefined;
  readonly directory?: ObservedDirectory | undefined;
  readonly groups?: readonly ObservedGroup[] | undefined;
  /** Declared ones of Active Directory; undefined: not read. */
  readonly directoryGroups?: readonly ObservedDirectoryGroup[] | undefined;
  /** Of a tenant that is being taken over from a sync server. */
  readonly handOver?: ObservedHandOver | undefined;
  /** The connection wants tenants that do not see each other. */
  readonly isolatesTenants?: boolean | undefined;
  /** Of the forest, in lower case; undefined: not looked at. */
  readonly upnSuffixes?: readonly string[] | undefined;
  /** Of the tenant's OU, where tenants are to be isolated and it is there. */
  readonly isolation?: Isolation | undefined;
  /** The tenant's OU in Active Directory, where it is now. */
  readonly unit?: OrganizationalUnit | undefined;
  /** Distinguished name under which tenants get their OU; undefined: the connection has no Active Directory. */
  readonly customersOU?: string | undefined;
}

/**
 * What the operator asks of Microsoft Graph, in its own types. One `Graph` speaks to one tenant with the operator's
 * application permissions. Every method throws OperatorError only (`errors.ts` has the table). Reads return undefined
 * for what is absent; writes are safe to repeat unless said otherwise.
 */
import type { ActivityReads } from './activity-port.ts';
import type { DirectoryAudit } from './audit-port.ts';
import type { DomainFederation } from './federation-port.ts';
import type { Mailboxes } from './mailbox-port.ts';
import type { DirectoryRoles } from './roles-port.ts';

/** Properties that a person's manifest can declare; the names are Graph's. */
export interface UserProfile {
  readonly userPrincipalName: string;
  readonly displayName: string;
  readonly givenName?: string | undefined;
  readonly surname?: string | undefined;
  readonly usageLocation?: string | undefined;
  readonly jobTitle?: string | undefined;
  readonly department?: string | undefined;
  readonly companyName?: string | undefined;
  readonly officeLocation?: string | undefined;
  readonly mobilePhone?: string | undefined;
  readonly employeeId?: string | undefined;
  readonly preferredLanguage?: string | undefined;
  /** One at most. */
  readonly businessPhones?: readonly string[] | undefined;
  /** The first address; a write adds it to those of the account. */
  readonly mail?: string | undefined;
  /** Sorted. */
  readonly otherMails?: readonly string[] | undefined;
  readonly streetAddress?: string | undefined;
  readonly city?: string | undefined;
  readonly state?: string | undefined;
  readonly postalCode?: string | undefined;
  readonly country?: string | undefined;
  readonly employeeType?: string | undefined;
  readonly mailNickname?: string | undefined;
  /** `None`, or names with commas between, sorted. */
  readonly passwordPolicies?: string | undefined;
}

export interface AssignedLicense {
  readonly skuId: string;
  /** Ids of service plans that are off, sorted. */
  readonly disabledPlans: readonly string[];
}

/** A licence that the person has through a group. */
export interface InheritedLicense {
  readonly skuId: string;
  readonly groupId: string;
  /** Assigned to the person as well: it stays when the group goes, and the other way round. */
  readonly isDirectToo: boolean;
}

export interface LicenseError {
  readonly skuId: string;
  /** `CountViolation`, `DependencyViolation` …; Entra adds words. */
  readonly error: string;
  /** Unset: of the person's own assignment. */
  readonly groupId?: string | undefined;
}

export interface EntraUser extends UserProfile {
  readonly id: string;
  readonly accountEnabled: boolean;
  readonly onPremisesImmutableId?: string | undefined;
  /** true: a sync server owns this account; identity is written in AD only. */
  readonly onPremisesSyncEnabled?: boolean | undefined;
  /** Own ones and those of groups together. */
  readonly assignedLicenses: readonly AssignedLicense[];
  /** Unset: none comes from a group. */
  readonly inheritedLicenses?: readonly InheritedLicense[] | undefined;
  readonly licenseErrors?: readonly LicenseError[] | undefined;
  readonly managerId?: string | undefined;
}

export interface NewUser extends UserProfile {
  readonly accountEnabled: boolean;
  readonly mailNickname: string;
  readonly password: string;
  readonly forceChangePasswordNextSignIn: boolean;
  readonly onPremisesImmutableId?: string | undefined;
  /** For whom it is made (`ownerOf` tells it): a create whose answer was lost is proved to be ours by it. */
  readonly owner: string;
}

/** A user in the recycle bin, where Entra keeps it for 30 days. */
export interface DeletedUser {
  /** With the sign-in name that it had. */
  readonly user: EntraUser;
  readonly owner: string | undefined;
  readonly deletedAtMs: number;
}

export type UserPatch = Partial<UserProfile> & {
  readonly accountEnabled?: boolean;
  readonly onPremisesImmutableId?: string;
};

/** A new password: of its own, or with the name that leaves a federated domain (graph.md 17.3). */
export interface NewPassword {
  readonly password: string;
  readonly forceChangePasswordNextSignIn: boolean;
}

export type GroupType = 'Security' | 'Microsoft365';

/** What decides what may be done with a group, in Graph's words. Unset: false, or none. */
export interface GroupTraits {
  /** `Unified`, `DynamicMembership`. */
  readonly groupTypes?: readonly string[] | undefined;
  readonly securityEnabled?: boolean | undefined;
  readonly mailEnabled?: boolean | undefined;
  readonly isAssignableToRole?: boolean | undefined;
  readonly onPremisesSyncEnabled?: boolean | undefined;
}

export interface EntraGroup {
  readonly id: string;
  readonly displayName: string;
  /** undefined: a distribution list or a mail-enabled security group, which Exchange owns. */
  readonly type: GroupType | undefined;
  /** False: a rule, a sync server, Exchange or an administrator's role decides who is a member. */
  readonly hasWritableMembers: boolean;
  readonly memberIds: ReadonlySet<string>;
}

export interface NewGroup {
  readonly displayName: string;
  readonly mailNickname: string;
  readonly type: GroupType;
  readonly description?: string | undefined;
}

/** One item of a delta round: the object as far as it changed, or its removal. Absent members are unchanged. */
export interface UserChange {
  readonly id: string;
  readonly removed: boolean;
  readonly user: Partial<EntraUser>;
  /** Members that came as null: cleared. */
  readonly cleared: readonly string[];
}

export interface GroupChange {
  readonly id: string;
  readonly removed: boolean;
  readonly displayName?: string | undefined;
  /** Those that changed. */
  readonly traits: GroupTraits;
  readonly addedMemberIds: readonly string[];
  readonly removedMemberIds: readonly string[];
}

export interface DeltaRound<Change> {
  readonly changes: readonly Change[];
  /** Opaque; the next round starts here. */
  readonly deltaLink: string;
}

export interface ServicePlan {
  readonly servicePlanId: string;
  readonly servicePlanName: string;
}

export interface SubscribedSku {
  readonly skuId: string;
  readonly skuPartNumber: string;
  /** prepaidUnits enabled + warning: what can be assigned. */
  readonly units: number;
  readonly consumedUnits: number;
  readonly servicePlans: readonly ServicePlan[];
}

/** Seats that a tenant has, whoever bought them (graph.md 5.5). */
export interface CompanySubscription {
  /** Id at Partner Center, lower case. */
  readonly commerceSubscriptionId: string;
  readonly skuPartNumber: string;
  readonly totalLicenses: number;
  /** `Enabled`, `Warning`, `Suspended`, `Deleted`, `LockedOut` */
  readonly status: string;
  readonly isTrial: boolean;
  /** The partner that bought it. */
  readonly ownerTenantId: string | undefined;
  /** End of the term, ISO 8601. */
  readonly nextLifecycleDateTime: string | undefined;
}

export interface Organization {
  readonly id: string;
  readonly displayName: string;
  readonly countryLetterCode?: string | undefined;
  readonly onPremisesSyncEnabled: boolean;
  readonly initialDomain?: string | undefined;
  readonly verifiedDomains: readonly string[];
}

export interface EntraDomain {
  readonly name: string;
  readonly isVerified: boolean;
  readonly isDefault: boolean;
  readonly authentication: 'Managed' | 'Federated';
  /** false: it is below another verified domain of the tenant, and has that one's federation. */
  readonly isRoot: boolean;
}

export interface DomainRecord {
  readonly type: 'TXT' | 'MX';
  readonly name: string;
  readonly value: string;
  readonly ttl: number;
}

/** What a write answers: the outside id of the request, for the audit record. */
export interface Written {
  readonly requestId?: string | undefined;
}

export interface Graph extends ActivityReads, DirectoryRoles, DomainFederation, Mailboxes {
  readonly tenantId: string;
  /**
   * Application permissions by name, as the token's `roles` claim says; empty before consent. `fresh` gets a new
   * token (an old one keeps its claims after consent). Throws Wait `TenantNotReady` while login does not know the
   * tenant or our service principal there.
   */
  permissions(
    options: { readonly fresh: boolean },
    signal: AbortSignal,
  ): Promise<readonly string[]>;
  getOrganization(signal: AbortSignal): Promise<Organization>;

  /** Without a link: everything, from the start. Throws Wait `ResyncRequired` when the link is too old. */
  usersDelta(deltaLink: string | undefined, signal: AbortSignal): Promise<DeltaRound<UserChange>>;
  groupsDelta(deltaLink: string | undefined, signal: AbortSignal): Promise<DeltaRound<GroupChange>>;
  /** These groups as they stand, one in several parts; those that are gone are left out. */
  readGroups(ids: readonly string[], signal: AbortSignal): Promise<readonly GroupChange[]>;
  /** By object id or UPN: the nearest to a fresh read. Without the manager, which delta tells. */
  getUser(idOrUserPrincipalName: string, signal: AbortSignal): Promise<EntraUser | undefined>;
  /** As `getUser`, of many at once; without those that are absent. */
  getUsers(ids: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, EntraUser>>;
  /** Not safe to repeat: after an unknown outcome look for the UPN first. Terminal `UserPrincipalNameTaken`. */
  createUser(user: NewUser, signal: AbortSignal): Promise<{ readonly id: string } & Written>;
  /** A guest; who is invited again stays the same one. */
  inviteGuest(
    guest: {
      readonly mail: string;
      readonly displayName: string;
      readonly redirectUrl: string;
      readonly sendMessage: boolean;
    },
    signal: AbortSignal,
  ): Promise<{ readonly id: string } & Written>;
  updateUser(
    id: string,
    patch: UserPatch,
    signal: AbortSignal,
    newPassword?: NewPassword,
  ): Promise<Written>;
  /** Soft delete; restorable for 30 days. Absent is success. */
  deleteUser(id: string, signal: AbortSignal): Promise<Written>;
  /** What `createUser` wrote as owner; undefined for users that others made. */
  ownerOf(id: string, signal: AbortSignal): Promise<string | undefined>;
  /** The whole recycle bin. A user that was deleted shows there after a moment only. */
  listDeletedUsers(signal: AbortSignal): Promise<readonly DeletedUser[]>;
  /** Under its old object id. Terminal `UserPrincipalNameTaken` where another user has its name by now. */
  restoreUser(id: string, signal: AbortSignal): Promise<Written>;
  /** For good. `isAbsent`: the recycle bin does not hold it (yet, any more). */
  purgeUser(id: string, signal: AbortSignal): Promise<Written & { readonly isAbsent: boolean }>;
  revokeSessions(id: string, signal: AbortSignal): Promise<Written>;
  setManager(id: string, managerId: string, signal: AbortSignal): Promise<Written>;
  /** All SKUs of one user in one call. Wait `WaitingForSeat` where no seat is free. */
  assignLicenses(
    id: string,
    change: { readonly add: readonly AssignedLicense[]; readonly remove: readonly string[] },
    signal: AbortSignal,
  ): Promise<Written>;

  createGroup(group: NewGroup, signal: AbortSignal): Promise<{ readonly id: string } & Written>;
  /** Already a member is success. */
  addMember(groupId: string, userId: string, signal: AbortSignal): Promise<Written>;
  /** Not a member is success. */
  removeMember(groupId: string, userId: string, signal: AbortSignal): Promise<Written>;

  /** Newest first, all pages; with `id` those about this object. Wait `PermissionDenied` without AuditLog.Read.All. */
  listDirectoryAudits(
    sinceMs: number,
    signal: AbortSignal,
    id?: string,
  ): Promise<readonly DirectoryAudit[]>;
  listSubscribedSkus(signal: AbortSignal): Promise<readonly SubscribedSku[]>;
  listCompanySubscriptions(signal: AbortSignal): Promise<readonly CompanySubscription[]>;
  listDomains(signal: AbortSignal): Promise<readonly EntraDomain[]>;
  addDomain(name: string, signal: AbortSignal): Promise<Written>;
  listVerificationRecords(name: string, signal: AbortSignal): Promise<readonly DomainRecord[]>;
  /** false: Entra does not see the proof in DNS yet. */
  verifyDomain(name: string, signal: AbortSignal): Promise<boolean>;
  setDefaultDomain(name: string, signal: AbortSignal): Promise<Written>;
}

/** The state of one Entra tenant. Rules live beside this file, by subject; here are only the shapes. */
import type { DirectorySubscription } from './api.ts';
import type { NotificationSubscription } from './notifications.ts';
import type { Memberships, Store, WriteLog } from './store.ts';

export type Properties = Readonly<Record<string, unknown>>;

export interface LicenseState {
  readonly skuId: string;
  readonly disabledPlans: readonly string[];
  /** Group id; undefined = direct. */
  readonly assignedByGroup: string | undefined;
  readonly state: 'Active' | 'ActiveWithError' | 'Error';
  readonly error: string;
  readonly updatedMs: number;
}

export interface User {
  readonly id: string;
  readonly userPrincipalName: string;
  /** All that Graph shows, apart from id, userPrincipalName and licences. */
  readonly properties: Properties;
  readonly managerId: string | undefined;
  readonly licenses: readonly LicenseState[];
}

export interface Group {
  readonly id: string;
  readonly properties: Properties;
  readonly ownerIds: readonly string[];
  readonly licenses: readonly {
    readonly skuId: string;
    readonly disabledPlans: readonly string[];
  }[];
}

export interface Federation {
  readonly id: string;
  readonly properties: Properties;
}

export interface Domain {
  readonly id: string;
  authenticationType: 'Managed' | 'Federated';
  isDefault: boolean;
  readonly isInitial: boolean;
  isRoot: boolean;
  isVerified: boolean;
  supportedServices: readonly string[];
  passwordNotificationWindowInDays: number | null;
  passwordValidityPeriodInDays: number | null;
  /** `MS=ms########` */
  readonly verificationText: string;
  federation: Federation | undefined;
  /** When its removal by force began. */
  removalMs?: number;
}

export interface Subscription extends DirectorySubscription {
  /** The directory's own id, not the commerce one. */
  readonly id: string;
  readonly createdMs: number;
}

export interface ServicePrincipal {
  readonly id: string;
  readonly appId: string;
  readonly displayName: string;
  accountEnabled: boolean;
  readonly appOwnerOrganizationId: string;
  /** When reads may show it (graph.md 12.1). */
  readonly createdMs: number;
}

export interface AppRoleAssignment {
  readonly id: string;
  readonly appRoleId: string;
  readonly principalId: string;
  readonly resourceId: string;
  readonly createdMs: number;
}

interface PermissionGrant {
  readonly id: string;
  readonly clientId: string;
  readonly resourceId: string;
  scope: string;
}

export interface RoleAssignment {
  readonly id: string;
  readonly principalId: string;
  readonly roleDefinitionId: string;
}

/** Tokens of another issuer that prove who the app is. */
export interface FederatedCredential {
  readonly id: string;
  readonly name: string;
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly string[];
  readonly description: string | null;
  /** Undefined: the issuer is asked for its keys, as the service does it. */
  readonly jwks: { readonly keys: Readonly<Record<string, unknown>>[] } | undefined;
}

/** An app registration; it lives in its home tenant and has service principals elsewhere. */
export interface Application {
  readonly appId: string;
  readonly displayName: string;
  readonly secrets: { readonly value: string; readonly expiresMs: number }[];
  /** PEM certificates. */
  readonly certificates: string[];
  readonly federatedCredentials: FederatedCredential[];
  /** Graph application permissions that admin consent grants. */
  readonly requiredPermissions: readonly string[];
}

export interface RefreshToken {
  readonly userId: string;
  readonly appId: string;
  readonly issuedMs: number;
  readonly mfa: boolean;
}

type RelationshipStatus =
  | 'created'
  | 'approvalPending'
  | 'approved'
  | 'activating'
  | 'active'
  | 'expiring'
  | 'expired'
  | 'terminationRequested'
  | 'terminating'
  | 'terminated';

export interface AccessAssignment {
  readonly id: string;
  readonly groupId: string;
  roleTemplateIds: readonly string[];
  status: 'pending' | 'active' | 'deleting' | 'deleted' | 'error';
  etag: string;
  readonly createdMs: number;
  modifiedMs: number;
}

export interface RelationshipRequest {
  readonly id: string;
  readonly action: string;
  status: 'created' | 'pending' | 'succeeded' | 'failed';
  readonly createdMs: number;
}

export interface RelationshipOperation {
  readonly id: string;
  readonly operationType: string;
  readonly data: string;
  status: 'notStarted' | 'running' | 'succeeded' | 'failed';
  readonly createdMs: number;
  modifiedMs: number;
}

/** Granular delegated admin privileges; kept in the partner's directory. */
export interface Relationship {
  readonly id: string;
  readonly partnerTenantId: string;
  displayName: string;
  customer: { readonly tenantId: string; readonly displayName: string } | undefined;
  duration: string;
  autoExtendDuration: string;
  status: RelationshipStatus;
  roleTemplateIds: readonly string[];
  etag: string;
  readonly createdMs: number;
  modifiedMs: number;
  activatedMs: number | undefined;
  endMs: number | undefined;
  readonly assignments: Map<string, AccessAssignment>;
  readonly requests: Map<string, RelationshipRequest>;
  readonly operations: Map<string, RelationshipOperation>;
}

interface Audit {
  readonly visibleMs: number;
  readonly entry: Readonly<Record<string, unknown>> & { readonly activityDateTime: string };
}

/** `signInActivity` of a user. */
export type SignInTimes = Readonly<Record<string, string>>;

interface LoggedSignIn {
  readonly visibleMs: number;
  readonly entry: Properties;
}

/** A listing under way: its page tokens point here. */
interface Cursor {
  /** The call that it goes on with; its page tokens fit no other. */
  readonly template: string;
  readonly items: readonly Properties[];
  readonly expiresMs: number;
  readonly eventual: boolean;
}

export interface Directory {
  readonly tenantId: string;
  displayName: string;
  readonly country: string;
  readonly initialDomain: string;
  readonly createdMs: number;
  readonly organization: Record<string, unknown>;
  readonly log: WriteLog;
  readonly users: Store<User>;
  readonly groups: Store<Group>;
  readonly memberships: Memberships;
  /** Values that must be unique or are looked up, as `kind:value` in lower case (anchors: as written), to object ids past and present. */
  readonly names: Map<string, Set<string>>;
  /** Users with a seat, by SKU. */
  readonly seatsInUse: Map<string, number>;
  /** Groups with licences. */
  readonly licensedGroups: Set<string>;
  /** Users with an assignLicense that has not settled, to when it does. */
  readonly licenseWrites: Map<string, number>;
  readonly domains: Map<string, Domain>;
  readonly subscriptions: Map<string, Subscription>;
  readonly servicePrincipals: Map<string, ServicePrincipal>;
  readonly appRoleAssignments: Map<string, AppRoleAssignment>;
  readonly permissionGrants: Map<string, PermissionGrant>;
  readonly roleAssignments: Map<string, RoleAssignment>;
  readonly applications: Map<string, Application>;
  readonly refreshTokens: Map<string, RefreshToken>;
  readonly relationships: Map<string, Relationship>;
  readonly audits: Audit[];
  readonly signIns: LoggedSignIn[];
  /** By user id; absent: never signed in. */
  readonly signInTimes: Map<string, SignInTimes>;
  /** Ids of users whose mailbox somebody converted in Exchange, which Graph cannot. */
  readonly sharedMailboxes: Set<string>;
  /** What was set of the tenant's synchronization; the rest is as Microsoft delivers it. */
  readonly synchronization: {
    readonly features: Record<string, unknown>;
    readonly prevention: Record<string, unknown>;
  };
  readonly cursors: Map<string, Cursor>;
  readonly notifications: Map<string, NotificationSubscription>;
}

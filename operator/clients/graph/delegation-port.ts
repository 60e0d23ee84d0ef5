/** Graph as the provider, in the partner's own tenant. Every method throws OperatorError only. */
import type { Written } from './port.ts';

/**
 * Graph as the provider: relationships and access to new customers (partner-center.md 11.1). Speaks to the partner's
 * own tenant with application permissions, and to customers with the service user's delegated token.
 */
export interface Delegation {
  /** Active relationships with this customer. */
  listRelationships(customerId: string, signal: AbortSignal): Promise<readonly Relationship[]>;
  /** Security groups of the service user whose refresh token we hold; its own object id comes from the token. */
  listServiceUserGroups(
    signal: AbortSignal,
  ): Promise<readonly { readonly id: string; readonly displayName: string }[]>;
  /** Gives the group these roles in the customer; an assignment that is there already is success. */
  assignAccess(
    relationshipId: string,
    access: { readonly securityGroupId: string; readonly roleIds: readonly string[] },
    signal: AbortSignal,
  ): Promise<Written>;
  /** Requests a relationship that the customer's administrator approves; returns it in `approvalPending`. */
  requestRelationship(
    request: {
      readonly customerId: string;
      readonly displayName: string;
      readonly roleIds: readonly string[];
    },
    signal: AbortSignal,
  ): Promise<Relationship & Written>;
  /**
   * Gives our own service principal in the customer tenant these application permissions (delegated token); those it
   * has already are success. Wait `ServicePrincipalMissing` while consent has not arrived.
   */
  grantPermissions(
    customerId: string,
    permissions: readonly string[],
    signal: AbortSignal,
  ): Promise<Written>;
  /** Ends the access assignment: the broad roles are not needed once the application has its own permissions. */
  removeAccess(
    relationshipId: string,
    accessAssignmentId: string,
    signal: AbortSignal,
  ): Promise<Written>;
  /** Tenant id of a verified domain; undefined where there is none. */
  findTenantByDomain(domain: string, signal: AbortSignal): Promise<string | undefined>;
}

export interface Relationship {
  readonly id: string;
  readonly displayName: string;
  readonly status: string;
  readonly roleIds: readonly string[];
  readonly accessAssignments: readonly AccessAssignment[];
}

export interface AccessAssignment {
  readonly id: string;
  readonly status: string;
  readonly securityGroupId: string;
  readonly roleIds: readonly string[];
}

/** Roles of the directory (graph.md 7.2): who holds them, and taking them away. None is ever given. */

export interface HeldRole {
  /** Of the assignment. */
  readonly id: string;
  readonly roleId: string;
  readonly name: string;
  /** Its holder is an administrator, whom the operator does not touch. */
  readonly isProtecting: boolean;
  /** Nobody else holds it: a tenant without a Global Administrator is lost to its people. */
  readonly isLast: boolean;
}

export interface DirectoryRoles {
  /**
   * Object ids of users, groups and applications that hold a role for which an administrator is protected. Undefined:
   * the application may not read roles.
   */
  listRoleHolders(signal: AbortSignal): Promise<ReadonlySet<string> | undefined>;
  /** Object ids of whoever owns one of these groups. */
  listGroupOwners(groupIds: readonly string[], signal: AbortSignal): Promise<readonly string[]>;
  /** What an account holds itself, for good: neither through a group nor for some hours. Undefined: it may not be read. */
  listRolesOf(principalId: string, signal: AbortSignal): Promise<readonly HeldRole[] | undefined>;
  /** Absent is success. Wait `PermissionDenied` without RoleManagement.ReadWrite.Directory. */
  removeRole(
    assignmentId: string,
    signal: AbortSignal,
  ): Promise<{ readonly requestId?: string | undefined }>;
}

/** As a tenant's view knows them. */
export interface RolesView {
  /**
   * Holds an administrator's role, itself or through a group, or is a member or an owner of a group that may be given
   * one (graph.md 2.9). Roles and owners are read with each full read only; false also where roles may not be read: then
   * Graph itself refuses.
   */
  isPrivileged(id: string): boolean;
  /** Names of the groups in which the account is, and through which it holds a role or may be given one. */
  roleGroupsOf(id: string): readonly string[];
  /** As `listRolesOf`, from Graph at this moment, less what we took away; `isPrivileged` knows it from then on. */
  readRoles(id: string, signal: AbortSignal): Promise<readonly HeldRole[] | undefined>;
  /** Our own removal: a replica may still show the assignment. */
  recordRoleRemoved(assignmentId: string): void;
}

/** Which permission a call needs that Graph denied, in words. Source: graph.md 1.7, 2.9. */
import {
  expressPermissions,
  optionalPermissions,
  requiredPermissions,
} from '../../core/permissions.ts';

/** By operation, as calls are named in metrics. Calls of the partner's own tenant have none. */
const neededFor: Readonly<Record<string, string>> = {
  ...of('User.ReadWrite.All', 'UsersDelta', 'GetUser', 'GetUsers', 'GetUserOwner'),
  ...of('User.ReadWrite.All', 'CreateUser', 'InviteGuest', 'UpdateUser', 'SetManager'),
  ...of('User-PasswordProfile.ReadWrite.All', 'SetPassword'),
  ...of('User.RevokeSessions.All', 'RevokeSessions'),
  ...of('User.DeleteRestore.All', 'DeleteUser', 'ListDeletedUsers', 'RestoreUser', 'PurgeUser'),
  ...of('LicenseAssignment.ReadWrite.All', 'AssignLicense', 'ListSubscribedSkus'),
  ...of('Organization.Read.All', 'GetOrganization'),
  ...of('Domain.ReadWrite.All', 'ListDomains', 'AddDomain', 'ListVerificationRecords'),
  ...of('Domain.ReadWrite.All', 'VerifyDomain', 'UpdateDomain'),
  ...of('Group.ReadWrite.All', 'GroupsDelta', 'ReadGroups', 'ListGroupOwners', 'CreateGroup'),
  ...of('Group.ReadWrite.All', 'AddMember', 'RemoveMember'),
  ...of('User.ReadWrite.All', 'ListAccounts', 'GetAccount'),
  ...of('AuditLog.Read.All', 'ListDirectoryAudits', 'ListSignInActivity', 'GetSignInActivity'),
  ...of('RoleManagement.Read.Directory', 'ListRoleAssignments', 'ListRolesOfAccount'),
  ...of('RoleManagement.ReadWrite.Directory', 'RemoveRole'),
  ...of('Domain-InternalFederation.ReadWrite.All', 'GetFederation', 'DeleteFederation'),
  ...of('MailboxSettings.Read', 'GetMailboxPurpose'),
  ...of('Domain-InternalFederation.ReadWrite.All', 'CreateFederation', 'UpdateFederation'),
};

function of(permission: string, ...operations: readonly string[]): Record<string, string> {
  return Object.fromEntries(operations.map((operation) => [operation, permission]));
}

/** Changes of an account that Graph denies where it is an administrator's, whatever is consented to (graph.md 2.9). */
const sensitive: ReadonlySet<string> = new Set([
  'UpdateUser',
  'SetPassword',
  'DeleteUser',
  'RestoreUser',
  'PurgeUser',
]);

/** What Graph's 403 to this call means, and what helps; undefined: not known. */
export function denialOf(operation: string): string | undefined {
  const permission = neededFor[operation];
  if (permission === undefined) return undefined;
  const features = { ...requiredPermissions, ...optionalPermissions, ...expressPermissions };
  const feature = features[permission] ?? '';
  const role = sensitive.has(operation)
    ? "; of an administrator's account it also needs an Entra role"
    : '';
  return `Graph denies the application ${feature}: it needs the permission ${permission} in the tenant${role}`;
}

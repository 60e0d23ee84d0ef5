/** Who may call what: app roles or scopes, delegated Entra roles, sensitive targets (graph.md 1.7, 2.9). */
import type { Operation } from '../contract.ts';
import { findServicePrincipal } from '../directory/create.ts';
import type { Directory, Group } from '../directory/directory.ts';
import { roleId } from '../directory/well-known.ts';
import type { Caller, World } from '../world.ts';
import { denied } from './errors.ts';

/** Table 1.7 and the API pages name these where permissions.json, from which the slice comes, does not. */
const ALSO_ENOUGH: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^GET \/organization/, ['Organization.Read.All', 'Directory.Read.All', 'User.Read.All']],
  [
    /^GET \/subscribedSkus/,
    ['LicenseAssignment.ReadWrite.All', 'Organization.Read.All', 'Directory.Read.All'],
  ],
  [/^GET \/directory\/subscriptions/, ['Directory.Read.All']],
  [/^GET \/directory\/deletedItems/, ['User.Read.All', 'Group.Read.All', 'Directory.Read.All']],
  [/^(GET|POST) \/directory\/deletedItems.*user/, ['User.DeleteRestore.All']],
  [/^GET \/groups/, ['Group.Read.All', 'GroupMember.Read.All', 'Directory.Read.All']],
  [/^\w+ \/groups\/.*(members|owners)/, ['Group.ReadWrite.All', 'Directory.ReadWrite.All']],
  [
    /^POST \/users\/.*Member(Groups|Objects)/,
    ['GroupMember.Read.All', 'User.Read.All', 'Directory.Read.All'],
  ],
  [/^GET \/groups\/.*emberOf/, ['GroupMember.Read.All', 'Group.Read.All', 'Directory.Read.All']],
  [/^GET \/users\/.*emberOf/, ['GroupMember.Read.All', 'User.Read.All', 'Directory.Read.All']],
  [/^GET \/users(?!.*mailboxSettings)/, ['User.Read.All', 'Directory.Read.All']],
  [/^POST \/directoryObjects\/getByIds/, ['User.Read.All', 'Group.Read.All']],
  [/^\w+ \/tenantRelationships\/delegatedAdmin/, ['DelegatedAdminRelationship.ReadWrite.All']],
];

/** Entra roles that a delegated caller needs, first match counts; Global Administrator always suffices. */
const DELEGATED_ROLES: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^(POST|DELETE) \/servicePrincipals\/.*appRoleAssignments/, ['Privileged Role Administrator']],
  [/^POST \/servicePrincipals/, ['Cloud Application Administrator', 'Application Administrator']],
  [/^(POST|DELETE) \/roleManagement/, ['Privileged Role Administrator']],
  [
    /^(POST|PATCH|DELETE) \/domains\/.*federation/,
    ['Domain Name Administrator', 'Hybrid Identity Administrator'],
  ],
  [/^(POST|PATCH|DELETE) \/domains/, ['Domain Name Administrator']],
  [
    /^POST .*(assignLicense|reprocessLicenseAssignment)/,
    ['License Administrator', 'User Administrator', 'Directory Writers', 'Groups Administrator'],
  ],
  [
    /^POST \/users\/.*revokeSignInSessions/,
    [
      'User Administrator',
      'Helpdesk Administrator',
      'Authentication Administrator',
      'Directory Writers',
    ],
  ],
  [/^(POST|PATCH|PUT|DELETE) \/users/, ['User Administrator', 'Directory Writers']],
  [
    /^(POST|PATCH|DELETE) \/groups/,
    ['Groups Administrator', 'User Administrator', 'Directory Writers'],
  ],
  [/^(POST|DELETE) \/directory\/deletedItems/, ['User Administrator']],
  [/^POST \/invitations/, ['Guest Inviter', 'User Administrator', 'Directory Writers']],
  [
    /^GET \/auditLogs/,
    ['Global Reader', 'Security Reader', 'Security Administrator', 'Reports Reader'],
  ],
];

/** Whatever the signed-in user may do in the directory; not in the services beside it. */
const AS_USER = 'Directory.AccessAsUser.All';
const NOT_AS_USER = /^\/(auditLogs|tenantRelationships\/delegatedAdmin)/;

/** Targets with only these roles are within a User Administrator's reach. */
const LOWER_ROLES: ReadonlySet<string> = new Set([
  roleId('Directory Readers'),
  roleId('Guest Inviter'),
  roleId('Helpdesk Administrator'),
  roleId('Message Center Reader'),
  roleId('Password Administrator'),
  roleId('Groups Administrator'),
  roleId('Reports Reader'),
  roleId('Usage Summary Reports Reader'),
  roleId('User Administrator'),
]);

export interface Access {
  readonly world: World;
  readonly directory: Directory;
  readonly caller: Caller;
}

/** @throws GraphError 403 */
export function requirePermission(access: Access, operation: Operation): void {
  const { caller } = access;
  if (caller.portal === true) return;
  const enough = permissionsFor(caller, operation);
  const held = caller.kind === 'user' ? caller.scopes : caller.roles;
  // Of some calls the sources name no permission: then a valid token is enough.
  if (!operation.permissions && enough.size === 0) return;
  const isAsUser = held.includes(AS_USER) && !NOT_AS_USER.test(operation.template);
  if (!isAsUser && !held.some((name) => covers(name, enough))) throw denied();
  if (caller.kind === 'user') {
    requireDelegatedRole(access, `${operation.method} ${operation.template}`);
  }
}

function permissionsFor(caller: Caller, operation: Operation): ReadonlySet<string> {
  const call = `${operation.method} ${operation.template}`;
  const named = operation.permissions;
  const delegated = caller.kind === 'user' ? named?.delegated : undefined;
  const more = ALSO_ENOUGH.flatMap(([pattern, names]) => (pattern.test(call) ? names : []));
  return new Set([...(delegated ?? named?.application ?? []), ...more]);
}

/** `X.ReadWrite.All` includes `X.Read.All`. */
function covers(held: string, enough: ReadonlySet<string>): boolean {
  return enough.has(held) || enough.has(held.replace('.ReadWrite.', '.Read.'));
}

function requireDelegatedRole(access: Access, call: string): void {
  const { caller } = access;
  const roles = callerRoles(access);
  if (roles.has(roleId('Global Administrator'))) return;
  if (call.includes('/tenantRelationships/delegatedAdmin')) {
    if (isAdminAgent(access)) return;
    throw denied();
  }
  const rule = DELEGATED_ROLES.find(([pattern]) => pattern.test(call));
  if (rule) {
    if (rule[1].some((name) => roles.has(roleId(name)))) return;
    throw denied();
  }
  const isAtHome = caller.homeTenantId === access.directory.tenantId;
  if (call.startsWith('GET ') || call.includes('getByIds')) {
    if (roles.size > 0 || isAtHome) return;
  }
  throw denied();
}

function isAdminAgent({ directory, caller }: Access): boolean {
  return directory.memberships
    .groups(caller.userId ?? '', directory.log.last)
    .some((id) => directory.groups.live(id)?.properties['displayName'] === 'AdminAgents');
}

/** Entra roles of the caller in the tenant: a user's from the token, an app's from its service principal. */
export function callerRoles({ directory, caller }: Access): ReadonlySet<string> {
  if (caller.portal === true) return new Set([roleId('Global Administrator')]);
  if (caller.kind === 'user') return new Set(caller.roleTemplateIds ?? []);
  const principal = findServicePrincipal(directory, caller.appId);
  return principal ? rolesOf(directory, principal.id) : new Set();
}

/** Roles of a user or service principal, direct and through role-assignable groups. */
function rolesOf(directory: Directory, principalId: string): ReadonlySet<string> {
  const holders = new Set([
    principalId,
    ...directory.memberships.groups(principalId, directory.log.last),
  ]);
  return new Set(
    directory.roleAssignments
      .values()
      .filter((assignment) => holders.has(assignment.principalId))
      .map((assignment) => assignment.roleDefinitionId),
  );
}

/** @throws GraphError 403 where the target is an administrator beyond the caller's reach (graph.md 2.9). */
export function requireAuthorityOver(access: Access, targetId: string): void {
  const target = rolesOf(access.directory, targetId);
  const isProtected = target.size > 0 || isInRoleGroup(access.directory, targetId);
  if (!isProtected) return;
  const own = callerRoles(access);
  const isHigh =
    own.has(roleId('Global Administrator')) ||
    own.has(roleId('Privileged Authentication Administrator'));
  const isLow = target.size > 0 && [...target].every((role) => LOWER_ROLES.has(role));
  if (!isHigh && !(isLow && own.has(roleId('User Administrator')))) throw denied();
}

/** As a member or an owner. */
function isInRoleGroup(directory: Directory, userId: string): boolean {
  const { last } = directory.log;
  const isMember = directory.memberships
    .groups(userId, last)
    .some((id) => isRoleGroup(directory.groups.live(id)));
  if (isMember) return true;
  for (const { value } of directory.groups.all('live', last)) {
    if (isRoleGroup(value) && value.ownerIds.includes(userId)) return true;
  }
  return false;
}

function isRoleGroup(group: Group | undefined): boolean {
  return group?.properties['isAssignableToRole'] === true;
}

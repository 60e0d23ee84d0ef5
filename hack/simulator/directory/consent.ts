/** Consent: service principals, application permissions and delegated grants (graph.md 1.4). */
import type { World } from '../world.ts';
import { addServicePrincipal } from './create.ts';
import type { Directory } from './directory.ts';
import { GRAPH_APP_ID, graphAppRoles } from './well-known.ts';

/** Names of Graph application permissions granted to the app in this tenant. */
export function grantedPermissions(directory: Directory, principalId: string): string[] {
  const granted = new Set(
    directory.appRoleAssignments
      .values()
      .filter((assignment) => assignment.principalId === principalId)
      .map((assignment) => assignment.appRoleId),
  );
  return graphAppRoles().flatMap((role) => (granted.has(role.id) ? [role.value] : []));
}

/** @returns the id of the new assignment; undefined where it existed. */
export function grantPermission(
  world: World,
  directory: Directory,
  grant: { readonly principalId: string; readonly resourceId: string; readonly appRoleId: string },
): string | undefined {
  const exists = directory.appRoleAssignments
    .values()
    .some((a) => a.principalId === grant.principalId && a.appRoleId === grant.appRoleId);
  if (exists) return undefined;
  const id = world.random.hex(43);
  directory.appRoleAssignments.set(id, { ...grant, id, createdMs: world.clock.nowMs() });
  return id;
}

/** What an administrator of the tenant does at the consent page: everything the app registration asks for. */
export function adminConsent(
  world: World,
  directory: Directory,
  appId: string,
  permissions: readonly string[],
): void {
  const principal = addServicePrincipal(world, directory, appId);
  const resource = addServicePrincipal(world, directory, GRAPH_APP_ID);
  for (const role of graphAppRoles()) {
    if (!permissions.includes(role.value)) continue;
    grantPermission(world, directory, {
      principalId: principal.id,
      resourceId: resource.id,
      appRoleId: role.id,
    });
  }
}

/** A delegated grant for all users. @returns false if the app had one for this resource. */
export function grantScopes(
  world: World,
  directory: Directory,
  grant: { readonly appId: string; readonly resourceAppId: string; readonly scope: string },
): boolean {
  const client = addServicePrincipal(world, directory, grant.appId);
  const resource = addServicePrincipal(world, directory, grant.resourceAppId);
  const exists = directory.permissionGrants
    .values()
    .some((known) => known.clientId === client.id && known.resourceId === resource.id);
  if (exists) return false;
  const id = world.random.hex(43);
  const scope = grant.scope
    .split(/[\s,]+/)
    .filter(Boolean)
    .join(' ');
  directory.permissionGrants.set(id, { id, clientId: client.id, resourceId: resource.id, scope });
  return true;
}

/** Scopes of the delegated grant of this app for this resource; empty if there is none. */
export function grantedScopes(
  directory: Directory,
  appId: string,
  resourceAppId: string,
): string[] {
  const idOf = (wanted: string) =>
    directory.servicePrincipals.values().find((principal) => principal.appId === wanted)?.id;
  const grant = directory.permissionGrants
    .values()
    .find((known) => known.clientId === idOf(appId) && known.resourceId === idOf(resourceAppId));
  return grant ? grant.scope.split(' ').filter(Boolean) : [];
}

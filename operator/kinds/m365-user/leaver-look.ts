/** What is looked at for a person who leaves, beside what is for anybody. */
import type { EntraUser } from '../../clients/graph/port.ts';
import type { M365User } from '../../core/objects.ts';
import {
  expressPermissions,
  missingPermissions,
  optionalPermissions,
} from '../../core/permissions.ts';
import { hasLeft } from '../plans.ts';
import type { Look } from './look.ts';
import type { LeaverRoles } from './observed.ts';

/** One read by key a look, until the person is seen without a role; the view knows of them since the last full read only. */
export async function rolesOf(
  look: Look,
  entra: EntraUser | undefined,
): Promise<LeaverRoles | undefined> {
  const { user, deps, view, access, signal } = look;
  const isLeaving = user.metadata.deletionTimestamp === undefined && hasLeft(user, deps.nowMs());
  if (entra === undefined || !isLeaving) return undefined;
  if (isWithoutAccess(user) && !view.isPrivileged(entra.id)) return undefined;
  const granted = await access.clients.graph(access.tenantId).permissions({ fresh: false }, signal);
  const mayRead = missingPermissions(granted, {
    [readRoles]: optionalPermissions[readRoles] ?? '',
  });
  return {
    held: mayRead.length > 0 ? undefined : await view.readRoles(entra.id, signal),
    mayRemove: missingPermissions(granted, expressPermissions).length === 0,
  };
}

const readRoles = 'RoleManagement.Read.Directory';

function isWithoutAccess({ status }: M365User): boolean {
  return (
    status?.conditions?.some((c) => c.type === 'AccessRemoved' && c.status === 'True') === true
  );
}

/** What is looked at for a person who leaves, beside what is for anybody. */
import type { EntraUser } from '../../clients/graph/port.ts';
import type { M365User } from '../../core/objects.ts';
import { holdsPermission } from '../../core/permissions.ts';
import { awaitsMailbox, hasLeft } from '../plans.ts';
import type { Look } from './look.ts';
import type { LeaverRoles, ObservedMailbox } from './observed.ts';

/** One read by key a look, until the person is seen without a role; the view knows of them since the last full read only. */
export async function rolesOf(
  look: Look,
  entra: EntraUser | undefined,
): Promise<LeaverRoles | undefined> {
  const { user, view, signal } = look;
  if (entra === undefined || !isLeaving(look)) return undefined;
  if (isWithoutAccess(user) && !view.isPrivileged(entra.id)) return undefined;
  const granted = await grantedOf(look);
  const mayRead = holdsPermission(granted, 'RoleManagement.Read.Directory');
  return {
    held: mayRead ? await view.readRoles(entra.id, signal) : undefined,
    mayRemove: holdsPermission(granted, 'RoleManagement.ReadWrite.Directory'),
    throughGroups: view.roleGroupsOf(entra.id),
  };
}

/** Nothing tells that somebody converted it: one request a look, while licences wait for it. */
export async function mailboxOf(
  look: Look,
  entra: EntraUser | undefined,
): Promise<ObservedMailbox | undefined> {
  const { user, access, signal } = look;
  if (entra === undefined || !isLeaving(look) || !awaitsMailbox(user)) return undefined;
  if (!holdsPermission(await grantedOf(look), 'MailboxSettings.Read')) return 'Unknown';
  return (await access.clients.graph(access.tenantId).mailboxPurpose(entra.id, signal)) ?? 'None';
}

function isLeaving({ user, deps }: Look): boolean {
  return user.metadata.deletionTimestamp === undefined && hasLeft(user, deps.nowMs());
}

function grantedOf({ access, signal }: Look): Promise<readonly string[]> {
  return access.clients.graph(access.tenantId).permissions({ fresh: false }, signal);
}

function isWithoutAccess({ status }: M365User): boolean {
  return (
    status?.conditions?.some((c) => c.type === 'AccessRemoved' && c.status === 'True') === true
  );
}

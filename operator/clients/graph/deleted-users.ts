/** Whose users are, and the recycle bin (graph.md 2.7). */
import * as z from 'zod';
import { type Part, written } from './answers.ts';
import type { GraphConnection } from './connection.ts';
import type * as port from './port.ts';
import { userProperties, WireUser } from './wire-users.ts';

/**
 * The owner stands in the last of the 15 attributes that are free for the customer's use (graph.md 2.2; Exchange's
 * CustomAttribute15), written once, in the create. Active Directory holds the same mark in msDS-cloudExtensionAttribute1.
 */
const attribute = 'extensionAttribute15';
const prefix = 'm365-operator.io/';

export function ownerProperty(owner: string): Readonly<Record<string, unknown>> {
  return { onPremisesExtensionAttributes: { [attribute]: `${prefix}${owner}` } };
}

/** Of whom the mark tells. */
export const Owned = z
  .object({
    onPremisesExtensionAttributes: z.object({ [attribute]: z.string().nullish() }).nullish(),
  })
  .transform((wire): string | undefined => {
    const mark = wire.onPremisesExtensionAttributes?.[attribute];
    return mark?.startsWith(prefix) === true ? mark.slice(prefix.length) : undefined;
  });

const Parts = z.object({
  user: WireUser,
  owner: Owned,
  when: z.object({ deletedDateTime: z.string() }),
});

const WireDeletedUser = z.unknown().transform((wire, context): port.DeletedUser => {
  const parsed = Parts.safeParse({ user: wire, owner: wire, when: wire });
  if (parsed.success) {
    const { user, owner, when } = parsed.data;
    return { user: named(user), owner, deletedAtMs: Date.parse(when.deletedDateTime) };
  }
  context.addIssue({ code: 'custom', message: 'not a deleted user' });
  return z.NEVER;
});

/** The recycle bin may put the id before the name (graph.md 2.7, unconfirmed); a restore takes it away again. */
function named(user: port.EntraUser): port.EntraUser {
  const mangled = user.id.replaceAll('-', '');
  if (!user.userPrincipalName.startsWith(mangled)) return user;
  return { ...user, userPrincipalName: user.userPrincipalName.slice(mangled.length) };
}

export function deletedUsers(
  connection: GraphConnection,
): Part<'ownerOf' | 'listDeletedUsers' | 'restoreUser' | 'purgeUser'> {
  return {
    ownerOf: (id, signal) =>
      connection.find(
        {
          path: `/users/${encodeURIComponent(id)}?$select=id,onPremisesExtensionAttributes`,
          operation: 'GetUserOwner',
        },
        Owned,
        signal,
      ),
    async listDeletedUsers(signal) {
      const select = [...userProperties, 'onPremisesExtensionAttributes', 'deletedDateTime'];
      const { items } = await connection.list(
        {
          path: `/directory/deletedItems/microsoft.graph.user?$select=${select.join(',')}&$top=999`,
          operation: 'ListDeletedUsers',
        },
        WireDeletedUser,
        signal,
      );
      return items;
    },
    async restoreUser(id, signal) {
      const path = `/directory/deletedItems/${id}/restore`;
      return written(
        await connection.send({ method: 'POST', path, operation: 'RestoreUser', body: {} }, signal),
      );
    },
    async purgeUser(id, signal) {
      const path = `/directory/deletedItems/${id}`;
      const response = await connection.send(
        { method: 'DELETE', path, operation: 'PurgeUser', mayBeAbsent: true },
        signal,
      );
      return { ...written(response), isAbsent: response.status === 404 };
    },
  };
}

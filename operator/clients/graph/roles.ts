/** Who is an administrator, and who is none any more (graph.md 2.9, 7.2). */
import * as z from 'zod';
import { toOperatorError } from '../../core/errors.ts';
import { isAbsent, type Part, written } from './answers.ts';
import { batchFind } from './batch.ts';
import type { GraphConnection } from './connection.ts';
import type { DirectoryRoles, HeldRole } from './roles-port.ts';

/**
 * Roles whose holders are people like others to a help desk (graph.md 2.9). Every other role protects its holder, those
 * that Microsoft adds later and those that a customer makes as well. Template ids: Microsoft's reference of built-in
 * roles (2026-01-20).
 */
const harmless: ReadonlySet<string> = new Set([
  '88d8e3e3-8f55-4a1e-953a-9b9898b8876b', // Directory Readers
  '95e79109-95c0-4d8e-aee3-d01accf2d47b', // Guest Inviter
  '790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b', // Message Center Reader
  '4a5d8f65-41da-4de4-8968-e035b65339cf', // Reports Reader
  '75934031-6c7e-415a-99d7-48dbd49e875e', // Usage Summary Reports Reader
]);

const globalAdministrator = '62e90394-69f5-4237-9190-012177145e10';

const WireRoleAssignment = z.object({ principalId: z.string(), roleDefinitionId: z.string() });

const WireHeldRole = z.object({
  id: z.string(),
  roleDefinitionId: z.string(),
  roleDefinition: z.object({ displayName: z.string().nullish() }).nullish(),
});

const assignments = '/roleManagement/directory/roleAssignments';

/** One page: a group has 100 owners at most (graph.md 2.11). */
const WireOwners = z.object({ value: z.array(z.object({ id: z.string() })) });

const ownersPath = (groupId: string): string => `/groups/${groupId}/owners?$select=id&$top=999`;

export function roles(connection: GraphConnection): Part<keyof DirectoryRoles> {
  return {
    async listGroupOwners(groupIds, signal) {
      const call = { operation: 'ListGroupOwners', keys: groupIds, path: ownersPath };
      const found = await batchFind(connection, call, WireOwners, signal);
      return [...found.values()].flatMap(({ value }) => value.map(({ id }) => id));
    },
    listRoleHolders: (signal) =>
      unlessDenied(async () => {
        const { items } = await connection.list(
          { path: assignments, operation: 'ListRoleAssignments' },
          WireRoleAssignment,
          signal,
        );
        const protecting = items.filter(({ roleDefinitionId }) => isProtecting(roleDefinitionId));
        return new Set(protecting.map(({ principalId }) => principalId));
      }),
    listRolesOf: (principalId, signal) =>
      unlessDenied(async () => {
        const filter = encodeURIComponent(`principalId eq '${principalId}'`);
        const { items } = await connection.list(
          {
            path: `${assignments}?$filter=${filter}&$expand=roleDefinition`,
            operation: 'ListRolesOfAccount',
          },
          WireHeldRole,
          signal,
        );
        const isGlobal = items.some((item) => item.roleDefinitionId === globalAdministrator);
        const isLast = isGlobal && (await holdersOf(connection, globalAdministrator, signal)) < 2;
        return items.map((item) => toHeldRole(item, isLast));
      }),
    async removeRole(assignmentId, signal) {
      const response = await connection.send(
        {
          method: 'DELETE',
          path: `${assignments}/${encodeURIComponent(assignmentId)}`,
          operation: 'RemoveRole',
        },
        signal,
        isAbsent,
      );
      return written(response);
    },
  };
}

function isProtecting(roleId: string): boolean {
  return !harmless.has(roleId.toLowerCase());
}

function toHeldRole(
  { id, roleDefinitionId, roleDefinition }: z.output<typeof WireHeldRole>,
  isLastGlobal: boolean,
): HeldRole {
  return {
    id,
    roleId: roleDefinitionId,
    name: roleDefinition?.displayName ?? roleDefinitionId,
    isProtecting: isProtecting(roleDefinitionId),
    isLast: isLastGlobal && roleDefinitionId === globalAdministrator,
  };
}

async function holdersOf(
  connection: GraphConnection,
  roleId: string,
  signal: AbortSignal,
): Promise<number> {
  const filter = encodeURIComponent(`roleDefinitionId eq '${roleId}'`);
  const { items } = await connection.list(
    { path: `${assignments}?$filter=${filter}`, operation: 'ListRoleAssignments' },
    WireRoleAssignment,
    signal,
  );
  return new Set(items.map(({ principalId }) => principalId)).size;
}

async function unlessDenied<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (toOperatorError(error).reason !== 'PermissionDenied') throw error;
    return undefined;
  }
}

/** Who is an administrator (graph.md 2.9, 7.2). */
import * as z from 'zod';
import { toOperatorError } from '../../core/errors.ts';
import type { Part } from './answers.ts';
import { batchFind } from './batch.ts';
import type { GraphConnection } from './connection.ts';

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

const WireRoleAssignment = z.object({ principalId: z.string(), roleDefinitionId: z.string() });

/** One page: a group has 100 owners at most (graph.md 2.11). */
const WireOwners = z.object({ value: z.array(z.object({ id: z.string() })) });

const ownersPath = (groupId: string): string => `/groups/${groupId}/owners?$select=id&$top=999`;

export function roles(connection: GraphConnection): Part<'listRoleHolders' | 'listGroupOwners'> {
  return {
    async listGroupOwners(groupIds, signal) {
      const call = { operation: 'ListGroupOwners', keys: groupIds, path: ownersPath };
      const found = await batchFind(connection, call, WireOwners, signal);
      return [...found.values()].flatMap(({ value }) => value.map(({ id }) => id));
    },
    async listRoleHolders(signal) {
      try {
        const { items } = await connection.list(
          { path: '/roleManagement/directory/roleAssignments', operation: 'ListRoleAssignments' },
          WireRoleAssignment,
          signal,
        );
        const protecting = items.filter(
          ({ roleDefinitionId }) => !harmless.has(roleDefinitionId.toLowerCase()),
        );
        return new Set(protecting.map(({ principalId }) => principalId));
      } catch (error) {
        if (toOperatorError(error).reason !== 'PermissionDenied') throw error;
        return undefined;
      }
    },
  };
}

/** The directory's own log of changes: who, when, what (graph.md 9). */
import * as z from 'zod';
import type { Part } from './answers.ts';
import type { DirectoryAudit } from './audit-port.ts';
import type { GraphConnection } from './connection.ts';

const nullable = z.string().nullish();

const Modified = z.object({ displayName: nullable });

const WireAudit = z
  .object({
    id: z.string(),
    activityDateTime: z.string(),
    activityDisplayName: nullable,
    result: nullable,
    initiatedBy: z
      .object({
        user: z
          .object({ id: nullable, userPrincipalName: nullable, displayName: nullable })
          .nullish(),
        app: z.object({ appId: nullable, displayName: nullable }).nullish(),
      })
      .nullish(),
    targetResources: z
      .array(
        z.object({
          id: nullable,
          displayName: nullable,
          type: nullable,
          modifiedProperties: z.array(Modified).nullish(),
        }),
      )
      .nullish(),
  })
  .transform((wire): DirectoryAudit => {
    const targets = wire.targetResources ?? [];
    return {
      id: wire.id,
      at: wire.activityDateTime,
      activity: wire.activityDisplayName ?? '',
      isSuccess: wire.result !== 'failure',
      author: authorOf(wire.initiatedBy ?? {}),
      // A domain may have its name alone.
      targetIds: targets.flatMap(({ id, displayName }) => id ?? displayName ?? []),
      groups: targets.flatMap(({ type, displayName }) =>
        type === 'Group' ? (displayName ?? []) : [],
      ),
      fields: [
        ...new Set(
          targets.flatMap(({ modifiedProperties }) =>
            (modifiedProperties ?? []).flatMap(({ displayName }) => displayName ?? []),
          ),
        ),
      ],
    };
  });

type Initiator = NonNullable<z.input<typeof WireAudit>['initiatedBy']>;

function authorOf({ user, app }: Initiator): DirectoryAudit['author'] {
  if (user?.id) {
    return { type: 'User', id: user.id, name: user.userPrincipalName ?? nameOf(user, user.id) };
  }
  const id = app?.appId ?? undefined;
  return { type: 'Application', id, name: nameOf(app, id ?? 'unknown') };
}

function nameOf(
  who: { readonly displayName?: string | null | undefined } | null | undefined,
  id: string,
) {
  return who?.displayName ?? id;
}

export function auditLog(connection: GraphConnection): Part<'listDirectoryAudits'> {
  return {
    async listDirectoryAudits(sinceMs, signal, id) {
      const since = `activityDateTime ge ${new Date(sinceMs).toISOString()}`;
      const about = id === undefined ? '' : ` and targetResources/any(t:t/id eq '${id}')`;
      const filter = encodeURIComponent(`${since}${about}`);
      const path = `/auditLogs/directoryAudits?$filter=${filter}&$orderby=activityDateTime%20desc&$top=999`;
      const call = { path, operation: 'ListDirectoryAudits' };
      const { items } = await connection.list(call, WireAudit, signal);
      return items;
    },
  };
}

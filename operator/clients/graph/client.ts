/** The port over Graph for one customer tenant, with the operator's application permissions. */
import { wait } from '../../core/errors.ts';
import { claimsOf, type Tokens } from '../identity/tokens.ts';
import { activity } from './activity.ts';
import { auditLog } from './audit-log.ts';
import { GraphConnection, type GraphConnectionOptions } from './connection.ts';
import { deletedUsers } from './deleted-users.ts';
import { domains } from './domains.ts';
import { groups } from './groups.ts';
import { guests } from './guests.ts';
import { mailboxes } from './mailboxes.ts';
import { observation } from './observation.ts';
import type * as port from './port.ts';
import { roles } from './roles.ts';
import { TokenGate } from './token-gate.ts';
import { users } from './users.ts';
import * as wire from './wire.ts';

export interface GraphOptions extends Omit<GraphConnectionOptions, 'token' | 'forgetToken'> {
  readonly tenantId: string;
  readonly resource: string;
  readonly tokens: Tokens;
}

/** A token keeps its claims for an hour: after a denial a new one tells what was consented to since (graph.md 1.1). */
const deniedMs = 5 * 60_000;

function onceIn(windowMs: number, nowMs: () => number, act: () => void): () => void {
  let lastMs = Number.NEGATIVE_INFINITY;
  return () => {
    if (nowMs() - lastMs < windowMs) return;
    lastMs = nowMs();
    act();
  };
}

export function createGraph(options: GraphOptions): port.Graph {
  const { tenantId, tokens, resource } = options;
  const gate = new TokenGate({
    ask: (signal, fresh) => tokens.app(tenantId, resource, signal, fresh),
    nowMs: options.nowMs,
  });
  const forgetToken = (): void => tokens.forget(tenantId);
  const connection = new GraphConnection({
    ...options,
    token: (signal) => gate.token(signal),
    forgetToken,
    onDenied: onceIn(deniedMs, options.nowMs, forgetToken),
  });
  return {
    tenantId,
    async permissions({ fresh }, signal) {
      return claimsOf(await gate.ask(signal, fresh)).roles ?? [];
    },
    async getOrganization(signal) {
      const { items } = await connection.list(
        { path: '/organization', operation: 'GetOrganization' },
        wire.WireOrganization,
        signal,
      );
      const organization = items[0];
      if (organization !== undefined) return organization;
      throw wait('Graph does not show the tenant yet', {
        reason: 'TenantNotReady',
        delayMs: 10_000,
      });
    },
    ...observation(connection),
    ...activity(connection),
    ...auditLog(connection),
    ...users(connection, resource),
    ...deletedUsers(connection),
    ...roles(connection),
    ...mailboxes(connection),
    ...guests(connection),
    ...groups(connection, resource),
    ...domains(connection),
  };
}

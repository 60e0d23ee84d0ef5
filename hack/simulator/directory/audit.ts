/** The directory audit log (graph.md 9): who changed what, visible after a delay. */
import type { Caller, World } from '../world.ts';
import { findServicePrincipal } from './create.ts';
import type { Directory } from './directory.ts';

/** One of Microsoft's own. */
interface MicrosoftService {
  readonly service: string;
}

/** Somebody of the tenant who came without a token: at a page of Microsoft's. */
interface Person {
  readonly person: { readonly userId: string; readonly userPrincipalName: string };
}

export interface AuditActor {
  readonly world: World;
  readonly directory: Directory;
  readonly caller: Caller | MicrosoftService | Person;
}

export interface AuditTarget {
  readonly id: string;
  readonly displayName?: string;
  readonly type: 'User' | 'Group' | 'ServicePrincipal' | 'Domain' | 'Role' | 'Other';
  readonly userPrincipalName?: string;
  readonly modified?: readonly {
    readonly name: string;
    readonly before: unknown;
    readonly after: unknown;
  }[];
}

export interface AuditFact {
  /** As the portal shows it, e.g. "Update user". */
  readonly activity: string;
  readonly category: string;
  readonly targets: readonly AuditTarget[];
}

/** Longest retention (P1/P2); older entries go. */
const RETENTION_MS = 30 * 86_400_000;
const SECRET = /password/i;

export function recordAudit(actor: AuditActor, fact: AuditFact): void {
  const { world, directory } = actor;
  const now = world.clock.nowMs();
  const { audits } = directory;
  while (audits[0] && audits[0].visibleMs + RETENTION_MS < now) audits.shift();
  audits.push({
    visibleMs: now + world.settings.auditDelayMs,
    entry: {
      id: `Directory_${world.random.uuid()}_${world.random.hex(5)}`,
      category: fact.category,
      correlationId: world.random.uuid(),
      result: 'success',
      resultReason: '',
      activityDisplayName: fact.activity,
      activityDateTime: new Date(now).toISOString(),
      loggedByService: 'Core Directory',
      operationType: operationType(fact.activity),
      initiatedBy: initiator(actor),
      targetResources: fact.targets.map(targetResource),
      additionalDetails: [],
    },
  });
}

function operationType(activity: string): string {
  if (activity.startsWith('Add')) return 'Add';
  return /^(Delete|Remove|Hard)/.test(activity) ? 'Delete' : 'Update';
}

function initiator({ directory, caller }: AuditActor): Record<string, unknown> {
  // Microsoft's own services have a name and nothing else.
  if ('person' in caller) return { app: null, user: userInitiator(directory, caller.person) };
  if ('service' in caller) return { user: null, app: appInitiator(null, caller.service, null) };
  if (caller.kind === 'user') return { app: null, user: userInitiator(directory, caller) };
  const principal = findServicePrincipal(directory, caller.appId);
  return {
    user: null,
    app: appInitiator(caller.appId, principal?.displayName ?? null, principal?.id ?? null),
  };
}

function appInitiator(
  appId: string | null,
  displayName: string | null,
  servicePrincipalId: string | null,
): Record<string, unknown> {
  return { appId, displayName, servicePrincipalId, servicePrincipalName: null };
}

function userInitiator(
  directory: Directory,
  caller: Pick<Caller, 'userId' | 'userPrincipalName' | 'homeTenantId'>,
): Record<string, unknown> {
  const known = directory.users.live(caller.userId ?? '');
  return {
    id: caller.userId ?? null,
    displayName: known?.properties['displayName'] ?? null,
    userPrincipalName: caller.userPrincipalName ?? null,
    ipAddress: '203.0.113.7',
    userType: 'Member',
    homeTenantId: caller.homeTenantId ?? directory.tenantId,
    homeTenantName: null,
  };
}

function targetResource(target: AuditTarget): Record<string, unknown> {
  return {
    id: target.id,
    displayName: target.displayName ?? null,
    type: target.type,
    userPrincipalName: target.userPrincipalName ?? null,
    groupType: target.type === 'Group' ? 'azureAD' : null,
    modifiedProperties: (target.modified ?? []).map(({ name, before, after }) => ({
      displayName: name.charAt(0).toUpperCase() + name.slice(1),
      oldValue: SECRET.test(name) ? null : JSON.stringify(wrapped(before)),
      newValue: SECRET.test(name) ? null : JSON.stringify(wrapped(after)),
    })),
  };
}

/** Values stand in a list, absent ones are an empty list. */
function wrapped(value: unknown): unknown {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

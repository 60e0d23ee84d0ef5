/** Granular delegated admin privileges: what a relationship is and what it gives (graph.md 8). */
import { addDuration } from '../clock.ts';
import type { World } from '../world.ts';
import type { AccessAssignment, Relationship } from './directory.ts';

/** Relationships in these states still give access. */
const GIVING: ReadonlySet<string> = new Set(['active', 'expiring', 'terminationRequested']);

export function newRelationship(
  world: World,
  options: Pick<
    Relationship,
    'displayName' | 'duration' | 'autoExtendDuration' | 'customer' | 'roleTemplateIds'
  >,
): Relationship {
  const now = world.clock.nowMs();
  return {
    ...options,
    id: `${world.random.uuid()}-${world.random.uuid()}`,
    status: 'created',
    etag: newEtag(world),
    createdMs: now,
    modifiedMs: now,
    activatedMs: undefined,
    endMs: undefined,
    assignments: new Map(),
    requests: new Map(),
    operations: new Map(),
  };
}

export function newEtag(world: World): string {
  return `W/"${world.random.hex(32)}"`;
}

/** Marks a change: new etag, new time. */
export function touch(world: World, changed: Relationship | AccessAssignment): void {
  changed.etag = newEtag(world);
  changed.modifiedMs = world.clock.nowMs();
}

/** Approval pending longer than this lapses (graph.md 8.1). */
const APPROVAL_MS = 90 * 86_400_000;

/** The partner has finished it; a Global Administrator of the customer may approve it now. */
export function lockForApproval(world: World, relationship: Relationship): void {
  setStatus(world, relationship, 'approvalPending');
  world.clock.schedule(world.clock.nowMs() + APPROVAL_MS, `lapse of ${relationship.id}`, () => {
    if (relationship.status === 'approvalPending') setStatus(world, relationship, 'expired');
  });
}

/** The customer has said yes: active after the usual delay. */
export function approve(world: World, relationship: Relationship): void {
  setStatus(world, relationship, 'approved');
  afterDelay(world, () => {
    if (relationship.status !== 'approved') return;
    setStatus(world, relationship, 'activating');
    activate(world, relationship);
  });
}

export function activate(world: World, relationship: Relationship): void {
  const now = world.clock.nowMs();
  relationship.activatedMs = now;
  relationship.endMs = addDuration(now, relationship.duration);
  setStatus(world, relationship, 'active');
  scheduleEnd(world, relationship);
}

function scheduleEnd(world: World, relationship: Relationship): void {
  const endMs = relationship.endMs;
  if (endMs === undefined) return;
  world.clock.schedule(endMs, `end of ${relationship.id}`, () => {
    if (relationship.status !== 'active' || relationship.endMs !== endMs) return;
    const isExtended = !/^P(T0S|0D)$/.test(relationship.autoExtendDuration);
    relationship.endMs = isExtended ? addDuration(endMs, relationship.autoExtendDuration) : endMs;
    setStatus(world, relationship, isExtended ? 'active' : 'expired');
    if (isExtended) scheduleEnd(world, relationship);
  });
}

export function terminate(world: World, relationship: Relationship): void {
  setStatus(world, relationship, 'terminationRequested');
  afterDelay(world, () => {
    setStatus(world, relationship, 'terminating');
    afterDelay(world, () => setStatus(world, relationship, 'terminated'));
  });
}

/** Runs now where there is no delay, so that an answer shows the final state only if the cloud is immediate. */
export function afterDelay(world: World, task: () => void): void {
  const delayMs = world.settings.delegationDelayMs;
  if (delayMs <= 0) task();
  else world.clock.schedule(world.clock.nowMs() + delayMs, 'delegation', task);
}

function setStatus(world: World, relationship: Relationship, status: Relationship['status']): void {
  relationship.status = status;
  touch(world, relationship);
}

export function delegatedRoles(
  world: World,
  options: {
    readonly partnerTenantId: string;
    readonly customerTenantId: string;
    readonly userId: string;
  },
): ReadonlySet<string> {
  const directory = world.directories.get(options.partnerTenantId);
  const roles = new Set<string>();
  if (!directory) return roles;
  const groups = new Set(directory.memberships.groups(options.userId, directory.log.last));
  for (const relationship of directory.relationships.values()) {
    const isHere = relationship.customer?.tenantId === options.customerTenantId;
    if (!isHere || !GIVING.has(relationship.status)) continue;
    for (const role of assignedRoles(relationship, groups)) roles.add(role);
  }
  return roles;
}

function assignedRoles(relationship: Relationship, groups: ReadonlySet<string>): string[] {
  return [...relationship.assignments.values()]
    .filter((assignment) => assignment.status === 'active' && groups.has(assignment.groupId))
    .flatMap((assignment) => assignment.roleTemplateIds)
    .filter((role) => relationship.roleTemplateIds.includes(role));
}

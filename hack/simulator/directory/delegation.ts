/** Granular delegated admin privileges: what a relationship is and what it gives (graph.md 8). */
import { addDuration } from '../clock.ts';
import type { TaskKind, World } from '../world.ts';
import type { AccessAssignment, Relationship, RelationshipOperation } from './directory.ts';

/** Relationships in these states still give access. */
const GIVING: ReadonlySet<string> = new Set(['active', 'expiring', 'terminationRequested']);

export function newRelationship(
  world: World,
  options: Pick<
    Relationship,
    | 'partnerTenantId'
    | 'displayName'
    | 'duration'
    | 'autoExtendDuration'
    | 'customer'
    | 'roleTemplateIds'
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

interface Which {
  readonly partnerTenantId: string;
  readonly relationshipId: string;
}

const LAPSE: TaskKind<Which> = { name: 'delegation.lapse' };
const ACTIVATE: TaskKind<Which> = { name: 'delegation.activate' };
const END: TaskKind<Which & { readonly endMs: number }> = { name: 'delegation.end' };
const TERMINATE: TaskKind<Which> = { name: 'delegation.terminate' };
const TERMINATED: TaskKind<Which> = { name: 'delegation.terminated' };
const ASSIGN: TaskKind<Which & { readonly assignmentId: string }> = { name: 'delegation.assign' };
interface RoleChange extends Which {
  readonly operationId: string;
  /** Absent: the roles of the relationship itself change. */
  readonly assignmentId?: string;
  readonly roleTemplateIds: readonly string[];
}

const OPERATE: TaskKind<RoleChange> = { name: 'delegation.operate' };
const UNASSIGN: TaskKind<Which & { readonly assignmentId: string }> = {
  name: 'delegation.unassign',
};

/** What delegated administration does on the clock. */
export function registerDelegation(world: World): void {
  const { clock } = world;
  clock.on(LAPSE, (which) => {
    const relationship = find(world, which);
    if (relationship?.status === 'approvalPending') setStatus(world, relationship, 'expired');
  });
  clock.on(ACTIVATE, (which) => {
    const relationship = find(world, which);
    if (relationship?.status !== 'approved') return;
    setStatus(world, relationship, 'activating');
    activate(world, relationship);
  });
  clock.on(END, (which) => {
    const relationship = find(world, which);
    if (relationship?.endMs === which.endMs) end(world, relationship, which.endMs);
  });
  clock.on(TERMINATE, (which) => {
    const relationship = find(world, which);
    if (!relationship) return;
    setStatus(world, relationship, 'terminating');
    clock.after(world.settings.delegationDelayMs, TERMINATED, which);
  });
  clock.on(TERMINATED, (which) => {
    const relationship = find(world, which);
    if (relationship) setStatus(world, relationship, 'terminated');
  });
  clock.on(ASSIGN, ({ assignmentId, ...which }) => {
    const assignment = find(world, which)?.assignments.get(assignmentId);
    if (assignment?.status === 'pending') setAssignment(world, assignment, 'active');
  });
  clock.on(OPERATE, (change) => finishOperation(world, change));
  clock.on(UNASSIGN, ({ assignmentId, ...which }) => {
    const assignment = find(world, which)?.assignments.get(assignmentId);
    if (assignment) setAssignment(world, assignment, 'deleted');
  });
}

function finishOperation(world: World, change: RoleChange): void {
  const relationship = find(world, change);
  const operation = relationship?.operations.get(change.operationId);
  if (!relationship || !operation) return;
  const { assignmentId } = change;
  const changed =
    assignmentId === undefined ? relationship : relationship.assignments.get(assignmentId);
  operation.status = changed ? 'succeeded' : 'failed';
  operation.modifiedMs = world.clock.nowMs();
  if (!changed) return;
  changed.roleTemplateIds = change.roleTemplateIds;
  touch(world, changed);
}

/** Other roles for the relationship, or for one of its assignments: an operation that takes the usual delay. */
export function changeRoles(
  world: World,
  relationship: Relationship,
  change: Omit<RoleChange, keyof Which | 'operationId'>,
): RelationshipOperation {
  const now = world.clock.nowMs();
  const isAssignment = change.assignmentId !== undefined;
  const operation: RelationshipOperation = {
    id: world.random.uuid(),
    operationType: isAssignment
      ? 'delegatedAdminAccessAssignmentUpdate'
      : 'delegatedAdminRelationshipUpdate',
    data: '{}',
    status: 'running',
    createdMs: now,
    modifiedMs: now,
  };
  relationship.operations.set(operation.id, operation);
  const args = { ...which(relationship), ...change, operationId: operation.id };
  world.clock.after(world.settings.delegationDelayMs, OPERATE, args);
  return operation;
}

function find(world: World, which: Which): Relationship | undefined {
  return world.directories.get(which.partnerTenantId)?.relationships.get(which.relationshipId);
}

function which({ partnerTenantId, id }: Relationship): Which {
  return { partnerTenantId, relationshipId: id };
}

/** The partner has finished it; a Global Administrator of the customer may approve it now. */
export function lockForApproval(world: World, relationship: Relationship): void {
  setStatus(world, relationship, 'approvalPending');
  world.clock.schedule(world.clock.nowMs() + APPROVAL_MS, LAPSE, which(relationship));
}

/** The customer has said yes: active after the usual delay. */
export function approve(world: World, relationship: Relationship): void {
  setStatus(world, relationship, 'approved');
  world.clock.after(world.settings.delegationDelayMs, ACTIVATE, which(relationship));
}

export function activate(world: World, relationship: Relationship): void {
  const now = world.clock.nowMs();
  relationship.activatedMs = now;
  relationship.endMs = addDuration(now, relationship.duration);
  setStatus(world, relationship, 'active');
  scheduleEnd(world, relationship);
}

function scheduleEnd(world: World, relationship: Relationship): void {
  const { endMs } = relationship;
  if (endMs === undefined) return;
  world.clock.schedule(endMs, END, { ...which(relationship), endMs });
}

function end(world: World, relationship: Relationship, endMs: number): void {
  if (relationship.status !== 'active') return;
  const isExtended = !/^P(T0S|0D)$/.test(relationship.autoExtendDuration);
  relationship.endMs = isExtended ? addDuration(endMs, relationship.autoExtendDuration) : endMs;
  setStatus(world, relationship, isExtended ? 'active' : 'expired');
  if (isExtended) scheduleEnd(world, relationship);
}

export function terminate(world: World, relationship: Relationship): void {
  setStatus(world, relationship, 'terminationRequested');
  world.clock.after(world.settings.delegationDelayMs, TERMINATE, which(relationship));
}

/** The new assignment is active after the usual delay. */
export function assign(
  world: World,
  relationship: Relationship,
  assignment: AccessAssignment,
): void {
  const args = { ...which(relationship), assignmentId: assignment.id };
  world.clock.after(world.settings.delegationDelayMs, ASSIGN, args);
}

export function unassign(
  world: World,
  relationship: Relationship,
  assignment: AccessAssignment,
): void {
  setAssignment(world, assignment, 'deleting');
  const args = { ...which(relationship), assignmentId: assignment.id };
  world.clock.after(world.settings.delegationDelayMs, UNASSIGN, args);
}

function setAssignment(
  world: World,
  assignment: AccessAssignment,
  status: AccessAssignment['status'],
): void {
  assignment.status = status;
  touch(world, assignment);
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

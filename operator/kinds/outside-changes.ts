/** What is told of a change by others: an event, a line of the audit log, a count; status follows with the next look. */
import type { OutsideChange } from '../clients/graph/audit-port.ts';
import type { Cluster } from '../core/cluster.ts';
import type { M365Tenant, M365User } from '../core/objects.ts';
import type { AuditLog, EventRecorder, Lane } from '../core/ports.ts';
import { keyOf, type ObjectKey, type Resource } from '../core/resource.ts';

export interface OutsideChangeDeps {
  readonly cluster: Pick<Cluster, 'list' | 'referencing'>;
  readonly events: EventRecorder;
  readonly audit: AuditLog;
  readonly count: (labels: { readonly kind: string; readonly author_type: string }) => void;
  readonly wake: (key: ObjectKey, lane: Lane) => void;
  /** Seen by several processes, it is told by one. */
  readonly isTold: (resource: Resource) => boolean;
}

export function tellOutsideChange(
  deps: OutsideChangeDeps,
  tenantId: string,
  change: OutsideChange,
): void {
  const tenants = deps.cluster
    .list<M365Tenant>('M365Tenant')
    .filter(({ status }) => status?.tenantId === tenantId);
  for (const tenant of tenants) {
    const users = deps.cluster.referencing<M365User>(keyOf(tenant), 'M365User');
    const user = users.find(({ status }) => status?.entraId === change.id);
    if (user !== undefined && deps.isTold(user) && !isKnown(user, change)) tell(deps, user, change);
    if (concerns(tenant, change) && deps.isTold(tenant)) tell(deps, tenant, change);
  }
}

/** A change to a declared group or domain, whoever else it is about. */
function concerns({ spec }: M365Tenant, { id, groups = [] }: OutsideChange): boolean {
  const told = new Set(groups.map((name) => name.toLowerCase()));
  return (
    spec.groups?.some(({ name }) => told.has(name.toLowerCase())) === true ||
    spec.domains?.some(({ name }) => name === id) === true
  );
}

/** A restart looks at the same hours of the log again. */
function isKnown({ status }: M365User, { at, activity }: OutsideChange): boolean {
  return status?.outsideChanges?.some((c) => c.at === at && c.activity === activity) === true;
}

function tell(
  deps: OutsideChangeDeps,
  resource: M365Tenant | M365User,
  change: OutsideChange,
): void {
  const { activity, author, at, fields } = change;
  const what = fields.length === 0 ? activity : `${activity} (${fields.join(', ')})`;
  const who = author.type === 'User' ? author.name : `the application ${author.name}`;
  deps.events.record(resource, {
    type: 'Warning',
    reason: 'OutsideChange',
    action: 'Compare',
    note: `${what} by ${who} at ${at}`.slice(0, 1_000),
  });
  const { kind } = resource;
  const { namespace, name, uid, generation } = resource.metadata;
  deps.audit.write({
    resource: { kind, namespace, name, uid, generation },
    requestedBy: { managers: [], outside: { type: author.type, name: author.name } },
    system: 'Graph',
    operation: 'OutsideChange',
    result: 'succeeded',
    target: change.id,
    after: { activity, at, fields },
    requestId: change.auditId,
  });
  deps.count({ kind, author_type: author.type });
  deps.wake(keyOf(resource), 'dependant');
}

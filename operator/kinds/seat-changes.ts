/**
 * Who changes subscriptions beside us: Partner Center's activity log, read once at each look at a connection for all of
 * its customers. The pools of the tenant are looked at anew at once, and told of by an event; what was bought outside is
 * right-sized like any other.
 */
import type { AuditRecord, PartnerCenter } from '../clients/partner-center/port.ts';
import type { Cluster } from '../core/cluster.ts';
import type { LicensePool, M365Tenant, PartnerConnection } from '../core/objects.ts';
import type { EventRecorder, Lane } from '../core/ports.ts';
import { keyOf, type ObjectKey } from '../core/resource.ts';

export interface SeatChange {
  readonly at: string;
  readonly by: string;
  readonly subscriptionId: string;
}

interface SeatChangesOptions {
  readonly cluster: Pick<Cluster, 'list' | 'referencing'>;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly wake: (key: ObjectKey, lane: Lane) => void;
  readonly nowMs: () => number;
  readonly count: (labels: { readonly connection: string }) => void;
}

/** Records may come late (partner-center.md 8): each read begins so long before the last one. */
const overlapMs = 60 * 60_000;

interface Read {
  readonly atMs: number;
  /** What was told of within the overlap. */
  readonly told: ReadonlySet<string>;
}

export class SeatChanges {
  readonly #options: SeatChangesOptions;
  /** By connection. */
  readonly #reads = new Map<string, Read>();
  /** By subscription. */
  readonly #newest = new Map<string, SeatChange>();

  constructor(options: SeatChangesOptions) {
    this.#options = options;
  }

  /** The newest change by others of one of these. */
  lastOf(subscriptionIds: readonly string[]): SeatChange | undefined {
    return subscriptionIds
      .flatMap((id) => this.#newest.get(id) ?? [])
      .toSorted((a, b) => a.at.localeCompare(b.at))
      .at(-1);
  }

  async read(
    connection: PartnerConnection,
    partnerCenter: Pick<
      PartnerCenter,
      'listSubscriptionChanges' | 'forgetSubscriptions' | 'clockOffsetMs'
    >,
    signal: AbortSignal,
  ): Promise<void> {
    // There is no activity log in this cloud (partner-center.md 8).
    if (connection.spec.cloud === 'China') return;
    const { uid, name } = connection.metadata;
    const atMs = this.#options.nowMs() + partnerCenter.clockOffsetMs;
    const before = this.#reads.get(uid);
    const sinceMs = (before?.atMs ?? atMs) - overlapMs;
    const records = await partnerCenter.listSubscriptionChanges(sinceMs, signal);
    const foreign = records.filter(({ isOwn, isSuccess }) => isSuccess && !isOwn);
    this.#reads.set(uid, { atMs, told: new Set(foreign.map(nameOf)) });
    const fresh = foreign.filter((record) => before?.told.has(nameOf(record)) !== true);
    for (const record of fresh) this.#learn(record);
    for (const customerId of new Set(fresh.map((record) => record.customerId))) {
      partnerCenter.forgetSubscriptions(customerId);
      const ofCustomer = fresh.filter((record) => record.customerId === customerId);
      // What stood in the log when we came is known from status, or was never ours to tell.
      this.#tell(customerId, before === undefined ? [] : ofCustomer);
    }
    if (before !== undefined) for (const _ of fresh) this.#options.count({ connection: name });
  }

  #learn(record: AuditRecord): void {
    for (const subscriptionId of record.subscriptionIds) {
      const known = this.#newest.get(subscriptionId);
      if (known !== undefined && known.at >= record.at) continue;
      this.#newest.set(subscriptionId, { at: record.at, by: authorOf(record), subscriptionId });
    }
  }

  #tell(customerId: string, records: readonly AuditRecord[]): void {
    const { cluster, events, wake } = this.#options;
    const tenants = cluster
      .list<M365Tenant>('M365Tenant')
      .filter(({ status }) => status?.tenantId === customerId);
    for (const pool of tenants.flatMap((tenant) =>
      cluster.referencing<LicensePool>(keyOf(tenant), 'LicensePool'),
    )) {
      wake(keyOf(pool), 'dependant');
      for (const record of records.filter((one) => isAbout(pool, one))) {
        const note = `the subscription was changed by ${authorOf(record)} at ${record.at}`;
        const reason = 'SubscriptionChangedOutside';
        events.record(pool, { type: 'Normal', reason, action: 'Compare', note });
      }
    }
  }
}

function nameOf({ at, operationType, subscriptionIds, customerId }: AuditRecord): string {
  return [at, operationType, customerId, ...subscriptionIds].join(' ');
}

function isAbout({ status }: LicensePool, { subscriptionIds }: AuditRecord): boolean {
  const own = [
    status?.subscriptionId,
    ...(status?.plan?.lines ?? []).map((line) => line.subscriptionId),
    ...(status?.issued ?? []).map((one) => one.subscriptionId),
  ];
  return own.some((id) => id !== undefined && subscriptionIds.includes(id));
}

function authorOf({ userPrincipalName, applicationId }: AuditRecord): string {
  return (userPrincipalName ?? `application ${applicationId ?? 'unknown'}`).slice(0, 253);
}

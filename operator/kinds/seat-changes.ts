/**
 * Who changes subscriptions beside us: Partner Center's activity log, read once at each look at a connection for all of
 * its customers. The pools of the tenant are looked at anew at once, and told of by an event; what was bought outside is
 * right-sized like any other.
 */
import type { AuditRecord, PartnerCenter } from '../clients/partner-center/port.ts';
import type { Cluster } from '../core/cluster.ts';
import type { LicensePool, M365Tenant, PartnerConnection } from '../core/objects.ts';
import type { Figure } from '../core/plan.ts';
import type { EventRecorder, Lane } from '../core/ports.ts';
import { keyOf, type ObjectKey } from '../core/resource.ts';
import { changedOutside } from './seat-counts.ts';

export interface SeatChange {
  readonly at: string;
  readonly by: string;
  readonly subscriptionId: string;
}

interface Bought {
  readonly id: string;
  readonly orderId?: string | undefined;
}

interface SeatChangesOptions {
  readonly cluster: Pick<Cluster, 'list' | 'referencing'>;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly wake: (key: ObjectKey, lane: Lane) => void;
  readonly nowMs: () => number;
  readonly count: (pool: LicensePool, figures: readonly Figure[]) => void;
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
  /** By subscription, and by order: a purchase may be logged before there is a subscription. */
  readonly #newest = new Map<string, Omit<SeatChange, 'subscriptionId'>>();
  /** Time of the last change that a pool was told of, by its UID. */
  readonly #told = new Map<string, string>();

  constructor(options: SeatChangesOptions) {
    this.#options = options;
  }

  /** The newest change by others of one of these subscriptions. The pool is told of it by an event, once. */
  newestOf(pool: LicensePool, subscriptions: readonly Bought[]): SeatChange | undefined {
    const newest = subscriptions
      .flatMap(({ id, orderId = '' }) =>
        [id, orderId].flatMap((key) => {
          const change = this.#newest.get(key);
          return change === undefined ? [] : [{ ...change, subscriptionId: id }];
        }),
      )
      .toSorted((a, b) => a.at.localeCompare(b.at))
      .at(-1);
    const { uid } = pool.metadata;
    const isTold = newest === undefined || this.#told.get(uid) === newest.at;
    if (isTold || newest.at <= (pool.status?.lastOutsideChange?.at ?? '')) return newest;
    this.#told.set(uid, newest.at);
    const note = `the subscription was changed by ${newest.by} at ${newest.at}`;
    const reason = 'SubscriptionChangedOutside';
    this.#options.events.record(pool, { type: 'Normal', reason, action: 'Compare', note });
    return newest;
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
    const { uid } = connection.metadata;
    const atMs = this.#options.nowMs() + partnerCenter.clockOffsetMs;
    const before = this.#reads.get(uid);
    const sinceMs = (before?.atMs ?? atMs) - overlapMs;
    const records = await partnerCenter.listSubscriptionChanges(sinceMs, signal);
    const foreign = records.filter(({ isOwn, isSuccess }) => isSuccess && !isOwn);
    this.#reads.set(uid, { atMs, told: new Set(foreign.map(nameOf)) });
    const fresh = foreign.filter((record) => before?.told.has(nameOf(record)) !== true);
    for (const record of fresh) this.#learn(record, before !== undefined);
    for (const customerId of new Set(fresh.map((record) => record.customerId))) {
      partnerCenter.forgetSubscriptions(customerId);
      for (const pool of this.#poolsOf(customerId)) this.#options.wake(keyOf(pool), 'dependant');
    }
  }

  #poolsOf(customerId: string): readonly LicensePool[] {
    const { cluster } = this.#options;
    return cluster
      .list<M365Tenant>('M365Tenant')
      .filter(({ status }) => status?.tenantId === customerId)
      .flatMap((tenant) => cluster.referencing<LicensePool>(keyOf(tenant), 'LicensePool'));
  }

  /** `isNew`: it was not in the log when we came. Of customers that nobody manages here nothing is kept. */
  #learn(record: AuditRecord, isNew: boolean): void {
    const [pool] = this.#poolsOf(record.customerId);
    if (pool === undefined) return;
    if (isNew) this.#options.count(pool, [changedOutside]);
    for (const key of [...record.subscriptionIds, record.orderId ?? '']) {
      const known = this.#newest.get(key);
      if (known !== undefined && known.at >= record.at) continue;
      if (key !== '') this.#newest.set(key, { at: record.at, by: authorOf(record) });
    }
  }
}

function nameOf({ at, operationType, subscriptionIds, customerId }: AuditRecord): string {
  return [at, operationType, customerId, ...subscriptionIds].join(' ');
}

function authorOf({ userPrincipalName, applicationId }: AuditRecord): string {
  return (userPrincipalName ?? `application ${applicationId ?? 'unknown'}`).slice(0, 253);
}

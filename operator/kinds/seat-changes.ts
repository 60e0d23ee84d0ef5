/**
 * Who changes subscriptions beside us: Partner Center's activity log, read once at each look at a connection for all of
 * its customers. The pools of the tenant are looked at anew at once, and told of by an event, a line of the audit log and
 * the counters; what was bought outside is right-sized like any other.
 *
 * | a change by                        | told as                        | counted, in status        |
 * | ---------------------------------- | ------------------------------ | ------------------------- |
 * | our application                    | our own action                 | as such                   |
 * | a service of Microsoft (a renewal) | SubscriptionChangedByMicrosoft | no                        |
 * | others                             | SubscriptionChangedOutside     | yes                       |
 * | … before the pool's first look     | nothing: it is no change to what is known | in status only |
 *
 * The first read goes back to the last full read of the directories: what happened while nobody looked is told as well.
 */
import type { AuditRecord, PartnerCenter } from '../clients/partner-center/port.ts';
import type { Cluster } from '../core/cluster.ts';
import type { LicensePool, M365Tenant, PartnerConnection } from '../core/objects.ts';
import type { Figure } from '../core/plan.ts';
import type { AuditLog, EventRecorder, Lane, AuditRecord as Line } from '../core/ports.ts';
import { keyOf, type ObjectKey } from '../core/resource.ts';
import { connectionKeyOf } from './access.ts';
import { changedOutside, seatsChanged } from './seat-counts.ts';

type Known = NonNullable<LicensePool['status']>['lastOutsideChange'];
export type SeatChange = NonNullable<Known>;

/** A subscription as the pool has it. */
interface Bought {
  readonly id: string;
  readonly orderId?: string | undefined;
  readonly term: string;
  readonly billingCycle: string;
}

/** What a seat costs a month. Undefined: the catalogue does not say. */
export interface SeatPrices {
  readonly currency: string;
  readonly costOf: (seat: {
    readonly term: string;
    readonly billingCycle: string;
  }) => number | undefined;
}

interface SeatChangesOptions {
  readonly cluster: Pick<Cluster, 'list' | 'referencing'>;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly audit: Pick<AuditLog, 'write'>;
  readonly wake: (key: ObjectKey, lane: Lane) => void;
  readonly nowMs: () => number;
  readonly count: (pool: LicensePool, figures: readonly Figure[]) => void;
}

const hourMs = 60 * 60_000;
/** Records may come late (partner-center.md 8): each read begins so long before the last one. */
const overlapMs = hourMs;
/** No read goes back further: a partner's log is long. */
const farthestMs = 30 * 24 * hourMs;
/** A change that no pool has asked for by then is of a product that none is about. */
const untoldMs = 24 * hourMs;

interface Read {
  readonly atMs: number;
  /** What was learned within the overlap. */
  readonly known: ReadonlySet<string>;
}

interface Untold {
  readonly record: AuditRecord;
  readonly readMs: number;
  /** It came while we looked on. */
  readonly isNew: boolean;
}

interface Found {
  readonly record: AuditRecord;
  readonly subscription: Bought;
}

export class SeatChanges {
  readonly #options: SeatChangesOptions;
  /** By connection. */
  readonly #reads = new Map<string, Read>();
  /** By subscription, and by order: a purchase may be logged before there is a subscription. */
  readonly #newest = new Map<string, Omit<SeatChange, 'subscriptionId'>>();
  #untold: readonly Untold[] = [];

  constructor(options: SeatChangesOptions) {
    this.#options = options;
  }

  /** The newest change by others of one of these subscriptions. The pool is told of each, once. */
  newestOf(
    pool: LicensePool,
    subscriptions: readonly Bought[],
    prices: SeatPrices,
  ): SeatChange | undefined {
    this.#tellAll(pool, subscriptions, prices);
    return subscriptions
      .flatMap(({ id, orderId = '' }) =>
        [id, orderId].flatMap((key) => {
          const change = this.#newest.get(key);
          return change === undefined ? [] : [{ ...change, subscriptionId: id }];
        }),
      )
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
    const { uid } = connection.metadata;
    const { clockOffsetMs } = partnerCenter;
    const atMs = this.#options.nowMs() + clockOffsetMs;
    const before = this.#reads.get(uid);
    const lastMs = before?.atMs ?? this.#lastLookMs(connection, clockOffsetMs);
    const sinceMs = Math.max(lastMs - overlapMs, atMs - farthestMs);
    const records = await partnerCenter.listSubscriptionChanges(sinceMs, signal);
    const foreign = records.filter(({ isOwn, isSuccess }) => isSuccess && !isOwn);
    this.#reads.set(uid, { atMs, known: new Set(foreign.map(nameOf)) });
    const fresh = foreign.filter((record) => before?.known.has(nameOf(record)) !== true);
    this.#learn(fresh, { readMs: atMs, isNew: before !== undefined });
    for (const customerId of new Set(fresh.map((record) => record.customerId))) {
      partnerCenter.forgetSubscriptions(customerId);
      for (const pool of this.#poolsOf(customerId)) this.#options.wake(keyOf(pool), 'dependant');
    }
  }

  /**
   * Directories are read in full each night, and their tenants say when: so long ago somebody looked on. By Microsoft's clock,
   * or by ours where that is earlier: nobody knows how they stood to each other then.
   */
  #lastLookMs(connection: PartnerConnection, clockOffsetMs: number): number {
    const nowMs = this.#options.nowMs();
    const reads = this.#options.cluster
      .list<M365Tenant>('M365Tenant')
      .filter((tenant) => connectionKeyOf(tenant) === keyOf(connection))
      .map(({ status }) => Date.parse(status?.lastDirectoryReadTime ?? ''))
      .filter((ms) => !Number.isNaN(ms));
    if (reads.length === 0) return nowMs + clockOffsetMs;
    return Math.min(nowMs, ...reads) + Math.min(0, clockOffsetMs);
  }

  #poolsOf(customerId: string): readonly LicensePool[] {
    const { cluster } = this.#options;
    return cluster
      .list<M365Tenant>('M365Tenant')
      .filter(({ status }) => status?.tenantId === customerId)
      .flatMap((tenant) => cluster.referencing<LicensePool>(keyOf(tenant), 'LicensePool'));
  }

  /** Of customers that nobody manages here nothing is kept. */
  #learn(records: readonly AuditRecord[], read: Omit<Untold, 'record'>): void {
    const managed = records.filter(({ customerId }) => this.#poolsOf(customerId).length > 0);
    for (const record of managed.filter(({ isMicrosoft }) => !isMicrosoft)) {
      for (const key of keysOf(record)) {
        const known = this.#newest.get(key);
        if (known !== undefined && known.at >= record.at) continue;
        this.#newest.set(key, changeOf(record));
      }
    }
    const waiting = this.#untold.filter(({ readMs }) => readMs > read.readMs - untoldMs);
    this.#untold = [...waiting, ...managed.map((record) => ({ record, ...read }))];
  }

  #tellAll(pool: LicensePool, subscriptions: readonly Bought[], prices: SeatPrices): void {
    const found = this.#untold.flatMap((one) => {
      const { record } = one;
      const subscription = subscriptions.find(({ id, orderId = '' }) =>
        keysOf(record).some((key) => key === id || key === orderId),
      );
      return subscription === undefined ? [] : [{ ...one, subscription }];
    });
    if (found.length === 0) return;
    const told = new Set(found.map(({ record }) => record));
    this.#untold = this.#untold.filter(({ record }) => !told.has(record));
    for (const one of found.toSorted((a, b) => a.record.at.localeCompare(b.record.at))) {
      // What is as it was when the pool was first looked at is no change to anything known.
      const isFirstLook = pool.status?.seats === undefined;
      const isOld = one.record.isMicrosoft ? !one.isNew : isKnown(pool, one);
      if (!isFirstLook && !isOld) this.#tell(pool, one, prices);
    }
  }

  #tell(pool: LicensePool, found: Found, prices: SeatPrices): void {
    const { events, audit, count } = this.#options;
    const { record } = found;
    const by = record.isMicrosoft ? 'ByMicrosoft' : 'Outside';
    const note = `the subscription was changed by ${authorOf(record)} at ${record.at}${seatsText(record)}`;
    const reason = `SubscriptionChanged${by}`;
    events.record(pool, { type: 'Normal', reason, action: 'Compare', note });
    audit.write(auditOf(pool, found, prices));
    if (record.isMicrosoft) return;
    count(pool, [changedOutside, ...seatsChanged(seatsOf(record) ?? 0, 'outside')]);
  }
}

function auditOf(
  { kind, metadata }: LicensePool,
  { record, subscription }: Found,
  prices: SeatPrices,
): Line {
  const { namespace, name, uid, generation } = metadata;
  const { at, before, after, isMicrosoft, operationType } = record;
  return {
    resource: { kind, namespace, name, uid, generation },
    requestedBy: { managers: [], outside: { type: typeOf(record), name: authorOf(record) } },
    system: 'PartnerCenter',
    operation: isMicrosoft ? 'ChangeByMicrosoft' : 'OutsideChange',
    result: 'succeeded',
    target: subscription.id,
    before: before?.quantity,
    after: { activity: operationType, at, quantity: after?.quantity },
    requestId: record.id,
    ...moneyOf({ record, subscription }, prices),
  };
}

/** A month, of the seats by which it changed; what is not known is left out. */
function moneyOf(
  { record, subscription }: Found,
  { currency, costOf }: SeatPrices,
): Pick<Line, 'money'> {
  const { term = subscription.term, billingCycle = subscription.billingCycle } = record.after ?? {};
  const seats = seatsOf(record) ?? 0;
  const cost = costOf({ term, billingCycle });
  return seats === 0 || cost === undefined ? {} : { money: { amount: seats * cost, currency } };
}

/** A restart reads the same days of the log again. */
function isKnown({ status }: LicensePool, { record, subscription }: Found): boolean {
  const { at = '', subscriptionId } = status?.lastOutsideChange ?? {};
  return record.at < at || (record.at === at && subscriptionId === subscription.id);
}

function keysOf({ subscriptionIds, orderId }: AuditRecord): readonly string[] {
  return orderId === undefined ? subscriptionIds : [...subscriptionIds, orderId];
}

function nameOf(record: AuditRecord): string {
  const { id, at, operationType, subscriptionIds, customerId } = record;
  return [id, at, operationType, customerId, ...subscriptionIds].join(' ');
}

function changeOf(record: AuditRecord): Omit<SeatChange, 'subscriptionId'> {
  const seats = seatsOf(record);
  const change = { at: record.at, by: authorOf(record) };
  return seats === undefined ? change : { ...change, seats };
}

/** Undefined: the log does not say. A purchase begins at nothing. */
function seatsOf({ resourceType, before, after }: AuditRecord): number | undefined {
  if (after === undefined) return undefined;
  if (resourceType === 'order') return after.quantity;
  return before === undefined ? undefined : after.quantity - before.quantity;
}

function seatsText(record: AuditRecord): string {
  const seats = seatsOf(record);
  if (seats === undefined || seats === 0) return '';
  return `: ${Math.abs(seats)} seats ${seats < 0 ? 'fewer' : 'more'}`;
}

function authorOf({ isMicrosoft, userPrincipalName, applicationId }: AuditRecord): string {
  if (isMicrosoft) return `Microsoft (${applicationId ?? ''})`.slice(0, 253);
  return (userPrincipalName ?? `application ${applicationId ?? 'unknown'}`).slice(0, 253);
}

function typeOf({ userPrincipalName }: AuditRecord): 'User' | 'Application' {
  return userPrincipalName === undefined ? 'Application' : 'User';
}

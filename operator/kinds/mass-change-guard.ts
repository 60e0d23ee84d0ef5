/** Holds changes of many people (`mass-change.ts`): what one process remembers between looks. */
import type { M365TenantStatus } from '../api/m365-tenant-status.ts';
import type { Cluster } from '../core/cluster.ts';
import type { M365Tenant, M365User } from '../core/objects.ts';
import type { Lane } from '../core/ports.ts';
import { keyOf, type ObjectKey } from '../core/resource.ts';
import {
  countMassChanges,
  guardOf,
  isConfirmed,
  isFew,
  isSmall,
  isTooMany,
  type MassChangeCounts,
  markOf,
  massChangeOf,
  personMark,
} from './mass-change.ts';
import { nextWindow, storedMarks } from './mass-change-window.ts';
import { hasLeft } from './plans.ts';

/** Why a person's change waits. */
export type Hold =
  | { readonly reason: 'Settling'; readonly delayMs: number }
  | { readonly reason: 'MassChangeHeld'; readonly mark: string | undefined };

interface MassChangeGuardOptions {
  readonly cluster: Pick<Cluster, 'referencing'>;
  readonly wake: (key: ObjectKey, lane: Lane, delayMs?: number) => void;
  readonly nowMs: () => number;
}

interface Counted {
  /** Of the tenant as it was read. */
  readonly id: string;
  readonly atMs: number;
  readonly counts: MassChangeCounts;
}

/** An accident in Git arrives over seconds: the first of its people must not be done before the last are seen. */
const settleMs = 5_000;
/** Thousands of people ask at once: they are counted once for all. */
const countedMs = 1_000;
/** A tenant that cannot be looked at for so long must not keep a leaver signed in: what is done then, a restart forgets. */
const storingMs = 30_000;

export class MassChangeGuard {
  readonly #options: MassChangeGuardOptions;
  /** When a change that is pending was first seen, by the person's UID. */
  readonly #firstSeen = new Map<string, number>();
  /** Changes carried out: by the tenant's UID, then the person's mark. A restart has those that the tenant's status holds. */
  readonly #done = new Map<string, Map<string, number>>();
  /** Marks of people whose change waits to stand in the tenant's status, by the tenant's UID. */
  readonly #unstored = new Map<string, Set<string>>();
  readonly #counted = new Map<string, Counted>();

  constructor(options: MassChangeGuardOptions) {
    this.#options = options;
  }

  /** undefined: the person's change may go on. */
  holdOf(user: M365User, tenant: M365Tenant): Hold | undefined {
    const nowMs = this.#options.nowMs();
    if (this.#mayGoOn(user, tenant, nowMs)) {
      this.#forget(user, tenant);
      return undefined;
    }
    const counts = this.#countsFor(user, tenant, nowMs);
    if (isSmall(counts) || (hasLeft(user, nowMs) && isFew(counts))) return undefined;
    if (isTooMany(tenant, counts)) return this.#held(tenant);
    return this.#settling(user, nowMs) ?? this.#storing(user, tenant, { counts, nowMs });
  }

  #forget(user: M365User, tenant: M365Tenant): void {
    this.#firstSeen.delete(user.metadata.uid);
    this.#unstored.get(tenant.metadata.uid)?.delete(personMark(user));
  }

  /** No matter of the guard, confirmed, or under way already: that is seen through, its status tells only at the end. */
  #mayGoOn(user: M365User, tenant: M365Tenant, nowMs: number): boolean {
    return (
      massChangeOf(user, tenant, nowMs) === undefined ||
      isConfirmed(user, tenant) ||
      this.#doneOf(tenant, nowMs).has(personMark(user))
    );
  }

  #held(tenant: M365Tenant): Hold {
    // The tenant names the batch, and its status wakes its people.
    this.#options.wake(keyOf(tenant), 'dependant', countedMs);
    const batch = tenant.status?.massChange;
    const mark = batch === undefined || batch.confirmed ? undefined : markOf(batch);
    return { reason: 'MassChangeHeld', mark };
  }

  #settling({ metadata }: M365User, nowMs: number): Hold | undefined {
    const sinceMs = this.#firstSeen.get(metadata.uid) ?? nowMs;
    this.#firstSeen.set(metadata.uid, sinceMs);
    const delayMs = sinceMs + settleMs - nowMs;
    return delayMs > 0 ? { reason: 'Settling', delayMs } : undefined;
  }

  /** More than a few: the tenant's status names them before they are done, once for all that come together. */
  #storing(
    user: M365User,
    tenant: M365Tenant,
    { counts, nowMs }: { readonly counts: MassChangeCounts; readonly nowMs: number },
  ): Hold | undefined {
    const sinceMs = this.#firstSeen.get(user.metadata.uid) ?? nowMs;
    if (isFew(counts) || nowMs - sinceMs > settleMs + storingMs) return undefined;
    const { uid } = tenant.metadata;
    this.#unstored.set(uid, (this.#unstored.get(uid) ?? new Set()).add(personMark(user)));
    this.#options.wake(keyOf(tenant), 'dependant', countedMs);
    return { reason: 'Settling', delayMs: 2 * countedMs };
  }

  /** A change was carried out: it counts against what comes within the window. */
  noteDone(user: M365User, tenant: M365Tenant): void {
    const nowMs = this.#options.nowMs();
    if (massChangeOf(user, tenant, nowMs) === undefined || isConfirmed(user, tenant)) return;
    const done = this.#done.get(tenant.metadata.uid) ?? new Map<string, number>();
    done.set(personMark(user), nowMs);
    this.#done.set(tenant.metadata.uid, done);
    this.#forget(user, tenant);
  }

  /** As they are now. `users`: all of the tenant, where the caller has them already. */
  countsOf(tenant: M365Tenant, users = this.#usersOf(tenant)): MassChangeCounts {
    const nowMs = this.#options.nowMs();
    return countMassChanges(tenant, users, this.#doneOf(tenant, nowMs), nowMs);
  }

  #usersOf(tenant: M365Tenant): readonly M365User[] {
    return this.#options.cluster.referencing<M365User>(keyOf(tenant), 'M365User');
  }

  /** `status.massChangeWindow` as it is to be. */
  windowOf(tenant: M365Tenant): M365TenantStatus['massChangeWindow'] {
    const nowMs = this.#options.nowMs();
    return nextWindow(tenant, this.#freshOf(tenant, nowMs), nowMs);
  }

  /** Marks that are to be stored. */
  #freshOf(tenant: M365Tenant, nowMs: number): readonly string[] {
    const done = this.#doneOf(tenant, nowMs);
    const unstored = this.#unstored.get(tenant.metadata.uid) ?? nobody;
    if (done.size + unstored.size === 0) return [];
    const counts = this.countsOf(tenant);
    if (isFew(counts)) return [];
    const stored = new Set(storedMarks(tenant, nowMs));
    const asked = isTooMany(tenant, counts) ? nobody : unstored;
    return [...new Set([...done, ...asked])].filter((mark) => !stored.has(mark));
  }

  /** Who leaves is blocked within seconds where they are few: what was counted a moment ago may have become many. */
  #countsFor(user: M365User, tenant: M365Tenant, nowMs: number): MassChangeCounts {
    const counts = this.#recount(tenant, nowMs);
    if (!hasLeft(user, nowMs) || !isFew(counts)) return counts;
    this.#counted.delete(tenant.metadata.uid);
    return this.#recount(tenant, nowMs);
  }

  #recount(tenant: M365Tenant, nowMs: number): MassChangeCounts {
    const { uid, resourceVersion } = tenant.metadata;
    const id = `${uid} ${resourceVersion}`;
    const known = this.#counted.get(uid);
    if (known !== undefined && known.id === id && nowMs - known.atMs < countedMs)
      return known.counts;
    const counts = this.countsOf(tenant);
    this.#counted.set(uid, { id, atMs: nowMs, counts });
    return counts;
  }

  #doneOf(tenant: M365Tenant, nowMs: number): ReadonlySet<string> {
    const done = this.#done.get(tenant.metadata.uid) ?? new Map<string, number>();
    const oldestMs = nowMs - guardOf(tenant).windowMinutes * 60_000;
    for (const [mark, atMs] of done) if (atMs < oldestMs) done.delete(mark);
    return new Set([...done.keys(), ...storedMarks(tenant, nowMs)]);
  }
}

const nobody: ReadonlySet<string> = new Set();

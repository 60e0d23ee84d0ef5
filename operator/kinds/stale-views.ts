/**
 * What is not seen is not in sync: people and pools of a tenant whose directory was not read for a while are looked at once,
 * to say so, and once more when it is read again. Nothing else would wake them: at rest they wait for changes. Before that the
 * tenant itself is looked at: a change that is refused for good ends its polls, and must not end what is known of its people.
 */
import type { Cluster } from '../core/cluster.ts';
import type { M365Tenant } from '../core/objects.ts';
import type { Lane } from '../core/ports.ts';
import { keyOf, type ObjectKey } from '../core/resource.ts';

/** Ten minutes and five polls: shorter outages end before they are worth ten thousand writes. */
const leastMs = 10 * 60_000;
const polls = 5;

/** Age at which nothing is said by a view any more. */
export function staleAfterMs(pollMs: number): number {
  return Math.max(leastMs, polls * pollMs);
}

interface StaleViewsOptions {
  readonly cluster: Pick<Cluster, 'list' | 'referencing'>;
  readonly wake: (key: ObjectKey, lane: Lane) => void;
  readonly nowMs: () => number;
  readonly pollMs: number;
  /** Of every tenant that was read at least once. */
  readonly lastReads: () => readonly { readonly tenantId: string; readonly lastReadMs: number }[];
}

export class StaleViews {
  readonly #options: StaleViewsOptions;
  /** By tenant id. */
  readonly #stale = new Set<string>();
  /** When the tenant was woken last, by tenant id. */
  readonly #hurriedMs = new Map<string, number>();

  constructor(options: StaleViewsOptions) {
    this.#options = options;
  }

  /** To be called once a poll. */
  look(): void {
    const { nowMs, pollMs, lastReads } = this.#options;
    const staleMs = staleAfterMs(pollMs);
    for (const { tenantId, lastReadMs } of lastReads()) {
      const ageMs = nowMs() - lastReadMs;
      this.#hurry(tenantId, ageMs, staleMs / 2);
      const isStale = ageMs >= staleMs;
      if (isStale === this.#stale.has(tenantId)) continue;
      if (isStale) this.#stale.add(tenantId);
      else this.#stale.delete(tenantId);
      this.#wakeThoseOf(tenantId);
    }
  }

  /** Once in so long, for as long as it is late. */
  #hurry(tenantId: string, ageMs: number, lateMs: number): void {
    const { nowMs, wake } = this.#options;
    if (ageMs < lateMs) {
      this.#hurriedMs.delete(tenantId);
      return;
    }
    if (nowMs() - (this.#hurriedMs.get(tenantId) ?? Number.NEGATIVE_INFINITY) < lateMs) return;
    this.#hurriedMs.set(tenantId, nowMs());
    for (const tenant of this.#tenantsOf(tenantId)) wake(keyOf(tenant), 'resync');
  }

  #wakeThoseOf(tenantId: string): void {
    const { cluster, wake } = this.#options;
    for (const tenant of this.#tenantsOf(tenantId)) {
      for (const kind of ['M365User', 'LicensePool']) {
        for (const one of cluster.referencing(keyOf(tenant), kind)) wake(keyOf(one), 'resync');
      }
    }
  }

  #tenantsOf(tenantId: string): readonly M365Tenant[] {
    const all = this.#options.cluster.list<M365Tenant>('M365Tenant');
    return all.filter(({ status }) => status?.tenantId === tenantId);
  }
}

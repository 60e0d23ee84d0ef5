/**
 * What is not seen is not in sync: people and pools of a tenant whose directory was not read for a while are looked at once,
 * to say so, and once more when it is read again. Nothing else would wake them: at rest they wait for changes.
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

  constructor(options: StaleViewsOptions) {
    this.#options = options;
  }

  /** To be called once a poll. */
  look(): void {
    const { nowMs, pollMs, lastReads } = this.#options;
    for (const { tenantId, lastReadMs } of lastReads()) {
      const isStale = nowMs() - lastReadMs >= staleAfterMs(pollMs);
      if (isStale === this.#stale.has(tenantId)) continue;
      if (isStale) this.#stale.add(tenantId);
      else this.#stale.delete(tenantId);
      this.#wake(tenantId);
    }
  }

  #wake(tenantId: string): void {
    const { cluster, wake } = this.#options;
    for (const tenant of cluster.list<M365Tenant>('M365Tenant')) {
      if (tenant.status?.tenantId !== tenantId) continue;
      for (const kind of ['M365User', 'LicensePool']) {
        for (const one of cluster.referencing(keyOf(tenant), kind)) wake(keyOf(one), 'resync');
      }
    }
  }
}

/** What is kept for each tenant of a connection, from the first time that it is asked for: its directory is known then. */

import type { ActivityView } from './activity-port.ts';
import { GraphActivityView } from './activity-view.ts';
import type { OutsideChange, OutsideChanges } from './audit-port.ts';
import { GraphDirectoryView } from './directory-view.ts';
import type { DirectoryView } from './directory-view-port.ts';
import type { FirstReads } from './first-reads.ts';
import { GraphOutsideChanges } from './outside-changes.ts';
import type { Graph } from './port.ts';

export interface TenantsOptions {
  readonly nowMs: () => number;
  readonly ownAppId: string;
  readonly firstReads: FirstReads;
  /** `users`: how many the tenant has, as far as known. */
  readonly createGraph: (tenantId: string, users: () => number | undefined) => Graph;
  /** `isFirst`: the directory was read for the first time, and all its users are new to us. */
  readonly onDirectoryChange: (
    tenantId: string,
    userIds: ReadonlySet<string>,
    seen: { readonly view: DirectoryView; readonly isFirst: boolean },
  ) => void;
  readonly onOutsideChange: (tenantId: string, change: OutsideChange) => void;
}

interface Tenant {
  readonly graph: Graph;
  readonly directory: DirectoryView;
  readonly outsideChanges: OutsideChanges;
  readonly activity: ActivityView;
}

export class Tenants {
  readonly #options: TenantsOptions;
  readonly #tenants = new Map<string, Tenant>();

  constructor(options: TenantsOptions) {
    this.#options = options;
  }

  of(tenantId: string): Tenant {
    const known = this.#tenants.get(tenantId);
    if (known !== undefined) return known;
    const created = this.#create(tenantId);
    this.#tenants.set(tenantId, created);
    return created;
  }

  lastReads(): readonly { readonly tenantId: string; readonly lastReadMs: number }[] {
    return [...this.#tenants]
      .map(([tenantId, { directory }]) => ({ tenantId, lastReadMs: directory.lastReadMs }))
      .filter(({ lastReadMs }) => lastReadMs > 0);
  }

  #create(tenantId: string): Tenant {
    const { nowMs, ownAppId, firstReads, createGraph, ...told } = this.#options;
    const graph = createGraph(tenantId, () => this.#tenants.get(tenantId)?.directory.userCount);
    const outsideChanges = new GraphOutsideChanges({
      graph,
      ownAppId,
      nowMs,
      onFound: (change) => told.onOutsideChange(tenantId, change),
    });
    const directory: DirectoryView = new GraphDirectoryView({
      graph,
      nowMs,
      firstReads,
      onChange: (userIds, sinceMs) => {
        // What stood there before we looked is no change.
        if (sinceMs !== undefined) outsideChanges.expect(userIds, sinceMs);
        const isFirst = sinceMs === undefined;
        told.onDirectoryChange(tenantId, userIds, { view: directory, isFirst });
      },
    });
    const activity = new GraphActivityView({ graph, nowMs });
    return { graph, directory, outsideChanges, activity };
  }
}

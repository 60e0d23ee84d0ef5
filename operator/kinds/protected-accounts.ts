/**
 * Any change of a break-glass account (`protectedUsers` of a tenant), by anybody, is a warning event on the tenant and a
 * count: when the directory shows it, and once more with its author when the audit log tells (minutes later).
 */

import type { OutsideChange } from '../clients/graph/audit-port.ts';
import type { DirectoryView } from '../clients/graph/port.ts';
import type { Cluster } from '../core/cluster.ts';
import type { M365Tenant } from '../core/objects.ts';
import type { EventRecorder } from '../core/ports.ts';
import { keyOf } from '../core/resource.ts';

interface ProtectedAccountsOptions {
  readonly cluster: Pick<Cluster, 'list'>;
  readonly events: EventRecorder;
  readonly count: (labels: { readonly namespace: string; readonly tenant: string }) => void;
  /** Seen by several processes, it is told by one. */
  readonly isTold: (tenant: M365Tenant) => boolean;
}

type Names = Pick<DirectoryView, 'userByPrincipalName'>;

export class ProtectedAccounts {
  readonly #options: ProtectedAccountsOptions;
  /** Object ids by tenant and name as listed: a deleted account has no name in the view any more. */
  readonly #ids = new Map<string, string>();

  constructor(options: ProtectedAccountsOptions) {
    this.#options = options;
  }

  /** These users of the directory are others now. `isFirst`: what stood there before we looked is no change. */
  changed(
    tenantId: string,
    userIds: ReadonlySet<string>,
    { view, isFirst }: { readonly view: Names; readonly isFirst: boolean },
  ): void {
    for (const tenant of this.#tenants(tenantId)) {
      const changed = (tenant.spec.protectedUsers ?? []).filter((name) => {
        const id = this.#idOf(tenant, name, view);
        return id !== undefined && userIds.has(id);
      });
      if (changed.length === 0 || isFirst) continue;
      const note = `changed in Entra ID: ${changed.join(', ')}; the audit log tells who did it`;
      this.#tell(tenant, note.slice(0, 1_000));
      const { namespace, name } = tenant.metadata;
      for (const _ of changed) this.#options.count({ namespace, tenant: name });
    }
  }

  /** The audit log tells who it was. */
  attributed(tenantId: string, { id, activity, author, at, fields }: OutsideChange): void {
    for (const tenant of this.#tenants(tenantId)) {
      const listed = tenant.spec.protectedUsers ?? [];
      const isProtected = listed.some((name) => this.#known(tenant, name) === id);
      if (!isProtected) continue;
      const what = fields.length === 0 ? activity : `${activity} (${fields.join(', ')})`;
      const who = author.type === 'User' ? author.name : `the application ${author.name}`;
      this.#tell(tenant, `one of protectedUsers: ${what} by ${who} at ${at}`.slice(0, 1_000));
    }
  }

  #tenants(tenantId: string): readonly M365Tenant[] {
    return this.#options.cluster
      .list<M365Tenant>('M365Tenant')
      .filter((tenant) => tenant.status?.tenantId === tenantId && this.#options.isTold(tenant));
  }

  #idOf(tenant: M365Tenant, listed: string, view: Names): string | undefined {
    if (!listed.includes('@')) return listed;
    const found = view.userByPrincipalName(listed)?.id;
    if (found !== undefined) this.#ids.set(`${keyOf(tenant)} ${listed}`, found);
    return found ?? this.#known(tenant, listed);
  }

  #known(tenant: M365Tenant, listed: string): string | undefined {
    return listed.includes('@') ? this.#ids.get(`${keyOf(tenant)} ${listed}`) : listed;
  }

  #tell(tenant: M365Tenant, note: string): void {
    const reason = 'ProtectedAccountChanged';
    this.#options.events.record(tenant, { type: 'Warning', reason, action: 'Compare', note });
  }
}

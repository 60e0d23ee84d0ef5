/** Asks Active Directory what changed below a tenant's OU since the last look, and wakes whom it concerns. */
import type { AdInventory } from '../../clients/active-directory/groups-port.ts';
import type { ConnectionClients } from '../../clients/port.ts';
import type { M365Tenant } from '../../core/objects.ts';
import type { Deps } from '../access.ts';
import { wakeForAdChanges } from '../directory-changes.ts';

export class DirectoryPoll {
  readonly #deps: Pick<Deps, 'cluster' | 'wake'>;
  /** Where the last look ended, by the tenant's UID. */
  readonly #cookies = new Map<string, string>();
  /** What stood below the OU then, by the tenant's UID. */
  readonly #inventories = new Map<string, AdInventory>();

  constructor(deps: Pick<Deps, 'cluster' | 'wake'>) {
    this.#deps = deps;
  }

  async poll(
    tenant: M365Tenant,
    { activeDirectory }: Pick<ConnectionClients, 'activeDirectory'>,
    signal: AbortSignal,
  ): Promise<void> {
    const { organizationalUnit } = tenant.status ?? {};
    // What is left of a mode before concerns nobody.
    if (tenant.spec.identity?.activeDirectory !== 'Managed') return;
    if (activeDirectory === undefined || organizationalUnit === undefined) return;
    const { uid } = tenant.metadata;
    const cookie = this.#cookies.get(uid);
    const changes = await activeDirectory.changedAccounts(organizationalUnit, cookie, signal);
    this.#cookies.set(uid, changes.cookie);
    this.#inventories.set(uid, changes.inventory);
    wakeForAdChanges(this.#deps, tenant, changes, cookie);
  }

  /** Undefined: not read yet. */
  inventory({ metadata }: M365Tenant): AdInventory | undefined {
    return this.#inventories.get(metadata.uid);
  }

  /** The next look is at everything. */
  forget({ metadata }: M365Tenant): void {
    this.#cookies.delete(metadata.uid);
    this.#inventories.delete(metadata.uid);
  }
}

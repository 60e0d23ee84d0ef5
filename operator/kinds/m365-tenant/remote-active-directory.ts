/** What each look at an M365Tenant reads of Active Directory: what changed, or whom a hand-over takes over. */
import type { ActiveDirectory } from '../../clients/active-directory/port.ts';
import type { DirectoryView } from '../../clients/graph/port.ts';
import type { M365Tenant } from '../../core/objects.ts';
import type { Deps } from '../access.ts';
import { organizationalUnitOf } from './directory-step.ts';
import { isHandedOver, type ObservedHandOver } from './hand-over.ts';
import type { ObservedTenant } from './observed.ts';
import { DirectoryPoll } from './remote-directory-poll.ts';
import { HandOverAccounts, observeHandOver } from './remote-hand-over.ts';

interface Sight {
  readonly facts: Pick<ObservedTenant, 'customer' | 'customersOU'>;
  /** Read before: who is who is told by both directories. */
  readonly view: DirectoryView;
}

/** Both are told of each deletion once only: of a tenant that is being taken over the hand-over reads, else the poll. */
export class ActiveDirectoryLooks {
  readonly #poll: DirectoryPoll;
  readonly #handOvers = new HandOverAccounts();

  constructor(deps: Pick<Deps, 'cluster' | 'wake'>) {
    this.#poll = new DirectoryPoll(deps);
  }

  async poll(
    tenant: M365Tenant,
    activeDirectory: ActiveDirectory | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    if (!isHandedOver(tenant)) this.#poll.forget(tenant);
    else await this.#poll.poll(tenant, { activeDirectory }, signal);
  }

  /** Undefined: nobody is being taken over. */
  async handOver(
    tenant: M365Tenant,
    { facts, view }: Sight,
    activeDirectory: ActiveDirectory | undefined,
    signal: AbortSignal,
  ): Promise<ObservedHandOver | undefined> {
    if (isHandedOver(tenant)) {
      this.#handOvers.forget(tenant);
      return undefined;
    }
    const organizationalUnit = organizationalUnitOf(tenant, facts);
    if (activeDirectory === undefined || organizationalUnit === undefined) return undefined;
    const accounts = await this.#handOvers.read(
      tenant,
      organizationalUnit,
      activeDirectory,
      signal,
    );
    return observeHandOver(tenant, accounts, view);
  }

  /** Nothing that was kept is believed at the next look. */
  forget(tenant: M365Tenant): void {
    this.#poll.forget(tenant);
    this.#handOvers.forget(tenant);
  }
}

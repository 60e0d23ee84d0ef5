/** What each look at an M365Tenant reads of Active Directory: what changed, its place there, whom a hand-over takes over. */
import type { ActiveDirectory } from '../../clients/active-directory/port.ts';
import type { DirectoryView } from '../../clients/graph/port.ts';
import type { M365Tenant } from '../../core/objects.ts';
import type { Deps } from '../access.ts';
import { isolationGroupOf, organizationalUnitOf } from './directory-step.ts';
import { isHandedOver, type ObservedHandOver } from './hand-over.ts';
import type { ObservedTenant } from './observed.ts';
import { DirectoryPoll } from './remote-directory-poll.ts';
import { HandOverAccounts, observeHandOver } from './remote-hand-over.ts';

interface Sight {
  readonly facts: Pick<ObservedTenant, 'customer' | 'customersOU' | 'isolatesTenants'>;
  /** Read before: who is who is told by both directories. */
  readonly view: DirectoryView;
}

type Layout = Pick<ObservedTenant, 'isolation' | 'upnSuffixes'>;
type InActiveDirectory = Layout & Pick<ObservedTenant, 'handOver'>;

const layoutMaxAgeMs = 60 * 60_000;

/** Both are told of each deletion once only: of a tenant that is being taken over the hand-over reads, else the poll. */
export class ActiveDirectoryLooks {
  readonly #nowMs: () => number;
  readonly #poll: DirectoryPoll;
  readonly #handOvers = new HandOverAccounts();
  /** By the tenant's UID. */
  readonly #layouts = new Map<string, { readonly layout: Layout; readonly atMs: number }>();

  constructor(deps: Pick<Deps, 'cluster' | 'wake' | 'nowMs'>) {
    this.#nowMs = deps.nowMs;
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

  async read(
    tenant: M365Tenant,
    sight: Sight,
    activeDirectory: ActiveDirectory | undefined,
    signal: AbortSignal,
  ): Promise<InActiveDirectory> {
    if (activeDirectory === undefined) return {};
    if (!isHandedOver(tenant)) {
      return { handOver: await this.#handOver(tenant, sight, activeDirectory, signal) };
    }
    this.#handOvers.forget(tenant);
    return this.#layout(tenant, sight, activeDirectory, signal);
  }

  /** Nothing that was kept is believed at the next look. */
  forget(tenant: M365Tenant): void {
    this.#poll.forget(tenant);
    this.#handOvers.forget(tenant);
    this.forgetLayout(tenant);
  }

  /** After each action, and when a person asks for a look now. */
  forgetLayout({ metadata }: M365Tenant): void {
    this.#layouts.delete(metadata.uid);
  }

  /** A handful of reads: as rarely as what else changes rarely. */
  async #layout(
    tenant: M365Tenant,
    { facts }: Sight,
    activeDirectory: ActiveDirectory,
    signal: AbortSignal,
  ): Promise<Layout> {
    const { organizationalUnit } = tenant.status ?? {};
    const isWritten = tenant.spec.identity?.activeDirectory === 'Managed';
    if (!isWritten || organizationalUnit === undefined) return {};
    const { uid } = tenant.metadata;
    const nowMs = this.#nowMs();
    const known = this.#layouts.get(uid);
    if (known !== undefined && nowMs - known.atMs < layoutMaxAgeMs) return known.layout;
    const upnSuffixes = await activeDirectory.listUpnSuffixes(signal);
    const isolation =
      facts.isolatesTenants === true
        ? await activeDirectory.readIsolation(organizationalUnit, isolationGroupOf(facts), signal)
        : undefined;
    const layout = { upnSuffixes, isolation };
    this.#layouts.set(uid, { layout, atMs: nowMs });
    return layout;
  }

  async #handOver(
    tenant: M365Tenant,
    { facts, view }: Sight,
    activeDirectory: ActiveDirectory,
    signal: AbortSignal,
  ): Promise<ObservedHandOver | undefined> {
    const organizationalUnit = organizationalUnitOf(tenant, facts);
    if (organizationalUnit === undefined) return undefined;
    const accounts = await this.#handOvers.read(
      tenant,
      organizationalUnit,
      activeDirectory,
      signal,
    );
    return observeHandOver(tenant, accounts, view);
  }
}

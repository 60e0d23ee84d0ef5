/** What each look at an M365Tenant reads of Active Directory: what changed, its place there, whom a hand-over takes over. */

import type { OrganizationalUnit } from '../../clients/active-directory/layout-port.ts';
import type { ActiveDirectory } from '../../clients/active-directory/port.ts';
import type { DirectoryView } from '../../clients/graph/directory-view-port.ts';
import { toOperatorError, wait } from '../../core/errors.ts';
import type { M365Tenant, M365User } from '../../core/objects.ts';
import type { Deps } from '../access.ts';
import { isolationGroupOf, organizationalUnitOf } from './directory-step.ts';
import { isHandedOver, type ObservedHandOver } from './hand-over.ts';
import type { ObservedTenant } from './observed.ts';
import { readDirectoryGroups, withTakenNames } from './remote-directory-groups.ts';
import { DirectoryPoll } from './remote-directory-poll.ts';
import { HandOverAccounts, observeHandOver } from './remote-hand-over.ts';

interface Sight {
  readonly facts: Pick<ObservedTenant, 'customer' | 'customersOU' | 'isolatesTenants'>;
  /** Read before: who is who is told by both directories. */
  readonly view: DirectoryView;
  readonly people: () => readonly M365User[];
}

type Layout = Pick<ObservedTenant, 'isolation' | 'unit' | 'upnSuffixes'>;
type InActiveDirectory = Layout & Pick<ObservedTenant, 'handOver' | 'directoryGroups'>;

const unitMissing = 'OrganizationalUnitMissing';
const layoutMaxAgeMs = 60 * 60_000;

/** Both are told of each deletion once only: of a tenant that is being taken over the hand-over reads, else the poll. */
export class ActiveDirectoryLooks {
  readonly #nowMs: () => number;
  readonly #pollMs: number;
  readonly #poll: DirectoryPoll;
  readonly #handOvers = new HandOverAccounts();
  /** By the tenant's UID. */
  readonly #layouts = new Map<string, { readonly layout: Layout; readonly atMs: number }>();

  constructor(deps: Pick<Deps, 'cluster' | 'wake' | 'nowMs' | 'pollMs'>) {
    this.#nowMs = deps.nowMs;
    this.#pollMs = deps.pollMs;
    this.#poll = new DirectoryPoll(deps);
  }

  async poll(
    tenant: M365Tenant,
    activeDirectory: ActiveDirectory | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    if (!isHandedOver(tenant)) {
      this.#poll.forget(tenant);
      return;
    }
    try {
      await this.#poll.poll(tenant, { activeDirectory }, signal);
    } catch (error) {
      // Others have renamed or moved it, or it is gone: what is read next tells.
      const isLost = toOperatorError(error).reason === unitMissing;
      if (!isLost || tenant.status?.organizationalUnitGuid === undefined) throw error;
      this.forgetLayout(tenant);
    }
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
    const layout = await this.#layout(tenant, sight, activeDirectory, signal);
    const inventory = this.#poll.inventory(tenant);
    if (inventory === undefined) return layout;
    const groups = readDirectoryGroups(tenant, inventory, sight.people, this.#nowMs());
    const place = layout.unit?.distinguishedName ?? '';
    const isTaken = (name: string) => activeDirectory.isGroupNameTaken(place, name, signal);
    return { ...layout, directoryGroups: await withTakenNames(groups, isTaken) };
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
    const unit = await this.#unit(tenant, organizationalUnit, activeDirectory, signal);
    const upnSuffixes = await activeDirectory.listUpnSuffixes(signal);
    const group = isolationGroupOf(facts);
    const isolation =
      facts.isolatesTenants === true
        ? await activeDirectory.readIsolation(unit.distinguishedName, group, signal)
        : undefined;
    const layout = { unit, upnSuffixes, isolation };
    this.#layouts.set(uid, { layout, atMs: nowMs });
    return layout;
  }

  /**
   * By its GUID: it may have another name by now; else one that others made in its place. One that is gone is not made
   * again: its people would be others. Nobody tells of its return, and a read in the middle of a rename may miss it: it is
   * looked for at each poll, as the rest of the tenant is.
   */
  async #unit(
    { status }: M365Tenant,
    distinguishedName: string,
    activeDirectory: ActiveDirectory,
    signal: AbortSignal,
  ): Promise<OrganizationalUnit> {
    const objectGuid = status?.organizationalUnitGuid;
    const keys = [...(objectGuid === undefined ? [] : [{ objectGuid }]), { distinguishedName }];
    for (const key of keys) {
      const unit = await activeDirectory.readOrganizationalUnit(key, signal);
      if (unit !== undefined) return unit;
    }
    throw wait("the tenant's organizational unit is gone from the customers OU: bring it back", {
      reason: unitMissing,
      delayMs: this.#pollMs,
    });
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

/** What is looked at for an M365Tenant. What changes rarely is read once an hour; between, only what changed. */
import type { DirectoryView } from '../../clients/graph/directory-view-port.ts';
import type { Organization } from '../../clients/graph/port.ts';
import { toOperatorError } from '../../core/errors.ts';
import type { LicensePool, M365Tenant, M365User, PartnerConnection } from '../../core/objects.ts';
import { keyOf } from '../../core/resource.ts';
import { clientsOf, connectionOf, type Deps, isTrue, refuseSecondClaim } from '../access.ts';
import { NightlyLooks, pollDelayMs } from '../schedule.ts';
import type { ObservedTenant } from './observed.ts';
import { idsOf, lostOf } from './outside-changes.ts';
import { Refusals, refusalIn, withdrawnBefore } from './refusals.ts';
import { readAccess, requireConsent, type TenantContext } from './remote-access.ts';
import { ActiveDirectoryLooks } from './remote-active-directory.ts';
import { findCustomer, readCommerce, readPrecheck } from './remote-customer.ts';
import { claimedDomains, readDirectory } from './remote-domains.ts';
import { readGroups } from './remote-groups.ts';
import { settledCommerce } from './settled.ts';

/** Agreement, permissions, domains and the like are read again after this long, on an edit and on request. */
const slowFactsMaxAgeMs = 60 * 60_000;

/** A night that is due and did not come through is tried again after this long. */
const soonestMs = 1_000;

type SlowFacts = Omit<
  ObservedTenant,
  'directory' | 'managedUsers' | 'managedPools' | 'massChanges' | 'massChangeWindow' | 'pollMs'
>;

interface Remembered {
  readonly facts: SlowFacts;
  readonly generation: number;
  readonly atMs: number;
}

export class TenantRemote {
  readonly #deps: Deps;
  readonly #remembered = new Map<string, Remembered>();
  readonly #activeDirectory: ActiveDirectoryLooks;
  readonly #nightly = new NightlyLooks();
  readonly #refusals = new Refusals<SlowFacts>();
  /** What was lost at the last look, by the tenant's UID. */
  readonly #lost = new Map<string, readonly string[]>();

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#activeDirectory = new ActiveDirectoryLooks(deps);
  }

  async context(tenant: M365Tenant, signal: AbortSignal): Promise<TenantContext> {
    const connection = connectionOf(this.#deps.cluster, tenant);
    const { clients } = await clientsOf(this.#deps, connection, signal);
    return { connection, clients };
  }

  #countsOf(tenant: M365Tenant) {
    const { cluster, massChanges, pollMs } = this.#deps;
    const users = cluster.referencing<M365User>(keyOf(tenant), 'M365User');
    return {
      pollMs,
      managedUsers: users.length,
      managedPools: cluster.referencing<LicensePool>(keyOf(tenant), 'LicensePool').length,
      massChanges: massChanges.countsOf(tenant, users),
      massChangeWindow: massChanges.windowOf(tenant),
    };
  }

  async observe(tenant: M365Tenant, signal: AbortSignal): Promise<ObservedTenant> {
    const counts = this.#countsOf(tenant);
    if (tenant.metadata.deletionTimestamp !== undefined) {
      this.forget(tenant);
      this.#activeDirectory.forget(tenant);
      this.#refusals.forget(tenant);
      this.#nightly.forget(tenant.metadata.uid);
      this.#lost.delete(tenant.metadata.uid);
      return { ...counts, partnerTenantId: '', customer: undefined };
    }
    const context = await this.context(tenant, signal);
    const refused = await this.#stillRefused(tenant, context, signal);
    const observed = { ...counts, ...(refused ?? (await this.#look(tenant, context, signal))) };
    return { ...observed, outsideChanges: this.#outsideChanges(tenant, observed, context) };
  }

  /** Who did it. Delta tells of accounts only: for groups and domains the audit log is asked where they are lost. */
  #outsideChanges(
    tenant: M365Tenant,
    observed: ObservedTenant,
    { clients }: TenantContext,
  ): ObservedTenant['outsideChanges'] {
    const ids = idsOf(tenant, observed);
    const { uid } = tenant.metadata;
    const before = this.#lost.get(uid) ?? [];
    const lost = lostOf(tenant, observed);
    this.#lost.set(uid, lost);
    if (ids.length === 0) return [];
    const outside = clients.outsideChanges(observed.customer?.id ?? '');
    const newly = lost.filter((id) => !before.includes(id));
    outside.expect(newly, this.#deps.nowMs() - slowFactsMaxAgeMs);
    return ids.flatMap((id) => outside.of(id));
  }

  async #look(
    tenant: M365Tenant,
    context: TenantContext,
    signal: AbortSignal,
  ): Promise<SlowFacts & Partial<Pick<ObservedTenant, 'directory' | 'groups' | 'pollMs'>>> {
    const { uid } = tenant.metadata;
    const isNightly = this.#nightly.isDue(uid, context.connection, this.#deps.nowMs());
    const isFullLook = isNightly || !isRequestHandled(tenant);
    if (isFullLook) {
      this.forget(tenant);
      this.#activeDirectory.forget(tenant);
    }
    const facts =
      this.#recall(tenant) ??
      (await this.#readSlowFacts(tenant, { ...context, isFullLook }, signal));
    if (facts.organization === undefined) return facts;
    const tenantId = facts.customer?.id ?? '';
    const view = context.clients.directory(tenantId);
    if (isFullLook) view.invalidate();
    const refusal = await this.#readDirectories(tenant, context, facts, signal);
    if (refusal !== undefined) return refusal;
    const { activeDirectory } = context.clients;
    // Not those of before the directories were read: who joined a group meanwhile would be taken for a stranger in it.
    const people = () => this.#deps.cluster.referencing<M365User>(keyOf(tenant), 'M365User');
    const sight = { facts, view, people };
    const read = await this.#activeDirectory.read(tenant, sight, activeDirectory, signal);
    if (isNightly) this.#endNightly(tenant, context.connection);
    return {
      ...facts,
      pollMs: this.#pollMs(uid),
      directory: readDirectory(tenant, view, facts),
      groups: readGroups(tenant, { view, people, nowMs: this.#deps.nowMs() }),
      ...read,
    };
  }

  /** The night begins when it is due, not at some poll after it. */
  #pollMs(uid: string): number {
    const nowMs = this.#deps.nowMs();
    const pollMs = pollDelayMs(this.#deps.pollMs, nowMs);
    const nightMs = this.#nightly.delayMs(uid, nowMs) ?? pollMs;
    return Math.min(pollMs, Math.max(nightMs, soonestMs));
  }

  /** Each directory is looked at, whatever the other says. Of two failures Entra's is told: a refusal, or thrown. */
  async #readDirectories(
    tenant: M365Tenant,
    context: TenantContext,
    facts: SlowFacts,
    signal: AbortSignal,
  ): Promise<SlowFacts | undefined> {
    const [entra, directory] = await Promise.allSettled([
      this.#readEntra(tenant, context, facts.customer?.id ?? '', signal),
      this.#activeDirectory.poll(tenant, context.clients.activeDirectory, signal),
    ]);
    if (entra.status === 'rejected') {
      signal.throwIfAborted();
      return this.#refused(tenant, facts, await whyDenied(context, facts, entra.reason, signal));
    }
    if (directory.status === 'rejected') throw directory.reason;
    return undefined;
  }

  /** What changed, and by whom; of break-glass accounts every change is told. */
  async #readEntra(
    tenant: M365Tenant,
    { clients }: TenantContext,
    tenantId: string,
    signal: AbortSignal,
  ): Promise<void> {
    const view = clients.directory(tenantId);
    // After a start it was read a moment ago, ahead or for its people: its first look needs no second reading. Where that
    // look fails again and again, as with Active Directory out of reach, each poll reads all the same.
    await (this.#isFirstLook(tenant)
      ? view.refreshIfOlder(this.#deps.pollMs / 2, signal)
      : view.refresh(signal));
    const outsideChanges = clients.outsideChanges(tenantId);
    outsideChanges.watch((tenant.status?.protectedAccounts ?? []).map(({ id }) => id));
    await outsideChanges.read(signal);
  }

  #isFirstLook({ metadata }: M365Tenant): boolean {
    return !this.#lost.has(metadata.uid);
  }

  /** The operator's, in a tenant where it was at work before. */
  #isStart(tenant: M365Tenant, isFullLook: boolean): boolean {
    return !isFullLook && this.#isFirstLook(tenant) && isTrue(tenant, 'AccessReady');
  }

  /** Both are one request, mostly made ahead. What fails here fails again in the look that follows, and is told there. */
  async #readWithDirectory(
    view: DirectoryView,
    signal: AbortSignal,
  ): Promise<Organization | undefined> {
    const maxAgeMs = this.#deps.pollMs / 2;
    await view.refreshIfOlder(maxAgeMs, signal).catch(() => signal.throwIfAborted());
    return this.#deps.nowMs() - view.lastFullReadMs <= maxAgeMs ? view.organization : undefined;
  }

  /** What was known, with the refusal; other failures are thrown on. */
  #refused(tenant: M365Tenant, facts: SlowFacts, error: unknown): SlowFacts {
    const refusal = refusalIn(error);
    if (refusal === undefined || facts.access === undefined) throw error;
    this.#refusals.note(tenant, facts);
    return { ...facts, access: { ...facts.access, refusal } };
  }

  /** Of a tenant that refused us at the last look: one request tells whether it still does. */
  async #stillRefused(
    tenant: M365Tenant,
    { connection, clients }: TenantContext,
    signal: AbortSignal,
  ): Promise<SlowFacts | undefined> {
    const facts = isRequestHandled(tenant)
      ? (this.#refusals.recall(tenant) ?? factsBefore(tenant, connection))
      : undefined;
    this.#refusals.forget(tenant);
    if (facts === undefined) return undefined;
    this.forget(tenant);
    try {
      await requireConsent(clients.graph(facts.customer?.id ?? ''), signal);
      return undefined;
    } catch (error) {
      this.#refusals.note(tenant, facts);
      signal.throwIfAborted();
      return this.#refused(tenant, facts, error);
    }
  }

  #endNightly(tenant: M365Tenant, connection: PartnerConnection): void {
    this.#nightly.done(tenant.metadata.uid, connection, this.#deps.nowMs());
    for (const pool of this.#deps.cluster.referencing(keyOf(tenant), 'LicensePool'))
      this.#deps.wake(keyOf(pool), 'resync');
  }

  /** Forgets what was read: after each action, and when a person asks for a look now. */
  forget(tenant: M365Tenant): void {
    this.#activeDirectory.forgetLayout(tenant);
    this.#remembered.delete(tenant.metadata.uid);
  }

  #recall(tenant: M365Tenant): SlowFacts | undefined {
    const remembered = this.#remembered.get(tenant.metadata.uid);
    const isFresh =
      remembered !== undefined &&
      remembered.generation === tenant.metadata.generation &&
      this.#deps.nowMs() - remembered.atMs < slowFactsMaxAgeMs &&
      isTrue(tenant, 'Ready');
    return isFresh ? remembered.facts : undefined;
  }

  async #readSlowFacts(
    tenant: M365Tenant,
    context: TenantContext & { readonly isFullLook: boolean },
    signal: AbortSignal,
  ): Promise<SlowFacts> {
    const { connection, clients, isFullLook } = context;
    const { partnerTenantId } = connection.spec;
    const settled = isFullLook ? undefined : settledCommerce(tenant);
    const customer = settled?.customer ?? (await findCustomer(tenant, clients, signal));
    if (customer === undefined) {
      const precheck = await readPrecheck(tenant, connection, clients, signal);
      return { partnerTenantId, customer, precheck };
    }
    this.#refuseSecondClaim(tenant, customer.id);
    const organization = this.#isStart(tenant, isFullLook)
      ? await this.#readWithDirectory(clients.directory(customer.id), signal)
      : undefined;
    const facts = {
      partnerTenantId,
      customer,
      ...(settled ?? (await readCommerce(tenant, clients, customer.id, signal))),
      ...(await readAccess(tenant, { ...context, organization }, customer.id, signal)),
      claimedDomains: claimedDomains(tenant, this.#deps.cluster),
      customersOU: connection.spec.activeDirectory?.customersOU,
      isolatesTenants: connection.spec.activeDirectory?.tenantIsolation === 'ListObject',
    };
    const { generation, uid } = tenant.metadata;
    this.#remembered.set(uid, { facts, generation, atMs: this.#deps.nowMs() });
    return facts;
  }

  #refuseSecondClaim(tenant: M365Tenant, tenantId: string): void {
    const others = this.#deps.cluster
      .list<M365Tenant>('M365Tenant')
      .filter((other) => other.status?.tenantId === tenantId);
    refuseSecondClaim(tenant, others, 'the tenant');
  }
}

/** What Graph denied may not be in the token any more: a new one tells, of this and of all that is granted now. */
async function whyDenied(
  { clients }: TenantContext,
  facts: SlowFacts,
  error: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  if (toOperatorError(error).reason !== 'PermissionDenied') return error;
  try {
    await requireConsent(clients.graph(facts.customer?.id ?? ''), signal);
    return error;
  } catch (refusal) {
    return refusal;
  }
}

function factsBefore(tenant: M365Tenant, { spec }: PartnerConnection): SlowFacts | undefined {
  const known = withdrawnBefore(tenant);
  return known === undefined ? undefined : { ...known, partnerTenantId: spec.partnerTenantId };
}

function isRequestHandled(tenant: M365Tenant): boolean {
  const requested = tenant.metadata.annotations?.['m365-operator.io/reconcile-requested-at'];
  return requested === undefined || requested === tenant.status?.lastHandledReconcileAt;
}

/** Who holds a licence of a pool, and what tells whether it is used. */
import type { HarvestSpec } from '../../api/harvest.ts';
import type { AccountFacts, ActivityView } from '../../clients/graph/activity-port.ts';
import type { DirectoryView } from '../../clients/graph/directory-view-port.ts';
import type { EntraUser } from '../../clients/graph/port.ts';
import type { LicensePool, M365Tenant, M365User } from '../../core/objects.ts';
import { missingPermissions } from '../../core/permissions.ts';
import { keyOf } from '../../core/resource.ts';
import type { Deps, TenantAccess } from '../access.ts';
import { ownerOf } from '../owner-mark.ts';
import { freesSeatsAtMs, poolsOf, startsLater } from '../plans.ts';
import { isProtected } from '../protected-accounts.ts';
import type { Claim, HarvestBlock, HarvestSight, Holder } from './harvest.ts';

/** Undefined: nobody is looked for. Accounts are read once for each full look at the tenant, for all of its pools. */
export async function harvestSight(
  deps: Deps,
  pool: LicensePool,
  { access, skuId }: { readonly access: TenantAccess; readonly skuId: string | undefined },
  signal: AbortSignal,
): Promise<HarvestSight | undefined> {
  const { harvest } = pool.spec;
  const isGoing = pool.metadata.deletionTimestamp !== undefined;
  if (harvest === undefined || harvest.mode === 'Off' || isGoing) return undefined;
  const { clients, tenantId } = access;
  const view = clients.directory(tenantId);
  const activity = clients.activity(tenantId);
  const withSignIns = harvest.inactiveDays !== undefined;
  await activity.refresh({ sinceMs: view.lastFullReadMs, withSignIns }, signal);
  const users = deps.cluster.referencing<M365User>(keyOf(access.tenant), 'M365User');
  const around = new Surroundings(pool, { access, users, nowMs: deps.nowMs() });
  const holders = skuId === undefined ? [] : view.holdersOf(skuId);
  return {
    holders: holders.map((user) => around.holder(user, skuId ?? '', activity.account(user.id))),
    signIns: activity.signIns,
    isRead: activity.readMs > 0,
    goOnMs: activity.goOnMs,
    block: await blockOf(harvest, access, signal),
  };
}

/** As one stands now, by what was read of it just now; undefined: it holds the licence no more. */
export async function holderNow(
  deps: Deps,
  pool: LicensePool,
  {
    access,
    id,
    skuId,
  }: { readonly access: TenantAccess; readonly id: string; readonly skuId: string },
  signal: AbortSignal,
): Promise<{ readonly holder: Holder; readonly signIns: ActivityView['signIns'] } | undefined> {
  const { clients, tenantId, tenant } = access;
  const graph = clients.graph(tenantId);
  const user = await graph.getUser(id, signal);
  const activity = clients.activity(tenantId);
  const facts = await graph.getActivity(id, activity.signIns === 'Available', signal);
  if (user === undefined || facts === undefined) return undefined;
  const { accountEnabled, assignedLicenses } = user;
  clients.directory(tenantId).recordUser(id, { accountEnabled, assignedLicenses });
  activity.record(facts);
  if (!assignedLicenses.some((license) => license.skuId === skuId)) return undefined;
  const users = await deps.cluster.referencingInAllShards<M365User>(
    keyOf(tenant),
    'M365User',
    signal,
  );
  const around = new Surroundings(pool, { access, users, nowMs: deps.nowMs() });
  return { holder: around.holder(user, skuId, facts), signIns: activity.signIns };
}

class Surroundings {
  readonly #pool: LicensePool;
  readonly #tenant: M365Tenant;
  readonly #view: DirectoryView;
  readonly #nowMs: number;
  readonly #excluded: ReadonlySet<string>;
  /** By object id, sign-in name in lower case, and mark. */
  readonly #users = new Map<string, M365User>();

  constructor(
    pool: LicensePool,
    of: {
      readonly access: TenantAccess;
      readonly users: readonly M365User[];
      readonly nowMs: number;
    },
  ) {
    const { tenant, clients, tenantId } = of.access;
    this.#pool = pool;
    this.#tenant = tenant;
    this.#view = clients.directory(tenantId);
    this.#nowMs = of.nowMs;
    this.#excluded = excludedBy(pool, tenant, this.#view);
    for (const user of of.users) {
      const { spec, status } = user;
      const ids = [status?.entraId, spec.entraId, spec.userPrincipalName.toLowerCase()];
      for (const key of [...ids, ownerOf(user)]) if (key !== undefined) this.#users.set(key, user);
    }
  }

  holder(account: EntraUser, skuId: string, facts: AccountFacts | undefined): Holder {
    const { id, userPrincipalName, accountEnabled, onPremisesSyncEnabled } = account;
    const user = this.#userOf(account, facts);
    const isOfHere = facts?.owner?.startsWith(`${this.#pool.metadata.namespace}/`) === true;
    return {
      id,
      userPrincipalName,
      isEnabled: accountEnabled,
      isSynced: onPremisesSyncEnabled === true,
      isInherited: account.inheritedLicenses?.some((one) => one.skuId === skuId) === true,
      isSpared: this.#isSpared(account),
      claim: user === undefined ? 'None' : this.#claimOf(user),
      isLeftBehind: user === undefined && isOfHere,
      facts,
    };
  }

  #userOf(
    { id, userPrincipalName }: EntraUser,
    facts: AccountFacts | undefined,
  ): M365User | undefined {
    const keys = [id, userPrincipalName.toLowerCase(), facts?.owner];
    const known = keys.find((key) => key !== undefined && this.#users.has(key));
    return known === undefined ? undefined : this.#users.get(known);
  }

  #isSpared({ id, userPrincipalName }: EntraUser): boolean {
    const names = [id, userPrincipalName.toLowerCase()];
    if (names.some((name) => this.#excluded.has(name))) return true;
    return isProtected(this.#tenant, id) || this.#view.isPrivileged(id);
  }

  #claimOf(user: M365User): Claim {
    const { metadata, spec } = user;
    const freeAtMs = freesSeatsAtMs(user);
    const isFree = freeAtMs !== undefined && freeAtMs <= this.#nowMs;
    const isMailbox = spec.type === 'Room' || spec.type === 'Shared';
    const isToCome = startsLater(user, this.#nowMs);
    if (metadata.deletionTimestamp !== undefined || isMailbox || isFree || isToCome)
      return 'Exempt';
    if (poolsOf(user, this.#tenant).includes(this.#pool.metadata.name)) return 'Wanted';
    return spec.suspend === true ? 'Suspended' : 'Unwanted';
  }
}

/** Object ids, and sign-in names in lower case. */
function excludedBy(
  { spec }: LicensePool,
  tenant: M365Tenant,
  view: DirectoryView,
): ReadonlySet<string> {
  const { users = [], groups = [] } = spec.harvest?.exclude ?? {};
  const named = [...users, ...(tenant.spec.protectedUsers ?? [])].map((name) => name.toLowerCase());
  const members = groups.flatMap((name) =>
    view.groupsByName(name).flatMap(({ memberIds }) => [...memberIds]),
  );
  return new Set([...named, ...members]);
}

/** Who must not be touched has to be known before anybody is. */
async function blockOf(
  { mode, exclude }: HarvestSpec,
  { clients, tenantId }: TenantAccess,
  signal: AbortSignal,
): Promise<HarvestBlock | undefined> {
  if (mode !== 'Auto') return undefined;
  const view = clients.directory(tenantId);
  const isUnknown = (name: string): boolean => view.groupsByName(name).length === 0;
  if (exclude?.groups?.some(isUnknown) === true) return 'ExcludedGroupNotFound';
  const granted = await clients.graph(tenantId).permissions({ fresh: false }, signal);
  const missing = missingPermissions(granted, { 'RoleManagement.Read.Directory': '' });
  return missing.length > 0 ? 'AdministratorsUnknown' : undefined;
}

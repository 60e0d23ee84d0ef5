/** What is looked at in Graph and in the cache for the domains of an M365Tenant. */
import type { DeclaredDomain } from '../../api/domains.ts';
import type { DirectoryView } from '../../clients/graph/directory-view-port.ts';
import type { EntraDomain, Graph } from '../../clients/graph/port.ts';
import type { Cluster } from '../../core/cluster.ts';
import type { M365Tenant } from '../../core/objects.ts';
import { claimKey, type ObjectKey } from '../../core/resource.ts';
import { isOlder } from '../access.ts';
import { protectedAccountsOf } from '../protected-accounts.ts';
import type { ObservedDirectory, ObservedTenant } from './observed.ts';

type Domains = Pick<ObservedTenant, 'domains' | 'records' | 'federations'>;

export async function readDomains(
  tenant: M365Tenant,
  graph: Graph,
  signal: AbortSignal,
): Promise<Domains> {
  const declared = tenant.spec.domains ?? [];
  if (declared.length === 0) return {};
  const domains = await graph.listDomains(signal);
  const records: Record<string, Awaited<ReturnType<Graph['listVerificationRecords']>>> = {};
  const federations: Record<string, NonNullable<Awaited<ReturnType<Graph['getFederation']>>>> = {};
  for (const domain of declared) {
    const { name } = domain;
    const found = domains.find((one) => one.name === name);
    if (found?.isVerified === false)
      records[name] = await graph.listVerificationRecords(name, signal);
    if (!isLookedAfter(domain) || found?.authentication !== 'Federated') continue;
    const settings = await graph.getFederation(name, signal);
    if (settings !== undefined) federations[name] = settings;
  }
  return { domains, records, federations };
}

/** Its federation is declared, or is to end. */
function isLookedAfter({ federation, authentication }: DeclaredDomain): boolean {
  return federation !== undefined || authentication === 'Managed';
}

export function readDirectory(
  tenant: M365Tenant,
  view: DirectoryView,
  { domains, federations }: Pick<ObservedTenant, 'domains' | 'federations'>,
): ObservedDirectory {
  const toFederate = (tenant.spec.domains ?? []).filter(
    ({ name, federation }) => federation !== undefined && federations?.[name] === undefined,
  );
  return {
    users: view.userCount,
    lastFullRead: `${new Date(view.lastFullReadMs).toISOString().slice(0, 19)}Z`,
    protectedAccounts: protectedAccountsOf(tenant, view),
    syncedAccounts: syncedAccounts(tenant, view),
    withoutAnchor: Object.fromEntries(
      toFederate.map(({ name }) => [name, withoutAnchor(name, domains ?? [], view)]),
    ),
  };
}

/** Domains below it become Federated with it. */
function withoutAnchor(name: string, domains: readonly EntraDomain[], view: DirectoryView): number {
  const below = domains.filter((domain) => !domain.isRoot && domain.name.endsWith(`.${name}`));
  return [name, ...below.map((domain) => domain.name)].reduce(
    (count, domain) => count + view.usersWithoutAnchor(domain),
    0,
  );
}

/** Delta tells of a sync server within a poll; what Entra says of the whole tenant is read once an hour. */
function syncedAccounts({ spec }: M365Tenant, view: DirectoryView): number {
  if (spec.identity?.activeDirectory !== 'Managed') return 0;
  let count = 0;
  for (const { onPremisesSyncEnabled } of view.users())
    if (onPremisesSyncEnabled === true) count += 1;
  return count;
}

/** One M365Tenant for each domain, in all connections. */
export function domainClaim(name: string): ObjectKey {
  return claimKey('Domain', name);
}

/** Declared domains that an older object declares as well. */
export function claimedDomains(
  tenant: M365Tenant,
  cluster: Pick<Cluster, 'referencing'>,
): readonly string[] {
  return (tenant.spec.domains ?? [])
    .map(({ name }) => name)
    .filter((name) =>
      cluster
        .referencing<M365Tenant>(domainClaim(name), 'M365Tenant')
        .some((other) => isOlder(other, tenant)),
    );
}

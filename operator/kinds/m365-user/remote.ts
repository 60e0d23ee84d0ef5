/** What is looked at for an M365User. Entra is read from the tenant's view in memory, Active Directory by GUID. */
import type { LicenseFinding } from '../../api/user-findings.ts';
import type { DirectoryView } from '../../clients/graph/directory-view-port.ts';
import type { EntraUser, SubscribedSku } from '../../clients/graph/port.ts';
import type { Cluster } from '../../core/cluster.ts';
import { wait } from '../../core/errors.ts';
import type { LicensePool, M365Tenant, M365User } from '../../core/objects.ts';
import { objectKey } from '../../core/resource.ts';
import { connectionKeyOf, type Deps, isTrue, refuseSecondClaim, tenantAccess } from '../access.ts';
import { isFenced } from '../directory-mode.ts';
import { isGone } from '../leaver-clock.ts';
import {
  disabledPlansOf,
  federatedDomainsOf,
  freesSeatsAtMs,
  poolsAt,
  poolsOf,
  startsLater,
  unverifiedDomainOf,
} from '../plans.ts';
import { type FoundInDirectory, findAdAccount } from './ad-lookup.ts';
import { userClaim } from './claim.ts';
import { directoryModeOf, writtenDirectory } from './directory-access.ts';
import { lookInDirectory, unwritten } from './directory-look.ts';
import { askEntra } from './entra-look.ts';
import { findEntra } from './entra-lookup.ts';
import { licenseFindings } from './license-findings.ts';
import type { Look } from './look.ts';
import { nothingFound } from './match.ts';
import type { ObservedUser, WantedLicense } from './observed.ts';
import { openAccount } from './open-account.ts';
import { isExpired } from './passwords.ts';
import { protectionOf } from './protection.ts';
import { groupsOf, managerOf } from './relations.ts';

export async function observeUser(
  deps: Deps,
  user: M365User,
  signal: AbortSignal,
): Promise<ObservedUser> {
  if (needsNothing(deps, user)) return nothingObserved;
  let reached: Reached;
  try {
    reached = await reach(deps, user, signal);
  } catch (thrown) {
    return { ...nothingObserved, ...(await openAccount(deps, user, { signal, thrown })) };
  }
  return observeBoth(reached);
}

interface Reached extends FoundInDirectory {
  readonly look: Look;
}

async function reach(deps: Deps, user: M365User, signal: AbortSignal): Promise<Reached> {
  const access = await tenantAccess(deps, user, signal);
  requireNoFence(user, access.tenant);
  const view = access.clients.directory(access.tenantId);
  if (!view.isLoaded) await view.refresh(signal);
  const look: Look = { deps, user, access, view, signal };
  const claimants = deps.cluster.referencing(userClaim(user.spec.userPrincipalName), 'M365User');
  refuseSecondClaim(user, claimants, 'userPrincipalName');
  return { look, ...(await findAdAccount(look)) };
}

async function observeBoth({ look, activeDirectory, isOutside }: Reached): Promise<ObservedUser> {
  const { deps, user, access, view } = look;
  const directory = writtenDirectory(look);
  const found = await findEntra(look, activeDirectory);
  const { entra } = found;
  // Before it is told who is an administrator: what is asked of roles knows it better.
  const asked = await askEntra(look, entra, activeDirectory);
  const licenses = licensesOf(look, entra);
  const deleting = user.metadata.deletionTimestamp !== undefined;
  if (!deleting) wakePools(look, entra, licenses.wanted);
  return {
    protection: protectionOf(look, entra ?? found.deleted),
    driftRules: access.tenant.spec.drift,
    hold: deps.massChanges.holdOf(user, access.tenant),
    viewAgeMs: deps.nowMs() - view.lastReadMs,
    pollMs: deps.pollMs,
    directoryMode: directoryModeOf(look),
    authority: access.tenant.spec.identity?.authority,
    passwords: access.tenant.spec.identity?.passwords ?? 'Both',
    federatedDomains: federatedDomainsOf(access.tenant),
    initialDomain: access.tenant.status?.initialDomain,
    unverifiedDomain: unverifiedDomainOf(user, access.tenant),
    ...found,
    activeDirectory,
    isOutside,
    hasPasswordSecret: await hasPasswordSecret(look, { entra, activeDirectory }),
    licenses: licenses.wanted,
    surplus: licenses.surplus,
    unknownPools: licenses.unknownPools,
    outsideChanges:
      entra === undefined ? [] : access.clients.outsideChanges(access.tenantId).of(entra.id),
    licenseFindings: findingsOf(view, entra),
    ...groupsOf(look, entra),
    ...asked,
    ...(directory === undefined
      ? unwritten(look)
      : await lookInDirectory(look, directory, activeDirectory)),
    manager: managerOf(look),
  };
}

/** What is ours in Active Directory would stay behind: the sync server goes first. */
function requireNoFence({ metadata, status }: M365User, tenant: M365Tenant): void {
  if (metadata.deletionTimestamp === undefined || status?.objectGuid === undefined) return;
  if (!isFenced(tenant)) return;
  throw wait('a sync server writes this tenant: the accounts are removed once it is off', {
    reason: 'DirectorySyncActive',
  });
}

/** To let it go: its accounts are kept as they are, or there can be none, or they are gone. Then no parent may hold it. */
function needsNothing({ cluster, nowMs }: Deps, user: M365User): boolean {
  const { metadata, spec, status } = user;
  if (metadata.deletionTimestamp === undefined) return isGone(user, nowMs());
  const hasRecord = status?.entraId !== undefined || status?.objectGuid !== undefined;
  return spec.deletionPolicy === 'Retain' || (!hasRecord && !mayHaveAccounts(cluster, user));
}

/** An account may have been made, and the process have stopped before the record was stored. */
function mayHaveAccounts(cluster: Cluster, { metadata, spec }: M365User): boolean {
  const { namespace } = metadata;
  const tenant = cluster.get<M365Tenant>('M365Tenant', namespace, spec.tenantRef.name);
  if (tenant === undefined || !isTrue(tenant, 'AccessReady')) return false;
  const [, connectionNamespace = '', name = ''] = connectionKeyOf(tenant).split('/');
  const connection = cluster.get('PartnerConnection', connectionNamespace, name);
  return connection !== undefined && isTrue(connection, 'Ready');
}

const nothingObserved: ObservedUser = {
  driftRules: undefined,
  hold: undefined,
  isReadBack: true,
  viewAgeMs: 0,
  pollMs: 60_000,
  protection: undefined,
  directoryMode: 'None',
  passwords: 'Both',
  federatedDomains: [],
  initialDomain: undefined,
  unverifiedDomain: undefined,
  ...nothingFound,
  activeDirectory: undefined,
  isOutside: false,
  organizationalUnit: undefined,
  samAccountName: undefined,
  hasPasswordSecret: undefined,
  licenses: [],
  surplus: [],
  unknownPools: [],
  outsideChanges: [],
  licenseFindings: [],
  groups: [],
  formerGroups: [],
  extraGroups: [],
  memberships: [],
  lostMemberships: [],
  directoryGroups: [],
  manager: undefined,
};

/** Looked at only while an account is still to be made: afterwards the password is the person's own. */
async function hasPasswordSecret(
  { deps, user, access, signal }: Look,
  accounts: Pick<ObservedUser, 'entra' | 'activeDirectory'>,
): Promise<boolean | undefined> {
  const secretName = user.spec.initialPassword?.secretName;
  const needsDirectory = directoryModeOf({ user, access }) === 'Managed';
  const isMade =
    accounts.entra !== undefined && (!needsDirectory || accounts.activeDirectory !== undefined);
  if (secretName === undefined || isMade) return undefined;
  const data = await deps.cluster.readSecret(user.metadata.namespace, secretName, signal);
  return data !== undefined && !isExpired(user, data);
}

interface Licenses {
  readonly wanted: readonly WantedLicense[];
  readonly surplus: ObservedUser['surplus'];
  readonly unknownPools: readonly string[];
}

function licensesOf(look: Look, entra: EntraUser | undefined): Licenses {
  const { deps, user, access } = look;
  const names = poolsAt(user, access.tenant, deps.nowMs());
  const wanted: WantedLicense[] = [];
  const unknownPools: string[] = [];
  for (const name of names) {
    const sku = skuOfPool(look, name);
    if (sku === null) unknownPools.push(name);
    else wanted.push(wantedLicense(look, name, { sku, entra }));
  }
  const keeps = new Set(wanted.map(({ skuId }) => skuId));
  const surplus = (user.status?.licenses ?? [])
    .filter((name) => !names.includes(name))
    .flatMap((pool) => {
      const sku = skuOfPool(look, pool);
      return sku && !keeps.has(sku.skuId) ? [{ pool, skuId: sku.skuId }] : [];
    });
  return { wanted, surplus, unknownPools };
}

/** null: there is no such pool of this tenant; undefined: its SKU has not arrived in the directory. */
function skuOfPool(
  { deps, user, access, view }: Look,
  name: string,
): SubscribedSku | null | undefined {
  const pool = deps.cluster.get<LicensePool>('LicensePool', user.metadata.namespace, name);
  if (pool === undefined || pool.spec.tenantRef.name !== user.spec.tenantRef.name) return null;
  const offer = access.connection.spec.catalog?.find((item) => item.name === pool.spec.offer);
  return view.skus.find(({ skuPartNumber }) => skuPartNumber === offer?.skuPartNumber);
}

function wantedLicense(
  { user, access, view }: Look,
  pool: string,
  {
    sku,
    entra,
  }: { readonly sku: SubscribedSku | undefined; readonly entra: EntraUser | undefined },
): WantedLicense {
  if (sku === undefined) return { pool, skuId: undefined, disabledPlans: [], hasFreeSeat: false };
  const disabledPlans = disabledPlansOf(user, access.tenant, sku);
  const holds = entra?.assignedLicenses.some(({ skuId }) => skuId === sku.skuId) === true;
  const used = Math.max(view.assignedUsers(sku.skuId), holds ? 0 : sku.consumedUnits);
  return { pool, skuId: sku.skuId, disabledPlans, hasFreeSeat: holds || used < sku.units };
}

function findingsOf(view: DirectoryView, entra: EntraUser | undefined): readonly LicenseFinding[] {
  if (entra === undefined) return [];
  const nameOf = (id: string): string =>
    view.skus.find(({ skuId }) => skuId === id)?.skuPartNumber ?? id;
  return licenseFindings(entra, nameOf);
}

/** A pool counts who waits; it learns of a waiting user here. */
function wakePools(
  look: Look,
  entra: EntraUser | undefined,
  wanted: readonly WantedLicense[],
): void {
  const { user, view } = look;
  // An edit may set the day on which a seat becomes free, or from which on one is needed.
  const isEdited = user.status?.observedGeneration !== user.metadata.generation;
  const isLeaving = isEdited && freesSeatsAtMs(user) !== undefined;
  if (isEdited) wakePoolsOfStart(look);
  for (const { pool, skuId, hasFreeSeat } of wanted) {
    const holds = entra?.assignedLicenses.some((license) => license.skuId === skuId) === true;
    if ((holds || hasFreeSeat) && !isLeaving) continue;
    if (!holds) view.wantSeat();
    wakePool(look, pool);
  }
}

function wakePoolsOfStart(look: Look): void {
  const { deps, user, access } = look;
  if (!startsLater(user, deps.nowMs())) return;
  for (const pool of poolsOf(user, access.tenant)) wakePool(look, pool);
}

function wakePool({ deps, user }: Look, pool: string): void {
  deps.wake(objectKey('LicensePool', user.metadata.namespace, pool), 'dependant');
}

/** Seats: pools, direct assignment, assignment by group (graph.md 5). */
import type { World } from '../world.ts';
import type { Directory, LicenseState, Subscription, User } from './directory.ts';
import { assignedLicenses, saveUser } from './records.ts';

export interface Pool {
  readonly skuId: string;
  readonly skuPartNumber: string;
  readonly enabled: number;
  readonly warning: number;
  readonly suspended: number;
  readonly lockedOut: number;
  readonly consumed: number;
  readonly subscriptions: readonly Subscription[];
}

/** One pool per SKU: the seats of all its subscriptions. Deleted ones count no more. */
export function pools(directory: Directory): Pool[] {
  const bySku = Map.groupBy(directory.subscriptions.values(), (subscription) => subscription.skuId);
  return [...bySku].flatMap(([skuId, subscriptions]) => {
    const first = subscriptions[0];
    if (!first) return [];
    const seats = (status: Subscription['status']) =>
      subscriptions
        .filter((subscription) => subscription.status === status)
        .reduce((sum, subscription) => sum + subscription.seats, 0);
    return [
      {
        skuId,
        skuPartNumber: first.skuPartNumber,
        enabled: seats('Enabled'),
        warning: seats('Warning'),
        suspended: seats('Suspended'),
        lockedOut: seats('LockedOut'),
        consumed: directory.seatsInUse.get(skuId) ?? 0,
        subscriptions,
      },
    ];
  });
}

export function findPool(directory: Directory, skuId: string): Pool | undefined {
  return pools(directory).find((pool) => pool.skuId.toLowerCase() === skuId.toLowerCase());
}

/** Units that may still be assigned. Grace (warning) still counts, suspended does not (graph.md 5.1). */
export function freeUnits(pool: Pool): number {
  return pool.enabled + pool.warning - pool.consumed;
}

export function hasSeat(user: User, skuId: string): boolean {
  return assignedLicenses(user.licenses).some((license) => license.skuId === skuId);
}

/** Brings the licences that a user has through groups in line with membership and free seats. */
export function settleUser(world: World, directory: Directory, userId: string): void {
  const user = directory.users.live(userId);
  if (!user) return;
  const wanted = directory.memberships
    .groups(userId, directory.log.last)
    .filter((groupId) => directory.licensedGroups.has(groupId))
    .flatMap((groupId) =>
      (directory.groups.live(groupId)?.licenses ?? []).map((license) => ({ groupId, ...license })),
    );
  const direct = user.licenses.filter((license) => license.assignedByGroup === undefined);
  const inherited: LicenseState[] = [];
  for (const want of wanted) {
    const before = user.licenses.find(
      (known) => known.assignedByGroup === want.groupId && known.skuId === want.skuId,
    );
    const error = groupLicenseError(directory, { user, held: [...direct, ...inherited], want });
    const next: LicenseState = {
      skuId: want.skuId,
      disabledPlans: want.disabledPlans,
      assignedByGroup: want.groupId,
      state: error === 'None' ? 'Active' : 'Error',
      error,
      updatedMs: world.clock.nowMs(),
    };
    inherited.push(before && isSame(before, next) ? before : next);
  }
  const licenses = [...direct, ...inherited];
  if (JSON.stringify(licenses) !== JSON.stringify(user.licenses)) {
    saveUser(directory, { ...user, licenses });
  }
}

export function settleGroup(world: World, directory: Directory, groupId: string): void {
  for (const userId of directory.memberships.members(groupId, directory.log.last)) {
    settleUser(world, directory, userId);
  }
}

/** After the number of seats changed: waiting members get theirs, in order of joining. */
export function settleGroupLicenses(world: World, directory: Directory): void {
  for (const groupId of directory.licensedGroups) settleGroup(world, directory, groupId);
}

function groupLicenseError(
  directory: Directory,
  options: {
    readonly user: User;
    readonly held: readonly LicenseState[];
    readonly want: { readonly skuId: string };
  },
): string {
  const { user, held, want } = options;
  const isHeld = held.some((license) => license.skuId === want.skuId && license.state === 'Active');
  if (isHeld || hasSeat(user, want.skuId)) return 'None';
  const pool = findPool(directory, want.skuId);
  return pool && freeUnits(pool) > 0 ? 'None' : 'CountViolation';
}

function isSame(a: LicenseState, b: LicenseState): boolean {
  return JSON.stringify({ ...a, updatedMs: 0 }) === JSON.stringify({ ...b, updatedMs: 0 });
}

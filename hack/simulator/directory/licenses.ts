/** Seats: the pools of a tenant (graph.md 5.1). */
import type { Directory, Subscription, User } from './directory.ts';
import { assignedLicenses } from './records.ts';

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

/**
 * Who waits for a seat of a pool. Pure.
 *
 * | a person who wants the licence, and lacks it | waits |
 * | -------------------------------------------- | ----- |
 * | cannot have an account yet, goes, is paused  | no    |
 * | has left, and gives the seat back            | no    |
 * | starts later                                 | no    |
 * | others took it: drift that is set back       | yes   |
 * | others took it: drift that is left so        | no    |
 * | never had it as it is declared now           | yes   |
 * | … under Ignore, or accepted to be without    | no    |
 */
import type { EntraUser, SubscribedSku } from '../../clients/graph/port.ts';
import { appliedPaths } from '../../core/applied-record.ts';
import { policyOf } from '../../core/drift.ts';
import type { M365Tenant, M365User } from '../../core/objects.ts';
import { disabledPlansOf, licenseField, poolsAt, unverifiedDomainOf } from '../plans.ts';

interface Seat {
  /** Name of the LicensePool. */
  readonly pool: string;
  readonly tenant: M365Tenant;
  /** Undefined: it has not arrived in the directory. */
  readonly sku: Pick<SubscribedSku, 'skuId' | 'servicePlans'> | undefined;
  /** Undefined: there is none yet. */
  readonly account: EntraUser | undefined;
  readonly nowMs: number;
}

export function isWaiting(user: M365User, seat: Seat): boolean {
  const { pool, tenant, sku, account } = seat;
  // First, as it is true of nearly everybody.
  if (account?.assignedLicenses.some(({ skuId }) => skuId === sku?.skuId) === true) return false;
  if (user.metadata.deletionTimestamp !== undefined || user.spec.suspend === true) return false;
  if (!poolsAt(user, tenant, seat.nowMs).includes(pool) || goesWithout(user, seat)) return false;
  // No seat is bought for somebody who cannot have an account yet.
  return unverifiedDomainOf(user, tenant) === undefined;
}

/** As the person's own plan has it (core/drift.ts), without waiting for its next look. */
function goesWithout(user: M365User, { pool, tenant, sku, nowMs }: Seat): boolean {
  const field = licenseField(pool, disabledPlansOf(user, tenant, sku));
  const isAccepted = user.spec.acceptedDrift?.some(
    (one) => one.field === field.path && one.value === undefined && Date.parse(one.until) > nowMs,
  );
  if (isAccepted === true) return true;
  const policy = user.spec.driftPolicy ?? policyOf(tenant.spec.drift, user.kind, field.path);
  if (policy === 'Correct' || policy === 'Ignore') return policy === 'Ignore';
  return appliedPaths(user.status?.lastApplied ?? '', [field]).has(field.path);
}

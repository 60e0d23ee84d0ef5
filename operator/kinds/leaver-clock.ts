/** How long the accounts of who has left are kept. Pure. */
import type { LeaverStatus } from '../api/user-leaver.ts';
import type { M365User } from '../core/objects.ts';
import { hasLeft } from './plans.ts';

const dayMs = 24 * 60 * 60_000;

type Clock = Pick<LeaverStatus, 'heldSince' | 'heldSeconds' | 'deleteAfter'>;

/** The days run from the moment at which the person was blocked; what legalHold lasted comes on top. */
export function clockOf(spec: M365User['spec'], before: LeaverStatus, nowMs: number): Clock {
  const { blockedAt, heldSince, heldSeconds } = before;
  if (blockedAt === undefined) return {};
  if (spec.legalHold === true) {
    return { heldSince: heldSince ?? iso(nowMs), heldSeconds, deleteAfter: undefined };
  }
  const lastMs = heldSince === undefined ? 0 : nowMs - Date.parse(heldSince);
  const held = (heldSeconds ?? 0) + Math.max(0, Math.round(lastMs / 1000));
  const days = spec.retentionDays;
  return {
    heldSince: undefined,
    heldSeconds: held === 0 ? undefined : held,
    deleteAfter:
      days === undefined ? undefined : iso(Date.parse(blockedAt) + days * dayMs + held * 1000),
  };
}

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** The accounts are gone: there is nothing to look at outside while the person stays away. */
export function isGone(user: M365User, nowMs: number): boolean {
  return hasLeft(user, nowMs) && user.status?.leaver?.deletedAt !== undefined;
}

/** The days of retention are over, or were when the accounts were deleted. */
export function isRetentionOver(user: M365User, nowMs: number): boolean {
  const { spec } = user;
  const before = user.status?.leaver;
  if (!hasLeft(user, nowMs) || before === undefined) return false;
  if (before.deletedAt !== undefined) return true;
  const { deleteAfter } = clockOf(spec, before, nowMs);
  return deleteAfter !== undefined && Date.parse(deleteAfter) <= nowMs;
}

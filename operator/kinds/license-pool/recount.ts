/**
 * While people are being served, each that gets its seat changes the counts, and every one of those would be a write that
 * tells nobody anything. Pure, but for the memory of when counts were shown last.
 *
 * | counts beside those in status                                   | shown                  |
 * | --------------------------------------------------------------- | ---------------------- |
 * | the same; or nobody waits any more                              | now                    |
 * | other seats are bought, wanted or there; a step; not Ready      | now                    |
 * | only how many of them hold a seat already, and how many wait    | once in ten seconds    |
 */
import type { LicensePoolStatus } from '../../api/license-pool.ts';
import type { LicensePool } from '../../core/objects.ts';
import type { ObservedPool } from './observed.ts';
import type { PoolPlan } from './plan.ts';

const recountMs = 10_000;

type Seats = LicensePoolStatus['seats'];

export type CountedPool = ObservedPool & {
  /** Counts were not shown a moment ago. */
  readonly isRecountDue: boolean;
};

export class Recounts {
  /** By the pool's UID. */
  readonly #shownMs = new Map<string, number>();

  isDue({ metadata, status }: LicensePool, counts: ObservedPool, nowMs: number): boolean {
    const shown = status?.seats;
    if (metadata.deletionTimestamp !== undefined) {
      this.#shownMs.delete(metadata.uid);
      return true;
    }
    if (shown?.assigned === counts.assigned && shown.reserved === counts.reserved) return true;
    const shownMs = this.#shownMs.get(metadata.uid) ?? Number.NEGATIVE_INFINITY;
    if (counts.reserved > 0 && nowMs - shownMs < recountMs) return false;
    this.#shownMs.set(metadata.uid, nowMs);
    return true;
  }
}

export function asShown(
  { status }: LicensePool,
  plan: PoolPlan,
  { isRecountDue }: CountedPool,
): PoolPlan {
  if (isRecountDue || !isOnlyRecounted(status?.seats, plan)) return plan;
  const { seats, money, explanation } = status ?? {};
  const soon = plan.next.look === 'after' && plan.next.delayMs <= recountMs;
  return {
    ...plan,
    status: { ...plan.status, seats, money, explanation },
    next: soon ? plan.next : { look: 'after', delayMs: recountMs, reason: 'Recount' },
  };
}

/** All has its seat, or gets it: nothing is bought, and the same is wanted. */
function isOnlyRecounted(shown: Seats, { actions, conditions, status }: PoolPlan): boolean {
  const isReady = conditions.some((c) => c.type === 'Ready' && c.status === 'True');
  const same = (['bought', 'target', 'available'] as const).every(
    (name) => shown?.[name] === status.seats?.[name],
  );
  return isReady && same && actions.length === 0;
}

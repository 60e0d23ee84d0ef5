/**
 * What happens to the subscriptions of a pool that is deleted.
 *
 * | deletionPolicy  | subscriptions                                   | done                                   | released |
 * | --------------- | ----------------------------------------------- | -------------------------------------- | -------- |
 * | Retain          | any                                             | nothing                                | at once  |
 * | ReduceAtRenewal | renew with idle seats                           | ScheduleRenewal: without them          | after    |
 * | Cancel          | would go on                                     | SetEndOfTerm Cancel                    | after    |
 * | Cancel          | in use, and not confirmed                       | none; Deleting says how to confirm     | no       |
 * | any but Retain  | purchase under way, or being renewed            | none: looked at again                  | no       |
 */
import { notReady } from '../../core/conditions.ts';
import type { LicensePool } from '../../core/objects.ts';
import { onChange } from '../../core/plan.ts';
import type { SeatInput } from '../../core/seats/input.ts';
import type { SeatLine } from '../../core/seats/output.ts';
import { planSeats } from '../../core/seats/plan.ts';
import { actionOf } from './actions.ts';
import type { ObservedPool } from './observed.ts';
import type { PoolPlan } from './plan.ts';
import { orderedSeats, seatInput } from './seat-input.ts';

const againMs = 60_000;

export function planDeletion(pool: LicensePool, observed: ObservedPool, nowMs: number): PoolPlan {
  if (pool.spec.deletionPolicy === 'Retain' || observed.offer === undefined) return kept;
  const lines = planSeats(lastInput(pool, observed, nowMs)).lines.filter(isOfTermEnd);
  const actions = lines
    .filter(({ state }) => state === 'Due')
    .slice(0, 1)
    .flatMap((line) => actionOf(line, observed.currency) ?? []);
  const held = lines.find(({ hold }) => hold !== undefined && hold.reason !== 'PlanOnly')?.hold;
  const isWaiting = held !== undefined || orderedSeats(pool, observed) > 0;
  return {
    ...kept,
    actions,
    conditions: [notReady('Deleting', held?.message ?? 'the end of the term is being set')],
    released: actions.length === 0 && !isWaiting,
    next: isWaiting ? { look: 'after', delayMs: againMs, reason: 'Deleting' } : onChange,
  };
}

const kept: PoolPlan = {
  actions: [],
  conditions: [notReady('Deleting', 'the subscription and its seats are kept')],
  status: {},
  released: true,
  next: onChange,
};

/** Nobody is given a seat any more, and those that are idle are not worth keeping. */
function lastInput(pool: LicensePool, observed: ObservedPool, nowMs: number): SeatInput {
  const input = seatInput(pool, observed, nowMs);
  const declared = pool.spec.deletionPolicy === 'Cancel' ? 'Cancel' : 'Reduce';
  return {
    ...input,
    // What can be given back this week waits for the renewal like the rest: nothing is promised for today.
    subscriptions: input.subscriptions.map((one) => ({
      ...one,
      refundable: [],
      cancellableUntilMs: undefined,
    })),
    bounds: { min: 0, max: input.bounds.max },
    buffer: undefined,
    renewalHorizonMs: Number.MAX_SAFE_INTEGER,
    modes: { increase: 'Observe', decrease: 'Auto' },
    endOfTerm: { declared, isConfirmed: input.endOfTerm.isConfirmed },
  };
}

function isOfTermEnd({ action }: SeatLine): boolean {
  return !['Purchase', 'Increase', 'Decrease', 'Cancel'].includes(action);
}

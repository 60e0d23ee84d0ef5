/**
 * Renewals whose number of seats we set: remembered until they are through. Pure.
 *
 * | what was set before | the subscription                                   | remembered | counted                    |
 * | ------------------- | -------------------------------------------------- | ---------- | -------------------------- |
 * | …                   | has it in force                                    | as it is   |                            |
 * | …                   | has lost it, and it is sent again                  | yes        |                            |
 * | …                   | has lost it, and it is not wanted any more         | no         |                            |
 * | …                   | is being renewed                                   | yes        |                            |
 * | …                   | is in a new term, with that number of seats        | no         | seats left out, what they would have cost in the term that began |
 * | …                   | is in a new term with other seats, or gone         | no         |                            |
 */
import type { LicensePoolStatus } from '../../api/license-pool.ts';
import { linesMax } from '../../api/seats.ts';
import type { LicensePool } from '../../core/objects.ts';
import type { Figure } from '../../core/plan.ts';
import { isLocked, owedPerSeat, times } from '../../core/seats/commerce.ts';
import type { SeatInput, SeatSubscription } from '../../core/seats/input.ts';
import type { SeatPlan } from '../../core/seats/output.ts';
import { moneySaved, seatsChanged } from '../seat-counts.ts';
import { iso } from './time.ts';

type Issued = NonNullable<LicensePoolStatus['issued']>[number];

/** Those that are in force, and those that were lost and are to be sent again. */
export function issuedOf(
  pool: LicensePool,
  plan: SeatPlan,
  input: SeatInput,
): LicensePoolStatus['issued'] {
  const found = plan.lines
    .filter(({ action, state }) => state === 'Set' && action.startsWith('Schedule'))
    .flatMap(({ action, subscriptionId, to, quantity, effectiveMs }) =>
      subscriptionId === undefined
        ? []
        : [
            {
              subscriptionId,
              quantity: to,
              termEnd: iso(effectiveMs),
              ...(action === 'ScheduleDecrease' ? { fewer: quantity } : {}),
            },
          ],
    );
  const known = (pool.status?.issued ?? []).filter(
    (one) =>
      isAwaited(one, plan, input) &&
      !found.some(({ subscriptionId }) => subscriptionId === one.subscriptionId),
  );
  const all = [...found, ...known].toSorted((a, b) =>
    a.subscriptionId.localeCompare(b.subscriptionId),
  );
  return all.length === 0 ? undefined : all.slice(0, linesMax);
}

/** It is sent again, or Microsoft works on the renewal. */
function isAwaited(issued: Issued, { lines }: SeatPlan, input: SeatInput): boolean {
  const term = termOf(issued, input);
  if (term?.isRunning !== true) return false;
  return (
    isLocked(term.one, input.nowMs) ||
    lines.some(
      ({ action, subscriptionId }) =>
        action === 'Reissue' && subscriptionId === issued.subscriptionId,
    )
  );
}

/** Of renewals that went through as set since the last look. */
export function renewedFigures(pool: LicensePool, input: SeatInput): readonly Figure[] {
  return (pool.status?.issued ?? []).flatMap((issued) => {
    const { quantity, fewer = 0 } = issued;
    const term = termOf(issued, input);
    if (term === undefined || term.isRunning || term.one.quantity !== quantity) return [];
    const { one } = term;
    const amount = times(owedPerSeat(one, one.termStartMs, one.termEndMs), fewer);
    return [...seatsChanged(-fewer, 'us'), ...moneySaved(amount, input.currency)];
  });
}

/** `isRunning`: still the one that it was set for. Undefined: the subscription is gone. */
function termOf(
  { subscriptionId, termEnd }: Issued,
  { subscriptions }: SeatInput,
): { readonly one: SeatSubscription; readonly isRunning: boolean } | undefined {
  const one = subscriptions.find(({ id }) => id === subscriptionId);
  return one && { one, isRunning: one.termEndMs <= Date.parse(termEnd) };
}

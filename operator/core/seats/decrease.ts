/**
 * What goes at once: only what Microsoft takes back at this moment, dearest first. Pure.
 *
 * | idle seats, and a subscription of our own with                     | line            |
 * | ------------------------------------------------------------------ | --------------- |
 * | open batches                                                       | Decrease by them |
 * | all its seats idle, its cancellation window open, others staying   | Cancel, whole   |
 * | an operation that runs, on any of them                             | none before its outcome is seen |
 * | batches that are closed                                            | none: renewal.ts |
 * | a minimum quantity                                                 | down to it      |
 */
import {
  firstClosingMs,
  isActive,
  isCancellable,
  isLocked,
  isWritable,
  owedPerSeat,
  refundableSeats,
  threeYearCost,
} from './commerce.ts';
import { changeNow, type Draft } from './draft.ts';
import type { SeatInput, SeatSubscription } from './input.ts';

/** `idle`: seats that may go. The lines together are never more. */
export function decreases(input: SeatInput, idle: number): readonly Draft[] {
  const { nowMs, subscriptions } = input;
  // What runs may take the seats already.
  if (subscriptions.some((one) => isWritable(one) && one.isBusy === true)) return [];
  const open = subscriptions
    .filter((one) => isActive(one) && !one.isTrial && !isLocked(one, nowMs))
    .filter((one) => mostNow(one, nowMs) > 0)
    .toSorted(byOrder);
  let staying = subscriptions.filter((one) => isActive(one) && !one.isTrial).length;
  let left = idle;
  const drafts: Draft[] = [];
  for (const one of open) {
    const isWhole = staying > 1 && one.quantity <= left && isCancellable(one, nowMs);
    const quantity = isWhole ? one.quantity : Math.min(left, mostInPart(one, nowMs));
    if (quantity <= 0) continue;
    if (isWhole) staying -= 1;
    left -= quantity;
    drafts.push(draftOf(input, one, { quantity, isWhole }));
  }
  return drafts;
}

/** Ours first, since the others can only be asked for; then the dearest, and the window that closes first. */
function byOrder(a: SeatSubscription, b: SeatSubscription): number {
  return (
    Number(isWritable(b)) - Number(isWritable(a)) ||
    (threeYearCost(b) ?? 0) - (threeYearCost(a) ?? 0) ||
    (firstClosingMs(a, 0) ?? 0) - (firstClosingMs(b, 0) ?? 0) ||
    a.id.localeCompare(b.id)
  );
}

function mostInPart(one: SeatSubscription, nowMs: number): number {
  const least = Math.max(1, one.minimumQuantity);
  return Math.max(0, Math.min(refundableSeats(one, nowMs), one.quantity - least));
}

function mostNow(one: SeatSubscription, nowMs: number): number {
  return isCancellable(one, nowMs) ? one.quantity : mostInPart(one, nowMs);
}

function draftOf(
  input: SeatInput,
  one: SeatSubscription,
  { quantity, isWhole }: { readonly quantity: number; readonly isWhole: boolean },
): Draft {
  const { nowMs } = input;
  const from = one.quantity;
  const closes = firstClosingMs(one, nowMs) ?? one.termEndMs;
  const deadlineMs = isWhole ? (one.cancellableUntilMs ?? closes) : closes;
  const sketch = {
    action: isWhole ? 'Cancel' : 'Decrease',
    from,
    to: from - quantity,
    reason: isWhole
      ? 'every seat of it is idle, and it can still be cancelled'
      : 'idle, and Microsoft still takes them back',
  } as const;
  const draft = changeNow(sketch, one, { nowMs, deadlineMs });
  return { ...draft, subscriptionId: one.id, saved: lostToTermEnd(one, quantity, nowMs) };
}

/** What is lost where seats that could go now go at the end of the term. */
export function lostToTermEnd(one: SeatSubscription, quantity: number, nowMs: number) {
  const seat = owedPerSeat(one, nowMs, one.termEndMs);
  return seat === undefined ? undefined : seat * quantity;
}

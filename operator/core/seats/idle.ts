/** Where the idle seats are, and what they cost until they go. Pure. */
import { owedPerSeat, times, total } from './commerce.ts';
import { lostToTermEnd } from './decrease.ts';
import type { Draft } from './draft.ts';
import type { SeatInput } from './input.ts';
import type { IdleSeats, SeatLine } from './output.ts';
import type { Renewal } from './renewal.ts';

export function idleSeats(
  seats: { readonly total: number; readonly kept: number },
  dropping: readonly Draft[],
  droppable: Renewal['droppable'],
): IdleSeats {
  const free = seats.total - seats.kept;
  const droppableNow = Math.min(
    free,
    dropping.reduce((sum, { quantity }) => sum + quantity, 0),
  );
  let left = free - droppableNow;
  const droppableAt = droppable.flatMap(({ atMs, quantity }) => {
    const share = Math.min(left, quantity);
    left -= share;
    return share === 0 ? [] : [{ atMs, quantity: share }];
  });
  return { ...seats, droppableNow, droppableAt, never: left };
}

/** `lines`: what is to be done now; `renewing`: what goes at the end of terms were all of that done. */
export function moneyWaiting(
  input: SeatInput,
  idle: IdleSeats,
  { lines, renewing }: { readonly lines: readonly SeatLine[]; readonly renewing: readonly Draft[] },
): number | undefined {
  const held = lines
    .filter(
      ({ action, state }) => state === 'Held' && (action === 'Decrease' || action === 'Cancel'),
    )
    .map((line) => {
      const one = input.subscriptions.find(({ id }) => id === line.subscriptionId);
      return one === undefined ? 0 : lostToTermEnd(one, line.quantity, input.nowMs);
    });
  let left = idle.droppableAt.reduce((sum, { quantity }) => sum + quantity, 0);
  const later = renewing
    .filter(({ from, to }) => to < from)
    .toSorted((a, b) => a.effectiveMs - b.effectiveMs)
    .map((draft) => {
      const share = Math.min(left, draft.quantity);
      left -= share;
      const one = input.subscriptions.find(({ id }) => id === draft.subscriptionId);
      if (one === undefined || share === 0) return 0;
      return times(owedPerSeat(one, input.nowMs, draft.effectiveMs), share);
    });
  return total([...held, ...later]);
}

/** How many seats there should be, and what may be done about it now. Pure, integers only. */
import { affordableIdleSeats } from './money.ts';

export interface SeatDemand {
  readonly assigned: number;
  /** Declared users that wait for a seat. */
  readonly reserved: number;
  readonly min: number;
  readonly max: number;
  readonly buffer:
    | { readonly count: number; readonly marginFloorPercent: number | undefined }
    | undefined;
  readonly cost: number;
  readonly price: number;
}

/** Buffer that the margin floor allows. */
export function effectiveBuffer(demand: SeatDemand): number {
  const { buffer, assigned, reserved, cost, price } = demand;
  if (buffer === undefined) return 0;
  if (buffer.marginFloorPercent === undefined) return buffer.count;
  const affordable = affordableIdleSeats({
    assigned: assigned + reserved,
    cost,
    price,
    floorPercent: buffer.marginFloorPercent,
  });
  return Math.min(buffer.count, affordable);
}

/** Never below what is assigned, also where that is above max. */
export function targetSeats(demand: SeatDemand): number {
  const { assigned, reserved, min, max } = demand;
  const wanted = Math.max(min, assigned + reserved + effectiveBuffer(demand));
  return Math.max(assigned, Math.min(max, wanted));
}

/** Seats that Microsoft takes back at this moment. */
export function refundableNow(
  batches: readonly { readonly quantity: number; readonly until: string }[],
  nowMs: number,
): number {
  return batches
    .filter((batch) => Date.parse(batch.until) > nowMs)
    .reduce((sum, batch) => sum + batch.quantity, 0);
}

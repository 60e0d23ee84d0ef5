/** A line before it is known what holds it. */
import { chargePerSeat, perMonth, threeYearCost, times } from './commerce.ts';
import type { BillingCycle } from './input.ts';
import type { LineAction, SeatLine } from './output.ts';

export type Draft = Omit<SeatLine, 'state' | 'hold' | 'hash'> & {
  /** Whose mode lets it through; undefined: it needs none. */
  readonly asks?: 'increase' | 'decrease';
  /** Found in force. */
  readonly isSet?: boolean;
  /** Whose own hold it carries, before mode, approval and guardrails are asked. */
  readonly hold?: SeatLine['hold'];
  /** Of one seat for three years; what the hash knows of the price. */
  readonly seatCost: number | undefined;
};

interface Priced {
  readonly cost: number | undefined;
  readonly billingCycle: BillingCycle;
  readonly termStartMs: number;
  readonly termEndMs: number;
}

interface Sketch {
  readonly action: LineAction;
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

/** A change of seats that happens at once: what it costs a month, and what is charged for the running cycle. */
export function changeNow(
  sketch: Sketch,
  priced: Priced,
  { nowMs, deadlineMs }: { readonly nowMs: number; readonly deadlineMs: number },
): Draft {
  const change = sketch.to - sketch.from;
  return {
    ...sketch,
    quantity: Math.abs(change),
    asks: change > 0 ? 'increase' : 'decrease',
    earliestMs: nowMs,
    deadlineMs,
    effectiveMs: nowMs,
    saving: monthly(priced, -change),
    charge: times(chargePerSeat(priced, nowMs), change),
    lostUntilThen: 0,
    seatCost: threeYearCost(priced),
  };
}

/** Cost of so many seats a month; rounded once. */
export function monthly(
  priced: { readonly cost: number | undefined; readonly billingCycle: BillingCycle },
  quantity: number,
): number | undefined {
  const cost = threeYearCost(priced);
  return cost === undefined ? undefined : perMonth(cost * quantity);
}

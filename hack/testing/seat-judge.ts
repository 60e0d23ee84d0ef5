/** What must hold of a pool at every moment, reckoned without the planner. A breach throws. */
import type { SeatPlan } from '../../operator/core/seats/output.ts';
import {
  type Commerce,
  day,
  type Held,
  lastMinute,
  midnight,
  nextQuantity,
} from './seat-commerce.ts';

export interface Situation {
  readonly commerce: Commerce;
  readonly min: number;
  readonly buffer: number;
  readonly horizonDays: number;
  readonly mayDecrease: boolean;
  readonly assigned: number;
  readonly waiting: number;
  readonly starting: readonly number[];
  readonly leaving: readonly number[];
  /** Bought, and not there yet. */
  readonly underWay: number;
}

export function expectSeatsForAll({ commerce, underWay, assigned }: Situation): void {
  const seats = commerce.seats - underWay;
  if (seats < assigned) throw new Error(`${assigned} people on ${seats} seats`);
}

/** Once nothing is left to do. `nowMs`: by the operator's clock. */
export function expectSettled(situation: Situation, { money }: SeatPlan, nowMs: number): void {
  const { commerce, underWay } = situation;
  // In the last minute of a term nothing is begun that the renewal could cut off.
  const isHeld = (held: Held): boolean =>
    !commerce.isWritable(held) || held.termEnd - commerce.now <= lastMinute;
  if (underWay > 0 || commerce.active.some(isHeld)) return;
  expectAsWanted(situation, nowMs);
  if (midnight(nowMs) !== midnight(commerce.now)) return;
  if (money.commitmentOwed !== commerce.owed()) {
    throw new Error(`${money.commitmentOwed} is said to be owed, and ${commerce.owed()} is`);
  }
  if (money.cost !== commerce.monthlyCost()) {
    throw new Error(`${money.cost} is said to be the cost, and ${commerce.monthlyCost()} is`);
  }
}

function expectAsWanted(situation: Situation, nowMs: number): void {
  const { commerce, mayDecrease } = situation;
  const wanted = wantedAt(situation, { nowMs, certainAfter: 0 });
  if (commerce.seats < wanted) throw new Error(`${commerce.seats} seats, ${wanted} are wanted`);
  if (!mayDecrease) return;
  for (const held of commerce.active) {
    const idle = Math.min(
      commerce.seats - wanted,
      commerce.refundable(held, lastMinute),
      held.quantity - held.plan.minimum,
    );
    if (idle > 0) throw new Error(`${idle} idle seats of ${held.id} could go, and stay`);
  }
}

/** At the moment in which a window closes: whatever idle seat was in it is kept for the rest of the term. */
export function expectNothingMissed(situation: Situation, closing: readonly Held[]): void {
  const { commerce, mayDecrease } = situation;
  if (!mayDecrease) return;
  const wanted = wantedAt(situation, { nowMs: commerce.now, certainAfter: 0 });
  for (const held of closing) {
    const idle = Math.min(
      commerce.seats - wanted,
      commerce.refundable(held, -1),
      held.quantity - held.plan.minimum,
    );
    if (idle > 0) throw new Error(`the window of ${idle} idle seats of ${held.id} closes`);
  }
}

/** Nobody waits; who starts on a day that was known finds a seat. */
export function expectSeatsForPeople({ commerce, assigned, waiting }: Situation): void {
  const people = assigned + waiting;
  if (commerce.seats < people)
    throw new Error(`${people} people, and ${commerce.seats} seats for them`);
}

/** At the moment in which Microsoft takes the instructions of these for good. */
export function expectInstructions(situation: Situation, ending: readonly Held[]): void {
  const { commerce, mayDecrease } = situation;
  // A leaver is certain a day after his day.
  const wanted = wantedAt(situation, {
    nowMs: commerce.now,
    certainAfter: day,
  });
  const staying = commerce.active.filter((held) => !ending.includes(held));
  const after = [...staying.map(({ quantity }) => quantity), ...ending.map(nextQuantity)].reduce(
    (sum, quantity) => sum + quantity,
    0,
  );
  const before = commerce.active.reduce((sum, { quantity }) => sum + quantity, 0);
  if (after < Math.min(wanted, before)) {
    throw new Error(`${after} seats after the renewal, ${wanted} are wanted`);
  }
  if (!mayDecrease) return;
  for (const held of ending) {
    const idle = Math.min(after - wanted, nextQuantity(held) - held.plan.minimum);
    if (idle > 0) throw new Error(`${idle} idle seats of ${held.id} are renewed`);
  }
}

/** By people at each moment of the horizon, one by one. */
function wantedAt(
  situation: Situation,
  { nowMs, certainAfter }: { readonly nowMs: number; readonly certainAfter: number },
): number {
  const { min, buffer, horizonDays, assigned, waiting, starting, leaving } = situation;
  const until = nowMs + horizonDays * day;
  const moments = [nowMs, ...starting.filter((at) => at > nowMs && at <= until)];
  const people = moments.map((moment) => {
    const came = starting.filter((at) => at <= moment).length;
    const left = leaving.filter((at) => at > nowMs && at + certainAfter <= moment).length;
    return assigned + waiting + came - left;
  });
  return Math.max(min, Math.max(...people) + buffer);
}

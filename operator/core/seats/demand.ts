/** How many seats there should be, at this moment and at a renewal. Pure. */
import { dayMs } from './commerce.ts';
import type { RelatedSeats, SeatInput } from './input.ts';
import { affordableIdle, dearestSeat } from './margin.ts';

/**
 * A leaver counts as gone at a renewal only if the seat is free a day before: a leave date that slips in the last hours
 * must not cost anybody a seat, and the renewal opens a window of its own for a seat that was kept.
 */
const certainAheadMs = dayMs;

export interface Need {
  /** People. */
  readonly needed: number;
  readonly buffer: number;
  readonly target: number;
  /** No decrease goes below it. */
  readonly floor: number;
  /** People beyond `max` (or the base of an add-on), who get no seat. */
  readonly beyondMax: number;
}

export function needAt(input: SeatInput, atMs: number): Need {
  const { demand, nowMs, bounds } = input;
  const gone = leftBy(input, atMs);
  const assigned = Math.max(0, demand.assigned - gone);
  const people = peopleAt(input, atMs);
  const needed = peopleUpTo(input, atMs);
  const base = seatsAt(input.base, atMs) ?? Number.MAX_SAFE_INTEGER;
  const max = Math.min(bounds.max, base);
  // Who has an add-on today keeps it; without its base it is of no use to anybody.
  const most = atMs > nowMs ? base : Number.MAX_SAFE_INTEGER;
  const buffer = bufferFor(input, people);
  const wanted = Math.min(max, Math.max(bounds.min, needed + buffer));
  const consumed = Math.max(0, Math.max(demand.assigned, demand.consumed) - gone);
  return {
    needed,
    buffer: Math.max(0, Math.min(buffer, max - needed)),
    target: Math.min(most, Math.max(assigned, wanted)),
    floor: Math.max(
      seatsAt(input.addOn, atMs) ?? 0,
      Math.min(most, consumed + demand.reserved + (atMs > nowMs ? startedBy(input, atMs) : 0)),
    ),
    beyondMax: Math.max(0, needed - Math.max(max, assigned)),
  };
}

export function seatsAt(related: RelatedSeats | undefined, atMs: number): number | undefined {
  return related?.changes.findLast((change) => change.atMs <= atMs)?.quantity ?? related?.now;
}

/** People for good: when all that are known to come and go have done so. */
export function lastingPeople(input: SeatInput): number {
  return peopleAt(input, Number.POSITIVE_INFINITY);
}

/** When the last of those leaves that are known to. */
export function lastLeaveMs({ demand, nowMs }: SeatInput): number | undefined {
  const times = demand.leaving.map(({ atMs }) => atMs).filter((atMs) => atMs > nowMs);
  return times.length === 0 ? undefined : Math.max(...times);
}

function peopleAt(input: SeatInput, atMs: number): number {
  const { assigned, reserved } = input.demand;
  return Math.max(0, assigned + reserved + startedBy(input, atMs) - leftBy(input, atMs));
}

/** The most people at once from then to the end of the horizon: a leaver's seat is free for who starts at that moment. */
function peopleUpTo(input: SeatInput, atMs: number): number {
  const { demand, horizonMs } = input;
  const moments = demand.starting
    .map((start) => start.atMs)
    .filter((startMs) => startMs > atMs && startMs <= atMs + horizonMs);
  return Math.max(peopleAt(input, atMs), ...moments.map((startMs) => peopleAt(input, startMs)));
}

function startedBy({ demand }: SeatInput, atMs: number): number {
  return demand.starting.filter((start) => start.atMs <= atMs).length;
}

/** Who should have left already and still has the seat, has it. */
function leftBy({ demand, nowMs }: SeatInput, atMs: number): number {
  return demand.leaving.filter((leave) => leave.atMs > nowMs && leave.atMs <= atMs).length;
}

/** The day before is for the needs of a renewal only. */
export function needAtRenewal(input: SeatInput, termEndMs: number): Need {
  const leaving = input.demand.leaving.map(({ atMs }) => ({
    atMs: atMs > input.nowMs ? atMs + certainAheadMs : atMs,
  }));
  return needAt({ ...input, demand: { ...input.demand, leaving } }, termEndMs);
}

function bufferFor(input: SeatInput, people: number): number {
  const { buffer, price } = input;
  if (buffer === undefined) return 0;
  const { count, marginFloorBasisPoints } = buffer;
  if (marginFloorBasisPoints === undefined) return count;
  const cost = dearestSeat(input);
  // A floor that cannot be reckoned is not known to be kept.
  if (cost === undefined || price === undefined) return 0;
  return Math.min(
    count,
    affordableIdle({
      people,
      price,
      threeYearCost: cost,
      floorBasisPoints: marginFloorBasisPoints,
    }),
  );
}

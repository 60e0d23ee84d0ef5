/** Margin of a pool, in integers: a float makes 1 − 160/200 less than 20 %. Pure. */
import {
  isActive,
  isWritable,
  owedPerSeat,
  perMonth,
  threeYearCost,
  times,
  total,
} from './commerce.ts';
import type { SeatInput, SeatSubscription } from './input.ts';
import type { SeatMoney } from './output.ts';

const wholeBasisPoints = 10_000;

/**
 * The most idle seats that keep the margin at or above the floor m: with n people at cost C and price R a month,
 * (n·R − (n+b)·C) / (n·R) ≥ m  ⇔  b ≤ n·(R·(1−m) − C) / C.
 */
export function affordableIdle(options: {
  readonly people: number;
  readonly price: number;
  readonly threeYearCost: number;
  readonly floorBasisPoints: number;
}): number {
  const { people, price, threeYearCost, floorBasisPoints } = options;
  if (threeYearCost === 0) return Number.MAX_SAFE_INTEGER;
  const [whole, cost] = [BigInt(wholeBasisPoints), BigInt(threeYearCost)];
  const kept = BigInt(36 * price) * (whole - BigInt(floorBasisPoints)) - whole * cost;
  return kept <= 0n ? 0 : Number((BigInt(people) * kept) / (whole * cost));
}

/** Idle seats at which nothing is left, in hundredths; below 0 where the seats in use lose money by themselves. */
function breakEven(people: number, price: number, threeYearCost: number): number | undefined {
  if (threeYearCost === 0) return undefined;
  return Math.floor((100 * people * (36 * price - threeYearCost)) / threeYearCost);
}

export function basisPointsOf(margin: number, revenue: number): number {
  if (revenue !== 0) return Math.round((margin * wholeBasisPoints) / revenue);
  return margin === 0 ? 0 : -wholeBasisPoints;
}

/** Seats that the customer bought himself cost the provider nothing. */
function isPaid(subscription: SeatSubscription): boolean {
  return isActive(subscription) && subscription.owner !== 'Customer';
}

/** `idle`: seats that nobody holds or waits for. `waiting`: what they cost until they go. */
export function moneyOf(
  input: SeatInput,
  { idle, waiting }: { readonly idle: number; readonly waiting: number | undefined },
): SeatMoney {
  const { subscriptions, nowMs, price, currency, buffer } = input;
  const paid = subscriptions.filter(isPaid);
  const threeYears = total(paid.map((one) => times(threeYearCost(one), one.quantity)));
  const cost = threeYears === undefined ? undefined : perMonth(threeYears);
  const people = billedPeople(input);
  const revenue = times(price, people);
  // A seat that somebody waits for is not idle, and no cause for an alarm.
  const soon = times(price, billedPeople(input, input.demand.reserved));
  const dearest = dearestSeat(input);
  const floor = buffer?.marginFloorBasisPoints;
  return {
    currency,
    cost,
    revenue,
    ...marginBetween(cost, revenue),
    isBelowFloor: isBelow(cost, soon, floor),
    floorBasisPoints: floor,
    breakEvenHundredths:
      dearest === undefined || price === undefined ? undefined : breakEven(people, price, dearest),
    idle: idleCost(paid, idle),
    waiting,
    commitmentOwed: total(
      paid.map((one) => times(owedPerSeat(one, nowMs, one.termEndMs), one.quantity)),
    ),
  };
}

/** They are given back dearest first (decrease.ts). */
function idleCost(paid: readonly SeatSubscription[], idle: number): number | undefined {
  if (idle === 0) return 0;
  let left = idle;
  const costs = paid
    .map((one) => ({ seat: threeYearCost(one), quantity: one.quantity }))
    .toSorted((a, b) => (b.seat ?? 0) - (a.seat ?? 0))
    .map(({ seat, quantity }) => {
      const share = Math.min(left, quantity);
      left -= share;
      return times(seat, share);
    });
  const threeYears = total(costs);
  return threeYears === undefined ? undefined : perMonth(threeYears);
}

function marginBetween(
  cost: number | undefined,
  revenue: number | undefined,
): Pick<SeatMoney, 'isPriceKnown' | 'margin' | 'basisPoints'> {
  if (cost === undefined || revenue === undefined) {
    return { isPriceKnown: false, margin: undefined, basisPoints: undefined };
  }
  const margin = revenue - cost;
  return { isPriceKnown: true, margin, basisPoints: basisPointsOf(margin, revenue) };
}

function isBelow(
  cost: number | undefined,
  revenue: number | undefined,
  floor: number | undefined,
): boolean {
  if (cost === undefined || revenue === undefined || floor === undefined) return false;
  return (revenue - cost) * wholeBasisPoints < floor * revenue;
}

/** People on seats that the customer bought himself are not billed for them. */
function billedPeople({ demand, subscriptions }: SeatInput, waiting = 0): number {
  const customers = subscriptions.filter((one) => isActive(one) && one.owner === 'Customer');
  const own = customers.reduce((sum, { quantity }) => sum + quantity, 0);
  return Math.max(0, demand.assigned + waiting - own);
}

/** What an idle seat costs at most in this pool (three years of it). Undefined: a cost is missing, or nothing is sold. */
export function dearestSeat({ subscriptions, offers }: SeatInput): number | undefined {
  const costs = [...subscriptions.filter(isWritable), ...offers].map(threeYearCost);
  const known = costs.filter((cost) => cost !== undefined);
  return known.length < costs.length || known.length === 0 ? undefined : Math.max(...known);
}

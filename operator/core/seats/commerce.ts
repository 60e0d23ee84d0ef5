/** What Microsoft allows now, and what it charges: windows, locks, terms (partner-center.md 6.2, 6.4). Pure. */
import type { BillingCycle, SeatSubscription, Term } from './input.ts';

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
/** Seats can be given back for so long after they were bought or renewed. */
export const windowMs = 168 * hourMs;

/** Nothing is begun so shortly before a window or a term ends: clocks differ, and calls take their time. */
const edgeMs = hourMs / 60;

export const termMonths: Readonly<Record<Term, number>> = { P1M: 1, P1Y: 12, P3Y: 36 };
const cycleMonths: Readonly<Record<BillingCycle, number>> = {
  Monthly: 1,
  Annual: 12,
  Triennial: 36,
};

export function startOfDay(ms: number): number {
  return Math.floor(ms / dayMs) * dayMs;
}

/** Adds calendar months to a midnight; the 31st becomes the last day of a shorter month. */
export function addMonths(midnightMs: number, months: number): number {
  const date = new Date(midnightMs);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth() + months;
  const dayOfMonth = Date.UTC(year, month, date.getUTCDate());
  const lastOfMonth = Date.UTC(year, month + 1, 0);
  return Math.min(dayOfMonth, lastOfMonth);
}

/** `commitmentEndDate` and `commitmentEndDateTime` both name the last day; the term ends when that day has passed. */
export function termEndMsOf(commitmentEndDate: string): number {
  return startOfDay(Date.parse(commitmentEndDate)) + dayMs;
}

/** It takes part in what people can use. */
export function isActive({ status }: SeatSubscription): boolean {
  return status === 'active';
}

/** May ever be written by us. */
export function isWritable(subscription: SeatSubscription): boolean {
  return isActive(subscription) && subscription.owner === 'Partner' && !subscription.isTrial;
}

/** Perpetual ones end in the year 9999 (partner-center.md 6.2): they are neither renewed nor a commitment. */
export function hasEnd({ termEndMs }: Pick<SeatSubscription, 'termEndMs'>): boolean {
  return termEndMs < Date.UTC(9000, 0, 1);
}

/** Being renewed, or changed: every update is answered with 409. */
export function isLocked(subscription: SeatSubscription, nowMs: number): boolean {
  return (
    isActive(subscription) && (subscription.isBusy === true || isRenewing(subscription, nowMs))
  );
}

/** It will be in a minute, or is. */
export function isRenewing({ termEndMs }: SeatSubscription, nowMs: number): boolean {
  return nowMs >= termEndMs - edgeMs;
}

export function isCancellable(
  { cancellableUntilMs = 0, isSoftware }: SeatSubscription,
  nowMs: number,
) {
  return cancellableUntilMs > nowMs + edgeMs && isSoftware !== true;
}

/** What is being renewed ends with what it was told before it was locked. */
export function afterRenewal(one: SeatSubscription, nowMs: number): number {
  if (!isRenewing(one, nowMs)) return one.quantity;
  if (one.termEndActions.includes('Cancel')) return 0;
  return Math.min(one.quantity, one.instruction?.quantity ?? one.quantity);
}

/** Seats that Microsoft takes back at this moment. */
export function refundableSeats(subscription: SeatSubscription, nowMs: number): number {
  if (subscription.isSoftware === true || !isActive(subscription)) return 0;
  return subscription.refundable
    .filter(({ untilMs }) => untilMs > nowMs + edgeMs)
    .reduce((sum, { quantity }) => sum + quantity, 0);
}

/** The first window that closes with at least one of `seats` in it: the batch that ends first is used up first. */
export function firstClosingMs(subscription: SeatSubscription, nowMs: number): number | undefined {
  const open = subscription.refundable.filter(
    ({ untilMs, quantity }) => untilMs > nowMs && quantity > 0,
  );
  return open.length === 0 ? undefined : Math.min(...open.map(({ untilMs }) => untilMs));
}

/** What three years of a seat cost: an integer for every billing cycle, and so the measure of what is dearer. */
export function threeYearCost(item: {
  readonly cost: number | undefined;
  readonly billingCycle: BillingCycle;
}): number | undefined {
  return item.cost === undefined ? undefined : (item.cost * 36) / cycleMonths[item.billingCycle];
}

/** Rounded once, at the end. */
export function perMonth(threeYears: number): number {
  return Math.round(threeYears / 36);
}

interface Billed {
  readonly cost: number | undefined;
  readonly billingCycle: BillingCycle;
  readonly termStartMs: number;
  readonly termEndMs: number;
}

/**
 * What one seat costs from the day of `fromMs` until `untilMs`: each billing cycle by its days, a cycle that the end of
 * the term cuts short as a part of a whole one, and of each the part of a minor unit dropped, as Microsoft does
 * (learn.microsoft.com, partner-center/billing/modern-invoice-reconciliation-file). Undefined: price unknown.
 */
export function owedPerSeat(billed: Billed, fromMs: number, untilMs: number): number | undefined {
  const { cost, termStartMs } = billed;
  if (cost === undefined) return undefined;
  if (!hasEnd(billed)) return 0;
  const lastMs = Math.min(untilMs, billed.termEndMs);
  const firstMs = Math.max(startOfDay(fromMs), termStartMs);
  let sum = 0;
  let index = cycleBefore(billed, firstMs);
  for (let startMs = cycleStart(billed, index); startMs < lastMs; index += 1) {
    const wholeEndMs = cycleStart(billed, index + 1);
    const ms = Math.min(wholeEndMs, lastMs) - Math.max(startMs, firstMs);
    if (ms > 0) sum += Math.floor((cost * ms) / (wholeEndMs - startMs));
    startMs = wholeEndMs;
  }
  return sum;
}

/** What is charged (or credited) at once for a seat that is added (or taken away) now. */
export function chargePerSeat(billed: Billed, nowMs: number): number | undefined {
  let endMs = billed.termStartMs;
  for (
    let index = cycleBefore(billed, nowMs);
    endMs <= nowMs && endMs < billed.termEndMs;
    index += 1
  ) {
    endMs = cycleStart(billed, index + 1);
  }
  return owedPerSeat(billed, nowMs, endMs);
}

/** Index of a cycle that began by then: that one, or one a little before. */
function cycleBefore({ termStartMs, billingCycle }: Billed, ms: number): number {
  const longestMs = 31 * dayMs * cycleMonths[billingCycle];
  return Math.max(0, Math.floor((ms - termStartMs) / longestMs));
}

function cycleStart({ termStartMs, billingCycle }: Billed, index: number): number {
  return addMonths(termStartMs, index * cycleMonths[billingCycle]);
}

/** undefined · n = undefined: an unknown price makes no known sum. */
export function times(amount: number | undefined, quantity: number): number | undefined {
  return amount === undefined ? undefined : amount * quantity;
}

export function total(amounts: readonly (number | undefined)[]): number | undefined {
  return amounts.reduce<number | undefined>(
    (sum, amount) => (sum === undefined || amount === undefined ? undefined : sum + amount),
    0,
  );
}

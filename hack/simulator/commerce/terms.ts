/** Calendar of new-commerce terms (partner-center.md 6.2, 6.4): terms start at 00:00 UTC and end with a whole day. */
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** Refund and cancellation window (partner-center.md 0.1: 168 hours). */
export const WINDOW_MS = 168 * HOUR_MS;

export type Term = 'P1M' | 'P1Y' | 'P3Y';
export type BillingCycle = 'none' | 'monthly' | 'annual' | 'triennial';

export const TERM_MONTHS: Readonly<Record<Term, number>> = { P1M: 1, P1Y: 12, P3Y: 36 };
const CYCLE_MONTHS: Readonly<Record<BillingCycle, number>> = {
  none: 1,
  monthly: 1,
  annual: 12,
  triennial: 36,
};

export function isTerm(text: string): text is Term {
  return text in TERM_MONTHS;
}

export function isBillingCycle(text: string): text is BillingCycle {
  return text in CYCLE_MONTHS;
}

export function cycleMonths(cycle: BillingCycle): number {
  return CYCLE_MONTHS[cycle];
}

export function startOfDay(ms: number): number {
  return Math.floor(ms / DAY_MS) * DAY_MS;
}

/** Adds calendar months to a midnight; the 31st becomes the last day of a shorter month. */
export function addMonths(midnightMs: number, months: number): number {
  const date = new Date(midnightMs);
  const first = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1);
  const next = new Date(first);
  const lastDay = new Date(Date.UTC(next.getUTCFullYear(), next.getUTCMonth() + 1, 0)).getUTCDate();
  return first + (Math.min(date.getUTCDate(), lastDay) - 1) * DAY_MS;
}

export function termEnd(termStartMs: number, term: Term): number {
  return addMonths(termStartMs, TERM_MONTHS[term]);
}

interface Cycle {
  readonly startMs: number;
  readonly endMs: number;
  /** Where it would end if the term did not end before. */
  readonly wholeEndMs: number;
}

/** The billing cycle that holds `atMs`, counted from the start of the term and cut at its end. */
export function cycleBounds(
  term: { readonly startMs: number; readonly endMs: number },
  cycle: BillingCycle,
  atMs: number,
): Cycle {
  const step = CYCLE_MONTHS[cycle];
  // A term has at most 36 cycles of one month; a custom end date only makes it shorter.
  for (let index = 0; ; index += 1) {
    const startMs = addMonths(term.startMs, index * step);
    const wholeEndMs = addMonths(term.startMs, (index + 1) * step);
    const endMs = Math.min(wholeEndMs, term.endMs);
    if (atMs < endMs || endMs >= term.endMs) {
      return { startMs, endMs, wholeEndMs };
    }
  }
}

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** `2027-03-01T00:00:00Z`: the last day before an exclusive end. */
export function lastDay(exclusiveEndMs: number): string {
  return `${iso(exclusiveEndMs - DAY_MS).slice(0, 10)}T00:00:00Z`;
}

export function lastSecond(exclusiveEndMs: number): string {
  return `${iso(exclusiveEndMs - 1).slice(0, 19)}Z`;
}

/** Parses a date of the wire; without a zone it is UTC. Undefined where it is no date. */
export function parseDate(text: string): number | undefined {
  const zoned = /(Z|[+-]\d\d:\d\d)$/i.test(text) || !text.includes('T') ? text : `${text}Z`;
  const ms = Date.parse(zoned);
  return Number.isNaN(ms) ? undefined : ms;
}

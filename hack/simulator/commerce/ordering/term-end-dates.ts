/** Dates on which a new subscription may end together with others (partner-center.md 5.1). */
import type { ApiResponse } from '../../world.ts';
import type { Customer } from '../customers/customer.ts';
import { requireCustomer } from '../customers/customers.ts';
import { invalidInput } from '../faults.ts';
import { attributes, collection, present } from '../resources.ts';
import type { Exchange } from '../routing.ts';
import type { Subscription } from '../subscriptions/subscription.ts';
import {
  addMonths,
  DAY_MS,
  isTerm,
  lastDay,
  parseDate,
  startOfDay,
  TERM_MONTHS,
  type Term,
  termEnd,
} from '../terms.ts';
import { seatHolders } from './seats.ts';

interface EndDate {
  readonly type: 'calendarMonthAligned' | 'subscriptionAligned';
  /** Exclusive: 00:00 UTC of the day after. */
  readonly endMs: number;
  readonly subscriptionIds: readonly string[];
}

interface AlignedTerm {
  readonly term: Term;
  /** 00:00 UTC of its first day: today, or the day of the renewal. */
  readonly startMs: number;
}

/** All within one term. Months end with the calendar; other subscriptions lend their ends. */
function allowedEndDates(
  { world, partner }: Exchange,
  customer: Customer,
  { term, startMs }: AlignedTerm,
): readonly EndDate[] {
  const latestMs = termEnd(startMs, term);
  const start = new Date(startMs);
  const monthStart = Date.UTC(start.getUTCFullYear(), start.getUTCMonth(), 1);
  const months = Array.from({ length: TERM_MONTHS[term] }, (_, index) => ({
    type: 'calendarMonthAligned' as const,
    endMs: addMonths(monthStart, index + 1),
    subscriptionIds: [],
  }));
  const others = seatHolders(world, customer).filter(
    (other) => other.partnerTenantId === partner.tenantId && mayLendEnd(other, term),
  );
  const aligned = [...Map.groupBy(others, ({ termEndMs }) => termEndMs)].map(([endMs, same]) => ({
    type: 'subscriptionAligned' as const,
    endMs,
    subscriptionIds: same.map(({ id }) => id),
  }));
  return [...months, ...aligned].filter(({ endMs }) => endMs > startMs && endMs <= latestMs);
}

/** A longer term cannot follow a monthly one; a monthly one not the 28th to 30th, unless the month ends there. */
function mayLendEnd(other: Subscription, term: Term): boolean {
  const lastDay = new Date(other.termEndMs - DAY_MS).getUTCDate();
  const isMonthEnd = new Date(other.termEndMs).getUTCDate() === 1;
  const isMonthlyFit = lastDay < 28 || lastDay === 31 || isMonthEnd;
  return (
    other.status === 'active' &&
    !other.isTrial &&
    (term === 'P1M' ? isMonthlyFit : other.termDuration !== 'P1M')
  );
}

/** May a term that starts then end on this date? */
export function isAllowedEndDate(
  exchange: Exchange,
  customer: Customer,
  choice: AlignedTerm & { readonly date: string },
): boolean {
  const dayMs = parseDate(choice.date);
  return (
    dayMs !== undefined &&
    allowedEndDates(exchange, customer, choice).some(
      ({ endMs }) => endMs === startOfDay(dayMs) + DAY_MS,
    )
  );
}

export function listEndDates(exchange: Exchange): ApiResponse {
  const customer = requireCustomer(exchange);
  const term = exchange.request.query.get('term_duration') ?? '';
  if (!isTerm(term)) {
    throw invalidInput(`Query parameter 'term_duration' must be P1M, P1Y or P3Y: '${term}'.`);
  }
  const startMs = startOfDay(askedStart(exchange));
  const target = exchange.request.query.get('target_coterm_subscription_id')?.toLowerCase();
  const dates = allowedEndDates(exchange, customer, { term, startMs }).filter(
    ({ subscriptionIds }) => target === undefined || subscriptionIds.includes(target),
  );
  const items = dates.map(({ type, endMs, subscriptionIds }) =>
    present({
      allowedCustomTermEndDateType: type,
      allowedCustomTermEndDate: lastDay(endMs),
      cotermSubscriptionIds: subscriptionIds.length === 0 ? undefined : subscriptionIds,
      attributes: attributes('CustomTermEndDate'),
    }),
  );
  const uri = `/customers/${customer.id}/subscriptions/customTermEndDates`;
  return { status: 200, body: collection(items, uri) };
}

/** Today, or the day on which the term is to start. */
function askedStart({ request, world }: Exchange): number {
  const asked = request.query.get('term_start_date');
  const startMs = asked === null ? world.clock.nowMs() : parseDate(asked);
  if (startMs === undefined) {
    throw invalidInput(`Query parameter 'term_start_date' is not a date: '${asked}'.`);
  }
  return startMs;
}

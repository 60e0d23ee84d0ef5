/** Dates on which a new subscription may end together with others (partner-center.md 5.1). */
import type { ApiResponse } from '../../world.ts';
import type { Customer } from '../customers/customer.ts';
import { requireCustomer } from '../customers/customers.ts';
import { invalidInput } from '../faults.ts';
import { attributes, collection, present } from '../resources.ts';
import type { Exchange } from '../routing.ts';
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

/** All within the first term; a yearly term cannot follow a monthly subscription. */
function allowedEndDates(exchange: Exchange, customer: Customer, term: Term): readonly EndDate[] {
  const { world, partner } = exchange;
  const startMs = startOfDay(world.clock.nowMs());
  const latestMs = termEnd(startMs, term);
  const monthStart = Date.UTC(
    new Date(startMs).getUTCFullYear(),
    new Date(startMs).getUTCMonth(),
    1,
  );
  const months: EndDate[] = Array.from({ length: TERM_MONTHS[term] }, (_, index) => ({
    type: 'calendarMonthAligned' as const,
    endMs: addMonths(monthStart, index + 1),
    subscriptionIds: [],
  }));
  const others = seatHolders(world, customer).filter(
    ({ partnerTenantId, status, isTrial, termDuration }) =>
      partnerTenantId === partner.tenantId &&
      status === 'active' &&
      !isTrial &&
      (term === 'P1M' || termDuration !== 'P1M'),
  );
  const aligned = [...Map.groupBy(others, ({ termEndMs }) => termEndMs)].map(([endMs, same]) => ({
    type: 'subscriptionAligned' as const,
    endMs,
    subscriptionIds: same.map(({ id }) => id),
  }));
  return [...months, ...aligned].filter(({ endMs }) => endMs > startMs && endMs <= latestMs);
}

/** May a subscription of this term, bought now, end on this date? */
export function isAllowedEndDate(
  exchange: Exchange,
  customer: Customer,
  choice: { readonly term: Term; readonly date: string },
): boolean {
  const dayMs = parseDate(choice.date);
  return (
    dayMs !== undefined &&
    allowedEndDates(exchange, customer, choice.term).some(
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
  const items = allowedEndDates(exchange, customer, term).map(({ type, endMs, subscriptionIds }) =>
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

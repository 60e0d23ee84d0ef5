/** What of an offer a customer may buy today. Pure. */
import type { Offer } from '../../api/partner-connection.ts';
import type { Availability } from '../../clients/partner-center/port.ts';
import { terminal } from '../../core/errors.ts';

/** Terminal `OfferUnavailable` where the offer has no such term, saying which it has. */
export function availabilityOf(
  available: readonly Availability[],
  { name, term, billingCycle }: Offer,
): Availability {
  const match = available.find(
    (item) => item.term === term && item.billingCycle === billingCycle.toLowerCase(),
  );
  if (match !== undefined) return match;
  const sold = available.map((item) => `${item.term} billed ${capitalized(item.billingCycle)}`);
  const what =
    sold.length === 0 ? 'nothing of it is' : `it is with ${[...new Set(sold)].join(', ')}`;
  throw terminal(
    `offer "${name}" is not sold to this customer with term ${term} billed ${billingCycle}; ${what}`,
    { reason: 'OfferUnavailable' },
  );
}

function capitalized(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

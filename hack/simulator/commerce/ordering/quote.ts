/** What a purchase costs in its first billing cycle (partner-center.md 5.1: `pricing`). */
import type { Offer } from '../catalogue/offers.ts';
import { toUnits, unitPriceMinor } from '../catalogue/prices.ts';
import { findPromotion } from '../catalogue/promotions.ts';
import {
  type BillingCycle,
  cycleBounds,
  DAY_MS,
  parseDate,
  startOfDay,
  type Term,
  termEnd,
} from '../terms.ts';

interface Priced {
  readonly quantity: number;
  readonly termDuration: Term;
  readonly billingCycle: BillingCycle;
  readonly customTermEndDate: string | undefined;
  readonly promotionId: string | undefined;
}

interface Quote {
  readonly extendedMinor: number;
  /** Units of `currency` for one seat; `extendedPrice` for all of them. */
  readonly pricing: Readonly<Record<string, number>>;
}

/** The price from the day of `atMs` on. A custom end date that cuts the first cycle short lowers it by day. */
export function quote(
  offer: Offer,
  line: Priced,
  { currency, atMs }: { readonly currency: string; readonly atMs: number },
): Quote {
  const list = unitPriceMinor(offer, line.termDuration, line.billingCycle, currency);
  const percent = findPromotion(line.promotionId ?? '')?.percent ?? 0;
  const discounted = (list * (100 - percent)) / 100;
  const prorated = Math.floor(discounted * firstCycleShare(line, atMs));
  const extendedMinor = prorated * line.quantity;
  return {
    extendedMinor,
    pricing: {
      listPrice: toUnits(list, currency),
      discountedPrice: toUnits(discounted, currency),
      proratedPrice: toUnits(prorated, currency),
      price: toUnits(prorated, currency),
      extendedPrice: toUnits(extendedMinor, currency),
    },
  };
}

function firstCycleShare(line: Priced, atMs: number): number {
  const startMs = startOfDay(atMs);
  const custom = parseDate(line.customTermEndDate ?? '');
  const endMs =
    custom === undefined ? termEnd(startMs, line.termDuration) : startOfDay(custom) + DAY_MS;
  const cycle = cycleBounds({ startMs, endMs }, line.billingCycle, startMs);
  return (cycle.endMs - cycle.startMs) / (cycle.wholeEndMs - cycle.startMs);
}

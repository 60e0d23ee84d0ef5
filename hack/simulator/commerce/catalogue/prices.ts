/** Prices per seat, by market and currency. Whole minor units throughout. */
import { marketOf } from '../contract.ts';
import { type BillingCycle, cycleMonths, type Term } from '../terms.ts';
import { monthlyCents, type Offer } from './offers.ts';

interface Currency {
  readonly symbol: string;
  /** Units for one euro, fixed in this world. */
  readonly perEuro: number;
  /** Minor units of one unit: 100, or 1 where there are none. */
  readonly minor: number;
}

const CURRENCIES: Readonly<Record<string, Currency>> = {
  EUR: { symbol: '€', perEuro: 1, minor: 100 },
  USD: { symbol: '$', perEuro: 1.1, minor: 100 },
  GBP: { symbol: '£', perEuro: 0.86, minor: 100 },
  CHF: { symbol: 'CHF', perEuro: 0.95, minor: 100 },
  DKK: { symbol: 'kr.', perEuro: 7.46, minor: 100 },
  NOK: { symbol: 'kr', perEuro: 11.7, minor: 100 },
  SEK: { symbol: 'kr', perEuro: 11.3, minor: 100 },
  CAD: { symbol: '$', perEuro: 1.5, minor: 100 },
  AUD: { symbol: '$', perEuro: 1.65, minor: 100 },
  NZD: { symbol: '$', perEuro: 1.8, minor: 100 },
  INR: { symbol: '₹', perEuro: 91, minor: 100 },
  BRL: { symbol: 'R$', perEuro: 5.5, minor: 100 },
  CNY: { symbol: '¥', perEuro: 7.8, minor: 100 },
  TWD: { symbol: 'NT$', perEuro: 35, minor: 100 },
  JPY: { symbol: '¥', perEuro: 162, minor: 1 },
  KRW: { symbol: '₩', perEuro: 1480, minor: 1 },
};

function requireCurrency(code: string): Currency {
  const currency = CURRENCIES[code];
  if (currency === undefined) {
    throw new Error(`the price list has no currency ${code}`);
  }
  return currency;
}

export function currencyOf(country: string): string {
  return marketOf(country)?.currency ?? 'EUR';
}

export function symbolOf(code: string): string {
  return requireCurrency(code).symbol;
}

/** Price of one seat for one whole billing cycle, in minor units of `currency`. */
export function unitPriceMinor(
  offer: Offer,
  term: Term,
  cycle: BillingCycle,
  currency: string,
): number {
  const { perEuro, minor } = requireCurrency(currency);
  const euroCents = monthlyCents(offer, term) * cycleMonths(cycle);
  return Math.round((euroCents * perEuro * minor) / 100);
}

/** As a JSON number of whole units, e.g. 17.4. */
export function toUnits(amountMinor: number, currency: string): number {
  return amountMinor / requireCurrency(currency).minor;
}

/** Units of `to` for one unit of `from`, with the six decimals that invoices show. */
export function exchangeRate(from: string, to: string): number {
  const rate = requireCurrency(to).perEuro / requireCurrency(from).perEuro;
  return Math.round(rate * 1_000_000) / 1_000_000;
}

/** Binary fractions must not turn a whole amount into one less. */
const ROUNDING_GUARD = 1e-6;

/**
 * One seat in whole minor units of the billing currency, cut off as Microsoft does for licences: its reconciliation
 * page gives ROUNDDOWN(effectiveUnitPrice * pcToBCExchangeRate, 2) * billableQuantity
 * (learn.microsoft.com, partner-center/billing/modern-invoice-reconciliation-file).
 */
export function perSeatMinor(
  effectiveUnitMinor: number,
  by: { readonly from: string; readonly to: string; readonly rate: number },
): number {
  const units = (effectiveUnitMinor / requireCurrency(by.from).minor) * by.rate;
  return Math.floor(units * requireCurrency(by.to).minor + ROUNDING_GUARD);
}

/** Offers: SKUs with their terms, limits and prices, and their extended service terms. */

import type { BillingCycle, Term } from '../terms.ts';
import { OFFERS } from './price-list.ts';

interface ServicePlan {
  readonly servicePlanId: string;
  readonly servicePlanName: string;
}

export type Segment = 'commercial' | 'education' | 'government' | 'nonprofit';

export interface Offer {
  readonly productId: string;
  readonly skuId: string;
  readonly title: string;
  /** Graph `skuId`. */
  readonly provisioningId: string;
  readonly skuPartNumber: string;
  readonly servicePlans: readonly ServicePlan[];
  readonly segment: Segment;
  readonly minimumQuantity: number;
  readonly maximumQuantity: number;
  /** Seats of one customer tenant over all subscriptions and partners; undefined: no such limit. */
  readonly pooledSeatsMax: number | undefined;
  readonly isTrial: boolean;
  /** What a trial renews into. */
  readonly renewsToSkuId: string | undefined;
  /** Any one of these products must be there first: `pid:sid`. */
  readonly prerequisites: readonly string[];
  /** Better products it may be changed into: `pid:sid`. */
  readonly upgradesTo: readonly string[];
  readonly terms: readonly OfferTerm[];
  /** Markets where it is not for sale. */
  readonly notSoldIn: readonly string[];
  /** An add-on needs so many seats for each 100 of its base products. */
  readonly basePercentMin: number;
  /** Euro cents for one seat and month with a yearly term; 0 for trials. */
  readonly monthlyCents: number;
  /** Extended service term of another SKU (partner-center.md 6.6): not for sale. */
  readonly isExtended: boolean;
}

export interface OfferTerm {
  readonly duration: Term;
  readonly billingCycle: BillingCycle;
}

const BY_ITEM = new Map(
  [...OFFERS, ...OFFERS.filter(({ isTrial }) => !isTrial).map(extended)].map((offer) => [
    `${offer.productId}:${offer.skuId}`,
    offer,
  ]),
);

/** The extended service term has SKU ids of its own: `0002` -> `E002`. Real ones are not published. */
export function extendedSkuId(skuId: string): string {
  return `E${skuId.slice(1)}`;
}

/** 3 % on the monthly price, 23 % where the offer has none (partner-center.md 6.6). */
function extended(offer: Offer): Offer {
  const isMonthly = offer.terms.some(({ duration }) => duration === 'P1M');
  return {
    ...offer,
    skuId: extendedSkuId(offer.skuId),
    title: `${offer.title} (Extended Service Term)`,
    monthlyCents: isMonthly
      ? Math.round(monthlyTermCents(offer) * 1.03)
      : Math.round(offer.monthlyCents * 1.23),
    terms: [{ duration: 'P1M', billingCycle: 'monthly' }],
    upgradesTo: [],
    isExtended: true,
  };
}

/** The monthly term costs 20 % more than a month of the yearly term (partner-center.md 6.4). */
function monthlyTermCents(offer: Offer): number {
  return Math.round(offer.monthlyCents * 1.2);
}

/** `pid:sid` */
export function itemOf({ productId, skuId }: Pick<Offer, 'productId' | 'skuId'>): string {
  return `${productId}:${skuId}`;
}

/** Offers by product and SKU, those of the extended service term included. */
export function findOffer(productId: string, skuId: string): Offer | undefined {
  return BY_ITEM.get(`${productId}:${skuId}`);
}

/** Euro cents for one seat and month in this term. */
export function monthlyCents(offer: Offer, term: Term): number {
  return term === 'P1M' && !offer.isExtended ? monthlyTermCents(offer) : offer.monthlyCents;
}

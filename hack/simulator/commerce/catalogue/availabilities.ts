/**
 * Availability ids: one per SKU, country and group of terms, changing every few weeks (partner-center.md 4.3). They
 * follow from the clock, so nothing is stored, and an id of an earlier period is unknown.
 */
import { createHash } from 'node:crypto';
import type { World } from '../../world.ts';
import { DAY_MS } from '../terms.ts';
import { findOffer, type Offer, type OfferTerm } from './offers.ts';

/** How long an availability id lives. The real period is not published. */
export const AVAILABILITY_PERIOD_MS = 28 * DAY_MS;

export interface Availability {
  readonly id: string;
  readonly offer: Offer;
  readonly country: string;
  readonly terms: readonly OfferTerm[];
}

type TermGroup = 'monthly' | 'yearly';

/** The availabilities of today: the monthly term has one of its own, the longer terms share one. */
export function availabilitiesOf(
  world: World,
  offer: Offer,
  country: string,
): readonly Availability[] {
  if (offer.notSoldIn.includes(country)) {
    return [];
  }
  const groups: readonly TermGroup[] = ['monthly', 'yearly'];
  return groups.flatMap((group) => {
    const terms = offer.terms.filter(
      ({ duration }) => (duration === 'P1M') === (group === 'monthly'),
    );
    return terms.length === 0
      ? []
      : [{ id: availabilityId(world, offer, country, group), offer, country, terms }];
  });
}

function availabilityId(world: World, offer: Offer, country: string, group: TermGroup): string {
  const name = `${offer.productId}:${offer.skuId}:${country}:${group}`;
  // Every item turns over on a day of its own, as in the real catalogue.
  const phase = Number.parseInt(digest(name).slice(0, 8), 16) % AVAILABILITY_PERIOD_MS;
  const period = Math.floor((world.clock.nowMs() + phase) / AVAILABILITY_PERIOD_MS);
  const value = BigInt(`0x${digest(`${name}:${period}`).slice(0, 10)}`);
  return `CFQ7TTC0${value.toString(36).toUpperCase().slice(-4).padStart(4, '0')}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** `pid:sid:aid` taken apart; undefined where it has another shape. */
export function readCatalogItem(
  catalogItemId: string,
): { productId: string; skuId: string; availabilityId: string } | undefined {
  const [productId, skuId, availabilityId, ...rest] = catalogItemId.split(':');
  return productId && skuId && availabilityId && rest.length === 0
    ? { productId, skuId, availabilityId }
    : undefined;
}

/** The availability that this id names today; undefined where it is unknown or has changed. */
export function findAvailability(
  world: World,
  country: string,
  item: { readonly productId: string; readonly skuId: string; readonly availabilityId: string },
): Availability | undefined {
  const offer = findOffer(item.productId, item.skuId);
  if (offer === undefined) {
    return undefined;
  }
  return availabilitiesOf(world, offer, country).find(({ id }) => id === item.availabilityId);
}

/** Today's availability of a SKU for one term, for renewals and seeds. */
export function availabilityFor(
  world: World,
  offer: Offer,
  country: string,
  term: OfferTerm['duration'],
): Availability | undefined {
  return availabilitiesOf(world, offer, country).find(({ terms }) =>
    terms.some(({ duration }) => duration === term),
  );
}

/** Errors of single cart lines: the cart is made all the same, with 201 (partner-center.md 5.2). */
import { findAvailability, readCatalogItem } from '../catalogue/availabilities.ts';
import { customerSegments } from '../catalogue/catalogue.ts';
import { itemOf, type Offer } from '../catalogue/offers.ts';
import { currencyOf } from '../catalogue/prices.ts';
import { findPromotion, promotionProblems } from '../catalogue/promotions.ts';
import type { Customer } from '../customers/customer.ts';
import { type Json, text } from '../request-body.ts';
import { requirePartnerOnRecord, resellersOf } from '../resellers/resellers.ts';
import type { Exchange } from '../routing.ts';
import { startOfDay } from '../terms.ts';
import type { CartLine, CartLineError } from './order.ts';
import { hasTried, skuItem } from './orders.ts';
import { hasBase, SANDBOX_SEATS_MAX, seatHolders } from './seats.ts';
import { isAllowedEndDate } from './term-end-dates.ts';

interface LineCheck {
  readonly line: CartLine;
  /** As it came in, for the members that are only checked. */
  readonly sent: Json;
  readonly all: readonly CartLine[];
}

type Check = (
  exchange: Exchange,
  customer: Customer,
  check: LineCheck & Sold,
) => CartLineError | undefined;

interface Sold {
  readonly offer: Offer;
  readonly isTermSold: boolean;
}

/** The first error of a line; undefined where it can be ordered. */
export function lineError(
  exchange: Exchange,
  customer: Customer,
  check: LineCheck,
): CartLineError | undefined {
  const { line } = check;
  const country = customer.billingProfile.defaultAddress.country;
  const item = readCatalogItem(line.catalogItemId);
  const found = item === undefined ? undefined : findAvailability(exchange.world, country, item);
  if (
    found === undefined ||
    found.offer.isExtended ||
    !customerSegments(customer).has(found.offer.segment)
  ) {
    return failed(10001, `Catalog item '${line.catalogItemId}' is not valid.`);
  }
  const isTermSold = found.terms.some(
    ({ duration, billingCycle }) =>
      duration === line.termDuration && billingCycle === line.billingCycle,
  );
  const sold = { ...check, offer: found.offer, isTermSold };
  for (const rule of CHECKS) {
    const error = rule(exchange, customer, sold);
    if (error !== undefined) {
      return error;
    }
  }
  return undefined;
}

function failed(errorCode: number, errorDescription: string): CartLineError {
  return { errorCode, errorDescription };
}

const CHECKS: readonly Check[] = [
  checkSentMembers,
  checkTerms,
  checkQuantity,
  checkPromotion,
  checkBase,
  checkBaseSeats,
  checkTrial,
];

function checkSentMembers(
  exchange: Exchange,
  customer: Customer,
  { sent, line }: LineCheck,
): CartLineError | undefined {
  const currency = currencyOf(customer.billingProfile.defaultAddress.country);
  const asked = text(sent, 'currencyCode');
  if (asked !== undefined && asked.toUpperCase() !== currency) {
    return failed(10000, `Currency ${asked} is not supported: ${currency}.`);
  }
  return Array.isArray(sent.participants) && sent.participants.length > 0
    ? participantsError(exchange, line)
    : undefined;
}

function participantsError(exchange: Exchange, line: CartLine): CartLineError | undefined {
  if (resellersOf(exchange.world, exchange.partner.tenantId).length === 0) {
    return failed(10004, 'Participants are not supported for a direct-bill partner.');
  }
  try {
    requirePartnerOnRecord(exchange, line.partnerIdOnRecord ?? '');
    return undefined;
  } catch (error) {
    return failed(10004, error instanceof Error ? error.message : '');
  }
}

function checkPromotion(
  { world }: Exchange,
  customer: Customer,
  { line, offer }: LineCheck & Sold,
): CartLineError | undefined {
  const { promotionId } = line;
  if (promotionId === undefined) {
    return undefined;
  }
  const promotion = findPromotion(promotionId);
  const { productId, skuId } = offer;
  const purchase = { ...line, productId, skuId };
  const [problem] =
    promotion === undefined
      ? [{ description: 'There is no such promotion.' }]
      : promotionProblems(world, customer, { promotion, purchase });
  return problem === undefined
    ? undefined
    : failed(10014, `Promotion '${promotionId}' is not valid. ${problem.description}`);
}

function checkTerms(
  exchange: Exchange,
  customer: Customer,
  { line, offer, isTermSold }: LineCheck & Sold,
): CartLineError | undefined {
  if (!isTermSold) {
    return failed(
      10013,
      `Term ${line.termDuration} billed ${line.billingCycle} is not supported for this item.`,
    );
  }
  const { customTermEndDate: date, termDuration: term } = line;
  if (date === undefined) {
    return undefined;
  }
  if (offer.isTrial) {
    return failed(10016, 'A trial has no custom term end date.');
  }
  const startMs = startOfDay(exchange.world.clock.nowMs());
  return isAllowedEndDate(exchange, customer, { term, date, startMs })
    ? undefined
    : failed(10017, `Custom term end date ${date} is not allowed.`);
}

function checkQuantity(
  exchange: Exchange,
  _customer: Customer,
  { line, offer }: LineCheck & Sold,
): CartLineError | undefined {
  if (exchange.partner.environment === 'Sandbox' && line.quantity > SANDBOX_SEATS_MAX) {
    return failed(10009, `The sandbox allows ${SANDBOX_SEATS_MAX} seats per subscription.`);
  }
  if (line.quantity > offer.maximumQuantity) {
    return failed(10015, `At most ${offer.maximumQuantity} seats per subscription.`);
  }
  return line.quantity < offer.minimumQuantity
    ? failed(10010, `At least ${offer.minimumQuantity} seats per subscription.`)
    : undefined;
}

function checkBase(
  exchange: Exchange,
  customer: Customer,
  { offer, all }: LineCheck & Sold,
): CartLineError | undefined {
  const alsoBuying = new Set(all.map(({ catalogItemId }) => skuItem(catalogItemId)));
  return hasBase(exchange.world, customer, offer, alsoBuying)
    ? undefined
    : failed(400041, `${offer.title} needs one of: ${offer.prerequisites.join(', ')}.`);
}

/** Multi-geo needs seats for a part of what its base products have (partner-center.md 4.4). */
function checkBaseSeats(
  { world }: Exchange,
  customer: Customer,
  { line, offer }: LineCheck & Sold,
): CartLineError | undefined {
  const base = seatHolders(world, customer)
    .filter((held) => offer.prerequisites.includes(itemOf(held)))
    .reduce((sum, { quantity }) => sum + quantity, 0);
  const least = Math.ceil((base * offer.basePercentMin) / 100);
  return line.quantity < least
    ? failed(10019, `${offer.title} needs ${least} seats for ${base} seats of its base products.`)
    : undefined;
}

function checkTrial(
  exchange: Exchange,
  customer: Customer,
  { offer }: LineCheck & Sold,
): CartLineError | undefined {
  return offer.isTrial && hasTried(exchange, customer, offer)
    ? failed(10010, `${offer.title}: one trial per customer.`)
    : undefined;
}

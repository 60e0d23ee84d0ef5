/** Reading promotions, and whether a purchase gets one (partner-center.md 4.6). */
import type { ApiResponse } from '../../world.ts';
import { marketOf } from '../contract.ts';
import type { Customer } from '../customers/customer.ts';
import { requireCustomer } from '../customers/customers.ts';
import { CommerceFault, invalidInput } from '../faults.ts';
import { type Json, objects, readBody, text } from '../request-body.ts';
import { attributes, collection, present } from '../resources.ts';
import type { Exchange } from '../routing.ts';
import { isBillingCycle, iso, isTerm } from '../terms.ts';
import { findAvailability, readCatalogItem } from './availabilities.ts';
import { itemOf } from './offers.ts';
import {
  findPromotion,
  PROMOTIONS,
  type ProductPromotion,
  type PromotedPurchase,
  promotionPeriod,
  promotionProblems,
} from './promotions.ts';

export function listPromotions(exchange: Exchange): ApiResponse {
  requireCountry(exchange);
  const segment = exchange.request.query.get('segment')?.toLowerCase();
  const items =
    segment === undefined || segment === 'commercial'
      ? PROMOTIONS.map((promotion) => promotionToWire(exchange, promotion))
      : [];
  return { status: 200, body: collection(items, '/productpromotions') };
}

export function getPromotion(exchange: Exchange): ApiResponse {
  requireCountry(exchange);
  const id = exchange.params['promotion-id'] ?? '';
  const promotion = findPromotion(id);
  if (promotion === undefined) {
    throw new CommerceFault(404, 400013, `Promotion ${id} was not found.`);
  }
  return { status: 200, body: promotionToWire(exchange, promotion) };
}

function requireCountry({ request }: Exchange): void {
  const country = request.query.get('country')?.toUpperCase() ?? '';
  if (marketOf(country) === undefined) {
    throw invalidInput(`Query parameter 'country' is required as ISO 3166-1 code: '${country}'.`);
  }
}

function promotionToWire(
  { world }: Exchange,
  promotion: ProductPromotion,
): Record<string, unknown> {
  const { id, productId, skuId, name, percent, term, seatsMin, seatsMax } = promotion;
  const { startMs, endMs } = promotionPeriod(world.clock.nowMs());
  return {
    id,
    name,
    description: `${percent} % on the first term.`,
    startDate: iso(startMs),
    endDate: iso(endMs - 1000),
    properties: { isAutoApplicable: false },
    requiredProducts: [
      {
        productId,
        skuId,
        term,
        pricingPolicies: [{ policyType: 'PercentDiscount', value: String(percent / 100) }],
      },
    ],
    promotionConstraints: {
      seatConstraints: [{ minSeats: seatsMin, maxSeats: seatsMax, type: 'TotalSeats' }],
      assetOwnershipLimits: [],
      eligibilityConstraints: [],
      productOwnershipConstraints: [],
    },
    attributes: attributes('ProductPromotion'),
  };
}

export function checkEligibilities(exchange: Exchange): ApiResponse {
  const customer = requireCustomer(exchange);
  const asked = objects(readBody(exchange.request.body, 'PromotionEligibilitiesRequest'), 'items');
  if (asked.length === 0) {
    throw invalidInput("Member 'items' is required.");
  }
  const items = asked.map((item, index) =>
    present({
      id: typeof item.id === 'number' ? item.id : index,
      catalogItemId: item.catalogItemId,
      quantity: item.quantity,
      termDuration: item.termDuration,
      billingCycle: item.billingCycle,
      eligibilities: eligibilitiesOf(exchange, customer, item),
      attributes: attributes('PromotionEligibilities'),
    }),
  );
  const uri = `/customers/${customer.id}/promotionEligibilities`;
  return { status: 200, body: collection(items, uri) };
}

/** One promotion where the item names it, else all of the product. */
function eligibilitiesOf(exchange: Exchange, customer: Customer, item: Json): readonly unknown[] {
  const promotionId = text(item, 'promotionId');
  const purchase = readPurchase(exchange, customer, item);
  if (purchase === undefined) {
    return [refused(promotionId, 'InvalidCatalogItemId', 'The catalog item is not valid.')];
  }
  const known = promotionId === undefined ? undefined : findPromotion(promotionId);
  if (promotionId !== undefined && known === undefined) {
    return [refused(promotionId, 'InvalidPromotion', 'There is no such promotion.')];
  }
  const promotions =
    known === undefined
      ? PROMOTIONS.filter((promotion) => itemOf(promotion) === itemOf(purchase))
      : [known];
  if (promotions.length === 0) {
    return [refused(undefined, 'NoPromotionsAvailable', 'The product has no promotion.')];
  }
  return promotions.map((promotion) => {
    const errors = promotionProblems(exchange.world, customer, { promotion, purchase });
    return { promotionId: promotion.id, isEligible: errors.length === 0, errors };
  });
}

function refused(promotionId: string | undefined, type: string, description: string): unknown {
  return present({ promotionId, isEligible: false, errors: [{ type, description }] });
}

function readPurchase(
  exchange: Exchange,
  customer: Customer,
  item: Json,
): PromotedPurchase | undefined {
  const catalogItem = readCatalogItem(text(item, 'catalogItemId') ?? '');
  const { country } = customer.billingProfile.defaultAddress;
  const { quantity, termDuration, billingCycle } = item;
  if (
    catalogItem === undefined ||
    findAvailability(exchange.world, country, catalogItem) === undefined
  ) {
    return undefined;
  }
  if (
    typeof quantity !== 'number' ||
    !isTerm(String(termDuration)) ||
    !isBillingCycle(String(billingCycle))
  ) {
    throw invalidInput("Members 'quantity', 'termDuration' and 'billingCycle' are required.");
  }
  return {
    ...catalogItem,
    quantity,
    termDuration: String(termDuration) as PromotedPurchase['termDuration'],
    billingCycle: String(billingCycle) as PromotedPurchase['billingCycle'],
  };
}

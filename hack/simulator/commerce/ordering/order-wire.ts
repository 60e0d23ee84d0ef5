/** Orders and prices on the wire (partner-center.md 5.4). */
import { findOffer } from '../catalogue/offers.ts';
import { symbolOf, toUnits, unitPriceMinor } from '../catalogue/prices.ts';
import { attributes, link, present } from '../resources.ts';
import type { Exchange } from '../routing.ts';
import { iso } from '../terms.ts';
import type { Order, OrderLine } from './order.ts';

/** `pid:sid:aid` */
export function catalogItemOf(line: OrderLine): string {
  return `${line.productId}:${line.skuId}:${line.availabilityId}`;
}

/** The order on the wire; prices only where asked for, and in the answers of purchases. */
export function orderToWire(
  exchange: Exchange,
  order: Order,
  priced: boolean,
): Record<string, unknown> {
  const self = `/customers/${order.customerId}/orders/${order.id}`;
  const prices = order.lines.map((line) => linePrice(order, line));
  const total = prices.reduce((sum, { extendedMinor }) => sum + extendedMinor, 0);
  return present({
    id: order.id,
    alternateId: order.id,
    referenceCustomerId: order.referenceCustomerId,
    billingCycle: order.billingCycle,
    currencyCode: order.currency,
    currencySymbol: symbolOf(order.currency),
    lineItems: order.lines.map((line, index) =>
      lineToWire(exchange, order, line, priced ? prices[index]?.pricing : undefined),
    ),
    creationDate: iso(order.createdMs),
    status: order.status,
    transactionType: 'UserPurchase',
    totalPrice: priced ? toUnits(total, order.currency) : undefined,
    links: {
      self: link(self),
      provisioningStatus: link(`${self}/provisioningstatus`),
      patchOperation: link(self, 'PATCH'),
    },
    client: {},
    attributes: attributes('Order'),
  });
}

function lineToWire(
  exchange: Exchange,
  order: Order,
  line: OrderLine,
  pricing: unknown,
): Record<string, unknown> {
  const country = exchange.partner.country;
  const sku = `/products/${line.productId}/skus/${line.skuId}`;
  const subscriptionUri = `/customers/${order.customerId}/subscriptions/${line.subscriptionId}`;
  return present({
    lineItemNumber: line.number,
    offerId: catalogItemOf(line),
    subscriptionId: line.subscriptionId,
    termDuration: line.termDuration,
    transactionType: line.transactionType,
    friendlyName: line.friendlyName,
    quantity: line.quantity,
    customTermEndDate: line.customTermEndDate,
    pricing,
    links: present({
      product: link(`/products/${line.productId}?country=${country}`),
      sku: link(`${sku}?country=${country}`),
      availability: link(`${sku}/availabilities/${line.availabilityId}?country=${country}`),
      subscription: line.subscriptionId === undefined ? undefined : link(subscriptionUri),
    }),
  });
}

function linePrice(order: Order, line: OrderLine): { extendedMinor: number; pricing: unknown } {
  const offer = findOffer(line.productId, line.skuId);
  const unit =
    offer === undefined
      ? 0
      : unitPriceMinor(offer, line.termDuration, line.billingCycle, order.currency);
  return priceOf(unit, line.quantity, order.currency);
}

/** `pricing` of cart and order lines; the first cycle is whole, so nothing is prorated. */
export function priceOf(
  unitMinor: number,
  quantity: number,
  currency: string,
): { readonly extendedMinor: number; readonly pricing: unknown } {
  const price = toUnits(unitMinor, currency);
  const extendedMinor = unitMinor * quantity;
  return {
    extendedMinor,
    pricing: {
      listPrice: price,
      discountedPrice: price,
      proratedPrice: price,
      price,
      extendedPrice: toUnits(extendedMinor, currency),
    },
  };
}

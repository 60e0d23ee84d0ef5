/** Orders and prices on the wire (partner-center.md 5.4). */
import { findOffer } from '../catalogue/offers.ts';
import { symbolOf, toUnits } from '../catalogue/prices.ts';
import { attributes, link, present } from '../resources.ts';
import type { Exchange } from '../routing.ts';
import { iso } from '../terms.ts';
import type { Order, OrderLine } from './order.ts';
import { quote } from './quote.ts';

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
  const total = prices.reduce((sum, price) => sum + (price?.extendedMinor ?? 0), 0);
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
    promotionId: line.promotionId,
    partnerIdOnRecord: line.partnerIdOnRecord,
    pricing,
    links: present({
      product: link(`/products/${line.productId}?country=${country}`),
      sku: link(`${sku}?country=${country}`),
      availability: link(`${sku}/availabilities/${line.availabilityId}?country=${country}`),
      subscription: line.subscriptionId === undefined ? undefined : link(subscriptionUri),
    }),
  });
}

function linePrice(order: Order, line: OrderLine): ReturnType<typeof quote> | undefined {
  const offer = findOffer(line.productId, line.skuId);
  const when = { currency: order.currency, atMs: order.createdMs };
  return offer === undefined ? undefined : quote(offer, line, when);
}

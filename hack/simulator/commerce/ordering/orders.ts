/** Placing and reading orders (partner-center.md 5.4, 5.5). */
import type { ApiResponse, World } from '../../world.ts';
import { recordAudit } from '../audit.ts';
import { findAvailability, readCatalogItem } from '../catalogue/availabilities.ts';
import { customerSegments } from '../catalogue/catalogue.ts';
import { findOffer, type Offer } from '../catalogue/offers.ts';
import { currencyOf } from '../catalogue/prices.ts';
import {
  findPromotion,
  type PromotedPurchase,
  promotionProblems,
} from '../catalogue/promotions.ts';
import { requireMayBuy } from '../customers/agreements.ts';
import type { Customer } from '../customers/customer.ts';
import { requireSellable } from '../customers/customer-create.ts';
import { requireCustomer, scopeOf } from '../customers/customers.ts';
import { CommerceFault, invalidInput } from '../faults.ts';
import { type Json, objects, readBody, requireText, text } from '../request-body.ts';
import { requirePartnerOnRecord } from '../resellers/resellers.ts';
import { attributes, collection } from '../resources.ts';
import type { Exchange } from '../routing.ts';
import { commerceOf, ordersOf } from '../state.ts';
import { cancel } from '../subscriptions/subscription-patch.ts';
import { type BillingCycle, isBillingCycle, isTerm, startOfDay, type Term } from '../terms.ts';
import type { Order, OrderLine } from './order.ts';
import { catalogItemOf, orderToWire } from './order-wire.ts';
import { provisionLater } from './provisioning.ts';
import { hasBase, requireSeats, seatHolders } from './seats.ts';
import { isAllowedEndDate } from './term-end-dates.ts';

/** What a purchase asks for, of a cart line or an order line. */
export interface Purchase {
  readonly catalogItemId: string;
  readonly quantity: number;
  readonly termDuration: Term;
  readonly billingCycle: BillingCycle;
  readonly friendlyName: string | undefined;
  readonly customTermEndDate: string | undefined;
  readonly promotionId: string | undefined;
  readonly partnerIdOnRecord: string | undefined;
}

/**
 * Places one order; provisioning follows. `together` is all that is bought at the same time: it may hold the base
 * products of add-ons.
 * @throws CommerceFault 404/400019, 400/400041, 403/800088, ... for the first line that cannot be sold.
 */
export function placeOrder(
  exchange: Exchange,
  customer: Customer,
  purchases: readonly Purchase[],
  together = purchases,
): Order {
  const { world, partner } = exchange;
  const lines = purchases.map((purchase, index) =>
    toOrderLine(exchange, customer, { ...purchase, number: index, purchases, together }),
  );
  const now = world.clock.nowMs();
  const order: Order = {
    id: world.random.hex(12),
    customerId: customer.id,
    partnerTenantId: partner.tenantId,
    referenceCustomerId: customer.id,
    billingCycle: purchases[0]?.billingCycle ?? 'monthly',
    currency: currencyOf(customer.billingProfile.defaultAddress.country),
    createdMs: now,
    listedFromMs: now + Math.floor(world.random.next() * world.settings.orderListLagMs),
    status: 'pending',
    lines,
  };
  commerceOf(world).orders.set(order.id, order);
  customer.orderIds.push(order.id);
  auditOrder(exchange, customer, order);
  provisionLater(exchange, order);
  return order;
}

function auditOrder(exchange: Exchange, customer: Customer, order: Order): void {
  const perLine = order.lines.flatMap((line) => [
    [`OfferId-${line.number}`, catalogItemOf(line)],
    [`SubscriptionName-${line.number}`, line.friendlyName ?? ''],
    [`Quantity-${line.number}`, String(line.quantity)],
    [`PartnerOnRecord-${line.number}`, line.partnerIdOnRecord ?? exchange.partner.mpnId],
  ]);
  recordAudit(scopeOf(exchange), customer, exchange.actor, {
    operationType: 'create_order',
    resourceType: 'order',
    resourceId: order.id,
    newValue: orderToWire(exchange, order, false),
    customizedData: {
      OrderId: order.id,
      BillingCycle: order.billingCycle,
      ...(Object.fromEntries(perLine) as Record<string, string>),
    },
  });
}

function toOrderLine(
  exchange: Exchange,
  customer: Customer,
  purchase: Purchase & {
    readonly number: number;
    readonly purchases: readonly Purchase[];
    readonly together: readonly Purchase[];
  },
): OrderLine {
  const { world, partner } = exchange;
  const { item, offer } = requireItem(exchange, customer, purchase);
  const alsoBuying = new Set(purchase.together.map(({ catalogItemId }) => skuItem(catalogItemId)));
  if (!hasBase(world, customer, offer, alsoBuying)) {
    throw new CommerceFault(400, 400041, `${offer.title} needs its base product.`);
  }
  if (offer.isTrial && hasTried(exchange, customer, offer)) {
    throw new CommerceFault(403, 800089, `${offer.title}: one trial per customer.`);
  }
  requirePromotion(world, customer, { ...item, ...purchase });
  if (purchase.partnerIdOnRecord !== undefined) {
    requirePartnerOnRecord(exchange, purchase.partnerIdOnRecord);
  }
  requireSeats(world, {
    customerId: customer.id,
    partnerTenantId: partner.tenantId,
    offer,
    quantity: purchase.quantity,
    alsoOrdering: purchase.purchases
      .filter((other) => skuItem(other.catalogItemId) === skuItem(purchase.catalogItemId))
      .reduce((sum, { quantity }) => sum + quantity, -purchase.quantity),
  });
  return {
    ...item,
    number: purchase.number,
    quantity: purchase.quantity,
    termDuration: purchase.termDuration,
    billingCycle: purchase.billingCycle,
    friendlyName: purchase.friendlyName,
    customTermEndDate: purchase.customTermEndDate,
    promotionId: purchase.promotionId,
    partnerIdOnRecord: purchase.partnerIdOnRecord,
    transactionType: 'New',
    subscriptionId: undefined,
  };
}

function requirePromotion(
  world: World,
  customer: Customer,
  purchase: PromotedPurchase & { readonly promotionId: string | undefined },
): void {
  const { promotionId } = purchase;
  if (promotionId === undefined) {
    return;
  }
  const promotion = findPromotion(promotionId);
  const [problem] =
    promotion === undefined
      ? [{ description: 'There is no such promotion.' }]
      : promotionProblems(world, customer, { promotion, purchase });
  if (problem !== undefined) {
    throw invalidInput(`Promotion '${promotionId}' is not valid. ${problem.description}`);
  }
}

/** `pid:sid` of a catalogue item. */
export function skuItem(catalogItemId: string): string {
  return catalogItemId.split(':').slice(0, 2).join(':');
}

export function hasTried(exchange: Exchange, customer: Customer, offer: Offer): boolean {
  return ordersOf(exchange.world, customer).some(({ lines }) =>
    lines.some(({ productId, skuId }) => productId === offer.productId && skuId === offer.skuId),
  );
}

function requireItem(
  exchange: Exchange,
  customer: Customer,
  purchase: Purchase,
): { readonly item: NonNullable<ReturnType<typeof readCatalogItem>>; readonly offer: Offer } {
  const item = readCatalogItem(purchase.catalogItemId);
  const country = customer.billingProfile.defaultAddress.country;
  const sold = item === undefined ? undefined : findOffer(item.productId, item.skuId);
  if (item === undefined || sold === undefined) {
    throw new CommerceFault(404, 400018, `Sku of '${purchase.catalogItemId}' was not found.`);
  }
  const found = findAvailability(exchange.world, country, item);
  if (sold.notSoldIn.includes(country)) {
    throw new CommerceFault(400, 800070, `${sold.title} is not sold in ${country}.`);
  }
  if (found === undefined) {
    throw new CommerceFault(404, 400019, `Availability ${item.availabilityId} was not found.`);
  }
  const { termDuration, billingCycle } = purchase;
  if (!found.terms.some((t) => t.duration === termDuration && t.billingCycle === billingCycle)) {
    throw new CommerceFault(
      400,
      800121,
      `'${purchase.catalogItemId}' is not sold with term ${termDuration} billed ${billingCycle}.`,
    );
  }
  if (!customerSegments(customer).has(found.offer.segment)) {
    throw new CommerceFault(400, 800070, `${found.offer.title} is not sold to this customer.`);
  }
  return { item, offer: found.offer };
}

/** POST orders: protected only by MS-RequestId. */
export function createOrder(exchange: Exchange): ApiResponse {
  const customer = requireCustomer(exchange);
  const body = readBody(exchange.request.body, 'Order');
  requireAttestation(body);
  requireMayBuy(exchange, customer);
  requireSellable(exchange, customer.billingProfile.defaultAddress.country);
  const purchases = objects(body, 'lineItems').map((line) => readLine(body, line));
  if (purchases.length === 0) {
    throw invalidInput("Member 'lineItems' is required.");
  }
  const startMs = startOfDay(exchange.world.clock.nowMs());
  for (const { customTermEndDate: date, termDuration: term } of purchases) {
    if (date !== undefined && !isAllowedEndDate(exchange, customer, { term, date, startMs })) {
      throw new CommerceFault(400, 900242, `customTermEndDate ${date} is not allowed.`);
    }
  }
  const order = placeOrder(exchange, customer, purchases);
  return { status: 201, body: orderToWire(exchange, order, true) };
}

/** @throws CommerceFault 400/900206 */
export function requireAttestation(body: Json): void {
  if (body.partnerOnRecordAttestationAccepted !== true) {
    throw new CommerceFault(400, 900206, 'partnerOnRecordAttestationAccepted must be true.');
  }
}

function readLine(order: Json, line: Json): Purchase {
  const termDuration = requireText(line, 'termDuration', 'lineItems.termDuration');
  const billingCycle = requireText(order, 'billingCycle');
  if (!isTerm(termDuration) || !isBillingCycle(billingCycle)) {
    throw new CommerceFault(400, 800121, `Term ${termDuration} billed ${billingCycle} is unknown.`);
  }
  if (typeof line.quantity !== 'number') {
    throw invalidInput("Member 'lineItems.quantity' is required.");
  }
  return {
    catalogItemId: requireText(line, 'offerId', 'lineItems.offerId'),
    quantity: line.quantity,
    termDuration,
    billingCycle,
    friendlyName: text(line, 'friendlyName'),
    customTermEndDate: text(line, 'customTermEndDate'),
    promotionId: text(line, 'promotionId'),
    partnerIdOnRecord: text(line, 'partnerIdOnRecord'),
  };
}

export function listOrders(exchange: Exchange): ApiResponse {
  const customer = requireCustomer(exchange);
  const { world, partner, request } = exchange;
  const now = world.clock.nowMs();
  const cycle = request.query.get('billingType')?.toLowerCase();
  if (cycle !== undefined && !isBillingCycle(cycle)) {
    throw invalidInput(`Query parameter 'billingType' is not known: '${cycle}'.`);
  }
  const items = ordersOf(world, customer)
    .filter((order) => order.partnerTenantId === partner.tenantId && order.listedFromMs <= now)
    .filter(({ billingCycle }) => cycle === undefined || billingCycle === cycle)
    .map((order) => orderToWire(exchange, order, withPrice(request.query)));
  return { status: 200, body: collection(items, `/customers/${customer.id}/orders`) };
}

function withPrice(query: URLSearchParams): boolean {
  return query.get('include_price')?.toLowerCase() === 'true';
}

/** @throws CommerceFault 404/20000 */
function requireOrder(exchange: Exchange): Order {
  const customer = requireCustomer(exchange);
  const id = exchange.params.orderId ?? '';
  const order = commerceOf(exchange.world).orders.get(id);
  if (order?.customerId !== customer.id || order.partnerTenantId !== exchange.partner.tenantId) {
    throw new CommerceFault(404, 20000, `Order ${id} was not found.`);
  }
  return order;
}

export function getOrder(exchange: Exchange): ApiResponse {
  const order = requireOrder(exchange);
  return { status: 200, body: orderToWire(exchange, order, withPrice(exchange.request.query)) };
}

/** Cancelling an order works in the sandbox only (partner-center.md 1.5). */
export function patchOrder(exchange: Exchange): ApiResponse {
  const customer = requireCustomer(exchange);
  const order = requireOrder(exchange);
  const body = readBody(exchange.request.body, 'Order');
  if (text(body, 'status')?.toLowerCase() !== 'cancelled') {
    throw invalidInput("Only 'status':'cancelled' can be set on a new-commerce order.");
  }
  if (exchange.partner.environment !== 'Sandbox') {
    throw new CommerceFault(400, 800019, 'Orders can be cancelled in the sandbox only.');
  }
  order.status = 'cancelled';
  for (const subscription of seatHolders(exchange.world, customer)) {
    if (subscription.orderId === order.id) {
      cancel(exchange, subscription);
    }
  }
  recordAudit(scopeOf(exchange), customer, exchange.actor, {
    operationType: 'update_order',
    resourceType: 'order',
    resourceId: order.id,
    newValue: { id: order.id, status: order.status },
  });
  return { status: 200, body: orderToWire(exchange, order, false) };
}

export function getOrderProvisioning(exchange: Exchange): ApiResponse {
  const order = requireOrder(exchange);
  const items = order.lines.map(({ number, quantity, subscriptionId }) => {
    const status = subscriptionId === undefined ? 'unfulfilled' : 'fulfilled';
    return {
      lineItemNumber: number,
      status,
      quantityProvisioningInformation: [{ quantity, status }],
      attributes: attributes('OrderLineItemProvisioningStatus'),
    };
  });
  const uri = `/customers/${order.customerId}/orders/${order.id}/provisioningstatus`;
  return { status: 200, body: collection(items, uri) };
}

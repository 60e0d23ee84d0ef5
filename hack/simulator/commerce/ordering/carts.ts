/** Carts and checkout (partner-center.md 5.1-5.3). */
import type { ApiResponse } from '../../world.ts';
import { findOffer } from '../catalogue/offers.ts';
import { currencyOf } from '../catalogue/prices.ts';
import { requireMayBuy } from '../customers/agreements.ts';
import type { Customer } from '../customers/customer.ts';
import { requireSellable } from '../customers/customer-create.ts';
import { requireCustomer } from '../customers/customers.ts';
import { CommerceFault, invalidInput } from '../faults.ts';
import { type Json, objects, readBody, requireText, text } from '../request-body.ts';
import { attributes, link, present } from '../resources.ts';
import type { Exchange } from '../routing.ts';
import { commerceOf } from '../state.ts';
import { DAY_MS, isBillingCycle, iso, isTerm } from '../terms.ts';
import { lineError } from './cart-lines.ts';
import type { Cart, CartLine, Order } from './order.ts';
import { orderToWire } from './order-wire.ts';
import { placeOrder, requireAttestation } from './orders.ts';
import { quote } from './quote.ts';

const CART_LIFE_MS = 7 * DAY_MS;

export function createCart(exchange: Exchange): ApiResponse {
  const { world, partner } = exchange;
  const customer = requireCustomer(exchange);
  const lines = readLines(exchange, customer);
  const now = world.clock.nowMs();
  const cart: Cart = {
    id: world.random.uuid(),
    customerId: customer.id,
    partnerTenantId: partner.tenantId,
    createdMs: now,
    modifiedMs: now,
    expiresMs: now + CART_LIFE_MS,
    modifiedBy: exchange.caller.userId ?? exchange.caller.appId,
    lines,
    status: 'Active',
    orderIds: new Map(),
  };
  const { carts } = commerceOf(world);
  forgetExpired(carts, now);
  carts.set(cart.id, cart);
  return { status: 201, body: cartToWire(customer, cart) };
}

/** Carts are kept in the order in which they were made, which is that in which they expire. */
function forgetExpired(carts: Map<string, Cart>, nowMs: number): void {
  for (const [id, { expiresMs }] of carts) {
    if (expiresMs > nowMs) return;
    carts.delete(id);
  }
}

export function getCart(exchange: Exchange): ApiResponse {
  const customer = requireCustomer(exchange);
  return { status: 200, body: cartToWire(customer, requireCart(exchange, customer)) };
}

/** The full cart replaces the old lines. */
export function putCart(exchange: Exchange): ApiResponse {
  const customer = requireCustomer(exchange);
  const cart = requireCart(exchange, customer);
  if (cart.status === 'Ordered') {
    throw new CommerceFault(400, 800065, `Cart ${cart.id} was already submitted.`);
  }
  cart.lines = readLines(exchange, customer);
  cart.modifiedMs = exchange.world.clock.nowMs();
  cart.modifiedBy = exchange.caller.userId ?? exchange.caller.appId;
  return { status: 200, body: cartToWire(customer, cart) };
}

/** @throws CommerceFault 404/800008 for unknown carts, and for those that are older than 7 days. */
function requireCart(exchange: Exchange, customer: Customer): Cart {
  const id = (exchange.params.cartId ?? '').toLowerCase();
  const cart = commerceOf(exchange.world).carts.get(id);
  if (
    cart?.customerId !== customer.id ||
    cart.partnerTenantId !== exchange.partner.tenantId ||
    exchange.world.clock.nowMs() >= cart.expiresMs
  ) {
    throw new CommerceFault(404, 800008, `Cart ${id} was not found.`);
  }
  return cart;
}

function readLines(exchange: Exchange, customer: Customer): CartLine[] {
  const body = readBody(exchange.request.body, 'Cart');
  requireAttestation(body);
  const sent = objects(body, 'lineItems');
  if (sent.length === 0) {
    throw invalidInput("Member 'lineItems' is required.");
  }
  const lines = sent.map((line, index) => readLine(line, index));
  // One order has one billing cycle, so lines are grouped by it.
  const groups = [...new Set(lines.map(({ billingCycle }) => billingCycle))];
  lines.forEach((line, index) => {
    line.orderGroup = String(groups.indexOf(line.billingCycle));
    line.error = lineError(exchange, customer, { line, sent: sent[index] ?? {}, all: lines });
  });
  return lines;
}

function readLine(line: Json, index: number): CartLine {
  const path = `lineItems[${index}]`;
  const termDuration = requireText(line, 'termDuration', `${path}.termDuration`);
  const billingCycle = requireText(line, 'billingCycle', `${path}.billingCycle`);
  if (!isTerm(termDuration) || !isBillingCycle(billingCycle)) {
    throw invalidInput(`Member '${path}': term ${termDuration} billed ${billingCycle} is unknown.`);
  }
  if (typeof line.quantity !== 'number') {
    throw invalidInput(`Member '${path}.quantity' is required.`);
  }
  return {
    id: typeof line.id === 'number' ? line.id : index,
    catalogItemId: requireText(line, 'catalogItemId', `${path}.catalogItemId`),
    friendlyName: text(line, 'friendlyName'),
    quantity: line.quantity,
    termDuration,
    billingCycle,
    customTermEndDate: text(line, 'customTermEndDate'),
    promotionId: text(line, 'promotionId'),
    partnerIdOnRecord: transactionReseller(line),
    attestationAccepted:
      typeof line.attestationAccepted === 'boolean' ? line.attestationAccepted : undefined,
    orderGroup: '0',
    error: undefined,
  };
}

/** `participants` are pairs of a kind and a PartnerID (partner-center.md 5.1). */
function transactionReseller(line: Json): string | undefined {
  const found = objects(line, 'participants').find(({ key }) =>
    /^transaction_?reseller$/i.test(String(key)),
  );
  return found === undefined ? undefined : requireText(found, 'value', 'participants.value');
}

/**
 * One order per group. A group that failed does not stop the others; a repeated checkout returns the orders that are
 * there and tries the failed groups again.
 */
export function checkoutCart(exchange: Exchange): ApiResponse {
  const customer = requireCustomer(exchange);
  const cart = requireCart(exchange, customer);
  if (cart.lines.some(({ error }) => error !== undefined)) {
    throw new CommerceFault(400, 800009, `Cart ${cart.id} has line items with errors.`);
  }
  if (cart.status === 'Active') {
    requireMayBuy(exchange, customer);
    requireSellable(exchange, customer.billingProfile.defaultAddress.country);
  }
  const groups = Map.groupBy(cart.lines, ({ orderGroup }) => orderGroup);
  requireAvailabilities(exchange, customer, cart);
  const outcomes = [...groups].map(([group, lines]) =>
    checkoutGroup(exchange, customer, { cart, group, lines }),
  );
  cart.status = outcomes.every(({ order }) => order !== undefined) ? 'Ordered' : 'Active';
  return {
    status: 201,
    body: {
      orders: outcomes.flatMap(({ order }) =>
        order === undefined ? [] : [orderToWire(exchange, order, true)],
      ),
      orderErrors: outcomes.flatMap(({ error }) => (error === undefined ? [] : [error])),
      attributes: attributes('CartCheckoutResult'),
    },
  };
}

interface GroupOutcome {
  readonly order?: Order;
  readonly error?: unknown;
}

/** Availability ids that have changed since the cart was made refuse the whole checkout with 404/400019. */
function requireAvailabilities(exchange: Exchange, customer: Customer, cart: Cart): void {
  const open = cart.lines.filter(({ orderGroup }) => !cart.orderIds.has(orderGroup));
  for (const line of open) {
    const error = lineError(exchange, customer, { line, sent: {}, all: cart.lines });
    if (error?.errorCode === 10001) {
      throw new CommerceFault(
        404,
        400019,
        `Availability of '${line.catalogItemId}' was not found.`,
      );
    }
  }
}

function checkoutGroup(
  exchange: Exchange,
  customer: Customer,
  { cart, group, lines }: { cart: Cart; group: string; lines: readonly CartLine[] },
): GroupOutcome {
  const known = commerceOf(exchange.world).orders.get(cart.orderIds.get(group) ?? '');
  if (known !== undefined) {
    return { order: known };
  }
  try {
    const order = placeOrder(exchange, customer, lines, cart.lines);
    cart.orderIds.set(group, order.id);
    return { order };
  } catch (error) {
    if (!(error instanceof CommerceFault)) {
      throw error;
    }
    const { code, message } = error;
    return {
      error: {
        orderGroupId: group,
        code,
        description: message,
        attributes: attributes('OrderError'),
      },
    };
  }
}

function cartToWire(customer: Customer, cart: Cart): Record<string, unknown> {
  return {
    id: cart.id,
    creationTimestamp: iso(cart.createdMs),
    lastModifiedTimestamp: iso(cart.modifiedMs),
    expirationTimestamp: iso(cart.expiresMs),
    lastModifiedUser: cart.modifiedBy,
    status: cart.status,
    partnerOnRecordAttestationAccepted: true,
    lineItems: cart.lines.map((line) => lineToWire(customer, cart, line)),
    links: { self: link(`/customers/${customer.id}/carts/${cart.id}`) },
    attributes: attributes('Cart'),
  };
}

function lineToWire(customer: Customer, cart: Cart, line: CartLine): Record<string, unknown> {
  const currency = currencyOf(customer.billingProfile.defaultAddress.country);
  const [productId = '', skuId = ''] = line.catalogItemId.split(':');
  const offer = findOffer(productId, skuId);
  const isPriced = offer !== undefined && line.error === undefined;
  const { partnerIdOnRecord, ...members } = line;
  return present({
    ...members,
    participants:
      partnerIdOnRecord === undefined
        ? undefined
        : [{ key: 'transaction_reseller', value: partnerIdOnRecord }],
    currencyCode: currency,
    provisioningContext: {},
    pricing: isPriced ? quote(offer, line, { currency, atMs: cart.modifiedMs }).pricing : undefined,
  });
}

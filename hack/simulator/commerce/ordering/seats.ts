/** Limits on seats: per subscription, per sandbox, and pooled per customer tenant (partner-center.md 1.5, 4.4). */
import type { World } from '../../world.ts';
import { extendedSkuId, type Offer } from '../catalogue/offers.ts';
import type { Customer } from '../customers/customer.ts';
import { CommerceFault } from '../faults.ts';
import { customerOf, ordersOf, requirePartner, subscriptionsOf } from '../state.ts';
import type { Subscription } from '../subscriptions/subscription.ts';

export const SANDBOX_SEATS_MAX = 25;
const SANDBOX_SUBSCRIPTIONS_MAX = 5;

const COUNTED = new Set(['active', 'suspended', 'expired']);

/** Subscriptions that hold seats of this customer, of every partner. */
export function seatHolders(world: World, customer: Customer): readonly Subscription[] {
  return subscriptionsOf(world, customer).filter(({ status }) => COUNTED.has(status));
}

/** Seats of a SKU in a tenant, bought ones that are not provisioned yet included. */
function pooledSeats(world: World, customer: Customer, offer: Offer, exceptId?: string): number {
  const skuIds = new Set([offer.skuId, extendedSkuId(offer.skuId)]);
  const provisioned = seatHolders(world, customer)
    .filter((held) => held.productId === offer.productId && skuIds.has(held.skuId))
    .filter(({ id }) => id !== exceptId)
    .reduce((sum, { quantity }) => sum + quantity, 0);
  const ordered = ordersOf(world, customer)
    .filter(({ status }) => status === 'pending')
    .flatMap(({ lines }) => lines)
    .filter(({ subscriptionId }) => subscriptionId === undefined)
    .filter((line) => line.productId === offer.productId && line.skuId === offer.skuId)
    .reduce((sum, { quantity }) => sum + quantity, 0);
  return provisioned + ordered;
}

interface SeatRequest {
  readonly customerId: string;
  readonly partnerTenantId: string;
  readonly offer: Offer;
  /** Seats that the subscription is to have. */
  readonly quantity: number;
  /** Set when it exists already: its present seats do not count. */
  readonly subscriptionId?: string;
  /** Seats of the same SKU in other lines of the same order. */
  readonly alsoOrdering?: number;
}

/**
 * @throws CommerceFault 400/900275 outside the offer's range, 403/800088 pooled limit, 400/800018 sandbox limit.
 */
export function requireSeats(world: World, request: SeatRequest): void {
  const { offer, quantity } = request;
  if (quantity < offer.minimumQuantity || quantity > offer.maximumQuantity) {
    throw new CommerceFault(
      400,
      900275,
      `Quantity ${quantity} is not from ${offer.minimumQuantity} to ${offer.maximumQuantity}.`,
    );
  }
  requireSandboxSeats(world, request);
  if (offer.pooledSeatsMax === undefined) {
    return;
  }
  const taken = pooledSeats(world, customerOf(world, request), offer, request.subscriptionId);
  const remaining = offer.pooledSeatsMax - taken - (request.alsoOrdering ?? 0);
  if (quantity > remaining) {
    throw new CommerceFault(
      403,
      800088,
      `Seat limit exceeded for ${offer.productId}:${offer.skuId}: requested ${quantity}, remaining ${Math.max(0, remaining)}.`,
    );
  }
}

function requireSandboxSeats(world: World, request: SeatRequest): void {
  if (requirePartner(world, request.partnerTenantId).environment !== 'Sandbox') {
    return;
  }
  const owned = seatHolders(world, customerOf(world, request)).length;
  const isOneMore = request.subscriptionId === undefined;
  if (request.quantity > SANDBOX_SEATS_MAX || (isOneMore && owned >= SANDBOX_SUBSCRIPTIONS_MAX)) {
    throw new CommerceFault(
      400,
      800018,
      `The sandbox holds at most ${SANDBOX_SUBSCRIPTIONS_MAX} subscriptions of ${SANDBOX_SEATS_MAX} seats.`,
    );
  }
}

/** Add-ons need one of their base products (partner-center.md 4.4). `alsoBuying` holds `pid:sid` of the same cart. */
export function hasBase(
  world: World,
  customer: Customer,
  offer: Offer,
  alsoBuying: ReadonlySet<string>,
): boolean {
  if (offer.prerequisites.length === 0) {
    return true;
  }
  const owned = seatHolders(world, customer)
    .filter(({ status }) => status === 'active')
    .map(({ productId, skuId }) => `${productId}:${skuId}`);
  return offer.prerequisites.some((item) => alsoBuying.has(item) || owned.includes(item));
}

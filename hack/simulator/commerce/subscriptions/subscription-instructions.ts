/** Reads renewal instructions and end-of-term actions of a PATCH (partner-center.md 6.4, 6.6). */
import { isDeepStrictEqual } from 'node:util';
import { findAvailability } from '../catalogue/availabilities.ts';
import { findOffer, type Offer } from '../catalogue/offers.ts';
import { findPromotion } from '../catalogue/promotions.ts';
import { CommerceFault, invalidInput } from '../faults.ts';
import { requireSeats } from '../ordering/seats.ts';
import { isAllowedEndDate } from '../ordering/term-end-dates.ts';
import { isObject, type Json, objects, requireObject, requireText, text } from '../request-body.ts';
import type { Exchange } from '../routing.ts';
import { commerceOf, customerOf } from '../state.ts';
import { isBillingCycle, isTerm } from '../terms.ts';
import { requireOffer } from './directory-seats.ts';
import type {
  EndOfTermAction,
  NextTermInstructions,
  ScheduledAction,
  Subscription,
} from './subscription.ts';
import { defaultNextTerm } from './subscription-life.ts';

/**
 * The instruction of a body; undefined where it has none. One that is sent back as it was read is taken without
 * checks: its availability may have changed since.
 * @throws CommerceFault 400/2000, 400/900236, 400/900267, 400/900275, 403/800088, 404/400019
 */
export function readInstructions(
  exchange: Exchange,
  subscription: Subscription,
  body: Json,
  member: string,
): NextTermInstructions | undefined {
  const sent = body[member];
  if (!isObject(sent)) {
    return undefined;
  }
  const instructions = toInstructions(sent, member);
  const stored = [
    subscription.nextTerm,
    ...subscription.scheduledActions.map((action) => action.instructions),
    subscription.isTrial ? defaultNextTerm(subscription) : undefined,
  ];
  if (!stored.some((known) => isDeepStrictEqual(known, instructions))) {
    checkInstructions(exchange, subscription, instructions);
  }
  return instructions;
}

function toInstructions(sent: Json, member: string): NextTermInstructions {
  const product = requireObject(sent, 'product');
  const termDuration = requireText(product, 'termDuration', `${member}.product.termDuration`);
  const billingCycle = requireText(product, 'billingCycle', `${member}.product.billingCycle`);
  if (!isTerm(termDuration) || !isBillingCycle(billingCycle)) {
    throw invalidInput(`Member '${member}.product' has no known term: ${termDuration}.`);
  }
  const { quantity } = sent;
  if (typeof quantity !== 'number') {
    throw invalidInput(`Member '${member}.quantity' is required.`);
  }
  const availabilityId = text(product, 'availabilityId');
  const promotionId = text(product, 'promotionId');
  if (promotionId !== undefined && findPromotion(promotionId) === undefined) {
    throw invalidInput(`Member '${member}.product.promotionId': '${promotionId}' is unknown.`);
  }
  const customTermEndDate = text(sent, 'customTermEndDate');
  return {
    product: {
      productId: requireText(product, 'productId', `${member}.product.productId`),
      skuId: requireText(product, 'skuId', `${member}.product.skuId`),
      ...(availabilityId === undefined ? {} : { availabilityId }),
      billingCycle,
      termDuration,
      ...(promotionId === undefined ? {} : { promotionId }),
    },
    quantity,
    ...(customTermEndDate === undefined ? {} : { customTermEndDate }),
  };
}

function checkInstructions(
  exchange: Exchange,
  subscription: Subscription,
  instructions: NextTermInstructions,
): void {
  const { productId, skuId, availabilityId, termDuration, billingCycle } = instructions.product;
  const target = findOffer(productId, skuId);
  if (target === undefined || !isReachable(subscription, target)) {
    throw new CommerceFault(
      400,
      900236,
      `${productId}:${skuId} is not a valid target for subscription ${subscription.id}.`,
    );
  }
  if (!target.terms.some((t) => t.duration === termDuration && t.billingCycle === billingCycle)) {
    throw new CommerceFault(
      400,
      900267,
      `${productId}:${skuId} is not sold with term ${termDuration} billed ${billingCycle}.`,
    );
  }
  const { customerId, partnerTenantId, id: subscriptionId } = subscription;
  if (availabilityId !== undefined) {
    requireAvailability(exchange, customerId, { productId, skuId, availabilityId });
  }
  const date = instructions.customTermEndDate;
  const choice = { term: termDuration, date: date ?? '', startMs: subscription.termEndMs };
  if (
    date !== undefined &&
    !isAllowedEndDate(exchange, customerOf(exchange.world, subscription), choice)
  ) {
    throw new CommerceFault(400, 900242, `customTermEndDate ${date} is not allowed.`);
  }
  requireSeats(exchange.world, {
    customerId,
    partnerTenantId,
    offer: target,
    quantity: instructions.quantity,
    subscriptionId,
  });
}

/** @throws CommerceFault 404/400019 where the id is unknown today. */
function requireAvailability(
  exchange: Pick<Exchange, 'world'>,
  customerId: string,
  item: { readonly productId: string; readonly skuId: string; readonly availabilityId: string },
): void {
  const customer = commerceOf(exchange.world).customers.get(customerId);
  const country = customer?.billingProfile.defaultAddress.country ?? '';
  if (findAvailability(exchange.world, country, item) === undefined) {
    throw new CommerceFault(
      404,
      400019,
      `Availability ${item.availabilityId} of ${item.productId}:${item.skuId} was not found.`,
    );
  }
}

/** The same product, an upgrade of it, or what the trial or extended term goes back to. */
function isReachable(subscription: Subscription, target: Offer): boolean {
  const item = `${target.productId}:${target.skuId}`;
  const { product } = defaultNextTerm(subscription);
  return (
    item === `${product.productId}:${product.skuId}` ||
    requireOffer(subscription).upgradesTo.includes(item)
  );
}

const ACTIONS: readonly EndOfTermAction[] = [
  'Cancel',
  'RenewToNewTerm',
  'RenewToExtendedServiceTerm',
  'Transition',
];

/** @throws CommerceFault 400/2000 for an unknown action, two at term end, or a custom date. */
export function readActions(
  exchange: Exchange,
  subscription: Subscription,
  body: Json,
): ScheduledAction[] {
  const actions = objects(body, 'scheduledActions').map((sent): ScheduledAction => {
    const type = requireText(sent, 'scheduleType', 'scheduledActions.scheduleType');
    const name = requireText(sent, 'actionType', 'scheduledActions.actionType');
    const actionType = ACTIONS.find((known) => known.toLowerCase() === name.toLowerCase());
    if (type.toLowerCase() !== 'termend') {
      throw invalidInput(`Member 'scheduledActions.scheduleType': '${type}' is not supported.`);
    }
    if (actionType === undefined) {
      throw invalidInput(`Member 'scheduledActions.actionType': '${name}' is not known.`);
    }
    const instructions = readInstructions(exchange, subscription, sent, 'instructions');
    if (actionType === 'Transition' && instructions === undefined) {
      throw invalidInput("Member 'scheduledActions.instructions' is required for Transition.");
    }
    return { scheduleType: 'TermEnd', actionType, ...(instructions ? { instructions } : {}) };
  });
  if (actions.length > 1) {
    throw invalidInput("Member 'scheduledActions' holds more than one action at TermEnd.");
  }
  return actions;
}

/**
 * Upgrades and conversions of trials (partner-center.md 6.5). All seats of a subscription: it goes on as the better
 * product, under its id and to the same end. A part of them: they go to a new subscription, or to one that exists, and
 * take their refund windows along. None opens a window of its own.
 */
import type { ApiResponse, TaskKind } from '../../world.ts';
import type { Actor } from '../audit.ts';
import { findAvailability, readCatalogItem } from '../catalogue/availabilities.ts';
import type { Offer } from '../catalogue/offers.ts';
import { itemOf } from '../catalogue/offers.ts';
import { CommerceFault, invalidInput } from '../faults.ts';
import { requireSeats } from '../ordering/seats.ts';
import { type Json, readBody, requireText, text } from '../request-body.ts';
import { collection } from '../resources.ts';
import type { Exchange, Scope } from '../routing.ts';
import { commerceOf, customerOf } from '../state.ts';
import { isBillingCycle, isTerm, TERM_MONTHS } from '../terms.ts';
import type { Subscription } from './subscription.ts';
import { requireUpdatable } from './subscription-change.ts';
import { requireSubscription } from './subscriptions.ts';
import { type Transition, type TransitionType, transitionToWire } from './transition.ts';
import { carryOut } from './transition-effects.ts';
import {
  CONVERSION_SEATS_MIN,
  candidates,
  targetOffers,
  targetProblems,
} from './transition-targets.ts';

const TRANSIT: TaskKind<{
  readonly subscriptionId: string;
  readonly operationId: string;
  readonly actor: Actor;
}> = { name: 'commerce.transition' };

/** What running transitions do on the clock. */
export function registerTransitions(scope: Scope): void {
  scope.world.clock.on(TRANSIT, ({ subscriptionId, operationId, actor }) => {
    const { subscriptions, transitions } = commerceOf(scope.world);
    const subscription = subscriptions.get(subscriptionId);
    const transition = transitions
      .get(subscriptionId)
      ?.find((known) => known.operationId === operationId);
    if (subscription && transition) carryOut(scope, subscription, { transition, actor });
  });
}

/** The answer shows it started; it is done after the provisioning delay. */
export function createTransition(exchange: Exchange): ApiResponse {
  const { world } = exchange;
  const subscription = requireSubscription(exchange);
  requireUpdatable(subscription);
  if (subscription.status !== 'active') {
    throw new CommerceFault(
      400,
      2001,
      `Subscription ${subscription.id} is ${subscription.status}.`,
    );
  }
  const transition = readTransition(
    exchange,
    subscription,
    readBody(exchange.request.body, 'Transition'),
  );
  const { transitions } = commerceOf(world);
  transitions.set(subscription.id, [...(transitions.get(subscription.id) ?? []), transition]);
  const sinceMs = world.clock.nowMs();
  subscription.busy = { code: 800082, reason: 'A transition is running.', sinceMs };
  const answer = { status: 200, body: transitionToWire(transition) };
  const { operationId } = transition;
  const args = { subscriptionId: subscription.id, operationId, actor: exchange.actor };
  world.clock.after(world.settings.provisioningDelayMs, TRANSIT, args);
  return answer;
}

export function listTransitions(exchange: Exchange): ApiResponse {
  const { id, customerId } = requireSubscription(exchange);
  const operationId = exchange.request.query.get('operationId');
  const items = (commerceOf(exchange.world).transitions.get(id) ?? [])
    .filter((transition) => operationId === null || transition.operationId === operationId)
    .map(transitionToWire);
  const uri = `/customers/${customerId}/subscriptions/${id}/transitions`;
  return { status: 200, body: collection(items, uri) };
}

/** @throws CommerceFault 400/900236, 400/900258-900261, 400/900267-900270, 403/800088, 404/400019 */
function readTransition(exchange: Exchange, subscription: Subscription, body: Json): Transition {
  const { world } = exchange;
  const { offer, catalogItemId } = requireTarget(exchange, subscription, body);
  const quantity = readQuantity(subscription, body);
  const transitionType = readType(subscription, body, quantity);
  const target = readTargetSubscription(exchange, subscription, { offer, body });
  const wholeTarget = (target?.quantity ?? 0) + quantity;
  requireSeats(world, {
    customerId: subscription.customerId,
    partnerTenantId: subscription.partnerTenantId,
    offer,
    quantity: wholeTarget,
    subscriptionId: target?.id ?? subscription.id,
  });
  return {
    operationId: world.random.uuid(),
    fromSubscriptionId: subscription.id,
    fromCatalogItemId: `${itemOf(subscription)}:${subscription.availabilityId}`,
    toCatalogItemId: catalogItemId,
    toSubscriptionId: target?.id,
    quantity,
    ...readTerm(subscription, { offer, body, target }),
    transitionType,
    events: [{ name: 'Conversion', status: 'Started', atMs: world.clock.nowMs() }],
  };
}

function requireTarget(
  exchange: Exchange,
  subscription: Subscription,
  body: Json,
): { readonly offer: Offer; readonly catalogItemId: string } {
  const catalogItemId = requireText(body, 'toCatalogItemId');
  const item = readCatalogItem(catalogItemId);
  const offer = targetOffers(subscription).find(
    (known) => item !== undefined && itemOf(known) === itemOf(item),
  );
  if (item === undefined || offer === undefined) {
    throw new CommerceFault(
      400,
      900236,
      `${catalogItemId} is not a valid target for subscription ${subscription.id}.`,
    );
  }
  const { country } = customerOf(exchange.world, subscription).billingProfile.defaultAddress;
  if (findAvailability(exchange.world, country, item) === undefined) {
    throw new CommerceFault(404, 400019, `Availability ${item.availabilityId} was not found.`);
  }
  return { offer, catalogItemId };
}

function readQuantity(subscription: Subscription, body: Json): number {
  const quantity = body.quantity ?? subscription.quantity;
  if (typeof quantity !== 'number' || quantity < 1) {
    throw invalidInput("Member 'quantity' must be at least 1.");
  }
  if (subscription.isTrial && quantity < CONVERSION_SEATS_MIN) {
    throw new CommerceFault(
      400,
      900258,
      `A running trial is converted with at least ${CONVERSION_SEATS_MIN} seats.`,
    );
  }
  if (!subscription.isTrial && quantity > subscription.quantity) {
    throw new CommerceFault(
      400,
      900259,
      `Subscription ${subscription.id} has ${subscription.quantity} seats, not ${quantity}.`,
    );
  }
  return quantity;
}

function readType(subscription: Subscription, body: Json, quantity: number): TransitionType {
  const asked = requireText(body, 'transitionType').toLowerCase();
  if (asked === 'transition_only') {
    return asked;
  }
  if (asked !== 'transition_with_license_transfer') {
    throw invalidInput(`Member 'transitionType': '${asked}' is not known.`);
  }
  if (quantity < subscription.quantity) {
    throw new CommerceFault(400, 900260, 'Licences are reassigned for all seats or none.');
  }
  return asked;
}

function readTargetSubscription(
  exchange: Exchange,
  source: Subscription,
  { offer, body }: { readonly offer: Offer; readonly body: Json },
): Subscription | undefined {
  const id = text(body, 'toSubscriptionId')?.toLowerCase();
  if (id === undefined) {
    return undefined;
  }
  const target = source.isTrial
    ? undefined
    : candidates(exchange, source, offer).find((known) => known.id === id);
  if (target === undefined) {
    throw new CommerceFault(400, 900261, `Subscription ${id} cannot take seats of this one.`);
  }
  const [problem] = targetProblems(exchange, source, target);
  if (problem !== undefined) {
    throw new CommerceFault(400, 900261, problem.description);
  }
  requireUpdatable(target);
  return target;
}

/** The term of the source unless another one is asked for, never a shorter one. */
function readTerm(
  subscription: Subscription,
  {
    offer,
    body,
    target,
  }: {
    readonly offer: Offer;
    readonly body: Json;
    readonly target: Subscription | undefined;
  },
): Pick<Transition, 'termDuration' | 'billingCycle'> {
  if (target !== undefined) {
    const { termDuration, billingCycle } = target;
    return { termDuration, billingCycle };
  }
  // A trial becomes a yearly subscription, billed monthly (partner-center.md 4.4).
  const usual = subscription.isTrial
    ? ({ termDuration: 'P1Y', billingCycle: 'monthly' } as const)
    : subscription;
  const termDuration = text(body, 'termDuration') ?? usual.termDuration;
  const billingCycle = text(body, 'billingCycle') ?? usual.billingCycle;
  if (!isTerm(termDuration) || !isBillingCycle(billingCycle)) {
    throw new CommerceFault(400, 900267, `Term ${termDuration} billed ${billingCycle} is unknown.`);
  }
  if (TERM_MONTHS[termDuration] < TERM_MONTHS[subscription.termDuration]) {
    throw new CommerceFault(400, 900268, `Term ${termDuration} is shorter than the present one.`);
  }
  if (!offer.terms.some((t) => t.duration === termDuration && t.billingCycle === billingCycle)) {
    throw new CommerceFault(
      400,
      900269,
      `${itemOf(offer)} is not sold with term ${termDuration} billed ${billingCycle}.`,
    );
  }
  return { termDuration, billingCycle };
}

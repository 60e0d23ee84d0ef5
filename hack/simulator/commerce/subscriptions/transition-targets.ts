/** What a subscription may be upgraded to (partner-center.md 6.5). */
import type { ApiResponse } from '../../world.ts';
import { availabilityFor } from '../catalogue/availabilities.ts';
import { findOffer, itemOf, type Offer } from '../catalogue/offers.ts';
import { requireCustomer } from '../customers/customers.ts';
import { invalidInput } from '../faults.ts';
import { collection } from '../resources.ts';
import type { Exchange } from '../routing.ts';
import { customerOf, subscriptionsOf } from '../state.ts';
import { TERM_MONTHS } from '../terms.ts';
import { requireOffer } from './directory-seats.ts';
import type { Subscription } from './subscription.ts';
import { requireSubscription } from './subscriptions.ts';
import type { TransitionType } from './transition.ts';

/** A running trial is converted with at least so many seats (partner-center.md 6.5). */
export const CONVERSION_SEATS_MIN = 25;

const TYPES: readonly TransitionType[] = ['transition_only', 'transition_with_license_transfer'];

/** Better products, or the paid one of a trial. */
export function targetOffers(subscription: Subscription): readonly Offer[] {
  const offer = requireOffer(subscription);
  const paid = offer.isTrial ? findOffer(offer.productId, offer.renewsToSkuId ?? '') : undefined;
  const upgrades = offer.upgradesTo.flatMap((item) => {
    const [productId = '', skuId = ''] = item.split(':');
    return findOffer(productId, skuId) ?? [];
  });
  return paid === undefined ? upgrades : [paid, ...upgrades];
}

interface TargetProblem {
  readonly code: number;
  readonly description: string;
}

/** Why seats cannot go to a subscription that exists; the numbers are those of partner-center.md 6.5. */
export function targetProblems(
  exchange: Exchange,
  source: Subscription,
  target: Subscription,
): readonly TargetProblem[] {
  const now = exchange.world.clock.nowMs();
  const rules: readonly (readonly [code: number, isBroken: boolean, description: string])[] = [
    [1, target.status !== 'active', 'The subscription is not active.'],
    [
      2,
      now < (target.cancellationAllowedUntilMs ?? 0),
      'The subscription is inside its cancellation window.',
    ],
    [
      3,
      TERM_MONTHS[target.termDuration] < TERM_MONTHS[source.termDuration],
      'The term is shorter than that of the source.',
    ],
    [4, target.termEndMs < source.termEndMs, 'The term ends before that of the source.'],
  ];
  return rules.flatMap(([code, isBroken, description]) => (isBroken ? { code, description } : []));
}

export function listEligibilities(exchange: Exchange): ApiResponse {
  const subscription = requireSubscription(exchange);
  const asked = exchange.request.query.get('eligibilityType') ?? 'immediate';
  const type = asked.toLowerCase();
  if (type !== 'immediate' && type !== 'scheduled') {
    throw invalidInput(
      `Query parameter 'eligibilityType' must be immediate or scheduled: '${asked}'.`,
    );
  }
  const items =
    subscription.status === 'active'
      ? targetOffers(subscription).map((offer) =>
          eligibilityToWire(exchange, subscription, { offer, type }),
        )
      : [];
  const { customerId, id } = subscription;
  const uri = `/customers/${customerId}/subscriptions/${id}/transitionEligibilities`;
  return { status: 200, body: collection(items, uri) };
}

function eligibilityToWire(
  exchange: Exchange,
  subscription: Subscription,
  target: { readonly offer: Offer; readonly type: 'immediate' | 'scheduled' },
): Record<string, unknown> {
  const { offer, type } = target;
  const { world } = exchange;
  const { country } = customerOf(world, subscription).billingProfile.defaultAddress;
  const { duration = 'P1Y' } =
    offer.terms.find((term) => term.duration === subscription.termDuration) ?? {};
  const availability = availabilityFor(world, offer, country, duration);
  const errors =
    type === 'immediate' && subscription.isTrial && subscription.quantity < CONVERSION_SEATS_MIN
      ? [
          {
            code: 'Other',
            description: `A trial is converted with ${CONVERSION_SEATS_MIN} seats or more.`,
          },
        ]
      : [];
  return {
    operationId: world.random.uuid(),
    catalogItemId: `${itemOf(offer)}:${availability?.id}`,
    title: offer.title,
    description: offer.title,
    quantity: subscription.quantity,
    eligibilities: TYPES.map((transitionType) => ({
      isEligible: errors.length === 0,
      transitionType,
      errors,
    })),
    subscriptionEligibilities:
      type === 'scheduled' || subscription.isTrial
        ? []
        : candidates(exchange, subscription, offer).map((candidate) =>
            candidateToWire(exchange, subscription, candidate),
          ),
  };
}

/** Subscriptions of that product, of the same partner and customer. */
export function candidates(
  exchange: Exchange,
  source: Subscription,
  offer: Offer,
): readonly Subscription[] {
  return subscriptionsOf(exchange.world, requireCustomer(exchange)).filter(
    ({ partnerTenantId, productId, skuId, status }) =>
      partnerTenantId === source.partnerTenantId &&
      productId === offer.productId &&
      skuId === offer.skuId &&
      status !== 'deleted',
  );
}

function candidateToWire(exchange: Exchange, source: Subscription, target: Subscription): unknown {
  const errors = targetProblems(exchange, source, target);
  return {
    isEligible: errors.length === 0,
    subscriptionId: target.id,
    subscriptionFriendlyName: target.friendlyName,
    subscriptionTermDuration: target.termDuration,
    subscriptionBillingCycle: target.billingCycle,
    errors,
  };
}

/** What a PATCH of a subscription asks for, and whether it may (partner-center.md 6.3, 6.4). */
import { CommerceFault, invalidInput } from '../faults.ts';
import { requireSeats } from '../ordering/seats.ts';
import { isAllowedEndDate } from '../ordering/term-end-dates.ts';
import { type Json, text } from '../request-body.ts';
import { requirePartnerOnRecord } from '../resellers/resellers.ts';
import type { Exchange } from '../routing.ts';
import { customerOf } from '../state.ts';
import {
  type BillingCycle,
  isBillingCycle,
  isTerm,
  startOfDay,
  TERM_MONTHS,
  type Term,
} from '../terms.ts';
import { requireOffer } from './directory-seats.ts';
import { refundableSeats } from './refund-batches.ts';
import type { NextTermInstructions, ScheduledAction, Subscription } from './subscription.ts';
import { readActions, readInstructions } from './subscription-instructions.ts';

/** Updates of one subscription, then 900311 (partner-center.md 1.10). */
export const UPDATES_MAX = 1200;

type TargetStatus = 'active' | 'suspended' | 'deleted';

/** What a PATCH asks for; undefined members stay as they are. */
export interface Change {
  readonly quantity: number | undefined;
  readonly status: TargetStatus | undefined;
  readonly term: { readonly termDuration: Term; readonly billingCycle: BillingCycle } | undefined;
  readonly nextBillingCycle: BillingCycle | undefined;
  readonly keepsNextCharge: boolean;
  readonly autoRenewEnabled: boolean;
  readonly nextTerm: NextTermInstructions | undefined;
  readonly actions: ScheduledAction[];
  readonly customTermEndDate: string | undefined;
  readonly friendlyName: string | undefined;
  readonly partnerId: string | undefined;
}

export function requireUpdatable(subscription: Subscription): void {
  const { id, status, busy } = subscription;
  if (busy !== undefined) {
    throw new CommerceFault(409, busy.code, `Subscription ${id} is not ready: ${busy.reason}`);
  }
  if (status === 'deleted') {
    throw new CommerceFault(400, 2011, `Subscription ${id} is deleted and cannot change.`);
  }
  if (status === 'expired' || status === 'disabled') {
    throw new CommerceFault(400, 900279, `Subscription ${id} is ${status}: no more updates.`);
  }
  if (subscription.updateCount >= UPDATES_MAX) {
    throw new CommerceFault(400, 900311, `Subscription ${id} was updated too many times.`);
  }
}

export function readChange(exchange: Exchange, subscription: Subscription, body: Json): Change {
  const autoRenewEnabled = body.autoRenewEnabled === true;
  const nextTerm = readInstructions(exchange, subscription, body, 'scheduledNextTermInstructions');
  const quantity = typeof body.quantity === 'number' ? body.quantity : subscription.quantity;
  return {
    quantity: quantity === subscription.quantity ? undefined : quantity,
    status: readStatus(subscription, body),
    ...readTerm(subscription, body),
    keepsNextCharge: body.nextChargeInstructions !== undefined,
    autoRenewEnabled,
    nextTerm,
    actions: readActions(exchange, subscription, body),
    customTermEndDate: text(body, 'customTermEndDate'),
    friendlyName: text(body, 'friendlyName'),
    partnerId: text(body, 'partnerId'),
  };
}

function readStatus(subscription: Subscription, body: Json): TargetStatus | undefined {
  const status = text(body, 'status') ?? subscription.status;
  if (status === subscription.status) {
    return undefined;
  }
  if (status === 'active' || status === 'suspended' || status === 'deleted') {
    return status;
  }
  throw invalidInput(`Member 'status': '${status}' cannot be set.`);
}

function readTerm(
  subscription: Subscription,
  body: Json,
): Pick<Change, 'term' | 'nextBillingCycle'> {
  const termDuration = text(body, 'termDuration') ?? subscription.termDuration;
  const billingCycle = text(body, 'billingCycle') ?? subscription.billingCycle;
  if (!isTerm(termDuration) || !isBillingCycle(billingCycle)) {
    throw new CommerceFault(400, 800121, `Term ${termDuration} is not valid.`);
  }
  if (termDuration !== subscription.termDuration) {
    return { term: { termDuration, billingCycle }, nextBillingCycle: undefined };
  }
  const isSame = billingCycle === subscription.billingCycle;
  return { term: undefined, nextBillingCycle: isSame ? undefined : billingCycle };
}

export function checkChange(exchange: Exchange, subscription: Subscription, change: Change): void {
  if (subscription.isTrial) {
    checkTrial(subscription, change);
  }
  if (change.partnerId !== undefined && change.partnerId !== subscription.partnerId) {
    requirePartnerOnRecord(exchange, change.partnerId);
  }
  checkStatus(exchange, subscription, change);
  checkTerm(subscription, change);
  if (change.quantity !== undefined) {
    checkQuantity(exchange, subscription, change.quantity);
  }
  const isNewEnd =
    change.customTermEndDate !== undefined &&
    change.customTermEndDate !== subscription.customTermEndDate;
  if (isNewEnd && change.term === undefined) {
    throw new CommerceFault(
      400,
      900242,
      "Member 'customTermEndDate' can change at renewal only, or with a longer term.",
    );
  }
  if (isNewEnd) {
    requireEndDate(exchange, subscription, change);
  }
}

function requireEndDate(exchange: Exchange, subscription: Subscription, change: Change): void {
  const date = change.customTermEndDate ?? '';
  const term = change.term?.termDuration ?? subscription.termDuration;
  const startMs = startOfDay(exchange.world.clock.nowMs());
  const customer = customerOf(exchange.world, subscription);
  if (!isAllowedEndDate(exchange, customer, { term, date, startMs })) {
    throw new CommerceFault(400, 900242, `customTermEndDate ${date} is not allowed.`);
  }
}

/** A running trial has no quantity and no status change (partner-center.md 4.4). */
function checkTrial(subscription: Subscription, change: Change): void {
  if (change.term !== undefined) {
    throw new CommerceFault(400, 800107, `Trial ${subscription.id} has no term change.`);
  }
  if (change.quantity !== undefined || change.status !== undefined) {
    throw new CommerceFault(400, 900280, `Trial ${subscription.id} cannot be updated now.`);
  }
}

function checkStatus(exchange: Exchange, subscription: Subscription, change: Change): void {
  const now = exchange.world.clock.nowMs();
  const until = subscription.cancellationAllowedUntilMs ?? 0;
  if (change.status === 'deleted' && now >= until) {
    throw new CommerceFault(
      400,
      900213,
      `Subscription ${subscription.id} has passed the 168-hour cancellation window.`,
    );
  }
}

function checkTerm(subscription: Subscription, change: Change): void {
  const { termDuration: current, billingCycle } = subscription;
  if (change.term !== undefined) {
    const { term } = change;
    if (TERM_MONTHS[term.termDuration] < TERM_MONTHS[current]) {
      throw new CommerceFault(400, 800122, `Term ${term.termDuration} is shorter than ${current}.`);
    }
    const isSold = requireOffer(subscription).terms.some(
      (sold) => sold.duration === term.termDuration && sold.billingCycle === term.billingCycle,
    );
    if (!isSold) {
      throw new CommerceFault(
        400,
        800121,
        `Term ${term.termDuration} billed ${term.billingCycle} is not sold for this product.`,
      );
    }
  }
  // Only three-year terms change between monthly and annual, from the next charge on.
  const allowed = current === 'P3Y' && billingCycle !== 'triennial' ? ['monthly', 'annual'] : [];
  if (change.nextBillingCycle !== undefined && !allowed.includes(change.nextBillingCycle)) {
    throw new CommerceFault(
      400,
      2054,
      `Billing cycle ${billingCycle} of a ${current} term cannot become ${change.nextBillingCycle}.`,
    );
  }
}

function checkQuantity(exchange: Exchange, subscription: Subscription, quantity: number): void {
  const { id, customerId, partnerTenantId, status } = subscription;
  if (status === 'suspended') {
    throw new CommerceFault(400, 800091, `Subscription ${id} is suspended.`);
  }
  if (quantity < subscription.quantity) {
    checkDecrease(exchange, subscription, quantity);
    return;
  }
  const offer = requireOffer(subscription);
  const request = { customerId, partnerTenantId, offer, quantity, subscriptionId: id };
  requireSeats(exchange.world, request);
}

function checkDecrease(exchange: Exchange, subscription: Subscription, quantity: number): void {
  const { minimumQuantity } = requireOffer(subscription);
  if (quantity < minimumQuantity) {
    throw new CommerceFault(400, 900275, `Quantity ${quantity} is below ${minimumQuantity}.`);
  }
  const refundable = refundableSeats(exchange.world, subscription);
  if (subscription.quantity - quantity > refundable) {
    throw new CommerceFault(
      400,
      800090,
      `Seats of subscription ${subscription.id} cannot be decreased to ${quantity}: ${refundable} are refundable.`,
    );
  }
}

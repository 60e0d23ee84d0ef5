/** What the seat planner (core/seats) is told of a pool. Pure. */
import type { Offer } from '../../api/partner-connection.ts';
import type { NextTerm } from '../../clients/partner-center/port.ts';
import type { LicensePool } from '../../core/objects.ts';
import { annotations } from '../../core/plan.ts';
import {
  addMonths,
  dayMs,
  startOfDay,
  termEndMsOf,
  termMonths,
} from '../../core/seats/commerce.ts';
import type { Approval, SeatInput, SeatOffer, SeatSubscription } from '../../core/seats/input.ts';
import { guardrailsOf } from './guardrails.ts';
import { billingCycleOf, costOf, offerOf, pricesAt, termOf } from './money.ts';
import type { ObservedPool, OwnedSubscription } from './observed.ts';

/** An approval is for what is planned this week. */
export const approvalMs = 7 * dayMs;

export const cancelConfirmation = 'cancel-at-term-end';

export function seatInput(pool: LicensePool, observed: ObservedPool, nowMs: number): SeatInput {
  const { spec, status } = pool;
  const { min, max, buffer, waitForLeaversDays } = spec.seats;
  const commerceMs = nowMs + observed.clockOffsetMs;
  const { offer, assigned, consumed, base, addOn } = observed;
  const leavingMs = observed.leavingMs.flatMap((ms) => freeAtMs(ms, nowMs));
  const waitsUntilMs = nowMs + waitForLeaversDays * dayMs;
  const handedOn = handedOnMs({ leavingMs, reserved: observed.reserved }, waitsUntilMs);
  return {
    nowMs: commerceMs,
    demand: {
      assigned,
      consumed,
      reserved: observed.reserved - handedOn.length,
      starting: [...handedOn, ...observed.startingMs].map((ms) => ({
        atMs: ms + observed.clockOffsetMs,
      })),
      leaving: leavingMs.map((ms) => ({ atMs: ms + observed.clockOffsetMs })),
    },
    horizonMs: spec.seats.startAheadDays * dayMs,
    renewalHorizonMs: spec.renewalNoticeDays * dayMs,
    bounds: { min, max },
    buffer: buffer && {
      count: buffer.count,
      marginFloorBasisPoints:
        buffer.marginFloorPercent === undefined ? undefined : buffer.marginFloorPercent * 100,
    },
    price: offer && pricesAt(offer, nowMs).price,
    currency: observed.currency,
    offers: observed.sold.map((one) => soldOffer(one, observed, nowMs)),
    subscriptions: observed.subscriptions.map((one) =>
      seatSubscription(one, { observed, status, nowMs }),
    ),
    ordered: orderedSeats(pool, observed),
    pooledRemaining: pooledRemaining(observed),
    base,
    addOn,
    modes: { increase: spec.increase, decrease: spec.decrease },
    approval: approvalOf(pool, commerceMs),
    guardrails: guardrailsOf(pool, observed, commerceMs),
    isAccountUnderReview: observed.isAccountUnderReview,
    isPlanOnly: observed.isReseller,
    endOfTerm: {
      declared: spec.endOfTerm,
      isConfirmed: pool.metadata.annotations?.[annotations.confirm] === cancelConfirmation,
    },
    issued: (status?.issued ?? []).map(({ subscriptionId, quantity, termEnd }) => ({
      subscriptionId,
      quantity,
      termEndMs: Date.parse(termEnd),
    })),
  };
}

/** To take a licence takes seconds, or minutes where Graph is slow. */
const takingMs = 60_000;
/** Whoever holds the seat for longer after leaving is taken to hold it: something is wrong there. */
const takingMaxMs = 15 * 60_000;

/** When the seat of somebody who leaves at `ms` and holds it still is free. */
function freeAtMs(ms: number, nowMs: number): readonly number[] {
  if (ms > nowMs) return [ms];
  return nowMs - ms < takingMaxMs ? [nowMs + takingMs] : [];
}

/** When those of the waiting get a seat who wait for somebody to leave rather than have one bought. */
function handedOnMs(
  { leavingMs, reserved }: Pick<ObservedPool, 'leavingMs' | 'reserved'>,
  untilMs: number,
): readonly number[] {
  const soon = leavingMs.filter((ms) => ms <= untilMs);
  return soon.toSorted((a, b) => a - b).slice(0, reserved);
}

function soldOffer(offer: Offer, observed: ObservedPool, nowMs: number): SeatOffer {
  const { name, term, billingCycle } = offer;
  const { seatCeiling = observed.maximumQuantity } = observed.limits;
  return {
    name,
    term,
    billingCycle,
    cost: costOf([offer], offer, nowMs),
    minimumQuantity: observed.minimumQuantity,
    maximumQuantity: Math.min(observed.maximumQuantity, seatCeiling),
    promotionSeatLimit: promotionLimit(offer, nowMs),
    hasPrerequisites: observed.hasPrerequisites,
  };
}

/** By day of UTC, as prices. */
function promotionLimit(offer: Offer | undefined, nowMs: number): number | undefined {
  const { maxSeats, until } = offer?.promotion ?? {};
  const isOver = until !== undefined && new Date(nowMs).toISOString().slice(0, 10) > until;
  return isOver ? undefined : maxSeats;
}

function seatSubscription(
  one: OwnedSubscription,
  {
    observed,
    status,
    nowMs,
  }: {
    readonly observed: ObservedPool;
    readonly status: LicensePool['status'];
    readonly nowMs: number;
  },
): SeatSubscription {
  const { seatCeiling = observed.maximumQuantity } = observed.limits;
  const term = termOf(one.term);
  const termEndMs = termEndOf(one);
  return {
    id: one.id,
    quantity: one.quantity,
    status: one.status,
    owner: one.owner,
    isTrial: one.isTrial,
    isSoftware: one.isSoftware,
    isExtended: one.isExtended,
    isBusy: isPending(one, status?.pending, nowMs),
    term,
    billingCycle: billingCycleOf(one.billingCycle),
    termStartMs: termStartOf(one, termEndMs),
    termEndMs,
    cost: costOf(observed.sold, one, nowMs),
    minimumQuantity: observed.minimumQuantity,
    maximumQuantity: Math.min(observed.maximumQuantity, seatCeiling),
    promotionSeatLimit: promotionLimit(offerOf(observed.sold, one), nowMs),
    refundable: one.refundable.map(({ quantity, until }) => ({
      quantity,
      untilMs: Date.parse(until),
    })),
    cancellableUntilMs:
      one.cancellableUntil === undefined ? undefined : Date.parse(one.cancellableUntil),
    autoRenew: one.autoRenewEnabled,
    instruction: one.nextTerm && {
      quantity: one.nextTerm.quantity,
      isSameProduct: isSameProduct(one, one.nextTerm),
    },
    termEndActions: one.scheduledActions.map((action) => action.split('/')[1] ?? action),
  };
}

function isSameProduct(one: OwnedSubscription, next: NextTerm): boolean {
  return (
    isUnsaidOr(one.productId, next.productId) &&
    isUnsaidOr(one.skuId, next.skuId) &&
    next.term === one.term &&
    next.billingCycle === one.billingCycle
  );
}

function isUnsaidOr(id: string, told: string): boolean {
  return told === '' || told === id;
}

/** Microsoft works for hours at most; what does not show by then is planned anew (the change itself is repeatable). */
const pendingMs = 60 * 60_000;

/** A change of ours was taken (202), and does not show yet. */
export function isPending(
  { id, quantity }: Pick<OwnedSubscription, 'id' | 'quantity'>,
  pending: NonNullable<LicensePool['status']>['pending'],
  nowMs: number,
): boolean {
  return (
    pending?.subscriptionId === id &&
    pending.quantity !== quantity &&
    nowMs - Date.parse(pending.since) < pendingMs
  );
}

/** Far away where it has no end (perpetual, or not told). */
const neverMs = Date.UTC(9999, 0, 1);

function termEndOf({ commitmentEndDate }: OwnedSubscription): number {
  return commitmentEndDate === undefined ? neverMs : termEndMsOf(commitmentEndDate);
}

/** The first term may be a short one; each later one is whole. */
function termStartOf({ effectiveStart, term }: OwnedSubscription, termEndMs: number): number {
  const wholeMs = addMonths(termEndMs, -termMonths[termOf(term)]);
  const firstMs = startOfDay(Date.parse(effectiveStart ?? ''));
  return Number.isNaN(firstMs) ? wholeMs : Math.max(wholeMs, firstMs);
}

/** A purchase under way whose subscription is not there yet. */
export function orderedSeats({ status }: LicensePool, { subscriptions }: ObservedPool): number {
  const intent = status?.intent;
  if (intent === undefined) return 0;
  const hasCome = subscriptions.some(
    ({ orderId }) => orderId !== undefined && orderId === intent.orderId,
  );
  return hasCome ? 0 : intent.quantity;
}

/** Nothing comes of it any more. */
export function isOver(status: string): boolean {
  return status === 'deleted' || status === 'disabled' || status === 'expired';
}

function pooledRemaining({ subscriptions, maximumQuantity }: ObservedPool): number {
  const held = subscriptions
    .filter(({ status }) => !isOver(status))
    .reduce((sum, { quantity }) => sum + quantity, 0);
  return Math.max(0, maximumQuantity - held);
}

function approvalOf({ metadata, status }: LicensePool, nowMs: number): Approval | undefined {
  const hash = metadata.annotations?.[annotations.approve];
  if (hash === undefined) return undefined;
  const known = status?.approval?.hash === hash ? status.approval : undefined;
  if (known === undefined) return { hash, expiresMs: nowMs + approvalMs };
  return { hash, expiresMs: Date.parse(known.expires), lines: known.lines };
}

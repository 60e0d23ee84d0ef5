/**
 * The cheapest legal way to more seats. Pure.
 *
 * | seats are wanted                              | ways, the first with room before the next                     |
 * | --------------------------------------------- | ------------------------------------------------------------- |
 * | for good                                      | lowest cost a month; a subscription that is there before a new one |
 * | for a known time, or as buffer                | least that is owed until they can go: mostly a monthly term   |
 * | and no subscription may be written by us      | the distributor's or customer's own: shown, never written      |
 * | and a subscription is being changed           | wait for what that brings                                      |
 * | and a subscription is being renewed           | another that is there, or wait: no new one is bought for that |
 */
import {
  addMonths,
  isActive,
  isLocked,
  isWritable,
  owedPerSeat,
  startOfDay,
  termMonths,
  threeYearCost,
  windowMs,
} from './commerce.ts';
import { lastingPeople, lastLeaveMs } from './demand.ts';
import { changeNow, type Draft } from './draft.ts';
import type { SeatInput, SeatOffer, SeatSubscription } from './input.ts';

interface Way {
  readonly subscription: SeatSubscription | undefined;
  readonly offer: SeatOffer | undefined;
  readonly item: SeatOffer | SeatSubscription;
  readonly isLocked: boolean;
  readonly room: number;
  readonly least: number;
  readonly termStartMs: number;
  readonly termEndMs: number;
  readonly alignedEndMs: number | undefined;
}

/** `shortage`: seats that are missing, those of the buffer and the minimum too. The lines bring as many as there is room for. */
export function increases(input: SeatInput, shortage: number): readonly Draft[] {
  if (shortage <= 0) return [];
  const lasting = lastingShare(input, shortage);
  const untilMs = lastLeaveMs(input) ?? addMonths(startOfDay(input.nowMs), 1);
  const ways = waysOf(input);
  const room = { pooled: input.pooledRemaining ?? Number.MAX_SAFE_INTEGER };
  const taken = new Map<Way, number>();
  const left = allot(lasting, ways.toSorted(freeFirst(byCost)), { taken, room });
  // More than was asked for, where so many are sold at once, serves the swing as well.
  const swing = shortage - lasting + Math.min(0, left);
  allot(swing, ways.toSorted(freeFirst(byCommitment(input, untilMs))), { taken, room });
  return ways.flatMap((way) => draftOf(input, way, taken.get(way) ?? 0));
}

/** @returns what found no room; below 0: what was taken beyond it */
function allot(
  quantity: number,
  ways: readonly Way[],
  { taken, room }: { readonly taken: Map<Way, number>; readonly room: { pooled: number } },
): number {
  let left = quantity;
  for (const way of ways) {
    if (left <= 0) break;
    const already = taken.get(way) ?? 0;
    const free = Math.min(way.room - already, room.pooled);
    const take = Math.max(Math.min(left, free), already === 0 ? way.least : 0);
    if (take <= 0 || take > free) continue;
    taken.set(way, already + take);
    room.pooled -= take;
    left -= take;
  }
  return left;
}

/**
 * How many of them are wanted for good. Seats of a monthly term can go each month: they serve the swing, and people who
 * stay get one of a longer term where the catalogue has both.
 */
function lastingShare(input: SeatInput, shortage: number): number {
  const committed = input.subscriptions
    .filter((one) => isActive(one) && one.term !== 'P1M')
    .reduce((sum, { quantity }) => sum + quantity, 0);
  const lasting = Math.max(lastingPeople(input), input.bounds.min) - committed;
  return Math.min(shortage, Math.max(0, lasting));
}

function waysOf(input: SeatInput): readonly Way[] {
  const { subscriptions, nowMs } = input;
  const own = subscriptions.filter((one) => isWritable(one) || isOfProvider(input, one));
  const free = own.filter((one) => !isLocked(one, nowMs));
  // What runs may bring the seats: nothing else is bought before its outcome is seen.
  const busy = own.filter((one) => one.isBusy === true);
  if (busy.length > 0) return busy.map((one) => ({ ...existing(one), isLocked: true }));
  const locked = own.filter((one) => isLocked(one, nowMs));
  if (locked.length > 0)
    return [...free.map(existing), ...locked.map((one) => ({ ...existing(one), isLocked: true }))];
  const bought = input.offers.map((offer) => fresh(input, offer));
  if (free.length > 0 || bought.length > 0) return [...free.map(existing), ...bought];
  return subscriptions.filter((one) => isActive(one) && !one.isTrial).map(existing);
}

/** What an indirect reseller has was bought by its provider. */
function isOfProvider({ isPlanOnly }: SeatInput, one: SeatSubscription): boolean {
  return isPlanOnly === true && isActive(one) && one.owner === 'Distributor' && !one.isTrial;
}

function existing(subscription: SeatSubscription): Way {
  return {
    subscription,
    offer: undefined,
    item: subscription,
    isLocked: false,
    room: limitOf(subscription) - subscription.quantity,
    least: 1,
    termStartMs: subscription.termStartMs,
    termEndMs: subscription.termEndMs,
    alignedEndMs: undefined,
  };
}

function fresh(input: SeatInput, offer: SeatOffer): Way {
  const termStartMs = startOfDay(input.nowMs);
  const wholeEndMs = addMonths(termStartMs, termMonths[offer.term]);
  const alignedEndMs = alignedEnd(input, offer, wholeEndMs);
  return {
    subscription: undefined,
    offer,
    item: offer,
    isLocked: false,
    room: limitOf(offer),
    least: Math.max(1, offer.minimumQuantity),
    termStartMs,
    termEndMs: alignedEndMs ?? wholeEndMs,
    alignedEndMs,
  };
}

/** One date for the renewals of one SKU; a longer term cannot follow a monthly one (partner-center.md 5.1). */
function alignedEnd(
  { subscriptions, nowMs }: SeatInput,
  { term }: SeatOffer,
  wholeEndMs: number,
): number | undefined {
  if (term === 'P1M') return undefined;
  const ends = subscriptions
    .filter((one) => isWritable(one) && !isLocked(one, nowMs) && one.term !== 'P1M')
    .map(({ termEndMs }) => termEndMs)
    .filter((endMs) => endMs < wholeEndMs);
  return ends.length === 0 ? undefined : Math.max(...ends);
}

/** Seats beyond those of a promotion are bought another way, or not at all (product.md LI-19). */
function limitOf(item: {
  readonly maximumQuantity: number;
  readonly promotionSeatLimit?: number | undefined;
}): number {
  return Math.min(item.maximumQuantity, item.promotionSeatLimit ?? item.maximumQuantity);
}

function freeFirst(order: (a: Way, b: Way) => number): (a: Way, b: Way) => number {
  return (a, b) => Number(a.isLocked) - Number(b.isLocked) || order(a, b);
}

function byCost(a: Way, b: Way): number {
  return compare(threeYearCost(a.item), threeYearCost(b.item)) || byKind(a, b);
}

/** What is known before what is not. */
function compare(a: number | undefined, b: number | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  return b === undefined ? -1 : a - b;
}

/** What is there before what is new, what ends first before what ends later, and then by name: always the same. */
function byKind(a: Way, b: Way): number {
  const kind = Number(a.subscription === undefined) - Number(b.subscription === undefined);
  return kind || a.termEndMs - b.termEndMs || nameOf(a).localeCompare(nameOf(b));
}

function nameOf({ subscription, offer }: Way): string {
  return subscription?.id ?? offer?.name ?? '';
}

/** Inside its window a seat goes when it likes: then only the cost a day counts. */
function byCommitment(input: SeatInput, untilMs: number): (a: Way, b: Way) => number {
  if (untilMs <= input.nowMs + windowMs) return byCost;
  const owed = (way: Way) => committed(way, input.nowMs, untilMs);
  return (a, b) => compare(owed(a), owed(b)) || byCost(a, b);
}

/** What one seat costs from now to the first end of a term at which it is not needed any more. */
function committed(way: Way, nowMs: number, untilMs: number): number | undefined {
  const { item, termStartMs, termEndMs } = way;
  const { cost, billingCycle, term } = item;
  const first = owedPerSeat({ cost, billingCycle, termStartMs, termEndMs }, nowMs, termEndMs);
  const whole = threeYearCost(item);
  if (first === undefined || whole === undefined) return undefined;
  if (term === 'P1M') return (monthsUntil(nowMs, untilMs) * whole) / 36;
  let terms = 0;
  while (addMonths(termEndMs, terms * termMonths[term]) < untilMs) terms += 1;
  return first + (terms * whole * termMonths[term]) / 36;
}

/** Whole months, whatever day the term renews on: a second monthly subscription saves nothing that is worth having it. */
function monthsUntil(nowMs: number, untilMs: number): number {
  let months = 1;
  while (addMonths(startOfDay(nowMs), months) < untilMs) months += 1;
  return months;
}

function draftOf(input: SeatInput, way: Way, quantity: number): readonly Draft[] {
  if (quantity === 0) return [];
  const { nowMs } = input;
  const { subscription, offer, item, termStartMs, termEndMs } = way;
  const { cost, billingCycle } = item;
  const priced = { cost, billingCycle, termStartMs, termEndMs };
  const deadlineMs = firstNeedMs(input);
  if (subscription !== undefined) {
    const from = subscription.quantity;
    const sketch = {
      action: 'Increase',
      from,
      to: from + quantity,
      reason: reasonOf(way),
    } as const;
    return [
      { ...changeNow(sketch, priced, { nowMs, deadlineMs }), subscriptionId: subscription.id },
    ];
  }
  if (offer === undefined) return [];
  const sketch = { action: 'Purchase', from: 0, to: quantity, reason: reasonOf(way) } as const;
  const draft = changeNow(sketch, priced, { nowMs, deadlineMs });
  return [
    {
      ...draft,
      offer: offer.name,
      ...(way.alignedEndMs === undefined ? {} : { alignedEndMs: way.alignedEndMs }),
      ...(offer.hasPrerequisites === false ? { hold: withoutPrerequisites } : {}),
    },
  ];
}

const withoutPrerequisites = {
  reason: 'PrerequisiteMissing',
  message: 'the tenant has no active subscription of a product that this one needs',
} as const;

function reasonOf({ subscription, item, alignedEndMs }: Way): string {
  if (subscription !== undefined) return 'cheapest: the subscription that is there';
  if (alignedEndMs !== undefined) return 'cheapest: a new subscription that ends with the others';
  return item.term === 'P1M' ? 'cheapest: a monthly term' : 'cheapest: a new subscription';
}

/** When the first of those has to have a seat. */
function firstNeedMs({ demand, nowMs }: SeatInput): number {
  const starts = demand.starting.map(({ atMs }) => atMs);
  if (demand.reserved > 0 || starts.length === 0) return nowMs;
  return Math.max(nowMs, Math.min(...starts));
}

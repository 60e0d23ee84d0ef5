/** What people should hear of. Pure. */
import {
  dayMs,
  firstClosingMs,
  hasEnd,
  hourMs,
  isActive,
  isLocked,
  isWritable,
  perMonth,
  threeYearCost,
} from './commerce.ts';
import type { SeatInput, SeatSubscription } from './input.ts';
import type { SeatAlert, SeatLine } from './output.ts';
import { endsAs } from './renewal.ts';

/** A window that closes with idle seats in it is told of so long before. */
export const closingAheadMs = dayMs;

export function alertsOf(input: SeatInput, lines: readonly SeatLine[]): readonly SeatAlert[] {
  const own = input.subscriptions.filter(isWritable);
  return [
    ...own.flatMap((one) => extendedTerm(input, one)),
    ...own.flatMap((one) => foreignInstruction(one)),
    ...lines.filter(isLost).flatMap((line) => lost(line)),
    ...lines.flatMap((line) => closing(input, line)),
  ];
}

/** Also where it is declared: the price is to be known. In it already, it is told of as long as it lasts. */
function extendedTerm(input: SeatInput, one: SeatSubscription): readonly SeatAlert[] {
  const isHeading = one.isExtended === true ? !endsAs(one, 'Cancel') : isDrifting(one);
  if (!isHeading || endsAs(one, 'Renew')) return [];
  return [
    {
      reason: 'ExtendedServiceTerm',
      subscriptionId: one.id,
      atMs: one.termEndMs,
      quantity: one.quantity,
      cost: extendedCost(input, one),
    },
  ];
}

/** Auto-renew off without a cancellation becomes the extended term, whether somebody chose it or not. */
function isDrifting(one: SeatSubscription): boolean {
  return !one.autoRenew && !one.termEndActions.includes('Cancel');
}

/** 3 % over the monthly rate; 23 % over the seat's own where no monthly plan is sold (partner-center.md 6.6). */
function extendedCost({ offers }: SeatInput, one: SeatSubscription): number | undefined {
  const monthlyOffer = offers.find(({ term }) => term === 'P1M');
  const base = threeYearCost(monthlyOffer ?? one);
  if (base === undefined) return undefined;
  if (one.isExtended === true) return perMonth((threeYearCost(one) ?? base) * one.quantity);
  const percent = monthlyOffer === undefined && one.term !== 'P1M' ? 123 : 103;
  return Math.round((base * one.quantity * percent) / 3600);
}

function foreignInstruction(one: SeatSubscription): readonly SeatAlert[] {
  if (one.instruction === undefined || one.instruction.isSameProduct) return [];
  const { id, termEndMs, instruction } = one;
  const { quantity } = instruction;
  return [{ reason: 'ForeignInstruction', subscriptionId: id, atMs: termEndMs, quantity }];
}

/** Not yet, where our own change is about to lose it. */
function isLost({ action, hold }: SeatLine): boolean {
  return action === 'Reissue' && hold?.reason !== 'AfterSeatChange';
}

function lost({ subscriptionId, deadlineMs, quantity }: SeatLine): readonly SeatAlert[] {
  if (subscriptionId === undefined) return [];
  return [{ reason: 'ScheduleLost', subscriptionId, atMs: deadlineMs, quantity }];
}

function closing({ nowMs }: SeatInput, line: SeatLine): readonly SeatAlert[] {
  const { subscriptionId, deadlineMs, quantity, action, state } = line;
  const isDropping = action === 'Decrease' || action === 'Cancel';
  if (subscriptionId === undefined || !isDropping || state !== 'Held') return [];
  if (deadlineMs > nowMs + closingAheadMs) return [];
  return [{ reason: 'WindowClosing', subscriptionId, atMs: deadlineMs, quantity }];
}

const noticeDays = [30, 14, 7, 1];

/** The next instant at which time alone changes the plan, or something that is told of. */
export function lookAgainMs(input: SeatInput, lines: readonly SeatLine[]): number | undefined {
  const { nowMs, demand, horizonMs, approval, guardrails, subscriptions } = input;
  const active = subscriptions.filter(isActive);
  const moments = [
    ...active
      .filter(hasEnd)
      .flatMap(({ termEndMs }) => [
        termEndMs,
        termEndMs - input.renewalHorizonMs,
        ...noticeDays.map((days) => termEndMs - days * dayMs),
      ]),
    ...lines.flatMap((line) => closingMoments(input, line)),
    ...demand.starting.flatMap(({ atMs }) => [atMs - horizonMs, atMs]),
    // At the end of a term a leaver counts as gone a day after: renewals look again then.
    ...demand.leaving.flatMap(({ atMs }) => [atMs, atMs + dayMs]),
    ...(active.some((one) => isLocked(one, nowMs)) ? [nextOfLock(nowMs, lines)] : []),
    ...(approval === undefined ? [] : [approval.expiresMs]),
    ...guardrails.flatMap(({ resetsMs }) => resetsMs ?? []),
  ].filter((ms) => ms > nowMs);
  return moments.length === 0 ? undefined : Math.min(...moments);
}

/** A renewal takes minutes, or a day, and nothing tells of its end: often where something waits for it. */
function nextOfLock(nowMs: number, lines: readonly SeatLine[]): number {
  const isAwaited = lines.some(({ hold }) => hold?.reason === 'Locked');
  const stepMs = isAwaited ? hourMs / 4 : hourMs;
  return (Math.floor(nowMs / stepMs) + 1) * stepMs;
}

function closingMoments({ subscriptions, nowMs }: SeatInput, line: SeatLine): readonly number[] {
  if (line.state !== 'Held') return [];
  if (line.action !== 'Decrease' && line.action !== 'Cancel') return [];
  const one = subscriptions.find(({ id }) => id === line.subscriptionId);
  const closes = one === undefined ? undefined : firstClosingMs(one, nowMs);
  const ends = [line.deadlineMs, ...(closes === undefined ? [] : [closes])];
  return ends.flatMap((ms) => [ms - closingAheadMs, ms]);
}

/** Inputs of the seat planner: ten people on ten seats of one annual subscription, cost 16.00, price 20.00. */
import { dayMs, windowMs } from '../../operator/core/seats/commerce.ts';
import type { SeatInput, SeatOffer, SeatSubscription } from '../../operator/core/seats/input.ts';
import type { SeatPlan } from '../../operator/core/seats/output.ts';

export const seatsNowMs = Date.UTC(2026, 2, 16, 10);

/** Days from the present moment of these inputs. */
export function inDays(days: number): number {
  return seatsNowMs + days * dayMs;
}

export const annualOffer: SeatOffer = {
  name: 'business-premium',
  term: 'P1Y',
  billingCycle: 'Monthly',
  cost: 1600,
  minimumQuantity: 1,
  maximumQuantity: 300,
};

export const monthlyOffer: SeatOffer = {
  ...annualOffer,
  name: 'business-premium-monthly',
  term: 'P1M',
  cost: 1920,
};

export function seatSubscription(overrides: Partial<SeatSubscription> = {}): SeatSubscription {
  return {
    id: 'sub-a',
    quantity: 10,
    status: 'active',
    owner: 'Partner',
    isTrial: false,
    term: 'P1Y',
    billingCycle: 'Monthly',
    termStartMs: Date.UTC(2026, 0, 14),
    termEndMs: Date.UTC(2027, 0, 14),
    cost: 1600,
    minimumQuantity: 1,
    maximumQuantity: 300,
    refundable: [],
    autoRenew: true,
    termEndActions: [],
    ...overrides,
  };
}

/** Bought within its window, all of it. */
export function freshSubscription(overrides: Partial<SeatSubscription> = {}): SeatSubscription {
  const quantity = overrides.quantity ?? 10;
  const untilMs = inDays(-2) + windowMs;
  return seatSubscription({
    refundable: [{ quantity, untilMs }],
    cancellableUntilMs: untilMs,
    ...overrides,
  });
}

type Overrides = Partial<Omit<SeatInput, 'demand'>> & {
  readonly demand?: Partial<SeatInput['demand']>;
};

export function seatInput({ demand, ...overrides }: Overrides = {}): SeatInput {
  const assigned = demand?.assigned ?? 10;
  return {
    nowMs: seatsNowMs,
    demand: { assigned, consumed: assigned, reserved: 0, starting: [], leaving: [], ...demand },
    horizonMs: 7 * dayMs,
    renewalHorizonMs: 400 * dayMs,
    bounds: { min: 0, max: 1000 },
    price: 2000,
    currency: 'EUR',
    offers: [annualOffer],
    subscriptions: [seatSubscription()],
    ordered: 0,
    modes: { increase: 'Auto', decrease: 'Auto' },
    guardrails: [],
    isAccountUnderReview: false,
    endOfTerm: { declared: 'Renew', isConfirmed: false },
    issued: [],
    ...overrides,
  };
}

/** `Increase sub-a 10→12 Due`, `ScheduleDecrease sub-a 10→8 @2027-01-14 Held:ModePlan` */
export function shownLines({ lines }: Pick<SeatPlan, 'lines'>): readonly string[] {
  return lines.map((line) => {
    const { action, subscriptionId, offer, from, to, effectiveMs, endOfTerm } = line;
    const when = effectiveMs > seatsNowMs ? ` @${shownDay(effectiveMs)}` : '';
    const end = endOfTerm === undefined ? '' : ` ${endOfTerm}`;
    const state = line.hold === undefined ? line.state : `Held:${line.hold.reason}`;
    return `${action}${end} ${subscriptionId ?? offer} ${from}→${to}${when} ${state}`;
  });
}

export function shownDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

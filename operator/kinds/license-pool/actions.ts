/** What can be done for a LicensePool, one outside change each. */
import type { Action, Figure } from '../../core/plan.ts';
import type { SeatLine } from '../../core/seats/output.ts';
import type { Proposal } from './harvest.ts';

export interface Money {
  /** Minor units a month; negative saves. Undefined: price unknown. */
  readonly amount: number | undefined;
  readonly currency: string;
  /** Of seats that are given back: what they would cost to the end of their term. */
  readonly saved?: number | undefined;
}

interface OfSubscription {
  readonly subscriptionId: string;
  /** Seats over which it goes: others may have changed them since. */
  readonly from: number;
  readonly money: Money;
}

export type PoolAction =
  | (Action & { readonly name: 'CountRenewal'; readonly counts: readonly Figure[] })
  | (Action & {
      readonly name: 'RecordPurchase';
      readonly quantity: number;
      readonly offer: string;
      readonly endsOn: string | undefined;
    })
  | (Action & { readonly name: 'CreateCart'; readonly quantity: number })
  | (Action & { readonly name: 'CheckoutCart'; readonly money: Money })
  | (Action &
      OfSubscription & {
        readonly name: 'IncreaseSeats' | 'DecreaseSeats';
        /** Absolute: repeating the change changes nothing more. */
        readonly quantity: number;
      })
  | (Action & OfSubscription & { readonly name: 'CancelSubscription' })
  | (Action &
      OfSubscription & {
        readonly name: 'ScheduleRenewal';
        /** Seats of the next term. */
        readonly quantity: number;
      })
  | (Action & {
      readonly name: 'SetEndOfTerm';
      readonly subscriptionId: string;
      readonly endOfTerm: 'Renew' | 'Cancel' | 'Extend';
    })
  | (Action & {
      readonly name: 'TakeLicense';
      readonly skuId: string;
      readonly proposal: Proposal;
    });

/** What was told is stored with it, so that it is counted once. */
export function countRenewal(counts: readonly Figure[]): PoolAction {
  return {
    verb: 'report',
    name: 'CountRenewal',
    system: 'Kubernetes',
    summary: 'a renewal went through without the seats that were left out of it',
    counts,
  };
}

export function recordPurchase(
  quantity: number,
  { offer, endsOn }: { readonly offer: string; readonly endsOn: string | undefined },
): PoolAction {
  return {
    verb: 'intent',
    name: 'RecordPurchase',
    system: 'Kubernetes',
    summary: 'the purchase is stored before it is made',
    quantity,
    offer,
    endsOn,
  };
}

export function createCart(quantity: number): PoolAction {
  return {
    verb: 'create',
    name: 'CreateCart',
    system: 'PartnerCenter',
    summary: `put ${quantity} seats into a cart`,
    quantity,
  };
}

export function checkoutCart(quantity: number, money: Money): PoolAction {
  return {
    verb: 'create',
    name: 'CheckoutCart',
    event: 'SeatsPurchased',
    system: 'PartnerCenter',
    summary: `bought ${quantity} seats`,
    money,
  };
}

const partnerCenter = { verb: 'update', system: 'PartnerCenter', recoverable: true } as const;

/** A line of the seat plan that is due. Undefined: a purchase, which has steps of its own. */
export function actionOf(line: SeatLine, currency: string): PoolAction | undefined {
  const { action, subscriptionId, endOfTerm } = line;
  if (subscriptionId === undefined || action === 'Purchase') return undefined;
  if (action === 'SetEndOfTerm') return endOfTerm && setEndOfTerm(subscriptionId, endOfTerm);
  const amount = negated(line.saving);
  const common = {
    subscriptionId,
    from: line.from,
    money: { amount, currency, saved: line.saved },
  };
  return isNow(action) ? changeSeats(action, line, common) : scheduleRenewal(action, line, common);
}

/** Never -0, which no status and no audit line can tell. */
export function negated(amount: number | undefined): number | undefined {
  return amount === undefined || amount === 0 ? amount : -amount;
}

type Now = 'Increase' | 'Decrease' | 'Cancel';
type AtRenewal = 'ScheduleDecrease' | 'ScheduleIncrease' | 'Reissue';

function isNow(action: Now | AtRenewal): action is Now {
  return action === 'Increase' || action === 'Decrease' || action === 'Cancel';
}

function changeSeats(action: Now, { from, to }: SeatLine, common: OfSubscription): PoolAction {
  const base = { ...partnerCenter, ...common };
  const summary = `changed the seats from ${from} to ${to}`;
  switch (action) {
    case 'Increase':
      return { ...base, name: 'IncreaseSeats', event: 'SeatsPurchased', summary, quantity: to };
    case 'Decrease':
      return { ...base, name: 'DecreaseSeats', event: 'SeatsReduced', summary, quantity: to };
    case 'Cancel':
      return {
        ...base,
        name: 'CancelSubscription',
        event: 'SeatsReduced',
        summary: `cancelled a subscription with all of its ${from} seats, which were idle`,
      };
  }
}

const renewalEvents: Readonly<Record<AtRenewal, string>> = {
  ScheduleDecrease: 'DropScheduled',
  ScheduleIncrease: 'RenewalScheduled',
  Reissue: 'ScheduleReissued',
};

function scheduleRenewal(
  action: AtRenewal,
  { from, to, quantity, effectiveMs }: SeatLine,
  common: OfSubscription,
): PoolAction {
  return {
    ...partnerCenter,
    ...common,
    name: 'ScheduleRenewal',
    event: renewalEvents[action],
    summary: `the renewal on ${day(effectiveMs)} is set to ${to} seats (${quantity} ${to < from ? 'fewer' : 'more'})`,
    quantity: to,
  };
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function setEndOfTerm(
  subscriptionId: string,
  endOfTerm: 'Renew' | 'Cancel' | 'Extend',
): PoolAction {
  return {
    ...partnerCenter,
    name: 'SetEndOfTerm',
    summary: `set the end of the term to ${endOfTerm}`,
    subscriptionId,
    endOfTerm,
  };
}

export function takeLicense(skuId: string, proposal: Proposal): PoolAction {
  return {
    verb: 'update',
    name: 'TakeLicense',
    event: 'LicenseHarvested',
    system: 'Graph',
    summary: `took the licence of ${proposal.user} (${proposal.reason})`,
    skuId,
    proposal,
  };
}

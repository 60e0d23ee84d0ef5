/** What can be done for a LicensePool, one outside change each. */
import type { Action } from '../../core/plan.ts';
import type { SeatLine } from '../../core/seats/output.ts';

export interface Money {
  /** Minor units a month; negative saves. Undefined: price unknown. */
  readonly amount: number | undefined;
  readonly currency: string;
}

interface OfSubscription {
  readonly subscriptionId: string;
  /** Seats over which it goes: others may have changed them since. */
  readonly from: number;
  readonly money: Money;
}

export type PoolAction =
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
        readonly termEndMs: number;
      })
  | (Action & {
      readonly name: 'SetEndOfTerm';
      readonly subscriptionId: string;
      readonly endOfTerm: 'Renew' | 'Cancel' | 'Extend';
    });

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
  const { subscriptionId, from, to, quantity, saving } = line;
  if (subscriptionId === undefined) return undefined;
  const amount = saving === undefined || saving === 0 ? saving : -saving;
  const common = { ...partnerCenter, subscriptionId, from, money: { amount, currency } };
  switch (line.action) {
    case 'Purchase':
      return undefined;
    case 'Increase':
    case 'Decrease': {
      const isMore = line.action === 'Increase';
      const summary = `changed the seats from ${from} to ${to}`;
      const name = isMore ? 'IncreaseSeats' : 'DecreaseSeats';
      return {
        ...common,
        name,
        event: isMore ? 'SeatsPurchased' : 'SeatsReduced',
        summary,
        quantity: to,
      };
    }
    case 'Cancel': {
      const summary = `cancelled a subscription with all of its ${from} seats, which were idle`;
      return { ...common, name: 'CancelSubscription', event: 'SeatsReduced', summary };
    }
    case 'ScheduleDecrease':
    case 'ScheduleIncrease':
    case 'Reissue':
      return {
        ...common,
        name: 'ScheduleRenewal',
        event: eventOf(line.action),
        summary: `the renewal on ${day(line.effectiveMs)} is set to ${to} seats (${quantity} ${to < from ? 'fewer' : 'more'})`,
        quantity: to,
        termEndMs: line.effectiveMs,
      };
    case 'SetEndOfTerm': {
      const { endOfTerm } = line;
      return endOfTerm && setEndOfTerm(subscriptionId, endOfTerm);
    }
  }
}

function eventOf(action: 'ScheduleDecrease' | 'ScheduleIncrease' | 'Reissue'): string {
  if (action === 'Reissue') return 'ScheduleReissued';
  return action === 'ScheduleDecrease' ? 'DropScheduled' : 'RenewalScheduled';
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

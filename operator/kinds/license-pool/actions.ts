/** What can be done for a LicensePool, one outside change each. */
import type { Action } from '../../core/plan.ts';

export interface Money {
  /** Minor units a month; negative saves. */
  readonly amount: number;
  readonly currency: string;
}

export type PoolAction =
  | (Action & { readonly name: 'RecordPurchase'; readonly quantity: number })
  | (Action & { readonly name: 'CreateCart'; readonly quantity: number })
  | (Action & { readonly name: 'CheckoutCart'; readonly money: Money })
  | (Action & {
      readonly name: 'IncreaseSeats' | 'DecreaseSeats';
      readonly subscriptionId: string;
      /** Absolute: repeating the change changes nothing more. */
      readonly quantity: number;
      readonly money: Money;
    })
  | (Action & {
      readonly name: 'SetEndOfTerm';
      readonly subscriptionId: string;
      readonly endOfTerm: 'Renew' | 'Cancel' | 'Extend';
    });

export function recordPurchase(quantity: number): PoolAction {
  return {
    verb: 'intent',
    name: 'RecordPurchase',
    system: 'Kubernetes',
    summary: 'the purchase is stored before it is made',
    quantity,
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
    system: 'PartnerCenter',
    summary: `bought ${quantity} seats`,
    money,
  };
}

export function changeSeats(
  subscriptionId: string,
  change: { readonly from: number; readonly to: number; readonly money: Money },
): PoolAction {
  const isIncrease = change.to > change.from;
  return {
    verb: 'update',
    name: isIncrease ? 'IncreaseSeats' : 'DecreaseSeats',
    system: 'PartnerCenter',
    summary: `changed the seats from ${change.from} to ${change.to}`,
    recoverable: true,
    subscriptionId,
    quantity: change.to,
    money: change.money,
  };
}

export function setEndOfTerm(
  subscriptionId: string,
  endOfTerm: 'Renew' | 'Cancel' | 'Extend',
): PoolAction {
  return {
    verb: 'update',
    name: 'SetEndOfTerm',
    system: 'PartnerCenter',
    summary: `set the end of the term to ${endOfTerm}`,
    recoverable: true,
    subscriptionId,
    endOfTerm,
  };
}

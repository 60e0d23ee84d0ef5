/** Promotions of the simulated cloud (partner-center.md 4.6): a discount on the first term. */
import type { World } from '../../world.ts';
import type { Promotion } from '../books/entry.ts';
import type { Customer } from '../customers/customer.ts';
import { ordersOf } from '../state.ts';
import type { BillingCycle, Term } from '../terms.ts';
import { itemOf, type OfferTerm } from './offers.ts';

export interface ProductPromotion {
  /** `pid:sid:xxx` */
  readonly id: string;
  readonly productId: string;
  readonly skuId: string;
  readonly name: string;
  readonly percent: number;
  readonly term: OfferTerm;
  readonly seatsMin: number;
  readonly seatsMax: number;
  /** Only for customers that never bought the product. */
  readonly isFirstPurchaseOnly: boolean;
}

export const PROMOTIONS: readonly ProductPromotion[] = [
  {
    id: '39NFJQT1PJ7K:0001:39NFJQT1Q5K8',
    productId: 'CFQ7TTC0LCHC',
    skuId: '0002',
    name: 'Microsoft 365 Business Premium, new customers',
    percent: 15,
    term: { duration: 'P1Y', billingCycle: 'annual' },
    seatsMin: 1,
    seatsMax: 300,
    isFirstPurchaseOnly: true,
  },
  {
    id: '39NFJQT1PJ7M:0001:39NFJQT1Q5KB',
    productId: 'CFQ7TTC0LFLX',
    skuId: '0001',
    name: 'Microsoft 365 E3, 50 seats and more',
    percent: 10,
    term: { duration: 'P1Y', billingCycle: 'monthly' },
    seatsMin: 50,
    seatsMax: 2400,
    isFirstPurchaseOnly: false,
  },
  {
    id: '39NFJQT1PJ7P:0001:39NFJQT1Q5KF',
    productId: 'CFQ7TTC0MM8R',
    skuId: '0002',
    name: 'Microsoft 365 Copilot, small teams',
    percent: 20,
    term: { duration: 'P1Y', billingCycle: 'monthly' },
    seatsMin: 10,
    seatsMax: 300,
    isFirstPurchaseOnly: true,
  },
];

export function findPromotion(id: string): ProductPromotion | undefined {
  return PROMOTIONS.find((promotion) => promotion.id === id);
}

/** What a line or an instruction with this promotion gets. */
export function promotionOf(id: string | undefined): Promotion | undefined {
  const promotion = id === undefined ? undefined : findPromotion(id);
  return promotion === undefined ? undefined : { id: promotion.id, percent: promotion.percent };
}

/** Promotions run for half a year each and are then announced again. */
export function promotionPeriod(nowMs: number): {
  readonly startMs: number;
  readonly endMs: number;
} {
  const now = new Date(nowMs);
  const half = now.getUTCMonth() < 6 ? 0 : 6;
  const year = now.getUTCFullYear();
  return { startMs: Date.UTC(year, half, 1), endMs: Date.UTC(year, half + 6, 1) };
}

export interface PromotedPurchase {
  readonly productId: string;
  readonly skuId: string;
  readonly quantity: number;
  readonly termDuration: Term;
  readonly billingCycle: BillingCycle;
}

interface Problem {
  readonly type: 'InvalidPromotion' | 'Term' | 'SeatCount' | 'OfferPurchasedPreviously';
  readonly description: string;
  readonly [more: string]: unknown;
}

/** Why this purchase does not get the promotion; nothing where it does. */
export function promotionProblems(
  world: World,
  customer: Customer,
  choice: { readonly promotion: ProductPromotion; readonly purchase: PromotedPurchase },
): readonly Problem[] {
  const { promotion, purchase } = choice;
  if (itemOf(promotion) !== itemOf(purchase)) {
    return [{ type: 'InvalidPromotion', description: 'The promotion is for another product.' }];
  }
  const { term, seatsMin, seatsMax } = promotion;
  const isTerm =
    term.duration === purchase.termDuration && term.billingCycle === purchase.billingCycle;
  const isSeats = purchase.quantity >= seatsMin && purchase.quantity <= seatsMax;
  const isNew = !promotion.isFirstPurchaseOnly || !hasBought(world, customer, promotion);
  return [
    ...(isTerm
      ? []
      : [
          {
            type: 'Term' as const,
            description: `It is for ${term.duration} billed ${term.billingCycle}.`,
          },
        ]),
    ...(isSeats
      ? []
      : [
          {
            type: 'SeatCount' as const,
            description: `It is for ${seatsMin} to ${seatsMax} seats.`,
            minimumRequiredSeats: seatsMin,
            maximumRequiredSeats: seatsMax,
            availableSeats: purchase.quantity,
          },
        ]),
    ...(isNew
      ? []
      : [
          {
            type: 'OfferPurchasedPreviously' as const,
            description: 'The product was bought before.',
          },
        ]),
  ];
}

function hasBought(world: World, customer: Customer, promotion: ProductPromotion): boolean {
  return ordersOf(world, customer).some(({ lines }) =>
    lines.some((line) => itemOf(line) === itemOf(promotion)),
  );
}

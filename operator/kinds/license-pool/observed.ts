import type { Offer } from '../../api/partner-connection.ts';
import type { Subscription } from '../../clients/partner-center/port.ts';
import type { Owner, RelatedSeats } from '../../core/seats/input.ts';
import type { SeatChange } from '../seat-changes.ts';
import type { HarvestSight } from './harvest.ts';

/** A subscription of the product, and who bought it. */
export interface OwnedSubscription extends Subscription {
  readonly owner: Owner;
  /** Of another SKU of the product that gives the same seats: its extended service term (partner-center.md 6.6). */
  readonly isExtended?: boolean;
}

export interface ObservedPool {
  /** Undefined: the catalogue of the connection does not have it. */
  readonly offer: Offer | undefined;
  /** Names of the offers that there are. */
  readonly offers: readonly string[];
  /** Offers of the same product: other terms and billing cycles, the pool's own among them. */
  readonly sold: readonly Offer[];
  readonly currency: string;
  /** PartnerConnection, as namespace/name. */
  readonly connection: string;
  /** Milliseconds that Microsoft's commerce clock is ahead of ours. */
  readonly clockOffsetMs: number;
  readonly skuId: string | undefined;
  /** Of the product; those that have ended among them. */
  readonly subscriptions: readonly OwnedSubscription[];
  /** Units that have arrived in the directory. */
  readonly available: number;
  /** Users that hold the licence, as the view of the directory has them; anybody's, group-inherited included. */
  readonly assigned: number;
  /** Units in use as the directory itself counts: may be ahead of the view. Seats are never reduced below it. */
  readonly consumed: number;
  readonly reserved: number;
  /** When those of `assigned` leave who give their seat back, in ms of our clock. */
  readonly leavingMs: readonly number[];
  /** When those begin who are to get a seat then, in ms of our clock. */
  readonly startingMs: readonly number[];
  /** Fewest and most seats that Microsoft sells; most: over all subscriptions. */
  readonly minimumQuantity: number;
  readonly maximumQuantity: number;
  /** The tenant has an active subscription of a product that this one needs; true where it needs none. */
  readonly hasPrerequisites: boolean;
  /** Seats of the product that this add-on belongs to. */
  readonly base: RelatedSeats | undefined;
  /** Seats of the largest add-on of this product. */
  readonly addOn: RelatedSeats | undefined;
  readonly isAccountUnderReview: boolean;
  /** The partner is an indirect reseller: its provider orders. */
  readonly isReseller?: boolean;
  readonly limits: {
    /** Most seats that the environment allows a subscription (sandbox). */
    readonly seatCeiling: number | undefined;
    readonly maxSeatsPerChange: number | undefined;
    readonly maxSpendPerMonth: number | undefined;
    /** Cost a month of the connection's other pools: summed up when it is read, for where seats are to be bought. */
    readonly spentElsewhere: number;
  };
  /** Undefined: nobody asks whose licence is unused. */
  readonly harvest?: HarvestSight | undefined;
  /** The newest change of these subscriptions by others that the activity log has told of. */
  readonly outsideChange?: SeatChange | undefined;
}

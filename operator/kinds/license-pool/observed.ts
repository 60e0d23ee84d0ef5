import type { Offer } from '../../api/partner-connection.ts';
import type { Subscription } from '../../clients/partner-center/port.ts';

export interface ObservedPool {
  /** Undefined: the catalogue of the connection does not have it. */
  readonly offer: Offer | undefined;
  /** Names of the offers that there are. */
  readonly offers: readonly string[];
  readonly currency: string;
  /** Milliseconds that Microsoft's commerce clock is ahead of ours. */
  readonly clockOffsetMs: number;
  readonly skuId: string | undefined;
  /** The subscription that the pool buys seats of. */
  readonly subscription: Subscription | undefined;
  /** Seats of every active subscription of this product SKU. */
  readonly bought: number;
  /** A first purchase is recorded and its subscription not there yet. */
  readonly purchasing: boolean;
  /** Units that have arrived in the directory. */
  readonly available: number;
  /** Users that hold the licence, as the view of the directory has them; anybody's, group-inherited included. */
  readonly assigned: number;
  /** Units in use as the directory itself counts: may be ahead of the view. Seats are never reduced below it. */
  readonly consumed: number;
  readonly reserved: number;
  /** Fewest seats that Microsoft sells at once. */
  readonly minimumQuantity: number;
  readonly isAccountUnderReview: boolean;
  readonly limits: {
    /** Most seats that the environment allows (sandbox). */
    readonly seatCeiling: number | undefined;
    readonly maxSeatsPerChange: number | undefined;
    readonly maxSpendPerMonth: number | undefined;
    /** Cost a month of the connection's other pools. */
    readonly spentElsewhere: number;
  };
}

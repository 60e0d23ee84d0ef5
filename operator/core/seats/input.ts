/**
 * What the seat planner is told. Seats are counted, money is in minor units of one currency, and every instant is in
 * milliseconds of Microsoft's commerce clock (DESIGN.md 5), UTC.
 */

export type Term = 'P1M' | 'P1Y' | 'P3Y';
export type BillingCycle = 'Monthly' | 'Annual' | 'Triennial';
export type Mode = 'Observe' | 'Plan' | 'Approve' | 'Auto';

/**
 * Renew: idle seats go at the renewal as far as `modes.decrease` lets them. Reduce: they go, whatever `modes.decrease`
 * says. Cancel: access ends with the term. Extend: the extended service term follows (partner-center.md 6.6).
 */
export type EndOfTerm = 'Renew' | 'Reduce' | 'Cancel' | 'Extend';

/** Who bought a subscription. What is not the partner's own is planned for, and never written. */
export type Owner = 'Partner' | 'Customer' | 'Distributor';

export interface Dated {
  readonly atMs: number;
}

export interface SeatDemand {
  /** People that hold a seat, by whatever way: group-inherited and unmanaged ones too. */
  readonly assigned: number;
  /** The directory's own count: may be ahead of `assigned`, and no decrease goes below it. */
  readonly consumed: number;
  /** People that wait for a seat now. */
  readonly reserved: number;
  /** People that are to get a seat later, one entry each. */
  readonly starting: readonly Dated[];
  /** People out of `assigned` that are certain to give theirs back. One whose time has passed still has it. */
  readonly leaving: readonly Dated[];
}

/** A catalogue item that the pool may buy. All are of one SKU: seats of any of them serve everybody. */
export interface SeatOffer {
  readonly name: string;
  readonly term: Term;
  readonly billingCycle: BillingCycle;
  /** One seat and billing period. Undefined: not known today, or in another currency. */
  readonly cost: number | undefined;
  readonly minimumQuantity: number;
  /** Of one subscription. */
  readonly maximumQuantity: number;
  /** Of one subscription at the price of its promotion (partner-center.md 4.6). */
  readonly promotionSeatLimit?: number | undefined;
  /** Undefined or true: an add-on has its base, a product its prerequisites (400041). */
  readonly hasPrerequisites?: boolean | undefined;
}

export interface Instruction {
  readonly quantity: number;
  /** False: others have the next term become another product or term. */
  readonly isSameProduct: boolean;
}

export interface SeatSubscription {
  readonly id: string;
  readonly quantity: number;
  /** `active`, `pending`, `suspended`, `expired`, `disabled`, `deleted` (partner-center.md 6.2). */
  readonly status: string;
  readonly owner: Owner;
  readonly isTrial: boolean;
  /** Software subscriptions take no seats back during the term (partner-center.md 6.4). */
  readonly isSoftware?: boolean | undefined;
  /** In the extended service term. */
  readonly isExtended?: boolean | undefined;
  /** An operation runs on it (202, 409/900278): no change until it has ended. */
  readonly isBusy?: boolean | undefined;
  readonly term: Term;
  readonly billingCycle: BillingCycle;
  /** 00:00 UTC of the first day of the running term. */
  readonly termStartMs: number;
  /** 00:00 UTC of the day after its last: `termEndMsOf(commitmentEndDate)`. From then on it is locked until renewed. */
  readonly termEndMs: number;
  /** One seat and billing period. Undefined: not known, or in another currency. */
  readonly cost: number | undefined;
  readonly minimumQuantity: number;
  readonly maximumQuantity: number;
  readonly promotionSeatLimit?: number | undefined;
  /** `refundableQuantity.details`; empty where there is none. */
  readonly refundable: readonly { readonly quantity: number; readonly untilMs: number }[];
  /** `cancellationAllowedUntilDate` */
  readonly cancellableUntilMs?: number | undefined;
  readonly autoRenew: boolean;
  /** `scheduledNextTermInstructions` */
  readonly instruction?: Instruction | undefined;
  /** Names of the actions at the end of the term: `Cancel`, `RenewToNewTerm`, `RenewToExtendedServiceTerm`. */
  readonly termEndActions: readonly string[];
}

/** An instruction that was sent and read back before: missing now, it was lost. */
export interface IssuedInstruction {
  readonly subscriptionId: string;
  readonly quantity: number;
  readonly termEndMs: number;
}

export interface Approval {
  /** Hash of the plan that somebody approved. */
  readonly hash: string;
  readonly expiresMs: number;
  /**
   * Hashes of its lines that are not done yet, as `SeatPlan.approval.lines` gave them when the hash was first seen: what
   * is left of an approved plan needs no second approval. Undefined: seen for the first time.
   */
  readonly lines?: readonly string[] | undefined;
}

/** A bound and what has been used of it already. Whatever would go beyond is held as a whole. */
export interface Guardrail {
  /** For the message: `limits.maxSeatsPerChange of the connection`. */
  readonly name: string;
  /** Change: `used` is not counted on within one plan. */
  readonly per: 'Change' | 'Run' | 'Day' | 'Month';
  /** Which changes it bounds. */
  readonly on: 'Increase' | 'Decrease' | 'Both';
  readonly seats?: { readonly max: number; readonly used: number } | undefined;
  /** Cost a month; `used` and what an increase adds to it. */
  readonly spend?: { readonly max: number; readonly used: number } | undefined;
  /** When `used` falls by itself. */
  readonly resetsMs?: number | undefined;
}

/** Seats of another pool: what it has, and will have once its own plan is done. */
export interface RelatedSeats {
  readonly now: number;
  /** Later changes, by time: e.g. a scheduled decrease, or its end (0). */
  readonly changes: readonly { readonly atMs: number; readonly quantity: number }[];
}

export interface SeatInput {
  readonly nowMs: number;
  readonly demand: SeatDemand;
  /** How long ahead people that start count as needed. */
  readonly horizonMs: number;
  /** How long before a renewal its instruction is sent (about 1,200 updates a subscription, 900311). */
  readonly renewalHorizonMs: number;
  readonly bounds: { readonly min: number; readonly max: number };
  readonly buffer?:
    | { readonly count: number; readonly marginFloorBasisPoints?: number | undefined }
    | undefined;
  /** What one seat brings a month. */
  readonly price: number | undefined;
  readonly currency: string;
  readonly offers: readonly SeatOffer[];
  readonly subscriptions: readonly SeatSubscription[];
  /** Ordered, and no subscription to be seen yet. */
  readonly ordered: number;
  /** Seats that the tenant may still get of the SKU, over all subscriptions and partners (800088). */
  readonly pooledRemaining?: number | undefined;
  /** This pool is an add-on of that base: never more seats than it, and gone with it. */
  readonly base?: RelatedSeats | undefined;
  /** This pool is the base of that (largest) add-on: never fewer seats than it. */
  readonly addOn?: RelatedSeats | undefined;
  readonly modes: { readonly increase: Mode; readonly decrease: Mode };
  readonly approval?: Approval | undefined;
  readonly guardrails: readonly Guardrail[];
  readonly isAccountUnderReview: boolean;
  /** The partner may order nothing (an indirect reseller): all is planned, and asked for of its provider. */
  readonly isPlanOnly?: boolean | undefined;
  readonly endOfTerm: { readonly declared: EndOfTerm; readonly isConfirmed: boolean };
  readonly issued: readonly IssuedInstruction[];
}

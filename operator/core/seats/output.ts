/** What the seat planner says. Seats, minor units and milliseconds as in its input. */

export type LineAction =
  | 'Purchase'
  | 'Increase'
  | 'Decrease'
  /** At once, the whole subscription. */
  | 'Cancel'
  | 'SetEndOfTerm'
  /** Next term's quantity. */
  | 'ScheduleDecrease'
  | 'ScheduleIncrease'
  /** The same instruction again, which a change during the term has lost. */
  | 'Reissue';

export type HoldReason =
  | 'ModeObserve'
  | 'ModePlan'
  | 'ApprovalNeeded'
  | 'ApprovalExpired'
  | 'ApprovalOfOtherPlan'
  /** It is good once. */
  | 'ApprovalUsed'
  | 'AccountUnderReview'
  | 'PriceUnknown'
  | 'GuardrailHeld'
  | 'PlanOnly'
  | 'PrerequisiteMissing'
  | 'PoolEnds'
  | 'ConfirmationNeeded'
  | 'Locked'
  /** A change of seats of the same subscription comes first: it would lose what is sent now. */
  | 'AfterSeatChange'
  /** Its time has not come: see `earliestMs`. */
  | 'Later';

export interface Hold {
  readonly reason: HoldReason;
  /** Constant for one state of the plan. */
  readonly message: string;
  /** PlanOnly: what to ask of whoever may write it. */
  readonly ticket?: string | undefined;
}

export interface SeatLine {
  readonly action: LineAction;
  /** Seats by which it changes; 0 for the end of a term without change of seats. */
  readonly quantity: number;
  readonly subscriptionId?: string | undefined;
  /** Purchase: name of the offer, and the day (00:00 UTC after it) with which the new subscription is to end. */
  readonly offer?: string | undefined;
  readonly alignedEndMs?: number | undefined;
  /** Absolute quantities of the subscription, of now or of the next term. */
  readonly from: number;
  readonly to: number;
  readonly endOfTerm?: 'Renew' | 'Cancel' | 'Extend' | undefined;
  /** Before it Microsoft, or the renewal horizon, does not take it. */
  readonly earliestMs: number;
  /** After it Microsoft does not take it any more; of an increase: when the first seat is needed. */
  readonly deadlineMs: number;
  /** When the seats come or go. */
  readonly effectiveMs: number;
  readonly reason: string;
  /** A month; negative: it costs. Undefined: price unknown. */
  readonly saving: number | undefined;
  /** What is charged at once for the running billing cycle; negative: credited. Undefined: price unknown. */
  readonly charge: number | undefined;
  /** What the idle seats cost from today until they go. */
  readonly lostUntilThen: number | undefined;
  /** Of seats that are given back at once: what they would cost to the end of their term. */
  readonly saved?: number | undefined;
  /** Due: to be done now. Set: done and found in force, seats go at `effectiveMs`. */
  readonly state: 'Due' | 'Held' | 'Set';
  readonly hold?: Hold | undefined;
  readonly hash: string;
}

export interface IdleSeats {
  readonly total: number;
  /** Buffer, minimum, and people about to start. */
  readonly kept: number;
  /** Microsoft takes them back at this moment. */
  readonly droppableNow: number;
  readonly droppableAt: readonly { readonly atMs: number; readonly quantity: number }[];
  /** No known time: minimum of a subscription, trial, seats of others, cut off by the pool's own end. */
  readonly never: number;
}

export interface SeatMoney {
  readonly currency: string;
  /** False: a cost or the price is missing, and what depends on it is undefined. */
  readonly isPriceKnown: boolean;
  /** A month, of all seats that the provider pays. */
  readonly cost: number | undefined;
  /** A month, of the people that hold a seat. */
  readonly revenue: number | undefined;
  readonly margin: number | undefined;
  /** Of the revenue: 2000 = 20 %. */
  readonly basisPoints: number | undefined;
  readonly floorBasisPoints: number | undefined;
  readonly isBelowFloor: boolean;
  /** Idle seats at which the margin is gone, in hundredths of a seat: 250 = 2.5. */
  readonly breakEvenHundredths: number | undefined;
  /** A month, of the idle seats, the dearest first; those of the customer's own cost nothing. */
  readonly idle: number | undefined;
  /** What idle seats will cost until they go by this plan; a decrease that is held counts to the end of its term. */
  readonly waiting: number | undefined;
  /** From today to the end of each term, of every seat that the provider pays. */
  readonly commitmentOwed: number | undefined;
}

export type AlertReason =
  /** The term ends in the extended service term: `cost` a month. */
  | 'ExtendedServiceTerm'
  /** A window closes within a day with idle seats in it that are held. */
  | 'WindowClosing'
  /** An instruction that was in force is gone. */
  | 'ScheduleLost'
  /** Others have the next term become another product: left alone. */
  | 'ForeignInstruction';

export interface SeatAlert {
  readonly reason: AlertReason;
  readonly subscriptionId: string;
  readonly atMs: number;
  readonly quantity: number;
  readonly cost?: number | undefined;
}

export interface SeatPlan {
  /** People that need a seat, now and within the horizon. */
  readonly needed: number;
  readonly buffer: number;
  readonly target: number;
  /** People that no seat can be had for, and why. */
  readonly short:
    | { readonly quantity: number; readonly reason: 'MaximumReached' | 'NotSold' }
    | undefined;
  readonly seats: {
    readonly bought: number;
    readonly assigned: number;
    readonly reserved: number;
    readonly idle: IdleSeats;
  };
  /** In the order in which they are to be done: do the first that is Due, then look and plan again. */
  readonly lines: readonly SeatLine[];
  /** Lines that found no room. */
  readonly linesOmitted: number;
  readonly alerts: readonly SeatAlert[];
  readonly money: SeatMoney;
  readonly nextRenewalMs: number | undefined;
  readonly hash: string;
  readonly approval: {
    readonly state: 'NotGiven' | 'Valid' | 'Expired' | 'OtherPlan' | 'Used';
    /** To be stored with the approval (`Approval.lines`). */
    readonly lines: readonly string[];
  };
  /** The next instant at which time alone can change the plan. */
  readonly lookAgainMs: number | undefined;
  readonly explanation: string;
}

/**
 * What lets a line through, and what holds it. Pure.
 *
 * | the line                                              | held by                                |
 * | ----------------------------------------------------- | -------------------------------------- |
 * | is any, of a partner that may order nothing           | PlanOnly, with the text of a ticket    |
 * | is of a subscription that others bought               | PlanOnly, with the text of a ticket    |
 * | carries a hold of its own                             | that                                   |
 * | asks for a mode that is Observe or Plan               | ModeObserve, ModePlan                  |
 * | … Approve, and no approval, an old one, of another, one that was used | ApprovalNeeded, ApprovalExpired, ApprovalOfOtherPlan, ApprovalUsed |
 * | buys, and the account is reviewed, the cost unknown   | AccountUnderReview, PriceUnknown       |
 * | goes beyond a guardrail, with those before it         | GuardrailHeld                          |
 * | is of a subscription that is being renewed or changed | Locked                                 |
 * | is before its time                                    | Later                                  |
 */
import { fingerprint } from '../hash.ts';
import { formatMoney } from '../money.ts';
import { isLocked } from './commerce.ts';
import type { Draft } from './draft.ts';
import type { Guardrail, SeatInput } from './input.ts';
import type { Hold, SeatLine, SeatPlan } from './output.ts';

export interface Approvals {
  readonly hash: string;
  readonly state: SeatPlan['approval']['state'];
  readonly lines: readonly string[];
}

/** `drafts`: the whole plan as it is meant, were nothing held. Its hash knows no time, so that it lasts. */
export function approvalsOf(input: SeatInput, drafts: readonly Draft[]): Approvals {
  const open = drafts.filter((draft) => draft.isSet !== true);
  const asking = open.filter((draft) => isAsking(input, draft));
  const lines = (asking.length === 0 ? open : asking).map((draft) => lineHash(input, draft));
  const hash = fingerprint(lines.join(' '));
  return { hash, state: approvalState(input, hash), lines };
}

function approvalState({ approval, nowMs }: SeatInput, hash: string): Approvals['state'] {
  if (approval === undefined) return 'NotGiven';
  if (approval.expiresMs <= nowMs) return 'Expired';
  const isNew = approval.lines === undefined;
  if ((approval.lines ?? []).length > 0) return 'Valid';
  if (approval.hash !== hash) return 'OtherPlan';
  return isNew ? 'Valid' : 'Used';
}

function isAsking({ modes }: SeatInput, { asks, action }: Draft): boolean {
  // What was approved once and lost is sent again without asking.
  return asks !== undefined && modes[asks] === 'Approve' && action !== 'Reissue';
}

/** An instruction is the same whatever the quantity is until then; what is bought already is part of a purchase. */
function lineHash(input: SeatInput, draft: Draft): string {
  const { action, subscriptionId, offer, from, to, endOfTerm, effectiveMs, seatCost } = draft;
  const what = subscriptionId ?? offer ?? '';
  const isNow = effectiveMs <= input.nowMs;
  const held = input.subscriptions.reduce((sum, { quantity }) => sum + quantity, 0);
  const when = isNow ? `${from} ${action === 'Purchase' ? held : ''}` : `${effectiveMs}`;
  const verb = action === 'Reissue' ? 'ScheduleDecrease' : action;
  return fingerprint(`${verb} ${what} ${when} ${to} ${endOfTerm ?? ''} ${seatCost ?? '?'}`);
}

interface Use {
  seats: number;
  spend: number;
}

/** Keeps count of what the lines of one plan use of each guardrail. */
export class Holds {
  readonly #input: SeatInput;
  readonly #approvals: Approvals;
  readonly #used = new Map<Guardrail, Use>();

  constructor(input: SeatInput, approvals: Approvals) {
    this.#input = input;
    this.#approvals = approvals;
  }

  lineOf(draft: Draft): SeatLine {
    const { isSet, seatCost: _cost, asks: _asks, hold: _own, ...line } = draft;
    const hash = lineHash(this.#input, draft);
    if (isSet === true) return { ...line, state: 'Set', hash };
    const hold = this.#holdOf(draft, hash);
    if (hold !== undefined) return { ...line, state: 'Held', hold, hash };
    this.#count(draft);
    return { ...line, state: 'Due', hash };
  }

  #holdOf(draft: Draft, hash: string): Hold | undefined {
    return (
      planOnly(this.#input, draft) ??
      draft.hold ??
      this.#modeHold(draft, hash) ??
      buyingHold(this.#input, draft) ??
      this.#guardrailHold(draft) ??
      timeHold(this.#input, draft)
    );
  }

  #modeHold(draft: Draft, hash: string): Hold | undefined {
    if (draft.asks === undefined) return undefined;
    const mode = this.#input.modes[draft.asks];
    if (mode === 'Observe' || mode === 'Plan') {
      return {
        reason: `Mode${mode}`,
        message: `${draft.asks} is ${mode}: nothing is done by itself`,
      };
    }
    return isAsking(this.#input, draft) ? this.#approvalHold(hash) : undefined;
  }

  #approvalHold(lineHash: string): Hold | undefined {
    const { approval } = this.#input;
    const { hash, state } = this.#approvals;
    const isNamed = approval?.hash === hash || approval?.lines?.includes(lineHash) === true;
    if (state === 'Valid' && isNamed) return undefined;
    return approvalHold(hash, state, approval?.hash);
  }

  #guardrailHold(draft: Draft): Hold | undefined {
    for (const guardrail of this.#input.guardrails) {
      const message = this.#beyond(guardrail, draft);
      if (message !== undefined) return { reason: 'GuardrailHeld', message };
    }
    return undefined;
  }

  #beyond(guardrail: Guardrail, draft: Draft): string | undefined {
    if (!isBounded(guardrail, draft)) return undefined;
    const used = guardrail.per === 'Change' ? undefined : this.#used.get(guardrail);
    const { seats, spend } = used ?? none;
    return (
      seatsBeyond(guardrail, seats + draft.quantity) ??
      this.#spendBeyond(guardrail, { before: spend, more: spendOf(draft) })
    );
  }

  #spendBeyond(
    { name, spend }: Guardrail,
    { before, more }: { readonly before: number; readonly more: number },
  ): string | undefined {
    if (spend === undefined || more === 0) return undefined;
    const amount = spend.used + before + more;
    if (amount <= spend.max) return undefined;
    const { currency } = this.#input;
    return `${formatMoney(amount, currency)} a month is more than ${name} (${formatMoney(spend.max, currency)})`;
  }

  #count(draft: Draft): void {
    for (const guardrail of this.#input.guardrails) {
      if (!isBounded(guardrail, draft)) continue;
      const before = this.#used.get(guardrail) ?? none;
      const seats = before.seats + draft.quantity;
      this.#used.set(guardrail, { seats, spend: before.spend + spendOf(draft) });
    }
  }
}

const none: Use = { seats: 0, spend: 0 };

function seatsBeyond({ name, seats }: Guardrail, more: number): string | undefined {
  if (seats === undefined || seats.used + more <= seats.max) return undefined;
  return `${seats.used + more} seats are more than ${name} (${seats.max})`;
}

const increasing = new Set<Draft['action']>(['Purchase', 'Increase', 'ScheduleIncrease']);
const decreasing = new Set<Draft['action']>(['Decrease', 'Cancel', 'ScheduleDecrease']);

/** What was counted when it was first sent, or declared, is bounded by nothing. */
function isBounded({ on }: Guardrail, { action, asks }: Draft): boolean {
  const isIncrease = increasing.has(action);
  const isDecrease = decreasing.has(action) || (action === 'SetEndOfTerm' && asks === 'decrease');
  return (isIncrease && on !== 'Decrease') || (isDecrease && on !== 'Increase');
}

function spendOf(draft: Draft): number {
  return increasing.has(draft.action) ? Math.max(0, -(draft.saving ?? 0)) : 0;
}

function buyingHold(input: SeatInput, draft: Draft): Hold | undefined {
  const { action } = draft;
  if (action !== 'Purchase' && action !== 'Increase') return undefined;
  if (action === 'Purchase' && hasEnded(input)) {
    return {
      reason: 'PoolEnds',
      message: 'endOfTerm is Cancel, and the subscription has ended: no new one is bought',
    };
  }
  if (input.isAccountUnderReview) {
    return {
      reason: 'AccountUnderReview',
      message: "Microsoft reviews the customer's account: nothing can be bought meanwhile",
    };
  }
  if (draft.seatCost !== undefined) return undefined;
  return { reason: 'PriceUnknown', message: 'what a seat costs is not known: nothing is bought' };
}

function hasEnded({ endOfTerm, subscriptions }: SeatInput): boolean {
  const gone = new Set(['expired', 'disabled', 'deleted']);
  return (
    endOfTerm.declared === 'Cancel' &&
    endOfTerm.isConfirmed &&
    subscriptions.some(({ status, owner }) => owner === 'Partner' && gone.has(status))
  );
}

function timeHold(input: SeatInput, draft: Draft): Hold | undefined {
  const one = input.subscriptions.find(({ id }) => id === draft.subscriptionId);
  if (one !== undefined && isLocked(one, input.nowMs)) {
    return { reason: 'Locked', message: 'the subscription is being renewed or changed' };
  }
  if (draft.earliestMs <= input.nowMs) return undefined;
  return { reason: 'Later', message: 'is sent when the renewal comes near' };
}

function planOnly(input: SeatInput, draft: Draft): Hold | undefined {
  if (input.isPlanOnly === true) {
    const message = 'an indirect reseller cannot order: shown, and to be asked of its provider';
    return { reason: 'PlanOnly', message, ticket: ticketOf(input, draft) };
  }
  const one = input.subscriptions.find(({ id }) => id === draft.subscriptionId);
  if (one === undefined || one.owner === 'Partner') return undefined;
  return {
    reason: 'PlanOnly',
    message: `bought by the ${one.owner === 'Customer' ? 'customer' : 'distributor'}: shown, and never written`,
    ticket: ticketOf(input, draft),
  };
}

function ticketOf({ nowMs, currency }: SeatInput, draft: Draft): string {
  const { effectiveMs, saving } = draft;
  const when = effectiveMs <= nowMs ? 'now' : `at the renewal on ${day(effectiveMs)}`;
  const money =
    saving === undefined || saving === 0
      ? ''
      : ` (${saving < 0 ? 'costs' : 'saves'} ${formatMoney(Math.abs(saving), currency)} a month)`;
  return `Please ${wishOf(draft)} ${when}${money}.`;
}

const endings = { Renew: 'renew', Cancel: 'cancel', Extend: 'extend' } as const;

function wishOf({ action, subscriptionId = '', offer, ...draft }: Draft): string {
  const { from, to, endOfTerm, alignedEndMs } = draft;
  if (offer !== undefined) {
    const end = alignedEndMs === undefined ? '' : ` with a term that ends on ${day(alignedEndMs)}`;
    return `order ${to} seats of ${offer}${end}`;
  }
  if (endOfTerm !== undefined) return `${endings[endOfTerm]} subscription ${subscriptionId}`;
  if (action === 'Cancel') return `cancel subscription ${subscriptionId} with its ${from} seats`;
  return `change subscription ${subscriptionId} from ${from} to ${to} seats`;
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** `given`: the hash that the annotation names. */
function approvalHold(hash: string, state: Approvals['state'], given: string | undefined): Hold {
  const wanted = `m365-operator.io/approve: "${hash}"`;
  if (given === undefined || state === 'NotGiven') {
    return { reason: 'ApprovalNeeded', message: `waits for the annotation ${wanted}` };
  }
  if (state === 'Expired') {
    return {
      reason: 'ApprovalExpired',
      message: `the approval has expired: set the annotation ${wanted} again`,
    };
  }
  if (state === 'Used') {
    return {
      reason: 'ApprovalUsed',
      message: `plan "${hash}" was approved and done before: take the annotation away and set it again`,
    };
  }
  return {
    reason: 'ApprovalOfOtherPlan',
    message: `the approval names plan "${given}", and this is another one: waits for the annotation ${wanted}`,
  };
}

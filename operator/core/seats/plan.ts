/**
 * How many seats there should be, what may be done now, and what is planned for when.
 *
 * | seats                                          | lines                                              | module      |
 * | ---------------------------------------------- | -------------------------------------------------- | ----------- |
 * | fewer than needed + buffer                     | Increase, Purchase: the cheapest legal way         | increase.ts |
 * | … beyond `max`, the base, or what is sold      | as far as it goes; `short` says the rest           | demand.ts   |
 * | … ordered, or pending                          | none for those: they come                          | here        |
 * | … a leaver goes before the joiner starts       | none: the seat is handed on                        | demand.ts   |
 * | more, and Microsoft takes some back now        | Decrease, Cancel: the dearest first                | decrease.ts |
 * | more, and no window is open                    | ScheduleDecrease, or SetEndOfTerm Cancel           | renewal.ts  |
 * | an instruction was lost by a change            | Reissue, after the change                          | renewal.ts  |
 * | an instruction leaves too few                  | ScheduleIncrease                                   | renewal.ts  |
 * | the end of a term is not as declared           | SetEndOfTerm                                       | renewal.ts  |
 * | suspended, expired, trial                      | none, ever                                         |             |
 * | bought by the customer or a distributor        | as ours, held: PlanOnly                            | hold.ts     |
 *
 * Lines stand in the order in which they are to be done. Each is planned as if those before it that are Due were done
 * and those that are held never were. Never below max(assigned, consumed) + reserved.
 */
import { alertsOf, lookAgainMs } from './alerts.ts';
import { afterRenewal, hasEnd, isActive, isWritable } from './commerce.ts';
import { decreases } from './decrease.ts';
import { type Need, needAt } from './demand.ts';
import type { Draft } from './draft.ts';
import { explain } from './explain.ts';
import { type Approvals, approvalsOf, Holds } from './hold.ts';
import { idleSeats, moneyWaiting } from './idle.ts';
import { increases } from './increase.ts';
import type { SeatInput } from './input.ts';
import { moneyOf } from './margin.ts';
import type { SeatLine, SeatPlan } from './output.ts';
import { type Renewal, renewals, renewInstead } from './renewal.ts';

/** As much as status takes. */
const linesMax = 20;

export function planSeats(input: SeatInput): SeatPlan {
  const need = needAt(input, input.nowMs);
  const supply = supplyOf(input);
  const { now, short, dropping } = changesNow(input, need, supply);
  const meant = renewals(after(input, now), idsOf(now));
  const approvals = approvalsOf(input, [...now, ...meant.drafts]);
  const { first, all } = linesOf(input, { now, approvals });
  const seats = seatsOf(input, { need, supply, dropping, meant });
  const waiting = moneyWaiting(input, seats.idle, { lines: first, renewing: meant.drafts });
  const lines = all.slice(0, linesMax);
  const { needed, buffer, target } = need;
  const outcome = { needed, buffer, target, short, seats, lines };
  return {
    ...outcome,
    linesOmitted: all.length - lines.length,
    alerts: alertsOf(input, all),
    money: moneyOf(input, { idle: seats.idle.total, waiting }),
    nextRenewalMs: nextRenewal(input),
    hash: approvals.hash,
    approval: { state: approvals.state, lines: approvals.lines },
    lookAgainMs: lookAgainMs(input, all),
    explanation: explain(input, outcome),
  };
}

interface Supply {
  readonly bought: number;
  /** Once renewals that run are through, and what is ordered has come. */
  readonly coming: number;
  /** The same without what has not come. */
  readonly lasting: number;
}

function supplyOf({ subscriptions, nowMs, ordered }: SeatInput): Supply {
  const active = subscriptions.filter(isActive);
  const lasting = sum(active.map((one) => afterRenewal(one, nowMs)));
  const pending = sum(
    subscriptions.filter(({ status }) => status === 'pending').map(({ quantity }) => quantity),
  );
  return {
    bought: sum(active.map(({ quantity }) => quantity)),
    coming: lasting + pending + ordered,
    lasting,
  };
}

function sum(items: readonly number[]): number {
  return items.reduce((all, quantity) => all + quantity, 0);
}

function changesNow(input: SeatInput, need: Need, supply: Supply) {
  const shortage = need.target - supply.coming;
  const growing = increases(input, shortage);
  const idle = supply.lasting - Math.max(need.target, need.floor);
  const dropping = idle <= 0 ? [] : decreases(input, idle);
  const planned = growing.reduce((sum, { quantity }) => sum + quantity, 0);
  const missing = need.needed - supply.coming - planned;
  const short: SeatPlan['short'] =
    missing <= 0
      ? undefined
      : { quantity: missing, reason: need.beyondMax > 0 ? 'MaximumReached' : 'NotSold' };
  return { now: [...growing, ...dropping], short, dropping };
}

function linesOf(
  input: SeatInput,
  { now, approvals }: { readonly now: readonly Draft[]; readonly approvals: Approvals },
) {
  const holds = new Holds(input, approvals);
  const first = now.map((draft) => holds.lineOf(draft));
  const due = first.filter(({ state }) => state === 'Due');
  // What is held is not counted on: it may stay held until the term ends.
  const renewal = renewals(after(input, due), idsOf(due));
  const later = renewal.drafts.flatMap((draft) => {
    const line = holds.lineOf(draft);
    return [line, ...renewInstead(input, line).map((instead) => holds.lineOf(instead))];
  });
  return { first, all: [...first, ...later.toSorted(byMoment)] };
}

/** The end of a term before its quantity, which needs it. */
function byMoment(a: SeatLine, b: SeatLine): number {
  return (
    Number(b.action === 'SetEndOfTerm') - Number(a.action === 'SetEndOfTerm') ||
    a.effectiveMs - b.effectiveMs ||
    (a.subscriptionId ?? '').localeCompare(b.subscriptionId ?? '')
  );
}

function idsOf(lines: readonly { readonly subscriptionId?: string | undefined }[]) {
  return new Set(lines.flatMap(({ subscriptionId }) => subscriptionId ?? []));
}

/** As the subscriptions are once these are done. What a purchase brings has no term to plan for yet. */
function after(
  input: SeatInput,
  done: readonly {
    readonly subscriptionId?: string | undefined;
    readonly action: string;
    readonly to: number;
  }[],
): SeatInput {
  const subscriptions = input.subscriptions.flatMap((one) => {
    const change = done.find(({ subscriptionId }) => subscriptionId === one.id);
    if (change === undefined) return [one];
    if (change.action === 'Cancel') return [];
    return [{ ...one, quantity: change.to, instruction: undefined }];
  });
  return { ...input, subscriptions };
}

function seatsOf(
  input: SeatInput,
  found: {
    readonly need: Need;
    readonly supply: Supply;
    readonly dropping: readonly Draft[];
    readonly meant: Renewal;
  },
): SeatPlan['seats'] {
  const { need, supply, dropping, meant } = found;
  const { assigned, reserved } = input.demand;
  const inUse = assigned + reserved;
  const total = Math.max(0, supply.bought - inUse);
  const keeping = Math.max(need.target, need.floor) - inUse;
  const kept = Math.min(total, Math.max(0, keeping));
  const idle = idleSeats({ total, kept }, dropping, meant.droppable);
  return { bought: supply.bought, assigned, reserved, idle };
}

function nextRenewal({ subscriptions, nowMs }: SeatInput): number | undefined {
  const ends = subscriptions
    .filter((one) => isWritable(one) && hasEnd(one) && one.termEndMs > nowMs)
    .map(({ termEndMs }) => termEndMs);
  return ends.length === 0 ? undefined : Math.min(...ends);
}

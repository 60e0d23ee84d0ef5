/**
 * What happens at the end of each term: how it ends, and with how many seats it goes on. Pure.
 *
 * | declared | subscription of our own                                 | line                                       |
 * | -------- | ------------------------------------------------------- | ------------------------------------------ |
 * | any      | ends otherwise than declared, or by silence             | SetEndOfTerm                               |
 * | Cancel   | people hold seats, not confirmed                        | SetEndOfTerm, held: ConfirmationNeeded     |
 * | Renew    | more seats than people then                             | ScheduleDecrease (as `decrease` allows)    |
 * | Reduce   | the same                                                | ScheduleDecrease, whatever `decrease` says |
 * | …        | … and the same instruction is in force                  | ScheduleDecrease, Set                      |
 * | …        | … and it was sent before and is gone                    | Reissue                                    |
 * | …        | the instruction found leaves too few seats              | ScheduleIncrease                           |
 * | …        | none of its seats is needed then, and others stay       | SetEndOfTerm Cancel (as `decrease` allows) |
 * | …        | … that is held, and how it ends was left unsaid         | SetEndOfTerm Renew                         |
 * | Extend   | any                                                     | no instruction: the quantity stays         |
 *
 * Terms are taken in the order in which they end: an idle seat goes with the first that can lose it.
 */
import {
  afterRenewal,
  hasEnd,
  isActive,
  isLocked,
  isRenewing,
  isWritable,
  owedPerSeat,
  threeYearCost,
  times,
} from './commerce.ts';
import { needAtRenewal, seatsAt } from './demand.ts';
import { type Draft, monthly } from './draft.ts';
import type { EndOfTerm, SeatInput, SeatSubscription } from './input.ts';
import type { SeatLine } from './output.ts';

type TermEnd = 'Renew' | 'Cancel' | 'Extend';

export interface Renewal {
  readonly drafts: readonly Draft[];
  /** Seats that go at the end of a term if the lines are done. */
  readonly droppable: readonly { readonly atMs: number; readonly quantity: number }[];
}

interface Ending {
  readonly one: SeatSubscription;
  readonly end: TermEnd;
  readonly to: number;
}

/**
 * `changed`: ids of the subscriptions whose seats a line before changes, with which their instruction is lost;
 * `input.subscriptions` have the quantities that they will have then.
 */
export function renewals(input: SeatInput, changed: ReadonlySet<string>): Renewal {
  const endings = endingsOf(input);
  const drafts = endings
    .filter(({ one }) => !isLocked(one, input.nowMs))
    .flatMap((ending) => [
      ...endOfTermDraft(input, ending),
      ...quantityDraft(input, ending, changed.has(ending.one.id)),
    ]);
  return { drafts, droppable: droppableOf(endings) };
}

function droppableOf(endings: readonly Ending[]): Renewal['droppable'] {
  const dropping = endings.filter(({ one, to }) => to < one.quantity);
  return [...Map.groupBy(dropping, ({ one }) => one.termEndMs)].map(([atMs, same]) => ({
    atMs,
    quantity: same.reduce((sum, { one, to }) => sum + one.quantity - to, 0),
  }));
}

/** Every active subscription that takes part, the first to end at the front; what is not ours is planned for as well. */
function endingsOf(input: SeatInput): readonly Ending[] {
  const { subscriptions, endOfTerm } = input;
  const active = subscriptions.filter((one) => isActive(one) && !one.isTrial && hasEnd(one));
  const all = subscriptions.filter(isActive);
  let seats = all.reduce((sum, { quantity }) => sum + quantity, 0);
  let staying = active.length;
  return active.toSorted(byEnd).map((one): Ending => {
    const need = needAtRenewal(input, one.termEndMs);
    const kept = Math.max(need.target, need.floor);
    const others = seats - one.quantity;
    const isBaseGone = seatsAt(input.base, one.termEndMs) === 0;
    const ending = isRenewing(one, input.nowMs)
      ? { one, end: 'Renew' as const, to: afterRenewal(one, input.nowMs) }
      : endingOf(one, {
          declared: endOfTerm.declared,
          others,
          kept,
          isLast: staying === 1 && !isBaseGone,
        });
    if (ending.end === 'Cancel') staying -= 1;
    seats = others + ending.to;
    return ending;
  });
}

/** Of those that end together, ours and the dearest lose seats first. */
function byEnd(a: SeatSubscription, b: SeatSubscription): number {
  return (
    a.termEndMs - b.termEndMs ||
    Number(isWritable(b)) - Number(isWritable(a)) ||
    (threeYearCost(b) ?? 0) - (threeYearCost(a) ?? 0) ||
    a.id.localeCompare(b.id)
  );
}

function endingOf(
  one: SeatSubscription,
  around: {
    readonly declared: EndOfTerm;
    readonly others: number;
    readonly kept: number;
    readonly isLast: boolean;
  },
): Ending {
  const { declared, others, kept, isLast } = around;
  if (declared === 'Cancel') return { one, end: 'Cancel', to: 0 };
  if (declared === 'Extend' || one.instruction?.isSameProduct === false) {
    return { one, end: declared === 'Extend' ? 'Extend' : 'Renew', to: one.quantity };
  }
  // The last subscription of a pool ends by its declared end only.
  if (kept <= others && !isLast) return { one, end: 'Cancel', to: 0 };
  const least = Math.max(1, one.minimumQuantity);
  const to = Math.min(one.quantity, Math.max(least, kept - others));
  return { one, end: 'Renew', to };
}

const forms: Readonly<Record<TermEnd, { readonly autoRenew: boolean; readonly action: string }>> = {
  Renew: { autoRenew: true, action: 'RenewToNewTerm' },
  Cancel: { autoRenew: false, action: 'Cancel' },
  Extend: { autoRenew: false, action: 'RenewToExtendedServiceTerm' },
};

/** With auto-renew on, no action at all means the same as the renewal spelled out; with it off, silence means EST. */
export function endsAs(one: SeatSubscription, end: TermEnd): boolean {
  const { autoRenew, action } = forms[end];
  const isSilentRenewal = end === 'Renew' && one.termEndActions.length === 0;
  return one.autoRenew === autoRenew && (isSilentRenewal || one.termEndActions.includes(action));
}

function endOfTermDraft(input: SeatInput, { one, end }: Ending): readonly Draft[] {
  if (!isWritable(one)) return [];
  const isSet = endsAs(one, end);
  const isSurplus = end === 'Cancel' && input.endOfTerm.declared !== 'Cancel';
  if (isSet && end !== 'Cancel') return [];
  const drops = end === 'Cancel' ? one.quantity : 0;
  return [
    {
      ...nextTerm(input, one, { from: one.quantity, to: one.quantity - drops }),
      action: 'SetEndOfTerm',
      endOfTerm: end,
      reason: isSurplus ? 'nobody needs a seat of it then' : 'declared by endOfTerm',
      isSet,
      ...(isSurplus && input.endOfTerm.declared !== 'Reduce' ? { asks: 'decrease' } : {}),
      ...(isUnconfirmed(input, end, isSurplus) ? { hold: unconfirmed } : {}),
    },
  ];
}

/**
 * Where the end of a subscription that nobody needs is held, it is renewed as declared: what was left unsaid would become
 * the extended service term.
 */
export function renewInstead(input: SeatInput, line: SeatLine): readonly Draft[] {
  const isSurplus = line.endOfTerm === 'Cancel' && input.endOfTerm.declared !== 'Cancel';
  const one = input.subscriptions.find(({ id }) => id === line.subscriptionId);
  if (!isSurplus || line.state !== 'Held' || one === undefined || endsAs(one, 'Renew')) return [];
  return endOfTermDraft(input, { one, end: 'Renew', to: one.quantity });
}

const unconfirmed = {
  reason: 'ConfirmationNeeded',
  message:
    'people hold seats, and access ends at once with the term: the cancellation needs a confirmation',
} as const;

function isUnconfirmed(
  { endOfTerm, demand }: SeatInput,
  end: TermEnd,
  isSurplus: boolean,
): boolean {
  if (end !== 'Cancel' || isSurplus || endOfTerm.isConfirmed) return false;
  return Math.max(demand.assigned, demand.consumed) + demand.reserved > 0;
}

function quantityDraft(
  input: SeatInput,
  { one, end, to }: Ending,
  isChanged: boolean,
): readonly Draft[] {
  if (end !== 'Renew' || one.instruction?.isSameProduct === false) return [];
  const found = one.instruction?.quantity;
  const next = found ?? one.quantity;
  if (to !== next) return [newInstruction(input, one, { found, to, isChanged })];
  if (to === one.quantity) return [];
  const set = nextTerm(input, one, { from: one.quantity, to });
  return [{ ...set, action: 'ScheduleDecrease', reason: 'idle until the renewal', isSet: true }];
}

function newInstruction(
  input: SeatInput,
  one: SeatSubscription,
  given: { readonly found: number | undefined; readonly to: number; readonly isChanged: boolean },
): Draft {
  const { found, to, isChanged } = given;
  const isMore = found !== undefined && to > found;
  const action = isMore ? 'ScheduleIncrease' : 'ScheduleDecrease';
  const isLost = found === undefined && isIssued(input, one, to);
  // An instruction needs auto-renew, which the end of the term sets first.
  const isWaiting = isChanged || (isWritable(one) && !endsAs(one, 'Renew'));
  return {
    ...nextTerm(input, one, { from: isMore ? found : one.quantity, to }),
    action: isLost ? 'Reissue' : action,
    reason: isLost ? 'a change during the term lost the instruction' : reasons[action],
    earliestMs: Math.max(input.nowMs, one.termEndMs - input.renewalHorizonMs),
    ...asksFor(input, action),
    ...(isWaiting ? { hold: afterChange } : {}),
  };
}

/** Declared: Reduce is the permission by itself. */
function asksFor({ endOfTerm }: SeatInput, action: 'ScheduleIncrease' | 'ScheduleDecrease') {
  if (action === 'ScheduleIncrease') return { asks: 'increase' } as const;
  return endOfTerm.declared === 'Reduce' ? {} : ({ asks: 'decrease' } as const);
}

const reasons = {
  ScheduleIncrease: 'the instruction found leaves too few seats for the next term',
  ScheduleDecrease: 'idle, and no window is open: they go with the renewal',
} as const;

const afterChange = {
  reason: 'AfterSeatChange',
  message: 'waits for the change before it, which would lose it',
} as const;

function isIssued({ issued }: SeatInput, one: SeatSubscription, quantity: number): boolean {
  return issued.some(
    (known) =>
      known.subscriptionId === one.id &&
      known.quantity === quantity &&
      known.termEndMs === one.termEndMs,
  );
}

function nextTerm(
  { nowMs }: SeatInput,
  one: SeatSubscription,
  { from, to }: { readonly from: number; readonly to: number },
) {
  return {
    quantity: Math.abs(from - to),
    subscriptionId: one.id,
    from,
    to,
    earliestMs: nowMs,
    deadlineMs: one.termEndMs,
    effectiveMs: one.termEndMs,
    saving: monthly(one, from - to),
    charge: 0,
    lostUntilThen: times(owedPerSeat(one, nowMs, one.termEndMs), Math.max(0, from - to)),
    seatCost: threeYearCost(one),
  };
}

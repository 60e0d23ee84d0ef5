/** What people should hear of a pool, as conditions that are there while they are true. Pure. */
import { condition } from '../../core/conditions.ts';
import { formatMoney } from '../../core/money.ts';
import type { Condition } from '../../core/resource.ts';
import { dayMs } from '../../core/seats/commerce.ts';
import type { SeatInput } from '../../core/seats/input.ts';
import type { SeatAlert, SeatLine, SeatPlan } from '../../core/seats/output.ts';

/** The engine tells of each by an event when it comes, and when its reason changes. */
export const findingTypes = [
  'MarginBelowFloor',
  'GuardrailHeld',
  'WindowClosing',
  'ScheduleLost',
  'ExtendedServiceTerm',
  'ForeignInstruction',
  'RenewalDue',
] as const;

export function findings(plan: SeatPlan, input: SeatInput): readonly Condition[] {
  return [
    ...endOfTerm(plan, input),
    ...belowFloor(plan),
    ...guardrail(plan.lines),
    ...alerts(plan.alerts, input.currency),
    ...renewalDue(plan, input.nowMs),
  ];
}

function endOfTerm({ lines }: SeatPlan, { subscriptions }: SeatInput): readonly Condition[] {
  const open = lines.find(({ action, state }) => action === 'SetEndOfTerm' && state !== 'Set');
  if (open?.hold?.reason === 'ConfirmationNeeded') {
    return [condition('EndOfTermSet', 'False', 'ConfirmationRequired', open.hold.message)];
  }
  if (open !== undefined) {
    const message = open.hold?.message ?? 'the end of the term is being set';
    return [condition('EndOfTermSet', 'False', 'EndOfTermDiffers', message)];
  }
  const isOwn = subscriptions.some(
    ({ status, owner, isTrial }) => status === 'active' && owner === 'Partner' && !isTrial,
  );
  if (!isOwn) return [];
  const message = 'Partner Center has the end of term as declared';
  return [condition('EndOfTermSet', 'True', 'EndOfTermSet', message)];
}

function belowFloor({ money }: SeatPlan): readonly Condition[] {
  if (!money.isBelowFloor) return [];
  const message = 'idle seats take the margin below buffer.marginFloorPercent';
  return [condition('MarginBelowFloor', 'True', 'MarginBelowFloor', message)];
}

function guardrail(lines: readonly SeatLine[]): readonly Condition[] {
  const held = lines.find(({ hold }) => hold?.reason === 'GuardrailHeld')?.hold;
  return held === undefined
    ? []
    : [condition('GuardrailHeld', 'True', 'GuardrailHeld', held.message)];
}

/** One of each kind: lines and status have the numbers. */
function alerts(found: readonly SeatAlert[], currency: string): readonly Condition[] {
  const types = [...new Set(found.map(({ reason }) => reason))];
  return types.flatMap((type) => {
    const all = found.filter(({ reason }) => reason === type);
    const [first] = all;
    if (first === undefined) return [];
    return [condition(type, 'True', type, messages[type](first, currency))];
  });
}

const messages: Readonly<
  Record<SeatAlert['reason'], (alert: SeatAlert, currency: string) => string>
> = {
  ExtendedServiceTerm: ({ quantity, atMs, cost }, currency) =>
    `${quantity} seats go into the extended service term on ${day(atMs)}${cost === undefined ? '' : ` at ${formatMoney(cost, currency)} a month`}: set endOfTerm to what is wanted`,
  WindowClosing: () =>
    'idle seats can be given back for less than a day, and decrease holds them: see status.plan',
  ScheduleLost: ({ quantity, atMs }) =>
    `the renewal on ${day(atMs)} had lost its number of seats (${quantity} fewer); it is set again`,
  ForeignInstruction: ({ atMs }) =>
    `others have the subscription become another product on ${day(atMs)}: it is left so`,
};

const noticeDays = [1, 7, 14, 30];

function renewalDue({ nextRenewalMs }: SeatPlan, nowMs: number): readonly Condition[] {
  if (nextRenewalMs === undefined) return [];
  const days = noticeDays.find((count) => nextRenewalMs - nowMs <= count * dayMs);
  if (days === undefined) return [];
  const message = `the term ends on ${day(nextRenewalMs)}; what happens then is in status.plan`;
  return [condition('RenewalDue', 'True', `Within${days}Days`, message)];
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

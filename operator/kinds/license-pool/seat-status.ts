/** The seat plan as a pool's status shows it. Pure. */
import type { LicensePoolStatus } from '../../api/license-pool.ts';
import { changesMax, linesMax } from '../../api/seats.ts';
import type { LicensePool } from '../../core/objects.ts';
import type { SeatInput } from '../../core/seats/input.ts';
import type { SeatLine, SeatMoney, SeatPlan } from '../../core/seats/output.ts';
import { negated } from './actions.ts';
import { monthMs } from './guardrails.ts';
import { issuedOf } from './issued.ts';
import type { ObservedPool } from './observed.ts';
import { orderedSeats } from './seat-input.ts';
import { iso } from './time.ts';

type Status = LicensePoolStatus;

/** Written by the API server where the chart's policy says so (admission-approver.yaml). */
const approvedBy = 'm365-operator.io/approved-by';

export function seatStatus(
  pool: LicensePool,
  observed: ObservedPool,
  { plan, input }: { readonly plan: SeatPlan; readonly input: SeatInput },
): Partial<Status> {
  const active = observed.subscriptions.filter(
    ({ status, owner }) => status === 'active' && owner === 'Partner',
  );
  const ends = active.flatMap(({ commitmentEndDate }) => commitmentEndDate ?? []);
  return {
    connection: observed.connection,
    skuId: observed.skuId,
    skuPartNumber: observed.offer?.skuPartNumber,
    seats: seatsOf(observed, plan),
    plan: planOf(plan),
    money: moneyOf(plan.money),
    approval: approvalOf(pool, plan, input),
    issued: issuedOf(pool, plan, input),
    changes: recentChanges(pool, input.nowMs),
    pending: input.subscriptions.some(({ isBusy }) => isBusy === true)
      ? pool.status?.pending
      : undefined,
    explanation: plan.explanation,
    lastOutsideChange: newer(observed.outsideChange, pool.status?.lastOutsideChange),
    ...(active.length === 0
      ? {}
      : {
          subscriptionId: mainOf(pool, active).id,
          commitmentEndTime: ends.toSorted()[0],
        }),
    ...(pool.status?.intent !== undefined && orderedSeats(pool, observed) === 0
      ? { intent: undefined }
      : {}),
  };
}

type OutsideChange = Status['lastOutsideChange'];

/** The log that is read reaches back an hour: status may know of a later one. */
function newer(found: OutsideChange, known: OutsideChange): OutsideChange {
  return found !== undefined && found.at > (known?.at ?? '') ? found : known;
}

function mainOf<S extends { readonly id: string; readonly quantity: number }>(
  pool: LicensePool,
  active: readonly S[],
): S {
  const known = active.find(({ id }) => id === pool.status?.subscriptionId);
  const largest = active.reduce((a, b) => (b.quantity > a.quantity ? b : a));
  return known ?? largest;
}

function seatsOf(
  { available, reserved }: ObservedPool,
  { seats, target }: SeatPlan,
): Status['seats'] {
  const { bought, assigned, idle } = seats;
  const [next] = idle.droppableAt;
  return {
    bought,
    available,
    assigned,
    reserved,
    idle: idle.total,
    target,
    ...(idle.droppableNow > 0 ? { droppableNow: idle.droppableNow } : {}),
    ...(next === undefined ? {} : { nextDrop: { at: iso(next.atMs), quantity: next.quantity } }),
    ...(idle.never > 0 ? { stuck: idle.never } : {}),
  };
}

function planOf(plan: SeatPlan): Status['plan'] {
  const next = plan.lines.find(({ state }) => state !== 'Set');
  const held = plan.lines.find(({ hold }) => hold !== undefined && hold.reason !== 'Later')?.hold;
  const { action = 'None', quantity = 0, saving } = next ?? {};
  return {
    action,
    quantity,
    costPerMonth: negated(saving),
    hash: plan.hash,
    held: held?.message,
    lines: plan.lines.length === 0 ? undefined : plan.lines.map(lineOf),
    omitted: plan.linesOmitted === 0 ? undefined : plan.linesOmitted,
  };
}

type Line = NonNullable<NonNullable<Status['plan']>['lines']>[number];

/** Of what happens now the instants are left out: they are those of this look. */
function lineOf(line: SeatLine): Line {
  const { action, state, quantity, subscriptionId, offer, to, reason, saving, hold } = line;
  const isLater = line.effectiveMs > line.earliestMs || state === 'Set';
  const isIncrease = action === 'Increase' || action === 'Purchase';
  const fields = {
    subscriptionId,
    offer,
    effective: isLater ? iso(line.effectiveMs) : undefined,
    deadline: isIncrease ? undefined : iso(line.deadlineMs),
    saving,
    lostUntilThen: line.lostUntilThen === 0 ? undefined : line.lostUntilThen,
    held: hold?.message.slice(0, 512),
    heldBy: hold?.reason,
    ticket: hold?.ticket?.slice(0, 1024),
  };
  return { action, state, quantity, to, reason: reason.slice(0, 256), ...fields };
}

function moneyOf(money: SeatMoney): Status['money'] {
  const { currency, cost, revenue, margin, basisPoints, idle, waiting, commitmentOwed } = money;
  return {
    currency,
    cost,
    revenue,
    margin,
    marginPercent: basisPoints === undefined ? undefined : hundredths(basisPoints),
    floorPercent:
      money.floorBasisPoints === undefined ? undefined : Math.round(money.floorBasisPoints / 100),
    breakEvenSeats:
      money.breakEvenHundredths === undefined ? undefined : hundredths(money.breakEvenHundredths),
    idle,
    waiting,
    committed: commitmentOwed,
  };
}

/** 1250: `12.5` */
function hundredths(value: number): string {
  const text = (Math.abs(value) / 100).toFixed(2).replace(/\.?0+$/, '');
  return value < 0 && text !== '0' ? `-${text}` : text;
}

function approvalOf(
  { metadata, status }: LicensePool,
  { approval }: SeatPlan,
  { approval: given, nowMs }: SeatInput,
): Status['approval'] {
  const before = status?.approval;
  // Taken away: the same may be set again, and counts anew.
  if (given === undefined) return undefined;
  if (approval.state !== 'Valid') return before;
  const lines = approval.lines.slice(0, 2 * linesMax);
  if (before?.hash === given.hash) return { ...before, lines };
  const by = metadata.annotations?.[approvedBy] || undefined;
  return { hash: given.hash, at: iso(nowMs), by, expires: iso(given.expiresMs), lines };
}

function recentChanges({ status }: LicensePool, nowMs: number): Status['changes'] {
  const recent = (status?.changes ?? []).filter(({ at }) => Date.parse(at) > nowMs - monthMs);
  return recent.length === 0 ? undefined : recent;
}

/** With one change more. */
export function changesWith(
  { status }: LicensePool,
  seats: number,
  nowMs: number,
): Status['changes'] {
  return [...(status?.changes ?? []), { at: iso(nowMs), seats }].slice(-changesMax);
}

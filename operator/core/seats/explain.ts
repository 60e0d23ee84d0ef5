/** The plan in one sentence, the same as long as the plan is. Pure. */
import type { SeatInput } from './input.ts';
import type { SeatLine, SeatPlan } from './output.ts';

export function explain(
  { demand, bounds, base }: SeatInput,
  plan: Pick<SeatPlan, 'needed' | 'buffer' | 'target' | 'lines' | 'short'> & {
    readonly seats: SeatPlan['seats'];
  },
): string {
  const { needed, buffer, target, seats } = plan;
  const { assigned, reserved } = demand;
  const change = needed - assigned - reserved;
  const parts = [
    `${assigned} assigned + ${reserved} reserved`,
    ...(change === 0 ? [] : [`+ ${change} starting`]),
    `+ ${buffer} buffer`,
  ];
  const sum = needed + buffer;
  const bound =
    target > sum
      ? ` (min ${bounds.min})`
      : target < sum
        ? ` (max ${Math.min(bounds.max, base?.now ?? bounds.max)})`
        : '';
  const rest = [
    ...plan.lines
      .filter(({ state }) => state === 'Due')
      .slice(0, 2)
      .map(due),
    ...heldPart(plan.lines),
    ...nextDrop(seats),
    ...(plan.short === undefined ? [] : [`${plan.short.quantity} short`]),
  ];
  return [`keep ${target}: ${parts.join(' ')}${bound}`, ...rest].join('; ');
}

function due({ action, quantity, endOfTerm, effectiveMs }: SeatLine): string {
  switch (action) {
    case 'Purchase':
    case 'Increase':
      return `buy ${quantity} now`;
    case 'Decrease':
    case 'Cancel':
      return `drop ${quantity} now`;
    case 'SetEndOfTerm':
      return `set the end of the term to ${endOfTerm ?? ''}`;
    case 'ScheduleDecrease':
    case 'ScheduleIncrease':
    case 'Reissue':
      return `set the renewal on ${day(effectiveMs)}`;
  }
}

function heldPart(lines: readonly SeatLine[]): readonly string[] {
  const held = lines.find(
    ({ state, hold, effectiveMs, earliestMs }) =>
      state === 'Held' && effectiveMs === earliestMs && hold?.reason !== 'AfterSeatChange',
  );
  if (held?.hold === undefined) return [];
  const verb = held.action === 'Purchase' || held.action === 'Increase' ? 'buy' : 'drop';
  const until = verb === 'drop' ? ` until ${day(held.deadlineMs)}` : '';
  return [`would ${verb} ${held.quantity}${until} (${held.hold.reason})`];
}

function nextDrop({ idle }: SeatPlan['seats']): readonly string[] {
  const next = idle.droppableAt[0];
  return next === undefined ? [] : [`next drop ${next.quantity} on ${day(next.atMs)}`];
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

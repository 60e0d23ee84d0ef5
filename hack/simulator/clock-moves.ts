/** Moving the clock from outside, by years if need be: in slices, so that the ports go on answering. */
import { setImmediate as turn } from 'node:timers/promises';
import { z } from 'zod';
import { addDuration } from './clock.ts';
import type { VirtualClock } from './world.ts';

/** How long others wait for their turn, in real milliseconds. */
const SLICE_MS = 40;
/** Farther is a slip of the keyboard. */
const FARTHEST = 'P100Y';

export const ClockMove = z.union(
  [
    z.strictObject({ advance: z.string() }),
    z.strictObject({ to: z.iso.datetime({ offset: true }) }),
  ],
  { error: 'either {"advance": "P1D"} or {"to": "2027-01-01T00:00:00Z"}' },
);
export type ClockMove = z.infer<typeof ClockMove>;

export interface ClockState {
  /** ISO 8601 */
  readonly now: string;
  /** While it is being moved. `done` goes from 0 to 1. */
  readonly moving?: { readonly from: string; readonly to: string; readonly done: number };
}

export class ClockMoves {
  private readonly clock: VirtualClock;
  private move: { readonly fromMs: number; readonly toMs: number } | undefined;

  constructor(clock: VirtualClock) {
    this.clock = clock;
  }

  state(): ClockState {
    const nowMs = this.clock.nowMs();
    const now = new Date(nowMs).toISOString();
    if (!this.move) return { now };
    const { fromMs, toMs } = this.move;
    const [from, to] = [fromMs, toMs].map((ms) => new Date(ms).toISOString());
    const done = Math.round(((nowMs - fromMs) / (toMs - fromMs)) * 1000) / 1000;
    return { now, moving: { from: from ?? '', to: to ?? '', done } };
  }

  /** Resolves when the clock is there. @throws Error where it cannot be moved so; then it has not been moved */
  async go(wanted: ClockMove): Promise<void> {
    if (this.move) throw new Error(`the clock is being moved, to ${this.state().moving?.to}`);
    const fromMs = this.clock.nowMs();
    const toMs = targetOf(wanted, fromMs);
    if (toMs === fromMs) return;
    this.move = { fromMs, toMs };
    try {
      while (!this.clock.moveTowards(toMs, SLICE_MS)) await turn();
    } finally {
      this.move = undefined;
    }
  }
}

function targetOf(wanted: ClockMove, nowMs: number): number {
  const target = 'to' in wanted ? Date.parse(wanted.to) : addDuration(nowMs, wanted.advance);
  if (target === undefined) {
    throw new Error(
      `"${(wanted as { advance: string }).advance}" is no ISO 8601 duration like P1D`,
    );
  }
  const now = new Date(nowMs).toISOString();
  if (target < nowMs) throw new Error(`the clock stands at ${now} and never goes back`);
  if (!(target <= (addDuration(nowMs, FARTHEST) ?? 0))) {
    throw new Error('the clock is moved by at most 100 years at once');
  }
  return target;
}

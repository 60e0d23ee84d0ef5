import type { VirtualClock } from './world.ts';

interface Task {
  readonly atMs: number;
  readonly name: string;
  readonly run: () => void;
}

/** setTimeout overflows beyond 2^31 ms; a longer wait is cut into pieces. */
const TIMER_MAX_MS = 3_600_000;

export interface ClockOptions {
  /** Milliseconds since the epoch at which the simulated cloud starts; real time if absent. */
  readonly startMs?: number;
  /** Time passes only by `advance`. */
  readonly frozen?: boolean;
}

export class SimulatorClock implements VirtualClock {
  private readonly frozen: boolean;
  private readonly tasks: Task[] = [];
  private offsetMs: number;
  /** While tasks run: the time for which each was scheduled. */
  private pinnedMs: number | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(options: ClockOptions = {}) {
    this.frozen = options.frozen ?? false;
    const start = options.startMs ?? Date.now();
    this.offsetMs = this.frozen ? start : start - Date.now();
  }

  nowMs(): number {
    return this.pinnedMs ?? this.runningMs();
  }

  advance(ms: number): void {
    const target = this.nowMs() + ms;
    this.runUntil(target);
    this.offsetMs += Math.max(0, target - this.runningMs());
    this.arm();
  }

  schedule(atMs: number, name: string, task: () => void): void {
    const after = this.tasks.findLastIndex((known) => known.atMs <= atMs);
    this.tasks.splice(after + 1, 0, { atMs, name, run: task });
    this.arm();
  }

  /** Forgets what is scheduled and lets the process end. */
  stop(): void {
    clearTimeout(this.timer);
    this.tasks.length = 0;
  }

  private runningMs(): number {
    return this.offsetMs + (this.frozen ? 0 : Date.now());
  }

  private runUntil(targetMs: number): void {
    const start = this.nowMs();
    for (let next = this.tasks[0]; next && next.atMs <= targetMs; next = this.tasks[0]) {
      this.tasks.shift();
      this.pinnedMs = Math.max(start, next.atMs);
      try {
        next.run();
      } finally {
        this.pinnedMs = undefined;
      }
    }
  }

  private arm(): void {
    clearTimeout(this.timer);
    const next = this.tasks[0];
    if (this.frozen || this.pinnedMs !== undefined || !next) return;
    const waitMs = Math.min(TIMER_MAX_MS, Math.max(0, next.atMs - this.nowMs()));
    this.timer = setTimeout(() => {
      this.runUntil(this.nowMs());
      this.arm();
    }, waitMs);
    this.timer.unref();
  }
}

const DURATION =
  /^P(?!$)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?!$)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/**
 * End of an ISO 8601 duration that begins at `startMs`; years and months follow the calendar (UTC).
 * @returns undefined where the text is no duration.
 */
export function addDuration(startMs: number, duration: string): number | undefined {
  const match = DURATION.exec(duration);
  if (!match) return undefined;
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  const date = new Date(startMs);
  date.setUTCFullYear(date.getUTCFullYear() + years);
  date.setUTCMonth(date.getUTCMonth() + months);
  date.setUTCDate(date.getUTCDate() + weeks * 7 + days);
  const timeSeconds = hours * 3600 + minutes * 60 + seconds;
  return date.getTime() + timeSeconds * 1000;
}

import type { Json } from './json.ts';
import type { Room } from './rooms.ts';
import { type Task, TaskQueue } from './task-queue.ts';
import type { TaskKind, VirtualClock } from './world.ts';

/** setTimeout overflows beyond 2^31 ms; a longer wait is cut into pieces. */
const TIMER_MAX_MS = 3_600_000;

export interface ClockOptions {
  /** Milliseconds since the epoch at which the simulated cloud starts; real time if absent. */
  readonly startMs?: number;
  /** Time passes only by `advance`. */
  readonly frozen?: boolean;
}

type Handler = (args: unknown) => void;

export class SimulatorClock implements VirtualClock, Room {
  private readonly frozen: boolean;
  private readonly handlers = new Map<string, Handler>();
  private readonly queue = new TaskQueue();
  private offsetMs = 0;
  /** While tasks run: the time for which each was scheduled. */
  private pinnedMs: number | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(options: ClockOptions = {}) {
    this.frozen = options.frozen ?? false;
    this.set(options.startMs ?? Date.now());
  }

  nowMs(): number {
    return this.pinnedMs ?? this.runningMs();
  }

  advance(ms: number): void {
    this.moveTowards(this.nowMs() + ms, Infinity);
  }

  /**
   * As `advance`, to a moment, for about so many real milliseconds: in between others have their turn, and see the time
   * of what happened last. @returns whether it is there
   */
  moveTowards(targetMs: number, realMs: number): boolean {
    if (this.pinnedMs !== undefined) throw new Error('A task on the clock cannot move the clock');
    const reachedMs = this.runUntil(targetMs, performance.now() + realMs);
    this.offsetMs += Math.max(0, reachedMs - this.runningMs());
    this.arm();
    return reachedMs >= targetMs;
  }

  on<Args>(kind: TaskKind<Args>, handler: (args: Args) => void): void {
    if (this.handlers.has(kind.name)) throw new Error(`Two handlers for ${kind.name}`);
    this.handlers.set(kind.name, handler as Handler);
  }

  schedule<Args>(atMs: number, kind: TaskKind<Args>, args: Args): void {
    this.handlerOf(kind.name);
    this.queue.add({ atMs, kind: kind.name, args: asData(args) });
    this.arm();
  }

  after<Args>(delayMs: number, kind: TaskKind<Args>, args: Args): void {
    if (delayMs > 0) this.schedule(this.nowMs() + delayMs, kind, args);
    else this.handlerOf(kind.name)(asData(args));
  }

  /** Lets the process end. Nothing that is scheduled happens by itself any more. */
  stop(): void {
    clearTimeout(this.timer);
    this.queue.clear();
  }

  dump(): Json {
    return { nowMs: this.nowMs(), tasks: this.queue.list() };
  }

  /** Goes on from the time of the dump. @throws Error where a task has no handler */
  load(state: Json): void {
    const { nowMs, tasks } = state as { readonly nowMs: number; readonly tasks: readonly Task[] };
    for (const { kind } of tasks) this.handlerOf(kind);
    this.queue.clear();
    for (const task of tasks) this.queue.add(task);
    this.set(nowMs);
    this.arm();
  }

  private set(nowMs: number): void {
    this.offsetMs = this.frozen ? nowMs : nowMs - Date.now();
  }

  private runningMs(): number {
    return this.offsetMs + (this.frozen ? 0 : Date.now());
  }

  /** @returns the time that was reached: that of the last task where real time ran out */
  private runUntil(targetMs: number, deadlineMs = Infinity): number {
    const start = this.nowMs();
    for (let next = this.queue.first(); next && next.atMs <= targetMs; next = this.queue.first()) {
      this.queue.removeFirst();
      this.pinnedMs = Math.max(start, next.atMs);
      try {
        this.handlerOf(next.kind)(next.args);
      } finally {
        this.pinnedMs = undefined;
      }
      if (performance.now() > deadlineMs) return Math.max(start, next.atMs);
    }
    return Math.max(start, targetMs);
  }

  private handlerOf(name: string): Handler {
    const handler = this.handlers.get(name);
    if (!handler) throw new Error(`No handler for ${name} on the clock`);
    return handler;
  }

  private arm(): void {
    clearTimeout(this.timer);
    const next = this.queue.first();
    if (this.frozen || this.pinnedMs !== undefined || !next) return;
    const waitMs = Math.min(TIMER_MAX_MS, Math.max(0, next.atMs - this.nowMs()));
    this.timer = setTimeout(() => {
      this.runUntil(this.nowMs());
      this.arm();
    }, waitMs);
    this.timer.unref();
  }
}

/** A copy that shares nothing with the caller: what a saved world would hold. */
function asData(args: unknown): Json {
  return JSON.parse(JSON.stringify(args)) as Json;
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

/** When a tenant is polled next, and when its nightly work is due in the connection's own time zone. */
import { Cron } from 'croner';
import { terminal } from '../core/errors.ts';
import type { PartnerConnection } from '../core/objects.ts';

/** DESIGN.md section 9: nightly full look. */
const defaultSchedule = '0 2 * * *';

/** Part of a poll's time by which it may come early. */
const earlyPart = 1 / 20;

/**
 * Tenants that are due about the same time are polled at the same moment: of a process at rest it is each waking up that
 * costs (hack/adr/0012). How long from now, at most `pollMs`.
 */
export function pollDelayMs(pollMs: number, nowMs: number): number {
  return pollMs - ((nowMs + pollMs) % (pollMs * earlyPart));
}

/** The first time after `afterMs` at which everything is to be read in full. Terminal `ScheduleInvalid`. */
export function nextFullLookMs(connection: PartnerConnection, afterMs: number): number {
  const pattern = connection.spec.rightSizing?.schedule ?? defaultSchedule;
  const { timeZone } = connection.spec;
  try {
    const next = new Cron(pattern, { timezone: timeZone, paused: true }).nextRun(new Date(afterMs));
    if (next !== null) return next.getTime();
  } catch (error) {
    throw terminal(
      `rightSizing.schedule "${pattern}" or timeZone "${timeZone}" is not valid: five cron fields, an IANA name`,
      {
        reason: 'ScheduleInvalid',
        cause: error,
      },
    );
  }
  throw terminal(`rightSizing.schedule "${pattern}" never comes`, { reason: 'ScheduleInvalid' });
}

/** Which tenants are due for their nightly look, by UID. */
export class NightlyLooks {
  /** By tenant: the schedule that the time was made from, and the time. A schedule that is edited counts at once. */
  readonly #due = new Map<string, { readonly schedule: string; readonly atMs: number }>();
  /** By schedule, as last worked out: the tenants of a connection share it, and a time zone takes half a millisecond. */
  readonly #next = new Map<string, { readonly afterMs: number; readonly atMs: number }>();

  isDue(uid: string, connection: PartnerConnection, nowMs: number): boolean {
    const known = this.#due.get(uid);
    if (known?.schedule === scheduleOf(connection)) return known.atMs <= nowMs;
    this.done(uid, connection, nowMs);
    return false;
  }

  /** Not before the look has come through: one that failed is still due. */
  done(uid: string, connection: PartnerConnection, nowMs: number): void {
    const schedule = scheduleOf(connection);
    this.#due.set(uid, { schedule, atMs: this.#nextMs(schedule, connection, nowMs) });
  }

  #nextMs(schedule: string, connection: PartnerConnection, nowMs: number): number {
    const known = this.#next.get(schedule);
    if (known !== undefined && known.afterMs <= nowMs && nowMs < known.atMs) return known.atMs;
    const atMs = nextFullLookMs(connection, nowMs);
    this.#next.set(schedule, { afterMs: nowMs, atMs });
    return atMs;
  }

  /** How long until then; undefined: nobody has asked for it yet. */
  delayMs(uid: string, nowMs: number): number | undefined {
    const due = this.#due.get(uid);
    return due === undefined ? undefined : Math.max(0, due.atMs - nowMs);
  }

  forget(uid: string): void {
    this.#due.delete(uid);
  }
}

function scheduleOf({ spec }: PartnerConnection): string {
  return `${spec.rightSizing?.schedule ?? defaultSchedule} ${spec.timeZone}`;
}

/** Nightly work: when it is due, in the connection's own time zone. */
import { Cron } from 'croner';
import { terminal } from '../core/errors.ts';
import type { PartnerConnection } from '../core/objects.ts';

/** DESIGN.md section 9: nightly full look. */
const defaultSchedule = '0 2 * * *';

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

/** Who changed what in Active Directory, as far as it tells: when something was changed last, and never by whom. Pure. */
import type { DriftEntry } from '../api/common.ts';

const nobodyTold = 'unknown';

/** `before`: as status shows it. What is there may have been changed again since: what was told first stays. */
export function toldByDirectory(
  entry: DriftEntry,
  lastChangedAt: string | undefined,
  before: readonly DriftEntry[] | undefined,
): DriftEntry {
  const then = before?.find(({ path, actual }) => path === entry.path && actual === entry.actual);
  const changedAt = then === undefined ? lastChangedAt : then.changedAt;
  return { ...entry, changedBy: nobodyTold, ...(changedAt === undefined ? {} : { changedAt }) };
}

/** Who changed what in Active Directory, as far as it tells: when an account was changed last, and never by whom. Pure. */
import type { DriftEntry } from '../../api/common.ts';
import type { AdAccount } from '../../clients/active-directory/port.ts';
import { prefix } from './directory-fields.ts';

const nobodyTold = 'unknown';
const missingAccount = 'activeDirectory';

/** `before`: as status shows it. The account may have been changed again since: what was told first stays. */
export function attributedInDirectory(
  drift: readonly DriftEntry[],
  account: AdAccount | undefined,
  before: readonly DriftEntry[] | undefined,
): readonly DriftEntry[] {
  return drift.map((entry) => {
    if (entry.path !== missingAccount && !entry.path.startsWith(prefix)) return entry;
    const then = before?.find(({ path, actual }) => path === entry.path && actual === entry.actual);
    const changedAt = then === undefined ? changedAtOf(entry, account) : then.changedAt;
    return { ...entry, changedBy: nobodyTold, ...(changedAt === undefined ? {} : { changedAt }) };
  });
}

/** A membership is a change of the group, which says nothing of the account. */
function changedAtOf({ path }: DriftEntry, account: AdAccount | undefined): string | undefined {
  return path.startsWith(`${prefix}groups[`) ? undefined : account?.changedAt;
}

/** When others changed what of a person in Active Directory. Pure. */
import type { DriftEntry } from '../../api/common.ts';
import { toldByDirectory } from '../directory-attribution.ts';
import { prefix } from './directory-fields.ts';
import type { ObservedUser } from './observed.ts';

const missingAccount = 'activeDirectory';

/** `before`: as status shows it. */
export function attributedInDirectory(
  drift: readonly DriftEntry[],
  observed: Pick<ObservedUser, 'activeDirectory' | 'directoryGroups'>,
  before: readonly DriftEntry[] | undefined,
): readonly DriftEntry[] {
  return drift.map((entry) => {
    const isInDirectory = entry.path === missingAccount || entry.path.startsWith(prefix);
    return isInDirectory ? toldByDirectory(entry, changedAtOf(entry, observed), before) : entry;
  });
}

/** A membership is a change of the group, of which the account says nothing. */
function changedAtOf(
  { path }: DriftEntry,
  { activeDirectory, directoryGroups }: Pick<ObservedUser, 'activeDirectory' | 'directoryGroups'>,
): string | undefined {
  if (!path.startsWith(`${prefix}groups[`)) return activeDirectory?.changedAt;
  return directoryGroups.find(({ name }) => path === `${prefix}groups[${name}]`)?.changedAt;
}

/** Changes by others, as status shows them. Pure. */
import type { DriftEntry } from '../../api/common.ts';
import type { M365UserStatus } from '../../api/m365-user-status.ts';
import type { OutsideChange } from '../../clients/graph/audit-port.ts';

type Shown = NonNullable<M365UserStatus['outsideChanges']>[number];

const shownMax = 5;
const fieldsMax = 20;
const textMax = 256;

/** What status has and what was told since, newest first. */
export function outsideChangesOf(
  shown: M365UserStatus['outsideChanges'],
  told: readonly OutsideChange[],
): M365UserStatus['outsideChanges'] {
  const all = new Map<string, Shown>();
  for (const change of [...told.map(toShown), ...(shown ?? [])]) {
    const key = `${change.at} ${change.activity}`;
    if (!all.has(key)) all.set(key, change);
  }
  const newest = [...all.values()].sort((a, b) => b.at.localeCompare(a.at)).slice(0, shownMax);
  return newest.length === 0 ? undefined : newest;
}

function toShown({ at, activity, author, fields }: OutsideChange): Shown {
  return {
    at,
    by: author.name.slice(0, textMax),
    byType: author.type,
    activity: (activity === '' ? 'unknown' : activity).slice(0, textMax),
    ...(fields.length === 0 ? {} : { fields: fields.slice(0, fieldsMax) }),
  };
}

/** By field where the log names it; what has no field of its own (groups, licences) by the newest change without one. */
export function attributed(
  drift: readonly DriftEntry[],
  changes: M365UserStatus['outsideChanges'],
): readonly DriftEntry[] {
  return drift.map((entry) => {
    const field = entry.path.toLowerCase();
    const change =
      changes?.find(({ fields }) => fields?.some((name) => name.toLowerCase() === field)) ??
      changes?.find((one) => isAbout(entry, one));
    return change === undefined ? entry : { ...entry, changedBy: change.by, changedAt: change.at };
  });
}

/** Activities of the audit log that name no property (graph.md 9). */
const activities: Readonly<Record<string, RegExp>> = {
  groups: /member (to|from) group/i,
  licenses: /licen[cs]e/i,
  managerRef: /manager/i,
  accountEnabled: /(en|dis)able account/i,
  userPrincipalName: /delete user/i,
};

function isAbout({ path }: DriftEntry, { activity }: Shown): boolean {
  const [field = ''] = path.split('[');
  return activities[field]?.test(activity) === true;
}

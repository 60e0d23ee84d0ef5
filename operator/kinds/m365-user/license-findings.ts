/** What people should know of licences that Entra has, and that no write of ours mends. Pure. */
import type { LicenseFinding } from '../../api/user-findings.ts';
import type { EntraUser } from '../../clients/graph/port.ts';

/** Errors of licenseAssignmentStates (graph.md 5.3), in plain words. */
const errorWords: Readonly<Record<string, string>> = {
  CountViolation: 'no seat is free for the members of the group',
  MutuallyExclusiveViolation:
    'a service plan of it excludes one that the person has: switch one of them off',
  DependencyViolation: 'a service plan of it needs another that the person does not have',
  ProhibitedInUsageLocationViolation: 'it is not offered in the usage location of the person',
  UniquenessViolation: 'another account has one of the mail addresses of the person',
};

/** As many as status takes. */
const findingsMax = 20;

/** `nameOf`: part number of a SKU, e.g. `SPB`. */
export function licenseFindings(
  entra: EntraUser,
  nameOf: (skuId: string) => string,
): readonly LicenseFinding[] {
  const doubled = (entra.inheritedLicenses ?? [])
    .filter(({ isDirectToo }) => isDirectToo)
    .map(({ skuId }) => ({
      license: nameOf(skuId),
      reason: 'AssignedTwice',
      message: 'assigned to the person and through a group: it ends only when both do',
    }));
  const failed = (entra.licenseErrors ?? []).map(({ skuId, error, groupId }) => ({
    license: nameOf(skuId),
    reason: error,
    message: `${errorWords[error] ?? 'Entra could not assign it'}${groupId === undefined ? '' : ' (assigned through a group)'}`,
  }));
  if (doubled.length + failed.length === 0) return [];
  // One of each reason for a licence: several groups may give the same.
  const all = new Map([...doubled, ...failed].map((f) => [`${f.license} ${f.reason}`, f]));
  return [...all.keys()]
    .sort()
    .flatMap((key) => all.get(key) ?? [])
    .slice(0, findingsMax);
}

/** `licenseAssignmentStates`: which licences come from groups, and what is wrong with them (graph.md 5.3). */
import * as z from 'zod';
import type { InheritedLicense, LicenseError } from './port.ts';

/** States are strings, not enums: unknown ones are accepted. */
export const WireAssignmentState = z.object({
  skuId: z.string(),
  assignedByGroup: z.string().nullish(),
  state: z.string().nullish(),
  error: z.string().nullish(),
});

type State = z.infer<typeof WireAssignmentState>;

export function inheritedLicenses(states: readonly State[]): readonly InheritedLicense[] {
  const direct = new Set(states.filter(isDirect).map(({ skuId }) => skuId.toLowerCase()));
  const inherited = new Map<string, InheritedLicense>();
  for (const { skuId: id, assignedByGroup, state } of states) {
    const skuId = id.toLowerCase();
    if (!assignedByGroup || state === 'Error') continue;
    inherited.set(skuId, { skuId, groupId: assignedByGroup, isDirectToo: direct.has(skuId) });
  }
  return [...inherited.values()];
}

export function licenseErrors(states: readonly State[]): readonly LicenseError[] {
  return states.flatMap(({ skuId, assignedByGroup, error }) =>
    !error || error === 'None'
      ? []
      : [
          {
            skuId: skuId.toLowerCase(),
            error,
            ...(assignedByGroup ? { groupId: assignedByGroup } : {}),
          },
        ],
  );
}

function isDirect({ assignedByGroup }: State): boolean {
  return !assignedByGroup;
}

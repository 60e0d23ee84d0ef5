/** What licences a person may hold together, and where (graph.md 5.2 to 5.4). Plans by name, as Microsoft lists them. */
import type { Directory, LicenseState } from './directory.ts';
import { type PlanUse, planUses } from './plans.ts';

/** `error` of a licenseAssignmentState. */
export type LicenseErrorName =
  | 'None'
  | 'CountViolation'
  | 'MutuallyExclusiveViolation'
  | 'DependencyViolation'
  | 'ProhibitedInUsageLocationViolation'
  | 'Other';

export interface LicenseConflict {
  readonly error: LicenseErrorName;
  readonly message: string;
}

/** Of each line, a person has at most one plan. */
const EXCLUSIVE: readonly (readonly string[])[] = [
  ['EXCHANGE_S_DESKLESS', 'EXCHANGE_S_STANDARD', 'EXCHANGE_S_ENTERPRISE'],
  ['SHAREPOINTDESKLESS', 'SHAREPOINTSTANDARD', 'SHAREPOINTENTERPRISE'],
];

/** A plan, and the plans of which it needs one. */
const DEPENDENCIES: Readonly<Record<string, readonly string[]>> = {
  MCOEV: ['TEAMS1', 'MCOSTANDARD'],
  MCOMEETADV: ['TEAMS1', 'MCOSTANDARD'],
  SHAREPOINTWAC: ['SHAREPOINTDESKLESS', 'SHAREPOINTSTANDARD', 'SHAREPOINTENTERPRISE'],
  EXCHANGE_ANALYTICS: ['EXCHANGE_S_STANDARD', 'EXCHANGE_S_ENTERPRISE'],
  LOCKBOX_ENTERPRISE: ['EXCHANGE_S_STANDARD', 'EXCHANGE_S_ENTERPRISE'],
};

/** Where Microsoft sells and serves nothing: United States embargoes. */
const PROHIBITED: ReadonlySet<string> = new Set(['CU', 'IR', 'KP', 'SY']);

export function locationConflict(usageLocation: unknown): LicenseConflict | undefined {
  if (typeof usageLocation !== 'string' || !PROHIBITED.has(usageLocation)) return undefined;
  return {
    error: 'ProhibitedInUsageLocationViolation',
    message: `License assignment failed because service plans are not available in usage location '${usageLocation}'.`,
  };
}

/** The first thing that is wrong with these licences being held together. */
export function planConflict(
  directory: Directory,
  licenses: readonly LicenseState[],
): LicenseConflict | undefined {
  const enabled = planUses(directory, licenses).filter(({ isEnabled }) => isEnabled);
  const byName = new Map(enabled.map((use) => [use.servicePlanName, use]));
  return exclusion(byName) ?? missingDependency(byName);
}

type Plans = ReadonlyMap<string, PlanUse>;

function exclusion(plans: Plans): LicenseConflict | undefined {
  for (const line of EXCLUSIVE) {
    const held = line.flatMap((name) => plans.get(name)?.servicePlanId ?? []);
    if (held.length < 2) continue;
    const names = held.map((id) => `'${id}'`).join(', ');
    return {
      error: 'MutuallyExclusiveViolation',
      message: `License assignment failed because service plans ${names} are mutually exclusive.`,
    };
  }
  return undefined;
}

function missingDependency(plans: Plans): LicenseConflict | undefined {
  for (const [name, needed] of Object.entries(DEPENDENCIES)) {
    const plan = plans.get(name);
    if (!plan || needed.some((other) => plans.has(other))) continue;
    return {
      error: 'DependencyViolation',
      message: `License assignment failed because service plan '${plan.servicePlanId}' depends on the service plan(s) ${needed.join(', ')}.`,
    };
  }
  return undefined;
}

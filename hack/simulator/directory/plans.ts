/** Service plans that follow from licences, made only when somebody selects them (graph.md 5.3). */
import type { Directory, LicenseState, Properties, Subscription } from './directory.ts';
import { assignedLicenses } from './records.ts';

export interface PlanUse {
  readonly servicePlanId: string;
  readonly servicePlanName: string;
  readonly isEnabled: boolean;
  readonly skuId: string;
  readonly assignedMs: number;
}

type Status = Subscription['status'];
/** The best subscription of a SKU decides what its plans are good for. */
const BEST_FIRST: readonly Status[] = ['Enabled', 'Warning', 'Suspended', 'LockedOut', 'Deleted'];

export function bestStatus(subscriptions: readonly Subscription[]): Status {
  const held = new Set(subscriptions.map(({ status }) => status));
  return BEST_FIRST.find((status) => held.has(status)) ?? 'Deleted';
}

function subscriptionsOf(directory: Directory, skuId: string): Subscription[] {
  return [...directory.subscriptions.values()].filter((known) => known.skuId === skuId);
}

/** Every plan of every licence that holds, those switched off too. */
export function planUses(directory: Directory, licenses: readonly LicenseState[]): PlanUse[] {
  return assignedLicenses(licenses).flatMap(({ skuId, disabledPlans }) => {
    const assignedMs = licenses.find((license) => license.skuId === skuId)?.updatedMs ?? 0;
    const plans = subscriptionsOf(directory, skuId)[0]?.servicePlans ?? [];
    return plans.map((plan) => ({
      ...plan,
      isEnabled: !disabledPlans.includes(plan.servicePlanId),
      skuId,
      assignedMs,
    }));
  });
}

/** `assignedPlans`: a plan that is switched off shows as Deleted. */
export function assignedPlans(
  directory: Directory,
  licenses: readonly LicenseState[],
): Properties[] {
  return planUses(directory, licenses).map((use) => ({
    assignedDateTime: new Date(use.assignedMs).toISOString(),
    capabilityStatus: use.isEnabled ? bestStatus(subscriptionsOf(directory, use.skuId)) : 'Deleted',
    service: serviceOf(use.servicePlanName),
    servicePlanId: use.servicePlanId,
  }));
}

/** `provisionedPlans`: one for each service that has a plan switched on. */
export function provisionedPlans(
  directory: Directory,
  licenses: readonly LicenseState[],
): Properties[] {
  const enabled = planUses(directory, licenses).filter(({ isEnabled }) => isEnabled);
  const services = new Set(enabled.map(({ servicePlanName }) => serviceOf(servicePlanName)));
  return [...services].map((service) => ({
    capabilityStatus: 'Enabled',
    provisioningStatus: 'Success',
    service,
  }));
}

/** The service behind a plan, by the beginning of its name; the name itself where none is known. */
const SERVICES: readonly (readonly [prefix: string, service: string])[] = [
  ['EXCHANGE_', 'exchange'],
  ['SHAREPOINT', 'SharePoint'],
  ['TEAMS', 'TeamspaceAPI'],
  ['MCO', 'MicrosoftCommunicationsOnline'],
  ['OFFICE', 'MicrosoftOffice'],
  ['INTUNE', 'SCO'],
  ['AAD_PREMIUM', 'AADPremiumService'],
  ['YAMMER', 'YammerEnterprise'],
  ['BI_AZURE', 'PowerBI'],
  ['PROJECT', 'ProjectProgramsAndPortfolios'],
];

export function serviceOf(planName: string): string {
  return SERVICES.find(([prefix]) => planName.startsWith(prefix))?.[1] ?? planName;
}

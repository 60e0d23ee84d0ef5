/** What people should hear of unused licences. Pure. */
import { condition } from '../../core/conditions.ts';
import type { Condition } from '../../core/resource.ts';
import type { HarvestPlan, HarvestSight } from './harvest.ts';

export const harvestFindingTypes = ['LicensesUnused', 'SignInDataMissing', 'HarvestHeld'] as const;

const blocks = {
  ExcludedGroupNotFound:
    'a group of harvest.exclude.groups does not exist: no licence is taken until it does, or is taken out there',
  AdministratorsUnknown:
    'the application may not read who is an administrator (permission RoleManagement.Read.Directory): no licence is taken until it may',
} as const;

const missing = {
  PremiumLicenseMissing:
    'Microsoft gives sign-in data of tenants with Entra ID P1 only: nobody is found inactive',
  PermissionDenied:
    'Graph denies the application sign-in data (permission AuditLog.Read.All): nobody is found inactive',
} as const;

export function harvestFindings(
  sight: HarvestSight | undefined,
  { status }: HarvestPlan,
): readonly Condition[] {
  if (sight === undefined || status === undefined) return [];
  const { block } = sight;
  const { signInData, count } = status;
  const unused =
    'people hold licences that they seem not to need: status.harvest has who, why and what they cost';
  return [
    ...(count > 0 ? [condition('LicensesUnused', 'True', 'LicensesUnused', unused)] : []),
    ...(signInData === 'PremiumLicenseMissing' || signInData === 'PermissionDenied'
      ? [condition('SignInDataMissing', 'True', signInData, missing[signInData])]
      : []),
    ...(block === undefined ? [] : [condition('HarvestHeld', 'True', block, blocks[block])]),
  ];
}

/** A user as Graph's JSON tells it, whole or as far as it changed, and its conversion to the port's types. */
import * as z from 'zod';
import { shareParts } from '../../core/shared.ts';
import type { EntraUser, UserChange } from './port.ts';
import { inheritedLicenses, licenseErrors, WireAssignmentState } from './wire-licenses.ts';

const nullable = z.string().nullish();

/** Exactly the managed properties: `$select` of reads and what counts as a change in delta. */
export const userProperties = [
  'id',
  'userPrincipalName',
  'displayName',
  'givenName',
  'surname',
  'usageLocation',
  'jobTitle',
  'department',
  'companyName',
  'officeLocation',
  'mobilePhone',
  'employeeId',
  'preferredLanguage',
  'businessPhones',
  'mail',
  'otherMails',
  'streetAddress',
  'city',
  'state',
  'postalCode',
  'country',
  'employeeType',
  'mailNickname',
  'passwordPolicies',
  'accountEnabled',
  'onPremisesImmutableId',
  'onPremisesSyncEnabled',
  'assignedLicenses',
  'licenseAssignmentStates',
] as const;

const AssignedLicense = z.object({
  skuId: z.string(),
  disabledPlans: z.array(z.string()).nullish(),
});

const UserFields = {
  userPrincipalName: nullable,
  displayName: nullable,
  givenName: nullable,
  surname: nullable,
  usageLocation: nullable,
  jobTitle: nullable,
  department: nullable,
  companyName: nullable,
  officeLocation: nullable,
  mobilePhone: nullable,
  employeeId: nullable,
  preferredLanguage: nullable,
  businessPhones: z.array(z.string()).nullish(),
  mail: nullable,
  otherMails: z.array(z.string()).nullish(),
  streetAddress: nullable,
  city: nullable,
  state: nullable,
  postalCode: nullable,
  country: nullable,
  employeeType: nullable,
  mailNickname: nullable,
  passwordPolicies: nullable,
  accountEnabled: z.boolean().nullish(),
  onPremisesImmutableId: nullable,
  onPremisesSyncEnabled: z.boolean().nullish(),
  assignedLicenses: z.array(AssignedLicense).nullish(),
};

/** Of a relation in a delta round: added, or removed. */
export const Reference = z.object({ id: z.string(), '@removed': z.unknown().optional() });

const WireUserItem = z.object({
  id: z.string(),
  '@removed': z.unknown().optional(),
  'manager@delta': z.array(Reference).optional(),
  manager: z.object({ id: z.string() }).nullish(),
  licenseAssignmentStates: z.array(WireAssignmentState).nullish(),
  ...UserFields,
});

/** Members that are absent in the answer stay absent; null ones are listed as cleared. */
export const WireUserChange = WireUserItem.transform((wire): UserChange => {
  const user: Record<string, unknown> = { id: wire.id };
  const cleared: string[] = [];
  for (const name of Object.keys(UserFields) as (keyof typeof UserFields)[]) {
    const value = wire[name];
    if (value === null) cleared.push(name);
    else if (value !== undefined) user[name] = value;
  }
  // Sets, in no order of their own.
  if (wire.otherMails) user['otherMails'] = wire.otherMails.toSorted();
  if (wire.passwordPolicies) user['passwordPolicies'] = sortedPolicies(wire.passwordPolicies);
  if (wire.assignedLicenses) user['assignedLicenses'] = wire.assignedLicenses.map(license);
  const { licenseAssignmentStates: states } = wire;
  if (states) takeStates(states, user, cleared);
  const manager = managerOf(wire);
  if (manager.set !== undefined) user['managerId'] = manager.set;
  if (manager.cleared) cleared.push('managerId');
  return { id: wire.id, removed: wire['@removed'] !== undefined, user, cleared };
});

/** Most people have licences of their own only: then nothing of it is kept. */
function takeStates(
  states: readonly z.infer<typeof WireAssignmentState>[],
  user: Record<string, unknown>,
  cleared: string[],
): void {
  const fields = {
    inheritedLicenses: inheritedLicenses(states),
    licenseErrors: licenseErrors(states),
  };
  for (const [name, value] of Object.entries(fields)) {
    if (value.length === 0) cleared.push(name);
    else user[name] = value;
  }
}

function sortedPolicies(policies: string): string {
  return policies.split(/,\s*/).toSorted().join(', ');
}

function license(wire: z.infer<typeof AssignedLicense>) {
  return {
    skuId: wire.skuId.toLowerCase(),
    disabledPlans: (wire.disabledPlans ?? []).map((id) => id.toLowerCase()).sort(),
  };
}

function managerOf(wire: z.infer<typeof WireUserItem>): { set?: string; cleared: boolean } {
  if (wire.manager) return { set: wire.manager.id, cleared: false };
  const delta = wire['manager@delta'] ?? [];
  const current = delta.find((reference) => reference['@removed'] === undefined);
  if (current !== undefined) return { set: current.id, cleared: false };
  return { cleared: delta.length > 0 || wire.manager === null };
}

/** A whole user: what is absent or null in the answer is unset. */
export const WireUser = WireUserChange.transform((change): EntraUser => wholeUser(change));

/** What is unset is left out, and so is an empty list: Graph shows one where nobody ever wrote the field. */
export function wholeUser({ id, user }: UserChange): EntraUser {
  const whole: EntraUser = {
    id,
    userPrincipalName: '',
    displayName: '',
    accountEnabled: false,
    assignedLicenses: [],
  };
  const set = Object.entries(user).filter(([name, value]) => name !== 'id' && !isUnset(value));
  for (const [name, value] of set) (whole as unknown as Record<string, unknown>)[name] = value;
  return shareParts(whole);
}

function isUnset(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}

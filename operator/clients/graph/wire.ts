/** Graph's JSON, as far as it is read, and its conversion to the port's types. */
import * as z from 'zod';
import { shareParts } from '../../core/shared.ts';
import { certificateEnd } from './certificates.ts';
import type { AccessAssignment, Relationship } from './delegation-port.ts';
import type { FoundFederation } from './federation-port.ts';
import type {
  EntraDomain,
  EntraUser,
  GroupChange,
  Organization,
  SubscribedSku,
  UserChange,
} from './port.ts';
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

const Reference = z.object({ id: z.string(), '@removed': z.unknown().optional() });

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

const flag = z.boolean().nullish();

const GroupTraitFields = {
  groupTypes: z.array(z.string()).nullish(),
  securityEnabled: flag,
  mailEnabled: flag,
  isAssignableToRole: flag,
  onPremisesSyncEnabled: flag,
};

export const groupProperties = ['displayName', ...Object.keys(GroupTraitFields)];

export const WireGroupChange = z
  .object({
    id: z.string(),
    '@removed': z.unknown().optional(),
    displayName: nullable,
    'members@delta': z.array(Reference).optional(),
    ...GroupTraitFields,
  })
  .transform((wire): GroupChange => {
    const members = wire['members@delta'] ?? [];
    const traits = Object.keys(GroupTraitFields).flatMap((name) => {
      const value = wire[name as keyof typeof GroupTraitFields];
      return value === undefined ? [] : [[name, value ?? undefined] as const];
    });
    return {
      id: wire.id,
      removed: wire['@removed'] !== undefined,
      displayName: wire.displayName ?? undefined,
      traits: Object.fromEntries(traits),
      addedMemberIds: members.filter((m) => m['@removed'] === undefined).map((m) => m.id),
      removedMemberIds: members.filter((m) => m['@removed'] !== undefined).map((m) => m.id),
    };
  });

export const WireOrganization = z
  .object({
    id: z.string(),
    displayName: nullable,
    countryLetterCode: nullable,
    onPremisesSyncEnabled: z.boolean().nullish(),
    verifiedDomains: z
      .array(z.object({ name: z.string(), isInitial: z.boolean().nullish() }))
      .nullish(),
  })
  .transform(
    (wire): Organization => ({
      id: wire.id,
      displayName: wire.displayName ?? '',
      countryLetterCode: wire.countryLetterCode ?? undefined,
      onPremisesSyncEnabled: wire.onPremisesSyncEnabled ?? false,
      initialDomain: wire.verifiedDomains?.find((domain) => domain.isInitial)?.name,
      verifiedDomains: (wire.verifiedDomains ?? []).map((domain) => domain.name.toLowerCase()),
    }),
  );

export const WireSubscribedSku = z
  .object({
    skuId: z.string(),
    skuPartNumber: z.string(),
    consumedUnits: z.number().nullish(),
    prepaidUnits: z
      .object({ enabled: z.number().nullish(), warning: z.number().nullish() })
      .nullish(),
    servicePlans: z
      .array(z.object({ servicePlanId: z.string(), servicePlanName: z.string() }))
      .nullish(),
  })
  .transform(
    (wire): SubscribedSku => ({
      skuId: wire.skuId.toLowerCase(),
      skuPartNumber: wire.skuPartNumber,
      units: (wire.prepaidUnits?.enabled ?? 0) + (wire.prepaidUnits?.warning ?? 0),
      consumedUnits: wire.consumedUnits ?? 0,
      servicePlans: (wire.servicePlans ?? []).map((plan) => ({
        servicePlanId: plan.servicePlanId.toLowerCase(),
        servicePlanName: plan.servicePlanName,
      })),
    }),
  );

export const WireDomain = z
  .object({
    id: z.string(),
    isVerified: z.boolean().nullish(),
    isDefault: z.boolean().nullish(),
    isRoot: z.boolean().nullish(),
    authenticationType: nullable,
  })
  .transform(
    (wire): EntraDomain => ({
      name: wire.id.toLowerCase(),
      isVerified: wire.isVerified ?? false,
      isDefault: wire.isDefault ?? false,
      isRoot: wire.isRoot ?? true,
      authentication: wire.authenticationType === 'Federated' ? 'Federated' : 'Managed',
    }),
  );

const uri = nullable.transform((value) => value ?? undefined);

export const WireFederation = z
  .object({
    id: z.string(),
    issuerUri: nullable,
    passiveSignInUri: nullable,
    activeSignInUri: uri,
    signOutUri: uri,
    metadataExchangeUri: uri,
    signingCertificate: nullable,
    nextSigningCertificate: uri,
    preferredAuthenticationProtocol: nullable,
    federatedIdpMfaBehavior: nullable,
  })
  .transform(
    (wire): FoundFederation => ({
      ...wire,
      certificateExpires: certificateEnd(wire.signingCertificate),
      nextCertificateExpires: certificateEnd(wire.nextSigningCertificate),
      issuerUri: wire.issuerUri ?? '',
      passiveSignInUri: wire.passiveSignInUri ?? '',
      signingCertificate: wire.signingCertificate ?? '',
      preferredAuthenticationProtocol: wire.preferredAuthenticationProtocol ?? '',
      federatedIdpMfaBehavior: wire.federatedIdpMfaBehavior ?? '',
    }),
  );

export const WireDomainRecord = z.object({
  '@odata.type': z.string().optional(),
  recordType: z.string().nullish(),
  label: nullable,
  ttl: z.number().nullish(),
  text: nullable,
  mailExchange: nullable,
});

const Roles = z
  .object({ unifiedRoles: z.array(z.object({ roleDefinitionId: z.string() })).nullish() })
  .nullish();

function roleIds(details: z.infer<typeof Roles>): readonly string[] {
  return (details?.unifiedRoles ?? []).map((role) => role.roleDefinitionId);
}

export const WireRelationship = z
  .object({
    id: z.string(),
    displayName: nullable,
    status: nullable,
    accessDetails: Roles,
    customer: z.object({ tenantId: nullable }).nullish(),
  })
  .transform((wire): Omit<Relationship, 'accessAssignments'> & { customerId: string } => ({
    id: wire.id,
    displayName: wire.displayName ?? '',
    status: wire.status ?? '',
    roleIds: roleIds(wire.accessDetails),
    customerId: wire.customer?.tenantId ?? '',
  }));

export const WireAccessAssignment = z
  .object({
    id: z.string(),
    status: nullable,
    accessContainer: z.object({ accessContainerId: z.string() }).nullish(),
    accessDetails: Roles,
    '@odata.etag': nullable,
  })
  .transform((wire): AccessAssignment & { etag: string | undefined } => ({
    id: wire.id,
    status: wire.status ?? '',
    securityGroupId: wire.accessContainer?.accessContainerId ?? '',
    roleIds: roleIds(wire.accessDetails),
    etag: wire['@odata.etag'] ?? undefined,
  }));

export const WirePage = z.object({
  value: z.array(z.unknown()),
  '@odata.nextLink': z.string().optional(),
  '@odata.deltaLink': z.string().optional(),
});

/** What the properties of a user may hold (graph.md 2.2, 2.6, 17.2 to 17.5). */
import { badRequest, invalidValue } from '../graph/errors.ts';
import type { Directory, Properties } from './directory.ts';
import { domainOf, findDomain } from './records.ts';
import { asText } from './text.ts';

const LENGTHS: Readonly<Record<string, number>> = {
  displayName: 256,
  givenName: 64,
  surname: 64,
  department: 64,
  companyName: 64,
  mobilePhone: 64,
  jobTitle: 128,
  city: 128,
  country: 128,
  state: 128,
  streetAddress: 1024,
  postalCode: 40,
  employeeId: 16,
  mailNickname: 64,
};
const READ_ONLY = new Set([
  'createdDateTime',
  'creationType',
  'deletedDateTime',
  'assignedLicenses',
  'assignedPlans',
  'provisionedPlans',
  'licenseAssignmentStates',
  'lastPasswordChangeDateTime',
  'signInSessionsValidFromDateTime',
  'externalUserState',
  'externalUserStateChangeDateTime',
  'securityIdentifier',
  'proxyAddresses',
  'imAddresses',
  'signInActivity',
  'serviceProvisioningErrors',
  'isManagementRestricted',
  'identityParentId',
  'authorizationInfo',
]);
const WRITABLE_ON_PREMISES = new Set(['onPremisesExtensionAttributes', 'onPremisesImmutableId']);
const UPN_LOCAL = /^[A-Za-z0-9'._!#^~-]+$/;
const NICKNAME_REFUSED = /[@()\\[\]";:<>, ]/;
const PASSWORD_POLICY = /^(None|DisableStrongPassword|DisablePasswordExpiration)$/;
const OTHER_MAILS_MAX = 250;
/** Stored in SharePoint, not in the directory. */
export const SHAREPOINT_PROPERTIES: ReadonlySet<string> = new Set([
  'aboutMe',
  'birthday',
  'hireDate',
  'interests',
  'mySite',
  'pastProjects',
  'preferredName',
  'responsibilities',
  'schools',
  'skills',
]);
export const SYNCED_REFUSAL =
  'Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.';

/** @throws GraphError 400 for a value that no user may have. */
export function checkUserValues(properties: Properties): void {
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes('@odata.')) continue;
    checkWritable(name);
    if (!isAllowedValue(name, value)) throw invalidFor(name);
  }
}

function isAllowedValue(name: string, value: unknown): boolean {
  if (value === null) return !NOT_NULLABLE.has(name);
  if (value === '' || asText(value).length > (LENGTHS[name] ?? Infinity)) return false;
  return VALUE_CHECKS[name]?.(value) ?? true;
}

const NOT_NULLABLE = new Set([
  'displayName',
  'accountEnabled',
  'mailNickname',
  'usageLocation',
  'mail',
]);

/** False for a value of the right type that the property may not have. */
const VALUE_CHECKS: Readonly<Record<string, (value: unknown) => boolean>> = {
  mailNickname: (value) => !NICKNAME_REFUSED.test(asText(value)),
  usageLocation: (value) => /^[A-Z]{2}$/.test(asText(value)),
  businessPhones: (value) => !Array.isArray(value) || value.length <= 1,
  otherMails: (value) => !Array.isArray(value) || value.length <= OTHER_MAILS_MAX,
  mail: (value) => /^[^@\s]+@[^@\s]+$/.test(asText(value)),
  userType: (value) => ['', 'Member', 'Guest'].includes(asText(value)),
  passwordPolicies: (value) =>
    asText(value, 'None')
      .split(/,\s*/)
      .every((policy) => PASSWORD_POLICY.test(policy)),
  // Graph itself refuses only `$` and `_` (graph.md 17.5).
  onPremisesImmutableId: (value) => !/[$_]/.test(asText(value)) && asText(value).length <= 64,
};

function checkWritable(name: string): void {
  const isReadOnly =
    READ_ONLY.has(name) || (name.startsWith('onPremises') && !WRITABLE_ON_PREMISES.has(name));
  if (isReadOnly) {
    throw badRequest(`Property '${name}' is read-only and cannot be set.`);
  }
}

function invalidFor(name: string) {
  return badRequest(`Invalid value specified for property '${name}' of resource 'User'.`);
}

/** @throws GraphError 400; returns whether the domain is federated. */
export function checkUserPrincipalName(directory: Directory, name: unknown): boolean {
  const text = asText(name);
  if (!isUserPrincipalName(text)) throw invalidValue('userPrincipalName');
  const found = findDomain(directory, domainOf(text));
  if (!found?.isVerified) {
    throw badRequest(
      'The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.',
    );
  }
  return found.authenticationType === 'Federated';
}

/** 113 characters in all, 64 before and 48 after the @ (graph.md 17.4). */
function isUserPrincipalName(text: string): boolean {
  const [local = '', domain = '', ...more] = text.split('@');
  if (more.length > 0 || text.length > 113 || local.length > 64) return false;
  const isDomain = domain.length > 0 && domain.length <= 48;
  return isDomain && UPN_LOCAL.test(local) && !local.endsWith('.');
}

/** 8 to 256 characters, three of four classes, no Unicode (active-directory.md B5). */
export function checkPassword(password: unknown): void {
  const text = typeof password === 'string' ? password : '';
  const classes = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(text)).length;
  const isAscii = /^[\x20-\x7e]*$/.test(text);
  if (text.length < 8 || text.length > 256 || classes < 3 || !isAscii) {
    throw badRequest(
      'The specified password does not comply with password complexity requirements. Please provide a different password.',
    );
  }
}

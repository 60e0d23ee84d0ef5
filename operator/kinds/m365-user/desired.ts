/** What a manifest means for each directory. Pure. */
import { type SharedField, sharedFields } from '../../api/authority.ts';
import type { UserPatch } from '../../clients/graph/port.ts';
import { guestName } from '../../core/names.ts';
import type { M365User } from '../../core/objects.ts';
import { hasLeft, startsLater } from '../plans.ts';

/** Whether the person may sign in at this moment. */
export function isEnabled(user: M365User, nowMs: number): boolean {
  const { enabled, type } = user.spec;
  if (type === 'Room' || type === 'Shared' || startsLater(user, nowMs)) return false;
  return enabled && !hasLeft(user, nowMs);
}

/** By which the account is known in this tenant; a guest is known by another name than at home. */
export function nameInTenant({ spec }: M365User, initialDomain: string | undefined): string {
  if (spec.type !== 'Guest' || initialDomain === undefined) return spec.userPrincipalName;
  return guestName(spec.userPrincipalName, initialDomain);
}

/** Declared properties by Graph's names. */
export function entraProfile(user: M365User): UserPatch {
  const { spec } = user;
  return {
    // A guest has the name that Entra gave it.
    ...(spec.type === 'Guest' ? {} : { userPrincipalName: spec.userPrincipalName }),
    displayName: spec.displayName,
    givenName: spec.givenName,
    surname: spec.surname,
    usageLocation: spec.usageLocation,
    jobTitle: spec.jobTitle,
    department: spec.department,
    companyName: spec.companyName,
    officeLocation: spec.officeLocation,
    mobilePhone: spec.mobilePhone,
    employeeId: spec.employeeId,
    preferredLanguage: spec.preferredLanguage,
    businessPhones: spec.businessPhone === undefined ? undefined : [spec.businessPhone],
    mail: spec.mail,
    otherMails: spec.otherMails?.toSorted(),
    streetAddress: spec.streetAddress,
    city: spec.city,
    state: spec.state,
    postalCode: spec.postalCode,
    country: spec.country,
    employeeType: spec.employeeType,
    mailNickname: spec.mailNickname,
    passwordPolicies: passwordPolicies(spec.passwordPolicies),
  };
}

/** As Graph spells a set of them. */
function passwordPolicies(declared: M365User['spec']['passwordPolicies']): string | undefined {
  if (declared === undefined) return undefined;
  return declared.length === 0 ? 'None' : declared.toSorted().join(', ');
}

/** By LDAP names (active-directory.md B4). */
export const sharedAttributes: Readonly<Record<SharedField, string>> = {
  displayName: 'displayName',
  givenName: 'givenName',
  surname: 'sn',
  jobTitle: 'title',
  department: 'department',
  companyName: 'company',
  officeLocation: 'physicalDeliveryOfficeName',
  mobilePhone: 'mobile',
  businessPhone: 'telephoneNumber',
  mail: 'mail',
  streetAddress: 'streetAddress',
  city: 'l',
  state: 'st',
  postalCode: 'postalCode',
  country: 'co',
  employeeId: 'employeeID',
  employeeType: 'employeeType',
  preferredLanguage: 'preferredLanguage',
};

/** The same for Active Directory, and what is declared for it alone. */
export function directoryAttributes({ spec }: M365User): Record<string, string> {
  const shared = sharedFields.map((field) => [sharedAttributes[field], spec[field]] as const);
  const attributes = { ...Object.fromEntries(shared), ...spec.activeDirectory?.attributes };
  const declared = Object.entries(attributes).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return Object.fromEntries(declared);
}

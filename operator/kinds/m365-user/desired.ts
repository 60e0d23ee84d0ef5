/** What a manifest means for each directory. Pure. */
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

/** The same by LDAP names (active-directory.md B4), and what is declared for Active Directory alone. */
export function directoryAttributes(user: M365User): Record<string, string> {
  const { spec } = user;
  const attributes: Record<string, string | undefined> = {
    displayName: spec.displayName,
    givenName: spec.givenName,
    sn: spec.surname,
    title: spec.jobTitle,
    department: spec.department,
    company: spec.companyName,
    physicalDeliveryOfficeName: spec.officeLocation,
    mobile: spec.mobilePhone,
    employeeID: spec.employeeId,
    telephoneNumber: spec.businessPhone,
    mail: spec.mail,
    streetAddress: spec.streetAddress,
    l: spec.city,
    st: spec.state,
    postalCode: spec.postalCode,
    co: spec.country,
    employeeType: spec.employeeType,
    preferredLanguage: spec.preferredLanguage,
    ...spec.activeDirectory?.attributes,
  };
  const declared = Object.entries(attributes).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return Object.fromEntries(declared);
}

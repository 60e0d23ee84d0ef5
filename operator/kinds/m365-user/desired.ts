/** What a manifest means for each directory. Pure. */
import type { UserPatch } from '../../clients/graph/port.ts';
import type { M365User } from '../../core/objects.ts';

/** Whether the person may sign in at this moment. */
export function isEnabled(user: M365User, nowMs: number): boolean {
  const { enabled, leaveAt } = user.spec;
  return enabled && (leaveAt === undefined || Date.parse(leaveAt) > nowMs);
}

/** Declared properties by Graph's names. */
export function entraProfile(user: M365User): UserPatch {
  const { spec } = user;
  return {
    userPrincipalName: spec.userPrincipalName,
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
  };
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
    preferredLanguage: spec.preferredLanguage,
    ...spec.activeDirectory?.attributes,
  };
  const declared = Object.entries(attributes).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return Object.fromEntries(declared);
}

/**
 * Application permissions that the operator needs in a customer tenant, and what each is for. Broad ones
 * (Directory.ReadWrite.All) are left out on purpose. Source: graph.md 1.7 (Graph permissions reference, 2026-08-07).
 */
export const requiredPermissions: Readonly<Record<string, string>> = {
  // Guests are invited with it as well: User.Invite.All is only the narrower one.
  'User.ReadWrite.All': 'creating and changing users',
  'User.EnableDisableAccount.All': 'disabling users',
  'User-PasswordProfile.ReadWrite.All': 'resetting passwords',
  'User.RevokeSessions.All': 'ending sessions',
  'User.DeleteRestore.All': 'deleting and restoring users',
  'LicenseAssignment.ReadWrite.All': 'licences',
  'Organization.Read.All': 'reading the tenant',
  'Domain.ReadWrite.All': 'domains',
  'Group.ReadWrite.All': 'groups',
};

/** The tenant works without these, less a feature. */
export const optionalPermissions: Readonly<Record<string, string>> = {
  'AuditLog.Read.All': 'who changed what, and when people last signed in',
  'RoleManagement.Read.Directory': 'protecting administrators',
  'Domain-InternalFederation.ReadWrite.All': 'federated sign-in (ADFS)',
};

/**
 * Never asked for: with the first one can make oneself an administrator, and the second reads into mailboxes. A customer who
 * wants the feature consents to it for the operator's application expressly.
 */
export const expressPermissions: Readonly<Record<string, string>> = {
  'RoleManagement.ReadWrite.Directory': "taking administrators' roles from people who leave",
  'MailboxSettings.Read': 'seeing whether the mailbox of who leaves is a shared one',
};

/** A wider permission holds the narrower one. */
const includedIn: Readonly<Record<string, readonly string[]>> = {
  'Organization.Read.All': [
    'Organization.ReadWrite.All',
    'Directory.Read.All',
    'Directory.ReadWrite.All',
  ],
  'Group.ReadWrite.All': ['Directory.ReadWrite.All'],
  'User.ReadWrite.All': ['Directory.ReadWrite.All'],
  'MailboxSettings.Read': ['MailboxSettings.ReadWrite'],
  'RoleManagement.Read.Directory': [
    'RoleManagement.ReadWrite.Directory',
    'RoleManagement.Read.All',
    'Directory.Read.All',
    'Directory.ReadWrite.All',
  ],
};

export interface MissingPermission {
  readonly permission: string;
  readonly feature: string;
}

export function missingPermissions(
  granted: readonly string[],
  wanted: Readonly<Record<string, string>> = requiredPermissions,
): readonly MissingPermission[] {
  return Object.entries(wanted)
    .filter(([permission]) => {
      const enough = [permission, ...(includedIn[permission] ?? [])];
      return !enough.some((name) => granted.includes(name));
    })
    .map(([permission, feature]) => ({ permission, feature }));
}

export function holdsPermission(granted: readonly string[], permission: string): boolean {
  return missingPermissions(granted, { [permission]: '' }).length === 0;
}

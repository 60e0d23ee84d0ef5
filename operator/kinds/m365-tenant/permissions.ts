/** Which of the operator's permissions a tenant lacks. Pure. */
import { requiredPermissions } from '../../core/permissions.ts';

/** A wider permission holds the narrower one. */
const includedIn: Readonly<Record<string, readonly string[]>> = {
  'Organization.Read.All': [
    'Organization.ReadWrite.All',
    'Directory.Read.All',
    'Directory.ReadWrite.All',
  ],
  'Group.ReadWrite.All': ['Directory.ReadWrite.All'],
  'User.ReadWrite.All': ['Directory.ReadWrite.All'],
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

/** Delegated scopes with which the application sets itself up (partner-center.md 11.1, step 3). */
export const setupScopes = [
  'Application.ReadWrite.All',
  'AppRoleAssignment.ReadWrite.All',
  'Directory.Read.All',
] as const;

/** Entra roles needed for steps 3 and 5 of partner-center.md 11.1; template ids of graph.md 7.2. */
export const setupRoles = {
  cloudApplicationAdministrator: '158c047a-c907-4556-b7ef-446551a6b5f7',
  privilegedRoleAdministrator: 'e8611ab8-c189-46e8-94e1-60213ab1f814',
} as const;

export const setupRoleIds: readonly string[] = Object.values(setupRoles);

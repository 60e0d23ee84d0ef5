/** With what the operator gets its own access to a tenant. Pure. */

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

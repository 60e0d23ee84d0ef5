/** What administrators do to a tenant as a whole. */
import { z } from 'zod';
import { findServicePrincipal } from '../directory/create.ts';
import type { ApiResponse } from '../world.ts';
import { type Action, action, oneOf, type Scene } from './action.ts';

/** Apps of partners that have rights in the tenant. */
function foreignApps({ world, directory }: Scene): string[] {
  const registered = [...world.partners.values()].flatMap(({ registeredAppIds }) => [
    ...registeredAppIds,
  ]);
  return registered.filter((appId) => {
    const principal = findServicePrincipal(directory, appId);
    const assignments = directory.appRoleAssignments.values();
    return assignments.some(({ principalId }) => principalId === principal?.id);
  });
}

/** All application permissions of the app, one by one: the portal's "Review permissions". */
function withdraw({ directory, graph }: Scene, appId: string): ApiResponse {
  const principal = findServicePrincipal(directory, appId);
  if (!principal) throw new Error(`Tenant ${directory.tenantId} knows no app ${appId}`);
  let answer: ApiResponse = { status: 204 };
  for (const { id, principalId } of directory.appRoleAssignments.values()) {
    if (principalId !== principal.id) continue;
    answer = graph('DELETE', `/servicePrincipals/${principal.id}/appRoleAssignments/${id}`);
    if (answer.status >= 400) return answer;
  }
  return answer;
}

export const TENANT_ACTIONS = {
  withdrawConsent: action({
    says: 'takes all permissions from an app',
    by: 'customer',
    parameters: z.strictObject({ appId: z.guid() }),
    pick: (scene) => {
      const appId = oneOf(foreignApps(scene), scene.random);
      return appId === undefined ? undefined : { appId };
    },
    run: (scene, { appId }) => withdraw(scene, appId.toLowerCase()),
  }),
  setDefaultDomain: action({
    says: 'makes a verified domain the default one',
    by: 'customer',
    parameters: z.strictObject({ domain: z.string() }),
    pick: ({ directory, random }) => {
      const others = [...directory.domains.values()].filter(
        ({ isVerified, isDefault }) => isVerified && !isDefault,
      );
      const picked = oneOf(others, random);
      return picked && { domain: picked.id };
    },
    run: ({ graph }, { domain }) => graph('PATCH', `/domains/${domain}`, { isDefault: true }),
  }),
  deleteDomain: action({
    says: 'removes a domain; refused while something uses it',
    by: 'customer',
    parameters: z.strictObject({ domain: z.string() }),
    pick: ({ directory, random }) => {
      const others = [...directory.domains.values()].filter(
        ({ isInitial, isDefault }) => !isInitial && !isDefault,
      );
      const picked = oneOf(others, random);
      return picked && { domain: picked.id };
    },
    run: ({ graph }, { domain }) => graph('DELETE', `/domains/${domain}`),
  }),
} satisfies Record<string, Action>;

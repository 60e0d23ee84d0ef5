/** People at the portals of Microsoft. What they do goes through the same services as every request, with every right. */
import { z } from 'zod';
import { approve } from './directory/delegation.ts';
import { findUser } from './directory/records.ts';
import { SERVICES } from './services.ts';
import { witness } from './witness.ts';
import type { ApiRequest, ApiResponse, Caller, Service, World } from './world.ts';

/** The services that a person reaches. */
export interface Portals {
  readonly world: World;
  readonly graph: Service;
  readonly partnerCenter: Service;
}

export const PortalRequest = z.strictObject({
  service: z.enum(SERVICES).exclude(['login']),
  tenantId: z.guid(),
  userPrincipalName: z.string(),
  method: z.string(),
  path: z.string().startsWith('/'),
  query: z.record(z.string(), z.string()).default({}),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.unknown().optional(),
});
export type PortalRequest = z.input<typeof PortalRequest>;

const AUDIENCES = {
  graph: 'https://graph.microsoft.com',
  partnerCenter: 'https://api.partnercenter.microsoft.com',
} as const;
const AZURE_PORTAL_APP_ID = 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c';

/** A person at a portal: changes things behind the operator's back, with every right in the tenant. */
export function callAsPerson(portals: Portals, input: PortalRequest): ApiResponse {
  const request = PortalRequest.parse(input);
  const { world } = portals;
  const directory = world.directories.get(request.tenantId.toLowerCase());
  if (!directory) throw new Error(`No tenant ${request.tenantId}`);
  const user = findUser(directory, request.userPrincipalName, directory.log.last);
  const caller: Caller = {
    tenantId: directory.tenantId,
    appId: AZURE_PORTAL_APP_ID,
    audience: AUDIENCES[request.service],
    kind: 'user',
    userId: user?.value.id ?? world.random.uuid(),
    userPrincipalName: request.userPrincipalName,
    homeTenantId: directory.tenantId,
    roles: [],
    scopes: [],
    mfa: true,
    portal: true,
  };
  const asked: ApiRequest = {
    method: request.method.toUpperCase(),
    path: request.path,
    query: new URLSearchParams(request.query),
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
    ),
    body: request.body,
    caller,
  };
  const answer = portals[request.service](asked);
  witness(world, { kind: 'portal', service: request.service, request: asked, answer });
  return answer;
}

/**
 * A Global Administrator of the customer opens the approval link and accepts (graph.md 8.1); Graph has no call for it.
 * @throws Error where there is nothing to approve
 */
export function approveRelationship(world: World, relationshipId: string): void {
  const relationship = world.directories
    .values()
    .flatMap((directory) => directory.relationships.values())
    .find((known) => known.id === relationshipId);
  if (relationship?.status !== 'approvalPending' || !relationship.customer) {
    throw new Error(`No relationship ${relationshipId} with a customer waits for approval`);
  }
  approve(world, relationship);
}

/** Creating a Cloud Solution Provider: its tenant, its app, its service user, its groups. */
import { z } from 'zod';
import { adminConsent, grantScopes } from './directory/consent.ts';
import {
  addGlobalAdministrator,
  addSecurityGroup,
  addUser,
  createDirectory,
} from './directory/create.ts';
import type { Application, Directory } from './directory/directory.ts';
import { derivedUuid, GRAPH_APP_ID, OPERATOR_PERMISSIONS } from './directory/well-known.ts';
import type { World } from './world.ts';

const FederatedCredential = z.strictObject({
  issuer: z.string(),
  subject: z.string(),
  audiences: z.array(z.string()).default([]),
  jwks: z.strictObject({ keys: z.array(z.record(z.string(), z.unknown())) }),
});

export const NewPartner = z.strictObject({
  name: z.string().min(1),
  tenantId: z.guid().optional(),
  /** A name of the region table, e.g. "Europe" (partner-center.md 2.2). */
  region: z.string().default('Europe'),
  /** ISO 3166-1 alpha-2 */
  country: z.string().length(2).default('DE'),
  currency: z.string().length(3).default('EUR'),
  mpnId: z.string().default('1234567'),
  environment: z.enum(['Production', 'Sandbox']).default('Production'),
  /** Without `.onmicrosoft.com`; made from the name if absent. */
  domainPrefix: z.string().optional(),
  app: z
    .strictObject({
      clientId: z.guid().optional(),
      displayName: z.string().default('m365-operator'),
      secret: z.string().optional(),
      /** ISO 8601; in two years if absent. */
      secretExpires: z.iso.datetime().optional(),
      certificates: z.array(z.string()).default([]),
      federatedCredentials: z.array(FederatedCredential).default([]),
      /** Graph application permissions granted in the partner tenant. */
      partnerPermissions: z.array(z.string()).default(['DelegatedAdminRelationship.ReadWrite.All']),
      /** Graph application permissions that admin consent in a customer tenant grants. */
      customerPermissions: z.array(z.string()).default([...OPERATOR_PERMISSIONS]),
      registeredInPartnerCenter: z.boolean().default(true),
    })
    .prefault({}),
  refreshToken: z.string().optional(),
  serviceUser: z.string().default('svc-operator'),
  /** The service user signed in with multi-factor authentication. */
  mfa: z.boolean().default(true),
  securityGroup: z
    .strictObject({ id: z.guid().optional(), displayName: z.string().default('m365-operator') })
    .prefault({}),
});
export type NewPartner = z.input<typeof NewPartner>;

export interface CreatedPartner {
  readonly tenantId: string;
  readonly domain: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
  readonly serviceUserPrincipalName: string;
  readonly serviceUserId: string;
  readonly securityGroupId: string;
}

const SECRET_LIFETIME_MS = 2 * 365 * 86_400_000;

/** @throws ZodError for input of another shape; Error where the tenant exists. */
export function createPartner(world: World, input: NewPartner): CreatedPartner {
  const wanted = NewPartner.parse(input);
  const tenantId = (wanted.tenantId ?? world.random.uuid()).toLowerCase();
  const prefix = wanted.domainPrefix ?? wanted.name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const domain = `${prefix}.onmicrosoft.com`;
  const directory = createDirectory(world, {
    tenantId,
    initialDomain: domain,
    displayName: wanted.name,
    country: wanted.country,
  });
  const clientId = (wanted.app.clientId ?? world.random.uuid()).toLowerCase();
  const clientSecret = wanted.app.secret ?? world.random.hex(40);
  world.partners.set(tenantId, {
    tenantId,
    name: wanted.name,
    region: wanted.region,
    country: wanted.country,
    currency: wanted.currency,
    mpnId: wanted.mpnId,
    environment: wanted.environment,
    registeredAppIds: new Set(wanted.app.registeredInPartnerCenter ? [clientId] : []),
  });
  const application: Application = {
    appId: clientId,
    displayName: wanted.app.displayName,
    secrets: [{ value: clientSecret, expiresMs: secretExpiry(world, wanted.app.secretExpires) }],
    certificates: [...wanted.app.certificates],
    federatedCredentials: wanted.app.federatedCredentials.map((credential, index) => ({
      ...credential,
      id: derivedUuid(`${clientId}/${credential.issuer}/${credential.subject}`),
      name: `credential-${index + 1}`,
      description: null,
    })),
    requiredPermissions: wanted.app.customerPermissions,
  };
  directory.applications.set(clientId, application);
  adminConsent(world, directory, clientId, wanted.app.partnerPermissions);
  grantScopes(world, directory, {
    appId: clientId,
    resourceAppId: GRAPH_APP_ID,
    scope: 'Directory.AccessAsUser.All User.Read',
  });
  const people = addPeople(world, directory, wanted);
  const refreshToken = wanted.refreshToken ?? world.random.hex(96);
  directory.refreshTokens.set(refreshToken, {
    userId: people.serviceUserId,
    appId: clientId,
    issuedMs: world.clock.nowMs(),
    mfa: wanted.mfa,
  });
  return { tenantId, domain, clientId, clientSecret, refreshToken, ...people };
}

function secretExpiry(world: World, iso: string | undefined): number {
  return iso === undefined ? world.clock.nowMs() + SECRET_LIFETIME_MS : Date.parse(iso);
}

function addPeople(world: World, directory: Directory, wanted: z.output<typeof NewPartner>) {
  const domain = directory.initialDomain;
  const admin = addUser(world, directory, {
    userPrincipalName: `admin@${domain}`,
    displayName: `${wanted.name} administrator`,
  });
  addGlobalAdministrator(world, directory, admin);
  const serviceUserPrincipalName = `${wanted.serviceUser}@${domain}`;
  const serviceUserId = addUser(world, directory, {
    userPrincipalName: serviceUserPrincipalName,
    displayName: 'Operator service account',
  });
  const adminAgents = addSecurityGroup(world, directory, 'AdminAgents');
  const { displayName, id } = wanted.securityGroup;
  const securityGroupId = addSecurityGroup(world, directory, displayName, id?.toLowerCase());
  directory.memberships.add(adminAgents, admin);
  directory.memberships.add(adminAgents, serviceUserId);
  directory.memberships.add(securityGroupId, serviceUserId);
  return { serviceUserPrincipalName, serviceUserId, securityGroupId };
}

/** Who may call what (partner-center.md 1.3, 1.4). */
import type { DirectoryApi } from '../directory/api.ts';
import type { ApiRequest, Caller, Partner, World } from '../world.ts';
import type { Endpoint } from './contract.ts';
import { CommerceFault } from './faults.ts';

export const AUDIENCE = 'https://api.partnercenter.microsoft.com';

/** Entra role template ids (learn.microsoft.com, Entra built-in roles). */
export const ROLES = {
  globalAdministrator: '62e90394-69f5-4237-9190-012177145e10',
  globalReader: 'f2ef992c-3afb-46b9-b7cf-a126ee74c451',
  directoryReaders: '88d8e3e3-8f55-4a1e-953a-9b9898b8876b',
  directoryWriters: '9360feb5-f418-4baa-8175-e2a00bac4301',
  domainNameAdministrator: '8329153b-31d0-4727-b945-745eb3bc5f31',
  licenseAdministrator: '4d6ac14f-3453-41d0-bef9-a3e0c569773a',
  serviceSupportAdministrator: 'f023fd81-a637-4b56-95fd-791ac0226033',
  userAdministrator: 'fe930be7-5e62-47db-91af-98c3a49a38b1',
  privilegedRoleAdministrator: 'e8611ab8-c189-46e8-94e1-60213ab1f814',
  helpdeskAdministrator: '729827e3-9c14-49f7-bb1b-9608f156bbb8',
  privilegedAuthenticationAdministrator: '7be44c8a-adaf-4e2a-84d6-ab2649e08a13',
  cloudApplicationAdministrator: '158c047a-c907-4556-b7ef-446551a6b5f7',
  applicationAdministrator: '9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3',
} as const;

/** Roles of the default GDAP relationship (partner-center.md 11). */
export const DEFAULT_GDAP_ROLES: readonly string[] = [
  ROLES.directoryReaders,
  ROLES.directoryWriters,
  ROLES.licenseAdministrator,
  ROLES.serviceSupportAdministrator,
  ROLES.userAdministrator,
  ROLES.privilegedRoleAdministrator,
  ROLES.helpdeskAdministrator,
  ROLES.privilegedAuthenticationAdministrator,
  ROLES.globalReader,
  ROLES.cloudApplicationAdministrator,
  ROLES.applicationAdministrator,
];

/** What SalesAgents may touch besides reading: selling and subscriptions. */
const SALES_PATHS =
  /^\/v1\/(customers(\/[^/]+\/(carts|orders|subscriptions|agreements)|$)|validations)/;

/**
 * The caller and his partner, when he may call this endpoint.
 * @throws CommerceFault 401/900420, 401/800001, 401/900421, 403/900329, 403/900308.
 */
export function authorize(
  world: World,
  directory: DirectoryApi,
  request: ApiRequest,
  endpoint: Pick<Endpoint, 'auth'> & { readonly audience?: string },
): { readonly caller: Caller; readonly partner: Partner } {
  const { caller, partner } = identify(world, request, endpoint.audience ?? AUDIENCE);
  if (caller.portal === true) {
    return { caller, partner };
  }
  if (caller.kind === 'app') {
    checkApp(caller, partner, endpoint);
  } else {
    checkUser(
      caller,
      directory.partnerGroups(world, partner.tenantId, caller.userId ?? ''),
      request,
    );
  }
  return { caller, partner };
}

function identify(
  world: World,
  request: ApiRequest,
  expected: string,
): { caller: Caller; partner: Partner } {
  const { caller } = request;
  const audience = caller?.audience.replace(/\/$/, '');
  if (request.tokenError === 'audience' || (caller !== undefined && audience !== expected)) {
    throw unauthorized(900420, `Invalid audience: the token must be issued for ${expected}.`);
  }
  if (caller === undefined) {
    throw unauthorized(800001, `No valid token: ${request.tokenError ?? 'missing'}.`);
  }
  const partner = world.partners.get(caller.tenantId);
  if (partner === undefined) {
    throw unauthorized(800001, `Tenant ${caller.tenantId} is not a partner in the CSP programme.`);
  }
  return { caller, partner };
}

function unauthorized(code: number, description: string): CommerceFault {
  return new CommerceFault(401, code, description, {
    headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
  });
}

function checkApp(caller: Caller, partner: Partner, endpoint: Pick<Endpoint, 'auth'>): void {
  if (!endpoint.auth.startsWith('app|')) {
    throw new CommerceFault(403, 900329, 'App-only access is not supported for this API.');
  }
  if (!partner.registeredAppIds.has(caller.appId)) {
    throw new CommerceFault(
      403,
      900308,
      `Insufficient privileges: application ${caller.appId} is not registered in Partner Center.`,
    );
  }
}

function checkUser(caller: Caller, groups: ReadonlySet<string>, request: ApiRequest): void {
  if (!caller.mfa) {
    throw unauthorized(900421, 'Unauthorized - MFA required');
  }
  if (!caller.scopes.includes('user_impersonation')) {
    throw new CommerceFault(403, 900308, 'Insufficient privileges: scope user_impersonation.');
  }
  const isAllowed =
    groups.has('AdminAgents') ||
    (groups.has('SalesAgents') && (isRead(request) || SALES_PATHS.test(request.path))) ||
    (groups.has('HelpdeskAgents') && isRead(request));
  if (!isAllowed) {
    throw new CommerceFault(403, 900308, 'Insufficient privileges: AdminAgents is required.');
  }
}

function isRead(request: ApiRequest): boolean {
  return request.method === 'GET' || request.method === 'HEAD';
}

/**
 * Calls into the customer's directory need a user with one of these roles through GDAP.
 * @throws CommerceFault 403/900308
 */
export function requireDelegatedRole(
  scope: { readonly world: World; readonly directory: DirectoryApi; readonly caller: Caller },
  customerTenantId: string,
  roles: readonly string[],
): void {
  const held = scope.directory.delegatedRoles(scope.world, {
    partnerTenantId: scope.caller.tenantId,
    customerTenantId,
    userId: scope.caller.userId ?? '',
  });
  if (scope.caller.portal !== true && !roles.some((role) => held.has(role))) {
    throw new CommerceFault(
      403,
      900308,
      `Insufficient privileges in tenant ${customerTenantId}: no active access assignment.`,
    );
  }
}

/** The login service: its endpoints, and tokens for apps and for the partner's service user. */
import { authenticateClient } from './client-credentials.ts';
import { grantedPermissions, grantedScopes } from './directory/consent.ts';
import { findApplication, findServicePrincipal } from './directory/create.ts';
import { delegatedRoles } from './directory/delegation.ts';
import type { Application, Directory, RefreshToken } from './directory/directory.ts';
import { acceptInvitation } from './directory/guests.ts';
import { recordSignIn } from './directory/sign-ins.ts';
import { asText } from './directory/text.ts';
import { GRAPH_APP_ID, PARTNER_CENTER_APP_ID } from './directory/well-known.ts';
import { consent } from './login-consent.ts';
import { findTenant, instanceDiscovery, metadata, PUBLIC_LOGIN } from './login-discovery.ts';
import { LoginError, loginErrorResponse } from './login-errors.ts';
import { TOKEN_LIFETIME_SECONDS, type Tokens } from './tokens.ts';
import type { ApiRequest, ApiResponse, World } from './world.ts';

/** From the issue of the token, in simulated time (partner-center.md 1.2). */
const REFRESH_TOKEN_LIFETIME_MS = 90 * 86_400_000;

interface Resource {
  readonly audience: string;
  readonly appId: string;
}

const RESOURCES: readonly Resource[] = [
  { audience: 'https://graph.microsoft.com', appId: GRAPH_APP_ID },
  { audience: 'https://api.partnercenter.microsoft.com', appId: PARTNER_CENTER_APP_ID },
  { audience: 'https://api.partner.microsoft.com', appId: PARTNER_CENTER_APP_ID },
];

export interface LoginContext {
  readonly world: World;
  readonly tokens: Tokens;
}

interface TokenRequest {
  readonly version: 1 | 2;
  readonly directory: Directory;
  readonly application: Application;
  readonly home: Directory;
  readonly resource: Resource;
  readonly form: URLSearchParams;
}

/** `request.body` is the form for token requests. */
export async function login(context: LoginContext, request: ApiRequest): Promise<ApiResponse> {
  try {
    return await route(context, request);
  } catch (error) {
    if (!(error instanceof LoginError)) throw error;
    return loginErrorResponse(context.world, error, request.headers['client-request-id']);
  }
}

async function route(context: LoginContext, request: ApiRequest): Promise<ApiResponse> {
  const [tenant = '', ...rest] = request.path.split('/').slice(1).map(decodeURIComponent);
  const answer = ENDPOINTS[`${request.method} ${rest.join('/')}`];
  if (answer) return answer(context, request, tenant);
  return { status: 404, body: { error: 'not_found', error_description: 'No such endpoint.' } };
}

type Endpoint = (
  context: LoginContext,
  request: ApiRequest,
  tenant: string,
) => ApiResponse | Promise<ApiResponse>;

const metadataEndpoint: Endpoint = (context, request, tenant) =>
  metadata(context.world, request, tenant);
const keysEndpoint: Endpoint = (context) => ({
  status: 200,
  body: { keys: [context.tokens.jwk] },
});
const consentEndpoint: Endpoint = (context, request, tenant) =>
  consent(context.world, request, tenant);

/** What an invited guest opens; doing so is accepting. */
const redeemEndpoint: Endpoint = ({ world }, request, tenant) => {
  const directory = findTenant(world, tenant);
  if (!acceptInvitation(world, directory, request.query.get('user') ?? '')) {
    throw new LoginError(50034);
  }
  return { status: 200, body: { accepted: true, tenant: directory.tenantId } };
};

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  'POST oauth2/v2.0/token': async (context, request, tenant) =>
    issue(context, await toTokenRequest(context, request, { tenant, version: 2 })),
  'POST oauth2/token': async (context, request, tenant) =>
    issue(context, await toTokenRequest(context, request, { tenant, version: 1 })),
  'GET v2.0/.well-known/openid-configuration': metadataEndpoint,
  'GET .well-known/openid-configuration': metadataEndpoint,
  'GET discovery/v2.0/keys': keysEndpoint,
  'GET discovery/keys': keysEndpoint,
  'GET discovery/instance': (_, request) => instanceDiscovery(request),
  'GET adminconsent': consentEndpoint,
  'GET v2.0/adminconsent': consentEndpoint,
  'GET redeem': redeemEndpoint,
};

async function toTokenRequest(
  context: LoginContext,
  request: ApiRequest,
  options: { readonly tenant: string; readonly version: 1 | 2 },
): Promise<TokenRequest> {
  const { world } = context;
  if (!(request.body instanceof URLSearchParams)) throw new LoginError(9002313);
  const form = request.body;
  const directory = findTenant(world, options.tenant);
  const clientId = form.get('client_id');
  if (clientId === null || form.get('grant_type') === null) throw new LoginError(900144);
  const found = findApplication(world, clientId);
  if (!found) throw new LoginError(700016);
  const path = options.version === 2 ? 'oauth2/v2.0/token' : 'oauth2/token';
  await authenticateClient(world, {
    application: found.application,
    form,
    audiences: [PUBLIC_LOGIN, request.origin ?? PUBLIC_LOGIN].flatMap((origin) =>
      [options.tenant, directory.tenantId].flatMap((tenant) => [
        `${origin}/${tenant}/${path}`,
        `${origin}/${tenant}/v2.0`,
      ]),
    ),
  });
  const resource =
    options.version === 2 ? byScope(form.get('scope')) : byResource(form.get('resource'));
  return {
    ...options,
    directory,
    application: found.application,
    home: found.directory,
    resource,
    form,
  };
}

function byScope(scope: string | null): Resource {
  const scopes = (scope ?? '')
    .split(/\s+/)
    .filter((part) => part !== '' && !['openid', 'profile', 'offline_access'].includes(part));
  const first = scopes[0];
  if (first === undefined) throw new LoginError(70011);
  return byResource(first.slice(0, first.lastIndexOf('/')));
}

function byResource(name: string | null): Resource {
  if (name === null || name === '') throw new LoginError(900144);
  const wanted = name.replace(/\/+$/, '').toLowerCase();
  const resource = RESOURCES.find((known) => known.audience === wanted || known.appId === wanted);
  if (!resource) throw new LoginError(500011);
  return resource;
}

async function issue(context: LoginContext, request: TokenRequest): Promise<ApiResponse> {
  const grant = request.form.get('grant_type');
  if (grant === 'client_credentials') return issueToApp(context, request);
  if (grant === 'refresh_token') return issueToUser(context, request);
  throw new LoginError(70003);
}

async function issueToApp(context: LoginContext, request: TokenRequest): Promise<ApiResponse> {
  const { directory, application, resource } = request;
  if (request.version === 2 && !request.form.get('scope')?.includes('/.default')) {
    throw new LoginError(70011);
  }
  const principal = findServicePrincipal(directory, application.appId);
  if (!principal?.accountEnabled) throw new LoginError(7000229);
  const token = await context.tokens.issue({
    audience: resource.audience,
    tenantId: directory.tenantId,
    appId: application.appId,
    objectId: principal.id,
    appDisplayName: application.displayName,
    roles: resource.appId === GRAPH_APP_ID ? grantedPermissions(directory, principal.id) : [],
  });
  return { status: 200, body: answer(context, request, { access_token: token }) };
}

async function issueToUser(context: LoginContext, request: TokenRequest): Promise<ApiResponse> {
  const { world, tokens } = context;
  const { directory, application, home, resource } = request;
  const grant = requireRefreshToken(world, request);
  const user = home.users.live(grant.userId);
  if (!user) throw new LoginError(50034);
  if (user.properties['accountEnabled'] !== true) throw new LoginError(50057);
  const roleTemplateIds = rolesOf(world, request, grant.userId);
  const scopes = scopesFor(request);
  const { appId, displayName: appDisplayName } = application;
  const resourceId = resource.appId;
  recordSignIn(world, home, user, { appId, appDisplayName, resourceId, isInteractive: false });
  const token = await tokens.issue({
    audience: resource.audience,
    tenantId: directory.tenantId,
    appId: application.appId,
    objectId: user.id,
    appDisplayName: application.displayName,
    user: {
      upn: user.userPrincipalName,
      scopes,
      mfa: grant.mfa,
      roleTemplateIds,
      homeTenantId: home.tenantId,
    },
  });
  const refreshToken = world.random.hex(96);
  home.refreshTokens.set(refreshToken, { ...grant, issuedMs: world.clock.nowMs() });
  const body = { access_token: token, refresh_token: refreshToken, scope: scopes.join(' ') };
  return { status: 200, body: answer(context, request, body) };
}

/** Every answer brings a new token; the old one stays good until it expires or is revoked. */
function requireRefreshToken(world: World, request: TokenRequest): RefreshToken {
  const value = request.form.get('refresh_token');
  if (value === null) throw new LoginError(900144);
  const token = request.home.refreshTokens.get(value);
  const user = token && request.home.users.live(token.userId);
  const validFrom = Date.parse(asText(user?.properties['signInSessionsValidFromDateTime']));
  const isUsable =
    token !== undefined &&
    token.appId === request.application.appId &&
    token.issuedMs + REFRESH_TOKEN_LIFETIME_MS > world.clock.nowMs() &&
    !(token.issuedMs < validFrom);
  if (!isUsable) throw new LoginError(700082);
  return token;
}

/** Own roles at home; in another tenant those given by delegated admin privileges, of which there must be some. */
function rolesOf(world: World, request: TokenRequest, userId: string): string[] {
  const { directory, home } = request;
  if (directory.tenantId === home.tenantId) {
    return directory.roleAssignments
      .values()
      .filter((assignment) => assignment.principalId === userId)
      .map((assignment) => assignment.roleDefinitionId)
      .toArray();
  }
  const roles = delegatedRoles(world, {
    partnerTenantId: home.tenantId,
    customerTenantId: directory.tenantId,
    userId,
  });
  if (roles.size === 0) throw new LoginError(50020);
  return [...roles];
}

function scopesFor(request: TokenRequest): string[] {
  const { directory, application, resource, home } = request;
  const isPartnerCenter = resource.appId === PARTNER_CENTER_APP_ID;
  if (isPartnerCenter && directory.tenantId === home.tenantId) return ['user_impersonation'];
  const granted = grantedScopes(directory, application.appId, resource.appId);
  if (granted.length === 0) throw new LoginError(65001);
  return granted;
}

function answer(
  context: LoginContext,
  request: TokenRequest,
  body: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  if (request.version === 2) {
    return {
      token_type: 'Bearer',
      expires_in: TOKEN_LIFETIME_SECONDS,
      ext_expires_in: TOKEN_LIFETIME_SECONDS,
      ...body,
    };
  }
  const nowSeconds = Math.floor(context.world.clock.nowMs() / 1000);
  return {
    token_type: 'Bearer',
    expires_in: String(TOKEN_LIFETIME_SECONDS),
    ext_expires_in: String(TOKEN_LIFETIME_SECONDS),
    expires_on: String(nowSeconds + TOKEN_LIFETIME_SECONDS),
    not_before: String(nowSeconds),
    resource: request.resource.audience,
    ...body,
  };
}

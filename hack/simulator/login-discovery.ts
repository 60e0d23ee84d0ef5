/** Which tenant a path of the login service means, and what it says of its endpoints. */

import type { Directory } from './directory/directory.ts';
import { findDomain } from './directory/records.ts';
import { LoginError } from './login-errors.ts';
import type { ApiRequest, ApiResponse, World } from './world.ts';

export const PUBLIC_LOGIN = 'https://login.microsoftonline.com';

/** Not a tenant: whoever signs in there brings theirs. Tokens for apps need one (AADSTS50059). */
const SHARED: ReadonlySet<string> = new Set(['common', 'organizations']);

export function findTenant(world: World, tenant: string): Directory {
  const byId = world.directories.get(tenant.toLowerCase());
  if (byId) return byId;
  if (SHARED.has(tenant)) throw new LoginError(50059);
  const byDomain = world.directories
    .values()
    .find((directory) => findDomain(directory, tenant)?.isVerified);
  if (!byDomain) throw new LoginError(90002);
  return byDomain;
}

export function metadata(world: World, request: ApiRequest, tenant: string): ApiResponse {
  const isShared = SHARED.has(tenant);
  const tenantId = isShared ? '{tenantid}' : findTenant(world, tenant).tenantId;
  const base = `${request.origin ?? PUBLIC_LOGIN}/${isShared ? tenant : tenantId}`;
  return {
    status: 200,
    body: {
      issuer: `${PUBLIC_LOGIN}/${tenantId}/v2.0`,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      token_endpoint: `${base}/oauth2/v2.0/token`,
      jwks_uri: `${base}/discovery/v2.0/keys`,
      token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'],
      response_modes_supported: ['query', 'fragment', 'form_post'],
      response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
      scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
      subject_types_supported: ['pairwise'],
      id_token_signing_alg_values_supported: ['RS256'],
      tenant_region_scope: 'EU',
      cloud_instance_name: 'microsoftonline.com',
      msgraph_host: 'graph.microsoft.com',
    },
  };
}

export function instanceDiscovery(request: ApiRequest): ApiResponse {
  const origin = request.origin ?? PUBLIC_LOGIN;
  const host = new URL(origin).host;
  return {
    status: 200,
    body: {
      tenant_discovery_endpoint: `${origin}/common/v2.0/.well-known/openid-configuration`,
      'api-version': '1.1',
      metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
    },
  };
}

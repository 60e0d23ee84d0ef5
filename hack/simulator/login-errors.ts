/** Error answers of the login service (graph.md 1.1). */
import type { ApiResponse, World } from './world.ts';

interface ErrorKind {
  readonly status: number;
  readonly error: string;
  readonly text: string;
  readonly suberror?: string;
}

const KINDS: Readonly<Record<number, ErrorKind>> = {
  50020: {
    status: 400,
    error: 'invalid_grant',
    text: 'User account does not exist in tenant and cannot access the application in that tenant. The account needs to be added as an external user, or be given delegated admin privileges, first.',
  },
  50034: {
    status: 400,
    error: 'invalid_grant',
    text: 'The user account does not exist in the directory.',
  },
  50057: { status: 400, error: 'invalid_grant', text: 'The user account is disabled.' },
  50059: {
    status: 400,
    error: 'invalid_request',
    text: 'No tenant-identifying information found in either the request or implied by any provided credentials.',
  },
  50076: {
    status: 400,
    error: 'interaction_required',
    suberror: 'basic_action',
    text: 'Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access the resource.',
  },
  53003: {
    status: 400,
    error: 'interaction_required',
    suberror: 'message_only',
    text: 'Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.',
  },
  65001: {
    status: 400,
    error: 'invalid_grant',
    suberror: 'consent_required',
    text: 'The user or administrator has not consented to use the application. Send an interactive authorization request for this user and resource.',
  },
  70003: {
    status: 400,
    error: 'unsupported_grant_type',
    text: 'The app requested an unsupported grant type.',
  },
  70011: {
    status: 400,
    error: 'invalid_scope',
    text: 'The provided request must include a scope input parameter. The provided value is not valid.',
  },
  70021: {
    status: 401,
    error: 'invalid_client',
    text: 'No matching federated identity record found for presented assertion.',
  },
  90002: {
    status: 400,
    error: 'invalid_request',
    text: 'Tenant not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.',
  },
  500011: {
    status: 400,
    error: 'invalid_resource',
    text: 'The resource principal was not found in the tenant. It may not be installed or consented to.',
  },
  700016: {
    status: 400,
    error: 'unauthorized_client',
    text: 'Application was not found in the directory. It has not been installed by the administrator of the tenant or consented to by any user in the tenant.',
  },
  700211: {
    status: 401,
    error: 'invalid_client',
    text: 'No matching federated identity record found for presented assertion issuer, or its keys could not be read.',
  },
  700023: {
    status: 401,
    error: 'invalid_client',
    text: 'Client assertion audience claim does not match realm issuer.',
  },
  700024: {
    status: 401,
    error: 'invalid_client',
    text: 'Client assertion is not within its valid time range.',
  },
  700027: {
    status: 401,
    error: 'invalid_client',
    text: 'The certificate with identifier used to sign the client assertion is not registered on application, or the signature is not valid.',
  },
  700082: {
    status: 400,
    error: 'invalid_grant',
    text: 'The refresh token has expired due to inactivity or was revoked.',
  },
  900144: {
    status: 400,
    error: 'invalid_request',
    text: 'The request body must contain a required parameter that is missing.',
  },
  9002313: {
    status: 400,
    error: 'invalid_request',
    text: 'Invalid request. Request is malformed or invalid.',
  },
  7000215: {
    status: 401,
    error: 'invalid_client',
    text: 'Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID.',
  },
  7000218: {
    status: 401,
    error: 'invalid_client',
    text: "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
  },
  7000222: {
    status: 401,
    error: 'invalid_client',
    text: 'The provided client secret keys for app are expired.',
  },
  7000229: {
    status: 401,
    error: 'unauthorized_client',
    text: 'The client application is missing service principal in the tenant.',
  },
};

/** Thrown by the rules of the login service; the number is the AADSTS code. */
export class LoginError extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`AADSTS${code}: ${KINDS[code]?.text ?? 'The request was refused.'}`);
    this.name = 'LoginError';
    this.code = code;
  }
}

export function loginErrorResponse(
  world: World,
  error: LoginError,
  correlationId?: string,
): ApiResponse {
  const kind = KINDS[error.code] ?? { status: 400, error: 'invalid_request', text: '' };
  const traceId = world.random.uuid();
  const correlation = correlationId ?? world.random.uuid();
  const timestamp = new Date(world.clock.nowMs())
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+/, '');
  const details = `Trace ID: ${traceId} Correlation ID: ${correlation} Timestamp: ${timestamp}`;
  return {
    status: kind.status,
    body: {
      error: kind.error,
      error_description: `${error.message} ${details}`,
      error_codes: [error.code],
      timestamp,
      trace_id: traceId,
      correlation_id: correlation,
      error_uri: `https://login.microsoftonline.com/error?code=${error.code}`,
      ...(kind.suberror === undefined ? {} : { suberror: kind.suberror }),
    },
  };
}

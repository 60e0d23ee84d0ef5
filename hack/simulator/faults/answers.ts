/** Error answers on request, in the form that each service gives them. */
import { LoginError, loginErrorResponse } from '../login-errors.ts';
import type { ServiceName } from '../services.ts';
import type { ApiRequest, ApiResponse, World } from '../world.ts';
import type { Fault } from './fault.ts';

const GRAPH_CODES: Readonly<Record<number, string>> = {
  400: 'Request_BadRequest',
  401: 'InvalidAuthenticationToken',
  403: 'Authorization_RequestDenied',
  404: 'Request_ResourceNotFound',
  409: 'Directory_ConcurrencyViolation',
  429: 'TooManyRequests',
  500: 'Service_InternalServerError',
  503: 'serviceNotAvailable',
};
/** The sample of graph.md 10.4: clients must read fractions. */
const RETRY_AFTER_SECONDS = '2.128';

export function faultResponse(
  shared: World,
  service: ServiceName,
  fault: Fault,
  request: ApiRequest,
): ApiResponse {
  const world = { ...shared, random: shared.rooms.faults.random };
  if (service === 'login' && fault.aadsts !== undefined) {
    const response = loginErrorResponse(world, new LoginError(fault.aadsts));
    return { ...response, status: fault.status ?? response.status };
  }
  const status = fault.status ?? 500;
  const throttled = status === 429 ? throttleHeaders(service, request) : {};
  const headers = { 'request-id': world.random.uuid(), ...throttled, ...fault.headers };
  return { status, headers, body: fault.body ?? defaultBody(world, service, { status, headers }) };
}

function throttleHeaders(service: ServiceName, request: ApiRequest): Record<string, string> {
  if (service !== 'graph') return { 'retry-after': '3' };
  const { appId = '', tenantId = '' } = request.caller ?? {};
  return {
    'retry-after': RETRY_AFTER_SECONDS,
    'x-ms-throttle-scope': `Tenant_Application/ReadWrite/${appId}/${tenantId}`,
    'x-ms-throttle-information': 'ResourceUnitLimitExceeded',
  };
}

function defaultBody(
  world: World,
  service: ServiceName,
  options: { readonly status: number; readonly headers: Readonly<Record<string, string>> },
): unknown {
  const { status, headers } = options;
  if (service === 'graph') {
    return {
      error: {
        code: GRAPH_CODES[status] ?? 'UnknownError',
        message: status === 429 ? 'Please retry again later.' : 'The request could not be served.',
        innerError: {
          date: new Date(world.clock.nowMs()).toISOString().slice(0, 19),
          'request-id': headers['request-id'],
          ...(status === 429 ? { code: '429', status: '429', message: 'Please retry after' } : {}),
        },
      },
    };
  }
  if (service === 'partnerCenter' && status === 429) {
    return { statusCode: 429, message: 'Rate limit is exceeded. Try again in 3 seconds.' };
  }
  if (service === 'partnerCenter') {
    return {
      code: status,
      description: 'The request could not be served.',
      data: [],
      source: 'PartnerFD',
    };
  }
  return {
    error: 'temporarily_unavailable',
    error_description: 'The service is busy. Retry later.',
  };
}

/** The Partner Center service of the simulator: commerce of the Microsoft cloud, facts in partner-center.md. */
import type { DirectoryApi } from '../directory/api.ts';
import type { ApiRequest, ApiResponse, Service, World } from '../world.ts';
import { authorize } from './access.ts';
import { CommerceFault, faultResponse, invalidInput, notModelled } from './faults.ts';
import { replayKey, storeAnswer, storedAnswer } from './replays.ts';
import { isObject, text } from './request-body.ts';
import { ROUTES } from './routes.ts';
import { type Match, matchEndpoint, type Scope } from './routing.ts';
import { salesAnswer } from './sales/price-sheets.ts';
import { throttle } from './throttle.ts';
import { CERTIFICATE_PATH } from './webhooks/outbox.ts';
import { signerCertificate } from './webhooks/signature.ts';

export { addExistingCustomer, type ExistingCustomer } from './seed.ts';
export { commerceOf } from './state.ts';

/** Partner Center as one service. Mount it on the host of `https://api.partnercenter.microsoft.com`. */
export function createPartnerCenter(world: World, directory: DirectoryApi): Service {
  const scope: Scope = { world, directory };
  return (request) => {
    const answer =
      certificateAnswer(request) ??
      throttle(world, request) ??
      refusalAsAnswer(() => salesAnswer(scope, request) ?? authorizedAnswer(scope, request));
    return withHeaders(world, request, answer);
  };
}

/** Anybody may have the certificate that signs webhook events (partner-center.md 10.3). */
function certificateAnswer({ method, path }: ApiRequest): ApiResponse | undefined {
  const body = signerCertificate();
  return method === 'GET' && path === CERTIFICATE_PATH && body !== undefined
    ? { status: 200, headers: { 'content-type': 'application/x-pem-file' }, body }
    : undefined;
}

function authorizedAnswer(scope: Scope, sent: ApiRequest): ApiResponse {
  const match = matchEndpoint(sent.method, sent.path);
  if (match === undefined) {
    throw new CommerceFault(404, 1000, `Resource not found: ${sent.method} ${sent.path}.`);
  }
  const endpoint = strictest(match, sent);
  const who = authorize(scope.world, scope.directory, sent, endpoint);
  requireIds(sent);
  const request = withKnownQuery(sent, match.endpoint);
  const route = ROUTES.get(`${request.method} ${match.endpoint.path}`);
  if (route === undefined) {
    throw notModelled(`${match.endpoint.method} ${match.endpoint.path}`);
  }
  const key = replayKey(request);
  const stored = key === undefined ? undefined : storedAnswer(scope.world, key);
  if (stored !== undefined) {
    return stored;
  }
  const actor = {
    userPrincipalName: who.caller.userPrincipalName,
    applicationId: who.caller.appId,
    correlationId: request.headers['ms-correlationid'] ?? '',
  };
  const answer = refusalAsAnswer(() =>
    route({ ...scope, ...who, request, params: match.params, actor }),
  );
  if (key !== undefined) {
    storeAnswer(scope.world, key, request, answer);
  }
  return answer;
}

function refusalAsAnswer(route: () => ApiResponse): ApiResponse {
  try {
    return route();
  } catch (error) {
    if (error instanceof CommerceFault) {
      return faultResponse(error);
    }
    throw error;
  }
}

/** Creating a customer for an indirect reseller is for users only (partner-center.md 1.4). */
function strictest(match: Match, request: ApiRequest): Match['endpoint'] {
  const isForReseller =
    match.endpoint.method === 'POST' &&
    match.endpoint.path === '/v1/customers' &&
    isObject(request.body) &&
    (text(request.body, 'associatedPartnerId') ?? text(request.body, 'AssociatedPartnerId')) !==
      undefined;
  return isForReseller ? { ...match.endpoint, auth: 'app+user' } : match.endpoint;
}

/** With parameters as the contract writes them; one that the endpoint does not have is refused. */
function withKnownQuery(request: ApiRequest, { query = [] }: Match['endpoint']): ApiRequest {
  const known = new Map(query.map((name) => [name.toLowerCase(), name]));
  const sent = [...request.query].map(([name, value]): [string, string] => {
    const written = known.get(name.toLowerCase());
    if (written === undefined) {
      throw invalidInput(`Query parameter '${name}' is not known.`);
    }
    return [written, value];
  });
  return { ...request, query: new URLSearchParams(sent) };
}

/** Both ids are mandatory on create customer (partner-center.md 1.6). */
function requireIds(request: ApiRequest): void {
  const isCreate = request.method === 'POST' && request.path === '/v1/customers';
  for (const name of ['ms-requestid', 'ms-correlationid']) {
    const value = request.headers[name];
    if (isCreate && value === undefined) {
      throw invalidInput(`Header ${name} is required.`);
    }
    if (value !== undefined && !/^[0-9a-f-]{36}$/i.test(value)) {
      throw invalidInput(`Header ${name} is not a GUID: '${value}'.`);
    }
  }
}

/** Headers of every answer (partner-center.md 1.6); the date is the time of the simulated cloud. */
function withHeaders(world: World, request: ApiRequest, answer: ApiResponse): ApiResponse {
  const ids = {
    'MS-RequestId': request.headers['ms-requestid'] ?? world.random.uuid(),
    'MS-CorrelationId': request.headers['ms-correlationid'] ?? world.random.uuid(),
    'MS-CV': `${world.random.hex(22)}.0`,
    'MS-ServerId': '101112616',
    'X-Locale': request.headers['x-locale'] ?? 'en-US',
    // In lower case, as the shell writes it: two spellings would become two headers.
    date: new Date(world.clock.nowMs()).toUTCString(),
  };
  const isChecked = request.headers.validatemfa?.toLowerCase() === 'true';
  const mfa: Record<string, string> =
    isChecked && request.caller?.kind === 'user'
      ? { isMfaCompliant: String(request.caller.mfa) }
      : {};
  const headers = { ...answer.headers, ...ids, ...mfa };
  return request.method === 'HEAD' ? { status: answer.status, headers } : { ...answer, headers };
}

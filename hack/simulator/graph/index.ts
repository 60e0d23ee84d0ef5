/** Microsoft Graph v1.0 as one service: authentication, permission, throttling, contract, then the call itself. */

import type { Directory } from '../directory/directory.ts';
import { findUserCount } from '../directory/records.ts';
import { strikePart } from '../faults/strike.ts';
import type { ApiRequest, ApiResponse, Service, World } from '../world.ts';
import { runBatch } from './batch.ts';
import { checkedBody } from './body.ts';
import type { Call } from './call.ts';
import { GraphError, graphErrorResponse, notImplemented } from './errors.ts';
import { HANDLERS } from './handlers.ts';
import { checkParameters, requireHeaders } from './parameters.ts';
import { requirePermission } from './permissions.ts';
import { type Match, matchRoute } from './route.ts';
import { Throttle } from './throttle.ts';

const PUBLIC_GRAPH = 'https://graph.microsoft.com';
const CONTENT_TYPE =
  'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8';

export function createGraph(world: World): Service {
  const throttle = new Throttle(world);
  const serve: Service = (request) => {
    const ids = {
      requestId: world.random.uuid(),
      clientRequestId: request.headers['client-request-id'] ?? world.random.uuid(),
    };
    const frame = frameHeaders(ids);
    const cost: Cost = { headers: {} };
    const framed = (answer: ApiResponse): ApiResponse => ({
      ...answer,
      headers: { ...frame(answer), ...cost.headers, ...answer.headers },
    });
    const refused = (error: unknown): ApiResponse => {
      if (!(error instanceof GraphError)) throw error;
      return framed(graphErrorResponse(world, error, ids));
    };
    try {
      const { pending, ...answer } = dispatch({ world, throttle, serve, cost }, request);
      if (!pending) return framed(answer);
      return { ...answer, pending: pending.then(framed).catch(refused) };
    } catch (error) {
      return refused(error);
    }
  };
  return serve;
}

/** Told with every answer from when it is known, refusals included (graph.md 10.3). */
interface Cost {
  headers: Readonly<Record<string, string>>;
}

interface GraphContext {
  readonly world: World;
  readonly throttle: Throttle;
  readonly serve: Service;
  readonly cost: Cost;
}

function dispatch(context: GraphContext, request: ApiRequest): ApiResponse {
  const { world } = context;
  const caller = requireCaller(request);
  const directory = world.directories.get(caller.tenantId);
  if (!directory)
    throw new GraphError(
      403,
      'Authorization_IdentityNotFound',
      'The identity of the calling application could not be established.',
    );
  const match = matchRoute(request.method, requirePath(request));
  checkParameters(match.operation, request);
  // The envelope of a batch costs nothing; its items are counted one by one (graph.md 4).
  const isBatch = match.operation.template === '/$batch';
  if (isBatch)
    return runBatch(
      world,
      (part) => strikePart(world, part, context.serve),
      request,
      checkedBody(match.operation, request.body),
    );
  context.cost.headers = context.throttle.admit({
    appId: caller.appId,
    tenantId: directory.tenantId,
    users: findUserCount(directory),
    operation: match.operation,
    request,
  });
  requirePermission({ world, directory, caller }, match.operation);
  requireHeaders(match.operation, request);
  const body = checkedBody(match.operation, request.body);
  const handler = HANDLERS[`${match.operation.method} ${match.operation.template}`];
  if (!handler) throw notImplemented(`${match.operation.method} ${match.operation.template}`);
  return handler(toCall({ world, directory, caller, request, match, body }));
}

function toCall(options: {
  readonly world: World;
  readonly directory: Directory;
  readonly caller: Call['caller'];
  readonly request: ApiRequest;
  readonly match: Match;
  readonly body: Readonly<Record<string, unknown>>;
}): Call {
  const { match, ...rest } = options;
  const lagMs = rest.world.settings.replicationLagMs;
  return {
    ...rest,
    ...match,
    baseUrl: `${rest.request.origin ?? PUBLIC_GRAPH}/v1.0`,
    keySeq: rest.directory.log.visible(lagMs),
    listSeq: rest.directory.log.visible(2 * lagMs),
  };
}

function requireCaller(request: ApiRequest) {
  if (request.caller) return request.caller;
  const messages = {
    missing: 'Access token is empty.',
    malformed: 'CompactToken parsing failed with error code: 80049217',
    expired: 'Lifetime validation failed, the token is expired.',
    audience: 'Access token validation failure. Invalid audience.',
  } as const;
  const message = messages[request.tokenError ?? 'missing'];
  throw new GraphError(401, 'InvalidAuthenticationToken', message, {
    headers: {
      'www-authenticate':
        'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"',
    },
  });
}

function requirePath(request: ApiRequest): string {
  const path = /^\/v1\.0(\/.*)$/.exec(request.path)?.[1];
  if (path !== undefined) return path;
  if (request.path.startsWith('/beta/')) throw notImplemented('the beta version');
  throw new GraphError(400, 'BadRequest', `Invalid version: ${request.path.split('/')[1] ?? ''}`);
}

function frameHeaders(ids: { requestId: string; clientRequestId: string }) {
  return (answer: ApiResponse): Record<string, string> => ({
    'request-id': ids.requestId,
    'client-request-id': ids.clientRequestId,
    'x-ms-ags-diagnostic': JSON.stringify({
      ServerInfo: {
        DataCenter: 'Germany West Central',
        Slice: 'E',
        Ring: '5',
        ScaleUnit: '001',
        RoleInstance: 'SIMULATOR',
      },
    }),
    'odata-version': '4.0',
    // A released client fails on a body that is announced and not there (graph.md 17.16).
    ...(answer.body === undefined ? {} : { 'content-type': CONTENT_TYPE }),
  });
}

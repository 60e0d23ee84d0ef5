/** Errors of Microsoft Graph as its rules throw them (graph.md 0.2, 0.3). */
import { notModelledHeader } from '../not-modelled.ts';
import type { ApiResponse, World } from '../world.ts';

export interface ErrorDetail {
  readonly code: string;
  readonly message: string;
  readonly target: string;
}

export class GraphError extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: readonly ErrorDetail[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    extra: {
      readonly details?: readonly ErrorDetail[];
      readonly headers?: Record<string, string>;
    } = {},
  ) {
    super(message);
    this.name = 'GraphError';
    this.status = status;
    this.code = code;
    this.details = extra.details ?? [];
    this.headers = extra.headers ?? {};
  }
}

export function badRequest(message: string): GraphError {
  return new GraphError(400, 'Request_BadRequest', message);
}

export function invalidValue(property: string): GraphError {
  const message = `Property ${property} is invalid.`;
  return new GraphError(400, 'Request_BadRequest', message, {
    details: [{ code: 'InvalidValue', message, target: property }],
  });
}

export function conflict(property: string): GraphError {
  const message = `Another object with the same value for property ${property} already exists.`;
  return new GraphError(400, 'Request_BadRequest', message, {
    details: [{ code: 'ObjectConflict', message, target: property }],
  });
}

export function notFound(id: string): GraphError {
  return new GraphError(
    404,
    'Request_ResourceNotFound',
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  );
}

export function denied(): GraphError {
  return new GraphError(
    403,
    'Authorization_RequestDenied',
    'Insufficient privileges to complete the operation.',
  );
}

export function unsupportedQuery(message: string): GraphError {
  return new GraphError(400, 'Request_UnsupportedQuery', message);
}

/** For what Microsoft has and this simulator has not: never a quiet success. */
export function notImplemented(what: string): GraphError {
  return new GraphError(501, 'NotImplemented', `The simulator does not support ${what}.`, {
    headers: notModelledHeader(what),
  });
}

/** As in the sample of graph.md 10.4. */
const THROTTLED = { code: '429', status: '429', message: 'Please retry after' };

export function graphErrorResponse(
  world: World,
  error: GraphError,
  ids: { readonly requestId: string; readonly clientRequestId: string },
): ApiResponse {
  return {
    status: error.status,
    headers: error.headers,
    body: {
      error: {
        code: error.code,
        message: error.message,
        ...(error.details.length > 0 ? { details: error.details } : {}),
        innerError: {
          date: new Date(world.clock.nowMs()).toISOString().slice(0, 19),
          'request-id': ids.requestId,
          'client-request-id': ids.clientRequestId,
          ...(error.status === 429 ? THROTTLED : {}),
        },
      },
    },
  };
}

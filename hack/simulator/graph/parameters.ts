/** Query options and headers by the contract: names, types, values (graph.md 12.2, 14.2). */
import type { Operation, Parameter } from '../contract.ts';
import type { ApiRequest } from '../world.ts';
import { badRequest, GraphError, notImplemented, unsupportedQuery } from './errors.ts';

/** Accepted on GDAP collections although the slice does not list it (graph.md 17.7); harmless elsewhere. */
const ALWAYS = new Set(['$select', '$format']);
/** What other calls would have to expand, the simulator does not know: never a quiet omission. */
const EXPANDABLE =
  /^\/(users(\/\{user-id\})?|groups(\/\{group-id\})?|roleManagement\/directory\/roleAssignments)$/;

/**
 * Also what has no `$` is refused: our choice (no source says), for ignored options would be a quiet wrong answer.
 * @throws GraphError 400
 */
export function checkParameters(operation: Operation, request: ApiRequest): void {
  const { query } = request;
  for (const [name, value] of query) {
    const parameter = operation.query.get(name);
    if (!parameter && !ALWAYS.has(name)) {
      throw badRequest(`Query option '${name}' is not allowed for ${operation.template}.`);
    }
    if (query.getAll(name).length > 1) {
      throw badRequest(`Query option '${name}' was specified more than once.`);
    }
    if (parameter && !isOfType(parameter, value)) {
      throw badRequest(`Invalid value '${value}' for the query option '${name}'.`);
    }
  }
  if (query.has('$expand') && !EXPANDABLE.test(operation.template)) {
    throw notImplemented(`$expand of ${operation.template}`);
  }
  checkConsistencyLevel(operation, request);
}

/** Whole numbers ($top) have bounds that depend on the collection; the collection checks them. */
function isOfType({ schema }: Parameter, value: string): boolean {
  return schema.type !== 'boolean' || /^(true|false)$/i.test(value);
}

function checkConsistencyLevel(operation: Operation, request: ApiRequest): void {
  const value = request.headers['consistencylevel'];
  const allowed = operation.headers.get('consistencylevel')?.schema.enum;
  if (value === undefined || !allowed || allowed.includes(value.toLowerCase())) return;
  throw unsupportedQuery(`Invalid value '${value}' of the header ConsistencyLevel.`);
}

/** @throws GraphError 400 without a header that the call needs, or with a body that does not say it is JSON */
export function requireHeaders(operation: Operation, request: ApiRequest): void {
  for (const [name, parameter] of operation.headers) {
    if (parameter.required === true && request.headers[name] === undefined) {
      throw new GraphError(400, 'BadRequest', `The ${parameter.name} header is required.`);
    }
  }
  // People at a portal come without HTTP.
  if (request.body === undefined || request.caller?.portal === true) return;
  if (!/\bjson\b/i.test(request.headers['content-type'] ?? '')) {
    throw new GraphError(
      400,
      'BadRequest',
      'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
    );
  }
}

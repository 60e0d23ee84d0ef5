/** Replays by MS-RequestId: the stored answer instead of a second effect (partner-center.md 1.6, 13.2). */
import type { ApiRequest, ApiResponse, World } from '../world.ts';
import { isObject } from './request-body.ts';
import { commerceOf } from './state.ts';

/** Posts whose answer is kept by MS-RequestId. */
export const REPLAYED =
  /^\/v1\/customers(\/[^/]+\/(orders|agreements|carts(\/[^/]+\/checkout)?))?$/;
const CHECKOUT = /\/checkout$/;

/** The key of a request that is protected; undefined for all others. */
export function replayKey(request: ApiRequest): string | undefined {
  const requestId = request.headers['ms-requestid'];
  if (request.method !== 'POST' || requestId === undefined || !REPLAYED.test(request.path)) {
    return undefined;
  }
  const tenantId = request.caller?.tenantId ?? '';
  return [tenantId, request.method, request.path, requestId.toLowerCase()].join(' ');
}

export function storedAnswer(world: World, key: string): ApiResponse | undefined {
  return commerceOf(world).replays.get(key);
}

/**
 * Keeps an answer. Refusals are answers too: repeating them with the same id changes nothing. Two exceptions: a failed
 * checkout is tried again, and the first password is shown once only.
 */
export function storeAnswer(
  world: World,
  key: string,
  request: ApiRequest,
  answer: ApiResponse,
): void {
  if (CHECKOUT.test(request.path) && answer.status !== 201) {
    return;
  }
  commerceOf(world).replays.set(key, withoutPassword(answer));
}

function withoutPassword(answer: ApiResponse): ApiResponse {
  if (!isObject(answer.body) || answer.body.userCredentials === undefined) {
    return answer;
  }
  const { userCredentials: _shownOnce, ...body } = answer.body;
  return { ...answer, body };
}

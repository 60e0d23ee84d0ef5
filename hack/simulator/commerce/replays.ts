/** Replays by MS-RequestId: the stored answer instead of a second effect (partner-center.md 1.6, 13.2). */
import type { ApiRequest, ApiResponse, World } from '../world.ts';
import { isObject } from './request-body.ts';
import { commerceOf } from './state.ts';
import { DAY_MS } from './terms.ts';

/** How long an id protects. The real time is not published. */
const KEPT_MS = DAY_MS;

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
  const stored = commerceOf(world).replays.get(key);
  return stored && world.clock.nowMs() - stored.atMs < KEPT_MS ? stored.answer : undefined;
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
  const { replays } = commerceOf(world);
  const atMs = world.clock.nowMs();
  for (const [old, { atMs: storedMs }] of replays) {
    if (atMs - storedMs < KEPT_MS) break;
    replays.delete(old);
  }
  replays.set(key, { atMs, answer: withoutPassword(answer) });
}

function withoutPassword(answer: ApiResponse): ApiResponse {
  if (!isObject(answer.body) || answer.body.userCredentials === undefined) {
    return answer;
  }
  const { userCredentials: _shownOnce, ...body } = answer.body;
  return { ...answer, body };
}

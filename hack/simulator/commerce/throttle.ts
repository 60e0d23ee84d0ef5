/** Published request limits (partner-center.md 10.1), one window per resource and counting key. */
import type { ApiRequest, ApiResponse, World } from '../world.ts';
import { throttleResponse } from './faults.ts';
import { commerceOf } from './state.ts';

interface Limit {
  readonly resource: string;
  readonly paths: RegExp;
  readonly methods?: string;
  readonly requests: number;
  readonly windowMs: number;
  readonly by: 'tenant' | 'app';
}

const LIMITS: readonly Limit[] = [
  {
    resource: 'customers',
    paths: /^\/v1\/customers(\/[^/]+)?$/,
    requests: 500,
    windowMs: 60_000,
    by: 'tenant',
  },
  {
    resource: 'subscriptions',
    paths: /^\/v1\/customers\/[^/]+\/subscriptions(\/|$)/,
    requests: 500,
    windowMs: 60_000,
    by: 'tenant',
  },
  {
    resource: 'orders',
    paths: /^\/v1\/customers\/[^/]+\/orders(\/|$)/,
    requests: 500,
    windowMs: 60_000,
    by: 'tenant',
  },
  {
    resource: 'applicationconsents',
    paths: /^\/v1\/customers\/[^/]+\/applicationconsents$/,
    methods: 'POST',
    requests: 50,
    windowMs: 1000,
    by: 'app',
  },
  {
    resource: 'validationEvents',
    paths: /^\/webhooks\/v1\/registration\/validationEvents$/,
    methods: 'POST',
    requests: 2,
    windowMs: 60_000,
    by: 'tenant',
  },
];

/** Counts the request, rejected ones too; the 429 answer where the limit is passed. */
export function throttle(world: World, request: ApiRequest): ApiResponse | undefined {
  const limit = LIMITS.find(
    ({ paths, methods }) =>
      paths.test(request.path) && (methods === undefined || methods === request.method),
  );
  if (limit === undefined || request.caller === undefined) {
    return undefined;
  }
  const key = `${limit.resource} ${limit.by === 'tenant' ? request.caller.tenantId : request.caller.appId}`;
  const { windows } = commerceOf(world);
  const now = world.clock.nowMs();
  const running = windows.get(key);
  const window =
    running !== undefined && now < running.startMs + limit.windowMs
      ? running
      : { startMs: now, count: 0 };
  window.count += 1;
  windows.set(key, window);
  if (window.count <= limit.requests * world.settings.throttleFactor) {
    return undefined;
  }
  return throttleResponse(Math.max(1, Math.ceil((window.startMs + limit.windowMs - now) / 1000)));
}

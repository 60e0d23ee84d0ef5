/** Token buckets with the published limits (graph.md 10.1 to 10.4). */
import type { Operation } from '../contract.ts';
import { fromJson, type Json, toJson } from '../json.ts';
import type { Room } from '../rooms.ts';
import type { ApiRequest, World } from '../world.ts';
import { GraphError } from './errors.ts';

interface Limit {
  readonly scope: 'Tenant_Application' | 'Tenant' | 'Application';
  readonly kind: 'Read' | 'Write' | 'ReadWrite';
  readonly amount: number;
  readonly windowMs: number;
  readonly cost: number;
}

interface Bucket {
  used: number;
  atMs: number;
}

/** How full the buckets are, by scope, kind, window, app and tenant. */
export class ThrottleRoom implements Room {
  buckets = new Map<string, Bucket>();

  dump(): Json {
    return toJson(this.buckets);
  }

  load(state: Json): void {
    this.buckets = fromJson(state) as Map<string, Bucket>;
  }
}

/** Of any app, over all tenants and all of Graph. */
const REQUESTS_PER_APP = { amount: 130_000, windowMs: 10_000 };
const WRITES_PER_APP_AND_TENANT = { amount: 3_000, windowMs: 150_000 };
const WRITES_PER_APP = { amount: 35_000, windowMs: 300_000 };
const WRITES_PER_TENANT = { amount: 18_000, windowMs: 300_000 };
const UNITS_PER_APP = { amount: 150_000, windowMs: 20_000 };
const REPORTS_PER_APP_AND_TENANT = { amount: 5, windowMs: 10_000 };
const REPORTS_PER_APP = { amount: 122, windowMs: 10_000 };
const SIGN_IN_ACTIVITY = { amount: 10, windowMs: 60_000 };
/** Calls of low priority are throttled first; how much earlier, is our choice. */
const LOW_PRIORITY_BOUND = 0.9;
/** The service tells how full a bucket is only from here on. */
const WARN_FROM = 0.8;

export interface Admission {
  readonly appId: string;
  readonly tenantId: string;
  /** Decides the size class of the tenant. */
  readonly users: number;
  readonly operation: Operation;
  readonly request: ApiRequest;
}

export class Throttle {
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  /** @returns headers for the answer. @throws GraphError 429 */
  admit(admission: Admission): Record<string, string> {
    const { operation, request } = admission;
    const units = resourceUnits(operation, request.query);
    const headers = unitHeaders(operation, units);
    const factor = this.world.settings.throttleFactor;
    if (!Number.isFinite(factor)) return headers;
    const checks = limitsFor(admission, units).map((limit) => {
      const bucket = this.bucket(admission, limit, factor);
      return { limit, bucket, share: (bucket.used + limit.cost) / (limit.amount * factor) };
    });
    const fullest = checks.reduce((a, b) => (b.share > a.share ? b : a));
    const bound = isLowPriority(request) ? LOW_PRIORITY_BOUND : 1;
    if (fullest.share > bound)
      throw tooMany(admission, fullest.limit, { share: fullest.share, bound, headers });
    for (const { bucket, limit } of checks) bucket.used += limit.cost;
    return fullest.share < WARN_FROM
      ? headers
      : { ...headers, 'x-ms-throttle-limit-percentage': fullest.share.toFixed(1) };
  }

  private bucket(admission: Admission, limit: Limit, factor: number): Bucket {
    const app = limit.scope === 'Tenant' ? '' : admission.appId;
    const tenant = limit.scope === 'Application' ? '' : admission.tenantId;
    const key = `${limit.scope}/${limit.kind}/${limit.windowMs}/${app}/${tenant}`;
    const now = this.world.clock.nowMs();
    const { buckets } = this.world.rooms.throttle;
    const bucket = buckets.get(key) ?? { used: 0, atMs: now };
    const drained = ((now - bucket.atMs) / limit.windowMs) * limit.amount * factor;
    bucket.used = Math.max(0, bucket.used - drained);
    bucket.atMs = now;
    buckets.set(key, bucket);
    return bucket;
  }
}

function isLowPriority(request: ApiRequest): boolean {
  return request.headers['x-ms-throttle-priority']?.toLowerCase() === 'low';
}

/** Only identity calls tell what they cost (graph.md 10.3). */
function unitHeaders({ throttle }: Operation, units: number): Record<string, string> {
  return throttle.service === 'directory' ? { 'x-ms-resource-unit': String(units) } : {};
}

/** @see graph.md 10.2 */
function resourceUnits(operation: Operation, query: URLSearchParams): number {
  const base = operation.throttle.resourceUnits;
  if (operation.template === '/directoryObjects/getByIds') return query.has('$select') ? 2 : base;
  const top = query.get('$top');
  const units =
    base -
    (query.has('$select') ? 1 : 0) +
    (query.has('$expand') ? 1 : 0) -
    (top !== null && Number(top) < 20 ? 1 : 0);
  return Math.max(1, units);
}

function limitsFor(admission: Admission, units: number): Limit[] {
  const whole: Limit = { scope: 'Application', kind: 'ReadWrite', cost: 1, ...REQUESTS_PER_APP };
  const { service } = admission.operation.throttle;
  if (service === 'unpublished') return [whole];
  if (service === 'directory') return [whole, ...directoryLimits(admission, units)];
  return [
    whole,
    { scope: 'Tenant_Application', kind: 'Read', cost: 1, ...REPORTS_PER_APP_AND_TENANT },
    { scope: 'Application', kind: 'Read', cost: 1, ...REPORTS_PER_APP },
  ];
}

function directoryLimits(admission: Admission, units: number): Limit[] {
  const { operation, request } = admission;
  const limits: Limit[] = [
    {
      scope: 'Tenant_Application',
      kind: 'ReadWrite',
      cost: units,
      amount: unitsPerTenant(admission.users),
      windowMs: 10_000,
    },
    { scope: 'Application', kind: 'ReadWrite', cost: units, ...UNITS_PER_APP },
  ];
  const cost = operation.throttle.write;
  if (cost > 0) {
    limits.push(
      { scope: 'Tenant_Application', kind: 'Write', cost, ...WRITES_PER_APP_AND_TENANT },
      { scope: 'Application', kind: 'Write', cost, ...WRITES_PER_APP },
      { scope: 'Tenant', kind: 'Write', cost, ...WRITES_PER_TENANT },
    );
  }
  if (/\bsignInActivity\b/.test(request.query.get('$select') ?? '')) {
    limits.push({ scope: 'Tenant_Application', kind: 'Read', cost: 1, ...SIGN_IN_ACTIVITY });
  }
  return limits;
}

function unitsPerTenant(users: number): number {
  if (users < 50) return 3_500;
  return users <= 500 ? 5_000 : 8_000;
}

function tooMany(
  admission: Admission,
  limit: Limit,
  state: {
    readonly share: number;
    readonly bound: number;
    readonly headers: Record<string, string>;
  },
): GraphError {
  const overflow = Math.max(0.05, state.share - state.bound);
  const seconds = Math.max(0.5, (overflow * limit.windowMs) / 1000);
  const tenant = limit.scope === 'Application' ? '' : admission.tenantId;
  return new GraphError(429, 'TooManyRequests', 'Please retry again later.', {
    headers: {
      ...state.headers,
      'retry-after': seconds.toFixed(3),
      'x-ms-throttle-limit-percentage': Math.min(1.8, state.share).toFixed(1),
      'x-ms-throttle-scope': `${limit.scope}/${limit.kind}/${admission.appId}/${tenant}`,
      'x-ms-throttle-information':
        limit.kind === 'Write' ? 'WriteLimitExceeded' : 'ResourceUnitLimitExceeded',
    },
  });
}

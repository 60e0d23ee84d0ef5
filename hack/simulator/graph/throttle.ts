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

const WRITES_PER_APP_AND_TENANT = { amount: 3_000, windowMs: 150_000 };
const WRITES_PER_APP = { amount: 35_000, windowMs: 300_000 };
const WRITES_PER_TENANT = { amount: 18_000, windowMs: 300_000 };
const UNITS_PER_APP = { amount: 150_000, windowMs: 20_000 };
const REPORTS_PER_APP_AND_TENANT = { amount: 5, windowMs: 10_000 };
const REPORTS_PER_APP = { amount: 122, windowMs: 10_000 };
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
    const units = resourceUnits(admission.operation, admission.request.query);
    const headers = { 'x-ms-resource-unit': String(units) };
    const factor = this.world.settings.throttleFactor;
    if (!Number.isFinite(factor)) return headers;
    const checks = limitsFor(admission, units).map((limit) => {
      const bucket = this.bucket(admission, limit, factor);
      return { limit, bucket, share: (bucket.used + limit.cost) / (limit.amount * factor) };
    });
    const fullest = checks.reduce((a, b) => (b.share > a.share ? b : a));
    if (fullest.share > 1)
      throw tooMany(admission, fullest.limit, { share: fullest.share, headers });
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
  const { operation } = admission;
  if (operation.throttle.reports) {
    return [
      { scope: 'Tenant_Application', kind: 'Read', cost: 1, ...REPORTS_PER_APP_AND_TENANT },
      { scope: 'Application', kind: 'Read', cost: 1, ...REPORTS_PER_APP },
    ];
  }
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
  return limits;
}

function unitsPerTenant(users: number): number {
  if (users < 50) return 3_500;
  return users <= 500 ? 5_000 : 8_000;
}

function tooMany(
  admission: Admission,
  limit: Limit,
  state: { readonly share: number; readonly headers: Record<string, string> },
): GraphError {
  const overflow = Math.max(0.05, state.share - 1);
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

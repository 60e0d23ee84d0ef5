/**
 * How much of Graph's quotas is left, kept on our side: a request that would be refused is not sent. Nobody waits here:
 * where there is nothing left, `admit` throws Wait `Throttled` with the exact delay, and the tenant's flow is put off by
 * the queue while the others run on.
 *
 * | quota (graph.md 10.1)         | a tenant, our application                   | our application, all tenants |
 * | ----------------------------- | ------------------------------------------- | ---------------------------- |
 * | resource units                | 3,500 / 5,000 / 8,000 by size, in 10 s      | 150,000 in 20 s              |
 * | writes                        | 3,000 in 150 s                              | 35,000 in 300 s              |
 * | audit log                     | 5 requests in 10 s                          | 122 in 10 s                  |
 * | signInActivity of users       | 10 requests in 60 s                         | none is published            |
 *
 * Shards have the tenants apart and the application in common: each takes its part of what is the application's.
 *
 * What is published beside these (130,000 requests in 10 s an application; 18,000 writes in 300 s of a tenant over all
 * applications) is out of reach within them.
 *
 * Who may use how much: a resync 80 %, so that an edit finds some left, and other work begins while 2 % are left, so that
 * a pass which has written something can write the rest. A delta poll needs units, which writes do not use up.
 */
import { type OperatorError, wait } from '../../core/errors.ts';
import { laneOf } from '../../core/lane.ts';
import { type HttpResponse, retryAfterMs } from '../http.ts';
import { Bucket, type Quota } from './bucket.ts';
import type { Cost } from './cost.ts';

export const tenantWrites: Quota = { amount: 3_000, windowMs: 150_000 };
const tenantReports: Quota = { amount: 5, windowMs: 10_000 };
const tenantSignIns: Quota = { amount: 10, windowMs: 60_000 };
const applicationUnits: Quota = { amount: 150_000, windowMs: 20_000 };
const applicationWrites: Quota = { amount: 35_000, windowMs: 300_000 };
const applicationReports: Quota = { amount: 122, windowMs: 10_000 };

/** By users; unknown is the smallest. */
export function tenantUnits(users: number | undefined): Quota {
  const windowMs = 10_000;
  if (users === undefined || users < 50) return { amount: 3_500, windowMs };
  return { amount: users <= 500 ? 5_000 : 8_000, windowMs };
}

const resyncShare = 0.8;
const beginShare = 0.98;
/** A flow that was put off comes back to so much of a window, not to a single write: 16 users are looked at together. */
const batchShare = 1 / 150;
/** A refusal that does not say for how long. */
const unsaidMs = 10_000;
/** The service tells shares in steps of a tenth. */
const roundedBy = 0.05;

type Access = 'Read' | 'Write';
type Service = Cost['service'];

interface Scope {
  readonly units: Bucket;
  readonly writes: Bucket;
  readonly reports: Bucket;
  /** Asked for by the service, by service and access: nothing is sent before. */
  readonly pausedUntilMs: Map<`${Service} ${Access}`, number>;
}

interface Charge {
  readonly bucket: Bucket;
  readonly cost: number;
  /** Of the bucket, for work that has written nothing yet. */
  readonly beginShare: number;
}

function scope(units: Quota, writes: Quota, reports: Quota): Scope {
  return {
    units: new Bucket(units),
    writes: new Bucket(writes),
    reports: new Bucket(reports),
    pausedUntilMs: new Map(),
  };
}

export interface BudgetOptions {
  /** Processes that work with the same applications beside each other. Default: 1. */
  readonly shards?: number | undefined;
  /** Milliseconds that never jump. */
  readonly nowMs: () => number;
  /** Told of every request that was not sent. */
  readonly onRefused: () => void;
}

/** Of one application, over all its tenants. */
export class ApplicationBudget {
  readonly #options: BudgetOptions;
  readonly #whole: Scope;
  readonly #tenants = new Map<string, Budget>();

  constructor(options: BudgetOptions) {
    const { shards = 1 } = options;
    const part = ({ amount, windowMs }: Quota): Quota => ({ amount: amount / shards, windowMs });
    this.#options = options;
    this.#whole = scope(part(applicationUnits), part(applicationWrites), part(applicationReports));
  }

  /** `users`: how many the tenant has, as far as known. */
  tenant(tenantId: string, users: () => number | undefined): Budget {
    const known = this.#tenants.get(tenantId);
    if (known !== undefined) return known;
    const created = new Budget({ ...this.#options, users, whole: this.#whole });
    this.#tenants.set(tenantId, created);
    return created;
  }
}

/** Of one application in one tenant. */
export class Budget {
  readonly #options: BudgetOptions & {
    readonly users: () => number | undefined;
    readonly whole: Scope;
  };
  readonly #own = scope(tenantUnits(undefined), tenantWrites, tenantReports);
  readonly #signIns = new Bucket(tenantSignIns);
  /** Passes that have written: they may end what they began. */
  readonly #begun = new WeakSet<AbortSignal>();

  constructor(
    options: BudgetOptions & {
      readonly users: () => number | undefined;
      readonly whole: Scope;
    },
  ) {
    this.#options = options;
  }

  /** Takes what the request costs, or throws Wait `Throttled`: then nothing was taken and nothing is to be sent. */
  admit(cost: Cost, signal: AbortSignal): void {
    const nowMs = this.#options.nowMs();
    this.#own.units.resize(tenantUnits(this.#options.users()));
    const charges = this.#chargesFor(cost);
    const delays = charges.map(({ bucket, cost: taken, beginShare: begin }) => {
      const most = bucket.amount * this.#shareFor(signal, begin);
      const delayMs = bucket.delayMs(most - taken, nowMs);
      return delayMs === 0 ? 0 : bucket.delayMs(most - taken - bucket.amount * batchShare, nowMs);
    });
    const delayMs = Math.max(this.#pauseMs(cost, nowMs), ...delays);
    if (delayMs > 0) {
      this.#options.onRefused();
      throw throttled(delayMs);
    }
    for (const { bucket, cost: taken } of charges) bucket.take(taken, nowMs);
    if (cost.writes > 0) this.#begun.add(signal);
  }

  /** What the service says about the quotas with its answer. */
  learn(cost: Cost, response: HttpResponse): void {
    const nowMs = this.#options.nowMs();
    const { status, headers } = response;
    this.#correct(cost, Number(headers['x-ms-resource-unit']), nowMs);
    const percentage = Number(headers['x-ms-throttle-limit-percentage']);
    if (percentage > 0) this.#fullest(cost, nowMs)?.raiseTo(percentage - roundedBy, nowMs);
    // A date is meant by the service's clock.
    const askedMs = retryAfterMs(headers['retry-after'], Date.parse(headers['date'] ?? ''));
    if (status === 429 || (status === 503 && askedMs !== undefined)) {
      this.#pause(cost, headers['x-ms-throttle-scope'], nowMs + (askedMs ?? unsaidMs));
    }
  }

  /** The service tells what the request has cost. */
  #correct({ service, units }: Cost, told: number, nowMs: number): void {
    const isInUnits = service === 'directory' || service === 'signIns';
    if (!isInUnits || !(told > 0) || told === units) return;
    for (const { units: bucket } of [this.#own, this.#options.whole]) {
      bucket.take(told - units, nowMs);
    }
  }

  #chargesFor({ service, units, writes }: Cost): readonly Charge[] {
    if (service === 'other') return [];
    const signIns = { bucket: this.#signIns, cost: 1, beginShare: 1 };
    const beside = service === 'signIns' ? [signIns] : [];
    const charges = [this.#own, this.#options.whole].flatMap((quotas) =>
      service === 'reports'
        ? [{ bucket: quotas.reports, cost: units, beginShare: 1 }]
        : [
            { bucket: quotas.units, cost: units, beginShare: 1 },
            ...(writes > 0 ? [{ bucket: quotas.writes, cost: writes, beginShare }] : []),
          ],
    );
    return [...charges, ...beside];
  }

  #shareFor(signal: AbortSignal, begin: number): number {
    if (this.#begun.has(signal)) return 1;
    return laneOf(signal) === 'resync' ? resyncShare : begin;
  }

  /** The share that the service tells is that of its fullest bucket: of ours the fullest is most likely the one. */
  #fullest(cost: Cost, nowMs: number): Bucket | undefined {
    return this.#chargesFor(cost)
      .map(({ bucket }) => bucket)
      .reduce<Bucket | undefined>(
        (a, b) => (a === undefined || b.share(nowMs) > a.share(nowMs) ? b : a),
        undefined,
      );
  }

  #pauseMs(cost: Cost, nowMs: number): number {
    const until = [this.#own, this.#options.whole].map(
      ({ pausedUntilMs }) => pausedUntilMs.get(`${cost.service} ${accessOf(cost)}`) ?? 0,
    );
    return Math.max(0, Math.max(...until) - nowMs);
  }

  /** `x-ms-throttle-scope`: `<Tenant_Application|Tenant|Application>/<Read|Write|ReadWrite>/…` (graph.md 10.3). */
  #pause(cost: Cost, told: string | undefined, untilMs: number): void {
    const [whose, access] = (told ?? '').split('/');
    const { pausedUntilMs } = whose === 'Application' ? this.#options.whole : this.#own;
    for (const one of ['Read', 'Write'] as const) {
      if (access !== undefined && access !== '' && !access.includes(one)) continue;
      const key = `${cost.service} ${one}` as const;
      pausedUntilMs.set(key, Math.max(pausedUntilMs.get(key) ?? 0, untilMs));
    }
  }
}

function accessOf(cost: Cost): Access {
  return cost.writes > 0 ? 'Write' : 'Read';
}

/** The message is that of a refusal by Graph itself (errors.ts): for people it is the same. */
export const throttledMessage = "Graph's quota for the tenant is used up for the moment";

function throttled(delayMs: number): OperatorError {
  return wait(throttledMessage, {
    reason: 'Throttled',
    delayMs: Math.ceil(delayMs),
    holdsFlow: true,
  });
}

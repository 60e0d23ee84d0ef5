import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OperatorError } from '../../core/errors.ts';
import { markLane } from '../../core/lane.ts';
import type { Lane } from '../../core/ports.ts';
import { ApplicationBudget } from './budget.ts';
import { type Cost, costOf } from './cost.ts';

const write: Cost = { service: 'directory', units: 1, writes: 1 };
const read: Cost = { service: 'directory', units: 1, writes: 0 };
const signIns: Cost = { service: 'signIns', units: 1, writes: 0 };
const report: Cost = { service: 'reports', units: 1, writes: 0 };

/** A world with a clock of its own. */
function world(users = 0, shards?: number) {
  const clock = { ms: 1_000_000 };
  let refused = 0;
  const whole = new ApplicationBudget({
    nowMs: () => clock.ms,
    shards,
    onRefused: () => {
      refused += 1;
    },
  });
  const tenant = (id = 'a') => whole.tenant(id, () => users);
  return { clock, tenant, refused: () => refused };
}

function pass(lane: Lane = 'edit'): AbortSignal {
  return markLane(new AbortController().signal, lane);
}

/** Undefined: it was admitted. */
function refusal(act: () => void): OperatorError | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof OperatorError) return error;
    throw error;
  }
}

/** How many fit. */
function fill(act: () => void): number {
  for (let count = 0; ; count += 1) if (refusal(act) !== undefined) return count;
}

describe('the budget of a tenant', () => {
  it('lets new work begin while 2 % of the writes are left, and begun work end', () => {
    const { tenant, refused } = world();
    const begun = pass();
    tenant().admit(write, begun);
    expect(fill(() => tenant().admit(write, pass()))).toBe(2_939);
    expect(fill(() => tenant().admit(write, begun))).toBe(60);
    expect(refused()).toBe(2);
  });

  it('says for how long, and admits then', () => {
    const { tenant, clock } = world();
    fill(() => tenant().admit(write, pass()));
    const error = refusal(() => tenant().admit(write, pass()));
    // One write more, and a batch of 20: at 20 a second.
    expect(error).toMatchObject({ class: 'Wait', reason: 'Throttled', holdsFlow: true });
    expect(error?.delayMs).toBe(1_050);
    clock.ms += 1_049;
    expect(refusal(() => tenant().admit(write, pass()))).toBeUndefined();
    expect(fill(() => tenant().admit(write, pass()))).toBe(19);
  });

  it('uses the whole quota over time', () => {
    const { tenant, clock } = world();
    let sent = 0;
    for (const end = clock.ms + 600_000; clock.ms < end; ) {
      const error = refusal(() => tenant().admit(write, pass()));
      if (error === undefined) sent += 1;
      else clock.ms += error.delayMs ?? 0;
    }
    expect(sent / (3_000 + 20 * 600)).toBeGreaterThan(0.98);
    expect(sent).toBeLessThanOrEqual(3_000 + 20 * 600);
  });

  it('reads sign-ins ten times a minute, and nobody else waits for that', () => {
    const { tenant, clock } = world();
    expect(fill(() => tenant().admit(signIns, pass()))).toBe(10);
    const error = refusal(() => tenant().admit(signIns, pass()));
    // One more, and a little of the window.
    expect(error?.delayMs).toBe(6_400);
    const { length } = [read, write, report].filter(
      (cost) => refusal(() => tenant().admit(cost, pass())) === undefined,
    );
    expect(length).toBe(3);
    expect(refusal(() => tenant('b').admit(signIns, pass()))).toBeUndefined();
    clock.ms += 6_400;
    expect(refusal(() => tenant().admit(signIns, pass()))).toBeUndefined();
  });

  it('pauses sign-ins alone where the service asks for it, and counts their units', () => {
    const { tenant } = world();
    const headers = { 'retry-after': '30', 'x-ms-throttle-scope': 'Tenant_Application/Read/app' };
    tenant().learn(signIns, { status: 429, headers, text: '' });
    expect(refusal(() => tenant().admit(signIns, pass()))?.delayMs).toBe(30_000);
    expect(refusal(() => tenant().admit(read, pass()))).toBeUndefined();
    tenant().learn(signIns, { status: 200, headers: { 'x-ms-resource-unit': '3500' }, text: '' });
    expect(refusal(() => tenant().admit(read, pass()))?.reason).toBe('Throttled');
  });

  it('keeps a fifth from resyncs', () => {
    const { tenant } = world();
    expect(fill(() => tenant().admit(write, pass('resync')))).toBe(2_400);
    expect(refusal(() => tenant().admit(write, pass('edit')))).toBeUndefined();
  });

  it('lets reads go where the writes are used up, and other tenants write', () => {
    const { tenant } = world();
    fill(() => tenant().admit(write, pass()));
    expect(refusal(() => tenant().admit(read, pass()))).toBeUndefined();
    expect(refusal(() => tenant('b').admit(write, pass()))).toBeUndefined();
  });

  it.each([
    [0, 3_500],
    [50, 5_000],
    [500, 5_000],
    [501, 8_000],
  ])('of %i users has %i units', (users, units) => {
    const { tenant } = world(users);
    expect(fill(() => tenant().admit(read, pass()))).toBe(units);
  });

  it('counts the audit log apart', () => {
    const { tenant } = world();
    expect(fill(() => tenant().admit(report, pass()))).toBe(5);
    expect(refusal(() => tenant().admit(read, pass()))).toBeUndefined();
  });

  it('is at an end for all where the application has used its own up', () => {
    const { tenant } = world();
    let sent = 0;
    for (let n = 0; n < 20; n += 1) sent += fill(() => tenant(`t${n}`).admit(write, pass()));
    expect(sent).toBe(34_300);
  });
});

describe('what the service says', () => {
  const answer = (status: number, headers: Record<string, string>) => ({
    status,
    headers,
    text: '',
  });

  it('of the share in use counts, also where we know of less', () => {
    const { tenant } = world();
    tenant().admit(write, pass());
    tenant().learn(write, answer(200, { 'x-ms-throttle-limit-percentage': '0.9' }));
    // 85 % and more: a resync may not, others have 13 % of 3,000 left.
    expect(refusal(() => tenant().admit(write, pass('resync')))).toMatchObject({
      reason: 'Throttled',
    });
    expect(fill(() => tenant().admit(write, pass()))).toBeLessThanOrEqual(391);
  });

  it('of the cost corrects the table', () => {
    const { tenant } = world();
    tenant().admit(read, pass());
    tenant().learn(read, answer(200, { 'x-ms-resource-unit': '101' }));
    expect(fill(() => tenant().admit(read, pass()))).toBe(3_399);
  });

  it.each([
    ['Tenant_Application/Write', 'a', write, true],
    ['Tenant_Application/Write', 'a', read, false],
    ['Tenant_Application/Write', 'b', write, false],
    ['Tenant_Application/ReadWrite', 'a', read, true],
    ['Tenant/Read', 'a', read, true],
    ['Tenant/Read', 'a', report, false],
    ['Application/ReadWrite', 'b', read, true],
    ['', 'a', read, true],
  ])('of a throttle (%s) holds tenant %s: %o', (scope, id, cost, isHeld) => {
    const { tenant, clock } = world();
    const headers = { 'retry-after': '7.5', 'x-ms-throttle-scope': `${scope}/app/tenant` };
    tenant('a').learn(write, answer(429, scope === '' ? { 'retry-after': '7.5' } : headers));
    const error = refusal(() => tenant(id).admit(cost, pass()));
    expect(error?.delayMs).toBe(isHeld ? 7_500 : undefined);
    clock.ms += 7_500;
    expect(refusal(() => tenant(id).admit(cost, pass()))).toBeUndefined();
  });

  it.each([
    [
      { 'retry-after': 'Sat, 28 Nov 2026 10:00:09 GMT', date: 'Sat, 28 Nov 2026 10:00:00 GMT' },
      9_000,
    ],
    [{ 'retry-after': 'soon' }, 10_000],
    [{}, 10_000],
  ])('of the time is read in every form: %o', (headers, delayMs) => {
    const { tenant } = world();
    tenant().learn(read, answer(429, headers));
    expect(refusal(() => tenant().admit(read, pass()))?.delayMs).toBe(delayMs);
  });
});

interface Published {
  readonly resourceUnits?: number;
  readonly write?: number;
  readonly service: string;
}

describe('the table of costs', () => {
  const file = new URL(
    '../../../hack/simulator/contract/graph-openapi-slice.json',
    import.meta.url,
  );
  const slice = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly paths: Record<string, Record<string, { readonly 'x-graph-throttle'?: Published }>>;
  };
  const calls = Object.entries(slice.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { 'x-graph-throttle': published }]) =>
      published === undefined ? [] : [[method.toUpperCase(), path, published] as const],
    ),
  );

  it.each(calls)('is as published for %s %s', (method, path, published) => {
    const isReport = published.service === 'identityAndAccessReports';
    expect(costOf(method, path)).toEqual({
      service: isReport ? 'reports' : 'directory',
      units: published.resourceUnits ?? 1,
      writes: published.write ?? 0,
    });
  });

  it.each([
    ['GET', '/users?$select=id', 1],
    ['GET', '/users?$expand=manager', 3],
    ['GET', '/users?$select=id&$expand=manager', 2],
    ['GET', '/users?$top=5', 1],
    ['GET', '/users/delta?$deltatoken=x', 1],
    ['POST', '/directoryObjects/getByIds?$select=id', 2],
  ])('knows the query: %s %s', (method, path, units) => {
    expect(costOf(method, path).units).toBe(units);
  });

  it('has none for what has no published quota', () => {
    expect(costOf('GET', '/tenantRelationships/delegatedAdminRelationships/x').service).toBe(
      'other',
    );
  });
});

describe('shards beside each other', () => {
  it.each([
    [undefined, 35_000],
    [2, 17_500],
    [3, 11_666],
  ])('of %s each has its part of the writes of the application', (shards, expected) => {
    const { tenant } = world(0, shards);
    const ids = Array.from({ length: 20 }, (_, n) => `t${String(n)}`);
    const begun = new Map(ids.map((id) => [id, pass()]));
    for (const [id, signal] of begun) tenant(id).admit(write, signal);
    const most = [...begun].map(([id, signal]) => fill(() => tenant(id).admit(write, signal)) + 1);
    expect(most.reduce((sum, count) => sum + count, 0)).toBe(expected);
  });

  it('have all of the quota of a tenant, which is of one of them', () => {
    const { tenant } = world(0, 4);
    const begun = pass();
    tenant().admit(write, begun);
    expect(fill(() => tenant().admit(write, begun)) + 1).toBe(3_000);
  });
});

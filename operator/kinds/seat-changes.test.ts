import { beforeEach, describe, expect, it } from 'vitest';
import { connection, ids, pool, tenant } from '../../hack/testing/build.ts';
import { ownSubscription } from '../../hack/testing/observed.ts';
import type { AuditRecord as Logged } from '../clients/partner-center/port.ts';
import type { LicensePool } from '../core/objects.ts';
import type { Figure } from '../core/plan.ts';
import type { AuditRecord } from '../core/ports.ts';
import { keyOf } from '../core/resource.ts';
import { SeatChanges } from './seat-changes.ts';
import { changedOutside, seatsChanged } from './seat-counts.ts';

const nowMs = Date.parse('2026-03-02T10:00:00Z');
const hourMs = 3_600_000;
const counts = { bought: 10, available: 10, assigned: 10, reserved: 0, idle: 0, target: 10 };
const ours = pool({ status: { subscriptionId: ids.subscription, seats: counts } });
const other = { ...ours, metadata: { ...ours.metadata, name: 'other', uid: 'other' } };
const signal = new AbortController().signal;
const eve = 'eve@provider.example';

const seats = (quantity: number) => ({ quantity, term: 'P1Y', billingCycle: 'monthly' });
const record = (more: Partial<Logged> = {}): Logged => ({
  id: 'record',
  customerId: ids.tenant,
  resourceType: 'subscription',
  operationType: 'update_subscription',
  at: '2026-03-02T09:59:00Z',
  isSuccess: true,
  isOwn: false,
  isMicrosoft: false,
  userPrincipalName: eve,
  applicationId: 'portal',
  subscriptionIds: [ids.subscription],
  orderId: undefined,
  before: seats(10),
  after: seats(15),
  ...more,
});
const microsoft = {
  isMicrosoft: true,
  userPrincipalName: undefined,
  applicationId: 'fulfillmentservice',
};

let log: Logged[];
let sinces: number[];
let woken: string[];
let told: string[];
let audited: AuditRecord[];
let counted: Figure[];
let forgotten: string[];
let clockMs: number;
let changes: SeatChanges;
let managed: readonly unknown[];
let lastDirectoryReadTime: string | undefined;

function start(): void {
  changes = new SeatChanges({
    cluster: {
      list: () => {
        const status = { tenantId: ids.tenant, lastDirectoryReadTime };
        return [tenant({ status: { ...tenant().status, ...status } })] as never;
      },
      referencing: () => managed as never,
    },
    events: {
      record: (about, { reason, note }) =>
        void told.push(`${about.metadata.name} ${reason}: ${note}`),
    },
    audit: { write: (one) => void audited.push(one) },
    wake: (key) => void woken.push(key),
    nowMs: () => clockMs,
    count: (_, figures) => void counted.push(...figures),
  });
}

beforeEach(() => {
  [log, sinces, woken, told, audited, counted, forgotten] = [[], [], [], [], [], [], []];
  managed = [ours, other];
  clockMs = nowMs;
  lastDirectoryReadTime = undefined;
  start();
});

const read = (more = {}, clockOffsetMs = 0) =>
  changes.read(
    connection(more),
    {
      clockOffsetMs,
      forgetSubscriptions: (id) => void forgotten.push(id),
      listSubscriptionChanges: (sinceMs) => {
        sinces.push(sinceMs);
        return Promise.resolve(log);
      },
    },
    signal,
  );

const prices = {
  currency: 'EUR',
  costOf: ({ term }: { readonly term: string }) => (term === 'P1Y' ? 1600 : undefined),
};
const newestOf = (about: LicensePool = ours, more = {}) =>
  changes.newestOf(about, [ownSubscription(more)], prices);

const eveAdded = `SubscriptionChangedOutside: the subscription was changed by ${eve} at 2026-03-02T09:59:00Z: 5 seats more`;

describe('changes of subscriptions by others', () => {
  it('wake the pools of the tenant and are told with their author, once', async () => {
    await read();
    log = [record()];
    await read();
    await read();
    for (let look = 0; look < 2; look += 1) newestOf();
    newestOf(other, { id: 'another', orderId: undefined });
    expect(woken).toEqual([keyOf(ours), keyOf(other)]);
    expect(told).toEqual([`${ours.metadata.name} ${eveAdded}`]);
    expect(counted).toEqual([changedOutside, ...seatsChanged(5, 'outside')]);
    expect(forgotten).toEqual([ids.tenant]);
  });

  it('are lines of the audit log: who, before and after, money', async () => {
    await read();
    log = [record()];
    await read();
    newestOf();
    expect(audited).toEqual([
      {
        resource: {
          kind: 'LicensePool',
          namespace: 'acme',
          name: 'premium',
          uid: 'uid-premium',
          generation: 2,
        },
        requestedBy: { managers: [], outside: { type: 'User', name: eve } },
        system: 'PartnerCenter',
        operation: 'OutsideChange',
        result: 'succeeded',
        target: ids.subscription,
        before: 10,
        after: { activity: 'update_subscription', at: record().at, quantity: 15 },
        requestId: 'record',
        money: { amount: 5 * 1600, currency: 'EUR' },
      },
    ]);
  });

  it.each<readonly [string, Partial<Logged>, string, number]>([
    ['fewer', { after: seats(8) }, ': 2 seats fewer', 2],
    ['cancelled', { after: seats(0) }, ': 10 seats fewer', 10],
    ['no seats', { after: seats(10) }, '', 0],
    ['nobody knows how many', { before: undefined, after: undefined }, '', 0],
  ])('say by how many seats: %s', async (_, more, text, change) => {
    await read();
    log = [record(more)];
    await read();
    newestOf();
    expect(told[0]!.endsWith(`09:59:00Z${text}`)).toBe(true);
    expect(counted).toEqual([changedOutside, ...seatsChanged(-change, 'outside')]);
  });

  it.each([
    ['our own', { isOwn: true }],
    ['that failed', { isSuccess: false }],
    ['of customers that we do not manage', { customerId: ids.manager }],
  ])('%s are nothing to anybody', async (_, more) => {
    if ('customerId' in more) managed = [];
    await read();
    log = [record(more)];
    await read();
    expect(newestOf()).toBeUndefined();
    expect([told, audited, counted]).toEqual([[], [], []]);
  });

  it('of which there are several are each told, and the newest counts for status', async () => {
    await read();
    log = [
      record({ id: 'b', at: '2026-03-02T09:30:00Z', before: seats(12), after: seats(11) }),
      record({
        id: 'a',
        at: '2026-03-02T09:00:00Z',
        userPrincipalName: undefined,
        after: seats(12),
      }),
    ];
    await read();
    expect(newestOf()).toEqual({
      at: '2026-03-02T09:30:00Z',
      by: eve,
      seats: -1,
      subscriptionId: ids.subscription,
    });
    expect(audited.map(({ requestId }) => requestId)).toEqual(['a', 'b']);
    expect(told[0]).toContain('changed by application portal at');
  });

  it('that is a purchase is known by its order, before there is a subscription', async () => {
    await read();
    const order = { resourceType: 'order', subscriptionIds: [], orderId: 'abc', before: undefined };
    log = [record({ ...order, after: seats(3) })];
    await read();
    newestOf();
    expect(told).toEqual([]);
    const found = newestOf(ours, { id: 'new', orderId: 'abc' });
    expect(found).toMatchObject({ by: eve, subscriptionId: 'new', seats: 3 });
    expect(audited).toMatchObject([{ target: 'new', money: { amount: 3 * 1600 } }]);
  });

  it('are not to be had in China', async () => {
    await read({ spec: { cloud: 'China' } });
    expect(sinces).toEqual([]);
  });
});

describe("changes by Microsoft's own services", () => {
  it('are told as its own, and are nobody from outside', async () => {
    await read();
    log = [record({ ...microsoft, before: undefined })];
    await read();
    expect(newestOf()).toBeUndefined();
    expect(told).toEqual([
      'premium SubscriptionChangedByMicrosoft: the subscription was changed by Microsoft (fulfillmentservice) at 2026-03-02T09:59:00Z',
    ]);
    expect(audited).toMatchObject([{ operation: 'ChangeByMicrosoft', after: { quantity: 15 } }]);
    expect(counted).toEqual([]);
    expect(woken).toEqual([keyOf(ours), keyOf(other)]);
  });

  it('are not told again after a restart', async () => {
    log = [record(microsoft)];
    await read();
    newestOf();
    expect([told, audited]).toEqual([[], []]);
  });
});

describe('the log is read', () => {
  it('each time from an hour before the last: records come late', async () => {
    await read();
    clockMs += 300_000;
    await read();
    expect(sinces).toEqual([nowMs - hourMs, nowMs - hourMs]);
  });

  it('at first from an hour before the last full read of the directories', async () => {
    lastDirectoryReadTime = '2026-02-27T02:00:00Z';
    for (const offsetMs of [0, 5_000, -5_000]) {
      start();
      await read({}, offsetMs);
    }
    const lastMs = Date.parse(lastDirectoryReadTime) - hourMs;
    expect(sinces).toEqual([lastMs, lastMs, lastMs - 5_000]);
  });

  it('of 30 days at most', async () => {
    lastDirectoryReadTime = '2025-11-01T02:00:00Z';
    await read();
    expect(sinces).toEqual([nowMs - 30 * 24 * hourMs]);
  });

  it('so that what was changed while nobody looked is told, with its author and its own day', async () => {
    log = [record({ at: '2026-02-28T17:00:00Z' })];
    await read();
    expect(newestOf()).toMatchObject({ at: '2026-02-28T17:00:00Z', by: eve, seats: 5 });
    expect(told).toHaveLength(1);
    expect(counted).toContain(changedOutside);
  });

  it('and what status knows already is not told again', async () => {
    log = [record()];
    await read();
    const lastOutsideChange = { at: record().at, by: eve, subscriptionId: ids.subscription };
    const known = pool({ status: { ...ours.status, lastOutsideChange } });
    expect(newestOf(known)?.by).toBe(eve);
    expect([told, audited, counted]).toEqual([[], [], []]);
  });

  it('and what was there when the pool was first looked at is no change to it', async () => {
    log = [record()];
    await read();
    expect(newestOf(pool())?.by).toBe(eve);
    newestOf();
    expect([told, audited, counted]).toEqual([[], [], []]);
  });
});

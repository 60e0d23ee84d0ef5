import { beforeEach, describe, expect, it } from 'vitest';
import { connection, ids, pool, tenant } from '../../hack/testing/build.ts';
import type { AuditRecord } from '../clients/partner-center/port.ts';
import { keyOf } from '../core/resource.ts';
import { SeatChanges } from './seat-changes.ts';

const nowMs = Date.parse('2026-03-02T10:00:00Z');
const ours = pool({ status: { subscriptionId: ids.subscription } });
const other = { ...pool(), metadata: { ...pool().metadata, name: 'other', uid: 'other' } };
const signal = new AbortController().signal;

const record = (more: Partial<AuditRecord> = {}): AuditRecord => ({
  customerId: ids.tenant,
  resourceType: 'subscription',
  operationType: 'update_subscription',
  at: '2026-03-02T09:59:00Z',
  isSuccess: true,
  isOwn: false,
  userPrincipalName: 'eve@provider.example',
  applicationId: 'portal',
  subscriptionIds: [ids.subscription],
  orderId: undefined,
  ...more,
});

let log: AuditRecord[];
let sinces: number[];
let woken: string[];
let told: string[];
let counted: number;
let forgotten: string[];
let clockMs: number;
let changes: SeatChanges;
let managed: readonly unknown[];

beforeEach(() => {
  [log, sinces, woken, told, forgotten] = [[], [], [], [], []];
  counted = 0;
  managed = [ours, other];
  clockMs = nowMs;
  changes = new SeatChanges({
    cluster: {
      list: () => [tenant({ status: { ...tenant().status, tenantId: ids.tenant } })] as never,
      referencing: () => managed as never,
    },
    events: { record: (about, { note }) => void told.push(`${about.metadata.name}: ${note}`) },
    wake: (key) => void woken.push(key),
    nowMs: () => clockMs,
    count: () => {
      counted += 1;
    },
  });
});

const read = (more = {}) =>
  changes.read(
    connection(more),
    {
      clockOffsetMs: 0,
      forgetSubscriptions: (id) => void forgotten.push(id),
      listSubscriptionChanges: (sinceMs) => {
        sinces.push(sinceMs);
        return Promise.resolve(log);
      },
    },
    signal,
  );

describe('changes of subscriptions by others', () => {
  it('wake the pools of the tenant and are told with their author, once', async () => {
    await read();
    log = [record()];
    await read();
    await read();
    for (let look = 0; look < 2; look += 1) changes.newestOf(ours, [{ id: ids.subscription }]);
    changes.newestOf(other, [{ id: 'another' }]);
    expect(woken).toEqual([keyOf(ours), keyOf(other)]);
    expect(told).toEqual([
      `${ours.metadata.name}: the subscription was changed by eve@provider.example at 2026-03-02T09:59:00Z`,
    ]);
    expect([forgotten, counted]).toEqual([[ids.tenant], 1]);
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
    const [pool] = managed;
    if (pool !== undefined) changes.newestOf(ours, [{ id: ids.subscription }]);
    expect([told, counted]).toEqual([[], 0]);
  });

  it('that status knows already are not told again after a restart', async () => {
    log = [record()];
    await read();
    const knows = { lastOutsideChange: { at: record().at, by: 'eve', subscriptionId: 's' } };
    const known = pool({ status: { ...ours.status, ...knows } });
    expect(changes.newestOf(known, [{ id: ids.subscription }])?.by).toBe('eve@provider.example');
    expect([told, counted]).toEqual([[], 0]);
    changes.newestOf(ours, [{ id: ids.subscription }]);
    expect(told).toHaveLength(1);
  });

  it('that come late are found: each read begins an hour before the last', async () => {
    await read();
    clockMs += 300_000;
    await read();
    expect(sinces).toEqual([nowMs - 3_600_000, nowMs - 3_600_000]);
    expect(changes.newestOf(ours, [])).toBeUndefined();
  });

  it('the newest of a subscription counts, and an application is named as one', async () => {
    log = [
      record({ at: '2026-03-02T09:00:00Z' }),
      record({ at: '2026-03-02T09:30:00Z', userPrincipalName: undefined }),
    ];
    await read();
    expect(changes.newestOf(ours, [{ id: ids.subscription }])).toEqual({
      at: '2026-03-02T09:30:00Z',
      by: 'application portal',
      subscriptionId: ids.subscription,
    });
  });

  it('that is a purchase is known by its order, before there is a subscription', async () => {
    await read();
    log = [record({ resourceType: 'order', subscriptionIds: [], orderId: 'abc' })];
    await read();
    const found = changes.newestOf(ours, [{ id: 'new', orderId: 'abc' }]);
    expect(found).toMatchObject({ by: 'eve@provider.example', subscriptionId: 'new' });
    expect(told).toHaveLength(1);
  });

  it('are not to be had in China', async () => {
    await read({ spec: { cloud: 'China' } });
    expect(sinces).toEqual([]);
  });
});

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
  correlationId: undefined,
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

beforeEach(() => {
  [log, sinces, woken, told, forgotten] = [[], [], [], [], []];
  counted = 0;
  clockMs = nowMs;
  changes = new SeatChanges({
    cluster: {
      list: () => [tenant({ status: { ...tenant().status, tenantId: ids.tenant } })] as never,
      referencing: () => [ours, other] as never,
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
    await read();
    log = [record(more)];
    await read();
    expect([woken, told]).toEqual([[], []]);
  });

  it('that were there before us are looked at and not told', async () => {
    log = [record()];
    await read();
    expect(told).toEqual([]);
    expect(woken).toHaveLength(2);
    expect(changes.lastOf([ids.subscription])?.by).toBe('eve@provider.example');
  });

  it('that come late are found: each read begins an hour before the last', async () => {
    await read();
    clockMs += 300_000;
    await read();
    expect(sinces).toEqual([nowMs - 3_600_000, nowMs - 3_600_000]);
    expect(changes.lastOf([])).toBeUndefined();
  });

  it('the newest of a subscription counts, and an application is named as one', async () => {
    log = [
      record({ at: '2026-03-02T09:00:00Z' }),
      record({ at: '2026-03-02T09:30:00Z', userPrincipalName: undefined }),
    ];
    await read();
    expect(changes.lastOf([ids.subscription])).toEqual({
      at: '2026-03-02T09:30:00Z',
      by: 'application portal',
      subscriptionId: ids.subscription,
    });
  });

  it('are not to be had in China', async () => {
    await read({ spec: { cloud: 'China' } });
    expect(sinces).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { ids, pool, nowMs as startMs, tenant, user } from '../../hack/testing/build.ts';
import type { Resource } from '../core/resource.ts';
import { StaleViews } from './stale-views.ts';

const minute = 60_000;

function town() {
  const objects: readonly Resource[] = [
    tenant({ metadata: { name: 'contoso' }, status: { tenantId: ids.tenant } }),
    user({ metadata: { name: 'mia' } }),
    pool(),
  ];
  const state = { nowMs: startMs, lastReadMs: startMs };
  const woken: string[] = [];
  const views = new StaleViews({
    cluster: {
      list: <R>(kind: string) => objects.filter((o) => o.kind === kind) as R[],
      referencing: <R>(_: string, kind: string) => objects.filter((o) => o.kind === kind) as R[],
    },
    wake: (key) => woken.push(key),
    nowMs: () => state.nowMs,
    pollMs: minute,
    lastReads: () => [
      { tenantId: ids.tenant, lastReadMs: state.lastReadMs },
      { tenantId: 'of nobody here', lastReadMs: 1 },
    ],
  });
  /** Looks once a minute; whom that woke. */
  const pass = (minutes: number, isRead: boolean): readonly string[] => {
    woken.length = 0;
    for (let n = 0; n < minutes; n += 1) {
      state.nowMs += minute;
      if (isRead) state.lastReadMs = state.nowMs;
      views.look();
    }
    return [...woken];
  };
  return pass;
}

describe('a directory', () => {
  const all = ['M365User/acme/mia', 'LicensePool/acme/premium'];
  const itself = 'M365Tenant/acme/contoso';

  it('that is read wakes nobody', () => {
    expect(town()(60, true)).toEqual([]);
  });

  it('that is late has its tenant looked at, every five minutes, before anybody is told', () => {
    const pass = town();
    expect(pass(4, false)).toEqual([]);
    expect(pass(1, false)).toEqual([itself]);
    expect(pass(4, false)).toEqual([]);
    expect(pass(4, true)).toEqual([]);
    expect(pass(9, false)).toEqual([itself]);
  });

  it('that was not read for ten minutes wakes all, once', () => {
    const pass = town();
    pass(9, false);
    expect(pass(1, false)).toEqual([itself, ...all]);
    expect(pass(60, false)).toEqual(Array.from({ length: 12 }, () => itself));
  });

  it('that is read again wakes all once more', () => {
    const pass = town();
    pass(30, false);
    expect(pass(5, true)).toEqual(all);
    expect(pass(10, false)).toEqual([itself, itself, ...all]);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { bug, terminal, transient, wait } from '../../core/errors.ts';
import type { DirectoryAudit, OutsideChange } from './audit-port.ts';
import { GraphOutsideChanges } from './outside-changes.ts';

const { signal } = new AbortController();
const startMs = Date.parse('2026-03-02T10:00:00Z');

let nowMs: number;
let log: DirectoryAudit[];
let asked: number[];
let failure: Error | undefined;
let told: OutsideChange[];
let changes: GraphOutsideChanges;

beforeEach(() => {
  nowMs = startMs;
  log = [];
  asked = [];
  failure = undefined;
  told = [];
  changes = new GraphOutsideChanges({
    graph: {
      listDirectoryAudits: (sinceMs, _, id) => {
        asked.push(nowMs - startMs);
        if (failure !== undefined) return Promise.reject(failure);
        const about = log.filter(({ targetIds }) => id === undefined || targetIds.includes(id));
        return Promise.resolve(about.filter(({ at }) => Date.parse(at) >= sinceMs).toReversed());
      },
    },
    ownAppId: 'operator',
    nowMs: () => nowMs,
    onFound: (change) => told.push(change),
  });
});

function entry(id: string, more: Partial<DirectoryAudit> = {}): DirectoryAudit {
  return {
    id,
    at: new Date(nowMs).toISOString(),
    activity: 'Update user',
    isSuccess: true,
    author: { type: 'User', id: 'eve', name: 'eve@contoso.example' },
    targetIds: ['ella'],
    fields: ['JobTitle'],
    ...more,
  };
}

/** Polls each second for so long. */
async function pass(seconds: number): Promise<void> {
  for (let n = 0; n < seconds; n += 1) {
    nowMs += 1_000;
    await changes.read(signal);
  }
}

describe('who changed an account', () => {
  it('is not asked for while nothing changed', async () => {
    await pass(60);
    expect(asked).toEqual([]);
  });

  it('is asked for with growing rests, for ten minutes at most', async () => {
    changes.expect(['ella'], nowMs);
    await pass(3_600);
    expect(asked).toEqual([5, 60, 120, 180, 300, 600].map((seconds) => seconds * 1_000));
  });

  it('is told once the log shows it, and then nobody is asked any more', async () => {
    changes.expect(['ella'], nowMs);
    await pass(90);
    log.push(entry('a1', { at: new Date(startMs + 1).toISOString() }));
    await pass(600);
    expect(asked).toEqual([5_000, 60_000, 120_000]);
    expect(told).toMatchObject([
      { id: 'ella', auditId: 'a1', author: { name: 'eve@contoso.example' } },
    ]);
    expect(changes.of('ella')).toEqual(told);
  });

  it('is asked for once for all accounts', async () => {
    changes.expect(['ella', 'mia', 'tom'], nowMs);
    log.push(entry('a1'), entry('a2', { targetIds: ['mia'] }), entry('a3', { targetIds: ['tom'] }));
    await pass(10);
    expect(asked).toEqual([5_000]);
    expect(told.map(({ id }) => id)).toEqual(['ella', 'mia', 'tom']);
  });

  const silent: readonly (readonly [string, Partial<DirectoryAudit>])[] = [
    ['we did ourselves', { author: { type: 'Application', id: 'operator', name: 'us' } }],
    ['failed', { isSuccess: false }],
    ['is about others', { targetIds: ['somebody'] }],
  ];
  it.each(silent)('is not told of what %s', async (_, more) => {
    changes.expect(['ella'], nowMs);
    log.push(entry('a1', more));
    await pass(10);
    expect(told).toEqual([]);
  });

  it('is told once, however often the log shows it', async () => {
    changes.expect(['ella'], nowMs);
    log.push(entry('a1'));
    await pass(10);
    changes.expect(['ella'], nowMs);
    await pass(10);
    expect(told).toHaveLength(1);
  });

  it('keeps the five newest', async () => {
    changes.expect(['ella'], nowMs);
    for (let n = 0; n < 8; n += 1) log.push(entry(`a${String(n)}`));
    await pass(10);
    expect(changes.of('ella').map(({ auditId }) => auditId)).toEqual([
      'a7',
      'a6',
      'a5',
      'a4',
      'a3',
    ]);
  });
});

describe('a log that may not be read', () => {
  it('is left alone for an hour, and holds nothing up', async () => {
    failure = wait('no', { reason: 'PermissionDenied', delayMs: 1 });
    changes.expect(['ella'], nowMs);
    await pass(600);
    expect(asked).toEqual([5_000]);
    failure = undefined;
    nowMs += 3_600_000;
    changes.expect(['mia'], nowMs);
    log.push(entry('a1', { targetIds: ['mia'] }));
    await pass(10);
    expect(told.map(({ id }) => id)).toEqual(['mia']);
  });

  it.each([
    [
      'its quota is used up',
      wait('no', { reason: 'Throttled', delayMs: 7_000, holdsFlow: true }),
      12,
    ],
    ['it is out of order', transient('no', { reason: 'GraphUnavailable' }), 15],
    ['it refuses the request', terminal('no', { reason: 'InvalidRequest' }), undefined],
  ])('%s: the tenant goes on, and it is asked later', async (_, error, next) => {
    failure = error;
    changes.expect(['ella'], nowMs);
    await pass(5);
    failure = undefined;
    await pass(60);
    expect(asked[1]).toBe(next === undefined ? undefined : next * 1_000);
  });

  it('says so where the fault is ours', async () => {
    failure = bug('no');
    changes.expect(['ella'], nowMs);
    nowMs += 5_000;
    await expect(changes.read(signal)).rejects.toBe(failure);
  });
});

describe('an account that is watched', () => {
  const reset = () => entry('reset', { activity: 'Reset user password', fields: [] });

  it('is told of though the directory shows nothing, and each change once', async () => {
    log.push(reset());
    changes.watch(['ella']);
    await pass(2 * 3_600);
    expect(told.map(({ id, activity }) => [id, activity])).toEqual([
      ['ella', 'Reset user password'],
    ]);
    // Eight quarters of an hour, and the start.
    expect(asked.length).toBeLessThanOrEqual(9);
  });

  it('is told of by an entry that comes late, and one from before the start', async () => {
    changes.watch(['ella']);
    log.push(entry('before', { at: new Date(startMs - 30 * 60_000).toISOString() }));
    await pass(14 * 60);
    log.push(entry('late', { at: new Date(nowMs - 5 * 60_000).toISOString() }));
    await pass(15 * 60);
    expect(told.map(({ auditId }) => auditId)).toEqual(['before', 'late']);
  });

  it('is told of by nobody once it is watched no more, nor by what we did ourselves', async () => {
    changes.watch(['ella']);
    await pass(1);
    log.push(entry('ours', { author: { type: 'Application', id: 'operator', name: 'us' } }));
    await pass(16 * 60);
    changes.watch([]);
    log.push(reset());
    await pass(16 * 60);
    expect(told).toEqual([]);
  });

  it('is asked for again where the log was out of order', async () => {
    changes.watch(['ella']);
    log.push(reset());
    failure = transient('no answer', { reason: 'ConnectionFailed' });
    await pass(1);
    failure = undefined;
    await pass(60);
    expect(told).toHaveLength(1);
  });
});

import { describe, expect, it } from 'vitest';
import { connection, readyCondition, tenant, withConditions } from '../../hack/testing/build.ts';
import { settle } from '../../hack/testing/clock.ts';
import type { M365Tenant } from '../core/objects.ts';
import type { Resource } from '../core/resource.ts';
import { type ReadAheadDeps, readAhead } from './read-ahead.ts';

const ready = (type: string) => ({ ...readyCondition(), type });
const base = tenant({ spec: { connectionRef: { name: 'eu' } } });

function named(name: string, change: Partial<M365Tenant> = {}): M365Tenant {
  const known = withConditions(base, [ready('AccessReady')]);
  const status = { ...known.status, tenantId: `id-${name}` };
  return { ...known, status, ...change, metadata: { ...base.metadata, name, ...change.metadata } };
}

interface Stage {
  readonly tenants: readonly M365Tenant[];
  readonly loaded?: readonly string[];
  readonly failing?: readonly string[];
  readonly suspended?: boolean;
  readonly answered?: Promise<unknown>;
}

function stage({ tenants, loaded = [], failing = [], suspended = false, answered }: Stage) {
  const of = withConditions(connection({ spec: { suspend: suspended } }), [readyCondition()]);
  const read = new Map<string, AbortSignal>();
  const deps = {
    cluster: {
      list: () => tenants,
      get: () => of,
      readSecret: () => Promise.resolve({}),
    },
    clientsFor: () => ({
      clients: {
        directory: (id: string) => ({
          isLoaded: loaded.includes(id),
          refresh: (signal: AbortSignal) => {
            read.set(id, signal);
            if (failing.includes(id)) throw new Error(`no answer for ${id}`);
            return answered;
          },
        }),
      },
    }),
    isOurs: ({ metadata }: Resource) => metadata.name !== 'of-others',
  } as unknown as ReadAheadDeps;
  return { deps, read };
}

async function run(setting: Stage, signal = new AbortController().signal) {
  const { deps, read } = stage(setting);
  const failures: string[] = [];
  const count = await readAhead(deps, signal, ({ metadata }, error) => {
    failures.push(`${metadata.name}: ${error instanceof Error ? error.message : ''}`);
  });
  return { read, failures, count };
}

describe('directories', () => {
  it('are read of tenants that we work in, and of no others', async () => {
    const tenants = [
      named('a'),
      named('b'),
      named('of-others'),
      named('suspended', { spec: { ...base.spec, suspend: true } }),
      named('leaving', {
        metadata: { ...base.metadata, name: 'leaving', deletionTimestamp: '2026-11-30T00:00:00Z' },
      }),
      named('not-yet', { status: { tenantId: 'id-not-yet' } }),
    ];
    const { read, failures } = await run({ tenants });
    expect([...read.keys()]).toEqual(['id-a', 'id-b']);
    expect(failures).toEqual([]);
  });

  it('are not read again', async () => {
    expect((await run({ tenants: [named('a')], loaded: ['id-a'] })).read.size).toBe(0);
  });

  it('are each read under a signal of their own, so that one can be hurried; it ends with the whole', async () => {
    const whole = new AbortController();
    const { read } = await run({ tenants: [named('a'), named('b')] }, whole.signal);
    expect(new Set(read.values()).size).toBe(2);
    whole.abort();
    expect([...read.values()].map(({ aborted }) => aborted)).toEqual([true, true]);
  });

  it('that do not answer leave the others their turn, and are told', async () => {
    const { read, failures, count } = await run({
      tenants: [named('a'), named('b')],
      failing: ['id-a'],
    });
    expect(count).toBe(1);
    expect([...read.keys()]).toEqual(['id-a', 'id-b']);
    expect(failures).toEqual(['a: no answer for id-a']);
  });

  it('are read a few at a time, and no more of them once it ends', async () => {
    const whole = new AbortController();
    const names = Array.from({ length: 20 }, (_, n) => `t${String(n)}`);
    const { promise: answered, resolve: answer } = Promise.withResolvers<undefined>();
    const { deps, read } = stage({ tenants: names.map((name) => named(name)), answered });
    const ended = readAhead(deps, whole.signal, () => undefined);
    await settle();
    expect(read.size).toBe(16);
    whole.abort();
    answer(undefined);
    await ended;
    expect(read.size).toBe(16);
  });

  it('of a suspended connection are left alone', async () => {
    const { read, failures } = await run({ tenants: [named('a')], suspended: true });
    expect(read.size).toBe(0);
    expect(failures).toEqual(['a: PartnerConnection "acme/eu" is suspended']);
  });
});

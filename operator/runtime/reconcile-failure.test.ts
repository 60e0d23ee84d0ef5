import { beforeEach, describe, expect, it } from 'vitest';
import type { MemoryStore, RecordedAudit, RecordedEvents } from '../../hack/testing/engine.ts';
import { PassKit } from '../../hack/testing/pass.ts';
import { type Toy, type ToyWorld, toy, toyKey, toyKind } from '../../hack/testing/toy.ts';
import { terminal, transient, wait } from '../core/errors.ts';
import type { Action } from '../core/plan.ts';
import type { ReconcileDeps } from './pass.ts';
import { reconcile } from './reconcile.ts';

let pass: PassKit;
let world: ToyWorld;
let store: MemoryStore;
let events: RecordedEvents;
let audit: RecordedAudit;
let deps: ReconcileDeps;

beforeEach(() => {
  pass = new PassKit();
  ({ world, store, events, audit, deps } = pass);
});

const key = toyKey('a');
const run: PassKit['run'] = (isRecoverable, signal) => pass.run(isRecoverable, signal);
const conditions = (): ReturnType<PassKit['conditions']> => pass.conditions();
const status = (): ReturnType<PassKit['status']> => pass.status();

describe('failure', () => {
  it('between two actions loses nothing: the next pass goes on and makes one thing only', async () => {
    store.apply(toy('a', { size: 1 }));
    world.afterCall = () => {
      throw transient('the answer was lost', { reason: 'Lost' });
    };
    await expect(run()).rejects.toThrow('the answer was lost');
    expect(status()).toMatchObject({ creating: true });
    world.afterCall = () => undefined;
    await run();
    expect(world.calls).toEqual(['CreateThing']);
    expect(conditions()['Ready']).toBe('True Ready');
  });

  it.each([
    [terminal('no', { reason: 'Refused' }), 'failed', 'Refused'],
    [transient('hm', { reason: 'Lost' }), 'unknown', 'Lost'],
    [new TypeError('x'), 'unknown', 'InternalError'],
  ])('of an action is in the audit log: %s', async (error, result, reason) => {
    store.apply(toy('a', { size: 1 }));
    world.beforeCall = () => {
      throw error;
    };
    await expect(run()).rejects.toBe(error);
    expect(audit.records).toMatchObject([{ operation: 'CreateThing', result, reason }]);
    expect(events.records).toEqual([]);
  });

  it('of an action that fails the same way again stands in the audit log once', async () => {
    store.apply(toy('a', { size: 1 }));
    world.beforeCall = () => {
      throw transient('hm', { reason: 'Lost' });
    };
    await expect(run()).rejects.toThrow('hm');
    await expect(run()).rejects.toThrow('hm');
    expect(audit.records).toMatchObject([{ result: 'unknown', reason: 'Lost' }]);
  });

  it('of an urgent action keeps no other urgent one from being done; all else waits, and it is told', async () => {
    store.apply(toy('a', { size: 1 }));
    await run(true);
    const kind = toyKind(world, { isRecoverable: true });
    const actions = ['CloseOne', 'CloseOther', 'Paint'].map((name) => ({
      verb: 'update',
      name,
      system: 'World',
      summary: name,
      ...(name === 'Paint' ? {} : { isUrgent: true }),
    }));
    const denied = wait('no', { reason: 'Denied' });
    const doors = {
      ...kind,
      plan: (...given: Parameters<typeof kind.plan>) => ({ ...kind.plan(...given), actions }),
      apply: ({ name }: Action) => {
        world.calls.push(name);
        return name === 'CloseOne' ? Promise.reject(denied) : Promise.resolve({});
      },
    };
    const signal = new AbortController().signal;
    await expect(reconcile(doors, deps, key, signal)).rejects.toBe(denied);
    expect(world.calls).toEqual(['CreateThing', 'CloseOne', 'CloseOther']);
    expect(audit.records.slice(1)).toMatchObject([
      { operation: 'CloseOne', result: 'failed', reason: 'Denied' },
      { operation: 'CloseOther', result: 'succeeded' },
    ]);
  });

  it('leaves what was learned and not stored for whoever stores the failure', async () => {
    store.apply(toy('a', { size: 1 }));
    let looks = 0;
    world.beforeObserve = () => {
      looks += 1;
      if (looks === 2) throw transient('down', { reason: 'Down' });
    };
    await expect(run(true)).rejects.toThrow('down');
    expect(deps.unsaved.get(key)?.fields).toMatchObject({ externalId: 'id-a' });
  });

  it('that undoes every change ends after eight rounds', async () => {
    store.apply(toy('a', { size: 1 }));
    world.afterCall = () => world.things.clear();
    await expect(run(true)).rejects.toMatchObject({ reason: 'NotConverging' });
    expect(world.calls).toHaveLength(8);
  });

  it('of the signal stops before the next outside call', async () => {
    store.apply(toy('a', { size: 1 }));
    const abort = new AbortController();
    world.beforeObserve = () => abort.abort();
    await expect(run(true, abort.signal)).rejects.toThrow('aborted');
    expect(world.calls).toEqual([]);
  });
});

it('what outside refuses for good is audited as failed, told by no event, and the rest goes on', async () => {
  store.apply(toy('a', { size: 1 }));
  await run(true);
  store.apply({ ...(store.require(key) as Toy), spec: { size: 2 } });
  const kind = toyKind(world, { isRecoverable: true });
  const apply: typeof kind.apply = async (...args) => {
    const learned: object = await kind.apply(...args);
    return { ...learned, refusal: 'NotForThisOne' };
  };
  await reconcile({ ...kind, apply }, deps, key, new AbortController().signal);
  expect(audit.records.at(-1)).toMatchObject({ result: 'failed', reason: 'NotForThisOne' });
  expect([events.reasons, conditions()['Ready']]).toEqual([[], 'True Ready']);
});
